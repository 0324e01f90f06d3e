import { clamp } from "../scale.ts";
import { paintFrame, paintHalo, paintLock } from "./frames.ts";
import type { DiscMark, FrameMark, LabelMark, LinkMark, Marks } from "./marks.ts";
import { alike, BASELINE, cut, fill, type Line, type Pen, stroke, strokeLines } from "./pen.ts";
import { paintTiny, TINY } from "./tiny.ts";

const COLOURS = [
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
] as const;

type Colour = (typeof COLOURS)[number];

export type Palette = Record<Colour, string> & { font: string };

/** All colours, each asked for by its name. */
export function paletteOf(colour: (name: Colour) => string, font: string): Palette {
  const colours = Object.fromEntries(COLOURS.map((name) => [name, colour(name)]));
  return { ...(colours as Record<Colour, string>), font };
}

/** Paints the marks on the theme's paper. */
export function paintPage(pen: Pen, marks: Marks, palette: Palette): void {
  fill(pen, palette.paper, 1, () => pen.rect(0, 0, marks.size.width, marks.size.height));
  paint(pen, marks, palette);
}

/** Paints the marks; a canvas's transform already carries the device's pixel ratio. */
export function paint(pen: Pen, { links, frames, discs, labels, size }: Marks, palette: Palette): void {
  const isTiny = ({ side }: FrameMark) => side < TINY;
  const isLarge = ({ side }: FrameMark) => side >= TINY;
  const calm = frames.filter(({ halo }) => halo === "none");
  pen.lineJoin = "round";
  paintLinks(pen, links, palette);
  paintTiny(pen, calm.filter(isTiny), palette);
  for (const frame of calm.filter(isLarge)) paintFrame(pen, frame, palette);
  for (const frame of frames) {
    if (frame.halo === "none") continue;
    paintHalo(pen, frame, palette);
    if (isTiny(frame)) paintTiny(pen, [frame], palette);
    else paintFrame(pen, frame, palette);
  }
  for (const frame of frames.filter(isLarge)) if (frame.locked) paintLock(pen, frame, palette);
  for (const disc of discs) paintDisc(pen, disc, palette);
  for (const label of labels) paintLabel(pen, label, palette, size.width);
  pen.globalAlpha = 1;
}

/** Links of one look are one stroke, the faint ones first: hundreds that cross stay calm, and are quick. */
function paintLinks(pen: Pen, links: LinkMark[], palette: Palette): void {
  const look = ({ ink, alpha, width, dashed }: LinkMark) =>
    `${ink} ${Math.round(alpha * 20)} ${width} ${dashed}`;
  for (const group of alike(links, look, ({ ink, alpha }) => (ink === "accent" ? 2 : alpha))) {
    const [{ ink, alpha, width, dashed }] = group;
    const trace = () => {
      for (const { from, to, straight } of group) {
        const middle = (from.y + to.y) / 2;
        pen.moveTo(from.x, from.y);
        if (straight) pen.lineTo(to.x, to.y);
        else pen.bezierCurveTo(from.x, middle, to.x, middle, to.x, to.y);
      }
    };
    stroke(pen, palette[ink], alpha, width, trace, dashed ? [3, 4] : []);
  }
}

function paintDisc(pen: Pen, { centre, radius, ink, hollow, cross, halo }: DiscMark, palette: Palette): void {
  const { x, y } = centre;
  const circle = (r: number) => () => pen.arc(x, y, r, 0, 2 * Math.PI);
  if (halo) fill(pen, palette.accent, 0.35, circle(radius + 5));
  fill(pen, palette[hollow || cross ? "paper" : ink], 1, circle(radius));
  if (!hollow && !cross) return;
  const width = cross ? Math.max(1.25, radius / 6) : 1.25;
  stroke(pen, palette[ink], 1, width, circle(radius), hollow ? [2, 2] : []);
  const arm = 0.5 * radius;
  const [left, right, top, bottom] = [x - arm, x + arm, y - arm, y + arm];
  const sign: Line[] = [
    [left, top, right, bottom],
    [left, bottom, right, top],
  ];
  if (cross) strokeLines(pen, palette[ink], 1, width, sign);
}

/** A text, cut to its room and kept within the picture. */
function paintLabel(pen: Pen, label: LabelMark, palette: Palette, within: number): void {
  const { align, size, alpha, at } = label;
  pen.font = `${label.pill ? 600 : 500} ${size}px ${palette.font}`;
  pen.textAlign = align;
  const whole = label.whole && pen.measureText(label.text).width > label.room;
  const pill = whole ? "text" : label.pill;
  const room = Math.min(whole ? within : label.room, within - 16);
  const text = cut(pen, label.text, pill ? room - 12 : room);
  const half = pen.measureText(text).width / 2;
  const { y } = at;
  let { x } = at;
  if (align === "center" && !label.pill && x > 0 && x < within) {
    x = clamp(x, half + 8, within - half - 8);
  }
  const baseline = y + BASELINE * size;
  if (pill) {
    const height = size + 6;
    fill(pen, palette[pill], alpha, () =>
      pen.roundRect(x - half - 6, y - height / 2, 2 * half + 12, height, height / 2),
    );
  } else {
    pen.globalAlpha = alpha;
    pen.strokeStyle = palette.paper;
    pen.lineWidth = Math.min(4, size / 3.5);
    pen.strokeText(text, x, baseline);
  }
  pen.fillStyle = palette[whole ? "paper" : label.ink];
  pen.fillText(text, x, baseline);
}
