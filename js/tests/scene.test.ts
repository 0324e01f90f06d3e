import { describe, expect, it } from "vitest";
import { helloWorld, makeScene, wide } from "../dev/scenes.ts";
import { EdgeKind, edgeIndex, findEdge, type Scene } from "../src/protocol.ts";
import {
  between,
  FITTED,
  lookingAt,
  panBy,
  resized,
  toScreen,
  toWorld,
  zoomAt,
} from "../src/scene/camera.ts";
import { hitTest } from "../src/scene/hit.ts";
import { bestRows, layoutOf } from "../src/scene/layout.ts";
import { type Look, marksOf, opacity } from "../src/scene/marks.ts";
import { walk } from "../src/scene/walk.ts";

const SIZE = { width: 900, height: 480 };
const PLAIN: Look = { selected: null, hoveredEdge: -1, hoveredNode: null, going: new Set() };

describe("layout", () => {
  const scene = helloWorld();
  const layout = layoutOf(scene, SIZE);

  it("puts inputs at the bottom, outputs on top, and each frame between its nodes", () => {
    expect(layout.nodeY[0]).toBeGreaterThan(layout.nodeY[2]);
    expect(layout.nodeY[2]).toBeGreaterThan(layout.nodeY[7]);
    for (let e = 0; e < scene.edges; e++) {
      const below = scene.layer[e] === 0 ? layout.nodeY[0] : layout.nodeY[2];
      const above = scene.layer[e] === 0 ? layout.nodeY[2] : layout.nodeY[7];
      const half = layout.frameSide[scene.layer[e]] / 2;
      expect(layout.frameY[e] + half).toBeLessThan(below);
      expect(layout.frameY[e] - half).toBeGreaterThan(above);
    }
  });

  it.each([[helloWorld()], [wide([4, 10, 10, 1])], [wide([20, 20, 25, 4])]])(
    "keeps frames apart and inside the canvas",
    (any: Scene) => {
      const placed = layoutOf(any, SIZE);
      for (let a = 0; a < any.edges; a++) {
        const side = placed.frameSide[any.layer[a]];
        expect(side).toBeGreaterThan(5);
        expect(placed.frameX[a] - side / 2).toBeGreaterThanOrEqual(0);
        expect(placed.frameX[a] + side / 2).toBeLessThanOrEqual(SIZE.width);
        let clearance = Number.POSITIVE_INFINITY;
        for (let b = 0; b < a; b++) {
          if (any.layer[a] !== any.layer[b]) continue;
          const dx = Math.abs(placed.frameX[a] - placed.frameX[b]);
          const dy = Math.abs(placed.frameY[a] - placed.frameY[b]);
          clearance = Math.min(clearance, Math.max(dx, dy) - side);
        }
        expect(clearance).toBeGreaterThan(0);
      }
    },
  );

  it("keeps few frames in one row and stacks many", () => {
    expect(bestRows(10, 900, 120).rows).toBe(1);
    const many = bestRows(200, 900, 120);
    expect(many.rows).toBeGreaterThan(2);
    expect(many.side).toBeGreaterThan(bestRows(200, 900, 6).side);
  });
});

