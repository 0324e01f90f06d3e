import { describe, expect, it } from "vitest";
import { type EdgeSpec, helloWorld, makeScene, wide } from "../dev/scenes.ts";
import { EdgeKind, edgeIndex, findEdge, type Scene } from "../src/protocol.ts";
import { FITTED, zoomAt } from "../src/scene/camera.ts";
import { layoutOf } from "../src/scene/layout.ts";
import { type FrameMark, type Look, marksOf } from "../src/scene/marks.ts";
import { signOf } from "../src/scene/sign.ts";
import { toSvg } from "../src/scene/svg.ts";
import { estimated } from "./gallery/estimated.ts";
import { palettes } from "./gallery/palettes.ts";

const SIZE = { width: 700, height: 420 };
const PLAIN: Look = { selected: null, hoveredEdge: -1, hoveredNode: null, going: new Set() };

const draw = (scene: Scene, look: Partial<Look> = {}) =>
  marksOf(scene, layoutOf(scene, SIZE), FITTED, { ...PLAIN, ...look });
const one = (spec: Partial<EdgeSpec>) => makeScene([1, 1], () => ({ f: Math.sin, score: 1, ...spec }));
const frame = (spec: Partial<EdgeSpec>, before?: Partial<EdgeSpec>) =>
  draw(one(spec), { before: before && one(before) }).frames[0];
const svg = (scene: Scene, look: Partial<Look> = {}) =>
  toSvg(draw(scene, look), palettes.light, SIZE, { title: "" }, estimated);

describe("a spline beyond its grid", () => {
  const left = ({ centre, side }: FrameMark, x: number) => centre.x + 0.44 * side * x;

  it("is told from where it was fitted", () => {
    const { curve, inside, grid, ...rest } = frame({ grid: [-0.5, 0.25] });
    const xs = curve.filter((_, n) => n % 2 === 0);
    expect(xs[inside[0]]).toBeGreaterThanOrEqual(left(rest as FrameMark, -0.5));
    expect(xs[inside[0] - 1]).toBeLessThan(left(rest as FrameMark, -0.5));
    expect(xs[inside[1]]).toBeLessThanOrEqual(left(rest as FrameMark, 0.25));
    expect(xs[inside[1] + 1]).toBeGreaterThan(left(rest as FrameMark, 0.25));
    expect(grid.map((x) => x && Math.round(x))).toEqual(
      [-0.5, 0.25].map((x) => Math.round(left(rest as FrameMark, x))),
    );
  });

  it("has nothing marked where all of its inputs lie within", () => {
    const { curve, inside, grid } = frame({ grid: [-1, 1.5] });
    expect(inside).toEqual([0, curve.length / 2 - 1]);
    expect(grid).toEqual([null, null]);
  });

  it("is all beyond where the data lie elsewhere", () => {
    const { inside } = frame({ grid: [3, 5] });
    expect(inside[0]).toBeGreaterThanOrEqual(inside[1]);
    expect(svg(one({ grid: [3, 5] }))).toContain('stroke-dasharray="3 3"');
    expect(svg(one({}))).not.toContain("stroke-dasharray");
  });

  it.each([EdgeKind.symbolic, EdgeKind.removed])(
    "means nothing where there is no spline (kind %i)",
    (kind) => {
      const { curve, inside } = frame({ grid: [0, 0.1], kind, name: "sin" });
      expect(inside).toEqual([0, curve.length / 2 - 1]);
    },
  );
});

