import { describe, expect, it } from "vitest";
import type { FakeModel, Sent } from "../dev/fake.ts";
import { inspected, inspectedSymbolic } from "../dev/inspections.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { Candidate } from "../src/commands.ts";
import { meant, sorted } from "../src/panels/candidates.tsx";
import { middle, polyline, raised } from "../src/panels/curves.ts";
import type { EdgeIndex } from "../src/protocol.ts";
import { commandsOf, obliging, press, settle, show } from "./page.ts";

const candidate = (name: string, r2: number, complexity: number, loss: number | null): Candidate => ({
  function: name,
  r2,
  complexity,
  latex: name,
  curve: [0, 1, 2],
  warning: "",
  outside: "",
  loss_change: loss,
});

const MANY = ["sin", "x", "x^2", "exp", "log", "tanh", "cos", "x^3", "sqrt", "abs"].map((name, k) =>
  candidate(name, 1 - k / 20, 1 + ((k * 3) % 5), k === 1 ? null : (k * 7) % 10),
);

const DONE = ["set_constant", "lock_constant", "unlock_constant", "move_point", "lock_edges"];

/** Answers for a network whose edge (0, 0, 0) is a sine with the constant a locked. */
function symbolic(message: Sent, model: FakeModel) {
  const edge = message.args.edge as EdgeIndex;
  if (message.command === "inspect")
    model.reply(message.id, { ok: true, result: inspectedSymbolic(edge, "sin", ["a"]) });
  else obliging(message, model);
}

async function showSymbolic(answer = symbolic) {
  const page = await show({}, answer);
  page.model.setScene(helloWorld(1, 2, { "0,0,0": "sin" }));
  await settle();
  await page.clickEdge(0, 0, 0);
  await settle();
  return page;
}

describe("the inspector's curve", () => {
  it("has knots, data, what lies beyond, and its derivative on demand", async () => {
    const { find, el, clickEdge } = await show({}, obliging);
    await clickEdge(0, 0, 0);
    expect(find("knots").children.length).toBe(6);
    expect(el.querySelectorAll(".kw-samples circle").length).toBe(90);
    expect(find("beyond").getAttribute("d")).toContain("M");
    expect(find("edge-plot").getAttribute("aria-label")).toContain("from −1.2 to 1.2");
    expect(el.querySelector('[data-testid="slope"]')).toBeNull();
    find("show-slope").click();
    await settle();
    expect(find("slope").querySelector("path")?.getAttribute("d")).toContain("L");
  });

  it("is solid only where data and grid are", async () => {
    const { el, clickEdge } = await show({}, obliging);
    await clickEdge(0, 0, 0);
    const points = (path: Element | null) => path?.getAttribute("d")?.split(/[ML]/).length ?? 0;
    const [beyond, solid] = [...el.querySelectorAll(".kw-plot .kw-curve")];
    expect(points(solid)).toBe(102);
    expect(points(beyond)).toBe(122);
  });

  it("lines are interrupted by holes and jumps", () => {
    const same = (value: number) => value;
    expect(polyline([0, 1, 2, 3], [0, null, 1, 2], same, same)).toBe("M0.0 0.0M2.0 1.0L3.0 2.0");
    expect(polyline([0, 1], [-90, 90], same, same, 100)).toBe("M0.0 -90.0M1.0 90.0");
  });

  it("is not squeezed by the most extreme twentieth of the data", () => {
    const values = [...Array.from({ length: 38 }, (_, k) => k), 1e9, null, -1e9];
    expect(Math.max(...middle(values))).toBe(36);
    expect(Math.min(...middle(values))).toBe(1);
  });
});

