import { useEffect, useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { HistoryNode } from "../model.ts";
import { logTicks, ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { useWidth } from "./width.ts";

const HEIGHT = 200;
const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
/** Pixels within which a state is pointed at. */
const REACH = 16;

type Measured = HistoryNode & { val: number; complexity: number };

/** All states by complexity and validation loss (log), with those that no other beats as steps. */
export function Pareto({ say }: { say: (text: string) => void }) {
  const { state, actions, t } = useView();
  const { past } = actions;
  const { nodes, current } = state.traits.history.value;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [prefix] = useState(() => `kw-${Math.random().toString(36).slice(2, 10)}-`);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => () => past.look(null), [past]);
  const measured = nodes.filter(isMeasured);
  const front = measured
    .filter(({ best }) => best)
    .sort((a, b) => a.complexity - b.complexity || b.val - a.val);
  const at = front.findIndex(({ id }) => id === (pointed ?? current));
  const latest = useRef(at); // keys come faster than the page is drawn
  latest.current = at;
  const show = (node: Measured | undefined) => {
    if (node) latest.current = front.indexOf(node);
    setPointed(node?.id ?? null);
    past.look(node && node.kept !== false ? node.id : null);
  };
  const go = (node: Measured | undefined) => {
    if (node?.kept === false) say(t("letGo", { step: node.id }));
    else if (node && (node.id !== current || state.running.peek())) void past.jump(node.id);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to: Record<string, number> = {
      ArrowLeft: latest.current - 1,
      ArrowUp: latest.current - 1,
      ArrowRight: latest.current + 1,
      ArrowDown: latest.current + 1,
      Home: 0,
      End: front.length - 1,
    };
    if (event.key in to) show(front[Math.max(0, Math.min(front.length - 1, to[event.key]))]);
    else if (event.key === "Enter" || event.key === " ") go(front[latest.current]);
    else if (event.key === "Escape" && state.preview.peek()) past.look(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const seen = measured.find(({ id }) => id === pointed);
  return (
    <>
      <div
        ref={box}
        class="kw-pareto"
        role="listbox"
        tabIndex={0}
        aria-label={t("paretoLabel")}
        aria-activedescendant={at >= 0 ? `${prefix}${front[at].id}` : undefined}
        data-testid="pareto"
        onKeyDown={onKey}
        onBlur={() => show(undefined)}
      >
        {measured.length > 0 && width > 0 && (
          <Plot
            {...{ measured, front, current, width, pointed }}
            onPoint={(node) => show(node)}
            onPick={(node) => go(node)}
          />
        )}
        {front.map((node) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
          <span
            key={node.id}
            class="kw-unseen"
            id={`${prefix}${node.id}`}
            role="option"
            aria-selected={node.id === pointed}
          >
            {t("paretoState", {
              step: node.id,
              label: node.label,
              loss: lossText(node.val),
              complexity: short(node.complexity),
            })}
          </span>
        ))}
      </div>
      <p class="kw-pareto-said" aria-hidden="true">
        {seen
          ? t("paretoState", {
              step: seen.id,
              label: seen.label,
              loss: lossText(seen.val),
              complexity: short(seen.complexity),
            })
          : t(measured.length > 0 ? "paretoHint" : "paretoEmpty")}
      </p>
      <table class="kw-unseen">
        <caption>{t("paretoTable")}</caption>
        <thead>
          <tr>
            {[t("complexityName"), t("validationLoss"), t("paretoStep")].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {front.map((node) => (
            <tr key={node.id}>
              <td>{short(node.complexity)}</td>
              <td>{lossText(node.val)}</td>
              <td>{t("stateTitle", { step: node.id, label: node.label })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function isMeasured(node: HistoryNode): node is Measured {
  return typeof node.val === "number" && typeof node.complexity === "number";
}

interface PlotProps {
  measured: Measured[];
  front: Measured[];
  current: number;
  width: number;
  pointed: number | null;
  onPoint: (node: Measured | undefined) => void;
  onPick: (node: Measured | undefined) => void;
}

function Plot({ measured, front, current, width, pointed, onPoint, onPick }: PlotProps) {
  const { t } = useView();
  const positive = measured.map(({ val }) => val).filter((val) => val > 0);
  const least = positive.length > 0 ? Math.min(...positive) : 1e-16;
  const lo = least / 1.4;
  const hi = Math.max(...positive, least) * 1.4;
  const xs = measured.map(({ complexity }) => complexity);
  const first = Math.min(...xs);
  const span = Math.max(1, Math.max(...xs) - first);
  const toX = (complexity: number) => LEFT + 8 + ((width - LEFT - RIGHT - 16) * (complexity - first)) / span;
  const toY = (val: number) =>
    TOP + ((HEIGHT - TOP - BOTTOM) * Math.log(hi / Math.max(val, lo))) / Math.log(hi / lo);
  const base = HEIGHT - BOTTOM;
  const nearest = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    let found: Measured | undefined;
    let distance = REACH;
    for (const node of measured) {
      const far = Math.hypot(toX(node.complexity) - x, toY(node.val) - y);
      if (far < distance) [found, distance] = [node, far];
    }
    return found;
  };
  const steps = front.map(({ complexity, val }, n) =>
    n === 0 ? `M${toX(complexity)} ${TOP}V${toY(val)}` : `H${toX(complexity)}V${toY(val)}`,
  );
  const dot = (node: Measured) => (
    <circle
      cx={toX(node.complexity)}
      cy={toY(node.val)}
      r={node.id === current ? 6 : node.best ? 4.5 : 3}
      data-best={node.best}
      data-here={node.id === current}
      data-gone={node.kept === false}
      data-pointed={node.id === pointed}
      data-step={node.id}
    />
  );
  return (
    <svg
      class="kw-plot"
      aria-hidden="true"
      width={width}
      height={HEIGHT}
      onPointerMove={(event) => onPoint(nearest(event))}
      onPointerLeave={() => onPoint(undefined)}
      onClick={(event) =>
        onPick(nearest(event as unknown as PointerEvent & { currentTarget: SVGSVGElement }))
      }
    >
      <g>
        {logTicks(lo, hi).map((value) => (
          <g key={value}>
            <line class="kw-gridline" x1={LEFT} x2={width - RIGHT} y1={toY(value)} y2={toY(value)} />
            <text class="kw-tick" x={LEFT - 5} y={toY(value)} text-anchor="end" dominant-baseline="central">
              {short(value)}
            </text>
          </g>
        ))}
        {ticks(first, first + span, 4).map((value) => (
          <text key={value} class="kw-tick" x={toX(value)} y={base + 14} text-anchor="middle">
            {short(value)}
          </text>
        ))}
        <line class="kw-axis" x1={LEFT} x2={width - RIGHT} y1={base} y2={base} />
        <text class="kw-tick" x={(LEFT + width - RIGHT) / 2} y={base + 29} text-anchor="middle">
          {t("complexityName")}
        </text>
        <text class="kw-tick" x={width - RIGHT} y={TOP + 3} text-anchor="end">
          {t("validationLoss")}
        </text>
        {front.length > 0 && <path class="kw-front" d={`${steps.join("")}H${width - RIGHT}`} />}
        {measured.filter(({ best }) => !best).map(dot)}
      </g>
      {front.map(dot)}
    </svg>
  );
}
