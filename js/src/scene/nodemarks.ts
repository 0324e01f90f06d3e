import { hiddenName, prettyName } from "../format.ts";
import { isAlive } from "../protocol.ts";
import { clamp } from "../scale.ts";
import { nodeOn, toScreen } from "./camera.ts";
import { addLabel, type Drawing, type Ink } from "./marks.ts";
import { thickness } from "./weight.ts";

const ROOM_FOR_HIDDEN_NAME = 44;
const ROOM_FOR_NAME = 16;
/** A node that multiplies is larger than others, for its sign, and its subnodes are smaller. */
const PRODUCT_SIZE = 1.5;
const SUBNODE_SIZE = 0.45;

/** The sums that products multiply: a dot for each, hollow where no edge leads to it, and its way to the node. */
export function addSubnodes(drawing: Drawing, layer: number): void {
  const { marks, scene, layout, camera, starts } = drawing;
  const owner = scene.owner[layer];
  if (owner.length === scene.widths[layer + 1]) return;
  const fed = new Set<number>();
  for (let e = 0; e < scene.edges; e++) {
    if (scene.layer[e] === layer && isAlive(scene, e)) fed.add(scene.to[e]);
  }
  const radius = SUBNODE_SIZE * discRadius(drawing, layer + 1);
  const width = 1.5 * thickness(camera);
  layout.subnodes[layer].forEach(({ x, y }, j) => {
    const node = starts[layer + 1] + owner[j];
    if (scene.arity[node] < 2 || layout.part.nodes[node] === 0) return;
    const centre = toScreen(camera, x, y);
    const hollow = !fed.has(j) && scene.meta.omitted === 0;
    const ink: Ink = hollow || scene.nodeAlive[node] === 0 ? "removed" : "text";
    const to = nodeOn(camera, layout, node);
    marks.links.push({ from: centre, to, ink, alpha: 0.8, width, dashed: hollow, straight: true });
    marks.discs.push({ centre, radius, ink, hollow, cross: false, halo: false });
  });
}

function discRadius({ layout, camera }: Drawing, layer: number): number {
  return layout.nodeRadius[layer] * clamp(Math.sqrt(camera.zoom), 1, 2);
}

/** A node, and its name where there is room for one; under the pointer its whole name. */
export function addNode(drawing: Drawing, layer: number, node: number) {
  const { marks, scene, layout, camera, look, starts } = drawing;
  const at = starts[layer] + node;
  if (layout.part.nodes[at] === 0) return;
  const centre = nodeOn(camera, layout, at);
  const { x, y } = centre;
  const hollow = scene.nodeAlive[at] === 0;
  const halo = look.hoveredNode?.layer === layer && look.hoveredNode.node === node;
  const cross = scene.arity[at] > 1;
  const radius = discRadius(drawing, layer) * (cross ? PRODUCT_SIZE : 1);
  marks.discs.push({ centre, radius, ink: hollow ? "removed" : "text", hollow, cross, halo });
  const room = layout.nodeSpacing[layer] * camera.zoom * 0.94;
  const isInput = layer === 0;
  if (isInput || layer === scene.layers) {
    if (room < ROOM_FOR_NAME && !halo) return;
    const names = isInput ? scene.meta.inputs : scene.meta.outputs;
    addLabel(marks, {
      at: { x, y: y + (isInput ? 1 : -1) * (radius + 14) },
      text: prettyName(names[node] ?? String(node)),
      ink: hollow ? "muted" : "text",
      size: 14,
      room,
      whole: halo,
    });
  } else if (room >= ROOM_FOR_HIDDEN_NAME && !hollow) {
    const text = hiddenName(scene.layers, layer, node);
    const beside = { x: x + radius + 5 + 3 * text.length, y };
    addLabel(marks, { at: beside, text, ink: "muted", size: 12, room, whole: halo });
  }
}
