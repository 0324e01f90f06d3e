import { type Palette, paint } from "./canvas.ts";
import type { Size } from "./layout.ts";
import type { Marks } from "./marks.ts";
import type { Pen } from "./pen.ts";

/** What a reader hears of a picture in place of seeing it. */
export interface Words {
  title: string;
  description?: string;
}

/** The width of a text in CSS pixels. */
export type Measure = (text: string, font: string) => number;

/**
 * The marks as one self-contained SVG, as the canvas shows them: painted by the same code.
 * `measure` is the page's own where there is a page with a canvas.
 */
export function toSvg(
  marks: Marks,
  palette: Palette,
  size: Size,
  words: Words = { title: "Kolmogorov-Arnold network" },
  measure: Measure = measurer(),
): string {
  const description = words.description ? `<desc>${escaped(words.description)}</desc>` : "";
  const head = `\n<title>${escaped(words.title)}</title>${description}`;
  const font = `font-family="${escaped(palette.font)}"`;
  const svg = (pen: Pen) => {
    pen.fillStyle = palette.paper;
    pen.beginPath();
    pen.rect(0, 0, size.width, size.height);
    pen.fill();
    paint(pen, marks, palette);
  };
  return `${svgOf(size, `role="img" ${font}`, svg, head, measure)}\n`;
}

/** What most texts have in common is said once, at the root. */
const COMMON = { weight: "500", anchor: "middle" };

/** An SVG of what is painted with a pen. */
export function svgOf(
  { width, height }: Size,
  attributes: string,
  paintWith: (pen: Pen) => void,
  head = "",
  measure: Measure = estimated,
): string {
  const pen = new SvgPen(measure);
  paintWith(pen);
  const size = `width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}"`;
  const common = `stroke-linejoin="round" paint-order="stroke" font-weight="${COMMON.weight}" text-anchor="${COMMON.anchor}"`;
  const start = `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${common} ${attributes}>${head}`;
  return [start, ...pen.elements, "</svg>"].join("\n");
}

/** Widths in fonts without serifs, good enough where no canvas can tell. */
export const estimated: Measure = (text, font) => {
  const size = Number(/([\d.]+)px/.exec(font)?.[1] ?? 12);
  let width = 0;
  for (const letter of text) width += NARROW.test(letter) ? 0.3 : WIDE.test(letter) ? 0.9 : 0.57;
  return width * size * (font.startsWith("600") ? 1.08 : 1);
};

