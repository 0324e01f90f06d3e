import { hiddenName, prettyName } from "../format.ts";
import { isAlive } from "../protocol.ts";
import { type Camera, toScreen } from "./camera.ts";
import type { Layout } from "./layout.ts";
import type { Drawing, Ink } from "./marks.ts";
import { thickness } from "./weight.ts";

const ROOM_FOR_HIDDEN_NAME = 44;
const ROOM_FOR_NAME = 16;
/** A node that multiplies is larger than others, for its sign, and its subnodes are smaller. */
const PRODUCT_SIZE = 1.5;
const SUBNODE_SIZE = 0.45;

/** The sums that products multiply: a dot for each, hollow where no edge leads to it, and its way to the node. */
export function addSubnodes({ marks, scene, layout, camera, starts }: Drawing, layer: number): void {
  const owner = scene.owner[layer];
  if (owner.length === scene.widths[layer + 1]) return;
  const fed = new Set<number>();
  for (let e = 0; e < scene.edges; e++) {
    if (scene.layer[e] === layer && isAlive(scene, e)) fed.add(scene.to[e]);
  }
  const radius = SUBNODE_SIZE * discRadius(layout, camera, layer + 1);
  layout.subnodes[layer].forEach((place, j) => {
    const node = starts[layer + 1] + owner[j];
    if (scene.arity[node] < 2 || layout.part.nodes[node] === 0) return;
    const centre = toScreen(camera, place.x, place.y);
    const hollow = !fed.has(j) && scene.meta.omitted === 0;
    const ink: Ink = hollow || scene.nodeAlive[node] === 0 ? "removed" : "text";
    const to = toScreen(camera, layout.nodeX[node], layout.nodeY[node]);
    const width = 1.5 * thickness(camera);
    marks.links.push({ from: centre, to, ink, alpha: 0.8, width, dashed: hollow, straight: true });
    marks.discs.push({ centre, radius, ink, hollow, cross: false, halo: false });
  });
}

function discRadius(layout: Layout, camera: Camera, layer: number): number {
  return layout.nodeRadius[layer] * Math.min(2, Math.max(1, Math.sqrt(camera.zoom)));
}

/** A node, and its name where there is room for one; under the pointer its whole name. */
export function addNode(
  { marks, scene, layout, camera, look, starts }: Drawing,
  layer: number,
  node: number,
) {
  const at = starts[layer] + node;
  if (layout.part.nodes[at] === 0) return;
  const centre = toScreen(camera, layout.nodeX[at], layout.nodeY[at]);
  const removed = scene.nodeAlive[at] === 0;
  const hovered = look.hoveredNode?.layer === layer && look.hoveredNode.node === node;
  const cross = scene.arity[at] > 1;
  const radius = discRadius(layout, camera, layer) * (cross ? PRODUCT_SIZE : 1);
  marks.discs.push({
    centre,
    radius,
    ink: removed ? "removed" : "text",
    hollow: removed,
    cross,
    halo: hovered,
  });
  const room = layout.nodeSpacing[layer] * camera.zoom * 0.94;
  const isInput = layer === 0;
  const label = { pill: null, alpha: 1, align: "center" as const, room, whole: hovered };
  if (!isInput && layer !== scene.layers) {
    if (room < ROOM_FOR_HIDDEN_NAME || removed) return;
    const text = hiddenName(scene.layers, layer, node);
    const beside = { x: centre.x + radius + 5 + 3 * text.length, y: centre.y };
    marks.labels.push({ ...label, at: beside, text, ink: "muted", size: 12 });
    return;
  }
  if (room < ROOM_FOR_NAME && !hovered) return;
  const names = isInput ? scene.meta.inputs : scene.meta.outputs;
  marks.labels.push({
    ...label,
    at: { x: centre.x, y: centre.y + (isInput ? 1 : -1) * (radius + 14) },
    text: prettyName(names[node] ?? String(node)),
    ink: removed ? "muted" : "text",
    size: 14,
  });
}
