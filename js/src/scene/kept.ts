import { findEdge } from "../protocol.ts";
import type { Camera } from "./camera.ts";
import type { Palette } from "./canvas.ts";
import type { Layer } from "./layer.ts";
import type { Look } from "./marks.ts";
import type { Sight } from "./transition.ts";

/** Everything that a painted picture depends on. */
export interface View extends Sight {
  camera: Camera;
  palette: Palette;
  look: Look;
}

/** A picture in memory, and what it shows. */
export interface Kept {
  layer: Layer;
  of: View;
}

/** Whether two views differ in nothing but highlights and the camera. */
export function sameContent(a: View, b: View): boolean {
  const others = contentOf(b);
  return contentOf(a).every((part, k) => part === others[k]);
}

function contentOf({ scene, layout, palette, look: { going, before } }: View): unknown[] {
  return [scene, layout, palette, going, before];
}

export function isFitted({ zoom, x, y }: Camera): boolean {
  return zoom === 1 && x === 0 && y === 0;
}

/** The drawn edges that are highlighted, the one under the pointer last, above the others. */
export function litEdges({ scene, layout, look }: View): number[] {
  const { chosen = [], pointed = [], selected, hoveredEdge } = look;
  const lit = new Set([...chosen, ...pointed, selected].map((edge) => findEdge(scene, edge)));
  return [...lit.add(hoveredEdge)].filter((e) => layout.frameX[e] >= 0);
}
