import { describe, expect, it, vi } from "vitest";
import { numberText } from "../src/constants.ts";
import type { FormulaOutput } from "../src/model.ts";
import { isOurTag } from "../src/panels/tex.tsx";
import { edgesOf, equationsOf } from "../src/terms.ts";
import { settle, show } from "./page.ts";

const tag = (edge: string, latex: string) => `\\htmlData{edge=${edge}}{${latex}}`;
const SIN = tag("0-0-0", "\\sin{\\left(3 x_{1} \\right)}");
const SQUARE = tag("0-1-0", "x_{2}^{2}");
const WHOLE = `2 ${tag("1-0-0", `e^{${SIN} + ${SQUARE}}`)} - 1`;

const output = (name: string, latex: string, numeric = 0): FormulaOutput => ({
  name,
  latex,
  shown: 1e-4,
  full: 1e-15,
  numeric,
});
const ONE = { formula_latex: "2 e^{\\sin{3 x_1} + x_2^2} - 1", formula_outputs: [output("y", WHOLE)] };
const key = (element: HTMLElement, name: string) => {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
  return event;
};
const lit = (el: HTMLElement) => [...el.querySelectorAll<HTMLElement>(".kw-lit")].map((e) => e.dataset.edge);

describe("the terms of a formula", () => {
  it("are read from its tags as trees, a box in the place of each", () => {
    const [{ latex, terms }] = equationsOf(WHOLE);
    expect(latex).toBe("2 {\\square} - 1");
    expect(terms).toHaveLength(1);
    expect(terms[0].latex).toBe("e^{{\\square} + {\\square}}");
    expect(terms[0].children.map((each) => each.latex)).toEqual([
      "\\sin{\\left(3 x_{1} \\right)}",
      "x_{2}^{2}",
    ]);
    expect(terms[0].children[1].edges).toEqual([[0, 1, 0]]);
  });

  it("stand under the equation that they are in", () => {
    const aligned = `\\begin{aligned}\ny &= ${SIN} \\\\\nh_{0} &= ${SQUARE} + 1\n\\end{aligned}`;
    expect(equationsOf(aligned).map((each) => each.latex)).toEqual([
      "y = {\\square}",
      "h_{0} = {\\square} + 1",
    ]);
  });

  it("may come from several edges", () => {
    expect(edgesOf("1-0-0 0-12-3")).toEqual([
      [1, 0, 0],
      [0, 12, 3],
    ]);
  });

  it("are all that KaTeX may make attributes of", () => {
    const data = (attributes: Record<string, string>) => ({ command: "\\htmlData", attributes });
    expect(isOurTag(data({ "data-edge": "1-0-0 0-1-0" }))).toBe(true);
    expect(isOurTag(data({ "data-edge": "1-0-0", "data-x": "1" }))).toBe(false);
    expect(isOurTag(data({ "data-edge": "javascript" }))).toBe(false);
    expect(isOurTag(data({ "data-x": "1-0-0" }))).toBe(false);
    expect(isOurTag({ command: "\\href" })).toBe(false);
    expect(isOurTag({ command: "\\htmlStyle", attributes: { style: "x" } })).toBe(false);
  });
});

