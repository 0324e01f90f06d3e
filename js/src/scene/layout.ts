import { nodeAt, type Scene } from "../protocol.ts";

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
  const inner = Math.max(60, size.width - 2 * SIDE_MARGIN);
  const edges = edgesByLayer(scene, part);
  const height = size.height - NAME_MARGIN - topMargin(scene, size, inner);
  const bands = bandsOf(edges, inner, Math.max(40 * scene.layers, height));
  const layout: Layout = {
    size,
    part,
    folds: [],
    frameSide: [],
    frameX: new Float32Array(scene.edges).fill(Number.NaN),
    frameY: new Float32Array(scene.edges).fill(Number.NaN),
    nodeX: new Float32Array(scene.nodeAlive.length),
    nodeY: new Float32Array(scene.nodeAlive.length),
    nodeRadius: [],
    subnodes: [],
    linkStrength: [],
    nodeSpacing: [],
  };
  let bottom = size.height - NAME_MARGIN;
  for (let l = 0; l <= scene.layers; l++) {
    placeNodes(layout, scene, l, inner, bottom);
    if (l > 0) placeSubnodes(layout, scene, l - 1, bands[l - 1]);
    if (l === scene.layers) break;
    const drop = hasProducts(scene, l) ? dropIn(bands[l]) : 0;
    placeFrames(layout, edges[l], inner, bands[l], bottom - (bands[l] - drop) / 2);
    bottom -= bands[l];
  }
  return layout;
}

/** Outputs that would lie under the buttons in the corner make room for them. */
function topMargin(scene: Scene, size: Size, inner: number): number {
  const last = SIDE_MARGIN + inner * (1 - 0.5 / scene.widths[scene.layers]);
  return last > size.width - TOOLS.width ? NAME_MARGIN + TOOLS.height : NAME_MARGIN;
}

function hasProducts(scene: Scene, layer: number): boolean {
  return scene.owner[layer].length > scene.widths[layer + 1];
}

function dropIn(band: number): number {
  return Math.min(SUBNODE_DROP, 0.15 * band);
}

/** The height of each edge layer: crowded ones get up to twice that of the others. */
function bandsOf(edges: number[][], inner: number, height: number): number[] {
  const inOneRow = inner / 90;
  const weights = edges.map(({ length }) => Math.min(2, Math.max(1, Math.sqrt(length / inOneRow))));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (height * weight) / sum);
}

function placeNodes(layout: Layout, scene: Scene, layer: number, inner: number, y: number): void {
  const width = scene.widths[layer];
  const start = nodeAt(scene, layer, 0);
  const shown = layout.part.nodes.subarray(start, start + width).reduce((sum, one) => sum + one, 0);
  const count = layout.part.folded[layer];
  const reserved = count === 0 ? 0 : Math.min(ROOM_FOR_FOLD, inner / 2);
  const spacing = (inner - reserved) / Math.max(1, shown);
  let column = 0;
  for (let i = 0; i < width; i++) {
    const drawn = layout.part.nodes[start + i] === 1;
    layout.nodeX[start + i] = drawn ? SIDE_MARGIN + spacing * (column++ + 0.5) : Number.NaN;
    layout.nodeY[start + i] = y;
  }
  if (reserved > 0) {
    const at = { x: SIDE_MARGIN + inner - reserved / 2, y };
    layout.folds.push({ layer, count, isOpen: shown === width, at });
  }
  layout.nodeSpacing.push(spacing);
  layout.nodeRadius.push(Math.max(1.5, Math.min(6, spacing * 0.3)));
}

/** Puts the subnodes of each node above an edge layer side by side, so that edges into them lie apart. */
function placeSubnodes(layout: Layout, scene: Scene, layer: number, band: number): void {
  const nodes = nodeAt(scene, layer + 1, 0);
  const spacing = layout.nodeSpacing[layer + 1];
  const places: Point[] = [];
  for (let node = 0; node < scene.widths[layer + 1]; node++) {
    const arity = scene.arity[nodes + node];
    const gap = Math.min(SUBNODE_GAP, (0.8 * spacing) / arity);
    for (let factor = 0; factor < arity; factor++) {
      places.push({
        x: layout.nodeX[nodes + node] + gap * (factor - (arity - 1) / 2),
        y: layout.nodeY[nodes + node] + (arity > 1 ? dropIn(band) : 0),
      });
    }
  }
  layout.subnodes.push(places);
}

/**
 * Puts a layer's frames between its two rows of nodes, in the order of their input nodes: one row
 * when they are few, and as many as make the frames largest when they are many.
 */
function placeFrames(layout: Layout, edges: number[], inner: number, band: number, middle: number): void {
  const { rows, side } = bestRows(edges.length, inner, band * FRAMES_IN_BAND);
  layout.frameSide.push(side);
  layout.linkStrength.push(Math.min(1, Math.max(0.12, 30 / edges.length)));
  const columns = Math.ceil(edges.length / rows);
  const columnWidth = inner / Math.max(1, columns);
  const rowHeight = side / FRAME_IN_SLOT;
  edges.forEach((e, n) => {
    const column = Math.floor(n / rows);
    const row = n % rows;
    layout.frameX[e] = SIDE_MARGIN + columnWidth * (column + 0.5);
    layout.frameY[e] = middle + (row - (rows - 1) / 2) * rowHeight;
  });
}

/** The drawn edges of each layer, in the order of their input nodes. */
function edgesByLayer(scene: Scene, part: Part): number[][] {
  const layers: number[][] = Array.from({ length: scene.layers }, () => []);
  for (const e of part.edges) layers[scene.layer[e]].push(e);
  for (const edges of layers)
    edges.sort((a, b) => scene.from[a] - scene.from[b] || scene.to[a] - scene.to[b]);
  return layers;
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
