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
  const at = step.value;
  const share = total > 0 ? Math.min(1, at / total) : 0;
  if (status.value === "searching") return { share, text: t("seconds", { step: at, total }) };
  const counts = { step: count(at, lang.value), total: count(total, lang.value) };
  const done = t(total > 0 ? "step" : "stepOnly", counts);
  if (total <= 0 || left === null || !training) return { share, text: done };
  const [key, n] = timeLeft(left);
  return { share, text: `${done}, ${t(key, { n })}` };
}
