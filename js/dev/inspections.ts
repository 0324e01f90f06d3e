import type { Inspection } from "../src/commands.ts";
import type { EdgeIndex } from "../src/protocol.ts";

const GRID = 5;
const ORDER = 3;

/** The cubic B-spline on whole numbers, centred at 0. */
function bump(u: number): number {
  const v = Math.abs(u);
  if (v < 1) return (4 - 6 * v ** 2 + 3 * v ** 3) / 6;
  return v < 2 ? (2 - v) ** 3 / 6 : 0;
}

/** What a session might say of an edge that is sin(πx) on [-1, 1], with a grid somewhat wider than the data. */
export function inspected(edge: EdgeIndex, more: Partial<Inspection> = {}): Inspection {
  const x = Array.from({ length: 121 }, (_, k) => Number((-1.2 + (2.4 * k) / 120).toFixed(4)));
  const width = 2.4 / GRID;
  const at = (g: number) => -1.2 + (g - (ORDER - 1) / 2) * width;
  const noise = (k: number) => 0.12 * Math.sin(12.9898 * k) * Math.cos(4.1 * k);
  const samples = Array.from({ length: 90 }, (_, k) => -1 + (2 * ((k * 37) % 90)) / 89);
  return {
    edge,
    kind: 1,
    locked: false,
    data: [-1, 1],
    grid: [-1.2, 1.2],
    x,
    y: x.map((v) => Math.sin(Math.PI * v)),
    slope: x.map((v) => Math.PI * Math.cos(Math.PI * v)),
    density: Array.from({ length: 40 }, (_, k) => 20 + 15 * Math.sin(k / 4)),
    samples: {
      x: samples,
      y: samples.map((v) => Math.sin(Math.PI * v)),
      wanted: samples.map((v, k) => Math.sin(Math.PI * v) + noise(k)),
    },
    knots: Array.from({ length: GRID + 1 }, (_, k) => -1.2 + k * width),
    points: Array.from({ length: GRID + ORDER }, (_, g) => ({
      x: at(g),
      y: 1.2 * Math.sin(Math.PI * at(g)),
      first: 0,
      basis: x.map((v) => bump((v - at(g)) / width)),
    })),
    function: "",
    latex: "",
    constants: [],
    r2: null,
    warnings: [],
    ...more,
  };
}

/** The same of an edge that has become a function. */
export function inspectedSymbolic(edge: EdgeIndex, name: string, locked: readonly string[] = []): Inspection {
  const texts = { a: "3.141", b: "-0.0003", c: "1.002", d: "0" };
  return inspected(edge, {
    kind: 2,
    function: name,
    latex: `1.002\\,\\operatorname{${name.replace("^", "")}}(3.141\\,x - 0.0003)`,
    r2: 0.9999968,
    constants: Object.entries(texts).map(([letter, text]) => ({
      name: letter,
      value: Number(text),
      text,
      locked: locked.includes(letter),
    })),
    warnings: name === "1/x" ? ["has no finite value at x = 1.02, 1% of the range away from the data"] : [],
  });
}