describe("the ghost of a curve", () => {
  it("is the curve as it was, where it can be told from what it is now", () => {
    const { ghost, curve } = frame({ f: (x) => x }, { f: (x) => -x });
    expect(ghost).toHaveLength(2 * 48);
    expect(ghost?.[1]).toBeLessThan(curve[1]);
    expect(frame({ f: (x) => x }, { f: (x) => 1.01 * x }).ghost).toBeNull();
    expect(frame({ f: (x) => x }).ghost).toBeNull();
  });

  it("has the scale of its curve, so that a shift is seen as large as it is", () => {
    const now = frame({ f: (x) => x + 2 }, { f: (x) => x });
    const height = now.curve[1] - now.curve[now.curve.length - 1];
    const shift = (now.ghost as Float32Array)[1] - now.curve[1];
    expect(shift).toBeCloseTo(height, 3);
    expect(height).toBeLessThan(0.5 * now.side);
  });

  it("is drawn at its own inputs, and only where the curve still has them", () => {
    const before = one({ f: (x) => 3 * x });
    before.xLo.fill(-3);
    before.xHi.fill(1);
    const scene = one({ f: (x) => x });
    const { ghost, centre, side } = draw(scene, { before }).frames[0];
    const xs = Array.from(ghost as Float32Array).filter((_, n) => n % 2 === 0);
    expect(xs.length).toBeLessThan(30);
    for (const x of xs) expect(Math.abs(x - centre.x)).toBeLessThan(0.45 * side);
  });

  it("is that of the same edge, wherever it lies in the scene before", () => {
    const now = makeScene([2, 2], (_, i, j) => ({ f: (x) => x * (i + 2 * j + 1), score: 1 }));
    const all = makeScene([2, 3], (_, i, j) => ({ f: (x) => -x * (i + 2 * j + 1), score: 1 }));
    for (const { edge, ghost } of draw(now, { before: all }).frames) {
      const twin = findEdge(all, edgeIndex(now, edge));
      const slope = all.curve[twin * all.samples + 47];
      expect(ghost).not.toBeNull();
      expect(slope).toBe(-now.curve[edge * now.samples + 47]);
    }
  });

  it("is not there for edges that were or are removed", () => {
    const removed = { f: (x: number) => -x, kind: EdgeKind.removed };
    expect(frame({ f: (x) => x }, removed).ghost).toBeNull();
    expect(frame(removed, { f: (x) => x }).ghost).toBeNull();
  });

  it("lies behind its curve, and is fainter", () => {
    const drawn = svg(one({ f: (x) => x }), { before: one({ f: (x) => -x }) });
    expect(drawn.indexOf(`stroke="${palettes.light.accent}"`)).toBeLessThan(
      drawn.indexOf(`stroke="${palettes.light.numeric}" stroke-width="2.5"`),
    );
    expect(drawn).toMatch(new RegExp(`stroke="${palettes.light.accent}"[^>]*opacity="0.6"`));
  });
});

describe("the axes of a frame", () => {
  const texts = (scene: Scene) => draw(scene).labels.filter(({ ink, pill }) => ink === "muted" && !pill);

  it("cross where input and output are 0, when that is in sight", () => {
    const { zeroX, zeroY, centre } = frame({ f: (x) => x });
    expect(zeroX).toBeCloseTo(centre.x);
    expect(zeroY).toBeCloseTo(centre.y);
    expect(frame({ f: (x) => x + 5 }).zeroY).toBeNull();
    const beside = one({});
    beside.xLo.fill(0.5);
    expect(draw(beside).frames[0].zeroX).toBeNull();
  });

  it("end in numbers where there is room", () => {
    const labels = texts(one({ f: (x) => 2 * x + 1 }));
    expect(labels.map(({ text }) => text)).toEqual(["−1", "1", "−1", "3"]);
    expect(texts(wide([8, 8]))).toEqual([]);
  });

  it("have their numbers where the curve is not", () => {
    const of = (f: (x: number) => number) =>
      texts(one({ f }))
        .slice(2)
        .map(({ align }) => align);
    expect(of((x) => x)).toEqual(["right", "left"]);
    expect(of((x) => -x)).toEqual(["left", "right"]);
  });

  it("tell ends apart that differ in the third digit, and a flat curve's once", () => {
    const near = texts(one({ f: (x) => 1.234 + 0.004 * x }));
    expect(near.slice(2).map(({ text }) => text)).toEqual(["1.23", "1.24"]);
    expect(texts(one({ f: () => 0.3 })).map(({ text }) => text)).toEqual(["−1", "1", "0.3"]);
  });

  it("are left out of removed and small frames", () => {
    expect(texts(one({ kind: EdgeKind.removed }))).toEqual([]);
    const small = draw(wide([10, 12])).frames[0];
    expect([small.bars, small.zeroX, small.zeroY]).toEqual([null, null, null]);
  });
});

describe("what an edge is", () => {
  it("is told by more than its colour, in frames of all sizes", () => {
    const kinds = [EdgeKind.numeric, EdgeKind.symbolic, EdgeKind.both, EdgeKind.removed];
    for (const width of [1, 40]) {
      const pictures = kinds.flatMap((kind) =>
        [false, true].map((locked) => {
          const scene = makeScene([width, width], () => ({ f: Math.sin, score: 1, kind, locked }));
          const grey = Object.fromEntries(Object.keys(palettes.light).map((ink) => [ink, "#555"]));
          return toSvg(draw(scene), grey as never, SIZE, { title: "" }, estimated);
        }),
      );
      expect(new Set(pictures).size).toBe(pictures.length);
    }
  });

  it("is the same in the legend", () => {
    const signs = (["numeric", "symbolic", "both", "removed"] as const).map((form) => signOf({ form }));
    expect(new Set(signs).size).toBe(4);
    expect(signs[1]).toContain("var(--kw-symbolic)");
  });

  it("has its function's name on top, beside the padlock", () => {
    const { labels, frames } = draw(one({ kind: EdgeKind.symbolic, name: "sin", locked: true }));
    const pill = labels.find((label) => label.pill);
    expect(pill?.at.y).toBe(frames[0].centre.y - frames[0].side / 2);
    expect(pill?.at.x).toBeLessThan(frames[0].centre.x);
  });
});

