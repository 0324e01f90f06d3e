import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel, type Sent } from "../dev/fake.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { Traits } from "../src/model.ts";
import type { LocatableCanvas } from "../src/scene/picture.ts";
import widget from "../src/widget.ts";

const painted: string[] = [];
/** Stands in for a 2D context: takes every call, and notes the names of those that leave ink. */
const context = new Proxy(
  { measureText: (text: string) => ({ width: 7 * text.length }) } as Record<string, unknown>,
  {
    get: (target, name: string) => target[name] ?? (() => painted.push(name)),
    set: (target, name: string, value) => {
      target[name] = value;
      return true;
    },
  },
);

const cleanups: (() => void)[] = [];

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480);
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

async function show(values: Partial<Traits> = {}, answer?: (message: Sent, model: FakeModel) => void) {
  const model = new FakeModel(values, answer);
  model.setScene(helloWorld());
  const el = document.body.appendChild(document.createElement("div"));
  const cleanup = widget.render({ model, el });
  cleanups.push(cleanup);
  await settle();
  const find = <T extends HTMLElement = HTMLElement>(testid: string) => {
    const found = el.querySelector<T>(`[data-testid="${testid}"]`);
    if (!found) throw new Error(`There is no ${testid}.`);
    return found;
  };
  const canvas = find<LocatableCanvas>("kan-canvas");
  const clickEdge = async (l: number, i: number, j: number) => {
    const at = canvas.kanEdgePosition(l, i, j);
    if (!at) throw new Error(`Edge (${l}, ${i}, ${j}) is not on the canvas.`);
    point(canvas, at);
    await settle();
  };
  return { model, el, cleanup, find, canvas, clickEdge };
}

async function settle() {
  for (let n = 0; n < 4; n++) await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
}

function point(target: HTMLElement, { x, y }: { x: number; y: number }) {
  const init = { clientX: x, clientY: y, button: 0, pointerId: 1, bubbles: true };
  target.dispatchEvent(new PointerEvent("pointerdown", init));
  target.dispatchEvent(new PointerEvent("pointerup", init));
}

