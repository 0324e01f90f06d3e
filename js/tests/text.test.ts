import { describe, expect, it } from "vitest";
import { makeScene } from "../dev/scenes.ts";
import { describeEdge, nodeLines } from "../src/describe.ts";
import { lossChange, lossText, prettyFunction, prettyName, rSquared, short, signed } from "../src/format.ts";
import { translator } from "../src/i18n.ts";
import { errorText } from "../src/panels/formula.tsx";
import { placeBeside } from "../src/panels/place.ts";
import { EdgeKind, findEdge } from "../src/protocol.ts";
import { fractionOf, logScale, positionOf, valueAt } from "../src/scale.ts";
import { logTicks, ticks } from "../src/ticks.ts";

describe("numbers", () => {
  it("are short", () => {
    expect([0, 0.0031, 12.345, 2.1e-4, 3e-16, -0.5, 1e7].map((x) => short(x))).toEqual([
      "0",
      "0.0031",
      "12.3",
      "2.1e-4",
      "3e-16",
      "−0.5",
      "1e7",
    ]);
    expect(short(null)).toBe("–");
    expect(short(Number.NaN)).toBe("–");
    expect(signed(0.25)).toBe("+0.25");
  });

  it("of a loss keep their width while they change", () => {
    expect([0.1, 0.1004, 2.5e-4, 1.18e-15, 12, 0, null].map(lossText)).toEqual([
      "0.100",
      "0.100",
      "2.50e-4",
      "1.2e-15",
      "12.0",
      "0",
      "–",
    ]);
  });

  it("of a fit tell 0.9999 from 0.99999, and never round up to 1", () => {
    expect(rSquared(0.9999)).not.toBe(rSquared(0.99999));
    expect(rSquared(0.9999968)).toBe("0.9999968");
    expect(Number(rSquared(1 - 1e-9))).toBeLessThan(1);
    expect(rSquared(1)).toBe("1");
    expect(rSquared(0.4103)).toBe("0.410");
  });

  it("get round ticks", () => {
    expect(ticks(-1, 1, 4)).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(ticks(-0.46, 0.46, 4)).toEqual([-0.4, -0.2, 0, 0.2, 0.4]);
    expect(logTicks(0.03, 0.65)).toEqual([0.03, 0.1, 0.3]);
    expect(logTicks(1e-3, 1)).toEqual([1e-3, 1e-2, 1e-1, 1]);
    expect(logTicks(0.2, 0.6)).toEqual([0.2, 0.5]);
  });
});

describe("a change of a loss", () => {
  it("has a sign, the digits of a loss, and a dash where it is not known", () => {
    expect([0.0213, -0.0213, -2.5e-4, 1.18e-15, 0, null].map(lossChange)).toEqual([
      "+0.0213",
      "−0.0213",
      "−2.50e-4",
      "+1.2e-15",
      "0",
      "–",
    ]);
  });
});

describe("names", () => {
  it("are set as people write them", () => {
    expect(["x_1", "x12", "\\alpha", "alpha_1", "mass", "semi_major_axis"].map(prettyName)).toEqual([
      "x₁",
      "x₁₂",
      "α",
      "α₁",
      "mass",
      "semi_major_axis",
    ]);
    expect(["x^2", "1/x^3", "x^1.5", "sin"].map(prettyFunction)).toEqual(["x²", "1/x³", "x^1.5", "sin"]);
  });
});

describe("what is said of an edge or a node", () => {
  const t = translator("en");
  const scene = makeScene([2, [1, 2], 1], (_, __, j) => ({
    f: Math.sin,
    score: 0.25,
    kind: j === 2 ? EdgeKind.symbolic : EdgeKind.numeric,
    name: j === 2 ? "x^2" : undefined,
    locked: j === 2,
  }));

  it("names the edge, and the factor it is in", () => {
    expect(describeEdge(scene, findEdge(scene, [0, 1, 0]), t)).toMatch(
      /^Edge \(0, 1, 0\), x₂ → h₀, spline, /,
    );
    const locked = describeEdge(scene, findEdge(scene, [0, 1, 2]), t);
    expect(locked).toMatch(/^Edge \(0, 1, 2\), x₂ → h₁, factor 2 of 2, x², locked, /);
  });

  it("tells how many sums a product has", () => {
    expect(nodeLines(scene, 1, 0, t)).toEqual(["values in [−1, 1]"]);
    expect(nodeLines(scene, 1, 1, t)).toEqual(["product of 2 sums", "values in [−1, 1]"]);
  });
});

describe("a logarithmic slider", () => {
  const scale = logScale(1e-4, 0.9);

  it("has 0 at its left end and covers the largest value", () => {
    expect(valueAt(scale, scale.min)).toBe(0);
    expect(positionOf(scale, 0)).toBe(scale.min);
    expect(valueAt(scale, scale.max)).toBeGreaterThanOrEqual(0.9);
    expect(fractionOf(scale, 0)).toBe(0);
  });

  it("comes back to the value it was set to, within a hundredth of a decade", () => {
    for (const value of [1e-4, 0.003, 0.03, 0.5]) {
      expect(valueAt(scale, positionOf(scale, value)) / value).toBeCloseTo(1, 1);
    }
    expect(positionOf(scale, 1e-9)).toBeGreaterThan(scale.min);
  });
});

describe("the formula's error", () => {
  const t = translator("en");
  const error = { shown: 2.1e-4, full: 3e-16, digits: 4, numeric_edges: 0, text: "" };

  it("is said as shown and in full", () => {
    expect(errorText(error, true, t)).toBe(
      "formula vs network: max |Δ| 2.1e-4 as shown (4 digits) · 3e-16 in full",
    );
  });

  it("counts the edges that are still numeric", () => {
    expect(errorText({ ...error, numeric_edges: 2 }, true, t)).toMatch(/2 edges are still numeric/);
    expect(errorText({ ...error, shown: null, full: null, numeric_edges: 1 }, true, t)).toMatch(/^1 edge is/);
  });
});

it("a menu stays beside its anchor and inside the widget", () => {
  const menu = { width: 300, height: 400 };
  const room = { width: 700, height: 450 };
  for (const x of [0, 100, 350, 600, 680]) {
    const anchor = { x, y: 20, width: 60, height: 60 };
    const at = placeBeside(anchor, menu, room);
    expect(at.x).toBeGreaterThanOrEqual(0);
    expect(at.x + menu.width).toBeLessThanOrEqual(room.width);
    expect(at.y + menu.height).toBeLessThanOrEqual(room.height);
    if (x < 300 || x > 320) expect(at.x >= x + 60 || at.x + menu.width <= x).toBe(true);
  }
});

it("a text without its values shows the hole, not nothing", () => {
  expect(translator("xx")("undoWhat", { label: "prune" })).toBe("Undo: prune");
  expect(translator("en")("undoWhat")).toBe("Undo: {label}");
});
