import { clamp } from "../scale.ts";
import type { Palette } from "./canvas.ts";
import { edgesOf, strokeCurves } from "./frames.ts";
import type { FrameMark } from "./marks.ts";
import { alike, fill, type Line, type Pen, stroke, strokeLines } from "./pen.ts";

/** Frames of a smaller side are signs rather than plots, and painted together: hundreds look calm, and are quick. */
export const TINY = 24;

const LEVELS = 8;

/** Many small frames: those that look the same are one path. */
export function paintTiny(pen: Pen, frames: FrameMark[], palette: Palette): void {
  if (frames.length === 0) return;
  const look = ({ ink, alpha, form, hatched, width }: FrameMark) =>
    `${ink} ${Math.round(alpha * LEVELS)} ${form} ${hatched} ${width}`;
  fill(pen, palette.paper, 1, () => boxes(pen, frames));
  for (const group of alike(frames, look, ({ alpha }) => alpha)) paintAlike(pen, group, palette);
  const locked = frames.filter((frame) => frame.locked);
  if (locked.length > 0) fill(pen, palette.muted, 0.8, () => traceCorners(pen, locked));
}

function paintAlike(pen: Pen, group: FrameMark[], palette: Palette): void {
  const [{ ink, alpha, form, hatched, width, side, dashed }] = group;
  const colour = palette[ink];
  const trace = () => boxes(pen, group);
  if (!dashed) fill(pen, palette.bars, alpha, trace);
  stroke(pen, colour, alpha * (dashed ? 0.8 : 0.45), width, trace, dashed ? [2, 2] : []);
  if (dashed) return;
  const thick = clamp(side / 16, 0.9, 1.2);
  strokeCurves(pen, group, colour, thick, [1.5, 1.5]);
  // A stroke through each frame whose edge would go.
  if (hatched) strokeLines(pen, colour, 0.8, thick, group.map(diagonal));
  if (form !== "numeric") fill(pen, colour, Math.max(0.5, alpha), () => traceFeet(pen, group));
}

function boxes(pen: Pen, frames: FrameMark[]): void {
  for (const { centre, side } of frames) pen.rect(centre.x - side / 2, centre.y - side / 2, side, side);
}

function diagonal(frame: FrameMark): Line {
  const { left, top, right, bottom } = edgesOf(frame);
  return [left, bottom, right, top];
}

/** A function stands on a bar; one with a spline beside it hangs from another. */
function traceFeet(pen: Pen, group: FrameMark[]): void {
  for (const frame of group) {
    const { left, top, bottom } = edgesOf(frame);
    const { side, form } = frame;
    const height = Math.max(1.5, side * 0.14);
    pen.rect(left, bottom - height, side, height);
    if (form === "both") pen.rect(left, top, side, height);
  }
}

/** A filled corner in place of the padlock. */
function traceCorners(pen: Pen, frames: FrameMark[]): void {
  for (const frame of frames) {
    const { right, top } = edgesOf(frame);
    const cut = frame.side * 0.3;
    pen.moveTo(right - cut, top);
    pen.lineTo(right, top);
    pen.lineTo(right, top + cut);
  }
}
