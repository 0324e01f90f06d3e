/**
 * The binary scene (format 3): one little-endian buffer, every section starting on a 4-byte boundary.
 *
 *   uint32 × 8     magic "KANW", format, version, edge layers L, nodes N, edges E, samples S, bins H
 *   uint32[L+1]    nodes per node layer
 *   uint8[N]       node alive (0 removed), layer by layer
 *   uint32[N]      arity: sums that the node multiplies; 1 for a plain sum, 0 for an input
 *   float32[N] × 2 node range: lo, hi
 *   uint32[E] × 3  edge layer, from, to: a subnode, one of the sums, counted node by node
 *   uint8[E]       edge kind (see EdgeKind)
 *   uint8[E]       locked: 1 where training leaves the edge as it is
 *   float32[E] × 6 score, Δloss (NaN = not measured), x lo, x hi, y lo, y hi
 *   float32[E] × 3 grid lo, hi of the edge's input; R² of a function against the spline under it (NaN = none)
 *   float32[E*S]   curve: the edge's output at S equally spaced points of [x lo, x hi]
 *   uint8[E*H]     histogram of the edge's input, fullest bin 255
 *   uint32, bytes  length and text of the UTF-8 JSON described by SceneMeta
 */
export const MAGIC = 0x574e414b;
export const FORMAT = 3;

export const EdgeKind = { removed: 0, numeric: 1, symbolic: 2, both: 3 } as const;

/** Layer, input node, output subnode: an edge as people type it in Python. */
export type EdgeIndex = readonly [layer: number, from: number, to: number];

export interface PruneCurve {
  threshold: number[];
  loss: (number | null)[];
  removed: number[];
}

export interface SceneMeta {
  inputs: string[];
  outputs: string[];
  functions: Record<string, string>;
  metric: string;
  omitted: number;
  prune: PruneCurve;
  /** So many live edges at most are measured in a network, where this one has more; older scenes do not tell. */
  unmeasured_above?: number | null;
}

export interface Scene {
  version: number;
  layers: number;
  edges: number;
  samples: number;
  bins: number;
  widths: Uint32Array;
  nodeAlive: Uint8Array;
  arity: Uint32Array;
  /** For every edge layer the node of each subnode above it. */
  owner: Uint32Array[];
  nodeLo: Float32Array;
  nodeHi: Float32Array;
  layer: Uint32Array;
  from: Uint32Array;
  to: Uint32Array;
  kind: Uint8Array;
  locked: Uint8Array;
  score: Float32Array;
  dloss: Float32Array;
  xLo: Float32Array;
  xHi: Float32Array;
  yLo: Float32Array;
  yHi: Float32Array;
  /** Where the grid of the edge's input begins and ends: a spline is extrapolated outside. */
  gridLo: Float32Array;
  gridHi: Float32Array;
  /** R² of a function against the spline under it; NaN where there is none, or it was not measured. */
  r2: Float32Array;
  curve: Float32Array;
  histogram: Uint8Array;
  meta: SceneMeta;
}

export class SceneError extends Error {
  constructor(reason: string) {
    super(`The network's picture could not be read: ${reason}`);
  }
}

/** Decodes a scene, or throws a SceneError that says in one sentence what is wrong with it. */
export function decodeScene(bytes: DataView): Scene {
  const read = reader(bytes);
  const [magic, format, version, layers, nodes, edges, samples, bins] = read(Uint32Array, 8);
  if (magic !== MAGIC) throw new SceneError(`it starts with 0x${magic.toString(16)}, not with "KANW".`);
  if (format !== FORMAT) {
    throw new SceneError(`it has format ${format}; this widget reads format ${FORMAT}.`);
  }
  if (samples < 2) throw new SceneError(`it has ${samples} samples a curve; at least 2 are needed.`);
  const all = <T, K extends string>(Type: Numbers<T>, count: number, ...names: K[]) =>
    Object.fromEntries(names.map((name) => [name, read(Type, count)])) as Record<K, T>;
  const sections = {
    ...all(Uint32Array, layers + 1, "widths"),
    ...all(Uint8Array, nodes, "nodeAlive"),
    ...all(Uint32Array, nodes, "arity"),
    ...all(Float32Array, nodes, "nodeLo", "nodeHi"),
    ...all(Uint32Array, edges, "layer", "from", "to"),
    ...all(Uint8Array, edges, "kind", "locked"),
    ...all(Float32Array, edges, "score", "dloss", "xLo", "xHi", "yLo", "yHi", "gridLo", "gridHi", "r2"),
    ...all(Float32Array, edges * samples, "curve"),
    ...all(Uint8Array, edges * bins, "histogram"),
  };
  const [length] = read(Uint32Array, 1);
  const meta = parseMeta(new TextDecoder().decode(read(Uint8Array, length)));
  const owner = ownersOf(sections.widths, sections.arity);
  const scene = { version, layers, edges, samples, bins, ...sections, owner, meta };
  checkStructure(scene, nodes);
  return scene;
}

export function ownersOf(widths: Uint32Array, arity: Uint32Array): Uint32Array[] {
  let start = widths[0];
  return Array.from(widths.subarray(1), (width) => {
    const arities = arity.subarray(start, start + width);
    start += width;
    return Uint32Array.from(Array.from(arities).flatMap((n, node) => Array(n).fill(node)));
  });
}

