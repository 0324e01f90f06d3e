import { type EdgeIndex, findEdge, type Scene } from "../protocol.ts";
import { FITTED } from "./camera.ts";
import { type Palette, paint } from "./canvas.ts";
import { cleared } from "./layer.ts";
import { type Layout, layoutOf, type Size } from "./layout.ts";
import { marksOf, PLAIN } from "./marks.ts";

/** Paints a scene that nobody points at, whole, on a small canvas; `before` leaves its curves as ghosts. */
export function paintStill(
  canvas: HTMLCanvasElement,
  scene: Scene,
  size: Size,
  palette: Palette,
  before: Scene | null = null,
): void {
  const ctx = canvas.getContext("2d");
  if (ctx)
    paint(cleared(ctx, size), marksOf(scene, layoutOf(scene, size), FITTED, { ...PLAIN, before }), palette);
}

/** The frame of an edge in a layout, or null where it is not drawn. */
export function frameIn(layout: Layout, scene: Scene, edge: EdgeIndex) {
  const e = findEdge(scene, edge);
  if (!(layout.frameX[e] >= 0)) return null;
  const side = layout.frameSide[scene.layer[e]];
  return { left: layout.frameX[e] - side / 2, top: layout.frameY[e] - side / 2, side };
}
