import { short } from "../format.ts";
import { ticks } from "../ticks.ts";

/** Heights at equally spaced places; null or NaN where there is none. */
export type Values = ArrayLike<number | null>;

export interface Curve {
  lo: number;
  hi: number;
  y: Values;
}

interface CurvePlotProps {
  edge: Curve;
  histogram: ArrayLike<number>;
  candidate: Values | null;
}

const WIDTH = 356;
const HEIGHT = 168;
const LEFT = 40;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;

/** An edge's curve with axes, the density of its input, and a candidate function over it. */
export function CurvePlot({ edge, histogram, candidate }: CurvePlotProps) {
  const [lo, hi] = padded(edge.y);
  const toX = (fraction: number) => LEFT + (WIDTH - LEFT - RIGHT) * fraction;
  const toY = (y: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (y - lo) / (hi - lo));
  const base = HEIGHT - BOTTOM;
  const bar = (WIDTH - LEFT - RIGHT) / Math.max(1, histogram.length);
  return (
    <svg class="kw-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-hidden="true">
      {Array.from(histogram, (count, k) => (
        <rect
          key={k}
          class="kw-density"
          x={toX(0) + k * bar}
          width={bar + 0.2}
          y={base - (count / 255) * 46}
          height={(count / 255) * 46}
        />
      ))}
      {ticks(lo, hi, 4).map((y) => (
        <g key={y}>
          <line class="kw-gridline" x1={LEFT} x2={WIDTH - RIGHT} y1={toY(y)} y2={toY(y)} />
          <text class="kw-tick" x={LEFT - 5} y={toY(y)} text-anchor="end" dominant-baseline="central">
            {short(y)}
          </text>
        </g>
      ))}
      {ticks(edge.lo, edge.hi, 5).map((x) => {
        const at = toX((x - edge.lo) / (edge.hi - edge.lo || 1));
        return (
          <g key={x}>
            <line class="kw-axis" x1={at} x2={at} y1={base} y2={base + 4} />
            <text class="kw-tick" x={at} y={base + 14} text-anchor="middle">
              {short(x)}
            </text>
          </g>
        );
      })}
      <line class="kw-axis" x1={LEFT} x2={WIDTH - RIGHT} y1={base} y2={base} />
      <svg
        aria-hidden="true"
        x={LEFT}
        y={0}
        width={WIDTH - LEFT - RIGHT}
        height={base}
        viewBox={`${LEFT} 0 ${WIDTH - LEFT - RIGHT} ${base}`}
      >
        <path class="kw-curve" d={polyline(edge.y, toX, toY)} />
        {candidate && (
          <path class="kw-candidate-curve" d={polyline(candidate, toX, (y) => clampTo(toY(y)), 2 * HEIGHT)} />
        )}
      </svg>
    </svg>
  );
}

function clampTo(y: number): number {
  return Math.max(-HEIGHT, Math.min(2 * HEIGHT, y));
}

/** A small copy for one row: the edge's curve, and the function's over it. */
export function Miniature({ edge, candidate }: { edge: Values; candidate: Values }) {
  const [lo, hi] = padded(edge);
  const toY = (y: number) => Math.max(-30, Math.min(60, 26 * (1 - (y - lo) / (hi - lo))));
  const toX = (fraction: number) => 52 * fraction;
  return (
    <svg class="kw-miniature" viewBox="0 0 52 26" width="52" height="26" aria-hidden="true">
      <path class="kw-curve" d={polyline(edge, toX, toY)} />
      <path class="kw-candidate-curve" d={polyline(candidate, toX, toY, 60)} />
    </svg>
  );
}

function padded(y: Values): [number, number] {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < y.length; k++) {
    const value = y[k];
    if (value === null || !Number.isFinite(value)) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  if (!(lo <= hi)) return [-1, 1];
  const pad =
    hi - lo > 1e-9 * Math.max(Math.abs(lo), 1e-3) ? (hi - lo) * 0.08 : Math.max(Math.abs(lo) * 0.1, 1e-3);
  return [lo - pad, hi + pad];
}

/** A line through the values; a hole in the domain, or a jump from one side of a pole to the other, interrupts it. */
function polyline(
  y: Values,
  toX: (fraction: number) => number,
  toY: (y: number) => number,
  jump = Infinity,
): string {
  let path = "";
  let before: number | null = null;
  for (let k = 0; k < y.length; k++) {
    const value = y[k];
    if (value === null || !Number.isFinite(value)) {
      before = null;
      continue;
    }
    const at = toY(value);
    const joined = before !== null && Math.abs(at - before) < jump;
    path += `${joined ? "L" : "M"}${toX(k / (y.length - 1)).toFixed(1)} ${at.toFixed(1)}`;
    before = at;
  }
  return path;
}