describe("control points", () => {
  const edit = async (refused = "") => {
    const page = await show({}, (message, model) => {
      if (refused && message.command === "move_point") model.reply(message.id, { ok: false, error: refused });
      else obliging(message, model);
    });
    await page.clickEdge(0, 0, 0);
    expect(page.el.querySelector('[data-testid="control-point"]')).toBeNull();
    page.find("edit-points").click();
    await settle();
    const points = [...page.el.querySelectorAll<HTMLElement>('[data-testid="control-point"]')];
    return { ...page, points, curve: () => page.el.querySelector(".kw-beyond")?.getAttribute("d") };
  };
  const sent = (model: FakeModel) => commandsOf(model).filter(({ command }) => command === "move_point");

  it("appear on demand, and arrow keys preview and then move one", async () => {
    const { model, points, curve } = await edit();
    const before = curve();
    press(points[3], "ArrowUp");
    press(points[3], "ArrowUp");
    await settle();
    expect(curve()).not.toBe(before);
    expect(sent(model)).toEqual([]);
    press(points[3], "Enter");
    expect(sent(model)).toHaveLength(1);
    const { args } = sent(model)[0];
    const point = inspected([0, 0, 0]).points[Number(args.index)];
    expect(args).toMatchObject({ edge: [0, 0, 0], refit: false });
    expect(Number(args.value)).toBeGreaterThan(point.y);
  });

  it("go back on Escape, which does not close the inspector then", async () => {
    const { model, find, points, curve } = await edit();
    const before = curve();
    press(points[2], "ArrowDown", { shiftKey: true });
    await settle();
    expect(curve()).not.toBe(before);
    press(points[2], "Escape");
    await settle();
    expect(curve()).toBe(before);
    expect(find("edge-menu")).toBeTruthy();
    expect(sent(model)).toEqual([]);
  });

  it("let the rest refit where that is asked for", async () => {
    const { model, find, points } = await edit();
    find("refit").click();
    await settle();
    press(points[2], "ArrowUp");
    press(points[2], "Enter");
    expect(sent(model)[0].args.refit).toBe(true);
  });

  it("go back where the session refuses", async () => {
    const { find, points, curve } = await edit("edge (0, 0, 0) is locked");
    const before = curve();
    press(points[2], "ArrowUp");
    press(points[2], "Enter");
    await settle();
    expect(find("refused").textContent).toBe("edge (0, 0, 0) is locked");
    expect(curve()).toBe(before);
  });

  it("change the curve by their basis function", () => {
    const point = { x: 0, y: 1, first: 1, basis: [0.5, 1] };
    expect(raised([0, 1, null, 3], point, 2)).toEqual([0, 2, null, 3]);
  });
});

describe("the ranked functions", () => {
  it("are sorted by each of their numbers, what is not known last", () => {
    const names = (list: Candidate[]) => list.map((each) => each.function).slice(0, 3);
    expect(names(sorted(MANY, "best"))).toEqual(["sin", "x", "x^2"]);
    expect(names(sorted(MANY, "r2"))).toEqual(["sin", "x", "x^2"]);
    expect(names(sorted(MANY, "complexity"))).toEqual(["sin", "tanh", "x^2"]);
    expect(names(sorted(MANY, "loss"))).toEqual(["sin", "exp", "cos"]);
    expect(sorted(MANY, "loss").at(-1)?.function).toBe("x");
  });

  it("are found however a power is typed", () => {
    for (const typed of ["x^2", "x²", "x2", " X^2"]) expect(meant("x^2", typed)).toBe(true);
    expect(meant("x^3", "x2")).toBe(false);
  });

  it("are eight until more are asked for, and fewer where filtered", async () => {
    const { model, find, el, clickEdge } = await show({}, (message, model) => {
      const result = { x: [-1, 0, 1], y: [0, 1, 0], candidates: MANY };
      if (message.command === "suggest") model.reply(message.id, { ok: true, result });
      else obliging(message, model);
    });
    await clickEdge(0, 0, 0);
    const rows = () => [...el.querySelectorAll<HTMLElement>('[data-testid="candidate"]')];
    expect(rows()).toHaveLength(8);
    find("more-candidates").click();
    await settle();
    expect(rows()).toHaveLength(10);
    const filter = find<HTMLInputElement>("candidate-filter");
    filter.value = "s";
    filter.dispatchEvent(new Event("input", { bubbles: true }));
    find("sort-loss").click();
    await settle();
    expect(rows().map((row) => row.dataset.function)).toEqual(["sin", "cos", "abs", "sqrt"]);
    press(filter, "ArrowDown");
    press(document.activeElement as HTMLElement, "ArrowDown");
    await settle();
    expect((document.activeElement as HTMLElement).dataset.function).toBe("cos");
    (document.activeElement as HTMLElement).click();
    expect(commandsOf(model).at(-1)?.args.function).toBe("cos");
  });

  it("grow by one's own, and say why not", async () => {
    let asked = 0;
    const { model, find, clickEdge } = await show({}, (message, model) => {
      if (message.command === "suggest") asked++;
      if (message.command === "define_function" && message.args.text === "x")
        model.reply(message.id, { ok: false, error: "a name and a formula in x are needed" });
      else obliging(message, model);
    });
    await clickEdge(0, 0, 0);
    const before = asked;
    const line = find<HTMLInputElement>("own-function");
    const type = async (text: string) => {
      line.value = text;
      line.dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
      find("add-function").click();
      await settle();
    };
    await type("x");
    press(line, "Enter");
    await settle();
    expect(find("own-refused").textContent).toContain("a name and a formula");
    expect(asked).toBe(before);
    await type("sinc2 = sin(x)/x");
    expect(commandsOf(model)).toContainEqual({
      command: "define_function",
      args: { text: "sinc2 = sin(x)/x" },
    });
    expect(asked).toBe(before + 1);
    expect(line.value).toBe("");
    expect(find<HTMLInputElement>("candidate-filter").value).toBe("sinc2");
  });
});

