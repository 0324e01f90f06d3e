import { hiddenName, prettyFunction, prettyName, rSquared, short, signed } from "./format.ts";
import type { Translate } from "./i18n.ts";
import {
  EdgeKind,
  edgeIndex,
  functionOf,
  isAlive,
  isRemovedNode,
  isSpline,
  nodeAt,
  type Scene,
  targetOf,
} from "./protocol.ts";

export function nodeName({ meta, layers }: Scene, layer: number, node: number): string {
  if (layer > 0 && layer < layers) return hiddenName(layers, layer, node);
  const names = layer === 0 ? meta.inputs : meta.outputs;
  return prettyName(names[node] ?? `(${layer}, ${node})`);
}

/** What an edge is: its function or a spline, and whether it is locked. */
export function kindName(scene: Scene, e: number, t: Translate): string {
  const name = functionName(scene, e, t);
  return scene.locked[e] ? `${name}, ${t("kindLocked")}` : name;
}

function functionName(scene: Scene, e: number, t: Translate): string {
  const kind = scene.kind[e];
  if (kind === EdgeKind.removed) return t("kindRemoved");
  if (kind === EdgeKind.numeric) return t("kindNumeric");
  const found = functionOf(scene, e);
  const name = found === null ? t("kindSymbolic") : prettyFunction(found);
  return kind === EdgeKind.both ? t("kindBoth", { name }) : name;
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

/** Whether data reach an edge beyond the grid of its spline, on one side or both. */
export function extrapolates(scene: Scene, e: number): boolean {
  const { gridLo, gridHi } = scene;
  if (!isSpline(scene, e)) return false;
  const margin = 1e-4 * (gridHi[e] - gridLo[e]);
  return scene.xLo[e] < gridLo[e] - margin || scene.xHi[e] > gridHi[e] + margin;
}

/** What an edge is between, does and is worth, line by line. */
export function edgeLines(scene: Scene, e: number, t: Translate): { text: string; warns?: boolean }[] {
  const r2 = scene.r2[e];
  return [
    { text: edgeEnds(scene, e, t) },
    { text: edgeRange(scene, e, t) },
    ...(Number.isNaN(r2) ? [] : [{ text: t("r2", { r2: rSquared(r2) }) }]),
    { text: edgeWorth(scene, e, t) },
    ...(extrapolates(scene, e) ? [{ text: t("extrapolates"), warns: true }] : []),
  ];
}

/** All of an edge in one sentence, for those who hear it. */
export function describeEdge(scene: Scene, e: number, t: Translate): string {
  const title = t("edge", { index: edgeIndex(scene, e).join(", ") });
  const [ends, ...rest] = edgeLines(scene, e, t).map(({ text }) => text);
  return [title, ends, kindName(scene, e, t), ...rest].join(", ");
}

/** All of a node in one sentence. */
export function describeNode(scene: Scene, layer: number, node: number, t: Translate): string {
  const title = t("node", { index: `${layer}, ${node}` });
  const removed = isRemovedNode(scene, layer, node) ? [t("kindRemoved")] : [];
  return [title, nodeName(scene, layer, node), ...removed, ...nodeLines(scene, layer, node, t)].join(", ");
}

/** What those hear who do not see a picture of the network. */
export function describeNetwork(scene: Scene, t: Translate): { title: string; description: string } {
  const { inputs, outputs, metric, omitted } = scene.meta;
  const live = Array.from(scene.kind.keys()).filter((e) => isAlive(scene, e));
  const named = live.flatMap((e) => {
    const name = functionOf(scene, e);
    return name === null ? [] : [`(${edgeIndex(scene, e).join(", ")}) ${name}`];
  });
  return {
    title: t("pictureTitle", { widths: scene.widths.join(", ") }),
    description: t("pictureSays", {
      live: live.length + omitted,
      edges: scene.edges + omitted,
      inputs: inputs.join(", "),
      outputs: outputs.join(", "),
      functions: named.join(", ") || t("pictureNone"),
      metric,
    }),
  };
}
