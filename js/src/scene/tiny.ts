import type { Palette } from "./canvas.ts";
import { trace, traceOutside } from "./frames.ts";
import type { FrameMark } from "./marks.ts";
import type { Pen } from "./pen.ts";

/** Frames of a smaller side are signs rather than plots, and painted together: hundreds look calm, and are quick. */
export const TINY = 24;

const LEVELS = 8;

/** Many small frames: those that look the same are one path. */
export function paintTiny(pen: Pen, frames: FrameMark[], palette: Palette): void {
  if (frames.length === 0) return;
  const looks = new Map<string, FrameMark[]>();
  for (const frame of frames) {
    const key = `${frame.ink} ${Math.round(frame.alpha * LEVELS)} ${frame.form} ${frame.hatched} ${frame.width}`;
    const same = looks.get(key);
    if (same) same.push(frame);
    else looks.set(key, [frame]);
  }
  const groups = [...looks.values()].sort((a, b) => a[0].alpha - b[0].alpha);
  boxes(pen, frames);
  pen.globalAlpha = 1;
  pen.fillStyle = palette.paper;
  pen.fill();
  for (const group of groups) paintAlike(pen, group, palette);
  const locked = frames.filter((frame) => frame.locked);
  if (locked.length > 0) paintCorners(pen, locked, palette);
}

function paintAlike(pen: Pen, group: FrameMark[], palette: Palette): void {
  const [{ ink, alpha, form, hatched, width, side }] = group;
  const removed = form === "removed";
  boxes(pen, group);
  if (!removed) {
    pen.globalAlpha = alpha;
    pen.fillStyle = palette.bars;
    pen.fill();
  }
  pen.globalAlpha = alpha * (removed ? 0.8 : 0.45);
  pen.strokeStyle = palette[ink];
  pen.lineWidth = width;
  if (removed) pen.setLineDash([2, 2]);
  pen.stroke();
  if (removed) pen.setLineDash([]);
  if (removed) return;
  pen.globalAlpha = alpha;
  pen.lineWidth = Math.max(0.9, Math.min(1.2, side / 16));
  pen.beginPath();
  for (const { curve, inside } of group) if (inside[1] > inside[0]) trace(pen, curve, ...inside);
  pen.stroke();
  const beyond = group.filter(({ curve, inside }) => inside[0] > 0 || inside[1] < curve.length / 2 - 1);
  if (beyond.length > 0) {
    pen.setLineDash([1.5, 1.5]);
    pen.beginPath();
    for (const { curve, inside } of beyond) traceOutside(pen, curve, inside);
    pen.stroke();
    pen.setLineDash([]);
  }
  if (hatched) paintCrosses(pen, group);
  if (form !== "numeric") paintFeet(pen, group, palette);
}

function boxes(pen: Pen, frames: FrameMark[]): void {
  pen.beginPath();
  for (const { centre, side } of frames) pen.rect(centre.x - side / 2, centre.y - side / 2, side, side);
}

/** A function stands on a bar; one with a spline beside it hangs from another. */
function paintFeet(pen: Pen, group: FrameMark[], palette: Palette): void {
  const [{ ink, alpha, form }] = group;
  pen.globalAlpha = Math.max(0.5, alpha);
  pen.fillStyle = palette[ink];
  pen.beginPath();
  for (const { centre, side } of group) {
    const height = Math.max(1.5, side * 0.14);
    pen.rect(centre.x - side / 2, centre.y + side / 2 - height, side, height);
    if (form === "both") pen.rect(centre.x - side / 2, centre.y - side / 2, side, height);
  }
  pen.fill();
}

/** A stroke through each frame whose edge would go. */
function paintCrosses(pen: Pen, group: FrameMark[]): void {
  pen.globalAlpha = 0.8;
  pen.beginPath();
  for (const { centre, side } of group) {
    pen.moveTo(centre.x - side / 2, centre.y + side / 2);
    pen.lineTo(centre.x + side / 2, centre.y - side / 2);
  }
  pen.stroke();
}

/** A filled corner in place of the padlock. */
function paintCorners(pen: Pen, frames: FrameMark[], palette: Palette): void {
  pen.globalAlpha = 0.8;
  pen.fillStyle = palette.muted;
  pen.beginPath();
  for (const { centre, side } of frames) {
    const [right, top, cut] = [centre.x + side / 2, centre.y - side / 2, side * 0.3];
    pen.moveTo(right - cut, top);
    pen.lineTo(right, top);
    pen.lineTo(right, top + cut);
  }
  pen.fill();
}
