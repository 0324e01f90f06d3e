/** The model of a page without a kernel: from one stored state to another, and nothing else. */
import { beforeEach, describe, expect, it } from "vitest";
import { encodeScene } from "../dev/encode.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { HistoryNode } from "../src/model.ts";
import { decodeScene } from "../src/protocol.ts";
import { type Page, Stored } from "../src/stored.ts";

const node = (id: number, parent: number | null, label: string, redo: number | null = null): HistoryNode => ({
  id,
  parent,
  label,
  redo,
  train: 0.1,
  val: 0.1,
  edges: 15,
});

const base64 = (view: DataView) =>
  btoa(String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)));

/** start – train – fix, and beside fix a prune that is not in the page, with a second fix below it. */
const page = (): Page => ({
  settings: { lamb: 0.5, lang: "en" },
  current: 2,
  left_out: 1,
  made: "2026-01-02",
  history: {
    undo: null,
    redo: null,
    current: 2,
    nodes: [
      node(0, null, "start", 1),
      node(1, 0, "train", 2),
      node(2, 1, "fix"),
      node(3, 1, "prune", 4),
      node(4, 3, "fix again"),
    ],
  },
  values: [
    base64(encodeScene(helloWorld(0, 1))),
    base64(encodeScene(helloWorld(1, 2))),
    "x_1",
    "x_2",
    { train_loss: 0.5, val_loss: 0.25, test_loss: null },
  ],
  inspections: { 2: { "0,1,0": 4 } },
  states: {
    0: { scene: 0, formula_latex: 2, summary: 4 },
    1: { scene: 1, formula_latex: 2, summary: 4 },
    2: { scene: 1, formula_latex: 3, summary: 4 },
    4: { scene: 1, formula_latex: 3, summary: 4 },
  },
});

let model: Stored;
let heard: string[];
beforeEach(() => {
  model = new Stored(page());
  heard = [];
  for (const name of ["scene", "formula_latex", "history", "lamb"])
    model.on(`change:${name}`, () => heard.push(name));
});

async function ask(command: string, args: object = {}) {
  return new Promise<{ ok: boolean; error?: string; result?: unknown; buffers: DataView[] }>((done) => {
    const listen = (reply: { id: number; ok: boolean }, buffers: DataView[]) => {
      model.off("msg:custom", listen);
      done({ ...reply, buffers });
    };
    model.on("msg:custom", listen);
    model.send({ id: 7, command, args });
  });
}

const version = () => decodeScene(model.get("scene") as DataView).version;

describe("a page without a kernel", () => {
  it("begins at the current state, with the controls as they were, and says what is not there", () => {
    expect(model.get("formula_latex")).toBe("x_2");
    expect(model.get("lamb")).toBe(0.5);
    expect(model.get("history")).toMatchObject({ current: 2, undo: "fix", redo: null });
    expect(model.get("message").text).toMatch(/2026-01-02.*1 steps/);
  });

  it("undoes and does again what was undone, with ever newer scenes", async () => {
    const first = version();
    expect(await ask("undo")).toMatchObject({ ok: true });
    expect(model.get("formula_latex")).toBe("x_1");
    expect(model.get("history")).toMatchObject({ current: 1, undo: "train", redo: "fix" });
    expect(version()).toBeGreaterThan(first);
    expect(heard).toEqual(expect.arrayContaining(["scene", "formula_latex", "history"]));
    expect(heard).not.toContain("lamb");
    expect(await ask("redo")).toMatchObject({ ok: true });
    expect(model.get("history").current).toBe(2);
  });

  it("passes states that are not in the page", async () => {
    await ask("jump", { number: 4 });
    expect(model.get("history")).toMatchObject({ current: 4, undo: "fix again" });
    await ask("undo");
    expect(model.get("history")).toMatchObject({ current: 1, redo: "prune" });
    await ask("redo");
    expect(model.get("history").current).toBe(4);
  });

  it("lets a state be looked at without going there", async () => {
    const before = { ...model.get("history") };
    const told = await ask("look", { number: 0 });
    expect(told).toMatchObject({ ok: true, result: { number: 0, label: "start", latex: "x_1" } });
    expect(decodeScene(told.buffers[0]).edges).toBe(15);
    expect(model.get("history")).toEqual(before);
  });

  it("tells of an edge what is in the page, and of no function that was not ranked", async () => {
    expect(await ask("inspect", { edge: [0, 1, 0] })).toMatchObject({ ok: true, result: { val_loss: 0.25 } });
    expect(await ask("suggest", { edge: [0, 1, 0] })).toMatchObject({ ok: true, result: { candidates: [] } });
    const refused = await ask("inspect", { edge: [1, 0, 0] });
    expect(refused.error).toMatch(/edge \(1, 0, 0\) are not in this page/);
  });

  it.each([
    ["train", {}, /no kernel/],
    ["fix_symbolic", { edge: [0, 0, 0], function: "sin" }, /no kernel/],
    ["jump", { number: 3 }, /“prune” is not in this page/],
    ["jump", {}, /is not in this page/],
    ["redo", {}, /is not in this page/],
  ])("refuses %s in a sentence", async (command, args, sentence) => {
    const before = { ...model.get("history") };
    const told = await ask(command, args);
    expect(told.ok).toBe(false);
    expect(told.error).toMatch(sentence);
    expect(model.get("message")).toMatchObject({ kind: "warning", text: told.error });
    expect(model.get("history")).toEqual(before);
  });

  it("keeps what is set in the page, and scores nothing anew", () => {
    model.set("lamb", 2);
    model.set("metric", "forward_n");
    expect(model.get("lamb")).toBe(2);
    expect(model.get("metric")).toBe("backward");
    expect(model.get("message").kind).toBe("warning");
  });

  it("hears no more of what a view says of itself", () => {
    expect(() => model.send({ view: "a", looks: true })).not.toThrow();
  });
});
