import type { Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";

/** How far each direction leads along a layer, and how many layers up. */
export const STEPS = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] } as const;

export type Direction = keyof typeof STEPS;

/** The edge that an arrow key leads to: along the layer, or to the nearest frame of the next layer. */
export function walk(scene: Scene, layout: Layout, from: number, direction: Direction): number {
  const { frameX, frameY, part } = layout;
  const edges = Array.from(part.edges);
  const edgesOf = (layer: number) => edges.filter((e) => scene.layer[e] === layer);
  /** Columns from left to right, and from top to bottom within a column. */
  const inReadingOrder = (layer: number) =>
    edgesOf(layer).sort((a, b) => frameX[a] - frameX[b] || frameY[a] - frameY[b]);
  // An edge that is not drawn has no neighbours.
  if (!edges.includes(from)) {
    return inReadingOrder(Math.min(...edges.map((e) => scene.layer[e])))[0] ?? -1;
  }
  const layer = scene.layer[from];
  const [along, up] = STEPS[direction];
  if (along) {
    const order = inReadingOrder(layer);
    return order[order.indexOf(from) + along] ?? from;
  }
  const away = (e: number) => Math.hypot(frameX[e] - frameX[from], frameY[e] - frameY[from]);
  return nearest(edgesOf(layer + up), away) ?? from;
}

/** What is least far away, if there is anything. */
export function nearest(places: number[], away: (place: number) => number): number | undefined {
  return places.reduce((best, place) => (away(place) < away(best) ? place : best), places[0]);
}
