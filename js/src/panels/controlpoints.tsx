import { useEffect, useRef } from "preact/hooks";
import type { ControlPoint } from "../commands.ts";
import { short } from "../format.ts";
import { consume, rove, stepOf } from "../roving.ts";
import { clamp } from "../scale.ts";
import { useView } from "../view.ts";
import { linear, type Range, type Scale } from "./curves.ts";
import type { Draft } from "./edgeplot.tsx";

interface ControlPointsProps {
  points: ControlPoint[];
  across: Range;
  toX: Scale;
  reach: Range;
  top: number;
  base: number;
  draft: Draft | null;
  onDrag: (draft: Draft | null) => void;
  onDrop: (draft: Draft) => void;
}

/** After so long without a further key, a point that was moved by keys is let go. */
const SETTLE_MS = 500;
const STEP = 0.01;

/** The control points of a spline: drag one, or move it by arrow keys; left and right go to the next one. */
export function ControlPoints(props: ControlPointsProps) {
  const { points, across, toX, reach, top, base, draft, onDrag, onDrop } = props;
  const { t } = useView();
  const toY = linear(reach, base, top);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const waiting = useRef<Draft | null>(null);
  useEffect(() => () => clearTimeout(timer.current), []);

  // the outermost points of a spline lie beyond its grid: the next one on either side is shown on the border
  const inside = points.flatMap(({ x }, k) => (x >= across.lo && x <= across.hi ? [k] : []));
  const [first, last] = [(inside[0] ?? 1) - 1, (inside.at(-1) ?? -1) + 1];
  const handles = points.map((point, k) => [point, k] as const).filter(([, k]) => k >= first && k <= last);
  const placeOf = ({ x }: ControlPoint) => toX(clamp(x, across.lo, across.hi));
  const heightOf = (index: number) => (draft?.index === index ? draft.height : points[index].y);
  const placeOfHeight = (index: number) => clamp(toY(heightOf(index)), top, base);
  const take = (index: number, height: number) => {
    waiting.current = { index, height };
    onDrag(waiting.current);
  };
  const giveUp = () => {
    clearTimeout(timer.current);
    waiting.current = null;
    onDrag(null);
  };
  const letGo = () => {
    clearTimeout(timer.current);
    const moved = waiting.current;
    waiting.current = null;
    if (moved) onDrop(moved);
  };
  const drag = (index: number, event: PointerEvent & { currentTarget: SVGElement }) => {
    const svg = event.currentTarget.ownerSVGElement as SVGSVGElement;
    const box = svg.getBoundingClientRect();
    const y = ((event.clientY - box.top) / (box.height || 1)) * svg.viewBox.baseVal.height;
    take(index, reach.lo + ((base - y) / (base - top)) * (reach.hi - reach.lo));
  };
  const onKey = (index: number, event: KeyboardEvent & { currentTarget: SVGElement }) => {
    const { key, currentTarget } = event;
    if (/Left|Right/.test(key)) rove(event, (currentTarget.parentElement as Element).children);
    else if (key === "ArrowUp" || key === "ArrowDown") {
      const by = STEP * (event.shiftKey ? 10 : 1) * (reach.hi - reach.lo);
      take(index, heightOf(index) - stepOf(key) * by);
      clearTimeout(timer.current);
      timer.current = setTimeout(letGo, SETTLE_MS);
    } else if (key === "Enter" && waiting.current) letGo();
    else if (key === "Escape" && waiting.current) giveUp();
    else return;
    consume(event);
  };

  return (
    <>
      <path
        class="kw-polygon"
        d={handles
          .map(
            ([point, k], n) => `${n ? "L" : "M"}${placeOf(point).toFixed(1)} ${placeOfHeight(k).toFixed(1)}`,
          )
          .join("")}
      />
      <g>
        {handles.map(([point, k]) => (
          <circle
            key={k}
            class="kw-point"
            data-testid="control-point"
            cx={placeOf(point)}
            cy={placeOfHeight(k)}
            r={6}
            tabIndex={0}
            role="slider"
            aria-orientation="vertical"
            aria-label={t("pointLabel", { number: k + 1, of: points.length, x: short(point.x) })}
            aria-valuemin={reach.lo}
            aria-valuemax={reach.hi}
            aria-valuenow={heightOf(k)}
            aria-valuetext={short(heightOf(k))}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              event.stopPropagation();
            }}
            onPointerMove={(event) => {
              if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(k, event);
            }}
            onPointerUp={letGo}
            onPointerCancel={giveUp}
            onKeyDown={(event) => onKey(k, event)}
            onBlur={letGo}
          />
        ))}
      </g>
    </>
  );
}
