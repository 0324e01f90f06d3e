import { edgeIndex, findEdge, isAlive, isSpline, type Scene } from "../protocol.ts";
import { clamp } from "../scale.ts";
import type { Point } from "./layout.ts";
import type { FrameMark } from "./marks.ts";

const PADDING = 0.12;
const SIDE_PADDING = 0.06;
/** A ghost that lies nearer to its curve than this part of the frame's height says nothing. */
const VISIBLE = 0.05;

/** A rectangle of the screen, and which inputs and outputs of an edge lie at its borders. */
export interface Axes {
  left: number;
  width: number;
  bottom: number;
  height: number;
  xLo: number;
  xHi: number;
  yLo: number;
  yHi: number;
}

export interface Curve {
  /** x0, y0, x1, y1, … on the screen. */
  points: Float32Array;
  /** The points from the first to the last that lie within the grid. */
  inside: readonly [first: number, last: number];
}

/** An edge's frame with the range of its curve, and where it shows of its ghost. */
export function axesOf(scene: Scene, e: number, centre: Point, side: number, ghost: Ghost | null): Axes {
  return {
    left: centre.x - side * (0.5 - SIDE_PADDING),
    width: side * (1 - 2 * SIDE_PADDING),
    bottom: centre.y + side * (0.5 - PADDING),
    height: side * (1 - 2 * PADDING),
    xLo: scene.xLo[e],
    xHi: scene.xHi[e],
    yLo: ghost ? ghost.yLo : scene.yLo[e],
    yHi: ghost ? ghost.yHi : scene.yHi[e],
  };
}

export function isFlat({ yLo, yHi }: { yLo: number; yHi: number }): boolean {
  return !(yHi - yLo > 1e-12 * Math.max(1, Math.abs(yLo)));
}

/** A flat curve runs through the middle, and so does what is no number. */
export function yAt(axes: Axes, y: number): number {
  const { yLo, yHi, bottom, height } = axes;
  const fraction = isFlat(axes) || Number.isNaN(y) ? 0.5 : (y - yLo) / (yHi - yLo);
  return bottom - height * clamp(fraction, -0.1, 1.1);
}

export function xAt({ xLo, xHi, left, width }: Axes, x: number): number {
  return left + width * (xHi > xLo ? (x - xLo) / (xHi - xLo) : 0.5);
}

/** The curve in as many points as the frame can show. */
export function curveIn({ samples, curve }: Scene, e: number, axes: Axes, grid: Grid): Curve {
  const { left, width } = axes;
  const last = samples - 1;
  const stride = Math.max(1, Math.floor(last / Math.max(8, width * 0.9)));
  const end = Math.floor(last / stride);
  const points = new Float32Array(2 * end + 2);
  for (let k = 0; k <= end; k++) {
    const sample = k === end ? last : k * stride;
    points[2 * k] = left + (width * sample) / last;
    points[2 * k + 1] = yAt(axes, curve[e * samples + sample]);
  }
  const [from, to] = grid;
  const inside: [number, number] = [0, end];
  while (from !== null && inside[0] < end && points[2 * inside[0]] < from) inside[0]++;
  while (to !== null && inside[1] > 0 && points[2 * inside[1]] > to) inside[1]--;
  return { points, inside };
}

/** Where on the screen the grid of a spline begins and ends; null where that lies beyond the curve. */
export type Grid = readonly [from: number | null, to: number | null];

/** Only a spline has a grid; beyond it there is nothing that it was fitted to. */
export function gridIn(scene: Scene, e: number, axes: Axes): Grid {
  const { gridLo, gridHi } = scene;
  const { xLo, xHi } = axes;
  const hasGrid = isSpline(scene, e);
  const slack = 1e-3 * (xHi - xLo);
  return [
    hasGrid && gridLo[e] > xLo + slack ? xAt(axes, Math.min(gridLo[e], xHi)) : null,
    hasGrid && gridHi[e] < xHi - slack ? xAt(axes, Math.max(gridHi[e], xLo)) : null,
  ];
}

/** Where input and output are 0, when that lies within the curve's range. */
export function zerosIn(axes: Axes): Pick<FrameMark, "zeroX" | "zeroY"> {
  const { xLo, xHi, yLo, yHi } = axes;
  return {
    zeroX: xLo <= 0 && xHi >= 0 && xHi > xLo ? xAt(axes, 0) : null,
    zeroY: yLo <= 0 && yHi >= 0 && !isFlat(axes) ? yAt(axes, 0) : null,
  };
}

/** Heights of the histogram's bars as fractions of the frame. */
export function barsOf({ histogram, bins }: Scene, e: number): Float32Array {
  return Float32Array.from(histogram.subarray(e * bins, (e + 1) * bins), (count) => (count / 255) * 0.3);
}

/** An edge as it was where its inputs are still those of now, and the range of outputs that holds both. */
export interface Ghost {
  points: [x: number, y: number][];
  yLo: number;
  yHi: number;
}

/** What an edge was before, where it was something else that can be told from what it is now. */
export function ghostOf(scene: Scene, e: number, before: Scene): Ghost | null {
  const edge = findEdge(before, edgeIndex(scene, e));
  const [from, to] = [scene.xLo[e], scene.xHi[e]];
  if (edge < 0 || before === scene || !isAlive(scene, e) || !isAlive(before, edge) || !(to > from))
    return null;
  const ghost: Ghost = { points: [], yLo: scene.yLo[e], yHi: scene.yHi[e] };
  const { samples, curve, xLo, xHi } = before;
  const step = (xHi[edge] - xLo[edge]) / (samples - 1);
  const slack = 1e-3 * (to - from);
  let apart = 0;
  for (let k = 0; k < samples; k++) {
    const x = xLo[edge] + k * step;
    if (x < from - slack || x > to + slack) continue;
    const y = curve[edge * samples + k];
    ghost.points.push([x, y]);
    apart = Math.max(apart, Math.abs(y - valueAt(scene, e, x)));
    ghost.yLo = Math.min(ghost.yLo, y);
    ghost.yHi = Math.max(ghost.yHi, y);
  }
  return apart > VISIBLE * (ghost.yHi - ghost.yLo) ? ghost : null;
}

/** The ghost's points on the screen. */
export function ghostIn({ points }: Ghost, axes: Axes): Float32Array {
  return Float32Array.from(points.flatMap(([x, y]) => [xAt(axes, x), yAt(axes, y)]));
}

function valueAt({ samples, curve, xLo, xHi }: Scene, e: number, x: number): number {
  const last = samples - 1;
  const place = (last * (x - xLo[e])) / (xHi[e] - xLo[e]);
  const k = clamp(Math.floor(place), 0, last - 1);
  const start = e * samples + k;
  return curve[start] + (place - k) * (curve[start + 1] - curve[start]);
}
