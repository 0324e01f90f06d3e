import { paint, paletteOf } from "./canvas.ts";
import type { FrameMark } from "./marks.ts";
import { svgOf } from "./svg.ts";

const SIDE = 26;
const MARGIN = 5;
/** The theme's colours by name, for what is part of the page. */
const palette = paletteOf((name) => `var(--kw-${name})`, "inherit");

/** A small frame as the canvas draws it, for the legend: painted by the same code. */
export function signOf(special: Partial<FrameMark>): string {
  const size = SIDE + 2 * MARGIN;
  const frame: FrameMark = {
    edge: 0,
    centre: { x: size / 2, y: size / 2 },
    side: SIDE,
    form: "numeric",
    ink: special.form ?? "numeric",
    alpha: 1,
    width: 1.5,
    dashed: special.form === "removed",
    hatched: false,
    halo: "none",
    locked: false,
    curve: wave(0, size),
    inside: [0, 12],
    ghost: null,
    bars: null,
    zeroX: null,
    zeroY: null,
    grid: [],
    ...special,
  };
  const marks = { size: { width: size, height: size }, links: [], frames: [frame], discs: [], labels: [] };
  return svgOf(marks.size, 'aria-hidden="true"', (pen) => paint(pen, marks, palette));
}

/** Thirteen points of a wave that fills the frame, shifted up by so much. */
export function wave(up: number, size = SIDE + 2 * MARGIN): Float32Array {
  return Float32Array.from({ length: 26 }, (_, n) => {
    const k = n >> 1;
    const x = (k / 6 - 1) * 0.44 * SIDE;
    return size / 2 + (n % 2 ? -up + Math.sin(0.3 + k / 1.9) * 0.3 * SIDE : x);
  });
}
