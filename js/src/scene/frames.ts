import { clamp } from "../scale.ts";
import type { Palette } from "./canvas.ts";
import type { FrameMark, Halo } from "./marks.ts";
import { fill, type Line, type Pen, stroke, strokeLines } from "./pen.ts";

/** An edge's curve in its frame, with all that there is room for. */
export function paintFrame(pen: Pen, frame: FrameMark, palette: Palette): void {
  const { side, form, alpha, width, ink, bars, ghost, grid, zeroX, zeroY } = frame;
  const { left, top, right, bottom } = edgesOf(frame);
  fill(pen, palette.paper, 1, () => box(pen, frame));
  // Where the data lie, as faint as the edge is.
  if (bars) fill(pen, palette.bars, 0.35 + 0.65 * alpha, () => traceBars(pen, frame, bars));
  const zeros: Line[] = [];
  if (zeroY !== null) zeros.push([left, zeroY, right, zeroY]);
  if (zeroX !== null) zeros.push([zeroX, top, zeroX, bottom]);
  strokeLines(pen, palette.grid, 0.4 + 0.6 * alpha, 1, zeros);
  const ends = grid.flatMap((x): Line[] => (x === null ? [] : [[x, top + 2, x, bottom - 2]]));
  strokeLines(pen, palette.muted, 0.3 + 0.4 * alpha, 1, ends, [1, 3]);
  if (frame.hatched) strokeLines(pen, palette.going, 0.45, 1, hatching(frame));
  const thick = clamp(side / 34, 1, 2.5);
  if (ghost) {
    const all = [0, ghost.length / 2 - 1] as const;
    stroke(pen, palette.accent, 0.2 + 0.4 * alpha, 0.7 * thick, () => trace(pen, ghost, ...all));
  }
  strokeCurves(pen, [frame], palette[ink], thick, [3, 3]);
  stroke(pen, palette[ink], alpha * 0.75, width, () => box(pen, frame), frame.dashed ? [4, 3] : []);
  if (form === "both") stroke(pen, palette[ink], alpha * 0.75, width / 2, () => box(pen, frame, -3));
  if (form !== "symbolic" && form !== "both") return;
  // A function stands on a bar: what tells it from a spline where there are no colours.
  const height = clamp(side * 0.05, 2, 4);
  const inset = side < 48 ? 0 : Math.min(8, side * 0.07);
  fill(pen, palette[ink], Math.max(0.6, alpha), () =>
    pen.rect(left + inset, bottom - height, side - 2 * inset, height),
  );
}

/** Where the borders of a frame lie. */
export function edgesOf({ centre: { x, y }, side }: FrameMark) {
  const half = side / 2;
  return { left: x - half, top: y - half, right: x + half, bottom: y + half };
}

function box(pen: Pen, frame: FrameMark, grow = 0): void {
  const { left, top } = edgesOf(frame);
  const side = frame.side + 2 * grow;
  const radius = grow + (frame.side < 24 ? 0 : Math.min(8, frame.side * 0.07));
  if (radius > 0) pen.roundRect(left - grow, top - grow, side, side, radius);
  else pen.rect(left - grow, top - grow, side, side);
}

/** How much larger than the frame the ring of each kind is, how it is filled, and how stroked. */
const HALOS: Partial<
  Record<Halo, [grow: number, fill: number, width?: number, alpha?: number, dashes?: number[]]>
> = {
  hover: [3.5, 0.35],
  pointed: [7, 0.35, 1.5, 0.9],
  chosen: [4, 0, 2, 0.95, [6, 3]],
  selected: [3, 0.9],
};

/** The ring of an edge that stands out: full when selected, dashed when chosen, wide when lit from elsewhere. */
export function paintHalo(pen: Pen, frame: FrameMark, { accent }: Palette): void {
  const [grow, filled, width, alpha = 1, dashes] = HALOS[frame.halo] ?? [0, 0];
  const ring = () => box(pen, frame, grow);
  if (filled) fill(pen, accent, filled, ring);
  if (width) stroke(pen, accent, alpha, width, ring, dashes);
}

/** Curves of one look: within the grid a full line; where they are extrapolated a dashed one. */
export function strokeCurves(
  pen: Pen,
  frames: FrameMark[],
  colour: string,
  width: number,
  dashes: number[],
): void {
  const strokeParts = (partsOf: (frame: FrameMark) => Stretch[], dashed?: number[]) => {
    const parts = frames.flatMap((frame) => partsOf(frame).map((part) => [frame.curve, ...part] as const));
    const traceAll = () => {
      for (const part of parts) trace(pen, ...part);
    };
    if (parts.length > 0) stroke(pen, colour, frames[0].alpha, width, traceAll, dashed);
  };
  strokeParts(({ inside }) => (inside[1] > inside[0] ? [inside] : []));
  strokeParts(({ curve, inside: [first, end] }) => {
    const last = curve.length / 2 - 1;
    // All of it where the grid lies elsewhere.
    if (first >= end) return [[0, last]];
    return (
      [
        [0, first],
        [end, last],
      ] as Stretch[]
    ).filter(([from, to]) => to > from);
  }, dashes);
}

/** The first and the last point of a part of a curve. */
type Stretch = FrameMark["inside"];

function trace(pen: Pen, points: Float32Array, first: number, last: number): void {
  pen.moveTo(points[2 * first], points[2 * first + 1]);
  for (let k = first + 1; k <= last; k++) pen.lineTo(points[2 * k], points[2 * k + 1]);
}

function traceBars(pen: Pen, { side, centre }: FrameMark, bars: Float32Array): void {
  const left = centre.x - side * 0.44;
  const bottom = centre.y + side / 2 - 1;
  const width = (side * 0.88) / bars.length;
  pen.moveTo(left, bottom);
  bars.forEach((bar, k) => {
    pen.lineTo(left + k * width, bottom - bar * side);
    pen.lineTo(left + (k + 1) * width, bottom - bar * side);
  });
  pen.lineTo(left + bars.length * width, bottom);
}

/** Slanting lines over a frame whose edge would go. */
function hatching(frame: FrameMark): Line[] {
  const { side } = frame;
  const { left, top } = edgesOf(frame);
  return Array.from({ length: Math.ceil((2 * side - 3.5) / 7) }, (_, n) => {
    const d = 3.5 + 7 * n;
    const beyond = Math.max(0, d - side);
    return [left + beyond, top + d - beyond, left + d - beyond, top + beyond];
  });
}

/** A padlock on the frame's corner, where it hides no curve. */
export function paintLock(pen: Pen, frame: FrameMark, { paper, text }: Palette): void {
  const { right, top } = edgesOf(frame);
  const [x, y] = [right - 1, top + 1];
  fill(pen, paper, 1, () => pen.arc(x, y, 7, 0, 2 * Math.PI));
  fill(pen, text, 1, () => pen.roundRect(x - 4, y - 1, 8, 6, 1.5));
  stroke(pen, text, 1, 1.5, () => pen.arc(x, y - 1, 2.7, Math.PI, 0));
}
