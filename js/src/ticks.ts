/** Round numbers between two ends, about `count` of them. */
export function ticks(lo: number, hi: number, count: number): number[] {
  if (!(hi > lo)) return [lo];
  const rough = (hi - lo) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const excess = rough / power;
  const step = power * (excess >= 7 ? 10 : excess >= 3.5 ? 5 : excess >= 1.5 ? 2 : 1);
  const found: number[] = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + step * 1e-9; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** The powers of ten between two values above 0; with a few numbers in between when there are few. */
export function logTicks(lo: number, hi: number): number[] {
  const decades = Math.log10(hi / lo);
  const factors = decades < 1 ? [1, 2, 5] : decades < 2.2 ? [1, 3] : [1];
  const every = Math.max(1, Math.ceil(decades / 6));
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(lo)); power <= Math.ceil(Math.log10(hi)); power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(6));
      if (value >= lo * 0.999 && value <= hi * 1.001) found.push(value);
    }
  }
  return found;
}
