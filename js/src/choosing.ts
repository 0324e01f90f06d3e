import { type EdgeIndex, edgeIndex, findEdge, type Scene, sameEdge, touches } from "./protocol.ts";
import { type Camera, frameAt } from "./scene/camera.ts";
import type { Layout } from "./scene/layout.ts";
import type { State } from "./state.ts";

/** A rectangle between two corners, in pixels of the canvas. */
export interface Lasso {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** Takes an edge into the choice, or out of it. */
export function toggleEdge(state: State, edge: EdgeIndex): void {
  const chosen = state.chosen.peek();
  const others = chosen.filter((each) => !sameEdge(each, edge));
  state.chosen.value = others.length < chosen.length ? others : [...chosen, edge];
}

/** Takes edges into the choice; where all of them are in it already, out of it. */
export function toggleEdges(state: State, edges: readonly EdgeIndex[]): void {
  const chosen = state.chosen.peek();
  const added = without(edges, chosen);
  state.chosen.value = added.length > 0 ? [...chosen, ...added] : without(chosen, edges);
}

export function addEdges(before: readonly EdgeIndex[], edges: readonly EdgeIndex[]): readonly EdgeIndex[] {
  const added = without(edges, before);
  return added.length > 0 ? [...before, ...added] : before;
}

function without(edges: readonly EdgeIndex[], others: readonly EdgeIndex[]): EdgeIndex[] {
  const known = new Set(others.map(String));
  return edges.filter((edge) => !known.has(String(edge)));
}

/** The edges that a condition holds for. */
export function edgesWhere(scene: Scene, accepts: (e: number) => boolean): EdgeIndex[] {
  const found: EdgeIndex[] = [];
  for (let e = 0; e < scene.edges; e++) if (accepts(e)) found.push(edgeIndex(scene, e));
  return found;
}

/** All edges into and out of a node, removed ones too. */
export function edgesOfNode(scene: Scene, layer: number, node: number): EdgeIndex[] {
  return edgesWhere(scene, (e) => touches(scene, e, layer, node));
}

/** The edges whose frames have their centre in a rectangle. */
export function edgesWithin(scene: Scene, layout: Layout, camera: Camera, lasso: Lasso): EdgeIndex[] {
  const [left, right] = [Math.min(lasso.x0, lasso.x1), Math.max(lasso.x0, lasso.x1)];
  const [top, bottom] = [Math.min(lasso.y0, lasso.y1), Math.max(lasso.y0, lasso.y1)];
  return edgesWhere(scene, (e) => {
    const { x, y } = frameAt(camera, layout, e);
    return x >= left && x <= right && y >= top && y <= bottom;
  });
}

/** Where edges are in a scene's arrays; those it does not have are left out. */
export function positionsOf(scene: Scene, edges: readonly EdgeIndex[]): number[] {
  if (edges.length < 8) return edges.map((edge) => findEdge(scene, edge)).filter((e) => e >= 0);
  const wanted = new Set(edges.map(String));
  const found: number[] = [];
  for (let e = 0; e < scene.edges; e++) if (wanted.has(edgeIndex(scene, e).join())) found.push(e);
  return found;
}
