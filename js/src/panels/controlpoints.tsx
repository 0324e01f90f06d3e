import { useEffect, useRef } from "preact/hooks";
import type { ControlPoint } from "../commands.ts";
import { short } from "../format.ts";
import { consume } from "../roving.ts";
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
  const placeOf = ({ x }: ControlPoint) => toX(Math.max(across.lo, Math.min(across.hi, x)));
  const heightOf = (index: number) => (draft?.index === index ? draft.height : points[index].y);
  const placeOfHeight = (index: number) => Math.max(top, Math.min(base, toY(heightOf(index))));
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
    const height = reach.lo + ((base - y) / (base - top)) * (reach.hi - reach.lo);
    waiting.current = { index, height };
    onDrag(waiting.current);
  };
  const onKey = (index: number, event: KeyboardEvent & { currentTarget: SVGElement }) => {
    const up = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const along = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (up) {
      const by = up * STEP * (event.shiftKey ? 10 : 1) * (reach.hi - reach.lo);
      waiting.current = { index, height: heightOf(index) + by };
      onDrag(waiting.current);
      clearTimeout(timer.current);
      timer.current = setTimeout(letGo, SETTLE_MS);
    } else if (along) {
      const { nextElementSibling: next, previousElementSibling: before } = event.currentTarget;
      ((along > 0 ? next : before) as SVGElement | null)?.focus();
    } else if (event.key === "Enter" && waiting.current) letGo();
    else if (event.key === "Escape" && waiting.current) {
      clearTimeout(timer.current);
      waiting.current = null;
      onDrag(null);
    } else return;
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
            onPointerCancel={() => {
              waiting.current = null;
              onDrag(null);
            }}
            onKeyDown={(event) => onKey(k, event)}
            onBlur={letGo}
          />
        ))}
      </g>
    </>
  );
}
