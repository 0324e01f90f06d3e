import { useRef } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { Translate } from "../i18n.ts";
import { isAlive, type PruneCurve, type Scene } from "../protocol.ts";
import { costAt, goingEdges, largestScore } from "../prune.ts";
import { fractionOf, type LogScale, logScale, positionOf, valueAt } from "../scale.ts";
import { useView } from "../view.ts";

const LOWEST = 1e-4;
const MOVING_KEYS = /^(Arrow|Page|Home|End)/;

/** The prune slider: dragging shows what would go and its cost, releasing prunes, Escape takes it back. */
export function Prune() {
  const { state, actions, t } = useView();
  const scene = state.scene.value;
  const draft = state.pruneDraft.value;
  const byKey = useRef(false);
  const cancelled = useRef(false);
  const frozen = useRef<LogScale | null>(null);
  // The scale stays as it is under the person's finger, whatever scores arrive meanwhile.
  if (draft === null || !frozen.current)
    frozen.current = logScale(LOWEST, scene ? largestScore(scene) * 1.02 : 1);
  const scale = frozen.current;
  const threshold = draft ?? state.traits.prune_threshold.value;

  const commit = () => {
    const wanted = state.pruneDraft.peek() ?? state.traits.prune_threshold.peek();
    state.pruneDraft.value = null;
    actions.prune(wanted);
  };
  const cancel = (slider: HTMLInputElement) => {
    cancelled.current = true;
    state.pruneDraft.value = null;
    slider.value = String(positionOf(scale, state.traits.prune_threshold.peek()));
  };

  return (
    <section class="kw-card kw-prune-card">
      <header>
        <h3>{t("prune")}</h3>
        <span class="kw-value">{t("threshold", { value: short(threshold) })}</span>
      </header>
      <input
        type="range"
        class="kw-prune"
        data-testid="prune"
        title={t("pruneHelp")}
        aria-label={t("prune")}
        aria-valuetext={short(threshold)}
        {...scale}
        value={positionOf(scale, threshold)}
        onPointerDown={() => {
          byKey.current = false;
          cancelled.current = false;
        }}
        onKeyDown={(event) => {
          if (MOVING_KEYS.test(event.key)) {
            byKey.current = true;
            cancelled.current = false;
          } else if (event.key === "Enter") commit();
          else if (event.key === "Escape" && state.pruneDraft.peek() !== null) cancel(event.currentTarget);
          else return;
          event.stopPropagation();
          if (!MOVING_KEYS.test(event.key)) event.preventDefault();
        }}
        onInput={(event) => {
          if (cancelled.current) cancel(event.currentTarget);
          else state.pruneDraft.value = valueAt(scale, event.currentTarget.valueAsNumber);
        }}
        onChange={() => {
          // A key's change is a step on the way: Enter ends it.
          if (byKey.current) byKey.current = false;
          else if (!cancelled.current) commit();
        }}
        onBlur={() => {
          state.pruneDraft.value = null;
        }}
      />
      {scene && (
        <CostCurve curve={scene.meta.prune} scale={scale} threshold={threshold} active={draft !== null} />
      )}
      <p class="kw-preview" data-testid="prune-preview" aria-live="polite" data-active={draft !== null}>
        {scene && draft !== null
          ? previewText(scene, draft, state.traits.summary.value.val_loss, t)
          : t("pruneRest")}
      </p>
    </section>
  );
}

function previewText(scene: Scene, threshold: number, now: number | null, t: Translate): string {
  const cost = costAt(scene.meta.prune, threshold);
  const shown = goingEdges(scene, threshold).size;
  // Of a large network only the strongest edges are here; the measured curve counts them all.
  const removed = scene.meta.omitted > 0 && cost ? cost.removed : shown;
  if (removed === 0) return t("pruneNone");
  let alive = scene.meta.omitted;
  for (let e = 0; e < scene.edges; e++) if (isAlive(scene, e)) alive++;
  const what = t("pruneWould", { removed, alive });
  if (!cost || cost.loss === null) return what;
  return `${what} · ${t("pruneCost", { from: lossText(now), to: lossText(cost.loss) })}`;
}

/** Validation loss (log) over the threshold, under the slider and on its scale. */
function CostCurve(props: { curve: PruneCurve; scale: LogScale; threshold: number; active: boolean }) {
  const { curve, scale, threshold, active } = props;
  const known = curve.threshold
    .map((t, k) => ({ x: fractionOf(scale, t), loss: curve.loss[k] }))
    .filter((p): p is { x: number; loss: number } => p.loss !== null && p.loss > 0);
  // While it is not measured, its room stays.
  if (known.length < 2) return <svg class="kw-cost" aria-hidden="true" />;
  const logs = known.map((p) => Math.log10(p.loss));
  const low = Math.min(...logs);
  const span = Math.max(0.3, Math.max(...logs) - low);
  const toY = (k: number) => 31 - (28 * (logs[k] - low)) / span;
  const path = known.map((p, k) => `${k === 0 ? "M" : `H${p.x * 100} L`}${p.x * 100} ${toY(k)}`).join(" ");
  const at = fractionOf(scale, threshold) * 100;
  return (
    <svg
      class="kw-cost"
      viewBox="0 0 100 34"
      preserveAspectRatio="none"
      aria-hidden="true"
      data-active={active}
    >
      <path class="kw-cost-area" d={`${path} H100 V34 H${known[0].x * 100} Z`} />
      <path class="kw-cost-line" d={`${path} H100`} />
      <line class="kw-cost-mark" x1={at} x2={at} y1="0" y2="34" />
    </svg>
  );
}
