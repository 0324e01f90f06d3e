import type { HistoryNode } from "../model.ts";
import type { Tree } from "../tree.ts";
import { extent, linear, polyline } from "./curves.ts";

/** Pixels of a row of the history, and of a lane of its graph. */
export const ROW = 40;
export const LANE = 12;
export const MOST_LANES = 7;

const SPARK = { width: 46, height: 13 };

/** The losses of a burst on a logarithmic scale of their own. */
export function Spark({ losses }: { losses: number[] }) {
  const { width, height } = SPARK;
  const logs = losses.map((loss) => Math.log(Math.max(loss, 1e-300)));
  const { lo, hi } = extent(logs);
  const toX = linear({ lo: 0, hi: logs.length - 1 }, 1, width - 1);
  const toY = linear({ lo, hi: Math.max(hi, lo + 1e-9) }, height - 1, 1);
  return (
    <svg class="kw-spark" width={width} height={height} aria-hidden="true">
      <path d={polyline([...logs.keys()], logs, toX, toY)} />
    </svg>
  );
}

interface GraphProps {
  tree: Tree;
  nodes: HistoryNode[];
  here: number;
  first: number;
  last: number;
  width: number;
}

/** Lines and dots of the rows in sight. */
export function Graph({ tree, nodes, here, first, last, width }: GraphProps) {
  const x = (lane: number) => 10 + LANE * Math.min(lane, MOST_LANES - 1);
  const y = (row: number) => (row - first + 0.5) * ROW;
  const seen = tree.links.filter(({ from, to }) => from <= last && to >= first);
  const rows = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  return (
    <svg
      class="kw-graph"
      aria-hidden="true"
      width={width}
      height={Math.max(0, rows.length * ROW)}
      style={{ top: `${first * ROW}px` }}
    >
      {seen.map(({ from, to, laneFrom, lane, trunk }) => (
        <path key={to} data-trunk={trunk} d={linkPath(x(laneFrom), y(from), x(lane), y(to))} />
      ))}
      {rows.map((row) => (
        <circle
          key={row}
          cx={x(tree.lane[row])}
          cy={y(row)}
          r={row === here ? 5.5 : 4}
          data-trunk={tree.trunk[row]}
          data-here={row === here}
          data-gone={nodes[row].kept === false}
        />
      ))}
    </svg>
  );
}

function linkPath(x0: number, y0: number, x1: number, y1: number): string {
  if (x0 === x1) return `M${x0} ${y0}V${y1}`;
  const bend = y0 + ROW;
  return `M${x0} ${y0}C${x0} ${y0 + 0.7 * ROW} ${x1} ${y0 + 0.3 * ROW} ${x1} ${bend}V${y1}`;
}
