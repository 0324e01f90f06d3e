import type { DiscMark, FrameMark, Ink, LabelMark, LinkMark, Marks } from "./marks.ts";

export type Palette = Record<Ink | "grid" | "bars", string> & { font: string };

/** Paints the marks; the context's transform already carries the device's pixel ratio. */
export function paint(ctx: CanvasRenderingContext2D, marks: Marks, palette: Palette): void {
  ctx.lineJoin = "round";
  ctx.lineCap = "butt";
  for (const link of marks.links) paintLink(ctx, link, palette);
  for (const frame of marks.frames) if (frame.halo === "none") paintFrame(ctx, frame, palette);
  for (const frame of marks.frames) if (frame.halo !== "none") paintFrame(ctx, frame, palette);
  for (const disc of marks.discs) paintDisc(ctx, disc, palette);
  for (const label of marks.labels) paintLabel(ctx, label, palette);
  ctx.globalAlpha = 1;
}

function paintLink(ctx: CanvasRenderingContext2D, link: LinkMark, palette: Palette): void {
  const { from, to } = link;
  const middle = (from.y + to.y) / 2;
  ctx.globalAlpha = link.alpha;
  ctx.strokeStyle = palette[link.ink];
  ctx.lineWidth = link.width;
  if (link.dashed) ctx.setLineDash([3, 4]);
  ctx.beginPath();
  ctx.moveTo(from.x, from.y);
  if (link.straight) ctx.lineTo(to.x, to.y);
  else ctx.bezierCurveTo(from.x, middle, to.x, middle, to.x, to.y);
  ctx.stroke();
  if (link.dashed) ctx.setLineDash([]);
}

function paintFrame(ctx: CanvasRenderingContext2D, frame: FrameMark, palette: Palette): void {
  const { side } = frame;
  const left = frame.centre.x - side / 2;
  const top = frame.centre.y - side / 2;
  const radius = side < 24 ? 0 : Math.min(8, side * 0.07);
  const box = (grow = 0) => {
    ctx.beginPath();
    if (radius + grow === 0) ctx.rect(left, top, side, side);
    else ctx.roundRect(left - grow, top - grow, side + 2 * grow, side + 2 * grow, radius + grow);
  };
  if (frame.halo !== "none") {
    const selected = frame.halo === "selected";
    ctx.globalAlpha = selected ? 0.9 : 0.35;
    ctx.fillStyle = palette.accent;
    box(selected ? 3 : 3.5);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.paper;
  box();
  ctx.fill();
  if (frame.bars) paintBars(ctx, frame, frame.bars, palette);
  if (frame.zeroY !== null) {
    ctx.strokeStyle = palette.grid;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(left, frame.zeroY);
    ctx.lineTo(left + side, frame.zeroY);
    ctx.stroke();
  }
  if (frame.hatched) paintHatching(ctx, left, top, side, palette);
  ctx.globalAlpha = frame.alpha;
  ctx.strokeStyle = palette[frame.ink];
  paintCurve(ctx, frame);
  ctx.globalAlpha = frame.alpha * 0.75;
  ctx.lineWidth = frame.width;
  if (frame.dashed) ctx.setLineDash([4, 3]);
  box();
  ctx.stroke();
  if (frame.dashed) ctx.setLineDash([]);
  if (frame.locked && side >= 24) paintLock(ctx, left + side - 1, top + 1, palette);
}

function paintCurve(ctx: CanvasRenderingContext2D, { curve, side }: FrameMark): void {
  ctx.lineWidth = Math.max(1, Math.min(2.5, side / 34));
  ctx.beginPath();
  ctx.moveTo(curve[0], curve[1]);
  for (let k = 2; k < curve.length; k += 2) ctx.lineTo(curve[k], curve[k + 1]);
  ctx.stroke();
}

function paintBars(
  ctx: CanvasRenderingContext2D,
  frame: FrameMark,
  bars: Float32Array,
  palette: Palette,
): void {
  const { side, centre } = frame;
  const left = centre.x - side * 0.44;
  const bottom = centre.y + side / 2 - 1;
  const width = (side * 0.88) / bars.length;
  ctx.fillStyle = palette.bars;
  for (let k = 0; k < bars.length; k++) {
    ctx.fillRect(left + k * width, bottom - bars[k] * side, width + 0.3, bars[k] * side);
  }
}

function paintHatching(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  side: number,
  palette: Palette,
) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, side, side);
  ctx.clip();
  ctx.globalAlpha = 0.45;
  ctx.strokeStyle = palette.going;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let d = 0; d < 2 * side; d += 7) {
    ctx.moveTo(left + d - side, top + side);
    ctx.lineTo(left + d, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A padlock on the frame's corner, where it hides no curve. */
function paintLock(ctx: CanvasRenderingContext2D, x: number, y: number, palette: Palette): void {
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.paper;
  ctx.beginPath();
  ctx.arc(x, y, 7, 0, 2 * Math.PI);
  ctx.fill();
  ctx.fillStyle = palette.text;
  ctx.strokeStyle = palette.text;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.roundRect(x - 4, y - 1, 8, 6, 1.5);
  ctx.fill();
  ctx.beginPath();
  ctx.arc(x, y - 1, 2.7, Math.PI, 0);
  ctx.stroke();
}

function paintDisc(ctx: CanvasRenderingContext2D, disc: DiscMark, palette: Palette): void {
  const { x, y } = disc.centre;
  const circle = (radius: number) => {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  };
  if (disc.halo) {
    ctx.globalAlpha = 0.35;
    ctx.fillStyle = palette.accent;
    circle(disc.radius + 5);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
  ctx.fillStyle = disc.hollow || disc.cross ? palette.paper : palette[disc.ink];
  circle(disc.radius);
  ctx.fill();
  if (!disc.hollow && !disc.cross) return;
  ctx.strokeStyle = palette[disc.ink];
  ctx.lineWidth = disc.cross ? Math.max(1.25, disc.radius / 6) : 1.25;
  if (disc.hollow) ctx.setLineDash([2, 2]);
  ctx.stroke();
  if (disc.hollow) ctx.setLineDash([]);
  if (!disc.cross) return;
  const arm = 0.5 * disc.radius;
  ctx.beginPath();
  ctx.moveTo(x - arm, y - arm);
  ctx.lineTo(x + arm, y + arm);
  ctx.moveTo(x - arm, y + arm);
  ctx.lineTo(x + arm, y - arm);
  ctx.stroke();
}

function paintLabel(ctx: CanvasRenderingContext2D, label: LabelMark, palette: Palette): void {
  ctx.font = `${label.pill ? 600 : 500} ${label.size}px ${palette.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const text = cut(ctx, label.text, label.room);
  const { x, y } = label.at;
  ctx.globalAlpha = label.alpha;
  if (label.pill) {
    const width = ctx.measureText(text).width + 12;
    const height = label.size + 6;
    ctx.fillStyle = palette[label.pill];
    ctx.beginPath();
    ctx.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
    ctx.fill();
  } else {
    ctx.strokeStyle = palette.paper;
    ctx.lineWidth = 4;
    ctx.strokeText(text, x, y);
  }
  ctx.fillStyle = palette[label.ink];
  ctx.fillText(text, x, y + 0.5);
}

function cut(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let kept = text.length - 1;
  while (kept > 1 && ctx.measureText(`${text.slice(0, kept)}…`).width > room) kept--;
  return `${text.slice(0, kept)}…`;
}
