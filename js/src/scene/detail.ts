import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { edgeIndex, findEdge, nodeAt, type Scene } from "../protocol.ts";
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
export class Detail {
  /** What is asked for, as typed. */
  readonly filter = signal("");
  /** How many edges are drawn at most; null where nobody has chosen. */
  readonly wanted = signal<number | null>(null);
  /** Layers all of whose nodes are drawn. */
  readonly unfolded: Signal<ReadonlySet<number>> = signal<ReadonlySet<number>>(new Set());

  /** Goes to the filter's field, where there is one. */
  search: () => void = () => {};

  /** All edges of the network, also those that the scene leaves out. */
  readonly total = computed(() => {
    const scene = this.state.shown.value;
    return scene ? scene.edges + scene.meta.omitted : 0;
  });
  /** Whether there is something to choose. */
  readonly offered = computed(() => this.total.value > FEW);
  readonly most = computed(() => {
    const all = this.state.shown.value?.edges ?? 0;
    const wanted = this.wanted.value ?? (this.total.value <= ALL ? all : SUMMARY);
    return Math.min(all, wanted);
  });
  readonly asked: ReadonlySignal<Filter | null> = computed(() => {
    const scene = this.state.shown.value;
    const text = this.filter.value.trim();
    return scene && text && this.offered.value ? readFilter(text, scene) : null;
  });
  /** Edges that are asked for, strongest first; null where all are. */
  readonly matching: ReadonlySignal<number[] | null> = computed(() => {
    const scene = this.state.shown.value;
    const asked = this.asked.value;
    return scene && asked && !asked.wrong ? byStrength(scene).filter(asked.accepts) : null;
  });
  readonly part: ReadonlySignal<Part | null> = computed(() => {
    const scene = this.state.shown.value;
    if (!scene) return null;
    if (!this.offered.value) return wholeOf(scene);
    const chosen = this.chosenOf(scene);
    this.drawnBefore = new Set([...chosen].map((e) => edgeIndex(scene, e).join()));
    return partOf(scene, chosen, this.asked.value?.nodes ?? [], this.unfolded.value);
  });
  private drawnBefore: ReadonlySet<string> = new Set();

  constructor(private readonly state: State) {}

  /** Draws all nodes of a layer, or folds those without drawn edges again. */
  toggleFold(layer: number): void {
    const unfolded = new Set(this.unfolded.peek());
    if (!unfolded.delete(layer)) unfolded.add(layer);
    this.unfolded.value = unfolded;
  }

  private chosenOf(scene: Scene): Set<number> {
    const most = this.most.value;
    const matching = this.matching.value;
    let chosen: Set<number>;
    if (matching) chosen = new Set(matching.slice(0, most));
    else if (most >= scene.edges) chosen = new Set(wholeOf(scene).edges);
    else chosen = strongest(scene, most, this.state.running.value ? this.drawnBefore : null);
    // What is selected, by whatever means, can be seen.
    for (const edge of [this.state.traits.selected.value, ...this.state.chosen.value]) {
      const e = findEdge(scene, edge);
      if (e >= 0) chosen.add(e);
    }
    return chosen;
  }
}

function byStrength({ edges, score }: Scene): number[] {
  const strength = (e: number) => (Number.isNaN(score[e]) ? -1 : score[e]);
  return Array.from({ length: edges }, (_, e) => e).sort((a, b) => strength(b) - strength(a));
}

/**
 * The strongest edges of each layer, from the outputs down, and of those that lead on before others:
 * what they tell hangs together. While a training runs, those that were drawn stay.
 */
export function strongest(scene: Scene, most: number, drawn: ReadonlySet<string> | null): Set<number> {
  const order = byStrength(scene);
  const chosen = new Set<number>();
  if (drawn) {
    for (const e of order) {
      if (chosen.size < most && drawn.has(edgeIndex(scene, e).join())) chosen.add(e);
    }
  }
  let reached: Set<number> | null = null;
  for (let l = scene.layers - 1; l >= 0; l--) {
    const room = Math.ceil((most - chosen.size) / (l + 1));
    const leadsOn = (e: number) => reached === null || reached.has(scene.owner[l][scene.to[e]]);
    const layer = order.filter((e) => scene.layer[e] === l && !chosen.has(e));
    const ranked = [...layer.filter(leadsOn), ...layer.filter((e) => !leadsOn(e))];
    if (!drawn || chosen.size < most) for (const e of ranked.slice(0, room)) chosen.add(e);
    reached = new Set([...chosen].filter((e) => scene.layer[e] === l).map((e) => scene.from[e]));
  }
  for (const e of order) if (chosen.size < most) chosen.add(e);
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
  const starts = Array.from({ length: scene.layers + 1 }, (_, l) => nodeAt(scene, l, 0));
  for (const e of edges) {
    const l = scene.layer[e];
    nodes[starts[l] + scene.from[e]] = 1;
    nodes[starts[l + 1] + scene.owner[l][scene.to[e]]] = 1;
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
