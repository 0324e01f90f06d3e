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

/** The last training alone, and what was done since it began. */
export function burstOf(losses: Losses): Losses {
  const first = losses.burst ?? 0;
  const from = losses.step.findIndex((step) => step >= first);
  if (from <= 0) return losses;
  const { step, train, val, penalty } = losses;
  return {
    step: step.slice(from),
    train: train.slice(from),
    val: val.slice(from),
    penalty: penalty?.slice(from),
    events: losses.events.filter((event) => event.step >= first),
    burst: first,
  };
}

/** Where a value lies between the ends of an axis, from 0 to 1; null where it has no place. */
export interface Axis {
  lo: number;
  hi: number;
  place: (value: number | null) => number | null;
}

/** An axis on which all these points have their place. */
export function lossAxis(points: Point[], logarithmic: boolean): Axis {
  let [lo, hi] = [Number.POSITIVE_INFINITY, 0];
  for (const value of points.flatMap((point) => SERIES.map((series) => point[series] ?? 0))) {
    if (!(value > 0 && Number.isFinite(value))) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  if (logarithmic) [lo, hi] = hi === 0 ? [1 / 1.15, 1.15] : [lo / 1.15, hi * 1.15];
  else [lo, hi] = [0, (hi || Number.MIN_VALUE) * 1.05];
  const share = (value: number) => (logarithmic ? Math.log(value / lo) / Math.log(hi / lo) : value / hi);
  const hasPlace = (value: number | null): value is number =>
    value !== null && Number.isFinite(value) && (logarithmic ? value > 0 : value >= 0);
  return { lo, hi, place: (value) => (hasPlace(value) ? share(value) : null) };
}