describe("constants", () => {
  it("are shown, typed, locked and freed", async () => {
    const { model, find } = await showSymbolic();
    const field = find<HTMLInputElement>("constant-b");
    expect(field.value).toBe("-0.0003");
    expect(find("lock-a").getAttribute("aria-pressed")).toBe("true");
    field.value = " pi/2 ";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    press(field, "Enter");
    await settle();
    find("lock-a").click();
    find("lock-c").click();
    await settle();
    const sent = commandsOf(model).filter(({ command }) => DONE.includes(command));
    expect(sent).toEqual([
      { command: "set_constant", args: { edge: [0, 0, 0], constant: "b", value: "pi/2", lock: true } },
      { command: "unlock_constant", args: { edge: [0, 0, 0], constant: "a" } },
      { command: "lock_constant", args: { edge: [0, 0, 0], constant: "c" } },
    ]);
  });

  it("come back on Escape, and a second one closes the inspector and gives the focus back", async () => {
    const { model, find, el, canvas } = await showSymbolic();
    const field = find<HTMLInputElement>("constant-c");
    field.value = "7";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    press(field, "Escape");
    await settle();
    expect(field.value).toBe("1.002");
    press(field, "Escape");
    await settle();
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
    expect(document.activeElement).toBe(canvas);
    expect(commandsOf(model).filter(({ command }) => DONE.includes(command))).toEqual([]);
  });

  it("that are refused are said so where they were typed", async () => {
    const { find } = await showSymbolic((message, model) => {
      const error = "value is 'x'; a finite number such as 3.14, pi/2, 1/3 or sqrt(2) is needed";
      if (message.command === "set_constant") model.reply(message.id, { ok: false, error });
      else symbolic(message, model);
    });
    const field = find<HTMLInputElement>("constant-a");
    field.value = "x";
    press(field, "Enter");
    await settle();
    expect(find("refused").textContent).toContain("pi/2");
    expect(field.value).toBe("3.141");
  });

  it("keep the focus in the inspector when what was pressed is gone", async () => {
    const { model, find, el } = await showSymbolic();
    find("unfix").focus();
    find("unfix").click();
    model.setScene(helloWorld(1, 3));
    await settle();
    expect(el.querySelector('[data-testid="unfix"]')).toBeNull();
    expect(find("edge-menu").contains(document.activeElement)).toBe(true);
  });

  it("are not to be had of a locked edge", async () => {
    const page = await show({}, symbolic);
    const scene = helloWorld(1, 2, { "0,0,0": "sin" });
    scene.locked[0] = 1;
    page.model.setScene(scene);
    await settle();
    await page.clickEdge(0, 0, 0);
    await settle();
    expect(page.find<HTMLFieldSetElement>("constants").disabled).toBe(true);
    page.find("lock").click();
    expect(commandsOf(page.model).at(-1)).toEqual({ command: "unlock_edges", args: { edges: [[0, 0, 0]] } });
  });
});
