import { EdgeKind, ownersOf, type Scene } from "../src/protocol.ts";

export type EdgeFunction = (x: number) => number;

export interface EdgeSpec {
  f: EdgeFunction;
  score: number;
  kind?: number;
  name?: string;
  /** The range of the grid; the range of the inputs is −1 to 1. */
  grid?: [number, number];
  locked?: boolean;
}

const SAMPLES = 48;
const BINS = 24;

/** A layer's nodes: how many, or the arity of each. */
export type Nodes = number | number[];

/** A scene of fully connected layers; `spec` says what each edge (l, i, j) is. */
export function makeScene(
  layers: Nodes[],
  spec: (l: number, i: number, j: number) => EdgeSpec,
  options: Partial<Pick<Scene, "version">> & {
    inputs?: string[];
    outputs?: string[];
    deadNodes?: string[];
  } = {},
): Scene {
  const arities = layers.map((nodes) => (typeof nodes === "number" ? Array<number>(nodes).fill(1) : nodes));
  const widths = Uint32Array.from(arities, (nodes) => nodes.length);
  const arity = Uint32Array.from(arities.flatMap((nodes, l) => (l === 0 ? nodes.map(() => 0) : nodes)));
  const owner = ownersOf(widths, arity);
  const index = owner.flatMap(({ length }, l) =>
    Array.from({ length: widths[l] * length }, (_, n) => [l, Math.floor(n / length), n % length] as const),
  );
  const specs = index.map(([l, i, j]) => spec(l, i, j));
  const edges = index.length;
  const xs = Array.from({ length: SAMPLES }, (_, k) => -1 + (2 * k) / (SAMPLES - 1));
  const curves = specs.map(({ f }) => xs.map(f));
  const nodes = arities.flatMap((each, l) => each.map((_, i) => `${l},${i}`));
  const scores = specs.map(({ score }) => score);
  return {
    version: options.version ?? 1,
    layers: owner.length,
    edges,
    samples: SAMPLES,
    bins: BINS,
    widths,
    nodeAlive: Uint8Array.from(nodes, (n) => (options.deadNodes?.includes(n) ? 0 : 1)),
    arity,
    owner,
    nodeLo: new Float32Array(nodes.length).fill(-1),
    nodeHi: new Float32Array(nodes.length).fill(1),
    layer: Uint32Array.from(index, ([l]) => l),
    from: Uint32Array.from(index, ([, i]) => i),
    to: Uint32Array.from(index, ([, , j]) => j),
    kind: Uint8Array.from(specs, ({ kind }) => kind ?? EdgeKind.numeric),
    locked: Uint8Array.from(specs, ({ locked }) => (locked ? 1 : 0)),
    score: Float32Array.from(scores),
    dloss: Float32Array.from(scores, (score) => (score > 0.5 ? score * score * 0.4 : Number.NaN)),
    xLo: new Float32Array(edges).fill(-1),
    xHi: new Float32Array(edges).fill(1),
    yLo: Float32Array.from(curves, (curve) => Math.min(...curve)),
    yHi: Float32Array.from(curves, (curve) => Math.max(...curve)),
    gridLo: Float32Array.from(specs, ({ grid }) => grid?.[0] ?? -1),
    gridHi: Float32Array.from(specs, ({ grid }) => grid?.[1] ?? 1),
    r2: Float32Array.from(specs, ({ kind }) => (kind === EdgeKind.symbolic ? 0.99991 : Number.NaN)),
    curve: Float32Array.from(curves.flat()),
    histogram: Uint8Array.from({ length: edges * BINS }, (_, n) =>
      bump((n % BINS) / BINS, Math.floor(n / BINS)),
    ),
    meta: {
      inputs: options.inputs ?? Array.from({ length: widths[0] }, (_, i) => `x_${i + 1}`),
      outputs: options.outputs ?? ["y"],
      functions: Object.fromEntries(
        specs.flatMap(({ name }, e) => (name ? [[index[e].join(","), name]] : [])),
      ),
      metric: "backward",
      omitted: 0,
      prune: pruneCurve(specs.filter(({ kind }) => kind !== EdgeKind.removed).map(({ score }) => score)),
    },
  };
}

function bump(at: number, edge: number): number {
  const centre = 0.35 + 0.3 * Math.abs(Math.sin(edge));
  return Math.round(255 * Math.exp(-((at - centre) ** 2) / 0.09));
}

function pruneCurve(scores: number[]) {
  const threshold = [0, ...scores].sort((a, b) => a - b);
  return {
    threshold,
    removed: threshold.map((t) => scores.filter((score) => score <= t).length),
    loss: threshold.map(
      (t) => 0.0031 * (1 + 90 * scores.filter((s) => s <= t).reduce((sum, s) => sum + s * s, 0)),
    ),
  };
}

const wobble =
  (seed: number): EdgeFunction =>
  (x) =>
    0.3 * Math.sin(2.2 * x + seed) + 0.16 * Math.sin(5 * x + 2 * seed) + 0.1 * x * Math.cos(seed);

/** exp(sin(πx) + y²) in a [2, 5, 1] network; `progress` from 0 (untrained) to 1. */
export function helloWorld(
  progress = 1,
  version = 1,
  fixed: Record<string, string> = {},
  removed: string[] = [],
  locked: string[] = [],
) {
  const targets: Record<string, EdgeFunction | undefined> = {
    "0,0,0": (x) => Math.sin(Math.PI * x),
    "0,1,0": (x) => x * x,
    "1,0,0": (x) => Math.exp(1.2 * x),
  };
  return makeScene(
    [2, 5, 1],
    (l, i, j) => {
      const key = `${l},${i},${j}`;
      const start = wobble(l * 7 + i * 3 + j * 1.7);
      const target = targets[key];
      const f: EdgeFunction = (x) =>
        target ? progress * target(x) + (1 - progress) * start(x) : start(x * (1 + 0.2 * progress));
      const weak = 0.02 + 0.05 * Math.abs(Math.sin(l * 5 + i * 2.3 + j));
      const score = target ? 0.25 + 0.7 * progress : 0.4 * (1 - progress) + weak;
      const kind = removed.includes(key)
        ? EdgeKind.removed
        : fixed[key]
          ? EdgeKind.symbolic
          : EdgeKind.numeric;
      return { f, score, kind, name: fixed[key], locked: locked.includes(key) };
    },
    { version },
  );
}

/** A wide network of any shape, for trying many edges. */
export function wide(layers: Nodes[], version = 1): Scene {
  const last = layers[layers.length - 1];
  const outputs = typeof last === "number" ? last : last.length;
  return makeScene(
    layers,
    (l, i, j) => ({
      f: wobble(l * 31 + i * 5 + j * 1.3),
      score: Math.abs(Math.sin(l * 91 + i * 17 + j * 5)) ** 4,
    }),
    { version, outputs: Array.from({ length: outputs }, (_, k) => `y_${k + 1}`) },
  );
}
