import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { Translate } from "../i18n.ts";
import { EdgeKind, type PruneCurve, type Scene } from "../protocol.ts";
import { costAt, goingEdges, largestScore } from "../prune.ts";
import { type LogScale, logScale, positionOf, valueAt } from "../scale.ts";
import { useView } from "../view.ts";
import { CostCurve } from "./cost.tsx";

const LOWEST = 1e-4;
const NO_CURVE: PruneCurve = { threshold: [], loss: [], removed: [] };
const MOVING_KEYS = /^(Arrow|Page|Home|End)/;

/** The prune slider: dragging shows what would go and its cost, releasing prunes, Escape takes it back. */
export function Prune() {
  const { state, actions, t } = useView();
  const scene = state.scene.value;
  const draft = state.pruneDraft.value;
  /** What moves the slider, and whether that was taken back. */
  const hand = useRef({ byKey: false, cancelled: false });
  const frozen = useRef<LogScale | null>(null);
  // The scale stays as it is under the person's finger, whatever scores arrive meanwhile.
  if (draft === null || !frozen.current)
    frozen.current = logScale(LOWEST, scene ? largestScore(scene) * 1.02 : 1);
  const scale = frozen.current;
  // Costs come a moment after the picture; the curve of before stays until then.
  const curve = useRef(NO_CURVE);
  const coming = scene !== null && costsAreComing(scene, state.running.value);
  if (scene && !coming) curve.current = scene.meta.prune;
  const threshold = draft ?? state.traits.prune_threshold.value;

  const commit = () => {
    const wanted = state.pruneDraft.peek() ?? state.traits.prune_threshold.peek();
    state.pruneDraft.value = null;
    actions.prune(wanted);
  };
  const cancel = (slider: HTMLInputElement) => {
    hand.current.cancelled = true;
    state.pruneDraft.value = null;
    slider.value = String(positionOf(scale, state.traits.prune_threshold.peek()));
  };

  return (
    <section class="kw-card kw-prune-card">
      <header>
        <h3>{t("prune")}</h3>
        <ThresholdInput threshold={threshold} onPrune={commit} />
      </header>
      <input
        type="range"
        class="kw-prune"
        data-testid="prune"
        title={t("pruneHelp")}
        aria-label={t("prune")}
        aria-description={t("pruneHelp")}
        aria-valuetext={short(threshold)}
        {...scale}
        value={positionOf(scale, threshold)}
        onPointerDown={() => {
          hand.current = { byKey: false, cancelled: false };
        }}
        onKeyDown={(event) => {
          const moves = MOVING_KEYS.test(event.key);
          if (moves) hand.current = { byKey: true, cancelled: false };
          else if (event.key === "Enter") commit();
          else if (event.key === "Escape" && state.pruneDraft.peek() !== null) cancel(event.currentTarget);
          else return;
          event.stopPropagation();
          if (!moves) event.preventDefault();
        }}
        onInput={(event) => {
          if (hand.current.cancelled) cancel(event.currentTarget);
          else state.pruneDraft.value = valueAt(scale, event.currentTarget.valueAsNumber);
        }}
        onChange={() => {
          // A key's change is a step on the way: Enter ends it.
          if (hand.current.byKey) hand.current.byKey = false;
          else if (!hand.current.cancelled) commit();
        }}
        onBlur={() => {
          state.pruneDraft.value = null;
        }}
      />
      {scene && (
        <CostCurve
          curve={curve.current}
          old={coming}
          scale={scale}
          threshold={threshold}
          active={draft !== null}
        />
      )}
      <p class="kw-preview" data-testid="prune-preview" aria-live="polite" data-active={draft !== null}>
        {scene && draft !== null
          ? previewText(scene, draft, state.traits.summary.value.val_loss, t)
          : t("pruneRest")}{" "}
        {scene && unmeasuredText(scene, state.running.value, t)}
      </p>
    </section>
  );
}

/** The threshold to type: what would go is shown while typing, Enter prunes, Escape takes it back. */
function ThresholdInput({ threshold, onPrune }: { threshold: number; onPrune: () => void }) {
  const { state, t } = useView();
  const [text, setText] = useState<string | null>(null);
  // known at once, where the text waits for the next drawing
  const typing = useRef(false);
  const numberOf = (typed: string) => {
    const value = typed.trim() === "" ? Number.NaN : Number(typed);
    return value >= 0 && Number.isFinite(value) ? value : null;
  };
  const leave = (input: HTMLInputElement) => {
    typing.current = false;
    setText(null);
    state.pruneDraft.value = null;
    input.value = short(state.traits.prune_threshold.peek());
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const input = event.currentTarget;
    if (!typing.current) return;
    if (event.key === "Enter") {
      const typed = input.value;
      const wrong = { label: t("pruneThreshold"), accepted: t("acceptNonNegative"), value: typed };
      if (numberOf(typed) === null) state.report(t("wrongNumber", wrong));
      else onPrune();
    } else if (event.key !== "Escape") return;
    event.stopPropagation();
    leave(input);
    input.select();
    selects.current = true;
  };
  const field = useRef<HTMLInputElement>(null);
  const selects = useRef(false);
  useLayoutEffect(() => {
    // the drawing has written the value back, and with that taken the selection away
    if (selects.current && text === null) field.current?.select();
    selects.current = selects.current && text !== null;
  });
  return (
    <input
      ref={field}
      class="kw-number kw-threshold"
      type="text"
      inputMode="decimal"
      data-testid="prune-threshold"
      title={t("pruneThreshold")}
      aria-label={t("pruneThreshold")}
      aria-description={t("pruneHelp")}
      style={{ "--kw-digits": (text ?? short(threshold)).length }}
      value={text ?? short(threshold)}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => {
        typing.current = true;
        const typed = event.currentTarget.value;
        setText(typed);
        state.pruneDraft.value = numberOf(typed);
      }}
      onKeyDown={onKeyDown}
      onBlur={(event) => leave(event.currentTarget)}
    />
  );
}

function previewText(scene: Scene, threshold: number, now: number | null, t: Translate): string {
  const cost = costAt(scene.meta.prune, threshold);
  const shown = goingEdges(scene, threshold).size;
  // Of a large network only the strongest edges are here; the curve counts them all.
  const removed = scene.meta.omitted > 0 && cost ? cost.removed : shown;
  if (removed === 0) return t("pruneNone");
  const live = scene.kind.filter((kind) => kind !== EdgeKind.removed).length;
  const what = t("pruneWould", { removed, alive: live + scene.meta.omitted });
  if (!cost || cost.loss === null) return what;
  return `${what} · ${t("pruneCost", { from: lossText(now), to: lossText(cost.loss) })}`;
}

/** Whether what the edges cost is not measured yet, and will be. */
function costsAreComing({ meta }: Scene, running: boolean): boolean {
  return meta.prune.threshold.length === 0 && !meta.unmeasured_above && !running;
}

/** Why the cost is not shown, where it is not. */
export function unmeasuredText({ meta }: Scene, running: boolean, t: Translate): string {
  const most = meta.unmeasured_above;
  if (most) return t("pruneUnmeasured", { most });
  return running && meta.prune.threshold.length === 0 ? t("pruneLater") : "";
}
