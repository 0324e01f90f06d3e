import { short } from "../format.ts";
import { lossAxis, lossOf, type Point, SERIES, type Series } from "../losses.ts";
import type { Losses } from "../model.ts";
import { logTicks, ticks } from "../ticks.ts";
import { useView } from "../view.ts";

const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 20;
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
  const first = points[0].step;
  const span = Math.max(1, points[points.length - 1].step - first);
  const toX = (step: number) => LEFT + ((width - LEFT - RIGHT) * (step - first)) / span;
  const base = HEIGHT - BOTTOM;
  const toY = (share: number) => base - (base - TOP) * share;
  const yTicks = logarithmic ? logTicks(axis.lo, axis.hi) : ticks(0, axis.hi, 4);
  const at = pointed === null ? null : points[pointed];
  const near = at ? events.filter(({ step }) => Math.abs(toX(step) - toX(at.step)) <= NEAR) : [];
  const labels = near.map(({ label }) => label).join(", ");

  const nearest = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    let [lo, hi] = [0, points.length - 1];
    while (hi - lo > 1) {
      const middle = (lo + hi) >> 1;
      if (toX(points[middle].step) < x) lo = middle;
      else hi = middle;
    }
    onPoint(x - toX(points[lo].step) < toX(points[hi].step) - x ? lo : hi);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = points.length - 1;
    const now = pointed ?? last;
    const page = Math.max(1, Math.round(last / 10));
    const marked = (way: 1 | -1) => {
      const steps = events.map(({ step }) => step).sort((a, b) => way * (a - b));
      const next = steps.find((step) => way * (step - points[now].step) > 0);
      const index = next === undefined ? -1 : points.findIndex(({ step }) => step >= next);
      return index < 0 ? now : index;
    };
    const moves: Record<string, number> = {
      ArrowLeft: event.ctrlKey ? marked(-1) : now - (pointed === null ? 0 : 1),
      ArrowRight: event.ctrlKey ? marked(1) : now + 1,
      PageUp: now + page,
      PageDown: now - page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (event.key === "Escape" && pointed !== null) onPoint(null);
    else if (to !== undefined) onPoint(Math.min(last, Math.max(0, to)));
    else return;
    event.preventDefault();
    event.stopPropagation();
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
      onPointerMove={nearest}
      onPointerLeave={() => onPoint(null)}
      onKeyDown={onKeyDown}
      onBlur={() => onPoint(null)}
    >
      {yTicks.map((value) => {
        const y = toY(axis.place(value) ?? 0);
        return (
          <g key={value}>
            <line class="kw-gridline" x1={LEFT} x2={width - RIGHT} y1={y} y2={y} />
            <text class="kw-tick" x={LEFT - 5} y={y} text-anchor="end" dominant-baseline="central">
              {short(value)}
            </text>
          </g>
        );
      })}
      {ticks(first, first + span, 4)
        .filter(Number.isInteger)
        .map((step) => (
          <text key={step} class="kw-tick" x={toX(step)} y={base + 14} text-anchor="middle">
            {short(step, 4)}
          </text>
        ))}
      <line class="kw-axis" x1={LEFT} x2={width - RIGHT} y1={base} y2={base} />
      {events.map((event, k) => (
        <g key={k} class="kw-event" data-command={event.command} data-near={near.includes(event)}>
          <title>{event.label}</title>
          <line x1={toX(event.step)} x2={toX(event.step)} y1={TOP - 2} y2={base} />
          <path d={`M${toX(event.step) - 4} ${TOP - 8}h8l-4 6z`} />
        </g>
      ))}
      {SERIES.map((series) => (
        <path key={series} class="kw-series" data-series={series} d={line(points, series)} />
      ))}
      {at && (
        <>
          <line class="kw-cursor" x1={toX(at.step)} x2={toX(at.step)} y1={TOP} y2={base} />
          {SERIES.map((series) => {
            const share = axis.place(lossOf(at, series));
            return share === null ? null : (
              <circle
                key={series}
                class="kw-dot"
                data-series={series}
                cx={toX(at.step)}
                cy={toY(share)}
                r={3}
              />
            );
          })}
          <text
            class="kw-cost-read"
            x={Math.min(Math.max(toX(at.step), LEFT + 30), width - 70)}
            y={9}
            text-anchor="middle"
            data-testid="loss-read"
          >
            {labels === "" ? t("lossAt", { step: at.step }) : t("lossAtWith", { step: at.step, labels })}
          </text>
        </>
      )}
    </svg>
  );

  function line(all: Point[], series: Series): string {
    let path = "";
    let pen = "M";
    for (const point of all) {
      const share = axis.place(lossOf(point, series));
      if (share === null || (series === "penalty" && !point.penalty)) {
        pen = "M";
        continue;
      }
      path += `${pen}${toX(point.step).toFixed(1)} ${toY(share).toFixed(1)}`;
      pen = "L";
    }
    return path;
  }
}
