import type { Point, Size } from "./layout.ts";

/** Screen = world × zoom + (x, y). */
export interface Camera {
  zoom: number;
  x: number;
  y: number;
}

export const FITTED: Camera = { zoom: 1, x: 0, y: 0 };

const LARGEST_ZOOM = 60;
const SMALLEST_ZOOM = 0.5;

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
