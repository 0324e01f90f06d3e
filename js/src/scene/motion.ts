import type { Scene } from "../protocol.ts";
import { clamp } from "../scale.ts";
import type { Layout } from "./layout.ts";

/** Milliseconds that a change of the picture takes to reach the eye. */
export const GLIDE = 180;

/** Quick at first, then slower: what a person has done answers at once. */
export function easeOut(share: number): number {
  return 1 - (1 - clamp(share, 0, 1)) ** 3;
}

/** Whether the person has asked the system for less motion. */
export function likesStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Whether two hold the same numbers in some of their arrays. */
export function sameIn<K extends string>(
  a: Record<K, ArrayLike<number>>,
  b: Record<K, ArrayLike<number>>,
  ...names: K[]
): boolean {
  return names.every((name) => Array.prototype.every.call(a[name], (value, k) => value === b[name][k]));
}

/** Whether two scenes hold the same edges in the same order, so that their curves can glide. */
export function sameEdges(a: Scene, b: Scene): boolean {
  const sameSizes = a.edges === b.edges && a.samples === b.samples;
  return a === b || (sameSizes && sameIn(a, b, "widths", "arity", "layer", "from", "to"));
}

/** Whether edges and nodes look alike but for their numbers: else one picture fades into the other. */
export function sameForms(a: Scene, b: Scene): boolean {
  const sameFunctions = () => JSON.stringify(a.meta.functions) === JSON.stringify(b.meta.functions);
  return a === b || (sameIn(a, b, "kind", "locked", "nodeAlive") && sameFunctions());
}

/**
 * Scenes on the way from one to another with the same edges: all numbers of some edges lie between theirs. The one
 * that is given changes with every call.
 */
export function scenesBetween(from: Scene, to: Scene, edges: Uint32Array): (share: number) => Scene {
  const moving: Record<string, Float32Array> = {};
  for (const [name, end] of Object.entries(to)) {
    // Arrays over edges hold a number or a row for each; those over nodes stay as they will be.
    if (!(end instanceof Float32Array) || name.startsWith("node")) continue;
    moving[name] = new Float32Array(end.length);
  }
  const scene = { ...to, ...moving };
  return (share) => {
    for (const name of Object.keys(moving) as "curve"[]) {
      const [start, end, now] = [from[name], to[name], scene[name]];
      const row = end.length / to.edges;
      for (const e of edges) {
        for (let k = e * row; k < (e + 1) * row; k++) {
          const value = start[k] + (end[k] - start[k]) * share;
          now[k] = Number.isNaN(value) ? end[k] : value;
        }
      }
    }
    return scene;
  };
}

const PLACES = ["frameX", "frameY", "nodeX", "nodeY", "frameSide", "nodeRadius"] as const;

/** Places on the way from one layout to another of the same network. */
export function layoutBetween(from: Layout, to: Layout, share: number): Layout {
  const isOther = from.frameX.length !== to.frameX.length || from.nodeX.length !== to.nodeX.length;
  if (from === to || isOther) return to;
  const number = (a: number, b: number) => (Number.isNaN(a) ? b : a + (b - a) * share);
  const places = PLACES.map((name) => [
    name,
    (to[name] as number[]).map((value, k) => number(from[name][k], value)),
  ]);
  const subnodes = to.subnodes.map((layer, l) =>
    layer.map((place, j) => {
      const { x, y } = from.subnodes[l][j] ?? place;
      return { x: number(x, place.x), y: number(y, place.y) };
    }),
  );
  return { ...to, ...Object.fromEntries(places), subnodes };
}
