import { useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { PruneCurve } from "../protocol.ts";
import { costAt } from "../prune.ts";
import { fractionOf, type LogScale, valueAt } from "../scale.ts";
import { useView } from "../view.ts";
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
  scale: LogScale;
  threshold: number;
  active: boolean;
}

/** Validation loss (log) over the threshold, under the slider and on its scale; reads out at the pointer. */
export function CostCurve({ curve, scale, threshold, active }: CostProps) {
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
  const low = Math.min(...logs);
  const high = Math.max(...logs);
  const span = Math.max(0.3, high - low);
  const toX = (at: number) => INSET + room * at;
  const toY = (log: number) => FLOOR - ((FLOOR - TOP) * (log - low)) / span;
  const path = known
    .map(({ at }, k) => {
      const to = `${toX(at).toFixed(1)} ${toY(logs[k]).toFixed(1)}`;
      return k === 0 ? `M${to}` : `H${toX(at).toFixed(1)}L${to}`;
    })
    .join("");
  const decades = Array.from({ length: Math.floor(scale.max) - Math.ceil(scale.min) + 1 }, (_, k) =>
    Number((10 ** (Math.ceil(scale.min) + k)).toPrecision(1)),
  );
  const read = pointed ?? threshold;
  const cost = costAt(curve, read);
  const mark = toX(fractionOf(scale, read));
  return (
    <div class="kw-cost" ref={box}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={t("pruneAxis")}
        data-active={active}
        onPointerMove={(event) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
          const share = Math.min(1, Math.max(0, (x - INSET) / room));
          setPointed(valueAt(scale, scale.min + share * (scale.max - scale.min)));
        }}
        onPointerLeave={() => setPointed(null)}
      >
        <path class="kw-cost-area" d={`${path}H${toX(1)}V${FLOOR}H${toX(known[0].at)}Z`} />
        <path class="kw-cost-line" d={`${path}H${toX(1)}`} />
        <line class="kw-axis" x1={INSET} x2={toX(1)} y1={FLOOR} y2={FLOOR} />
        {decades.map((value) => (
          <g key={value}>
            <line
              class="kw-axis"
              x1={toX(fractionOf(scale, value))}
              x2={toX(fractionOf(scale, value))}
              y1={FLOOR}
              y2={FLOOR + 3}
            />
            <text
              class="kw-tick"
              x={Math.min(width - 14, toX(fractionOf(scale, value)))}
              y={HEIGHT - 2}
              text-anchor="middle"
            >
              {short(value)}
            </text>
          </g>
        ))}
        <text class="kw-tick" x={INSET} y={TOP - 3}>
          {active || pointed !== null ? "" : t("pruneAxis")}
        </text>
        <line class="kw-cost-mark" x1={mark} x2={mark} y1={TOP - 2} y2={FLOOR} />
        {(active || pointed !== null) && cost && cost.loss !== null && (
          <text
            class="kw-cost-read"
            x={Math.min(Math.max(mark, HALF_READ), width - HALF_READ)}
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
