import { hiddenName, prettyFunction, prettyName } from "../format.ts";
import {
  type EdgeIndex,
  EdgeKind,
  edgeIndex,
  functionOf,
  isAlive,
  type Scene,
  sameEdge,
} from "../protocol.ts";
import { type Camera, toScreen } from "./camera.ts";
import { barsOf, curveIn, zeroIn } from "./curve.ts";
import type { Layout, Point } from "./layout.ts";

/** What a colour means; a renderer looks the colour itself up in the theme. */
export type Ink =
  | "numeric"
  | "symbolic"
  | "both"
  | "removed"
  | "going"
  | "accent"
  | "text"
  | "muted"
  | "paper";

export interface LinkMark {
  from: Point;
  to: Point;
  ink: Ink;
  alpha: number;
  width: number;
  dashed: boolean;
  straight: boolean;
}

export interface FrameMark {
  edge: number;
  centre: Point;
  side: number;
  ink: Ink;
  alpha: number;
  width: number;
  dashed: boolean;
  hatched: boolean;
  halo: "none" | "hover" | "selected";
  locked: boolean;
  /** x0, y0, x1, y1, … on the screen. */
  curve: Float32Array;
  /** Heights of the histogram's bars as fractions of the frame, when there is room to see them. */
  bars: Float32Array | null;
  /** Where the output is 0, when that lies in the frame. */
  zeroY: number | null;
}

export interface DiscMark {
  centre: Point;
  radius: number;
  ink: Ink;
  hollow: boolean;
  /** The sign of a product. */
  cross: boolean;
  halo: boolean;
}

export interface LabelMark {
  at: Point;
  text: string;
  ink: Ink;
  size: number;
  /** Room for the text; longer ones are cut. */
  room: number;
  /** The colour of the pill behind the text, if any. */
  pill: Ink | null;
  alpha: number;
}

export interface Marks {
  links: LinkMark[];
  frames: FrameMark[];
  discs: DiscMark[];
  labels: LabelMark[];
}

export interface Look {
  selected: EdgeIndex | null;
  hoveredEdge: number;
  hoveredNode: { layer: number; node: number } | null;
  /** Edges that the pruning under preparation would take away. */
  going: ReadonlySet<number>;
}

const BETA = 3;
const FAINTEST = 0.18;
const ROOM_FOR_LABEL = 34;
const ROOM_FOR_BARS = 48;
const ROOM_FOR_HIDDEN_NAME = 44;
const INVISIBLE = 0.03;
/** A node that multiplies is larger than others, for its sign, and its subnodes are smaller. */
const PRODUCT_SIZE = 1.5;
const SUBNODE_SIZE = 0.45;
/** Below this strength of links, hundreds of them cross: straight ones are drawn much faster. */
const CROWDED = 0.2;

/** Strong edges are opaque, weak ones faint, but never so faint that they cannot be found. */
export function opacity(score: number): number {
  return Number.isNaN(score) ? 1 : Math.max(FAINTEST, Math.tanh(BETA * score));
}

export function marksOf(scene: Scene, layout: Layout, camera: Camera, look: Look): Marks {
  const marks: Marks = { links: [], frames: [], discs: [], labels: [] };
  const starts: number[] = [0];
  for (const width of scene.widths) starts.push(starts[starts.length - 1] + width);
  for (let e = 0; e < scene.edges; e++) addEdge(marks, scene, layout, camera, look, e, starts);
  for (let l = 0; l < scene.layers; l++) addSubnodes(marks, scene, layout, camera, l, starts[l + 1]);
  for (let l = 0; l <= scene.layers; l++) {
    for (let i = 0; i < scene.widths[l]; i++)
      addNode(marks, scene, layout, camera, look, l, i, starts[l] + i);
  }
  return marks;
}

