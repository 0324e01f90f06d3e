import { describe, expect, it } from "vitest";
import { makeScene } from "../dev/scenes.ts";
import { EdgeKind, edgeIndex } from "../src/protocol.ts";
import { costAt, goingEdges, largestScore } from "../src/prune.ts";

/** [2, 2, 1]: the scores of edges (l, i, j), 0.5 where nothing is said. */
function scored(scores: Record<string, number>, removed: string[] = []) {
  return makeScene([2, 2, 1], (l, i, j) => ({
    f: Math.sin,
    score: scores[`${l},${i},${j}`] ?? 0.5,
    kind: removed.includes(`${l},${i},${j}`) ? EdgeKind.removed : EdgeKind.numeric,
  }));
}

function going(scene: ReturnType<typeof scored>, threshold: number): string[] {
  return [...goingEdges(scene, threshold)].map((e) => edgeIndex(scene, e).join(",")).sort();
}

describe("which edges go", () => {
  it("takes those whose score is not above the threshold", () => {
    const scene = scored({ "0,0,0": 0.1, "0,1,1": 0.2 });
    expect(going(scene, 0.05)).toEqual([]);
    expect(going(scene, scene.score[0])).toEqual(["0,0,0"]);
    expect(going(scene, 0.3)).toEqual(["0,0,0", "0,1,1"]);
  });

  it("takes the edge that leaves a node which nothing reaches any more", () => {
    expect(going(scored({ "0,0,1": 0.1, "0,1,1": 0.1 }), 0.2)).toEqual(["0,0,1", "0,1,1", "1,1,0"]);
  });

  it("takes the edges that lead into a node which leads nowhere any more", () => {
    expect(going(scored({ "1,0,0": 0.1 }), 0.2)).toEqual(["0,0,0", "0,1,0", "1,0,0"]);
  });

  it("keeps a product while one of its factors is reached, and takes all its edges with it", () => {
    const product = (removed: number[]) =>
      makeScene([1, [2, 1], 1], (l, _, j) => ({
        f: Math.sin,
        score: l === 0 && removed.includes(j) ? 0.1 : 0.9,
      }));
    expect(going(product([0]), 0.2)).toEqual(["0,0,0"]);
    expect(going(product([0, 1]), 0.2)).toEqual(["0,0,0", "0,0,1", "1,0,0"]);
    const above = makeScene([1, [2, 1], 1], (l, i) => ({
      f: Math.sin,
      score: l === 1 && i === 0 ? 0.1 : 0.9,
    }));
    expect(going(above, 0.2)).toEqual(["0,0,0", "0,0,1", "1,0,0"]);
  });

  it("repeats until nothing changes, through several layers", () => {
    const chain = makeScene([1, 1, 1, 1], (l) => ({ f: Math.sin, score: l === 0 ? 0.1 : 0.9 }));
    expect(goingEdges(chain, 0.2).size).toBe(3);
  });

  it("leaves removed edges alone, and does not count them as support", () => {
    const scene = scored({ "0,0,1": 0.1 }, ["0,1,1"]);
    expect(going(scene, 0.2)).toEqual(["0,0,1", "1,1,0"]);
  });

  it("does not guess about nodes held by edges that a large scene leaves out", () => {
    const scene = scored({}, ["0,0,1", "0,1,1"]);
    scene.meta.omitted = 10;
    expect(going(scene, 0.2)).toEqual([]);
    expect(goingEdges(scene, 0.6).size).toBe(4);
  });
});

describe("what it costs", () => {
  const curve = { threshold: [0, 0.1, 0.3], loss: [1, 2, null], removed: [0, 2, 5] };

  it("is what the last measured threshold not above it says", () => {
    expect(costAt(curve, 0.2)).toEqual({ removed: 2, loss: 2 });
    expect(costAt(curve, 0.1)).toEqual({ removed: 2, loss: 2 });
    expect(costAt(curve, 9)).toEqual({ removed: 5, loss: null });
  });

  it("is unknown below the first one, and without a curve", () => {
    expect(costAt({ threshold: [0.1], loss: [1], removed: [0] }, 0)).toBeNull();
    expect(costAt({ threshold: [], loss: [], removed: [] }, 1)).toBeNull();
  });
});

it("the largest score is that of a live edge", () => {
  expect(largestScore(scored({ "0,0,0": 0.7, "0,0,1": 3 }, ["0,0,1"]))).toBeCloseTo(0.7);
});