describe("products", () => {
  const scene = makeScene([2, [1, 2, 3], 1], () => ({ f: Math.sin, score: 1 }));
  const layout = layoutOf(scene, SIZE);
  const marks = marksOf(scene, layout, FITTED, PLAIN);
  const into = (l: number, i: number, j: number) => marks.links[2 * findEdge(scene, [l, i, j]) + 1].to;

  it("have a sign, and a dot with a way up for each factor", () => {
    expect(marks.discs.filter((disc) => disc.cross)).toHaveLength(2);
    expect(marks.links).toHaveLength(2 * scene.edges + 5);
    expect(marks.discs).toHaveLength(6 + 5);
    const ways = marks.links.slice(2 * scene.edges);
    for (const { from, to } of ways) expect(from.y).toBeGreaterThan(to.y);
    expect(new Set(ways.map(({ to }) => to.x)).size).toBe(2);
  });

  it("let edges from one input into two factors be told apart", () => {
    expect(into(0, 0, 1).x).toBeLessThan(into(0, 0, 2).x - 10);
    expect(into(0, 0, 1)).toEqual(into(0, 1, 1));
    expect(into(0, 0, 0)).toMatchObject({ x: layout.nodeX[2], y: layout.nodeY[2] });
  });

  it("keep frames clear of their factors", () => {
    for (let e = 0; e < scene.edges; e++) {
      if (scene.layer[e] > 0) continue;
      const top = layout.frameY[e] - layout.frameSide[0] / 2;
      for (const place of layout.subnodes[0]) expect(place.y + 4).toBeLessThan(top);
    }
  });

  it("are found by their factors too, and their edges by frames", () => {
    const { x, y } = layout.subnodes[0][5];
    expect(hitTest(scene, layout, FITTED, x, y)).toEqual({ kind: "node", layer: 1, node: 2 });
    for (let e = 0; e < scene.edges; e++) {
      expect(hitTest(scene, layout, FITTED, layout.frameX[e], layout.frameY[e])).toEqual({
        kind: "edge",
        edge: e,
      });
    }
  });

  it("show a factor without edges hollow", () => {
    const poor = makeScene([1, [2]], (_, __, j) => ({
      f: Math.sin,
      score: 1,
      kind: j === 0 ? EdgeKind.removed : EdgeKind.numeric,
    }));
    const dots = marksOf(poor, layoutOf(poor, SIZE), FITTED, PLAIN).discs.slice(0, 2);
    expect(dots.map((dot) => dot.hollow)).toEqual([true, false]);
  });
});

describe("camera", () => {
  it("zooms about the pointer and back", () => {
    const camera = zoomAt(FITTED, { x: 300, y: 200 }, 3, SIZE);
    expect(camera.zoom).toBeCloseTo(3);
    expect(toWorld(camera, 300, 200)).toEqual({ x: 300, y: 200 });
    const there = toScreen(camera, 123, 45);
    expect(toWorld(camera, there.x, there.y).x).toBeCloseTo(123);
  });

  it("looks at a box from as near as it fits, and no nearer than asked", () => {
    const box = { left: 100, top: 50, right: 200, bottom: 90 };
    const near = lookingAt(box, SIZE);
    expect(near.zoom).toBeCloseTo(7.2);
    expect(toScreen(near, 150, 70)).toEqual({ x: 450, y: 240 });
    expect(lookingAt(box, SIZE, 2).zoom).toBe(2);
  });

  it("keeps the middle in the middle when the widget gets another size", () => {
    const camera = zoomAt(FITTED, { x: 700, y: 100 }, 4, SIZE);
    const half = { width: 450, height: 480 };
    const smaller = resized(camera, SIZE, half);
    const middle = toWorld(camera, 450, 240);
    expect(toWorld(smaller, 225, 240).x * 2).toBeCloseTo(middle.x);
    expect(resized(FITTED, SIZE, half)).toEqual(FITTED);
    expect(resized(FITTED, { width: 0, height: 0 }, SIZE)).toEqual(FITTED);
  });

  it("glides so that what lies under the pointer stays there", () => {
    const goal = zoomAt(FITTED, { x: 300, y: 200 }, 5, SIZE);
    for (const share of [0.1, 0.5, 0.9]) {
      const at = toWorld(between(FITTED, goal, share), 300, 200);
      expect(at.x).toBeCloseTo(300);
      expect(at.y).toBeCloseTo(200);
    }
    expect(between(FITTED, goal, 1)).toBe(goal);
    expect(between({ zoom: 2, x: 0, y: 0 }, { zoom: 2, x: 10, y: -4 }, 0.5)).toEqual({
      zoom: 2,
      x: 5,
      y: -2,
    });
  });

  it("never loses the network", () => {
    const far = panBy(FITTED, 1e6, -1e6, SIZE);
    expect(far.x).toBeLessThan(SIZE.width);
    expect(far.y + SIZE.height).toBeGreaterThan(0);
  });
});

