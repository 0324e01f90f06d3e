import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../i18n.ts";
import { Pace, timeLeft } from "../pace.ts";
import { useView } from "../view.ts";

const EVERY_MS = 500;

/** How far a training or a search is, in a few words: "step 120 of 500, 4 s left". */
export function useProgress(): { share: number; text: string } {
  const { state, t } = useView();
  const pace = useRef(new Pace());
  const [left, setLeft] = useState<number | null>(null);
  const { status, step, total_steps, lang } = state.traits;
  const training = state.training.value && state.running.value;
  const total = total_steps.value;

  useEffect(() => {
    if (!training) {
      pace.current.forget();
      setLeft(null);
      return;
    }
    const timer = setInterval(() => {
      pace.current.note(step.peek(), performance.now());
      setLeft(pace.current.left(total_steps.peek(), performance.now()));
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [training, step, total_steps]);

  if (!state.running.value) return { share: 0, text: "" };
  if (status.value === "searching")
    return { share: share(step.value, total), text: t("seconds", { step: step.value, total }) };
  const at = { step: count(step.value, lang.value), total: count(total, lang.value) };
  if (total <= 0) return { share: 0, text: t("stepOnly", at) };
  const done = t("step", at);
  if (left === null || !training) return { share: share(step.value, total), text: done };
  const [key, n] = timeLeft(left);
  return { share: share(step.value, total), text: `${done}, ${t(key, { n })}` };
}

function share(step: number, total: number): number {
  return total > 0 ? Math.min(1, step / total) : 0;
}
