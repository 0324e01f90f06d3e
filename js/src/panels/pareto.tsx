import { useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { HistoryNode } from "../model.ts";
import { ledTo } from "../roving.ts";
import { logTicks, ticks } from "../ticks.ts";
import { useView } from "../view.ts";
import { Axes, nearest, type Pointing, placeIn } from "./axes.tsx";
import { extent, linear, logarithmic } from "./curves.ts";
import { usePrefix } from "./prefix.ts";
import { useVisits } from "./visits.ts";
import { useWidth } from "./width.ts";

const HEIGHT = 200;
const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BASE = HEIGHT - 34;
/** Pixels within which a state is pointed at. */
const REACH = 16;

type Measured = HistoryNode & { val: number; complexity: number };

/** All states by complexity and validation loss (log), with those that no other beats as steps. */
export function Pareto({ say }: { say: (text: string) => void }) {
  const { state, t } = useView();
  const visits = useVisits(say);
  const { nodes, current } = state.traits.history.value;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const prefix = usePrefix();
  const [pointed, setPointed] = useState<number | null>(null);
  const measured = nodes.filter(isMeasured);
  const front = measured
    .filter(({ best }) => best)
    .sort((a, b) => a.complexity - b.complexity || b.val - a.val);
  const at = front.findIndex(({ id }) => id === (pointed ?? current));
  const latest = useRef(at); // keys come faster than the page is drawn
  latest.current = at;
  const show = (node?: Measured) => {
    if (node) latest.current = front.indexOf(node);
    setPointed(node?.id ?? null);
    visits.show(node);
  };
  const told = ({ id, label, val, complexity }: Measured) =>
    t("paretoState", { step: id, label, loss: lossText(val), complexity: short(complexity) });
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
        onKeyDown={(event) =>
          visits.onKey(event, {
            walk: () => {
              const to = ledTo(event.key, latest.current, front.length);
              return to >= 0 && show(front[to]);
            },
            go: () => visits.go(front[latest.current]),
          })
        }
        onBlur={() => show()}
      >
        {measured.length > 0 && width > 0 && (
          <Plot {...{ measured, front, current, width, pointed }} onPoint={show} onPick={visits.go} />
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
            {told(node)}
          </span>
        ))}
      </div>
      <p class="kw-pareto-said" aria-hidden="true">
        {seen ? told(seen) : t(measured.length > 0 ? "paretoHint" : "paretoEmpty")}
      </p>
      <table class="kw-unseen">
        <caption>{t("paretoTable")}</caption>
        <thead>
          <tr>
            {(["complexityName", "validationLoss", "paretoStep"] as const).map((name) => (
              <th key={name} scope="col">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {front.map(({ id, label, val, complexity }) => (
            <tr key={id}>
              <td>{short(complexity)}</td>
              <td>{lossText(val)}</td>
              <td>{t("stateTitle", { step: id, label })}</td>
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
  onPoint: (node?: Measured) => void;
  onPick: (node?: Measured) => void;
}

function Plot({ measured, front, current, width, pointed, onPoint, onPick }: PlotProps) {
  const { t } = useView();
  const positive = measured.map(({ val }) => val).filter((val) => val > 0);
  const least = positive.length > 0 ? Math.min(...positive) : 1e-16;
  const reach = { lo: least / 1.4, hi: Math.max(...positive, least) * 1.4 };
  const { lo, hi: most } = extent(measured.map(({ complexity }) => complexity));
  const hi = Math.max(lo + 1, most);
  const right = width - RIGHT;
  const toX = linear({ lo, hi }, LEFT + 8, right - 8);
  const losses = logarithmic(reach, BASE, TOP);
  const toY = (val: number) => losses(Math.max(val, reach.lo));
  const under = (event: Pointing) => {
    const { x, y } = placeIn(event);
    return nearest(measured, ({ complexity, val }) => Math.hypot(toX(complexity) - x, toY(val) - y), REACH);
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
      onPointerMove={(event) => onPoint(under(event))}
      onPointerLeave={() => onPoint()}
      onClick={(event) => onPick(under(event))}
    >
      <g>
        <Axes
          {...{ left: LEFT, right, base: BASE, toX, toY }}
          xs={ticks(lo, hi, 4)}
          ys={logTicks(reach.lo, reach.hi)}
        />
        <text class="kw-tick" x={(LEFT + right) / 2} y={BASE + 29} text-anchor="middle">
          {t("complexityName")}
        </text>
        <text class="kw-tick" x={right} y={TOP + 3} text-anchor="end">
          {t("validationLoss")}
        </text>
        {front.length > 0 && <path class="kw-front" d={`${steps.join("")}H${right}`} />}
        {measured.filter(({ best }) => !best).map(dot)}
      </g>
      {front.map(dot)}
    </svg>
  );
}
