import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { edgeIndex, findEdge, nodeAbove, type Scene, startsOf } from "../protocol.ts";
import type { State } from "../state.ts";
import { type Filter, readFilter } from "./filter.ts";
import { type Part, wholeOf } from "./layout.ts";

/** Networks of more edges than this can be looked at in part. */
export const FEW = 150;
/** Up to so many edges all are drawn unless a person wants fewer. */
const ALL = 1000;
/** How many are drawn of more than that at first. */
const SUMMARY = 60;
/** Layers of no more nodes than this show all of them. */
const NARROW = 24;
/** Fewer nodes than this are not worth folding. */
const LEAST_FOLDED = 4;

/** What of a large network is drawn, and what a person has wanted of it. */
export function detailOf({ shown, running, traits, chosen }: State) {
  /** What is asked for, as typed. */
  const filter = signal("");
  /** How many edges are drawn at most; null where nobody has chosen. */
  const wanted = signal<number | null>(null);
  /** Layers all of whose nodes are drawn. */
  const unfolded: Signal<ReadonlySet<number>> = signal<ReadonlySet<number>>(new Set());
  let drawnBefore: ReadonlySet<string> = new Set();

  /** All edges of the network, also those that the scene leaves out. */
  const total = computed(() => {
    const scene = shown.value;
    return scene ? scene.edges + scene.meta.omitted : 0;
  });
  /** Whether there is something to choose. */
  const offered = computed(() => total.value > FEW);
  const most = computed(() => {
    const all = shown.value?.edges ?? 0;
    return Math.min(all, wanted.value ?? (total.value <= ALL ? all : SUMMARY));
  });
  const asked: ReadonlySignal<Filter | null> = computed(() => {
    const scene = shown.value;
    const text = filter.value.trim();
    return scene && text && offered.value ? readFilter(text, scene) : null;
  });
  /** Edges that are asked for, strongest first; null where all are. */
  const matching: ReadonlySignal<number[] | null> = computed(() => {
    const scene = shown.value;
    return scene && asked.value && !asked.value.wrong ? byStrength(scene).filter(asked.value.accepts) : null;
  });
  const drawnOf = (scene: Scene): Set<number> => {
    if (matching.value) return new Set(matching.value.slice(0, most.value));
    if (most.value >= scene.edges) return new Set(wholeOf(scene).edges);
    return strongest(scene, most.value, running.value ? drawnBefore : null);
  };
  const part: ReadonlySignal<Part | null> = computed(() => {
    const scene = shown.value;
    if (!scene || !offered.value) return scene && wholeOf(scene);
    const drawn = drawnOf(scene);
    // What is selected, by whatever means, can be seen.
    for (const edge of [traits.selected.value, ...chosen.value]) drawn.add(findEdge(scene, edge));
    drawn.delete(-1);
    drawnBefore = new Set([...drawn].map((e) => String(edgeIndex(scene, e))));
    return partOf(scene, drawn, asked.value?.nodes ?? [], unfolded.value);
  });
  /** Draws all nodes of a layer, or folds those without drawn edges again. */
  const toggleFold = (layer: number) => {
    const layers = new Set(unfolded.peek());
    if (!layers.delete(layer)) layers.add(layer);
    unfolded.value = layers;
  };
  /** Goes to the filter's field, where there is one. */
  const search = () => {};
  return { filter, wanted, total, offered, most, asked, matching, part, toggleFold, search };
}

export type Detail = ReturnType<typeof detailOf>;

function byStrength({ edges, score }: Scene): number[] {
  const strength = (e: number) => (Number.isNaN(score[e]) ? -1 : score[e]);
  return Array.from({ length: edges }, (_, e) => e).sort((a, b) => strength(b) - strength(a));
}

/**
 * The strongest edges of each layer, from the outputs down, and of those that lead on before others:
 * what they tell hangs together. While a training runs, those that were drawn stay.
 */
export function strongest(scene: Scene, most: number, drawn: ReadonlySet<string> | null): Set<number> {
  const { layers, layer, from } = scene;
  const order = byStrength(scene);
  const chosen = new Set<number>();
  const add = (edges: number[], limit: number) => {
    for (const e of edges) if (chosen.size < limit) chosen.add(e);
  };
  if (drawn)
    add(
      order.filter((e) => drawn.has(String(edgeIndex(scene, e)))),
      most,
    );
  let reached: Set<number> | null = null;
  for (let l = layers - 1; l >= 0; l--) {
    const leadsOn = (e: number) => !reached || reached.has(nodeAbove(scene, e));
    const left = order.filter((e) => layer[e] === l && !chosen.has(e));
    const ranked = [...left.filter(leadsOn), ...left.filter((e) => !leadsOn(e))];
    add(ranked, chosen.size + Math.ceil((most - chosen.size) / (l + 1)));
    reached = new Set([...chosen].filter((e) => layer[e] === l).map((e) => from[e]));
  }
  add(order, most);
  return chosen;
}

/** The chosen edges with their nodes; in wide layers the other nodes are folded. */
function partOf(
  scene: Scene,
  chosen: ReadonlySet<number>,
  named: number[],
  unfolded: ReadonlySet<number>,
): Part {
  const edges = Uint32Array.from(chosen).sort();
  const nodes = new Uint8Array(scene.nodeAlive.length);
  const starts = startsOf(scene);
  for (const e of edges) {
    const l = scene.layer[e];
    nodes[starts[l] + scene.from[e]] = 1;
    nodes[starts[l + 1] + nodeAbove(scene, e)] = 1;
  }
  for (const node of named) nodes[node] = 1;
  const folded = starts.map((start, l) => {
    const layer = nodes.subarray(start, start + scene.widths[l]);
    const rest = layer.reduce((sum, drawn) => sum - drawn, layer.length);
    const folds = layer.length > NARROW && rest >= LEAST_FOLDED;
    if (!folds || unfolded.has(l)) layer.fill(1);
    return folds ? rest : 0;
  });
  return { edges, nodes, folded };
}
