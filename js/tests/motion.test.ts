import { describe, expect, it, vi } from "vitest";
import { helloWorld, wide } from "../dev/scenes.ts";
import { EdgeKind } from "../src/protocol.ts";
import { layoutOf } from "../src/scene/layout.ts";
import { easeOut, layoutBetween, sameEdges, sameForms, scenesBetween } from "../src/scene/motion.ts";
import { type Sight, Transition } from "../src/scene/transition.ts";
import { painted, press, settle, show } from "./page.ts";

const SIZE = { width: 900, height: 480 };
const sight = (scene = helloWorld(), size = SIZE): Sight => ({ scene, layout: layoutOf(scene, size) });

describe("a picture on the way to another", () => {
  const [start, end] = [helloWorld(0, 1), helloWorld(1, 2)];

  it("has curves, ranges and scores between theirs, and the later version", () => {
    const move = scenesBetween(start, end, layoutOf(end, SIZE).part.edges);
    const halfway = move(0.5);
    expect(halfway.version).toBe(2);
    for (const k of [0, 100, 500])
      expect(halfway.curve[k]).toBeCloseTo((start.curve[k] + end.curve[k]) / 2, 5);
    expect(halfway.score[3]).toBeCloseTo((start.score[3] + end.score[3]) / 2);
    expect(halfway.yHi[0]).toBeCloseTo((start.yHi[0] + end.yHi[0]) / 2);
    expect(move(1).curve[77]).toBeCloseTo(end.curve[77], 5);
  });

  it("knows no number where one of them is none", () => {
    const before = helloWorld(0, 1);
    before.dloss.fill(Number.NaN);
    end.dloss.fill(0.5);
    expect(scenesBetween(before, end, layoutOf(end, SIZE).part.edges)(0.3).dloss[2]).toBe(0.5);
  });

  it("glides only where the edges are the same, and fades where forms differ", () => {
    expect(sameEdges(start, end)).toBe(true);
    expect(sameEdges(start, wide([2, 4, 1]))).toBe(false);
    expect(sameForms(start, end)).toBe(true);
    expect(sameForms(start, helloWorld(0, 2, { "0,0,0": "sin" }))).toBe(false);
    expect(sameForms(start, helloWorld(0, 2, {}, ["0,0,0"]))).toBe(false);
    const refunction = (name: string) => helloWorld(0, 2, { "0,0,0": name });
    expect(refunction("sin").kind[0]).toBe(EdgeKind.symbolic);
    expect(sameForms(refunction("sin"), refunction("cos"))).toBe(false);
  });

  it("has its frames between the places they had and will have", () => {
    const [wideNow, narrow] = [layoutOf(end, SIZE), layoutOf(end, { width: 600, height: 480 })];
    const middle = layoutBetween(narrow, wideNow, 0.5);
    expect(middle.frameX[3]).toBeCloseTo((wideNow.frameX[3] + narrow.frameX[3]) / 2);
    expect(middle.nodeX[5]).toBeCloseTo((wideNow.nodeX[5] + narrow.nodeX[5]) / 2);
    expect(layoutBetween(layoutOf(wide([3, 3, 1]), SIZE), wideNow, 0.5)).toBe(wideNow);
  });
});

describe("a transition", () => {
  it("eases out from the old picture to the new, and ends with it", () => {
    const [from, to] = [sight(helloWorld(0, 1)), sight(helloWorld(1, 2))];
    const way = Transition.byAction(from, to, 1000) as Transition;
    expect(way.fades).toBe(false);
    const y = (time: number) => way.at(time).scene.curve[20];
    const total = to.scene.curve[20] - from.scene.curve[20];
    expect(y(1000)).toBeCloseTo(from.scene.curve[20], 5);
    expect((y(1060) - from.scene.curve[20]) / total).toBeCloseTo(easeOut(1 / 3), 4);
    expect(way.at(1180)).toMatchObject({ share: 1, scene: to.scene });
  });

  it("goes evenly from frame to frame of a training", () => {
    const [from, to] = [sight(helloWorld(0.4, 1)), sight(helloWorld(0.5, 2))];
    const way = Transition.byTraining(from, to, 0, 40) as Transition;
    const part = (time: number) =>
      (way.at(time).scene.curve[20] - from.scene.curve[20]) / (to.scene.curve[20] - from.scene.curve[20]);
    for (const time of [10, 20, 30]) expect(part(time)).toBeCloseTo(time / 40, 3);
    const large = [sight(wide([20, 10, 1], 1)), sight(wide([20, 10, 1], 2))];
    expect(Transition.byTraining(large[0], large[1], 0, 40)).toBeNull();
  });

  it("is not made for those who like stillness, nor for a new size", () => {
    expect(Transition.byAction(sight(), sight(helloWorld(), { width: 500, height: 480 }), 0)).toBeNull();
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true } as never);
    expect(Transition.byAction(sight(helloWorld(0)), sight(), 0)).toBeNull();
    expect(Transition.byTraining(sight(helloWorld(0)), sight(), 0, 30)).toBeNull();
    vi.restoreAllMocks();
  });
});

describe("the canvas", () => {
  it("draws again and again on the way, and not at all at its end", async () => {
    let now = 1000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const { model, canvas } = await show();
    const draws = () => Number(canvas.dataset.draws);
    const before = draws();
    await settle();
    expect(draws()).toBe(before);
    model.setScene(helloWorld(0.2, 9));
    await settle();
    expect(canvas.dataset.version).toBe("9");
    expect(canvas.dataset.frames).toBe("2");
    expect(draws()).toBeGreaterThan(before + 2);
    now += 500;
    await settle();
    const after = draws();
    await settle();
    expect(draws()).toBe(after);
  });

  it("of a large network is painted anew when a gesture rests, not while it lasts", async () => {
    const { model, canvas } = await show();
    model.setScene(wide([20, 10, 1], 5));
    await settle();
    await new Promise((done) => setTimeout(done, 250));
    await settle();
    painted.length = 0;
    press(canvas, "+");
    await settle();
    expect(painted).toContain("drawImage");
    expect(painted.filter((name) => name === "stroke")).toEqual([]);
    await vi.waitFor(() => expect(painted).toContain("stroke"), { timeout: 5000 });
  });
});
