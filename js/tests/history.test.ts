import { describe, expect, it } from "vitest";
import { encodeScene } from "../dev/encode.ts";
import type { FakeModel, Sent } from "../dev/fake.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { HistoryNode } from "../src/model.ts";
import { layoutTree } from "../src/tree.ts";
import { commandsOf, point, press, settle, show } from "./page.ts";

const node = (id: number, parent: number | null, more: Partial<HistoryNode> = {}): HistoryNode => ({
  ...{ id, parent, label: `step ${id}`, train: 0.5, val: 0.25, edges: 15, kept: true, made: 1.7e9 },
  ...more,
});
const historyOf = (nodes: HistoryNode[], current: number) => ({ undo: null, redo: null, current, nodes });

describe("the tree", () => {
  it("has the way through the current state at its left, and branches beside it", () => {
    const nodes = [node(0, null), node(1, 0), node(2, 1), node(3, 0), node(4, 3), node(5, 1)];
    const tree = layoutTree(nodes, 4);
    expect(tree.lane).toEqual([0, 1, 2, 0, 0, 1]);
    expect(tree.trunk).toEqual([true, false, false, true, true, false]);
    expect(tree.level).toEqual([1, 2, 3, 1, 1, 2]);
    expect(layoutTree(nodes, 2).lane).toEqual([0, 0, 0, 1, 1, 2]);
  });

  it("goes on from the current state to what was undone last", () => {
    const nodes = [node(0, null), node(1, 0, { redo: 2 }), node(2, 1), node(3, 1)];
    expect(layoutTree(nodes, 1).onward).toEqual([1, 2, -1, -1]);
    expect(layoutTree(nodes, 1).lane).toEqual([0, 0, 0, 1]);
  });

  it("gives a lane to one branch at a time", () => {
    for (let seed = 1; seed < 40; seed++) {
      let random = seed;
      const next = (n: number) => {
        random = (random * 48271) % 2147483647;
        return random % n;
      };
      const nodes = [node(0, null)];
      for (let id = 1; id < 60; id++) nodes.push(node(id, next(3) ? id - 1 : next(id)));
      const { lane, links, parent, onward, lanes } = layoutTree(nodes, next(60));
      expect(Math.max(...lane)).toBe(lanes - 1);
      for (const { from, to, lane: at, laneFrom } of links) {
        expect(parent[to]).toBe(from);
        if (onward[from] === to) expect(at).toBe(laneFrom);
        for (let row = from + 1; row < to; row++)
          expect(lane[row], `row ${row} on ${from}→${to}`).not.toBe(at);
      }
    }
  });
});

const PAST = [
  node(0, null, { label: "start" }),
  node(1, 0, { label: "train 20 steps", spark: [1, 0.5, 0.2], note: "good" }),
  node(2, 1, { label: "prune", kept: false }),
  node(3, 1, { label: "fix to sin", pinned: true }),
];

/** A kernel with four states, of which step 1 has its edge (0, 0, 0) removed. */
function kernel({ id, command, args }: Sent, model: FakeModel): void {
  const scene = helloWorld(1, 1, {}, args.number === 1 ? ["0,0,0"] : []);
  const result = { number: args.number, label: "", latex: `x_${args.number}`, losses: {} };
  if (command === "look") model.reply(id, { ok: true, result }, [encodeScene(scene)]);
  else if (command === "jump") {
    model.set("history", historyOf(PAST, Number(args.number)));
    model.reply(id, { ok: true });
  } else model.reply(id, { ok: true });
}

async function showPast(answer = kernel) {
  const shown = await show({ history: historyOf(PAST, 3), formula_latex: "live" }, answer);
  const row = (step: number) =>
    shown.el.querySelector<HTMLElement>(`[data-step="${step}"][role=treeitem]`) as HTMLElement;
  const latex = () => shown.find("formula").dataset.latex;
  return { ...shown, row, latex, tree: shown.find("history-tree") };
}
const moment = () => new Promise((done) => setTimeout(done, 160)).then(settle);
const moveOver = (row: HTMLElement) => row.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));

