import { beforeEach, describe, expect, it, vi } from "vitest";
import { encodeScene } from "../dev/encode.ts";
import type { FakeModel, Sent } from "../dev/fake.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { HistoryNode } from "../src/model.ts";
import { commandsOf, press, settle, show } from "./page.ts";

const node = (
  id: number,
  val: number | null,
  complexity: number,
  more: Partial<HistoryNode> = {},
): HistoryNode => ({
  ...{
    id,
    parent: id ? id - 1 : null,
    label: `step ${id}`,
    train: val,
    val,
    edges: 15,
    complexity,
    kept: true,
  },
  ...more,
});
const NODES = [
  node(0, 0.9, 135),
  node(1, 0.01, 135, { best: true }),
  node(2, 0.03, 60, { best: true }),
  node(3, 0.08, 60, { kept: false }),
  node(4, 0.2, 12, { best: true }),
  node(5, null, 12),
];
const history = (current: number) => ({ undo: null, redo: null, current, nodes: NODES });

/** A kernel that looks, jumps and compares; scripts need a file, and files end in .kan. */
function kernel({ id, command, args }: Sent, model: FakeModel): void {
  const sight = (number: unknown) => ({ number, label: `step ${number}`, latex: `x_${number}`, losses: {} });
  const drawn = (removed: string[], fixed = {}) => encodeScene(helloWorld(1, 1, fixed, removed));
  const refuse = (error: string) => model.reply(id, { ok: false, error });
  if (command === "look") model.reply(id, { ok: true, result: sight(args.number) }, [drawn([])]);
  else if (command === "jump") {
    model.set("history", history(Number(args.number)));
    model.reply(id, { ok: true });
  } else if (command === "compare" && args.a === args.b) refuse("these are the same");
  else if (command === "compare") {
    const change = { edge: [0, 0, 0], function: ["numeric", "sin"], constants: [null, null], change: 0.1 };
    const result = {
      ...{ same: false, removed: [[0, 1, 3]], restored: [], gone: [], added: [], curves: [], constants: [] },
      ...{ functions: [change], losses: { val_loss: [0.9, 0.01], test_loss: [null, null] } },
      ...{
        complexity: [135, 60],
        edges: [15, 14],
        text: "edge (0, 1, 3): removed",
        ends: [sight(args.a), sight(args.b)],
      },
    };
    model.reply(id, { ok: true, result }, [drawn([]), drawn(["0,1,3"], { "0,0,0": "sin" })]);
  } else if (command === "script") {
    if (args.form === "python" && args.path === undefined)
      refuse("save the session and give its file as path");
    else model.reply(id, { ok: true, result: args.form === "python" ? "import kanwidget" : { nbformat: 4 } });
  } else if (command === "save") {
    if (String(args.path).endsWith(".kan")) model.reply(id, { ok: true, result: `/home/${args.path}` });
    else refuse(`path is '${args.path}'; a name that ends in .kan is needed`);
  } else model.reply(id, { ok: true });
}

const moment = () => new Promise((done) => setTimeout(done, 160)).then(settle);
const type = (field: HTMLInputElement, text: string) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

describe("two states side by side", () => {
  async function compared() {
    const shown = await show({ history: history(2) }, kernel);
    const tree = shown.find("history-tree");
    press(tree, "Home");
    press(tree, "c");
    await moment();
    return { ...shown, tree };
  }

  it("show what became of each edge, the numbers, the formulas and all of it in words", async () => {
    const { find, el, model } = await compared();
    expect(commandsOf(model).at(-1)).toEqual({ command: "compare", args: { a: 0, b: 2 } });
    const dialog = find("compare");
    const signs = [...el.querySelectorAll<HTMLElement>(".kw-diff")].map(
      ({ dataset, textContent }) => `${dataset.kind} ${dataset.edge} ${textContent}`,
    );
    expect(signs.sort()).toEqual(["function 0,0,0 ƒ", "function 0,0,0 ƒ", "removed 0,1,3 −"]);
    expect(dialog.textContent).toContain("removed: 1");
    expect(dialog.textContent).toContain("another function: 1");
    expect(find("compare-text").textContent).toBe("edge (0, 1, 3): removed");
    const rows = [...dialog.querySelectorAll("tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows).toEqual([
      ["validation loss", "0.900", "0.0100"],
      ["complexity", "135", "60"],
      ["live edges", "15", "14"],
    ]);
    expect(dialog.querySelectorAll(".katex").length).toBe(2);
  });

  it("may be any two, are gone to, and leave the focus where it was", async () => {
    const { find, el, model, tree } = await compared();
    const select = find<HTMLSelectElement>("compare-after");
    expect([...select.options].map(({ value }) => value)).toEqual(["0", "1", "2", "4", "5"]);
    select.value = "4";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({ command: "compare", args: { a: 0, b: 4 } });
    expect(press(find("compare"), "Escape").defaultPrevented).toBe(true);
    await settle();
    expect(el.querySelector('[data-testid="compare"]')).toBeNull();
    expect(document.activeElement).toBe(tree);
  });

  it("that cannot be compared say why, in place", async () => {
    const { find } = await compared();
    const select = find<HTMLSelectElement>("compare-after");
    select.value = "0";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(find("compare").querySelector("[role=alert]")?.textContent).toBe("these are the same");
  });
});

