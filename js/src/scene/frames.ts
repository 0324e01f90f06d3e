import type { Palette } from "./canvas.ts";
import type { FrameMark } from "./marks.ts";
import type { Pen } from "./pen.ts";

/** An edge's curve in its frame, with all that there is room for. */
export function paintFrame(pen: Pen, frame: FrameMark, palette: Palette): void {
  const { form, side, alpha, width } = frame;
  pen.globalAlpha = 1;
  pen.fillStyle = palette.paper;
  box(pen, frame);
  pen.fill();
  if (frame.bars) paintBars(pen, frame, frame.bars, palette);
  paintAxes(pen, frame, palette);
  if (frame.hatched) paintHatching(pen, frame, palette);
  const thick = Math.max(1, Math.min(2.5, side / 34));
  if (frame.ghost) {
    pen.globalAlpha = 0.2 + 0.4 * alpha;
    pen.strokeStyle = palette.accent;
    pen.lineWidth = 0.7 * thick;
    pen.beginPath();
    trace(pen, frame.ghost, 0, frame.ghost.length / 2 - 1);
    pen.stroke();
  }
  pen.globalAlpha = alpha;
  pen.strokeStyle = palette[frame.ink];
  pen.lineWidth = thick;
  paintCurve(pen, frame);
  pen.globalAlpha = alpha * 0.75;
  pen.lineWidth = width;
  if (frame.dashed) pen.setLineDash([4, 3]);
  box(pen, frame);
  pen.stroke();
  if (frame.dashed) pen.setLineDash([]);
  if (form === "both") {
    box(pen, frame, -3);
    pen.lineWidth = width / 2;
    pen.stroke();
  }
  if (form === "symbolic" || form === "both") paintFoot(pen, frame, palette);
}

function box(pen: Pen, { centre, side }: FrameMark, grow = 0): void {
  const radius = side < 24 ? 0 : Math.min(8, side * 0.07);
  const left = centre.x - side / 2 - grow;
  const top = centre.y - side / 2 - grow;
  pen.beginPath();
  if (radius + grow <= 0) pen.rect(left, top, side + 2 * grow, side + 2 * grow);
  else pen.roundRect(left, top, side + 2 * grow, side + 2 * grow, radius + grow);
}

/** A function stands on a bar: what tells it from a spline where there are no colours. */
function paintFoot(pen: Pen, { centre, side, alpha, ink }: FrameMark, palette: Palette): void {
  const height = Math.max(2, Math.min(4, side * 0.05));
  const inset = side < 48 ? 0 : Math.min(8, side * 0.07);
  pen.globalAlpha = Math.max(0.6, alpha);
  pen.fillStyle = palette[ink];
  pen.beginPath();
  pen.rect(centre.x - side / 2 + inset, centre.y + side / 2 - height, side - 2 * inset, height);
  pen.fill();
}

/** The ring of an edge that stands out: full when selected, dashed when chosen, wide when lit from elsewhere. */
export function paintHalo(pen: Pen, frame: FrameMark, palette: Palette): void {
  pen.fillStyle = palette.accent;
  pen.strokeStyle = palette.accent;
  if (frame.halo === "chosen") {
    pen.globalAlpha = 0.95;
    pen.lineWidth = 2;
    pen.setLineDash([6, 3]);
    box(pen, frame, 4);
    pen.stroke();
    pen.setLineDash([]);
    return;
  }
  pen.globalAlpha = frame.halo === "selected" ? 0.9 : 0.35;
  box(pen, frame, frame.halo === "pointed" ? 7 : frame.halo === "selected" ? 3 : 3.5);
  pen.fill();
  if (frame.halo !== "pointed") return;
  pen.globalAlpha = 0.9;
  pen.lineWidth = 1.5;
  pen.stroke();
}

/** Within the grid a full line; where it is extrapolated a dashed one. */
function paintCurve(pen: Pen, { curve, inside }: FrameMark): void {
  const last = curve.length / 2 - 1;
  const [first, end] = inside;
  if (end > first) {
    pen.beginPath();
    trace(pen, curve, first, end);
    pen.stroke();
  }
  if (first === 0 && end === last) return;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  traceOutside(pen, curve, inside);
  pen.stroke();
  pen.setLineDash([]);
}

