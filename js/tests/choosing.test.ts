import { describe, expect, it, vi } from "vitest";
import type { FakeModel, Sent } from "../dev/fake.ts";
import { helloWorld, makeScene } from "../dev/scenes.ts";
import { edgesOfNode } from "../src/choosing.ts";
import { describeEdge } from "../src/describe.ts";
import { translator } from "../src/i18n.ts";
import { placeOver } from "../src/panels/place.ts";
import { commandsOf, press, settle, show } from "./page.ts";

type Place = { x: number; y: number };

const knowing = (message: Sent, model: FakeModel) => {
  const results: Record<string, unknown> = {
    cost_of_removing: { removed: 2, loss_before: 0.012, loss_after: 0.25 },
    cost_of_node: { loss_before: 0.012, loss_without: 0.5, loss_with: 0.01, edges: [2, 1], live: [1, 1] },
    functions_for: [
      { function: "x^2", r2: 0.99 },
      { function: "sin", r2: 0.5 },
    ],
  };
  model.reply(message.id, { ok: true, result: results[message.command] });
};

function pointer(target: HTMLElement, type: string, at: Place, more: PointerEventInit = {}) {
  const init = { clientX: at.x, clientY: at.y, button: 0, pointerId: 1, bubbles: true, ...more };
  target.dispatchEvent(new PointerEvent(type, init));
}

const later = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function hand() {
  const page = await show({}, knowing);
  const edgeAt = (...edge: [number, number, number]) => page.canvas.kanEdgePosition(...edge) as Place;
  const click = async (at: Place, more: PointerEventInit = {}) => {
    pointer(page.canvas, "pointerdown", at, more);
    pointer(page.canvas, "pointerup", at, more);
    await settle();
  };
  return { ...page, edgeAt, click };
}

