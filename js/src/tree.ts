import type { HistoryNode } from "./model.ts";

/** A line from a state to one that was made from it, in rows and lanes of the drawn tree. */
export interface Link {
  from: number;
  to: number;
  laneFrom: number;
  lane: number;
  trunk: boolean;
}

/** Where each state of the history is drawn: a row each, in the order they were made. */
export interface Tree {
  lane: number[];
  /** How many branchings lie above it, from 1. */
  level: number[];
  trunk: boolean[];
  /** The row of the state it was made from; -1 for the first. */
  parent: number[];
  /** The row of the state that goes on from it; -1 where there is none. */
  onward: number[];
  lanes: number;
  links: Link[];
}

/**
 * Lays the tree out as a graph of lanes. The way through the current state is the left one; every other branch
 * takes the first lane that is free from the row it leaves at to its end.
 */
export function layoutTree(nodes: readonly HistoryNode[], current: number): Tree {
  const rowOf = new Map(nodes.map(({ id }, row) => [id, row]));
  const parent = nodes.map(({ parent }) => (parent === null ? -1 : (rowOf.get(parent) ?? -1)));
  const trunk: boolean[] = nodes.map(() => false);
  for (let row = rowOf.get(current) ?? -1; row >= 0 && !trunk[row]; row = parent[row]) trunk[row] = true;

  /** The way to the current state goes on first, then what was undone last, then what came last. */
  const rank = (row: number) => (trunk[row] ? 2 : nodes[parent[row]].redo === nodes[row].id ? 1 : 0);
  const onward = nodes.map(() => -1);
  parent.forEach((above, row) => {
    if (above < 0) return;
    if (onward[above] < 0 || rank(row) >= rank(onward[above])) onward[above] = row;
  });

  const lane: number[] = nodes.map(() => 0);
  const level: number[] = nodes.map(() => 1);
  const ends: number[] = [];
  const starts = nodes
    .map((_, row) => row)
    .filter((row) => parent[row] < 0 || onward[parent[row]] !== row)
    .sort((a, b) => parent[a] - parent[b] || a - b);
  for (const start of starts) {
    let at = ends.findIndex((end, n) => (n > 0 || ends.length === 0) && end <= parent[start]);
    if (at < 0) at = ends.length;
    const depth = parent[start] < 0 ? 1 : level[parent[start]] + 1;
    for (let row = start; row >= 0; row = onward[row]) {
      lane[row] = at;
      level[row] = depth;
      ends[at] = row;
    }
  }
  const links = parent.flatMap((from, to) =>
    from < 0 ? [] : [{ from, to, laneFrom: lane[from], lane: lane[to], trunk: trunk[to] }],
  );
  return { lane, level, trunk, parent, onward, lanes: Math.max(1, ends.length), links };
}
