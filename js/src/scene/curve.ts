import type { Scene } from "../protocol.ts";
import type { Point } from "./layout.ts";

const PADDING = 0.12;

/** The curve in the frame's own range of y; a flat one runs through the middle. */
export function curveIn(scene: Scene, e: number, centre: Point, side: number): Float32Array {
  const { samples, curve } = scene;
  const stride = Math.max(1, Math.floor((samples - 1) / Math.max(8, side * 0.8)));
  const count = Math.floor((samples - 1) / stride) + 1;
  const points = new Float32Array(2 * count);
  const inner = side * (1 - 2 * PADDING);
  const left = centre.x - side / 2 + side * 0.06;
  const width = side * 0.88;
  const { toY } = verticalScale(scene, e, centre, inner);
  for (let k = 0; k < count; k++) {
    const sample = k === count - 1 ? samples - 1 : k * stride;
    points[2 * k] = left + (width * sample) / (samples - 1);
    points[2 * k + 1] = toY(curve[e * samples + sample]);
  }
  return points;
}

function verticalScale(scene: Scene, e: number, centre: Point, inner: number) {
  const lo = scene.yLo[e];
  const span = scene.yHi[e] - lo;
  const flat = !(span > 1e-12 * Math.max(1, Math.abs(lo)));
  const toY = (y: number) => {
    const fraction = flat || Number.isNaN(y) ? 0.5 : Math.min(1.1, Math.max(-0.1, (y - lo) / span));
    return centre.y + inner / 2 - inner * fraction;
  };
  return { toY, flat };
}

/** Where the output is 0, when that lies in the frame. */
export function zeroIn(scene: Scene, e: number, centre: Point, side: number): number | null {
  if (scene.yLo[e] > 0 || scene.yHi[e] < 0) return null;
  const { toY, flat } = verticalScale(scene, e, centre, side * (1 - 2 * PADDING));
  return flat ? null : toY(0);
}

/** Heights of the histogram's bars as fractions of the frame. */
export function barsOf(scene: Scene, e: number): Float32Array {
  return Float32Array.from(
    scene.histogram.subarray(e * scene.bins, (e + 1) * scene.bins),
    (count) => (count / 255) * 0.3,
  );
}
