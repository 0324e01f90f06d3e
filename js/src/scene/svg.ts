import { type Palette, paintPage } from "./canvas.ts";
import { contextOf } from "./layer.ts";
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

/** The marks as one self-contained SVG, as the canvas shows them: painted by the same code. */
export function toSvg(marks: Marks, palette: Palette, size: Size, words: Words, measure?: Measure): string {
  const description = words.description ? `<desc>${escaped(words.description)}</desc>` : "";
  const head = `\n<title>${escaped(words.title)}</title>${description}`;
  const font = `font-family="${escaped(palette.font)}"`;
  const svg = (pen: Pen) => paintPage(pen, marks, palette);
  return `${svgOf(size, `role="img" ${font}`, svg, head, measure)}\n`;
}

/** What most texts have in common is said once, at the root. */
const WEIGHT = "500";
const ANCHOR = "middle";

/** An SVG of what is painted with a pen. */
export function svgOf(
  { width, height }: Size,
  attributes: string,
  paintWith: (pen: Pen) => void,
  head = "",
  measure = measured,
): string {
  const elements: string[] = [];
  paintWith(svgPen(elements, measure));
  const size = `width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}"`;
  const common = `stroke-linejoin="round" paint-order="stroke" font-weight="${WEIGHT}" text-anchor="${ANCHOR}"`;
  const start = `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${common} ${attributes}>${head}`;
  return [start, ...elements, "</svg>"].join("\n");
}

let ruler: CanvasRenderingContext2D | undefined;

/** As the page's own canvas measures it. */
const measured: Measure = (text, font) => {
  ruler ??= contextOf(document.createElement("canvas"));
  ruler.font = font;
  return ruler.measureText(text).width;
};

/** A pen that writes what it is told to paint as elements of SVG. */
function svgPen(elements: string[], measure: Measure): Pen {
  let path = "";
  /** The element of a path that is nothing but a circle or a round rectangle. */
  let figure = "";
  let [atX, atY] = [0, 0];
  let dashed = "";
  /** A text's outline, which becomes one element with the text. */
  let outline = "";
  const opacity = () => (pen.globalAlpha < 0.995 ? ` opacity="${short(pen.globalAlpha)}"` : "");
  const stroked = () => `stroke="${colour(pen.strokeStyle)}" stroke-width="${short(pen.lineWidth)}"`;
  const draw = (style: string) =>
    elements.push(`<${figure || `path d="${path}"`} fill=${style}${opacity()}/>`);
  const pen: Pen = {
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    globalAlpha: 1,
    font: "",
    textAlign: "center",
    lineJoin: "round",
    setLineDash(dashes) {
      dashed = dashes.length ? ` stroke-dasharray="${dashes.map(short).join(" ")}"` : "";
    },
    beginPath() {
      path = figure = "";
    },
    moveTo(x, y) {
      path += `M${pair(x, y)}`;
      [atX, atY] = [short(x), short(y)];
    },
    /** From where the last one ended, in whole hundredths so that roundings do not add up. */
    lineTo(x, y) {
      const [dx, dy] = [short(short(x) - atX), short(short(y) - atY)];
      path += `l${dx}${dy < 0 ? "" : ","}${dy}`;
      [atX, atY] = [short(x), short(y)];
    },
    bezierCurveTo(x1, y1, x2, y2, x, y) {
      path += `C${pair(x1, y1)} ${pair(x2, y2)} ${pair(x, y)}`;
    },
    rect(x, y, width, height) {
      path += `M${pair(x, y)}h${short(width)}v${short(height)}h${short(-width)}z`;
    },
    roundRect(x, y, width, height, radius) {
      const r = Math.min(radius, width / 2, height / 2);
      figure = `rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" rx="${short(r)}"`;
    },
    arc(x, y, radius, from, to) {
      if (to - from >= 2 * Math.PI) {
        figure = `circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}"`;
        return;
      }
      const at = (angle: number) => pair(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
      const half = (end: number) => `A${pair(radius, radius)} 0 0 1 ${at(end)}`;
      path += `M${at(from)}${half((from + to) / 2 + (to > from ? 0 : Math.PI))}${half(to)}`;
    },
    fill: () => draw(`"${colour(pen.fillStyle)}"`),
    stroke: () => draw(`"none" ${stroked()}${dashed}`),
    strokeText() {
      outline = ` ${stroked()}`;
    },
    fillText(text, x, y) {
      const { textAlign, fillStyle, font } = pen;
      const [weight, size] = font.split(/px| /);
      const anchor = { left: "start", right: "end" }[textAlign as string];
      const bold = weight === WEIGHT ? "" : ` font-weight="${weight}"`;
      const aligned = anchor ? ` text-anchor="${anchor}"` : "";
      const style = `font-size="${size}"${bold}${aligned} fill="${colour(fillStyle)}"${outline}${opacity()}`;
      elements.push(`<text x="${short(x)}" y="${short(y)}" ${style}>${escaped(text)}</text>`);
      outline = "";
    },
    measureText: (text) => ({ width: measure(text, pen.font) }),
  };
  return pen;
}

/** Programs that are no browsers know no `color(srgb …)`, which is how browsers give mixed colours. */
function colour(style: unknown): string {
  const [, ...parts] = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)/.exec(String(style)) ?? [];
  if (parts.length === 0) return escaped(String(style));
  return `rgb(${parts.map((part) => Math.round(255 * Number(part))).join(", ")})`;
}

function pair(x: number, y: number): string {
  return `${short(x)},${short(y)}`;
}

/** In whole hundredths. */
function short(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Fit for an attribute and for a text, without what XML 1.0 has no way to write. */
function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, " ").replace(/[&<>"]/g, (letter) => entities[letter]);
}
