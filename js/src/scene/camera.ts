import { clamp } from "../scale.ts";
import type { Layout, Point, Size } from "./layout.ts";

/** Screen = world × zoom + (x, y). */
export interface Camera {
  zoom: number;
  x: number;
  y: number;
}

export const FITTED: Camera = { zoom: 1, x: 0, y: 0 };

export const LARGEST_ZOOM = 60;
export const SMALLEST_ZOOM = 0.5;
/** How much of the view a group of edges fills when it is looked at. */
const FILLED = 0.8;

export function toScreen(camera: Camera, x: number, y: number): Point {
  return { x: x * camera.zoom + camera.x, y: y * camera.zoom + camera.y };
}

/** Where the middle of an edge's frame is on the screen. */
export function frameAt(camera: Camera, { frameX, frameY }: Layout, e: number): Point {
  return toScreen(camera, frameX[e], frameY[e]);
}

/** Where a node is on the screen, by its place in the node arrays. */
export function nodeOn(camera: Camera, { nodeX, nodeY }: Layout, at: number): Point {
  return toScreen(camera, nodeX[at], nodeY[at]);
}

export function toWorld(camera: Camera, x: number, y: number): Point {
  return { x: (x - camera.x) / camera.zoom, y: (y - camera.y) / camera.zoom };
}

/** Zooms by `factor` so that the world's point under `at` stays where it is. */
export function zoomAt(camera: Camera, at: Point, factor: number, size: Size): Camera {
  const zoom = clamp(camera.zoom * factor, SMALLEST_ZOOM, LARGEST_ZOOM);
  const { x, y } = toWorld(camera, at.x, at.y);
  return keepInSight({ zoom, x: at.x - x * zoom, y: at.y - y * zoom }, size);
}

export function panBy(camera: Camera, dx: number, dy: number, size: Size): Camera {
  return keepInSight({ ...camera, x: camera.x + dx, y: camera.y + dy }, size);
}

/** A quarter of the view, at least, keeps showing the network. */
function keepInSight({ zoom, x, y }: Camera, { width, height }: Size): Camera {
  const limit = (value: number, extent: number) => clamp(value, extent * (0.25 - zoom), extent * 0.75);
  return { zoom, x: limit(x, width), y: limit(y, height) };
}

/** The same part of the network in a view of another size, whose layout has been stretched to it. */
export function resized(camera: Camera, { width, height }: Size, size: Size): Camera {
  if (width === 0 || height === 0) return camera;
  const { zoom, x, y } = camera;
  return keepInSight({ zoom, x: (x * size.width) / width, y: (y * size.height) / height }, size);
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The view that shows a box of the world, no nearer than `nearest`. */
export function lookingAt({ left, top, right, bottom }: Box, size: Size, nearest = LARGEST_ZOOM): Camera {
  const { width, height } = size;
  const across = (FILLED * width) / Math.max(1, right - left);
  const down = (FILLED * height) / Math.max(1, bottom - top);
  const zoom = clamp(Math.min(across, down), SMALLEST_ZOOM, nearest);
  const x = width / 2 - (zoom * (left + right)) / 2;
  const y = height / 2 - (zoom * (top + bottom)) / 2;
  return keepInSight({ zoom, x, y }, size);
}

/** The view on the way from one to another: zoom grows by equal factors, and the way is straight. */
export function between(from: Camera, to: Camera, share: number): Camera {
  if (share >= 1) return to;
  const zoom = from.zoom * (to.zoom / from.zoom) ** share;
  // Where both agree on a point of the world, it stays in place, as it does under a wheel.
  const change = to.zoom - from.zoom;
  const moved = Math.abs(change) < 1e-9 ? share : (zoom - from.zoom) / change;
  return { zoom, x: from.x + (to.x - from.x) * moved, y: from.y + (to.y - from.y) * moved };
}
