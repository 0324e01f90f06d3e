import { isAlive, nodeAbove, nodeAt, type Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";
import { type Direction, nearest, STEPS } from "./walk.ts";

export interface NodeIndex {
  layer: number;
  node: number;
}

/** The node that an arrow key leads to: along its layer, or to the nearest one of the next layer. */
export function walkNodes(scene: Scene, layout: Layout, from: NodeIndex, direction: Direction): NodeIndex {
  const { layer, node } = from;
  const [along, up] = STEPS[direction];
  if (along) {
    const drawn = drawnNodes(scene, layout, layer);
    return { layer, node: drawn[drawn.indexOf(node) + along] ?? node };
  }
  const next = layer + up;
  if (next < 0 || next > scene.layers) return from;
  const x = layout.nodeX[nodeAt(scene, layer, node)];
  const start = nodeAt(scene, next, 0);
  const away = (i: number) => Math.abs(layout.nodeX[start + i] - x);
  return { layer: next, node: nearest(drawnNodes(scene, layout, next), away) ?? 0 };
}

/** The nodes of a layer that are on the canvas, from left to right. */
export function drawnNodes(scene: Scene, layout: Layout, layer: number): number[] {
  const start = nodeAt(scene, layer, 0);
  return Array.from({ length: scene.widths[layer] }, (_, i) => i).filter((i) => layout.part.nodes[start + i]);
}

/** The node that an edge starts from. */
export function nodeBelow(scene: Scene, e: number): NodeIndex {
  return e < 0 ? { layer: 0, node: 0 } : { layer: scene.layer[e], node: scene.from[e] };
}

/** An edge of a node, a live one if there is one: the first that leaves it, of an output one that ends there. */
export function edgeBeside(scene: Scene, { layer, node }: NodeIndex): number {
  const isBeside = (_: number, e: number) => {
    const l = scene.layer[e];
    const ends = layer === scene.layers && l === layer - 1 && nodeAbove(scene, e) === node;
    return ends || (l === layer && scene.from[e] === node);
  };
  const live = scene.layer.findIndex((l, e) => isAlive(scene, e) && isBeside(l, e));
  return live < 0 ? scene.layer.findIndex(isBeside) : live;
}
