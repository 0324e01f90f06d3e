import { useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { PruneCurve } from "../protocol.ts";
import { costAt } from "../prune.ts";
import { clamp, fractionOf, type LogScale, valueAt } from "../scale.ts";
import { ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { Axes, placeIn } from "./axes.tsx";
import { extent, linear } from "./curves.ts";
import { useWidth } from "./width.ts";

const TOP = 12;
const FLOOR = 46;
const HEIGHT = 60;
/** Half a slider's thumb: its ends lie so far inside. */
const INSET = 8;

/** Half of what is read out takes so much room. */
const HALF_READ = 100;

interface CostProps {
  curve: PruneCurve;
  /** Whether it is of the network before the last action, since that of now is still being measured. */
  old: boolean;
  scale: LogScale;
  threshold: number;
  active: boolean;
}

/** Validation loss (log) over the threshold, under the slider and on its scale; reads out at the pointer. */
export function CostCurve({ curve, old, scale, threshold, active }: CostProps) {
  const { t } = useView();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [pointed, setPointed] = useState<number | null>(null);
  const known = curve.threshold
    .map((value, k) => ({ at: fractionOf(scale, value), loss: curve.loss[k] }))
    .filter((p): p is { at: number; loss: number } => p.loss !== null && p.loss > 0);
  const room = width - 2 * INSET;
  // While it is not measured, its room stays.
  if (known.length < 2 || room <= 0) return <div class="kw-cost" ref={box} />;

  const logs = known.map((p) => Math.log10(p.loss));
  const { lo, hi } = extent(logs);
  const toX = linear({ lo: 0, hi: 1 }, INSET, INSET + room);
  const toY = linear({ lo, hi: Math.max(lo + 0.3, hi) }, FLOOR, TOP);
  const right = toX(1);
  const path = known
    .map(({ at }, k) => {
      const x = toX(at).toFixed(1);
      return `${k === 0 ? `M${x} ` : `H${x}L${x} `}${toY(logs[k]).toFixed(1)}`;
    })
    .join("");
  const read = pointed ?? threshold;
  const cost = costAt(curve, read);
  const mark = toX(fractionOf(scale, read));
  return (
    <div class={old ? "kw-cost kw-old" : "kw-cost"} ref={box}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={t("pruneAxis")}
        data-active={active}
        onPointerMove={(event) => {
          const share = clamp((placeIn(event).x - INSET) / room, 0, 1);
          setPointed(valueAt(scale, scale.min + share * (scale.max - scale.min)));
        }}
        onPointerLeave={() => setPointed(null)}
      >
        <path class="kw-cost-area" d={`${path}H${right}V${FLOOR}H${toX(known[0].at)}Z`} />
        <path class="kw-cost-line" d={`${path}H${right}`} />
        <Axes
          {...{ left: INSET, right, base: FLOOR, toY }}
          toX={(value) => toX(fractionOf(scale, value))}
          xs={ticks(scale.min, scale.max, scale.max - scale.min).map((power) =>
            Number((10 ** power).toPrecision(1)),
          )}
          mark={3}
          below={12}
          most={width - 14}
        />
        <text class="kw-tick" x={INSET} y={TOP - 3}>
          {active || pointed !== null ? "" : t("pruneAxis")}
        </text>
        <path class="kw-cost-mark" d={`M${mark} ${TOP - 2}V${FLOOR}`} />
        {(active || pointed !== null) && cost && cost.loss !== null && (
          <text
            class="kw-cost-read"
            x={clamp(mark, HALF_READ, width - HALF_READ)}
            y={TOP - 3}
            text-anchor="middle"
          >
            {t("pruneAt", {
              threshold: short(read),
              removed: cost.removed,
              to: lossText(cost.loss),
            })}
          </text>
        )}
      </svg>
    </div>
  );
}
