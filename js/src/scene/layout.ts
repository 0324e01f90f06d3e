import { type Scene, startsOf } from "../protocol.ts";
import { clamp } from "../scale.ts";

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** What of a scene is drawn: all of a small network, the part of a large one that is looked at. */
export interface Part {
  /** Edges, by their place in the scene, ascending. */
  edges: Uint32Array;
  /** By node, layer by layer: 0 where it is folded away with its neighbours. */
  nodes: Uint8Array;
  /** For every node layer how many of its nodes are folded, or would be if they had not been unfolded. */
  folded: number[];
}

/** Nodes of a layer that are folded into one mark at its end, or can be. */
export interface Fold {
  layer: number;
  count: number;
  isOpen: boolean;
  at: Point;
}

/** Where everything lies, in CSS pixels of the unzoomed canvas: inputs at the bottom, outputs on top. */
export interface Layout {
  size: Size;
  part: Part;
  folds: Fold[];
  /** Side of the square frames of each edge layer. */
  frameSide: number[];
  /** Centres of the frames, by edge; NaN where it is not drawn, as for nodes. */
  frameX: Float32Array;
  frameY: Float32Array;
  /** Centres of the nodes, layer by layer. */
  nodeX: Float32Array;
  nodeY: Float32Array;
  nodeRadius: number[];
  /** For every edge layer the places of the subnodes above it: below a node that multiplies, else on it. */
  subnodes: Point[][];
  /** Fades the links of a crowded edge layer, whose frames tell more. */
  linkStrength: number[];
  nodeSpacing: number[];
}

const SIDE_MARGIN = 20;
const NAME_MARGIN = 46;
const LARGEST_FRAME = 132;
const FRAME_IN_SLOT = 0.84;
const FRAMES_IN_BAND = 0.62;
/** How far subnodes lie below their node, at most, and from each other. */
const SUBNODE_DROP = 22;
const SUBNODE_GAP = 18;
const ROOM_FOR_FOLD = 96;
/** The buttons in the upper right corner of the canvas. */
const TOOLS = { width: 170, height: 24 };

export function wholeOf(scene: Scene): Part {
  return {
    edges: Uint32Array.from({ length: scene.edges }, (_, e) => e),
    nodes: new Uint8Array(scene.nodeAlive.length).fill(1),
    folded: Array<number>(scene.layers + 1).fill(0),
  };
}

