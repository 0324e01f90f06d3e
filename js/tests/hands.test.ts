import { describe, expect, it, vi } from "vitest";
import { helloWorld } from "../dev/scenes.ts";
import type { Traits } from "../src/model.ts";
import { commandsOf, obliging, point, press, settle, show, slide } from "./page.ts";

describe("an edge's menu", () => {
  it("ranks the functions and fixes the one that is clicked", async () => {
    const { model, find, el, clickEdge } = await show({}, obliging);
    await clickEdge(0, 1, 2);
    expect(model.get("selected")).toEqual([0, 1, 2]);
    expect(find("edge-menu").dataset.edge).toBe("0,1,2");
    const rows = [...el.querySelectorAll<HTMLElement>('[data-testid="candidate"]')];
    expect(rows.map((row) => row.dataset.function)).toEqual(["sin", "x^2"]);
    expect(rows[0].textContent).toContain("0.99999");
    const changes = rows.map((row) => row.querySelector(".kw-loss-change"));
    expect(changes.map((change) => change?.textContent)).toEqual(["−0.0213", "–"]);
    expect(changes[0]?.getAttribute("title")).toContain("validation loss");
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
    expect(find("edge-menu")).toBeTruthy();
  });

  it("stays open when the session refuses, and says why", async () => {
    const { find, clickEdge } = await show({}, (message, model) => {
      if (["suggest", "inspect"].includes(message.command)) obliging(message, model);
      else model.reply(message.id, { ok: false, error: "The edge (0, 0, 0) is locked." });
    });
    await clickEdge(0, 0, 0);
    find("remove").click();
    await settle();
    expect(find("message").textContent).toBe("The edge (0, 0, 0) is locked.");
    expect(find("message").dataset.kind).toBe("error");
    expect(find("refused").textContent).toBe("The edge (0, 0, 0) is locked.");
    expect(find("refused").getAttribute("role")).toBe("alert");
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
    const asked = commandsOf(model).map(({ command }) => command);
    expect(asked.filter((command) => command !== "inspect")).toEqual([
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
    expect(commandsOf(model)).toEqual([
      { command: "cost_of_node", args: { layer: 1, node: 3 } },
      { command: "remove_node", args: { layer: 1, node: 3 } },
    ]);
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
    press(canvas, "y", { ctrlKey: true });
    press(canvas, "z", { ctrlKey: true });
    expect(press(find("steps"), "z", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(commandsOf(model)).toEqual([{ command: "undo", args: {} }]);
    expect(find("undo").getAttribute("aria-label")).toBe("Undo: prune");
    expect(find<HTMLButtonElement>("redo").disabled).toBe(true);
  });

  it("undo what is still on its way, before the page has heard of it", async () => {
    const history = { undo: null, redo: null, current: 0, nodes: [] };
    const { model, canvas } = await show({ history }, obliging);
    press(canvas, "ArrowRight");
    press(canvas, "Delete");
    press(canvas, "z", { ctrlKey: true });
    press(canvas, "y", { ctrlKey: true });
    await settle();
    press(canvas, "z", { ctrlKey: true });
    const sent = commandsOf(model).map(({ command }) => command);
    expect(sent).toEqual(["remove_edge", "undo", "redo"]);
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

function summaryOf(val_loss: number): Traits["summary"] {
  return { edges: 15, alive: 15, symbolic: 0, train_loss: 0.003, val_loss, test_loss: null, outside: "" };
}
