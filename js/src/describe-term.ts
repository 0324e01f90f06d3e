import { edgeEnds, kindName } from "./describe.ts";
import type { Translate } from "./i18n.ts";
import { type EdgeIndex, findEdge, type Scene } from "./protocol.ts";

const MOST = 3;

/** Where a term of the formula comes from: its edge, from node to node, and what that edge is. */
export function describeTerm(edges: readonly EdgeIndex[], scene: Scene | null, t: Translate): string {
  const said = edges.slice(0, MOST).map((edge) => {
    const title = t("edge", { index: edge.join(", ") });
    const e = scene ? findEdge(scene, edge) : -1;
    return scene && e >= 0 ? `${title}, ${edgeEnds(scene, e, t)}, ${kindName(scene, e, t)}` : title;
  });
  const more = edges.length - said.length;
  return said.join("; ") + (more > 0 ? `; ${t("termMore", { count: more })}` : "");
}
