import { short } from "../format.ts";
import type { Scale } from "./curves.ts";

/** The edges of a chart's paper and its scales, in pixels. */
export interface Frame {
  left: number;
  right: number;
  base: number;
  toX: Scale;
  toY: Scale;
}

interface AxesProps extends Frame {
  xs: number[];
  ys?: number[];
  digits?: number;
  /** How long the marks on the axis are, how far below it its numbers stand, and how far right they may. */
  mark?: number;
  below?: number;
  most?: number;
}

/** Round numbers along both axes, with lines across for those at the left. */
export function Axes({
  left,
  right,
  base,
  toX,
  toY,
  xs,
  ys = [],
  digits,
  mark = 0,
  below = 14,
  most = right,
}: AxesProps) {
  const marks = mark > 0 ? xs.map((x) => `M${toX(x)} ${base}v${mark}`) : [];
  return (
    <>
      <path class="kw-gridline" d={ys.map((y) => `M${left} ${toY(y)}H${right}`).join("")} />
      {ys.map((y) => (
        <text key={y} class="kw-tick" x={left - 5} y={toY(y)} text-anchor="end" dominant-baseline="central">
          {short(y)}
        </text>
      ))}
      {xs.map((x) => (
        <text key={x} class="kw-tick" x={Math.min(most, toX(x))} y={base + below} text-anchor="middle">
          {short(x, digits)}
        </text>
      ))}
      <path class="kw-axis" d={`M${left} ${base}H${right}${marks.join("")}`} />
    </>
  );
}

/** What a pointer does over an element. */
export interface Pointing {
  clientX: number;
  clientY: number;
  currentTarget: Element;
}

/** Where the pointer is within an element. */
export function placeIn({ clientX, clientY, currentTarget }: Pointing): { x: number; y: number } {
  const { left, top } = currentTarget.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

/** The one of some things that is nearest to a place, if one is nearer than `reach`. */
export function nearest<T>(
  all: readonly T[],
  far: (each: T) => number,
  reach = Number.POSITIVE_INFINITY,
): T | undefined {
  let found: T | undefined;
  for (const each of all) {
    const distance = far(each);
    if (distance < reach) [found, reach] = [each, distance];
  }
  return found;
}
