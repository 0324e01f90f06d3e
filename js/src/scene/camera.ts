import type { Point, Size } from "./layout.ts";

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

export function toWorld(camera: Camera, x: number, y: number): Point {
  return { x: (x - camera.x) / camera.zoom, y: (y - camera.y) / camera.zoom };
}

/** Zooms by `factor` so that the world's point under `at` stays where it is. */
export function zoomAt(camera: Camera, at: Point, factor: number, size: Size): Camera {
  const zoom = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, camera.zoom * factor));
  const world = toWorld(camera, at.x, at.y);
  return keepInSight({ zoom, x: at.x - world.x * zoom, y: at.y - world.y * zoom }, size);
}

export function panBy(camera: Camera, dx: number, dy: number, size: Size): Camera {
  return keepInSight({ ...camera, x: camera.x + dx, y: camera.y + dy }, size);
}

/** A quarter of the view, at least, keeps showing the network. */
function keepInSight(camera: Camera, { width, height }: Size): Camera {
  const limit = (value: number, extent: number) =>
    Math.min(extent * 0.75, Math.max(extent * 0.25 - extent * camera.zoom, value));
  return { zoom: camera.zoom, x: limit(camera.x, width), y: limit(camera.y, height) };
}

/** The same part of the network in a view of another size, whose layout has been stretched to it. */
export function resized(camera: Camera, before: Size, size: Size): Camera {
  if (before.width === 0 || before.height === 0) return camera;
  const { zoom } = camera;
  return keepInSight(
    { zoom, x: (camera.x * size.width) / before.width, y: (camera.y * size.height) / before.height },
    size,
  );
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The view that shows a box of the world, no nearer than `nearest`. */
export function lookingAt(box: Box, size: Size, nearest = LARGEST_ZOOM): Camera {
  const across = (FILLED * size.width) / Math.max(1, box.right - box.left);
  const down = (FILLED * size.height) / Math.max(1, box.bottom - box.top);
  const zoom = Math.min(nearest, Math.max(SMALLEST_ZOOM, Math.min(across, down)));
  const x = size.width / 2 - (zoom * (box.left + box.right)) / 2;
  const y = size.height / 2 - (zoom * (box.top + box.bottom)) / 2;
  return keepInSight({ zoom, x, y }, size);
}

/** The view on the way from one to another: zoom grows by equal factors, and the way is straight. */
export function between(from: Camera, to: Camera, share: number): Camera {
  if (share >= 1) return to;
  const zoom = from.zoom * (to.zoom / from.zoom) ** share;
  // Where both agree on a point of the world, it stays in place, as it does under a wheel.
  const moved = Math.abs(to.zoom - from.zoom) < 1e-9 ? share : (zoom - from.zoom) / (to.zoom - from.zoom);
  return { zoom, x: from.x + (to.x - from.x) * moved, y: from.y + (to.y - from.y) * moved };
}
