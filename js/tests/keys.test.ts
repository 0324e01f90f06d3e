import { describe, expect, it } from "vitest";
import { helloWorld } from "../dev/scenes.ts";
import { chordOf } from "../src/keys.ts";
import { BINDINGS } from "../src/keytable.ts";
import { keysOf } from "../src/panels/help.tsx";
import { commandsOf, obliging, point, press, settle, show } from "./page.ts";

describe("the table of keys", () => {
  it("has every key once, and nothing that the help does not tell", async () => {
    const chords = BINDINGS.flatMap((binding) => binding.chords);
    expect(new Set(chords).size).toBe(chords.length);
    const { canvas, find } = await show();
    press(canvas, "?", { shiftKey: true });
    await settle();
    const rows = [...find("help").querySelectorAll("dl > div")].map((row) => ({
      keys: [...row.querySelectorAll("kbd")].map((key) => key.textContent),
      meaning: row.querySelector("dd")?.textContent,
    }));
    for (const binding of BINDINGS) {
      expect(rows.some(({ keys }) => keys.join() === keysOf(binding).join())).toBe(true);
    }
    expect(rows.every(({ meaning }) => (meaning ?? "").length > 2)).toBe(true);
  });

  it("writes keys as they stand on a keyboard", () => {
    expect(
      keysOf({ chords: ["Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"] }),
    ).toEqual(["Shift+← → ↑ ↓"]);
    expect(keysOf({ chords: ["+", "="] })).toEqual(["+"]);
    expect(keysOf({ chords: ["Ctrl+Shift+Z", "Ctrl+Y"] })).toEqual(["Ctrl+Shift+Z", "Ctrl+Y"]);
  });

  it("reads chords on any keyboard", () => {
    const chord = (key: string, more: KeyboardEventInit = {}) =>
      chordOf(new KeyboardEvent("keydown", { key, ...more }));
    expect(chord("L")).toBe("L");
    expect(chord("l")).toBe("L");
    expect(chord("L", { shiftKey: true })).toBe("Shift+L");
    expect(chord("?", { shiftKey: true })).toBe("?");
    expect(chord("+", { shiftKey: true })).toBe("+");
    expect(chord(" ", { shiftKey: true })).toBe("Shift+Space");
    expect(chord("z", { metaKey: true })).toBe("Ctrl+Z");
    expect(chord("я", { ctrlKey: true, code: "KeyZ" })).toBe("Ctrl+Z");
    expect(chord("n", { altKey: true })).toBe("");
  });
});

describe("keys on the canvas", () => {
  it("walk nodes after N, open and remove them, and go back to edges", async () => {
    const { model, canvas, find, el } = await show({}, obliging);
    press(canvas, "n");
    press(canvas, "ArrowUp");
    press(canvas, "End");
    await settle();
    expect(find("voice").textContent).toContain("Node (1, 4)");
    expect(el.querySelector('[data-testid="at-node"]')).toBeTruthy();
    press(canvas, "Delete");
    press(canvas, "Enter");
    await settle();
    expect(find("node-menu").textContent).toContain("Node (1, 4)");
    press(find("node-menu"), "Escape");
    await settle();
    press(canvas, "n");
    await settle();
    expect(model.get("selected")).toEqual([1, 4, 0]);
    expect(el.querySelector('[data-testid="at-node"]')).toBeNull();
    expect(commandsOf(model)[0]).toEqual({ command: "remove_node", args: { layer: 1, node: 4 } });
  });

  it("choose edges and act on all of them", async () => {
    const { model, canvas, find, el } = await show({}, obliging);
    press(canvas, "ArrowRight");
    press(canvas, " ", { shiftKey: true });
    press(canvas, "End");
    press(canvas, "Enter", { shiftKey: true });
    await settle();
    expect(find("bulk").dataset.count).toBe("2");
    const edges = [
      [0, 0, 0],
      [0, 1, 4],
    ];
    press(canvas, "l");
    press(canvas, "Delete");
    expect(commandsOf(model)).toEqual([
      { command: "lock_edges", args: { edges } },
      { command: "remove_edges", args: { edges } },
    ]);
    press(canvas, "u");
    expect(model.sent).toHaveLength(2);
    press(canvas, "Escape");
    await settle();
    expect(el.querySelector('[data-testid="bulk"]')).toBeNull();
    expect(model.get("selected")).toEqual([0, 1, 4]);
    press(canvas, "a", { ctrlKey: true });
    await settle();
    expect(find("bulk").dataset.count).toBe("15");
  });

  it("bring removed edges back, make functions splines again, and train", async () => {
    const { model, canvas } = await show({ selected: [0, 1, 0] }, obliging);
    model.setScene(helloWorld(1, 2, { "0,0,0": "sin" }, ["0,1,0"], ["0,0,0"]));
    press(canvas, "Delete");
    model.set("selected", [0, 0, 0]);
    press(canvas, "u");
    press(canvas, "l");
    press(canvas, "t");
    expect(commandsOf(model).map(({ command }) => command)).toEqual([
      "restore_edge",
      "unfix_edges",
      "unlock_edges",
      "train",
    ]);
  });

  it("do nothing twice while they are held, but walk on", async () => {
    const { model, canvas } = await show({}, obliging);
    press(canvas, "ArrowRight", { repeat: true });
    press(canvas, "ArrowRight", { repeat: true });
    expect(press(canvas, "Delete", { repeat: true }).defaultPrevented).toBe(true);
    expect(model.get("selected")).toEqual([0, 0, 1]);
    expect(model.sent).toEqual([]);
  });

  it("are typing in a field, where only Escape leaves the menu", async () => {
    const { model, find, canvas, el } = await show({}, obliging);
    point(canvas, canvas.kanNodePosition(0, 0) as { x: number; y: number });
    await settle();
    const field = find<HTMLInputElement>("node-name");
    for (const key of ["l", "t", "Delete", "?", "Backspace"])
      expect(press(field, key).defaultPrevented).toBe(false);
    expect(press(field, "z", { ctrlKey: true }).defaultPrevented).toBe(false);
    press(field, "Escape");
    await settle();
    expect(el.querySelector('[data-testid="node-menu"]')).toBeNull();
    expect(document.activeElement).toBe(canvas);
    expect(commandsOf(model).map(({ command }) => command)).toEqual(["cost_of_node"]);
  });

  it("say where they led to, once, however often the numbers change", async () => {
    const { model, canvas, find } = await show();
    press(canvas, "ArrowRight");
    await settle();
    const said = find("voice").textContent;
    expect(said).toContain("Edge (0, 0, 0), x₁ → h₀");
    model.setScene(helloWorld(0.5, 2));
    await settle();
    expect(find("voice").textContent).toBe(said);
  });
});
