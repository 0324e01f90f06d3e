import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { FakeModel } from "../dev/fake.ts";
import { helloWorld, makeScene, wide } from "../dev/scenes.ts";
import { EdgeKind, edgeIndex, type Scene } from "../src/protocol.ts";
import { strongest } from "../src/scene/detail.ts";
import { readFilter } from "../src/scene/filter.ts";
import { type Picture, pictureOf } from "../src/scene/picture.ts";
import { stateOf } from "../src/state.ts";
import { press, settle, show } from "./page.ts";

const scene = makeScene(
  [3, [1, 2], 1],
  (l, i, j) => ({
    f: Math.sin,
    score: (l * 9 + i * 3 + j) / 20,
    kind: l === 1 && i === 0 ? EdgeKind.symbolic : j === 2 ? EdgeKind.removed : EdgeKind.numeric,
    name: l === 1 && i === 0 ? "x^2" : undefined,
    locked: l === 0 && i === 2 && j === 0,
  }),
  { inputs: ["petal length", "x_2", "sin"], outputs: ["y"] },
);
const found = (text: string) => {
  const { accepts, wrong } = readFilter(text, scene);
  expect(wrong).toBeNull();
  return Array.from({ length: scene.edges }, (_, e) => e)
    .filter(accepts)
    .map((e) => edgeIndex(scene, e).join(""));
};

describe("a filter", () => {
  it("finds the edges of a node by its name, its shown name and its place", () => {
    const ofX2 = ["010", "011", "012"];
    for (const text of ["x_2", "x₂", "X_2", "(0, 1)"]) expect(found(text)).toEqual(ofX2);
    expect(found("petal length")).toEqual(["000", "001", "002"]);
    expect(found('"petal length"')).toEqual(["000", "001", "002"]);
    // a node that multiplies has the edges of all its sums
    for (const text of ["h_1", "h1", "h₁", "(1, 1)"]) {
      expect(found(text)).toEqual(["001", "002", "011", "012", "021", "022", "110"]);
    }
    expect(found("y")).toEqual(["100", "110"]);
    expect(found("sin")).toEqual(["020", "021", "022"]);
  });

  it("finds edges by index, function, kind, layer and value", () => {
    expect(found("(0, 2, 1)")).toEqual(["021"]);
    expect(found("0,2,1 1,0,0")).toEqual(["021", "100"]);
    expect(found("x^2")).toEqual(["100"]);
    expect(found("symbolic")).toEqual(["100"]);
    expect(found("removed")).toEqual(["002", "012", "022"]);
    expect(found("locked")).toEqual(["020"]);
    expect(found("layer 1")).toEqual(["100", "110"]);
    expect(found("score > 0.44")).toEqual(["100", "110"]);
    expect(found("score<=0.051")).toEqual(["000", "001"]);
    expect(found("dloss > 0")).toEqual(["110"]);
  });

  it("wants all of several words", () => {
    expect(found("x_2 and numeric")).toEqual(["010", "011"]);
    expect(found("numeric, score ≥ 0.2, layer 0")).toEqual(["011", "020", "021"]);
    expect(found("")).toHaveLength(scene.edges);
  });

  it("says what it does not understand", () => {
    const wrong = (text: string) => readFilter(text, scene).wrong;
    expect(wrong("x_2 sni")).toEqual({ key: "filterUnknown", values: { text: "sni" } });
    expect(wrong("(0, 9, 0)")).toEqual({ key: "filterNoEdge", values: { edge: "(0, 9, 0)" } });
    expect(wrong("(7, 0)")).toEqual({ key: "filterNoNode", values: { node: "(7, 0)" } });
    expect(wrong('"petal"')).toEqual({ key: "filterNoNode", values: { node: "petal" } });
    expect(wrong("score > high")?.key).toBe("filterNoNumber");
    expect(wrong("score")?.key).toBe("filterNoNumber");
    expect(wrong("petal")).toEqual({ key: "filterUnknown", values: { text: "petal" } });
    expect(wrong("x_2x")?.key).toBe("filterUnknown");
  });
});