describe("the Pareto plot", () => {
  async function plotted() {
    const shown = await show({ history: history(2) }, kernel);
    shown.find("tab-pareto").click();
    await settle();
    return { ...shown, plot: shown.find("pareto") };
  }

  it("has every measured state, with those that no other beats as the steps of a line", async () => {
    const { el, plot } = await plotted();
    const dots = [...plot.querySelectorAll<SVGElement>("circle")].map(({ dataset }) => dataset);
    expect(dots.map(({ step }) => step).sort()).toEqual(["0", "1", "2", "3", "4"]);
    expect(dots.filter(({ best }) => best === "true").map(({ step }) => step)).toEqual(["4", "2", "1"]);
    expect(dots.filter(({ here }) => here === "true").map(({ step }) => step)).toEqual(["2"]);
    expect(plot.querySelector(".kw-front")?.getAttribute("d")?.match(/H/g)).toHaveLength(3);
    const rows = [...el.querySelectorAll(".kw-history tbody tr")].map((row) => row.textContent);
    expect(rows).toEqual(["120.200Step 4: step 4", "600.0300Step 2: step 2", "1350.0100Step 1: step 1"]);
  });

  it("is walked along by arrows that show each state, and Enter goes there", async () => {
    const { plot, find, model } = await plotted();
    press(plot, "ArrowRight");
    await moment();
    expect(find("formula").dataset.latex).toBe("x_1");
    expect(document.getElementById(plot.getAttribute("aria-activedescendant") ?? "")?.textContent).toBe(
      "Step 1: step 1, validation loss 0.0100, complexity 135",
    );
    press(plot, "ArrowLeft");
    press(plot, "ArrowLeft");
    await moment();
    expect(find("formula").dataset.latex).toBe("x_4");
    press(plot, "Enter");
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({ command: "jump", args: { number: 4 } });
  });

  it("shows what is pointed at and goes there on a click, but not where the state was let go", async () => {
    const { plot, find, model } = await plotted();
    const svg = plot.querySelector("svg") as SVGElement;
    const at = (step: number) => {
      const dot = plot.querySelector(`circle[data-step="${step}"]`) as SVGElement;
      return {
        clientX: Number(dot.getAttribute("cx")),
        clientY: Number(dot.getAttribute("cy")),
        bubbles: true,
      };
    };
    svg.dispatchEvent(new PointerEvent("pointermove", at(0)));
    await moment();
    expect(find("formula").dataset.latex).toBe("x_0");
    svg.dispatchEvent(new MouseEvent("click", at(3)));
    await settle();
    expect(find("history-said").textContent).toContain("step 3 was let go");
    svg.dispatchEvent(new MouseEvent("click", at(0)));
    await settle();
    expect(commandsOf(model)).toEqual([
      { command: "look", args: { number: 0 } },
      { command: "jump", args: { number: 0 } },
    ]);
  });

  it("is turned to and from by arrows on its tab", async () => {
    const { find, el } = await show({ history: history(2) }, kernel);
    find("tab-history").focus();
    press(find("tab-history"), "ArrowRight");
    await settle();
    expect(document.activeElement).toBe(find("tab-pareto"));
    expect(el.querySelector('[data-testid="pareto"]')).not.toBeNull();
    press(find("tab-pareto"), "ArrowLeft");
    await settle();
    expect(find("history-tree").getAttribute("role")).toBe("tree");
  });
});

describe("the session", () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void written.push(text));
  });

  it("is copied as Python, by way of a file where it needs one", async () => {
    const { find, model, el } = await show({ history: history(2) }, kernel);
    find("session").click();
    await settle();
    find("copy-python").click();
    await settle();
    expect(el.querySelector(".kw-path")?.textContent).toContain("save the session and give its file as path");
    expect(written).toEqual([]);
    type(find<HTMLInputElement>("session-path"), "mine.kan");
    await settle();
    (el.querySelector(".kw-path button") as HTMLElement).click();
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({
      command: "script",
      args: { form: "python", path: "mine.kan" },
    });
    expect(written).toEqual(["import kanwidget"]);
    expect(find("history-said").textContent).toBe("The session is in the clipboard as Python.");
  });

  it("stays to be copied by hand where the browser does not allow it", async () => {
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("no"));
    const { find } = await show({ history: history(2) }, (message, model) =>
      model.reply(message.id, { ok: true, result: "import kanwidget" }),
    );
    find("session").click();
    await settle();
    find("copy-python").click();
    await settle();
    expect(find<HTMLTextAreaElement>("script").value).toBe("import kanwidget");
  });

  it("is saved under the name that is given, and what is wrong with it is said there", async () => {
    const { find, model, el } = await show({ history: history(2) }, kernel);
    find("session").click();
    await settle();
    expect(model.sent).toEqual([]);
    find("save-session").click();
    await settle();
    const submit = () => (el.querySelector(".kw-path button") as HTMLElement).click();
    type(find<HTMLInputElement>("session-path"), "mine");
    await settle();
    submit();
    await settle();
    expect(find("session-refusal").textContent).toBe("path is 'mine'; a name that ends in .kan is needed");
    type(find<HTMLInputElement>("session-path"), "mine.kan");
    await settle();
    submit();
    await settle();
    expect(find("history-said").textContent).toBe("Saved to /home/mine.kan");
    expect(el.querySelector(".kw-path")).toBeNull();
  });
});
