import { EdgeKind, edgeNumber, type Scene } from "../protocol.ts";
import type { Point } from "./layout.ts";

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
  return bottom - height * Math.min(1.1, Math.max(-0.1, fraction));
}

export function xAt({ xLo, xHi, left, width }: Axes, x: number): number {
  return left + width * (xHi > xLo ? (x - xLo) / (xHi - xLo) : 0.5);
}

/** The curve in as many points as the frame can show. */
export function curveIn(scene: Scene, e: number, axes: Axes): Curve {
  const { samples, curve } = scene;
  const stride = Math.max(1, Math.floor((samples - 1) / Math.max(8, axes.width * 0.9)));
  const count = Math.floor((samples - 1) / stride) + 1;
  const points = new Float32Array(2 * count);
  for (let k = 0; k < count; k++) {
    const sample = k === count - 1 ? samples - 1 : k * stride;
    points[2 * k] = axes.left + (axes.width * sample) / (samples - 1);
    points[2 * k + 1] = yAt(axes, curve[e * samples + sample]);
  }
  return { points, inside: insideGrid(scene, e, points, axes) };
}

/** Only a spline has a grid; beyond it there is nothing that it was fitted to. */
function insideGrid(scene: Scene, e: number, points: Float32Array, axes: Axes): Curve["inside"] {
  const last = points.length / 2 - 1;
  const [from, to] = gridIn(scene, e, axes);
  if (from === null && to === null) return [0, last];
  let first = 0;
  let end = last;
  if (from !== null) while (first < last && points[2 * first] < from) first++;
  if (to !== null) while (end > 0 && points[2 * end] > to) end--;
  return [first, end];
}

/** Where on the screen the grid of a spline begins and ends; null where that lies beyond the curve. */
export function gridIn(scene: Scene, e: number, axes: Axes): [from: number | null, to: number | null] {
  const kind = scene.kind[e];
  if (kind !== EdgeKind.numeric && kind !== EdgeKind.both) return [null, null];
  const { xLo, xHi } = axes;
  const slack = 1e-3 * (xHi - xLo);
  const { gridLo, gridHi } = scene;
  return [
    gridLo[e] > xLo + slack ? xAt(axes, Math.min(gridLo[e], xHi)) : null,
    gridHi[e] < xHi - slack ? xAt(axes, Math.max(gridHi[e], xLo)) : null,
  ];
}

/** Where input and output are 0, when that lies within the curve's range. */
export function zerosIn(axes: Axes): { x: number | null; y: number | null } {
  const { xLo, xHi, yLo, yHi } = axes;
  return {
    x: xLo <= 0 && xHi >= 0 && xHi > xLo ? xAt(axes, 0) : null,
    y: yLo <= 0 && yHi >= 0 && !isFlat(axes) ? yAt(axes, 0) : null,
  };
}

/** Heights of the histogram's bars as fractions of the frame. */
export function barsOf(scene: Scene, e: number): Float32Array {
  return Float32Array.from(
    scene.histogram.subarray(e * scene.bins, (e + 1) * scene.bins),
    (count) => (count / 255) * 0.3,
  );
}

/** An edge as it was, and the range of outputs that holds it and what it is now. */
export interface Ghost {
  scene: Scene;
  edge: number;
  yLo: number;
  yHi: number;
}

/** What an edge was before, where it was something else that can be told from what it is now. */
export function ghostOf(scene: Scene, e: number, before: Scene): Ghost | null {
  const edge = placesOf(before).get(edgeNumber(scene, e));
  if (edge === undefined || before === scene) return null;
  const alive = scene.kind[e] !== EdgeKind.removed && before.kind[edge] !== EdgeKind.removed;
  if (!alive || !(scene.xHi[e] > scene.xLo[e])) return null;
  const ghost = { scene: before, edge, yLo: scene.yLo[e], yHi: scene.yHi[e] };
  let apart = 0;
  alongGhost(ghost, scene.xLo[e], scene.xHi[e], (x, y) => {
    apart = Math.max(apart, Math.abs(y - valueAt(scene, e, x)));
    ghost.yLo = Math.min(ghost.yLo, y);
    ghost.yHi = Math.max(ghost.yHi, y);
  });
  return apart > VISIBLE * (ghost.yHi - ghost.yLo) ? ghost : null;
}

/** The ghost's points on the screen, where its inputs are still those of the edge. */
export function ghostIn(ghost: Ghost, axes: Axes): Float32Array {
  const points: number[] = [];
  alongGhost(ghost, axes.xLo, axes.xHi, (x, y) => points.push(xAt(axes, x), yAt(axes, y)));
  return Float32Array.from(points);
}

function alongGhost(ghost: Ghost, from: number, to: number, visit: (x: number, y: number) => void): void {
  const { scene, edge } = ghost;
  const last = scene.samples - 1;
  const step = (scene.xHi[edge] - scene.xLo[edge]) / last;
  const slack = 1e-3 * (to - from);
  for (let k = 0; k <= last; k++) {
    const x = scene.xLo[edge] + k * step;
    if (x >= from - slack && x <= to + slack) visit(x, scene.curve[edge * scene.samples + k]);
  }
}

function valueAt(scene: Scene, e: number, x: number): number {
  const last = scene.samples - 1;
  const place = (last * (x - scene.xLo[e])) / (scene.xHi[e] - scene.xLo[e]);
  const k = Math.max(0, Math.min(last - 1, Math.floor(place)));
  const start = e * scene.samples + k;
  return scene.curve[start] + (place - k) * (scene.curve[start + 1] - scene.curve[start]);
}

const places = new WeakMap<Scene, Map<number, number>>();

/** The place in a scene's arrays of each of its edges. */
function placesOf(scene: Scene): Map<number, number> {
  let found = places.get(scene);
  if (!found) {
    found = new Map(Array.from({ length: scene.edges }, (_, e) => [edgeNumber(scene, e), e]));
    places.set(scene, found);
  }
  return found;
}
