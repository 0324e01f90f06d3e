/** A slider whose positions are powers of ten, with zero as its left-most position. */
export interface LogScale {
  min: number;
  max: number;
  step: number;
}

const STEP = 0.01;

/** Positions from `lowest` to `highest` (both above 0) in hundredths of a decade; one more, at the left, is 0. */
export function logScale(lowest: number, highest: number): LogScale {
  const first = Math.round(Math.log10(lowest) / STEP) * STEP;
  const last = Math.ceil(Math.log10(Math.max(highest, lowest * 10)) / STEP) * STEP;
  return { min: round(first - 0.1), max: round(last), step: STEP };
}

export function valueAt(scale: LogScale, position: number): number {
  return position <= scale.min + STEP / 2 ? 0 : Number((10 ** position).toPrecision(4));
}

export function positionOf(scale: LogScale, value: number): number {
  if (value <= 0) return scale.min;
  return round(clamp(Math.log10(value), scale.min + STEP, scale.max));
}

/** Where a value lies between the two ends, from 0 to 1. */
export function fractionOf(scale: LogScale, value: number): number {
  return (positionOf(scale, value) - scale.min) / (scale.max - scale.min);
}

/** A value, or the nearer of two ends where it lies outside. */
export function clamp(value: number, lo: number, hi: number): number {
  return Math.max(lo, Math.min(hi, value));
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