interface Numbers<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, start: number, count: number): T;
}

/** Reads one section after the other. */
function reader({ buffer, byteOffset, byteLength }: DataView) {
  // A copy: the message's buffer may start anywhere, typed arrays only on their own boundaries.
  const copy = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  let start = 0;
  return <T>(Type: Numbers<T>, count: number): T => {
    const end = start + count * Type.BYTES_PER_ELEMENT;
    if (end > byteLength) {
      throw new SceneError(`it has ${byteLength} bytes, and its header asks for at least ${end}.`);
    }
    const section = new Type(copy, start, count);
    start = Math.ceil(end / 4) * 4;
    return section;
  };
}

function checkStructure({ widths, layers, edges, layer, from, to, kind, owner }: Scene, nodes: number): void {
  const sum = widths.reduce((total, width) => total + width, 0);
  if (sum !== nodes) throw new SceneError(`its layers have ${sum} nodes, and its header says ${nodes}.`);
  for (let e = 0; e < edges; e++) {
    const l = layer[e];
    if (l >= layers || from[e] >= widths[l] || to[e] >= owner[l].length) {
      throw new SceneError(`its edge (${l}, ${from[e]}, ${to[e]}) does not exist in widths [${widths}].`);
    }
    if (kind[e] > EdgeKind.both) throw new SceneError(`its edge ${e} has the unknown kind ${kind[e]}.`);
  }
}

function parseMeta(text: string): SceneMeta {
  let meta: SceneMeta;
  try {
    meta = JSON.parse(text) as SceneMeta;
  } catch (error) {
    throw new SceneError(`its description is not JSON (${(error as Error).message}).`);
  }
  const { inputs, outputs, functions, prune } = meta;
  const length = prune?.threshold?.length;
  const needed: [what: string, isThere: boolean][] = [
    ["the names of the inputs and outputs", Array.isArray(inputs) && Array.isArray(outputs)],
    ["the functions of the symbolic edges", typeof functions === "object" && functions !== null],
    [
      "a prune curve of threshold, loss and removed",
      length !== undefined && prune.loss?.length === length && prune.removed?.length === length,
    ],
  ];
  for (const [what, isThere] of needed) {
    if (!isThere) throw new SceneError(`its description lacks ${what}.`);
  }
  return meta;
}

export function edgeIndex(scene: Scene, e: number): EdgeIndex {
  return [scene.layer[e], scene.from[e], scene.to[e]];
}

const places = new WeakMap<Scene, Map<string, number>>();

/** The position of an edge in the scene's arrays, or -1. */
export function findEdge(scene: Scene, edge: EdgeIndex | null): number {
  let known = places.get(scene);
  if (!known) {
    known = new Map();
    for (let e = 0; e < scene.edges; e++) known.set(String(edgeIndex(scene, e)), e);
    places.set(scene, known);
  }
  return known.get(String(edge)) ?? -1;
}

export function sameEdge(a: EdgeIndex | null, b: EdgeIndex | null): boolean {
  return String(a) === String(b);
}

/** Whether an edge has a spline, alone or under a function. */
export function isSpline({ kind }: Scene, e: number): boolean {
  return kind[e] === EdgeKind.numeric || kind[e] === EdgeKind.both;
}

export function isSymbolic({ kind }: Scene, e: number): boolean {
  return kind[e] >= EdgeKind.symbolic;
}

export function isAlive(scene: Scene, e: number): boolean {
  return scene.kind[e] !== EdgeKind.removed;
}

/** The position of a node's entry in the node arrays. */
export function nodeAt({ widths }: Scene, layer: number, node: number): number {
  return widths.subarray(0, layer).reduce((start, width) => start + width, node);
}

/** The positions of the entries of each layer's first node. */
export function startsOf(scene: Scene): number[] {
  return Array.from(scene.widths, (_, layer) => nodeAt(scene, layer, 0));
}

export function functionOf(scene: Scene, e: number): string | null {
  return scene.meta.functions[String(edgeIndex(scene, e))] ?? null;
}

export function isRemovedNode(scene: Scene, layer: number, node: number): boolean {
  return scene.nodeAlive[nodeAt(scene, layer, node)] === 0;
}

/** The node that an edge leads to, in the layer above it. */
export function nodeAbove({ owner, layer, to }: Scene, e: number): number {
  return owner[layer[e]][to[e]];
}

/** Whether an edge starts or ends at a node. */
export function touches(scene: Scene, e: number, layer: number, node: number): boolean {
  const l = scene.layer[e];
  return (l === layer && scene.from[e] === node) || (l + 1 === layer && nodeAbove(scene, e) === node);
}

/** The node that an edge leads to, and where it multiplies several sums, which of them the edge is in. */
export function targetOf(scene: Scene, e: number): { node: number; factor: number; of: number } {
  const owner = scene.owner[scene.layer[e]];
  const node = nodeAbove(scene, e);
  const before = owner.indexOf(node) - 1;
  return { node, factor: scene.to[e] - before, of: owner.lastIndexOf(node) - before };
}