function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function slide(slider: HTMLInputElement, position: number) {
  slider.value = String(position);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

const commandsOf = (model: FakeModel) => model.sent.map(({ command, args }) => ({ command, args }));

const SUGGESTED = {
  x: [-1, 0, 1],
  y: [0, 1, 0],
  candidates: [
    { function: "sin", r2: 0.99999, complexity: 2, latex: "\\sin x", curve: [0, 1, 0], warning: "" },
    { function: "x^2", r2: 0.5, complexity: 2, latex: "x^2", curve: [1, 0, 1], warning: "a pole" },
  ],
};

const obliging = (message: Sent, model: FakeModel) =>
  model.reply(message.id, { ok: true, result: message.command === "suggest" ? SUGGESTED : undefined });

describe("training", () => {
  it("sends what the controls say, and stops", async () => {
    const { model, find } = await show({
      steps: 30,
      optimizer: "Adam",
      lamb: 0.01,
      lamb_entropy: 2,
      lr: 0.5,
    });
    find("train").click();
    model.set("status", "training");
    model.set("total_steps", 30);
    model.set("step", 12);
    await settle();
    expect(find("train").dataset.state).toBe("training");
    expect(find("train").textContent).toContain("step 12 of 30");
    find("stop").click();
    expect(commandsOf(model)).toEqual([
      { command: "train", args: { steps: 30, optimizer: "Adam", lamb: 0.01, lamb_entropy: 2, lr: 0.5 } },
      { command: "stop", args: {} },
    ]);
  });

  it("controls set the traits, and refuse what is no number", async () => {
    const { model, find } = await show({ steps: 20 });
    const steps = find<HTMLInputElement>("steps");
    const type = async (text: string) => {
      steps.value = text;
      steps.dispatchEvent(new Event("input", { bubbles: true }));
      steps.dispatchEvent(new Event("change", { bubbles: true }));
      await settle();
    };
    await type("75");
    expect(model.get("steps")).toBe(75);
    await type("many");
    expect(model.get("steps")).toBe(75);
    expect(find("message").textContent).toBe('Steps must be a whole number from 1 to 100000, got "many".');
    expect(steps.value).toBe("75");
    steps.value = "60";
    press(steps, "Enter");
    expect(model.get("steps")).toBe(60);
    slide(find<HTMLInputElement>("lamb"), -2);
    expect(model.get("lamb")).toBe(0.01);
    slide(find<HTMLInputElement>("lamb"), -5.1);
    expect(model.get("lamb")).toBe(0);
  });
});

describe("the picture", () => {
  it("is painted anew for each newer scene only", async () => {
    const { model, canvas, el } = await show();
    expect(canvas.dataset.frames).toBe("1");
    expect(painted).toContain("stroke");
    model.setScene(helloWorld(0.5, 9));
    await settle();
    expect(canvas.dataset.frames).toBe("2");
    model.setScene(helloWorld(0.1, 5));
    await settle();
    expect(canvas.dataset.frames).toBe("2");
    expect(canvas.dataset.version).toBe("9");
    expect(el.querySelector<HTMLElement>(".kanwidget")?.dataset.version).toBe("5");
  });

  it("that cannot be read is said so, and the last one stays", async () => {
    const { model, find, canvas } = await show();
    model.set("scene", new DataView(new ArrayBuffer(64)));
    await settle();
    expect(find("message").dataset.kind).toBe("error");
    expect(canvas.kanEdgePosition(0, 0, 0)).not.toBeNull();
    expect(canvas.kanEdgePosition(7, 0, 0)).toBeNull();
    expect(canvas.kanNodePosition(2, 0)).not.toBeNull();
  });
});

describe("an edge's menu", () => {
  it("ranks the functions and fixes the one that is clicked", async () => {
    const { model, find, el, clickEdge } = await show({}, obliging);
    await clickEdge(0, 1, 2);
    expect(model.get("selected")).toEqual([0, 1, 2]);
    expect(find("edge-menu").dataset.edge).toBe("0,1,2");
    const rows = [...el.querySelectorAll<HTMLElement>('[data-testid="candidate"]')];
    expect(rows.map((row) => row.dataset.function)).toEqual(["sin", "x^2"]);
    expect(rows[0].textContent).toContain("0.99999");
    expect(find("edge-menu").querySelector(".kw-plot .kw-candidate-curve")).toBeNull();
    rows[1].dispatchEvent(new FocusEvent("focus"));
    await settle();
    expect(find("edge-menu").querySelector(".kw-plot .kw-candidate-curve")).toBeTruthy();
    rows[1].click();
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({
      command: "fix_symbolic",
      args: { edge: [0, 1, 2], function: "x^2" },
    });
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
  });

  it("stays open when the session refuses, and says why", async () => {
    const { find, clickEdge } = await show({}, (message, model) => {
      if (message.command === "suggest") obliging(message, model);
      else model.reply(message.id, { ok: false, error: "The edge (0, 0, 0) is locked." });
    });
    await clickEdge(0, 0, 0);
    find("remove").click();
    await settle();
    expect(find("message").textContent).toBe("The edge (0, 0, 0) is locked.");
    expect(find("message").dataset.kind).toBe("error");
    expect(find("edge-menu")).toBeTruthy();
  });

  it("offers a symbolic edge its spline, and a removed one its return", async () => {
    const { model, find, el, clickEdge } = await show({}, obliging);
    model.setScene(helloWorld(1, 2, { "0,0,0": "sin" }, ["0,1,4"]));
    await clickEdge(0, 0, 0);
    find("unfix").click();
    await settle();
    await clickEdge(0, 1, 4);
    expect(el.querySelector('[data-testid="candidate"]')).toBeNull();
    find("restore").click();
    await settle();
    expect(commandsOf(model).map(({ command }) => command)).toEqual([
      "suggest",
      "unfix_symbolic",
      "restore_edge",
    ]);
  });

  it("of a node removes the node", async () => {
    const { model, find, canvas } = await show({}, obliging);
    point(canvas, canvas.kanNodePosition(1, 3) as { x: number; y: number });
    await settle();
    expect(find("node-menu").textContent).toContain("Node (1, 3)");
    find("remove").click();
    expect(commandsOf(model)).toEqual([{ command: "remove_node", args: { layer: 1, node: 3 } }]);
  });
});

describe("the prune slider", () => {
  it("previews without a message, and prunes on release", async () => {
    const { model, find } = await show({ summary: summaryOf(0.0031) });
    const slider = find<HTMLInputElement>("prune");
    slider.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    slide(slider, -1);
    await settle();
    expect(find("prune-preview").textContent).toMatch(
      /^Would remove \d+ of 15 edges · validation loss 0.00310 → /,
    );
    expect(model.sent).toEqual([]);
    slider.dispatchEvent(new Event("change", { bubbles: true }));
    expect(commandsOf(model)).toEqual([{ command: "prune", args: { threshold: 0.1, metric: "backward" } }]);
    expect(model.get("prune_threshold")).toBe(0.1);
  });

  it("is taken back by Escape", async () => {
    const { model, find } = await show();
    const slider = find<HTMLInputElement>("prune");
    slider.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    slide(slider, -1);
    expect(press(slider, "Escape").defaultPrevented).toBe(true);
    slide(slider, -0.5);
    slider.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(model.sent).toEqual([]);
    expect(find("prune-preview").dataset.active).toBe("false");
    expect(model.get("prune_threshold")).toBe(0);
  });

  it("moved by keys waits for Enter", async () => {
    const { model, find } = await show();
    const slider = find<HTMLInputElement>("prune");
    press(slider, "ArrowRight");
    slide(slider, -1.5);
    slider.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.sent).toEqual([]);
    press(slider, "Enter");
    expect(commandsOf(model)).toEqual([
      { command: "prune", args: { threshold: 0.03162, metric: "backward" } },
    ]);
  });
});

