import { hiddenName, prettyFunction, prettyName, short, signed } from "./format.ts";
import type { Translate } from "./i18n.ts";
import { EdgeKind, edgeIndex, functionOf, type Scene } from "./protocol.ts";

export function nodeName(scene: Scene, layer: number, node: number): string {
  if (layer === 0) return prettyName(scene.meta.inputs[node] ?? `(0, ${node})`);
  if (layer === scene.layers) return prettyName(scene.meta.outputs[node] ?? `(${layer}, ${node})`);
  return hiddenName(scene.layers, layer, node);
}

export function kindName(scene: Scene, e: number, t: Translate): string {
  const found = functionOf(scene, e);
  const name = found === null ? t("kindSymbolic") : prettyFunction(found);
  switch (scene.kind[e]) {
    case EdgeKind.removed:
      return t("kindRemoved");
    case EdgeKind.symbolic:
      return name;
    case EdgeKind.both:
      return t("kindBoth", { name });
    case EdgeKind.locked:
      return t("kindLocked");
    default:
      return t("kindNumeric");
  }
}

export function edgeEnds(scene: Scene, e: number): string {
  const l = scene.layer[e];
  return `${nodeName(scene, l, scene.from[e])} → ${nodeName(scene, l + 1, scene.to[e])}`;
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
    edgeEnds(scene, e),
    kindName(scene, e, t),
    edgeRange(scene, e, t),
    edgeWorth(scene, e, t),
  ].join(", ");
}
