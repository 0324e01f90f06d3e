import type { EdgeIndex } from "../protocol.ts";
import { findEdge, type Scene } from "../protocol.ts";
import { FITTED } from "./camera.ts";
import { type Palette, paint } from "./canvas.ts";
import { type Layout, layoutOf, type Size } from "./layout.ts";
import { marksOf } from "./marks.ts";

/** Paints a scene that nobody points at, whole, on a small canvas; `before` leaves its curves as ghosts. */
export function paintStill(
  canvas: HTMLCanvasElement,
  scene: Scene,
  size: Size,
  palette: Palette,
  before: Scene | null = null,
): void {
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const look = { selected: null, hoveredEdge: -1, hoveredNode: null, going: new Set<number>(), before };
  paint(ctx, marksOf(scene, layoutOf(scene, size), FITTED, look), palette);
}

/** The frame of an edge in a layout, or null where it is not drawn. */
export function frameIn(layout: Layout, scene: Scene, edge: EdgeIndex) {
  const e = findEdge(scene, edge);
  if (e < 0 || !(layout.frameX[e] >= 0)) return null;
  const side = layout.frameSide[scene.layer[e]];
  return { left: layout.frameX[e] - side / 2, top: layout.frameY[e] - side / 2, side };
}