describe("a term and its edge", () => {
  it("light up together when the term is pointed at", async () => {
    const { find, el } = await show(ONE);
    const term = find("formula").querySelector<HTMLElement>("[data-edge='0-1-0']") as HTMLElement;
    term.dispatchEvent(new Event("pointerover", { bubbles: true }));
    await settle();
    expect(lit(el)).toEqual(["0-1-0"]);
    expect(find("formula-term").textContent).toContain("(0, 1, 0)");
    find("formula").dispatchEvent(new Event("pointerleave"));
    await settle();
    expect(lit(el)).toEqual([]);
    expect(find("formula-term").textContent).toBe("");
  });

  it("light up together when the edge is selected, the innermost term of it", async () => {
    const { model, el } = await show(ONE);
    model.set("selected", [1, 0, 0]);
    await settle();
    expect(lit(el)).toEqual(["1-0-0"]);
    model.set("selected", null);
    await settle();
    expect(lit(el)).toEqual([]);
  });

  it("are walked through by arrow keys, and Enter opens the edge", async () => {
    const { model, find, el } = await show(ONE);
    const sheet = find("formula");
    sheet.focus();
    await settle();
    expect(find("formula-term").textContent).toContain("Arrow keys");
    const walked: (string | undefined)[] = [];
    for (const name of ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp", "End", "Home"]) {
      expect(key(sheet, name).defaultPrevented).toBe(true);
      await settle();
      walked.push(lit(el)[0]);
    }
    expect(walked).toEqual(["1-0-0", "0-0-0", "0-1-0", "1-0-0", "0-1-0", "1-0-0"]);
    key(sheet, "Enter");
    await settle();
    expect(model.get("selected")).toEqual([1, 0, 0]);
    expect(find("edge-menu").dataset.edge).toBe("1,0,0");
  });

  it("open the edge when the term is clicked", async () => {
    const { find } = await show(ONE);
    (find("formula").querySelector("[data-edge='0-0-0']") as HTMLElement).click();
    await settle();
    expect(find("edge-menu").dataset.edge).toBe("0,0,0");
  });

  it("stand in a tree too, which is walked the same way", async () => {
    const { find, model } = await show(ONE);
    find("show-outline").click();
    await settle();
    const rows = [...find("outline").querySelectorAll<HTMLElement>("[role=treeitem]")];
    expect(rows.map((row) => row.getAttribute("aria-level"))).toEqual(["1", "2", "3", "3"]);
    rows[0].focus();
    key(rows[0], "ArrowDown");
    await settle();
    expect(document.activeElement).toBe(rows[1]);
    key(rows[1], "Enter");
    await settle();
    expect(model.get("selected")).toEqual([1, 0, 0]);
  });
});

describe("a formula of several outputs", () => {
  const TWO = { formula_latex: "…", formula_outputs: [output("u", SIN), output("v", SQUARE, 2)] };

  it("shows one at a time, with its own error and what of it is numeric", async () => {
    const { find, el } = await show(TWO);
    const [u, v] = el.querySelectorAll<HTMLElement>("[data-testid=formula-tab]");
    expect(u.getAttribute("aria-selected")).toBe("true");
    expect(find("formula").querySelectorAll("[data-edge]")).toHaveLength(1);
    v.click();
    await settle();
    expect(v.getAttribute("aria-selected")).toBe("true");
    expect(find("formula").querySelector("[data-edge='0-1-0']")).toBeTruthy();
    expect(find("formula-error").textContent).toContain("2 edges are still numeric");
  });

  it("goes from one to the next by arrow keys", async () => {
    const { el } = await show(TWO);
    const [u, v] = el.querySelectorAll<HTMLElement>("[data-testid=formula-tab]");
    u.focus();
    key(u, "ArrowRight");
    await settle();
    expect(document.activeElement).toBe(v);
    expect([u.tabIndex, v.tabIndex]).toEqual([-1, 0]);
    key(v, "ArrowRight");
    await settle();
    expect(document.activeElement).toBe(u);
  });

  it("has no tabs where there is one output", async () => {
    const { el } = await show(ONE);
    expect(el.querySelector("[data-testid=formula-tab]")).toBeNull();
  });
});

describe("the digits of a formula", () => {
  it("are set by keys and by buttons, up to all of them", async () => {
    const { model, find, el } = await show(ONE);
    const digits = find("digits");
    key(digits, "ArrowUp");
    await settle();
    expect(model.get("digits")).toBe(5);
    key(digits, "End");
    await settle();
    expect(model.get("digits")).toBeNull();
    expect(digits.getAttribute("aria-valuetext")).toBe("all digits");
    (el.querySelector(".kw-digits button") as HTMLElement).click();
    await settle();
    expect(model.get("digits")).toBe(12);
    key(digits, "Home");
    key(digits, "ArrowDown");
    await settle();
    expect(model.get("digits")).toBe(2);
  });

  it("that are all are said of the error", async () => {
    const error = { shown: 2e-16, full: 2e-16, digits: null, numeric_edges: 0, text: "" };
    const { find } = await show({ formula_latex: "x", formula_error: error });
    expect(find("formula-error").textContent).toContain("2e-16 with all digits");
  });
});

describe("a formula that is not of now", () => {
  it("is dimmed while a training runs", async () => {
    const { model, find, el } = await show(ONE);
    model.set("status", "training");
    await settle();
    expect(find("formula").classList).toContain("kw-old");
    expect(find("formula-old").textContent).toBe("From before the training");
    model.set("status", "idle");
    await settle();
    expect(el.querySelector("[data-testid=formula-old]")).toBeNull();
  });

  it("is dimmed until the new one is written", async () => {
    const error = { shown: 1e-4, full: 1e-15, digits: 4, numeric_edges: 0, text: "", pending: true };
    const { find } = await show({ ...ONE, formula_error: error });
    expect(find("formula").classList).toContain("kw-old");
    expect(find("formula-old").textContent).toContain("written anew");
  });
});

