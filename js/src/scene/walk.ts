import type { Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";

export type Direction = "left" | "right" | "up" | "down";

/** The edge that an arrow key leads to: along the layer, or to the nearest frame of the next layer. */
export function walk(scene: Scene, layout: Layout, from: number, direction: Direction): number {
  // An edge that is not drawn has no neighbours.
  if (from < 0 || !layout.part.edges.includes(from)) {
    const lowest = Math.min(...Array.from(layout.part.edges, (e) => scene.layer[e]));
    return inReadingOrder(scene, layout, lowest)[0] ?? -1;
  }
  const layer = scene.layer[from];
  if (direction === "up") return nearest(scene, layout, from, layer + 1);
  if (direction === "down") return nearest(scene, layout, from, layer - 1);
  const order = inReadingOrder(scene, layout, layer);
  const place = order.indexOf(from) + (direction === "right" ? 1 : -1);
  return order[place] ?? from;
}

/** Columns from left to right, and from top to bottom within a column. */
function inReadingOrder(scene: Scene, layout: Layout, layer: number): number[] {
  const { frameX, frameY } = layout;
  return edgesOf(scene, layout, layer).sort((a, b) => frameX[a] - frameX[b] || frameY[a] - frameY[b]);
}

function nearest(scene: Scene, layout: Layout, from: number, layer: number): number {
  const distance = (e: number) =>
    Math.hypot(layout.frameX[e] - layout.frameX[from], layout.frameY[e] - layout.frameY[from]);
  const edges = edgesOf(scene, layout, layer);
  return edges.reduce((best, e) => (distance(e) < distance(best) ? e : best), edges[0] ?? from);
}

function edgesOf(scene: Scene, layout: Layout, layer: number): number[] {
  return Array.from(layout.part.edges).filter((e) => scene.layer[e] === layer);
}
