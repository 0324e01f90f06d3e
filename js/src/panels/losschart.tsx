import { lossAxis, type Point, SERIES } from "../losses.ts";
import type { Losses } from "../model.ts";
import { consume, stepOf } from "../roving.ts";
import { clamp } from "../scale.ts";
import { logTicks, ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { Axes, nearest, placeIn } from "./axes.tsx";
import { linear, polyline } from "./curves.ts";

const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 8;
const TOP = 14;
const BASE = HEIGHT - 20;
const NEAR = 5;

interface ChartProps {
  points: Point[];
  events: Losses["events"];
  width: number;
  logarithmic: boolean;
  /** The point that is read. */
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

/** The lines; the pointer and the arrow keys read values and the actions between them. */
export function LossChart({ points, events, width, logarithmic, pointed, onPoint }: ChartProps) {
  const { t } = useView();
  const axis = lossAxis(points, logarithmic);
  const steps = points.map(({ step }) => step);
  const last = steps.length - 1;
  const across = { lo: steps[0], hi: Math.max(steps[0] + 1, steps[last]) };
  const right = width - RIGHT;
  const toX = linear(across, LEFT, right);
  const onPaper = linear({ lo: 0, hi: 1 }, BASE, TOP);
  const toY = (value: number | null) => onPaper(axis.place(value) ?? Number.NaN);
  const at = pointed === null ? null : points[pointed];
  const x = at ? toX(at.step) : 0;
  const near = at ? events.filter(({ step }) => Math.abs(toX(step) - x) <= NEAR) : [];
  const labels = near.map(({ label }) => label).join(", ");

  const onKeyDown = (event: KeyboardEvent) => {
    const now = pointed ?? last;
    const page = Math.max(1, Math.round(last / 10));
    const by = { PageUp: page, PageDown: -page }[event.key] ?? stepOf(event.key, "x");
    if (event.key === "Escape" && pointed !== null) onPoint(null);
    else if (by === 0) return;
    else if (event.ctrlKey && event.key.startsWith("Arrow")) {
      const next = nearest(events, ({ step }) => {
        const far = by * (step - steps[now]);
        return far > 0 ? far : Number.POSITIVE_INFINITY;
      });
      const index = next ? steps.findIndex((step) => step >= next.step) : -1;
      onPoint(index < 0 ? now : index);
    } else onPoint(by === -1 && pointed === null ? last : clamp(now + by, 0, last));
    consume(event);
  };
  return (
    <svg
      class="kw-plot"
      width={width}
      height={HEIGHT}
      tabIndex={0}
      role="img"
      aria-label={t("lossAxis")}
      data-testid="loss-chart"
      onPointerMove={(event) => {
        const { x } = placeIn(event);
        onPoint(nearest([...steps.keys()], (k) => Math.abs(toX(steps[k]) - x)) ?? null);
      }}
      onPointerLeave={() => onPoint(null)}
      onKeyDown={onKeyDown}
      onBlur={() => onPoint(null)}
    >
      <Axes
        {...{ left: LEFT, right, base: BASE, toX, toY }}
        xs={ticks(across.lo, across.hi, 4).filter(Number.isInteger)}
        ys={logarithmic ? logTicks(axis.lo, axis.hi) : ticks(0, axis.hi, 4)}
        digits={4}
      />
      {events.map((event, k) => (
        <g key={k} class="kw-event" data-command={event.command} data-near={near.includes(event)}>
          <title>{event.label}</title>
          <line x1={toX(event.step)} x2={toX(event.step)} y1={TOP - 2} y2={BASE} />
          <path d={`M${toX(event.step) - 4} ${TOP - 8}h8l-4 6z`} />
        </g>
      ))}
      {SERIES.map((series) => (
        <path
          key={series}
          class="kw-series"
          data-series={series}
          d={polyline(
            steps,
            points.map((point) => (series === "penalty" && !point.penalty ? null : point[series])),
            toX,
            toY,
          )}
        />
      ))}
      {at && (
        <>
          <path class="kw-cursor" d={`M${x} ${TOP}V${BASE}`} />
          {SERIES.filter((series) => axis.place(at[series]) !== null).map((series) => (
            <circle key={series} class="kw-dot" data-series={series} cx={x} cy={toY(at[series])} r={3} />
          ))}
          <text
            class="kw-cost-read"
            x={clamp(x, LEFT + 30, width - 70)}
            y={9}
            text-anchor="middle"
            data-testid="loss-read"
          >
            {t(labels ? "lossAtWith" : "lossAt", { step: at.step, labels })}
          </text>
        </>
      )}
    </svg>
  );
}
