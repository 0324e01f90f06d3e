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

/** Adds nodes, and what products multiply. */
export function nodeAdder({ marks, scene, layout, camera, look, starts }: Drawing) {
  const { owner, widths, edges, layers, layer, to, arity, nodeAlive, meta } = scene;
  const { nodeRadius, nodeSpacing, subnodes, part } = layout;
  const radiusOf = (l: number) => nodeRadius[l] * clamp(Math.sqrt(camera.zoom), 1, 2);

  /** The sums that products multiply: a dot for each, hollow where no edge leads to it, and its way to the node. */
  const addSubnodes = (l: number) => {
    if (owner[l].length === widths[l + 1]) return;
    const fed = new Set<number>();
    for (let e = 0; e < edges; e++) if (layer[e] === l && isAlive(scene, e)) fed.add(to[e]);
    const radius = SUBNODE_SIZE * radiusOf(l + 1);
    const width = 1.5 * thickness(camera);
    subnodes[l].forEach(({ x, y }, j) => {
      const at = starts[l + 1] + owner[l][j];
      if (arity[at] < 2 || part.nodes[at] === 0) return;
      const centre = toScreen(camera, x, y);
      const hollow = !fed.has(j) && meta.omitted === 0;
      const ink: Ink = hollow || nodeAlive[at] === 0 ? "removed" : "text";
      const end = nodeOn(camera, layout, at);
      marks.links.push({ from: centre, to: end, ink, alpha: 0.8, width, dashed: hollow, straight: true });
      marks.discs.push({ centre, radius, ink, hollow, cross: false, halo: false });
    });
  };

  /** A node, and its name where there is room for one; under the pointer its whole name. */
  const addNode = (l: number, node: number) => {
    const at = starts[l] + node;
    if (part.nodes[at] === 0) return;
    const centre = nodeOn(camera, layout, at);
    const { x, y } = centre;
    const hollow = nodeAlive[at] === 0;
    const halo = look.hoveredNode?.layer === l && look.hoveredNode.node === node;
    const cross = arity[at] > 1;
    const radius = radiusOf(l) * (cross ? PRODUCT_SIZE : 1);
    marks.discs.push({ centre, radius, ink: hollow ? "removed" : "text", hollow, cross, halo });
    const room = nodeSpacing[l] * camera.zoom * 0.94;
    const isInput = l === 0;
    if (isInput || l === layers) {
      if (room < ROOM_FOR_NAME && !halo) return;
      addLabel(marks, {
        at: { x, y: y + (isInput ? 1 : -1) * (radius + 14) },
        text: prettyName((isInput ? meta.inputs : meta.outputs)[node] ?? String(node)),
        ink: hollow ? "muted" : "text",
        size: 14,
        room,
        whole: halo,
      });
    } else if (room >= ROOM_FOR_HIDDEN_NAME && !hollow) {
      const text = hiddenName(layers, l, node);
      const beside = { x: x + radius + 5 + 3 * text.length, y };
      addLabel(marks, { at: beside, text, ink: "muted", size: 12, room, whole: halo });
    }
  };
  return { addSubnodes, addNode };
}