const NARROW = /[ijl|.,:;'!()[\]tfI1₁¹ ]/u;
const WIDE = /[mwMW@%…\u2E80-\uFFFF]|\p{Extended_Pictographic}/u;

function measurer(): Measure {
  const ctx = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d");
  if (!ctx) return estimated;
  return (text, font) => {
    ctx.font = font;
    return ctx.measureText(text).width;
  };
}

/** Writes what it is told to paint as elements of SVG. */
class SvgPen implements Pen {
  readonly elements: string[] = [];
  fillStyle: unknown = "#000";
  strokeStyle: unknown = "#000";
  lineWidth = 1;
  globalAlpha = 1;
  font = "";
  textAlign: CanvasTextAlign = "center";
  lineJoin: CanvasLineJoin = "round";
  private path = "";
  private only = "";
  private at: readonly [x: number, y: number] = [0, 0];
  private dashes = "";
  /** A text's outline, which becomes one element with the text. */
  private outline = "";

  constructor(private readonly measure: Measure) {}

  setLineDash(dashes: number[]): void {
    this.dashes = dashes.length ? ` stroke-dasharray="${dashes.map(short).join(" ")}"` : "";
  }

  beginPath(): void {
    this.path = "";
    this.only = "";
  }

  moveTo(x: number, y: number): void {
    this.add(`M${pair(x, y)}`);
    this.at = [hundredths(x), hundredths(y)];
  }

  /** From where the last one ended, in whole hundredths so that roundings do not add up. */
  lineTo(x: number, y: number): void {
    const [fromX, fromY] = this.at;
    this.at = [hundredths(x), hundredths(y)];
    const dy = short((this.at[1] - fromY) / 100);
    this.add(`l${short((this.at[0] - fromX) / 100)}${dy.startsWith("-") ? "" : ","}${dy}`);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.add(`C${pair(x1, y1)} ${pair(x2, y2)} ${pair(x, y)}`);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.add(`M${pair(x, y)}h${short(width)}v${short(height)}h${short(-width)}z`);
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    const r = Math.min(radius, width / 2, height / 2);
    const turn = (dx: number, dy: number) => `a${pair(r, r)} 0 0 1 ${pair(dx, dy)}`;
    const [across, down] = [short(width - 2 * r), short(height - 2 * r)];
    const sides = `h${across}${turn(r, r)}v${down}${turn(-r, r)}h-${across}${turn(-r, -r)}v-${down}${turn(r, -r)}z`;
    const box = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    this.add(`M${pair(x + r, y)}${sides}`, `rect ${box} rx="${short(r)}"`);
  }

  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const at = (angle: number) => pair(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    const half = (end: number) => `A${pair(radius, radius)} 0 0 1 ${at(end)}`;
    const turn = to > from ? to - from : to - from + 2 * Math.PI;
    const circle = `circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}"`;
    this.add(`M${at(from)}${half(from + turn / 2)}${half(to)}`, turn >= 2 * Math.PI ? circle : "");
  }

  fill(): void {
    this.elements.push(`<${this.figure} fill="${colour(this.fillStyle)}"${this.opacity()}/>`);
  }

  stroke(): void {
    this.elements.push(`<${this.figure} fill="none" ${this.stroked()}${this.dashes}${this.opacity()}/>`);
  }

  /** What a path goes on with; `only` is the shorter element where it is all of the path. */
  private add(part: string, only = ""): void {
    this.only = this.path ? "" : only;
    this.path += part;
  }

  private get figure(): string {
    return this.only || `path d="${this.path}"`;
  }

  strokeText(): void {
    this.outline = ` ${this.stroked()}`;
  }

  fillText(text: string, x: number, y: number): void {
    const [, weight, size] = /(\d+) ([\d.]+)px/.exec(this.font) ?? ["", "400", "12"];
    const anchor = { left: "start", right: "end", start: "start", end: "end", center: "middle" }[
      this.textAlign
    ];
    const bold = weight === COMMON.weight ? "" : ` font-weight="${weight}"`;
    const aligned = anchor === COMMON.anchor ? "" : ` text-anchor="${anchor}"`;
    const style = `font-size="${size}"${bold}${aligned}`;
    const fill = `fill="${colour(this.fillStyle)}"${this.outline}${this.opacity()}`;
    this.elements.push(`<text x="${short(x)}" y="${short(y)}" ${style} ${fill}>${escaped(text)}</text>`);
    this.outline = "";
  }

  measureText(text: string): { width: number } {
    return { width: this.measure(text, this.font) };
  }

  private stroked(): string {
    return `stroke="${colour(this.strokeStyle)}" stroke-width="${short(this.lineWidth)}"`;
  }

  private opacity(): string {
    return this.globalAlpha < 0.995 ? ` opacity="${short(this.globalAlpha)}"` : "";
  }
}

/** Programs that are no browsers know no `color(srgb …)`, which is how browsers give mixed colours. */
function colour(style: unknown): string {
  const parts = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)/.exec(String(style));
  if (!parts) return escaped(String(style));
  return `rgb(${parts
    .slice(1)
    .map((part) => Math.round(255 * Number(part)))
    .join(", ")})`;
}

function pair(x: number, y: number): string {
  return `${short(x)},${short(y)}`;
}

function hundredths(value: number): number {
  return Math.round(value * 100);
}

function short(value: number): string {
  return String(hundredths(value) / 100);
}

/** Fit for an attribute and for a text, without what XML 1.0 has no way to write. */
function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, " ").replace(/[&<>"]/g, (letter) => entities[letter]);
}