describe("a past state", () => {
  it("that is pointed at is shown with its formula, and leaves when the pointer does", async () => {
    const { el, row, latex, tree, model } = await showPast();
    moveOver(row(1));
    await moment();
    expect(latex()).toBe("x_1");
    expect(el.querySelector('[data-testid="preview"]')?.textContent).toContain(
      "Looking at step 1: train 20 steps",
    );
    tree.dispatchEvent(new PointerEvent("pointerleave"));
    await settle();
    expect(latex()).toBe("live");
    expect(el.querySelector('[data-testid="preview"]')).toBeNull();
    moveOver(row(1));
    await moment();
    expect(latex()).toBe("x_1");
    expect(commandsOf(model)).toEqual([{ command: "look", args: { number: 1 } }]);
  });

  it("that was left before it came is not shown", async () => {
    const waiting: Sent[] = [];
    const { row, latex, tree, model } = await showPast((message) => waiting.push(message));
    moveOver(row(1));
    await moment();
    tree.dispatchEvent(new PointerEvent("pointerleave"));
    kernel(waiting[0], model);
    await moment();
    expect(latex()).toBe("live");
  });

  it("is walked to, shown, left by Escape and gone to by Enter", async () => {
    const { el, tree, latex, model } = await showPast();
    press(tree, "ArrowLeft");
    await moment();
    expect(latex()).toBe("x_1");
    expect(press(tree, "Escape").defaultPrevented).toBe(true);
    await settle();
    expect(latex()).toBe("live");
    press(tree, "Enter");
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({ command: "jump", args: { number: 1 } });
    expect(el.querySelector("[aria-current=step]")?.getAttribute("data-step")).toBe("1");
    expect(latex()).toBe("live");
  });

  it("takes no key and no click on the canvas for the live network", async () => {
    const { row, canvas, latex, model, el } = await showPast();
    model.set("selected", [0, 0, 0]);
    moveOver(row(1));
    await moment();
    press(canvas, "Delete");
    await settle();
    expect(latex()).toBe("live");
    moveOver(row(1));
    await moment();
    point(canvas, canvas.kanEdgePosition(0, 0, 1) as { x: number; y: number });
    await settle();
    expect(latex()).toBe("live");
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
    expect(commandsOf(model).map(({ command }) => command)).toEqual(["look"]);
  });

  it("that was let go is neither shown nor gone to, and it is said why", async () => {
    const { row, find, model } = await showPast();
    moveOver(row(2));
    row(2).click();
    await moment();
    expect(model.sent).toEqual([]);
    expect(find("history-said").textContent).toContain("step 2 was let go to save memory");
    expect(row(2).getAttribute("aria-disabled")).toBe("true");
  });

  it("takes a note, a name and a pin by keys, and keeps none where Escape is pressed", async () => {
    const { tree, find, model, el } = await showPast();
    press(tree, "Home");
    press(tree, "n");
    await settle();
    const note = find<HTMLTextAreaElement>("note-field");
    note.value = "where it began";
    note.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    press(note, "Enter");
    await settle();
    expect(document.activeElement).toBe(tree);
    press(tree, "p");
    press(tree, "F2");
    await settle();
    press(find("name-field"), "Escape");
    await settle();
    expect(el.querySelector('[data-testid="name-field"]')).toBeNull();
    const sent = commandsOf(model).filter(({ command }) => command !== "look");
    expect(sent).toEqual([
      { command: "annotate", args: { number: 0, note: "where it began" } },
      { command: "pin", args: { number: 0, pinned: true } },
    ]);
  });
});

it("a history of a thousand states has only those in sight in the page", async () => {
  const nodes = Array.from({ length: 1000 }, (_, id) => node(id, id ? id - 1 : null));
  const { el, find } = await show({ history: historyOf(nodes, 999) });
  expect(el.querySelectorAll("[role=treeitem]").length).toBeLessThan(40);
  press(find("history-tree"), "Home");
  await settle();
  find("history-tree").dispatchEvent(new Event("scroll"));
  await settle();
  expect(el.querySelector('[role=treeitem][data-step="0"]')?.getAttribute("aria-setsize")).toBe("1000");
});
