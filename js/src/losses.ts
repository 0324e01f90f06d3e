import type { Losses } from "./model.ts";

export const SERIES = ["val", "penalty", "train"] as const;
export type Series = (typeof SERIES)[number];

/** The losses at the end of a step. */
export interface Point {
  step: number;
  train: number | null;
  val: number | null;
  penalty: number | null;
}

export function pointsOf({ step, train, val, penalty }: Losses): Point[] {
  return step.map((each, k) => ({ step: each, train: train[k], val: val[k], penalty: penalty?.[k] ?? null }));
}

export function lossOf(point: Point, series: Series): number | null {
  return point[series];
}

/** The last training alone, and what was done since it began. */
export function burstOf(losses: Losses): Losses {
  const first = losses.burst ?? 0;
  const from = losses.step.findIndex((step) => step >= first);
  if (from <= 0) return losses;
  return {
    step: losses.step.slice(from),
    train: losses.train.slice(from),
    val: losses.val.slice(from),
    penalty: losses.penalty?.slice(from),
    events: losses.events.filter(({ step }) => step >= first),
    burst: first,
  };
}

/** Where a value lies between the ends of an axis, from 0 to 1; null where it has no place. */
export interface Axis {
  lo: number;
  hi: number;
  logarithmic: boolean;
  place: (value: number | null) => number | null;
}

/** An axis on which all these points have their place. */
export function lossAxis(points: Point[], logarithmic: boolean): Axis {
  let lo = Number.POSITIVE_INFINITY;
  let hi = logarithmic ? 0 : Number.MIN_VALUE;
  for (const point of points) {
    for (const series of SERIES) {
      const value = lossOf(point, series);
      if (value === null || !Number.isFinite(value) || value <= 0) continue;
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
  }
  if (!logarithmic) {
    const most = hi * 1.05;
    return {
      lo: 0,
      hi: most,
      logarithmic,
      place: (value) => (value !== null && value >= 0 && Number.isFinite(value) ? value / most : null),
    };
  }
  if (hi === 0) [lo, hi] = [1, 1];
  lo /= 1.15;
  hi *= 1.15;
  const span = Math.log(Math.max(1.001, hi / lo));
  return {
    lo,
    hi,
    logarithmic,
    place: (value) =>
      value !== null && value > 0 && Number.isFinite(value) ? Math.log(value / lo) / span : null,
  };
}
