import type { Scene } from "../protocol.ts";
import { type Camera, toWorld } from "./camera.ts";
import type { Layout, Point } from "./layout.ts";

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
  let start = 0;
  for (let l = 0; l <= scene.layers; l++) {
    const reach = Math.min(layout.nodeRadius[l] + slack, layout.nodeSpacing[l] / 2);
    for (let i = 0; i < scene.widths[l]; i++) {
      const dx = x - layout.nodeX[start + i];
      const dy = y - layout.nodeY[start + i];
      if (dx * dx + dy * dy <= reach * reach) return { kind: "node", layer: l, node: i };
    }
    start += scene.widths[l];
    const factor = l > 0 ? hitSubnode(layout.subnodes[l - 1], x, y, slack) : -1;
    if (factor >= 0) return { kind: "node", layer: l, node: scene.owner[l - 1][factor] };
  }
  return null;
}

function hitSubnode(places: Point[], x: number, y: number, reach: number): number {
  return places.findIndex((place) => Math.hypot(x - place.x, y - place.y) <= reach);
}

function hitFrame(scene: Scene, layout: Layout, x: number, y: number, slack: number): Hit {
  let nearest = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (const e of layout.part.edges) {
    const reach = layout.frameSide[scene.layer[e]] / 2 + slack;
    const away = Math.max(Math.abs(x - layout.frameX[e]), Math.abs(y - layout.frameY[e]));
    if (away <= reach && away < distance) {
      nearest = e;
      distance = away;
    }
  }
  return nearest < 0 ? null : { kind: "edge", edge: nearest };
}
