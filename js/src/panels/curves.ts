import type { ControlPoint, Values } from "../commands.ts";

export interface Range {
  lo: number;
  hi: number;
}

/** What turns numbers into places on the paper. */
export type Scale = (value: number) => number;

/** The range of all numbers there are; its ends are the wrong way round where there are none. */
export function extent(...all: ArrayLike<number | null>[]): Range {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of all) {
    for (let k = 0; k < values.length; k++) {
      const value = values[k];
      if (value === null || !Number.isFinite(value)) continue;
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
  }
  return { lo, hi };
}

/** A range that holds all values, with a little room; where they are all the same, some around it. */
export function padded(...all: ArrayLike<number | null>[]): Range {
  const { lo, hi } = extent(...all);
  if (!(lo <= hi)) return { lo: -1, hi: 1 };
  const flat = hi - lo <= 1e-9 * Math.max(Math.abs(lo), 1e-3);
  const pad = flat ? Math.max(Math.abs(lo) * 0.1, 1e-3) : (hi - lo) * 0.08;
  return { lo: lo - pad, hi: hi + pad };
}

/** The values without the most extreme twentieth on either side. */
export function middle(values: Values): number[] {
  const sorted = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 20);
  return sorted.slice(cut, sorted.length - cut);
}

export function linear({ lo, hi }: Range, from: number, to: number): Scale {
  const rate = (to - from) / (hi - lo || 1);
  return (value) => from + (value - lo) * rate;
}

/** A scale on which equal ratios take equal room. */
export function logarithmic({ lo, hi }: Range, from: number, to: number): Scale {
  const scale = linear({ lo: Math.log(lo), hi: Math.log(hi) }, from, to);
  return (value) => scale(Math.log(value));
}

/**
 * A line through points; what has no place on the paper interrupts it, and so does a jump over `jump` on the paper,
 * from one side of a pole to the other.
 */
export function polyline(
  x: ArrayLike<number>,
  y: ArrayLike<number | null>,
  toX: Scale,
  toY: Scale,
  jump = Number.POSITIVE_INFINITY,
): string {
  let path = "";
  let before = Number.NaN;
  for (let k = 0; k < x.length; k++) {
    const value = y[k];
    const at = Number.isFinite(value) ? toY(value as number) : Number.NaN;
    if (Number.isFinite(at))
      path += `${Math.abs(at - before) < jump ? "L" : "M"}${toX(x[k]).toFixed(1)} ${at.toFixed(1)}`;
    before = at;
  }
  return path;
}

/** The curve after a point has been raised: a linear combination of numbers that are there. */
export function raised(y: Values, point: ControlPoint, by: number): Values {
  const changed = [...y];
  point.basis.forEach((share, k) => {
    const value = changed[point.first + k];
    if (value !== null) changed[point.first + k] = value + by * share;
  });
  return changed;
}
