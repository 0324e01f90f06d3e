import { isAlive, nodeAbove, type PruneCurve, type Scene, startsOf } from "./protocol.ts";

/**
 * The edges that pruning at `threshold` takes away: live edges whose score is not above it, then,
 * until nothing changes, every edge that starts at a hidden node which nothing reaches any more
 * or ends at one that leads nowhere.
 */
export function goingEdges(scene: Scene, threshold: number): Set<number> {
  const limit = Math.fround(threshold); // scores are single precision, as they are in the kernel
  const going = new Set<number>();
  const live: number[] = [];
  let weakest = Number.POSITIVE_INFINITY;
  for (let e = 0; e < scene.edges; e++) {
    if (!isAlive(scene, e)) continue;
    live.push(e);
    weakest = Math.min(weakest, scene.score[e]);
    if (scene.score[e] <= limit) going.add(e);
  }
  // Edges left out of a large scene are weaker than these: until one of these goes, they may hold a node.
  if (scene.meta.omitted > 0 && limit < weakest) return going;
  let remaining = live.filter((e) => !going.has(e));
  for (;;) {
    const fallen = unsupported(scene, remaining);
    if (fallen.length === 0) return going;
    for (const e of fallen) going.add(e);
    remaining = remaining.filter((e) => !going.has(e));
  }
}

function unsupported(scene: Scene, edges: number[]): number[] {
  const { layers, layer, from } = scene;
  const starts = startsOf(scene);
  const source = (e: number) => starts[layer[e]] + from[e];
  const target = (e: number) => starts[layer[e] + 1] + nodeAbove(scene, e);
  const leads = new Set(edges.map(source));
  const reached = new Set(edges.map(target));
  return edges.filter((e) => {
    const sourceDead = layer[e] > 0 && !reached.has(source(e));
    return sourceDead || (layer[e] + 1 < layers && !leads.has(target(e)));
  });
}

export interface PruneCost {
  removed: number;
  loss: number | null;
}

/** What the measured curve says of a threshold: its last entry that is not above it. */
export function costAt(curve: PruneCurve, threshold: number): PruneCost | null {
  let found = -1;
  for (let k = 0; k < curve.threshold.length && curve.threshold[k] <= threshold; k++) found = k;
  return found < 0 ? null : { removed: curve.removed[found], loss: curve.loss[found] };
}

export function largestScore(scene: Scene): number {
  let largest = 0;
  for (let e = 0; e < scene.edges; e++) {
    if (isAlive(scene, e) && scene.score[e] > largest) largest = scene.score[e];
  }
  return largest;
}
