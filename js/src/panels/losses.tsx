import { useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { Losses as LossData } from "../model.ts";
import { logTicks, ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { useWidth } from "./width.ts";

const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;

/** Training and validation loss over all steps so far (log), with the actions marked. */
export function Losses() {
  const { state, t } = useView();
  const losses = state.traits.losses.value;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<number | null>(null);
  const summary = state.traits.summary.value;
  const last = losses.step.length - 1;
  const pointed = at !== null && at <= last ? at : null;
  return (
    <section class="kw-card kw-losses" data-testid="losses">
      <header>
        <h3>{t("loss")}</h3>
        <span class="kw-keys">
          <span class="kw-key" data-series="train">
            {t("lossTrain")} <b>{lossText(pointed === null ? summary.train_loss : losses.train[pointed])}</b>
          </span>
          <span class="kw-key" data-series="val">
            {t("lossVal")} <b>{lossText(pointed === null ? summary.val_loss : losses.val[pointed])}</b>
          </span>
        </span>
      </header>
      <div class="kw-chart" ref={box}>
        {last < 0 ? (
          <p class="kw-quiet-text">{t("lossEmpty")}</p>
        ) : (
          width > 0 && (
            <Chart losses={losses} width={width} pointed={pointed} onPoint={setAt} title={t("lossAxis")} />
          )
        )}
      </div>
    </section>
  );
}

interface ChartProps {
  losses: LossData;
  width: number;
  pointed: number | null;
  onPoint: (index: number | null) => void;
  title: string;
}

function Chart({ losses, width, pointed, onPoint, title }: ChartProps) {
  const { step, train, val, events } = losses;
  const known = [...train, ...val].filter((value) => value > 0 && Number.isFinite(value));
  const lo = Math.min(...known) / 1.15;
  const hi = Math.max(...known) * 1.15;
  const first = step[0];
  const span = Math.max(1, step[step.length - 1] - first);
  const toX = (s: number) => LEFT + ((width - LEFT - RIGHT) * (s - first)) / span;
  const toY = (value: number) =>
    TOP + ((HEIGHT - TOP - BOTTOM) * Math.log(hi / value)) / Math.log(Math.max(1.001, hi / lo));
  const base = HEIGHT - BOTTOM;
  const nearest = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    let best = 0;
    step.forEach((s, k) => {
      if (Math.abs(toX(s) - x) < Math.abs(toX(step[best]) - x)) best = k;
    });
    onPoint(best);
  };
  if (known.length === 0) return null;
  return (
    <svg
      class="kw-plot"
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={title}
      onPointerMove={nearest}
      onPointerLeave={() => onPoint(null)}
    >
      {logTicks(lo, hi).map((value) => (
        <g key={value}>
          <line class="kw-gridline" x1={LEFT} x2={width - RIGHT} y1={toY(value)} y2={toY(value)} />
          <text class="kw-tick" x={LEFT - 5} y={toY(value)} text-anchor="end" dominant-baseline="central">
            {short(value)}
          </text>
        </g>
      ))}
      {ticks(first, first + span, 4)
        .filter(Number.isInteger)
        .map((s) => (
          <text key={s} class="kw-tick" x={toX(s)} y={base + 14} text-anchor="middle">
            {s}
          </text>
        ))}
      <line class="kw-axis" x1={LEFT} x2={width - RIGHT} y1={base} y2={base} />
      {events.map((event, k) => (
        <g key={k} class="kw-event">
          <title>{event.label}</title>
          <line x1={toX(event.step)} x2={toX(event.step)} y1={TOP} y2={base} />
          <path d={`M${toX(event.step) - 4} ${TOP - 7}h8l-4 6z`} />
        </g>
      ))}
      <path class="kw-series" data-series="val" d={line(step, val, toX, toY)} />
      <path class="kw-series" data-series="train" d={line(step, train, toX, toY)} />
      {pointed !== null && (
        <line class="kw-cursor" x1={toX(step[pointed])} x2={toX(step[pointed])} y1={TOP} y2={base} />
      )}
    </svg>
  );
}

function line(
  step: number[],
  values: number[],
  toX: (s: number) => number,
  toY: (v: number) => number,
): string {
  let path = "";
  let pen = "M";
  step.forEach((s, k) => {
    if (!(values[k] > 0)) {
      pen = "M";
      return;
    }
    path += `${pen}${toX(s).toFixed(1)} ${toY(values[k]).toFixed(1)}`;
    pen = "L";
  });
  return path;
}
