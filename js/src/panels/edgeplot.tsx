import type { Inspection, Suggestions, Values } from "../commands.ts";
import { short } from "../format.ts";
import { EdgeKind } from "../protocol.ts";
import { clamp } from "../scale.ts";
import { ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { Axes } from "./axes.tsx";
import { ControlPoints } from "./controlpoints.tsx";
import { linear, middle, padded, polyline, type Range, type Scale } from "./curves.ts";

export const WIDTH = 400;
const HEIGHT = 214;
const LEFT = 42;
const RIGHT = 10;
const TOP = 8;
const BASE = HEIGHT - 22;
const DENSITY = 46;

export interface EdgePlotProps {
  inspection: Inspection;
  /** The curve to draw, which a point that is dragged has changed. */
  y: Values;
  candidate: { x: Suggestions["x"]; curve: Values } | null;
  slope: boolean;
  /** What happens to a point that is dragged; null where none can be. */
  editing: {
    draft: Draft | null;
    onDrag: (draft: Draft | null) => void;
    onDrop: (draft: Draft) => void;
  } | null;
}

/** A control point on its way to another height. */
export interface Draft {
  index: number;
  height: number;
}

/** An edge's curve with axes, knots and data; its derivative, a function over it, and points to drag on demand. */
export function EdgePlot({ inspection, y, candidate, slope, editing }: EdgePlotProps) {
  const { t } = useView();
  const { x, samples, knots, data, grid, kind } = inspection;
  const wanted = samples.wanted.some((value) => value !== null) ? samples.wanted : samples.y;
  // a point under the hand must not move the axis that it is read on
  const reach = padded(inspection.y, middle(wanted));
  const right = slope ? 34 : RIGHT;
  const across: Range = { lo: x[0], hi: x[x.length - 1] };
  const toX = linear(across, LEFT, WIDTH - right);
  const toY = linear(reach, BASE, TOP);
  const trusted =
    kind === EdgeKind.symbolic ? data : [Math.max(data[0], grid[0]), Math.min(data[1], grid[1])];
  const solid = (value: number) => value >= trusted[0] && value <= trusted[1];
  const near = (value: number) => clamp(toY(value), -HEIGHT, 2 * HEIGHT);
  const box = `${LEFT} 0 ${WIDTH - LEFT - right} ${BASE}`;
  return (
    <svg
      class="kw-plot"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role={editing ? "group" : "img"}
      data-testid="edge-plot"
      aria-label={t("plotLabel", {
        xLo: short(across.lo),
        xHi: short(across.hi),
        yLo: short(reach.lo),
        yHi: short(reach.hi),
      })}
    >
      <Density counts={inspection.density} data={data} toX={toX} />
      <Axes
        {...{ left: LEFT, right: WIDTH - right, base: BASE, toX, toY }}
        xs={ticks(across.lo, across.hi, 6)}
        ys={ticks(reach.lo, reach.hi, 5)}
        mark={4}
      />
      <g class="kw-knots" data-testid="knots">
        {knots
          .filter((knot) => knot >= across.lo && knot <= across.hi)
          .map((knot, k) => (
            <line key={k} x1={toX(knot)} x2={toX(knot)} y1={BASE - 6} y2={BASE} />
          ))}
      </g>
      <svg aria-hidden="true" x={LEFT} y={0} width={WIDTH - LEFT - right} height={BASE} viewBox={box}>
        <g class="kw-samples">
          {wanted.map((value, k) => {
            const at = samples.x[k];
            if (value === null || at === null) return null;
            return <circle key={k} cx={toX(at)} cy={near(value)} r={1.7} />;
          })}
        </g>
        <path class="kw-curve kw-beyond" data-testid="beyond" d={polyline(x, y, toX, near)} />
        <path
          class="kw-curve"
          data-kind={kind}
          d={polyline(
            x,
            y.map((value, k) => (solid(x[k]) ? value : null)),
            toX,
            near,
          )}
        />
        {slope && <Slope x={x} slope={inspection.slope} toX={toX} />}
        {candidate && (
          <path
            class="kw-candidate-curve"
            d={polyline(candidate.x, candidate.curve, toX, near, 2 * HEIGHT)}
          />
        )}
      </svg>
      {slope && <SlopeAxis slope={inspection.slope} />}
      {editing && (
        <ControlPoints
          points={inspection.points}
          across={across}
          toX={toX}
          reach={reach}
          top={TOP}
          base={BASE}
          {...editing}
        />
      )}
    </svg>
  );
}

function Density({ counts, data, toX }: { counts: number[]; data: [number, number]; toX: Scale }) {
  const fullest = Math.max(1, ...counts);
  const width = (toX(data[1]) - toX(data[0])) / counts.length;
  return (
    <>
      {counts.map((count, k) => (
        <rect
          key={k}
          class="kw-density"
          x={toX(data[0]) + k * width}
          width={width + 0.2}
          y={BASE - (count / fullest) * DENSITY}
          height={(count / fullest) * DENSITY}
        />
      ))}
    </>
  );
}

interface SlopeProps {
  x: number[];
  slope: Values;
  toX: Scale;
}

/** The derivative, on a scale of its own. */
function Slope({ x, slope, toX }: SlopeProps) {
  const toY = linear(padded(slope, [0]), BASE, TOP);
  return (
    <g class="kw-slope" data-testid="slope">
      <line x1={LEFT} x2={WIDTH} y1={toY(0)} y2={toY(0)} />
      <path d={polyline(x, slope, toX, toY)} />
    </g>
  );
}

/** That scale, on the right. */
function SlopeAxis({ slope }: { slope: Values }) {
  const reach = padded(slope, [0]);
  const toY = linear(reach, BASE, TOP);
  return (
    <g class="kw-slope-axis">
      {ticks(reach.lo, reach.hi, 4).map((value) => (
        <text key={value} class="kw-tick" x={WIDTH - 31} y={toY(value)} dominant-baseline="central">
          {short(value)}
        </text>
      ))}
    </g>
  );
}