describe("choosing several edges", () => {
  it("takes edges with Shift and a click, one by one or all of a node, and lets them go", async () => {
    const { find, el, canvas, edgeAt, click } = await hand();
    await click(edgeAt(0, 0, 1), { shiftKey: true });
    await click(edgeAt(1, 2, 0), { shiftKey: true });
    expect(find("bulk").dataset.count).toBe("2");
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
    await click(edgeAt(0, 0, 1), { shiftKey: true });
    expect(find("bulk").dataset.count).toBe("1");
    const node = canvas.kanNodePosition(1, 2) as Place;
    await click(node, { shiftKey: true });
    expect(find("bulk").dataset.count).toBe("3");
    await click(node, { shiftKey: true });
    expect(el.querySelector('[data-testid="bulk"]')).toBeNull();
  });

  it("takes what a rectangle holds, and does not move the network", async () => {
    const { find, el, canvas, edgeAt } = await hand();
    const [from, to] = [edgeAt(0, 0, 0), edgeAt(0, 0, 3)];
    const begin = { x: from.x - 30, y: from.y - 60 };
    pointer(canvas, "pointerdown", begin, { shiftKey: true });
    pointer(canvas, "pointermove", { x: to.x + 20, y: to.y + 60 }, { shiftKey: true });
    await settle();
    expect(find("lasso").style.width).toBe(`${to.x + 20 - begin.x}px`);
    pointer(canvas, "pointerup", { x: to.x + 20, y: to.y + 60 }, { shiftKey: true });
    await settle();
    expect(el.querySelector('[data-testid="lasso"]')).toBeNull();
    expect(find("bulk").dataset.count).toBe("4");
    expect(edgeAt(0, 0, 0)).toEqual(from);
  });

  it("drops a rectangle by Escape, and what was chosen before stays", async () => {
    const { find, el, canvas, edgeAt, click } = await hand();
    await click(edgeAt(1, 0, 0), { shiftKey: true });
    const [from, to] = [edgeAt(0, 0, 0), edgeAt(0, 0, 3)];
    pointer(canvas, "pointerdown", { x: from.x - 30, y: from.y - 60 }, { shiftKey: true });
    pointer(canvas, "pointermove", { x: to.x + 20, y: to.y + 60 }, { shiftKey: true });
    await settle();
    expect(find("bulk").dataset.count).toBe("5");
    press(canvas, "Escape");
    pointer(canvas, "pointermove", { x: to.x + 90, y: to.y + 60 });
    pointer(canvas, "pointerup", to);
    await settle();
    expect(find("bulk").dataset.count).toBe("1");
    expect(el.querySelector('[data-testid="lasso"]')).toBeNull();
    expect(edgeAt(0, 0, 0)).toEqual(from);
  });

  it("tells what removing them would cost before, and removes them as one action", async () => {
    const { model, find, canvas, edgeAt, click } = await hand();
    await click(edgeAt(0, 0, 1), { shiftKey: true });
    await click(edgeAt(0, 0, 2), { shiftKey: true });
    const cost = "without: validation loss 0.0120 → 0.250";
    await vi.waitFor(() => expect(find("bulk-cost").textContent).toBe(cost));
    find("bulk-remove").click();
    await settle();
    const edges = [
      [0, 0, 1],
      [0, 0, 2],
    ];
    expect(commandsOf(model)).toEqual([
      { command: "cost_of_removing", args: { edges } },
      { command: "remove_edges", args: { edges } },
    ]);
    expect(document.activeElement).toBe(canvas);
    model.setScene(helloWorld(1, 2, {}, ["0,0,1", "0,0,2"]));
    await settle();
    find("bulk-restore").click();
    expect(commandsOf(model).at(-1)).toEqual({ command: "restore_edges", args: { edges } });
  });

  it("gives all of them one function from a list that keys walk", async () => {
    const { model, find, el, edgeAt, click } = await hand();
    await click(edgeAt(0, 0, 1), { shiftKey: true });
    find("bulk-fix").click();
    await settle();
    const rows = [...find("bulk-functions").querySelectorAll("button")];
    expect(rows.map((row) => row.textContent)).toEqual(["x²R² ≥ 0.990", "sinR² ≥ 0.500"]);
    expect(document.activeElement).toBe(rows[0]);
    press(rows[0], "ArrowDown");
    expect(document.activeElement).toBe(rows[1]);
    press(rows[1], "Escape");
    await settle();
    expect(el.querySelector('[data-testid="bulk-functions"]')).toBeNull();
    expect(find("bulk").dataset.count).toBe("1");
    find("bulk-fix").click();
    await settle();
    find("bulk-functions").querySelector("button")?.click();
    expect(commandsOf(model).at(-1)).toEqual({
      command: "fix_edges",
      args: { edges: [[0, 0, 1]], function: "x^2" },
    });
  });

  it("forgets them in a network of other widths", async () => {
    const { model, el, edgeAt, click } = await hand();
    await click(edgeAt(0, 0, 1), { shiftKey: true });
    model.setScene(makeScene([2, 1, 1], () => ({ f: Math.sin, score: 1 }), { version: 2 }));
    await settle();
    expect(el.querySelector('[data-testid="bulk"]')).toBeNull();
  });
});

describe("a node's menu", () => {
  it("tells its edges and both costs, chooses its edges, and brings back what is removed", async () => {
    const { model, find, canvas, click } = await hand();
    const at = canvas.kanNodePosition(1, 1) as Place;
    await click(at);
    expect(find("node-edges").textContent).toBe("1 of 2 edges in, 1 of 1 edges out");
    const costs = [...find("node-menu").querySelectorAll('[data-testid="node-cost"]')];
    expect(costs.map((cost) => cost.textContent)).toEqual([
      "without it: validation loss 0.0120 → 0.500",
      "with all its edges: validation loss 0.0120 → 0.0100",
    ]);
    find("restore").click();
    await settle();
    expect(commandsOf(model).at(-1)).toEqual({ command: "restore_node", args: { layer: 1, node: 1 } });
    await click(at);
    find("choose-edges").click();
    await settle();
    expect(find("bulk").dataset.count).toBe("3");
    expect(edgesOfNode(helloWorld(), 1, 1)).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 1, 0],
    ]);
  });

  it("renames inputs and outputs, not what lies between", async () => {
    const { model, find, canvas, click } = await hand();
    await click(canvas.kanNodePosition(2, 0) as Place);
    const field = find<HTMLInputElement>("node-name");
    field.value = "drag";
    press(field, "Enter");
    await settle();
    expect(commandsOf(model)).toEqual([{ command: "name_node", args: { layer: 2, node: 0, text: "drag" } }]);
    await click(canvas.kanNodePosition(1, 0) as Place);
    expect(find("node-menu").querySelector("input")).toBeNull();
  });
});

