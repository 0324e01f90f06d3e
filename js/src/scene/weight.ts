import { clamp } from "../scale.ts";
import type { Camera } from "./camera.ts";

const BETA = 3;
const FAINTEST = 0.18;

/** Strong edges are opaque, weak ones faint, but never so faint that they cannot be found. */
export function opacity(score: number): number {
  return Number.isNaN(score) ? 1 : Math.max(FAINTEST, Math.tanh(BETA * score));
}

/** How much thicker lines are where the network is looked at from nearby. */
export function thickness(camera: Camera): number {
  return clamp(Math.sqrt(camera.zoom), 0.8, 1.6);
}