/** The sums that products multiply: a dot for each, hollow where no edge leads to it, and its way to the node. */
function addSubnodes(
  marks: Marks,
  scene: Scene,
  layout: Layout,
  camera: Camera,
  layer: number,
  nodes: number,
): void {
  const owner = scene.owner[layer];
  if (owner.length === scene.widths[layer + 1]) return;
  const fed = new Set<number>();
  for (let e = 0; e < scene.edges; e++) {
    if (scene.layer[e] === layer && isAlive(scene, e)) fed.add(scene.to[e]);
  }
  const radius = SUBNODE_SIZE * discRadius(layout, camera, layer + 1);
  layout.subnodes[layer].forEach((place, j) => {
    const node = nodes + owner[j];
    if (scene.arity[node] < 2) return;
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

function addEdge(
  marks: Marks,
  scene: Scene,
  layout: Layout,
  camera: Camera,
  look: Look,
  e: number,
  starts: number[],
): void {
  const layer = scene.layer[e];
  const side = layout.frameSide[layer] * camera.zoom;
  const centre = toScreen(camera, layout.frameX[e], layout.frameY[e]);
  const below = starts[layer] + scene.from[e];
  const above = layout.subnodes[layer][scene.to[e]];
  const kind = scene.kind[e];
  const removed = kind === EdgeKind.removed;
  const going = look.going.has(e);
  const selected = sameEdge(look.selected, edgeIndex(scene, e));
  const hovered = look.hoveredEdge === e;
  const ink: Ink = going ? "going" : inkOf(kind);
  const strength = removed ? 0.4 : going ? 0.35 : opacity(scene.score[e]);
  const alpha = hovered || selected ? Math.max(strength, 0.85) : strength;
  const crowded = layout.linkStrength[layer] < CROWDED;
  const bottom = { x: centre.x, y: centre.y + side / 2 };
  const top = { x: centre.x, y: centre.y - side / 2 };
  const link = {
    ink: hovered || selected ? ("accent" as const) : ink,
    alpha: hovered || selected ? alpha : (removed ? 0.22 : alpha * 0.85) * layout.linkStrength[layer],
    width: (hovered || selected ? 2 : kind === EdgeKind.symbolic ? 1.75 : 1.25) * thickness(camera),
    dashed: (removed || going) && !crowded,
    straight: crowded,
  };
  if (link.alpha >= INVISIBLE) {
    marks.links.push(
      { ...link, from: toScreen(camera, layout.nodeX[below], layout.nodeY[below]), to: bottom },
      { ...link, from: top, to: toScreen(camera, above.x, above.y) },
    );
  }
  if (outside(centre, side, layout)) return;
  marks.frames.push({
    edge: e,
    centre,
    side,
    ink,
    alpha,
    width: frameWidth(kind, side) * thickness(camera),
    dashed: removed,
    hatched: going,
    halo: selected ? "selected" : hovered ? "hover" : "none",
    locked: scene.locked[e] === 1,
    curve: curveIn(scene, e, centre, side),
    bars: side >= ROOM_FOR_BARS && !removed ? barsOf(scene, e) : null,
    zeroY: side >= ROOM_FOR_BARS && !removed ? zeroIn(scene, e, centre, side) : null,
  });
  const name = functionOf(scene, e);
  if (name && side >= ROOM_FOR_LABEL && (kind === EdgeKind.symbolic || kind === EdgeKind.both)) {
    marks.labels.push({
      at: { x: centre.x, y: bottom.y },
      text: kind === EdgeKind.both ? `φ + ${prettyFunction(name)}` : prettyFunction(name),
      ink: "paper",
      size: Math.min(13, Math.max(10, side * 0.15)),
      room: side * 1.15,
      pill: ink,
      alpha: going ? 0.5 : 1,
    });
  }
}

function inkOf(kind: number): Ink {
  if (kind === EdgeKind.removed) return "removed";
  if (kind === EdgeKind.symbolic) return "symbolic";
  return kind === EdgeKind.both ? "both" : "numeric";
}

function frameWidth(kind: number, side: number): number {
  const base = side < 24 ? 0.75 : 1.25;
  return kind === EdgeKind.symbolic || kind === EdgeKind.both ? base * 1.4 : base;
}

function thickness(camera: Camera): number {
  return Math.min(1.6, Math.max(0.8, Math.sqrt(camera.zoom)));
}

function outside({ x, y }: Point, side: number, { size }: Layout): boolean {
  const reach = side / 2 + 12;
  return x + reach < 0 || y + reach < 0 || x - reach > size.width || y - reach > size.height;
}

function addNode(
  marks: Marks,
  scene: Scene,
  layout: Layout,
  camera: Camera,
  look: Look,
  layer: number,
  node: number,
  at: number,
): void {
  const centre = toScreen(camera, layout.nodeX[at], layout.nodeY[at]);
  const removed = scene.nodeAlive[at] === 0;
  const hovered = look.hoveredNode?.layer === layer && look.hoveredNode.node === node;
  const cross = scene.arity[at] > 1;
  const radius = discRadius(layout, camera, layer) * (cross ? PRODUCT_SIZE : 1);
  const ink: Ink = removed ? "removed" : "text";
  marks.discs.push({ centre, radius, ink, hollow: removed, cross, halo: hovered });
  const room = layout.nodeSpacing[layer] * camera.zoom * 0.94;
  const isInput = layer === 0;
  if (!isInput && layer !== scene.layers) {
    if (room < ROOM_FOR_HIDDEN_NAME || removed) return;
    const text = hiddenName(scene.layers, layer, node);
    const beside = { x: centre.x + radius + 5 + 3 * text.length, y: centre.y };
    marks.labels.push({ at: beside, text, ink: "muted", size: 12, room, pill: null, alpha: 1 });
    return;
  }
  const names = isInput ? scene.meta.inputs : scene.meta.outputs;
  if (room < 16 && !hovered) return;
  marks.labels.push({
    at: { x: centre.x, y: centre.y + (isInput ? 1 : -1) * (radius + 14) },
    text: prettyName(names[node] ?? String(node)),
    ink: removed ? "muted" : "text",
    size: 14,
    room: hovered ? 400 : room,
    pill: null,
    alpha: 1,
  });
}