describe("reading out", () => {
  it("comes after a moment, changes at once, and stays where the finger was lifted", async () => {
    const { canvas, el, model, edgeAt, click } = await hand();
    const text = () => el.querySelector(".kw-tip strong")?.textContent ?? "";
    pointer(canvas, "pointermove", edgeAt(0, 0, 0));
    expect(text()).toBe("");
    await vi.waitFor(() => expect(text()).toContain("Edge (0, 0, 0)"));
    pointer(canvas, "pointermove", edgeAt(0, 0, 1));
    await settle();
    expect(text()).toContain("Edge (0, 0, 1)");
    pointer(canvas, "pointerleave", { x: 0, y: 0 });
    await vi.waitFor(() => expect(text()).toBe(""));
    await click(edgeAt(1, 0, 0), { pointerType: "touch" });
    pointer(canvas, "pointerleave", { x: 0, y: 0 }, { pointerType: "touch" });
    await vi.waitFor(() => expect(text()).toContain("Edge (1, 0, 0)"));
    await later(150);
    expect(text()).toContain("Edge (1, 0, 0)");
    expect(model.get("selected")).toEqual([1, 0, 0]);
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeNull();
    await click(edgeAt(1, 0, 0), { pointerType: "touch" });
    expect(el.querySelector('[data-testid="edge-menu"]')).toBeTruthy();
  });

  it("tells R² of a function, and where data lie outside the grid of a spline", () => {
    const t = translator("en");
    const scene = helloWorld(1, 1, { "0,0,0": "sin" });
    scene.r2[0] = 0.99996;
    scene.gridHi[1] = 0.5;
    scene.gridHi[0] = 0.5;
    expect(describeEdge(scene, 0, t)).toContain("R² 0.99996");
    expect(describeEdge(scene, 0, t)).not.toContain("extrapolates");
    expect(describeEdge(scene, 1, t)).toContain("extrapolates");
    expect(describeEdge(scene, 1, t)).not.toContain("R²");
  });

  it("never covers what it tells of", () => {
    const room = { width: 500, height: 300 };
    const tip = { width: 200, height: 80 };
    for (const x of [0, 200, 440])
      for (const y of [0, 120, 240])
        for (const side of [20, 60, 200]) {
          const at = placeOver({ x, y, width: side, height: side }, tip, room);
          const apart =
            at.x >= x + side || at.x + tip.width <= x || at.y >= y + side || at.y + tip.height <= y;
          expect(apart).toBe(true);
          expect(at.x).toBeGreaterThanOrEqual(0);
          expect(at.x + tip.width).toBeLessThanOrEqual(room.width);
        }
  });
});

it("what an action came to is told with its message", async () => {
  const { model, find } = await hand();
  const summary = { ...model.get("summary"), edges: 15, alive: 15, val_loss: 0.012 };
  model.set("summary", summary);
  model.set("message", { kind: "info", text: "trained 20 steps", seq: 1 });
  await settle();
  expect(find("message").textContent).toBe("trained 20 stepsvalidation loss 0.0120; 15 of 15 edges");
  model.set("message", { kind: "info", text: "remove edge (0, 1, 2)", seq: 2 });
  model.set("summary", { ...summary, alive: 14, val_loss: 0.013 });
  await settle();
  expect(find("message").querySelector(".kw-unseen")?.textContent).toBe(
    "validation loss 0.0120 → 0.0130; 14 of 15 edges",
  );
  model.set("message", { kind: "error", text: "no", seq: 3 });
  await settle();
  expect(find("message").textContent).toBe("no");
});
