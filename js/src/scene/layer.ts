import type { Camera } from "./camera.ts";
import type { Size } from "./layout.ts";

/** A picture in memory as large as the canvas, drawn again without being painted again. */
export type Layer = CanvasRenderingContext2D;

export function newLayer(page: Document): Layer {
  const layer = contextOf(page.createElement("canvas"));
  free(layer);
  return layer;
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("This browser offers no 2D canvas, so the network cannot be drawn.");
  return ctx;
}

/** Gives a canvas its size in the device's pixels, CSS pixels as units, and nothing on it. */
export function cleared(
  ctx: CanvasRenderingContext2D,
  { width, height }: Size,
  ratio = window.devicePixelRatio || 1,
): CanvasRenderingContext2D {
  const { canvas } = ctx;
  const pixels = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

/** Draws a whole layer onto a canvas of the same size. */
export function drawWhole(layer: Layer, ctx: CanvasRenderingContext2D): void {
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(layer.canvas, 0, 0);
  ctx.restore();
}

/** Draws what was painted as seen by one camera as another sees it, in place of what lies under it. */
export function drawAs(
  layer: Layer,
  painted: Camera,
  ctx: CanvasRenderingContext2D,
  seen: Camera,
  size: Size,
): void {
  const scale = seen.zoom / painted.zoom;
  const x = seen.x - painted.x * scale;
  const y = seen.y - painted.y * scale;
  const [width, height] = [size.width * scale, size.height * scale];
  ctx.clearRect(x, y, width, height);
  ctx.drawImage(layer.canvas, x, y, width, height);
}

/** Gives the memory back. */
export function free({ canvas }: Layer): void {
  canvas.width = canvas.height = 0;
}
