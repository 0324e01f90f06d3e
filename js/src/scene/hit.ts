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
  const at = toWorld(camera, x, y);
  const slack = FINGER / camera.zoom;
  return hitNode(scene, layout, at.x, at.y, slack) ?? hitFrame(scene, layout, at.x, at.y, slack);
}

function hitNode(scene: Scene, layout: Layout, x: number, y: number, slack: number): Hit {
  const { nodeX, nodeY, nodeRadius, nodeSpacing, subnodes } = layout;
  const away = (at: Point) => Math.hypot(x - at.x, y - at.y);
  for (const [layer, start] of startsOf(scene).entries()) {
    const reach = Math.min(nodeRadius[layer] + slack, nodeSpacing[layer] / 2);
    for (let node = 0; node < scene.widths[layer]; node++) {
      if (away({ x: nodeX[start + node], y: nodeY[start + node] }) <= reach) {
        return { kind: "node", layer, node };
      }
    }
    const factor = layer > 0 ? subnodes[layer - 1].findIndex((at) => away(at) <= slack) : -1;
    if (factor >= 0) return { kind: "node", layer, node: scene.owner[layer - 1][factor] };
  }
  return null;
}

function hitFrame(
  scene: Scene,
  { part, frameX, frameY, frameSide }: Layout,
  x: number,
  y: number,
  slack: number,
): Hit {
  const away = (e: number) => Math.max(Math.abs(x - frameX[e]), Math.abs(y - frameY[e]));
  const within = Array.from(part.edges).filter((e) => away(e) <= frameSide[scene.layer[e]] / 2 + slack);
  const edge = nearest(within, away);
  return edge === undefined ? null : { kind: "edge", edge };
}