describe("keys", () => {
  it("walk the edges, open one, remove it, and stop at the widget", async () => {
    const { model, find, canvas } = await show({}, obliging);
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside);
    press(canvas, "ArrowRight");
    press(canvas, "ArrowRight");
    expect(model.get("selected")).toEqual([0, 0, 1]);
    press(canvas, "Enter");
    await settle();
    expect(find("edge-menu").dataset.edge).toBe("0,0,1");
    press(find("edge-menu"), "Escape");
    press(canvas, "Delete");
    expect(commandsOf(model).at(-1)).toEqual({ command: "remove_edge", args: { edge: [0, 0, 1] } });
    expect(outside).not.toHaveBeenCalled();
    press(canvas, "m");
    expect(outside).toHaveBeenCalledOnce();
    document.body.removeEventListener("keydown", outside);
  });

  it("are kept from JupyterLab by the element that has the focus", async () => {
    const { canvas, find } = await show();
    for (const target of [canvas, find("train"), find("metric")]) {
      target.focus();
      expect(target.dataset.lmSuppressShortcuts).toBe("true");
    }
  });

  it("undo and redo only what there is, and leave text fields alone", async () => {
    const history = { undo: "prune", redo: null, current: 1, nodes: [] };
    const { model, canvas, find } = await show({ history }, obliging);
    press(canvas, "z", { ctrlKey: true });
    press(canvas, "y", { ctrlKey: true });
    expect(press(find("steps"), "z", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(commandsOf(model)).toEqual([{ command: "undo", args: {} }]);
    expect(find("undo").title).toBe("Undo: prune");
    expect(find<HTMLButtonElement>("redo").disabled).toBe(true);
  });

  it("show the help", async () => {
    const { canvas, find, el } = await show();
    press(canvas, "?", { shiftKey: true });
    await settle();
    press(find("help"), "Escape");
    await settle();
    expect(el.querySelector('[data-testid="help"]')).toBeNull();
  });
});

describe("the formula", () => {
  it("is set as mathematics with its error", async () => {
    const { find } = await show({
      formula_latex: "y = e^{x_1}",
      formula_error: { shown: 2e-4, full: 1e-15, digits: 4, numeric_edges: 0, text: "" },
    });
    expect(find("formula").dataset.latex).toBe("y = e^{x_1}");
    expect(find("formula").querySelector(".katex")).toBeTruthy();
    expect(find("formula-error").textContent).toContain("2e-4 as shown (4 digits) · 1e-15 in full");
  });

  it("that cannot be set is shown as it came", async () => {
    const { find } = await show({ formula_latex: "\\frac{1" });
    expect(find("formula").textContent).toContain("\\frac{1");
    expect(find("formula").textContent).toContain("cannot be set");
  });

  it("makes no links of what a name brings", async () => {
    const { find } = await show({ formula_latex: "\\href{javascript:alert(1)}{x}" });
    expect(find("formula").querySelector("a")).toBeNull();
  });
});

describe("messages", () => {
  it("of the session are shown, and can be dismissed", async () => {
    const { model, find } = await show();
    model.set("message", { kind: "warning", text: "Data lies outside the grid.", seq: 1 });
    await settle();
    expect(find("message").textContent).toBe("Data lies outside the grid.");
    find("message").querySelector("button")?.click();
    await settle();
    expect(find("message").dataset.kind).toBe("");
  });

  it("tell of a kernel that does not answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const model = new FakeModel({ history: { undo: "fix", redo: null, current: 1, nodes: [] } });
    const el = document.body.appendChild(document.createElement("div"));
    cleanups.push(widget.render({ model, el }));
    await vi.advanceTimersByTimeAsync(50);
    el.querySelector<HTMLElement>('[data-testid="undo"]')?.click();
    await vi.advanceTimersByTimeAsync(10_050);
    const line = el.querySelector('[data-testid="message"]');
    expect(line?.textContent).toMatch(/The kernel does not answer/);
    model.reply(model.sent[0].id, { ok: true });
    await vi.advanceTimersByTimeAsync(50);
    expect(line?.textContent).toBe("");
    vi.useRealTimers();
  });
});

