import { paintFrame, paintHalo, paintLock } from "./frames.ts";
import type { DiscMark, FrameMark, Ink, LabelMark, LinkMark, Marks } from "./marks.ts";
import { BASELINE, cut, type Pen } from "./pen.ts";
import { paintTiny, TINY } from "./tiny.ts";

type Colour = Ink | "grid" | "bars";

export type Palette = Record<Colour, string> & { font: string };

const COLOURS: readonly Colour[] = [
  "numeric",
  "symbolic",
  "both",
  "removed",
  "going",
  "accent",
  "text",
  "muted",
  "paper",
  "grid",
  "bars",
];

/** All colours, each asked for by its name. */
export function paletteOf(colour: (name: Colour) => string, font: string): Palette {
  const colours = Object.fromEntries(COLOURS.map((name) => [name, colour(name)]));
  return { ...(colours as Record<Colour, string>), font };
}

/** Paints the marks; a canvas's transform already carries the device's pixel ratio. */
export function paint(pen: Pen, marks: Marks, palette: Palette): void {
  pen.lineJoin = "round";
  paintLinks(pen, marks.links, palette);
  const tiny: FrameMark[] = [];
  const framed: FrameMark[] = [];
  const raised: FrameMark[] = [];
  for (const frame of marks.frames) {
    (frame.halo !== "none" ? raised : frame.side < TINY ? tiny : framed).push(frame);
  }
  paintTiny(pen, tiny, palette);
  for (const frame of framed) paintFrame(pen, frame, palette);
  for (const frame of raised) {
    paintHalo(pen, frame, palette);
    if (frame.side < TINY) paintTiny(pen, [frame], palette);
    else paintFrame(pen, frame, palette);
  }
  for (const frame of marks.frames) if (frame.locked && frame.side >= TINY) paintLock(pen, frame, palette);
  for (const disc of marks.discs) paintDisc(pen, disc, palette);
  for (const label of marks.labels) paintLabel(pen, label, palette, marks.size.width);
  pen.globalAlpha = 1;
}

/** Links of one look are one stroke, the faint ones first: hundreds that cross stay calm, and are quick. */
function paintLinks(pen: Pen, links: LinkMark[], palette: Palette): void {
  const looks = new Map<string, LinkMark[]>();
  for (const link of links) {
    const key = `${link.ink} ${Math.round(link.alpha * 20)} ${link.width} ${link.dashed}`;
    const same = looks.get(key);
    if (same) same.push(link);
    else looks.set(key, [link]);
  }
  const groups = [...looks.values()].sort((a, b) => rank(a[0]) - rank(b[0]));
  for (const group of groups) {
    const [{ ink, alpha, width, dashed }] = group;
    pen.globalAlpha = alpha;
    pen.strokeStyle = palette[ink];
    pen.lineWidth = width;
    if (dashed) pen.setLineDash([3, 4]);
    pen.beginPath();
    for (const { from, to, straight } of group) {
      const middle = (from.y + to.y) / 2;
      pen.moveTo(from.x, from.y);
      if (straight) pen.lineTo(to.x, to.y);
      else pen.bezierCurveTo(from.x, middle, to.x, middle, to.x, to.y);
    }
    pen.stroke();
    if (dashed) pen.setLineDash([]);
  }
}

function rank({ ink, alpha }: LinkMark): number {
  return ink === "accent" ? 2 : alpha;
}

function paintDisc(pen: Pen, disc: DiscMark, palette: Palette): void {
  const { x, y } = disc.centre;
  const circle = (radius: number) => {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
  };
  if (disc.halo) {
    pen.globalAlpha = 0.35;
    pen.fillStyle = palette.accent;
    circle(disc.radius + 5);
    pen.fill();
  }
  pen.globalAlpha = 1;
  pen.fillStyle = disc.hollow || disc.cross ? palette.paper : palette[disc.ink];
  circle(disc.radius);
  pen.fill();
  if (!disc.hollow && !disc.cross) return;
  pen.strokeStyle = palette[disc.ink];
  pen.lineWidth = disc.cross ? Math.max(1.25, disc.radius / 6) : 1.25;
  if (disc.hollow) pen.setLineDash([2, 2]);
  pen.stroke();
  if (disc.hollow) pen.setLineDash([]);
  if (!disc.cross) return;
  const arm = 0.5 * disc.radius;
  pen.beginPath();
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  pen.moveTo(x - arm, y + arm);
  pen.lineTo(x + arm, y - arm);
  pen.stroke();
}

/** A text, cut to its room and kept within the picture. */
function paintLabel(pen: Pen, label: LabelMark, palette: Palette, within: number): void {
  const { align, size } = label;
  pen.font = `${label.pill ? 600 : 500} ${size}px ${palette.font}`;
  pen.textAlign = align;
  const whole = label.whole && pen.measureText(label.text).width > label.room;
  const pill = whole ? "text" : label.pill;
  const room = Math.min(whole ? within : label.room, within - 16);
  const text = cut(pen, label.text, pill ? room - 12 : room);
  const width = pen.measureText(text).width;
  const { y } = label.at;
  let { x } = label.at;
  if (align === "center" && !label.pill && x > 0 && x < within) {
    const half = width / 2 + 8;
    x = Math.max(half, Math.min(within - half, x));
  }
  const baseline = y + BASELINE * size;
  pen.globalAlpha = label.alpha;
  if (pill) {
    const height = size + 6;
    pen.fillStyle = palette[pill];
    pen.beginPath();
    pen.roundRect(x - width / 2 - 6, y - height / 2, width + 12, height, height / 2);
    pen.fill();
  } else {
    pen.strokeStyle = palette.paper;
    pen.lineWidth = Math.min(4, size / 3.5);
    pen.strokeText(text, x, baseline);
  }
  pen.fillStyle = palette[whole ? "paper" : label.ink];
  pen.fillText(text, x, baseline);
}