/** The parts of a curve beyond its grid; all of it where the grid lies elsewhere. */
export function traceOutside(pen: Pen, curve: Float32Array, [first, end]: FrameMark["inside"]): void {
  const last = curve.length / 2 - 1;
  if (first >= end) trace(pen, curve, 0, last);
  else {
    if (first > 0) trace(pen, curve, 0, first);
    if (end < last) trace(pen, curve, end, last);
  }
}

export function trace(pen: Pen, points: Float32Array, first: number, last: number): void {
  pen.moveTo(points[2 * first], points[2 * first + 1]);
  for (let k = first + 1; k <= last; k++) pen.lineTo(points[2 * k], points[2 * k + 1]);
}

/** Where the data lie, as faint as the edge is. */
function paintBars(pen: Pen, { side, centre, alpha }: FrameMark, bars: Float32Array, palette: Palette): void {
  const left = centre.x - side * 0.44;
  const bottom = centre.y + side / 2 - 1;
  const width = (side * 0.88) / bars.length;
  pen.globalAlpha = 0.35 + 0.65 * alpha;
  pen.fillStyle = palette.bars;
  pen.beginPath();
  pen.moveTo(left, bottom);
  bars.forEach((bar, k) => {
    pen.lineTo(left + k * width, bottom - bar * side);
    pen.lineTo(left + (k + 1) * width, bottom - bar * side);
  });
  pen.lineTo(left + bars.length * width, bottom);
  pen.fill();
}

/** Lines where input and output are 0, and dotted ones at the ends of the grid. */
function paintAxes(pen: Pen, frame: FrameMark, palette: Palette): void {
  const { side, centre, zeroX, zeroY, grid, alpha } = frame;
  const left = centre.x - side / 2;
  const top = centre.y - side / 2;
  pen.globalAlpha = 0.4 + 0.6 * alpha;
  pen.strokeStyle = palette.grid;
  pen.lineWidth = 1;
  if (zeroX !== null || zeroY !== null) {
    pen.beginPath();
    if (zeroY !== null) {
      pen.moveTo(left, zeroY);
      pen.lineTo(left + side, zeroY);
    }
    if (zeroX !== null) {
      pen.moveTo(zeroX, top);
      pen.lineTo(zeroX, top + side);
    }
    pen.stroke();
  }
  const ends = grid.filter((x) => x !== null);
  if (ends.length === 0) return;
  pen.globalAlpha = 0.3 + 0.4 * alpha;
  pen.strokeStyle = palette.muted;
  pen.setLineDash([1, 3]);
  pen.beginPath();
  for (const x of ends) {
    pen.moveTo(x, top + 2);
    pen.lineTo(x, top + side - 2);
  }
  pen.stroke();
  pen.setLineDash([]);
}

/** Slanting lines over a frame whose edge would go. */
function paintHatching(pen: Pen, { centre, side }: FrameMark, palette: Palette): void {
  const left = centre.x - side / 2;
  const top = centre.y - side / 2;
  pen.globalAlpha = 0.45;
  pen.strokeStyle = palette.going;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let d = 3.5; d < 2 * side; d += 7) {
    const beyond = Math.max(0, d - side);
    pen.moveTo(left + beyond, top + d - beyond);
    pen.lineTo(left + d - beyond, top + beyond);
  }
  pen.stroke();
}

/** A padlock on the frame's corner, where it hides no curve. */
export function paintLock(pen: Pen, { centre, side }: FrameMark, palette: Palette): void {
  const x = centre.x + side / 2 - 1;
  const y = centre.y - side / 2 + 1;
  pen.globalAlpha = 1;
  pen.fillStyle = palette.paper;
  pen.beginPath();
  pen.arc(x, y, 7, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = palette.text;
  pen.strokeStyle = palette.text;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(x - 4, y - 1, 8, 6, 1.5);
  pen.fill();
  pen.beginPath();
  pen.arc(x, y - 1, 2.7, Math.PI, 0);
  pen.stroke();
}