describe("a view", () => {
  it("leaves nothing behind", async () => {
    const { model, el, cleanup } = await show({}, obliging);
    expect(model.listenerCount).toBeGreaterThan(10);
    cleanup();
    cleanups.length = 0;
    expect(model.listenerCount).toBe(0);
    expect(el.childNodes).toHaveLength(0);
  });

  it("has its own menu, and shares the selection", async () => {
    const first = await show({}, obliging);
    const el = document.body.appendChild(document.createElement("div"));
    cleanups.push(widget.render({ model: first.model, el }));
    await settle();
    await first.clickEdge(1, 2, 0);
    expect(first.find("edge-menu")).toBeTruthy();
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
    expect(first.model.get("selected")).toEqual([1, 2, 0]);
  });

  it("follows the page's theme unless told otherwise", async () => {
    document.body.dataset.jpThemeLight = "false";
    const { model, el } = await show();
    const root = el.querySelector<HTMLElement>(".kanwidget");
    expect(root?.dataset.theme).toBe("dark");
    document.body.dataset.jpThemeLight = "true";
    await settle();
    expect(root?.dataset.theme).toBe("light");
    model.set("theme", "dark");
    expect(root?.dataset.theme).toBe("dark");
    delete document.body.dataset.jpThemeLight;
  });
});

function summaryOf(val_loss: number): Traits["summary"] {
  return { edges: 15, alive: 15, symbolic: 0, train_loss: 0.003, val_loss, test_loss: null, outside: "" };
}