describe("edges that stand out", () => {
  const scene = helloWorld();
  const halos = (look: Partial<Look>) =>
    Object.fromEntries(
      draw(scene, look)
        .frames.filter(({ halo }) => halo !== "none")
        .map(({ edge, halo }) => [edgeIndex(scene, edge).join(), halo]),
    );

  it("have a ring for each reason, the strongest where there are several", () => {
    const look: Partial<Look> = {
      selected: [0, 0, 0],
      hoveredEdge: findEdge(scene, [0, 0, 1]),
      chosen: [
        [0, 0, 0],
        [0, 0, 2],
      ],
      pointed: [
        [0, 0, 2],
        [0, 0, 3],
        [9, 9, 9],
      ],
    };
    expect(halos(look)).toEqual({
      "0,0,0": "selected",
      "0,0,1": "hover",
      "0,0,2": "chosen",
      "0,0,3": "pointed",
    });
    expect(halos({})).toEqual({});
  });

  it("have rings of different forms", () => {
    const pictures = [
      svg(scene, { selected: [0, 0, 1] }),
      svg(scene, { hoveredEdge: findEdge(scene, [0, 0, 1]) }),
      svg(scene, { chosen: [[0, 0, 1]] }),
      svg(scene, { pointed: [[0, 0, 1]] }),
    ];
    expect(new Set(pictures).size).toBe(4);
  });

  it("have lit links, and are never faint", () => {
    const weak = findEdge(scene, [0, 0, 1]);
    const { links, frames } = draw(scene, { pointed: [[0, 0, 1]] });
    expect(links.filter(({ ink }) => ink === "accent")).toHaveLength(2);
    expect(frames.find(({ edge }) => edge === weak)?.alpha).toBeGreaterThan(0.8);
  });
});

describe("names", () => {
  const long = makeScene([3, 1], () => ({ f: Math.sin, score: 1 }), {
    inputs: [
      "a very long name of an input that nobody can read here",
      "b",
      "the last one, which is long too",
    ],
  });
  const narrow = { width: 300, height: 300 };
  const named = (look: Partial<Look> = {}) =>
    toSvg(
      marksOf(long, layoutOf(long, narrow), FITTED, { ...PLAIN, ...look }),
      palettes.light,
      narrow,
      { title: "" },
      estimated,
    );

  it("are cut to their room, and whole under the pointer", () => {
    expect(named()).toContain("…</text>");
    expect(named()).not.toContain("long too</text>");
    expect(named({ hoveredNode: { layer: 0, node: 2 } })).toContain(
      ">the last one, which is long too</text>",
    );
  });

  it("that fit stay as they are under the pointer", () => {
    const at = (look: Partial<Look>) => /<text [^>]*>b</.exec(named(look))?.[0];
    expect(at({ hoveredNode: { layer: 0, node: 1 } })).toBe(at({}));
  });

  it("stay within the picture", () => {
    const found = /<text x="([\d.]+)"[^>]*>the last one/.exec(named({ hoveredNode: { layer: 0, node: 2 } }));
    const half = estimated("the last one, which is long too", "600 14px x") / 2;
    expect(Number(found?.[1]) + half).toBeLessThan(narrow.width);
  });
});

describe("many edges", () => {
  it("are painted in a few strokes", () => {
    const scene = wide([20, 20, 25, 4]);
    expect(svg(scene).match(/<path/g)?.length).toBeLessThan(400);
  });

  it("are painted one by one where they are looked at from nearby", () => {
    const scene = wide([20, 20, 25, 4]);
    const layout = layoutOf(scene, SIZE);
    const near = zoomAt(FITTED, { x: layout.frameX[0], y: layout.frameY[0] }, 14, SIZE);
    const { frames } = marksOf(scene, layout, near, PLAIN);
    expect(frames.length).toBeLessThan(60);
    expect(frames[0].bars).not.toBeNull();
  });
});
