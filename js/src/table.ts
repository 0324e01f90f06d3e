import { kindName, nodeName } from "./describe.ts";
import type { Translate } from "./i18n.ts";
import { type EdgeIndex, edgeIndex, isAlive, type Scene, targetOf } from "./protocol.ts";

/** A row of the table of edges. */
export interface Row {
  edge: EdgeIndex;
  from: string;
  to: string;
  kind: string;
  r2: number;
  score: number;
  cost: number;
  alive: boolean;
  locked: boolean;
}

export const COLUMNS = ["edge", "from", "to", "kind", "r2", "score", "cost", "locked"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  column: Column;
  descending: boolean;
}

/** Of these the largest come first when they are sorted by. */
const NUMBERS: readonly Column[] = ["r2", "score", "cost", "locked"];

export function rowsOf(scene: Scene, t: Translate): Row[] {
  return Array.from({ length: scene.edges }, (_, e) => {
    const l = scene.layer[e];
    return {
      edge: edgeIndex(scene, e),
      from: nodeName(scene, l, scene.from[e]),
      to: nodeName(scene, l + 1, targetOf(scene, e).node),
      kind: kindName({ ...scene, locked: NONE }, e, t),
      r2: scene.r2[e],
      score: scene.score[e],
      cost: scene.dloss[e],
      alive: isAlive(scene, e),
      locked: scene.locked[e] === 1,
    };
  });
}

/** The column beside it tells of locks. */
const NONE = new Uint8Array();

/** The order when the head of a column is pressed: a second time turns it round. */
export function pressed(order: Order, column: Column): Order {
  return { column, descending: order.column === column ? !order.descending : NUMBERS.includes(column) };
}

/** Rows in an order; what is not known comes last. */
export function sorted(rows: Row[], { column, descending }: Order): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (column === "edge") return sign * compareEdges(a.edge, b.edge);
    const [left, right] = [a[column], b[column]];
    if (typeof left === "string")
      return sign * left.localeCompare(right as string, undefined, { numeric: true });
    const unknown = Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return unknown || sign * (Number(left) - Number(right)) || 0;
  });
}

function compareEdges(a: EdgeIndex, b: EdgeIndex): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