describe("hit", () => {
  const scene = helloWorld();
  const layout = layoutOf(scene, SIZE);
  const camera = zoomAt(FITTED, { x: 100, y: 300 }, 1.7, SIZE);

  it("finds every edge at its frame's centre, zoomed or not", () => {
    for (const cam of [FITTED, camera]) {
      for (let e = 0; e < scene.edges; e++) {
        const at = toScreen(cam, layout.frameX[e], layout.frameY[e]);
        expect(hitTest(scene, layout, cam, at.x, at.y)).toEqual({ kind: "edge", edge: e });
      }
    }
  });

  it("finds nodes, and nothing on the background", () => {
    const at = toScreen(camera, layout.nodeX[3], layout.nodeY[3]);
    expect(hitTest(scene, layout, camera, at.x + 3, at.y)).toEqual({ kind: "node", layer: 1, node: 1 });
    expect(hitTest(scene, layout, FITTED, 2, 2)).toBeNull();
  });
});

describe("walk", () => {
  const scene = wide([3, 12, 2]);
  const layout = layoutOf(scene, SIZE);

  it("starts at the first edge and visits a whole layer to the right", () => {
    let at = walk(scene, layout, -1, "right");
    const seen = new Set([at]);
    for (let n = 0; n < 100; n++) {
      at = walk(scene, layout, at, "right");
      seen.add(at);
    }
    expect(seen.size).toBe(36);
    expect(walk(scene, layout, at, "right")).toBe(at);
  });

  it("changes the layer up and down, and stops at both ends", () => {
    const up = walk(scene, layout, 0, "up");
    expect(scene.layer[up]).toBe(1);
    expect(walk(scene, layout, up, "up")).toBe(up);
    expect(scene.layer[walk(scene, layout, up, "down")]).toBe(0);
  });
});

describe("a part of a network", () => {
  const scene = wide([20, 8, 2]);
  const part = { edges: Uint32Array.of(0, 9, 170), nodes: new Uint8Array(30), folded: [18, 6, 0] };
  for (const node of [0, 1, 20, 21, 28, 29]) part.nodes[node] = 1;
  const layout = layoutOf(scene, SIZE, part);

  it("has frames and nodes for what is in it alone", () => {
    const marks = marksOf(scene, layout, FITTED, PLAIN);
    expect(marks.frames.map(({ edge }) => edge)).toEqual([0, 9, 170]);
    expect(marks.discs).toHaveLength(6);
    expect(layout.frameX[1]).toBeNaN();
    expect(layout.frameSide[0]).toBeGreaterThan(layoutOf(scene, SIZE).frameSide[0]);
  });

  it("folds the other nodes of a layer into one place at its end, clear of those that are drawn", () => {
    expect(layout.folds.map(({ layer, count }) => [layer, count])).toEqual([
      [0, 18],
      [1, 6],
    ]);
    const [inputs] = layout.folds;
    expect(inputs.at.y).toBe(layout.nodeY[0]);
    expect(layout.nodeX[1] + layout.nodeRadius[0]).toBeLessThan(inputs.at.x - 40);
  });

  it("is all that is found under the pointer, and all that arrow keys reach", () => {
    expect(hitTest(scene, layout, FITTED, layout.frameX[9], layout.frameY[9])).toEqual({
      kind: "edge",
      edge: 9,
    });
    expect(walk(scene, layout, 0, "right")).toBe(9);
    expect(walk(scene, layout, 9, "right")).toBe(9);
    expect(walk(scene, layout, 9, "up")).toBe(170);
    expect(walk(scene, layout, 5, "right")).toBe(0);
  });
});

