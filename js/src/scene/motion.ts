import type { Scene } from "../protocol.ts";
import type { Layout, Point } from "./layout.ts";

/** Milliseconds that a change of the picture takes to reach the eye. */
export const GLIDE = 180;

/** Quick at first, then slower: what a person has done answers at once. */
export function easeOut(share: number): number {
  const left = 1 - Math.min(1, Math.max(0, share));
  return 1 - left * left * left;
}

/** Whether the person has asked the system for less motion. */
export function likesStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Whether two scenes hold the same edges in the same order, so that their curves can glide. */
export function sameEdges(a: Scene, b: Scene): boolean {
  if (a === b) return true;
  const same = (x: Uint32Array, y: Uint32Array) => x.every((value, k) => value === y[k]);
  return (
    a.edges === b.edges &&
    a.samples === b.samples &&
    same(a.widths, b.widths) &&
    same(a.arity, b.arity) &&
    same(a.layer, b.layer) &&
    same(a.from, b.from) &&
    same(a.to, b.to)
  );
}

/** Whether edges and nodes look alike but for their numbers: else one picture fades into the other. */
export function sameForms(a: Scene, b: Scene): boolean {
  if (a === b) return true;
  const same = (x: Uint8Array, y: Uint8Array) => x.every((value, k) => value === y[k]);
  return (
    same(a.kind, b.kind) &&
    same(a.locked, b.locked) &&
    same(a.nodeAlive, b.nodeAlive) &&
    JSON.stringify(a.meta.functions) === JSON.stringify(b.meta.functions)
  );
}

/** A scene on the way from one to another with the same edges: all its numbers lie between theirs. */
export class Between {
  readonly scene: Scene;
  private readonly numbers: { from: Float32Array; to: Float32Array; now: Float32Array; row: number }[] = [];

  constructor(
    from: Scene,
    to: Scene,
    /** The edges whose numbers are needed. */
    private readonly edges: Uint32Array,
  ) {
    const moving: Record<string, Float32Array> = {};
    for (const [name, end] of Object.entries(to)) {
      const start = (from as unknown as Record<string, unknown>)[name];
      if (!(end instanceof Float32Array && start instanceof Float32Array)) continue;
      // Arrays over edges hold a number or a row for each; those over nodes stay as they will be.
      if (to.edges === 0 || end.length % to.edges !== 0 || end.length !== start.length) continue;
      if (name.startsWith("node")) continue;
      moving[name] = new Float32Array(end.length);
      this.numbers.push({ from: start, to: end, now: moving[name], row: end.length / to.edges });
    }
    this.scene = { ...to, ...moving };
  }

  move(share: number): Scene {
    for (const { from, to, now, row } of this.numbers) {
      for (const e of this.edges) {
        for (let k = e * row; k < (e + 1) * row; k++) {
          const value = from[k] + (to[k] - from[k]) * share;
          now[k] = Number.isNaN(value) ? to[k] : value;
        }
      }
    }
    return this.scene;
  }
}

/** Places on the way from one layout to another of the same network. */
export function layoutBetween(from: Layout, to: Layout, share: number): Layout {
  if (from === to || from.frameX.length !== to.frameX.length || from.nodeX.length !== to.nodeX.length)
    return to;
  const number = (a: number, b: number) => (Number.isNaN(a) ? b : a + (b - a) * share);
  const array = (a: Float32Array, b: Float32Array) => b.map((value, k) => number(a[k], value));
  const list = (a: number[], b: number[]) => b.map((value, k) => number(a[k], value));
  const point = (a: Point, b: Point) => ({ x: number(a.x, b.x), y: number(a.y, b.y) });
  return {
    ...to,
    frameX: array(from.frameX, to.frameX),
    frameY: array(from.frameY, to.frameY),
    nodeX: array(from.nodeX, to.nodeX),
    nodeY: array(from.nodeY, to.nodeY),
    frameSide: list(from.frameSide, to.frameSide),
    nodeRadius: list(from.nodeRadius, to.nodeRadius),
    subnodes: to.subnodes.map((places, l) =>
      places.map((place, j) => point(from.subnodes[l][j] ?? place, place)),
    ),
  };
}