describe("the strongest edges", () => {
  const big = wide([40, 30, 10]);
  const layerOf = (chosen: ReadonlySet<number>, l: number) => [...chosen].filter((e) => big.layer[e] === l);

  it("are as many as asked for, of every layer, and lead on to the outputs", () => {
    const chosen = strongest(big, 40, null);
    expect(chosen.size).toBe(40);
    const last = layerOf(chosen, 1);
    expect(last).toHaveLength(20);
    const weakest = Math.min(...last.map((e) => big.score[e]));
    for (let e = 0; e < big.edges; e++) {
      if (big.layer[e] === 1 && big.score[e] > weakest) expect(chosen.has(e)).toBe(true);
    }
    const leaving = new Set(last.map((e) => big.from[e]));
    for (const e of layerOf(chosen, 0)) expect(leaving.has(big.to[e])).toBe(true);
  });

  it("fill up from the other layers where one has few", () => {
    const chosen = strongest(wide([40, 30, 1]), 100, null);
    expect(chosen.size).toBe(100);
  });

  it("stay while a training runs, as long as the scene has them", () => {
    const drawn = new Set(["0,0,0", "0,1,1", "1,2,2", "1,29,99"]);
    const chosen = strongest(big, 3, drawn);
    expect([...chosen].map((e) => edgeIndex(big, e).join()).sort()).toEqual(["0,0,0", "0,1,1", "1,2,2"]);
    expect(strongest(big, 8, drawn).size).toBe(8);
  });
});

describe("a large network", () => {
  function picture(first: Scene) {
    const model = new FakeModel();
    model.setScene(first);
    const state = stateOf(model);
    const made = pictureOf(state, signal({ font: "serif" } as never));
    made.resize({ width: 900, height: 480 });
    return { model, state, picture: made, detail: made.detail };
  }
  const drawn = (detail: Picture["detail"]) => detail.part.value?.edges.length;

  it("opens as a summary, a small one as it is", () => {
    const { detail, picture: large } = picture(wide([60, 40, 10]));
    expect(detail.offered.value).toBe(true);
    expect(drawn(detail)).toBe(60);
    const folds = large.layout.value?.folds.map(({ layer, isOpen }) => [layer, isOpen]);
    expect(folds).toContainEqual([0, false]);
    detail.toggleFold(0);
    expect(large.layout.value?.folds[0].isOpen).toBe(true);
    expect(large.nodePoint(0, 59)).not.toBeNull();
    detail.toggleFold(0);
    expect(large.layout.value?.folds[0].isOpen).toBe(false);
    const small = picture(helloWorld());
    expect(small.detail.offered.value).toBe(false);
    expect(drawn(small.detail)).toBe(15);
    expect(small.picture.layout.value?.folds).toEqual([]);
  });

  it("shows what is asked for, with the node that is named, and what is selected", () => {
    const { detail, model, picture: large } = picture(wide([60, 40, 10]));
    detail.filter.value = "x_7 score > 2";
    expect(drawn(detail)).toBe(0);
    expect(large.nodePoint(0, 6)).not.toBeNull();
    detail.filter.value = "x_7";
    expect(drawn(detail)).toBe(40);
    model.set("selected", [0, 0, 0]);
    expect(drawn(detail)).toBe(41);
    detail.filter.value = "nonsense";
    expect(drawn(detail)).toBe(61);
    detail.wanted.value = 12;
    expect(drawn(detail)).toBe(13);
  });
});

describe("the bar of a large network", () => {
  it("says how much is drawn, takes a filter by keyboard, and says in place why not", async () => {
    const { model, find, el, canvas } = await show();
    expect(el.querySelector('[data-testid="filter"]')).toBeNull();
    const big = wide([60, 40, 10], 7);
    model.setScene({ ...big, meta: { ...big.meta, omitted: 47200 } });
    await settle();
    expect(find("drawn").textContent).toBe("60 of 50,000 edges, the strongest of each layer");
    const filter = find<HTMLInputElement>("filter");
    const type = async (text: string) => {
      filter.value = text;
      filter.dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
    };
    await type("y_3");
    expect(find("drawn").textContent).toBe("40 of 50,000 edges; sought among the 2,800 strongest of 50,000");
    await type("sni");
    expect(find("drawn").textContent).toContain("“sni” is no node");
    expect(filter.getAttribute("aria-invalid")).toBe("true");
    press(filter, "Escape");
    await settle();
    expect(filter.value).toBe("");
    press(filter, "Enter");
    expect(document.activeElement).toBe(canvas);
    press(canvas, "/");
    await settle();
    expect(document.activeElement).toBe(filter);
    const fold = el.querySelector<HTMLButtonElement>('[data-testid="fold"][data-layer="0"]');
    expect(fold?.textContent).toMatch(/^… \d+ more$/);
    fold?.click();
    await settle();
    expect(fold?.getAttribute("aria-expanded")).toBe("true");
    expect(fold?.textContent).toMatch(/^fold \d+$/);
  });
});
