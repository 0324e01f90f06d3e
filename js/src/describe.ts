import { hiddenName, prettyFunction, prettyName, short, signed } from "./format.ts";
import type { Translate } from "./i18n.ts";
import { EdgeKind, edgeIndex, functionOf, nodeAt, type Scene, targetOf } from "./protocol.ts";

export function nodeName(scene: Scene, layer: number, node: number): string {
  if (layer === 0) return prettyName(scene.meta.inputs[node] ?? `(0, ${node})`);
  if (layer === scene.layers) return prettyName(scene.meta.outputs[node] ?? `(${layer}, ${node})`);
  return hiddenName(scene.layers, layer, node);
}

/** What an edge is: its function or a spline, and whether it is locked. */
export function kindName(scene: Scene, e: number, t: Translate): string {
  const name = functionName(scene, e, t);
  return scene.locked[e] ? `${name}, ${t("kindLocked")}` : name;
}

function functionName(scene: Scene, e: number, t: Translate): string {
  const found = functionOf(scene, e);
  const name = found === null ? t("kindSymbolic") : prettyFunction(found);
  switch (scene.kind[e]) {
    case EdgeKind.removed:
      return t("kindRemoved");
    case EdgeKind.symbolic:
      return name;
    case EdgeKind.both:
      return t("kindBoth", { name });
    default:
      return t("kindNumeric");
  }
}

/** From node to node; of a product also which factor the edge is in. */
export function edgeEnds(scene: Scene, e: number, t: Translate): string {
  const l = scene.layer[e];
  const { node, factor, of } = targetOf(scene, e);
  const ends = `${nodeName(scene, l, scene.from[e])} → ${nodeName(scene, l + 1, node)}`;
  return of === 1 ? ends : `${ends}, ${t("factor", { factor, of })}`;
}

/** The range of a node's values, and of a product how many sums it multiplies. */
export function nodeLines(scene: Scene, layer: number, node: number, t: Translate): string[] {
  const at = nodeAt(scene, layer, node);
  const range = t("nodeRange", { lo: short(scene.nodeLo[at]), hi: short(scene.nodeHi[at]) });
  const arity = scene.arity[at];
  return arity > 1 ? [t("nodeProduct", { count: arity }), range] : [range];
}

export function edgeRange(scene: Scene, e: number, t: Translate): string {
  return t("range", {
    xLo: short(scene.xLo[e]),
    xHi: short(scene.xHi[e]),
    yLo: short(scene.yLo[e]),
    yHi: short(scene.yHi[e]),
  });
}

export function edgeWorth(scene: Scene, e: number, t: Translate): string {
  const score = t("score", { score: short(scene.score[e]) });
  const dloss = scene.dloss[e];
  return Number.isNaN(dloss) ? score : `${score} · ${t("dloss", { dloss: signed(dloss) })}`;
}

/** All of an edge in one sentence, for those who hear it. */
export function describeEdge(scene: Scene, e: number, t: Translate): string {
  const title = t("edge", { index: edgeIndex(scene, e).join(", ") });
  return [
    title,
    edgeEnds(scene, e, t),
    kindName(scene, e, t),
    edgeRange(scene, e, t),
    edgeWorth(scene, e, t),
  ].join(", ");
}