export function layoutOf(scene: Scene, size: Size, part = wholeOf(scene)): Layout {
  const { layers, widths, owner, arity, from, to, nodeAlive } = scene;
  const inner = Math.max(60, size.width - 2 * SIDE_MARGIN);
  const edges = Array.from({ length: layers }, (_, l) => part.edges.filter((e) => scene.layer[e] === l));
  const height = size.height - NAME_MARGIN - topMargin(scene, size, inner);
  const bands = bandsOf(edges, inner, Math.max(40 * layers, height));
  const starts = startsOf(scene);
  const folds: Fold[] = [];
  const frameSide: number[] = [];
  const frameX = new Float32Array(scene.edges).fill(Number.NaN);
  const frameY = frameX.slice();
  const nodeX = new Float32Array(nodeAlive.length);
  const nodeY = nodeX.slice();
  const nodeRadius: number[] = [];
  const subnodes: Point[][] = [];
  const linkStrength: number[] = [];
  const nodeSpacing: number[] = [];
  const dropIn = (band: number) => Math.min(SUBNODE_DROP, 0.15 * band);

  const placeNodes = (layer: number, y: number) => {
    const width = widths[layer];
    const drawn = part.nodes.subarray(starts[layer], starts[layer] + width);
    const shown = drawn.reduce((sum, one) => sum + one, 0);
    const count = part.folded[layer];
    const reserved = count === 0 ? 0 : Math.min(ROOM_FOR_FOLD, inner / 2);
    const spacing = (inner - reserved) / Math.max(1, shown);
    let column = 0;
    drawn.forEach((one, i) => {
      nodeX[starts[layer] + i] = one ? SIDE_MARGIN + spacing * (column++ + 0.5) : Number.NaN;
      nodeY[starts[layer] + i] = y;
    });
    const at = { x: SIDE_MARGIN + inner - reserved / 2, y };
    if (reserved > 0) folds.push({ layer, count, isOpen: shown === width, at });
    nodeSpacing.push(spacing);
    nodeRadius.push(clamp(spacing * 0.3, 1.5, 6));
  };

  /** Puts the subnodes of each node above an edge layer side by side, so that edges into them lie apart. */
  const placeSubnodes = (layer: number) => {
    let factor = 0;
    const places = Array.from(owner[layer], (node, j) => {
      const at = starts[layer + 1] + node;
      factor = node === owner[layer][j - 1] ? factor + 1 : 0;
      const several = arity[at] - 1;
      const gap = Math.min(SUBNODE_GAP, (0.8 * nodeSpacing[layer + 1]) / arity[at]);
      return {
        x: nodeX[at] + gap * (factor - several / 2),
        y: nodeY[at] + (several > 0 ? dropIn(bands[layer]) : 0),
      };
    });
    subnodes.push(places);
  };

  /**
   * Puts a layer's frames between its two rows of nodes, in the order of their input nodes: one row
   * when they are few, and as many as make the frames largest when they are many.
   */
  const placeFrames = (layer: number, middle: number) => {
    const ordered = edges[layer].sort((a, b) => from[a] - from[b] || to[a] - to[b]);
    const { length } = ordered;
    const { rows, side } = bestRows(length, inner, bands[layer] * FRAMES_IN_BAND);
    frameSide.push(side);
    linkStrength.push(clamp(30 / length, 0.12, 1));
    const columnWidth = inner / Math.max(1, Math.ceil(length / rows));
    const rowHeight = side / FRAME_IN_SLOT;
    ordered.forEach((e, n) => {
      frameX[e] = SIDE_MARGIN + columnWidth * (Math.floor(n / rows) + 0.5);
      frameY[e] = middle + ((n % rows) - (rows - 1) / 2) * rowHeight;
    });
  };

  let bottom = size.height - NAME_MARGIN;
  placeNodes(0, bottom);
  bands.forEach((band, l) => {
    const hasProducts = owner[l].length > widths[l + 1];
    placeFrames(l, bottom - (band - (hasProducts ? dropIn(band) : 0)) / 2);
    bottom -= band;
    placeNodes(l + 1, bottom);
    placeSubnodes(l);
  });
  return {
    size,
    part,
    folds,
    frameSide,
    frameX,
    frameY,
    nodeX,
    nodeY,
    nodeRadius,
    subnodes,
    linkStrength,
    nodeSpacing,
  };
}

/** Outputs that would lie under the buttons in the corner make room for them. */
function topMargin(scene: Scene, size: Size, inner: number): number {
  const last = SIDE_MARGIN + inner * (1 - 0.5 / scene.widths[scene.layers]);
  return last > size.width - TOOLS.width ? NAME_MARGIN + TOOLS.height : NAME_MARGIN;
}

/** The height of each edge layer: crowded ones get up to twice that of the others. */
function bandsOf(edges: Uint32Array[], inner: number, height: number): number[] {
  const inOneRow = inner / 90;
  const weights = edges.map(({ length }) => clamp(Math.sqrt(length / inOneRow), 1, 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (height * weight) / sum);
}

export function bestRows(count: number, width: number, height: number): { rows: number; side: number } {
  let best = { rows: 1, side: 0 };
  for (let rows = 1; rows <= Math.max(1, count); rows++) {
    const across = (width / Math.ceil(Math.max(1, count) / rows)) * FRAME_IN_SLOT;
    const down = rows === 1 ? height : (height / rows) * FRAME_IN_SLOT;
    const side = Math.min(across, down, LARGEST_FRAME);
    // One row reads best: more of them must pay.
    if (side > best.side * (best.rows === 1 && best.side > 0 ? 1.35 : 1)) best = { rows, side };
    if (down < best.side) break;
  }
  return best;
}
