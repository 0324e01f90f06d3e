import type { Values } from "../commands.ts";
import { clamp } from "../scale.ts";
import { linear, padded, polyline } from "./curves.ts";

const WIDTH = 52;
const HEIGHT = 26;

/** A small copy for one row: the edge's curve, and the function's over it. */
export function Miniature({ edge, candidate }: { edge: Values; candidate: Values }) {
  const scaled = linear(padded(edge), HEIGHT, 0);
  const toY = (y: number) => clamp(scaled(y), -30, 60);
  const toX = linear({ lo: 0, hi: edge.length - 1 }, 0, WIDTH);
  const places = [...edge.keys()];
  return (
    <svg
      class="kw-miniature"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      <path class="kw-curve" d={polyline(places, edge, toX, toY)} />
      <path class="kw-candidate-curve" d={polyline(places, candidate, toX, toY, 60)} />
    </svg>
  );
}
