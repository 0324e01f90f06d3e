import { type Scene, startsOf } from "../protocol.ts";
import { type Camera, toWorld } from "./camera.ts";
import type { Layout, Point } from "./layout.ts";
import { nearest } from "./walk.ts";

export type Hit = { kind: "edge"; edge: number } | { kind: "node"; layer: number; node: number } | null;

const FINGER = 5;

/**
 * What lies under a point of the screen: nodes before frames, and the frame whose centre is nearest.
 * The factors of a product belong to its node.
 */
export function hitTest(scene: Scene, layout: Layout, camera: Camera, x: number, y: number): Hit {
  const { nodeX, nodeY, nodeRadius, nodeSpacing, subnodes, part, frameX, frameY, frameSide } = layout;
  const at = toWorld(camera, x, y);
  const slack = FINGER / camera.zoom;
  const distance = (place: Point) => Math.hypot(at.x - place.x, at.y - place.y);
  for (const [layer, start] of startsOf(scene).entries()) {
    const reach = Math.min(nodeRadius[layer] + slack, nodeSpacing[layer] / 2);
    for (let node = 0; node < scene.widths[layer]; node++) {
      const place = { x: nodeX[start + node], y: nodeY[start + node] };
      if (distance(place) <= reach) return { kind: "node", layer, node };
    }
    const factor = layer > 0 ? subnodes[layer - 1].findIndex((place) => distance(place) <= slack) : -1;
    if (factor >= 0) return { kind: "node", layer, node: scene.owner[layer - 1][factor] };
  }
  const away = (e: number) => Math.max(Math.abs(at.x - frameX[e]), Math.abs(at.y - frameY[e]));
  const within = Array.from(part.edges).filter((e) => away(e) <= frameSide[scene.layer[e]] / 2 + slack);
  const edge = nearest(within, away);
  return edge === undefined ? null : { kind: "edge", edge };
}