describe("copying", () => {
  const clipboard = (writeText: (text: string) => Promise<void>) =>
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });

  it("takes what the session writes, and says so", async () => {
    const copied: string[] = [];
    clipboard(async (text) => {
      copied.push(text);
    });
    const { find, model } = await show(ONE, ({ id, command, args }, kernel) => {
      if (command === "export") kernel.reply(id, { ok: true, result: `in ${args.target}` });
    });
    find("copy-as").click();
    await settle();
    const menu = find("copy-choices");
    expect(document.activeElement).toBe(menu.querySelector("button"));
    key(menu, "ArrowDown");
    (document.activeElement as HTMLElement).click();
    await settle();
    expect(model.sent.map((each) => each.command)).toEqual(["export"]);
    expect(copied).toEqual(["in sympy"]);
    expect(find("copied").textContent).toBe("Copied SymPy");
    expect(document.activeElement).toBe(find("copy-as"));
    vi.unstubAllGlobals();
  });

  it("shows the text where the browser refuses", async () => {
    clipboard(() => Promise.reject(new Error("no")));
    const { find, el } = await show(ONE);
    find("copy-latex").click();
    await settle();
    const box = find<HTMLTextAreaElement>("copy-by-hand");
    expect(box.value).toBe(ONE.formula_latex);
    expect(document.activeElement).toBe(box);
    key(box, "Escape");
    await settle();
    expect(el.querySelector("[data-testid=copy-by-hand]")).toBeNull();
    vi.unstubAllGlobals();
  });
});

describe("the constants", () => {
  const PI = {
    edge: [0, 0, 0],
    constant: "a",
    p: 1,
    q: 1,
    base: "pi",
    before: 3.1402,
    value: Math.PI,
    loss_before: 1e-4,
    loss_after: 1e-4,
    holds: true,
  };
  const summary = {
    edges: 3,
    alive: 3,
    symbolic: 3,
    train_loss: 0.1,
    val_loss: 0.1,
    test_loss: null,
    outside: "",
  };
  const later = () => new Promise((done) => setTimeout(done, 350)).then(settle);

  it("are asked for when the section is opened, not before", async () => {
    const { find, model } = await show({ ...ONE, summary });
    await later();
    expect(model.sent).toHaveLength(0);
    find("constants").click();
    await later();
    expect(model.sent.map((each) => each.command)).toEqual(["proposals"]);
  });

  it("are accepted one by one, and what was accepted is undone right there", async () => {
    let node = 0;
    const { find, model } = await show({ ...ONE, summary }, ({ id, command }, kernel) => {
      if (command === "proposals") return kernel.reply(id, { ok: true, result: [PI] });
      if (command === "snap") node++;
      kernel.set("history", { undo: "snap", redo: null, current: node, nodes: [] });
      kernel.reply(id, { ok: true });
    });
    find("constants").click();
    await later();
    expect(find("snap").textContent).toContain("π");
    find("snap-accept").click();
    await later();
    const { command, args } = model.sent.filter((each) => each.command === "snap")[0];
    expect([command, args]).toEqual(["snap", { edge: [0, 0, 0], constant: "a", p: 1, q: 1, base: "pi" }]);
    expect(find("snap-said").textContent).toBe("Set a of (0, 0, 0) to π.");
    find("snap-undo").click();
    await settle();
    expect(model.sent.some((each) => each.command === "undo")).toBe(true);
  });

  it("are not asked for while a training runs", async () => {
    const { find, model } = await show({ ...ONE, summary, status: "training" });
    find("constants").click();
    await later();
    expect(model.sent).toHaveLength(0);
    model.set("status", "idle");
    await later();
    expect(model.sent).toHaveLength(1);
  });

  it("are written as a person writes them", () => {
    const text = (p: number, q: number, base: string) => numberText({ p, q, base });
    expect(text(1, 1, "pi")).toBe("π");
    expect(text(-3, 4, "pi")).toBe("−3π/4");
    expect(text(0, 1, "1")).toBe("0");
    expect(text(-1, 3, "1")).toBe("−1/3");
    expect(text(1, 2, "sqrt(2)")).toBe("√2/2");
    expect(text(2, 1, "sqrt(3)")).toBe("2·√3");
    expect(text(1, 1, "E")).toBe("e");
  });
});
