/** What a renderer of the marks must be able to do: the part of a 2D canvas that they need. */
export interface Pen {
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  lineJoin: CanvasLineJoin;
  setLineDash(dashes: number[]): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  roundRect(x: number, y: number, width: number, height: number, radius: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  fill(): void;
  stroke(): void;
  fillText(text: string, x: number, y: number): void;
  strokeText(text: string, x: number, y: number): void;
  measureText(text: string): { width: number };
}

/** From x0, y0 to x1, y1. */
export type Line = readonly [x0: number, y0: number, x1: number, y1: number];

/** Fills what is traced. */
export function fill(pen: Pen, colour: string, alpha: number, trace: () => void): void {
  pen.globalAlpha = alpha;
  pen.fillStyle = colour;
  pen.beginPath();
  trace();
  pen.fill();
}

/** Strokes what is traced. */
export function stroke(
  pen: Pen,
  colour: string,
  alpha: number,
  width: number,
  trace: () => void,
  dashes: number[] = [],
): void {
  pen.globalAlpha = alpha;
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dashes);
  pen.beginPath();
  trace();
  pen.stroke();
  pen.setLineDash([]);
}

/** Strokes straight lines; none leave nothing. */
export function strokeLines(
  pen: Pen,
  colour: string,
  alpha: number,
  width: number,
  lines: readonly Line[],
  dashes?: number[],
): void {
  const trace = () => {
    for (const [x0, y0, x1, y1] of lines) {
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
    }
  };
  if (lines.length > 0) stroke(pen, colour, alpha, width, trace, dashes);
}

/** Marks of the same look, which are painted together, in an order. */
export function alike<T>(marks: T[], look: (mark: T) => string, rank: (mark: T) => number): T[][] {
  const looks = new Map<string, T[]>();
  for (const mark of marks) {
    const key = look(mark);
    const same = looks.get(key);
    if (same) same.push(mark);
    else looks.set(key, [mark]);
  }
  return [...looks.values()].sort(([a], [b]) => rank(a) - rank(b));
}

/** From the middle of a line of text down to its baseline, in parts of its size. */
export const BASELINE = 0.35;

/** A text that fits into its room, by leaving out its end. */
export function cut(pen: Pen, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  let kept = text.length - 1;
  while (kept > 1 && pen.measureText(`${text.slice(0, kept)}…`).width > room) kept--;
  return `${text.slice(0, kept)}…`;
}