describe("marks", () => {
  const scene = helloWorld(1, 1, { "0,0,0": "sin", "0,1,0": "x^2" }, ["1,4,0"]);
  const layout = layoutOf(scene, SIZE);
  const frameOf = (marks: ReturnType<typeof marksOf>, ...edge: [number, number, number]) =>
    marks.frames.find((frame) => edgeIndex(scene, frame.edge).join() === edge.join());

  it("draws two links and one frame for every edge, and every node", () => {
    const marks = marksOf(scene, layout, FITTED, PLAIN);
    expect(marks.frames).toHaveLength(15);
    expect(marks.links).toHaveLength(30);
    expect(marks.discs).toHaveLength(8);
  });

  it("tells kinds apart by colour and by form", () => {
    const marks = marksOf(scene, layout, FITTED, PLAIN);
    expect(frameOf(marks, 0, 0, 0)).toMatchObject({ ink: "symbolic", dashed: false });
    expect(frameOf(marks, 1, 4, 0)).toMatchObject({ ink: "removed", dashed: true });
    expect(frameOf(marks, 1, 0, 0)).toMatchObject({ ink: "numeric", dashed: false });
    const pills = marks.labels.filter((label) => label.pill).map((label) => label.text);
    expect(pills.sort()).toEqual(["sin", "x²"]);
  });

  it("marks a locked edge, the selected one, and those that would go", () => {
    const locked = makeScene([1, 2], (_, __, j) => ({
      f: Math.sin,
      score: 1,
      kind: EdgeKind.symbolic,
      locked: j === 1,
    }));
    const frames = marksOf(locked, layoutOf(locked, SIZE), FITTED, PLAIN).frames;
    expect(frames.map((frame) => frame.locked)).toEqual([false, true]);
    expect(frames[1].ink).toBe("symbolic");
    const going = findEdge(scene, [0, 1, 3]);
    const marks = marksOf(scene, layout, FITTED, { ...PLAIN, selected: [1, 0, 0], going: new Set([going]) });
    expect(frameOf(marks, 1, 0, 0)?.halo).toBe("selected");
    expect(frameOf(marks, 0, 1, 3)).toMatchObject({ hatched: true, ink: "going" });
    expect(frameOf(marks, 0, 1, 2)?.hatched).toBe(false);
  });

  it("draws each curve inside its frame, a flat one through the middle", () => {
    for (const frame of marksOf(scene, layout, FITTED, PLAIN).frames) {
      for (let k = 0; k < frame.curve.length; k += 2) {
        expect(Math.abs(frame.curve[k] - frame.centre.x)).toBeLessThanOrEqual(frame.side / 2);
        expect(Math.abs(frame.curve[k + 1] - frame.centre.y)).toBeLessThanOrEqual(frame.side / 2);
      }
    }
    const flat = makeScene([1, 1], () => ({ f: () => 0.3, score: 1 }));
    const frame = marksOf(flat, layoutOf(flat, SIZE), FITTED, PLAIN).frames[0];
    for (let k = 1; k < frame.curve.length; k += 2) expect(frame.curve[k]).toBeCloseTo(frame.centre.y, 3);
  });

  it("shows the score as opacity, with a floor, and leaves out what is off the screen", () => {
    expect(opacity(0)).toBeGreaterThan(0.1);
    expect(opacity(0.1)).toBeLessThan(opacity(0.3));
    expect(opacity(5)).toBeCloseTo(1);
    const near = zoomAt(FITTED, { x: layout.frameX[0], y: layout.frameY[0] }, 12, SIZE);
    expect(marksOf(scene, layout, near, PLAIN).frames.length).toBeLessThan(5);
  });

  it("names nodes as the formula does", () => {
    const texts = marksOf(scene, layout, FITTED, PLAIN).labels.map((label) => label.text);
    expect(texts).toEqual(expect.arrayContaining(["x₁", "x₂", "h₀", "h₄", "y"]));
  });
});
