import { describe, expect, it } from "vitest";
import { helloWorld, makeScene } from "../dev/scenes.ts";
import { describeNetwork } from "../src/describe.ts";
import { translator } from "../src/i18n.ts";
import { EdgeKind } from "../src/protocol.ts";
import { FITTED } from "../src/scene/camera.ts";
import { type Palette, paint } from "../src/scene/canvas.ts";
import { layoutOf } from "../src/scene/layout.ts";
import { type Look, type Marks, marksOf } from "../src/scene/marks.ts";
import { toSvg } from "../src/scene/svg.ts";
import { estimated } from "./gallery/estimated.ts";

const SIZE = { width: 700, height: 420 };
const PLAIN: Look = { selected: null, hoveredEdge: -1, hoveredNode: null, going: new Set() };
const PALETTE: Palette = {
  numeric: "#111",
  symbolic: "#a40",
  both: "#60c",
  removed: "#999",
  going: "#b06",
  accent: "#06c",
  text: "#000",
  muted: "#555",
  paper: "#fff",
  grid: "#ddd",
  bars: "#def",
  font: '"Some Font", sans-serif',
};

const marks = (scene = helloWorld(1, 1, { "0,0,0": "sin" }, ["1,4,0"])) =>
  marksOf(scene, layoutOf(scene, SIZE), FITTED, PLAIN);
const svgOf = (drawn: Marks, palette = PALETTE, size = SIZE) =>
  toSvg(drawn, palette, size, { title: "a network" }, estimated);
const parsed = (svg: string) => new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;

describe("an SVG of the network", () => {
  const svg = toSvg(marks(), PALETTE, SIZE, { title: "hello", description: "15 edges" }, estimated);

  it("is a whole document of the size that was asked for, on the theme's paper", () => {
    const root = parsed(svg);
    expect(root.tagName).toBe("svg");
    expect(root.getAttribute("viewBox")).toBe("0 0 700 420");
    expect(root.querySelector("path")?.getAttribute("fill")).toBe("#fff");
  });

  it("says what it is to those who do not see it", () => {
    expect(parsed(svg).querySelector("title")?.textContent).toBe("hello");
    expect(parsed(svg).querySelector("desc")?.textContent).toBe("15 edges");
    expect(parsed(svg).getAttribute("role")).toBe("img");
  });

  it("is described by its edges and functions", () => {
    const { title, description } = describeNetwork(
      helloWorld(1, 1, { "0,0,0": "sin" }, ["1,4,0"]),
      translator("en"),
    );
    expect(title).toBe("Kolmogorov-Arnold network [2, 5, 1]");
    expect(description).toBe("14 of 15 edges from x_1, x_2 to y. Functions: (0, 0, 0) sin. Score: backward.");
  });

  it("needs nothing from outside", () => {
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /http|url\(|href|<style|class=/,
    );
  });

  it("shows names and functions as text", () => {
    const texts = [...parsed(svg).querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["x₁", "x₂", "y", "sin"]));
  });

  it("has no numbers that are none", () => {
    const wild = makeScene([1, 1], () => ({ f: (x) => (x > 0 ? Number.NaN : 1e30), score: Number.NaN }));
    expect(svgOf(marks(wild))).not.toMatch(/NaN|Infinity/);
  });

  it("keeps names that are no XML", () => {
    const odd = makeScene([1, 1], () => ({ f: Math.sin, score: 1 }), {
      inputs: ['a<b> & "c"\u0007'],
      outputs: ["温度"],
    });
    const root = parsed(svgOf(marks(odd), PALETTE, { width: 900, height: 300 }));
    const texts = [...root.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(['a<b> & "c" ', "温度"]));
  });

  it("gives mixed colours as programs other than browsers know them", () => {
    const mixed = { ...PALETTE, grid: "color(srgb 0.5 0 1 / 0.5)", paper: "color(srgb 1 1 1)" };
    const drawn = svgOf(marks(), mixed);
    expect(drawn).toContain('fill="rgb(255, 255, 255)"');
    expect(drawn).not.toContain("color(");
  });
});

it("paints on a canvas stroke by stroke what is in the SVG", () => {
  const scene = makeScene([2, [1, 2], 1], (l, i, j) => ({
    f: Math.sin,
    score: 1,
    kind: [EdgeKind.numeric, EdgeKind.symbolic, EdgeKind.both, EdgeKind.removed][(l + i + j) % 4],
    name: "sin",
    locked: j === 0,
  }));
  let strokes = 0;
  let texts = 0;
  const canvas = new Proxy(
    { measureText: (text: string) => ({ width: estimated(text, "500 12px x") }) } as never,
    {
      get: (target, name) => target[name] ?? (() => counts(name)),
      set: () => true,
    },
  );
  const counts = (name: unknown) => {
    if (name === "fill" || name === "stroke") strokes++;
    if (name === "fillText") texts++;
  };
  paint(canvas, marks(scene), PALETTE);
  const root = parsed(svgOf(marks(scene)));
  expect(root.querySelectorAll("path, rect, circle")).toHaveLength(strokes + 1);
  expect(root.querySelectorAll("text")).toHaveLength(texts);
});
