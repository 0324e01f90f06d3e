import type { Camera } from "./camera.ts";
import type { Size } from "./layout.ts";

/** A picture in memory as large as the canvas, drawn again without being painted again. */
export class Layer {
  private readonly canvas: HTMLCanvasElement;
  private readonly ctx: CanvasRenderingContext2D;

  constructor(page: Document) {
    this.canvas = page.createElement("canvas");
    this.canvas.width = this.canvas.height = 0;
    this.ctx = contextOf(this.canvas);
  }

  /** Empties the layer for a canvas of this size in CSS pixels; what is painted there is kept. */
  clear(size: Size, ratio: number): CanvasRenderingContext2D {
    fitTo(this.canvas, this.ctx, size, ratio);
    return this.ctx;
  }

  /** Takes over what is on the canvas. */
  copy(canvas: HTMLCanvasElement): void {
    const { width, height } = canvas;
    this.clear({ width, height }, 1).drawImage(canvas, 0, 0);
  }

  /** Draws the whole layer onto a canvas of the same size. */
  onto(ctx: CanvasRenderingContext2D): void {
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
    ctx.restore();
  }

  /** Draws what was painted as seen by one camera as another sees it, in place of what lies under it. */
  ontoAs(ctx: CanvasRenderingContext2D, painted: Camera, seen: Camera, { width, height }: Size): void {
    const scale = seen.zoom / painted.zoom;
    const x = seen.x - painted.x * scale;
    const y = seen.y - painted.y * scale;
    ctx.clearRect(x, y, width * scale, height * scale);
    ctx.drawImage(this.canvas, x, y, width * scale, height * scale);
  }

  /** Gives the memory back. */
  free(): void {
    this.canvas.width = this.canvas.height = 0;
  }
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("This browser offers no 2D canvas, so the network cannot be drawn.");
  return ctx;
}

/** Gives a canvas its size in the device's pixels, CSS pixels as units, and nothing on it. */
export function fitTo(
  canvas: HTMLCanvasElement,
  ctx: CanvasRenderingContext2D,
  { width, height }: Size,
  ratio: number,
): void {
  const pixels = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
}
