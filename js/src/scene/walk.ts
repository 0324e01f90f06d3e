import type { Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";

export type Direction = "left" | "right" | "up" | "down";

/** The edge that an arrow key leads to: along the layer, or to the nearest frame of the next layer. */
export function walk(scene: Scene, layout: Layout, from: number, direction: Direction): number {
  if (from < 0) return inReadingOrder(scene, layout, 0)[0] ?? -1;
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
  return edgesOf(scene, layer).sort((a, b) => frameX[a] - frameX[b] || frameY[a] - frameY[b]);
}

function nearest(scene: Scene, layout: Layout, from: number, layer: number): number {
  const distance = (e: number) =>
    Math.hypot(layout.frameX[e] - layout.frameX[from], layout.frameY[e] - layout.frameY[from]);
  const edges = edgesOf(scene, layer);
  return edges.reduce((best, e) => (distance(e) < distance(best) ? e : best), edges[0] ?? from);
}

function edgesOf(scene: Scene, layer: number): number[] {
  const edges: number[] = [];
  for (let e = 0; e < scene.edges; e++) if (scene.layer[e] === layer) edges.push(e);
  return edges;
}
