import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel } from "../dev/fake.ts";
import { helloWorld } from "../dev/scenes.ts";
import { commandsOf, SILENCE_MS } from "../src/commands.ts";
import type { Traits } from "../src/model.ts";
import { newerScene, nextNote, type State, stateOf } from "../src/state.ts";

describe("the newest scene", () => {
  it("is kept when an older one arrives late", () => {
    const [old, young] = [helloWorld(1, 3), helloWorld(1, 4)];
    expect(newerScene(null, old)).toBe(old);
    expect(newerScene(old, young)).toBe(young);
    expect(newerScene(young, old)).toBe(young);
  });

  it("replaces one of the same version", () => {
    const again = helloWorld(1, 4);
    expect(newerScene(helloWorld(1, 4), again)).toBe(again);
  });
});

describe("the message line", () => {
  const refused = { kind: "error" as const, text: "no", seq: 2 };

  it("shows each message once", () => {
    expect(nextNote(null, 1, refused)).toEqual({ note: { kind: "error", text: "no" }, seen: 2 });
    expect(nextNote(null, 2, refused)).toEqual({ note: null, seen: 2 });
  });

  it("is cleared by an empty message", () => {
    expect(nextNote({ kind: "error", text: "no" }, 2, { kind: "", text: "", seq: 3 }).note).toBeNull();
  });
});

describe("the state", () => {
  it("follows the model, and lets go of it", () => {
    const model = new FakeModel({ lamb: 0.1 });
    const state = stateOf(model);
    expect(state.traits.lamb.value).toBe(0.1);
    model.set("lamb", 0.2);
    expect(state.traits.lamb.value).toBe(0.2);
    state.set("lamb", 0.3);
    expect(model.get("lamb")).toBe(0.3);
    expect(model.saves).toBe(1);
    state.dispose();
    expect(model.listenerCount).toBe(0);
  });

  it("says what is wrong with a scene, and keeps the last good one", () => {
    const model = new FakeModel();
    const state = stateOf(model);
    model.setScene(helloWorld(1, 1));
    model.set("scene", new DataView(new ArrayBuffer(40)));
    expect(state.note.value?.text).toMatch(/picture could not be read: it starts with 0x0/);
    expect(state.scene.value?.version).toBe(1);
    state.dispose();
  });
});

describe("the scene before the last action", () => {
  const at = (current: number) => ({ history: { undo: null, redo: null, current, nodes: [] } });
  const send = (model: FakeModel, version: number, traits: Partial<Traits> = {}) => {
    for (const [name, value] of Object.entries(traits)) model.set(name as keyof Traits, value as never);
    model.setScene(helloWorld(1, version));
  };
  let model: FakeModel;
  let state: State;
  const earlier = () => state.before.value?.version ?? null;
  beforeEach(() => {
    model = new FakeModel(at(0));
    state = stateOf(model);
    send(model, 1);
  });
  afterEach(() => state.dispose());

  it("is the settled one that the action changed", () => {
    expect(earlier()).toBeNull();
    send(model, 2, at(1));
    expect(earlier()).toBe(1);
    send(model, 3, at(0));
    expect(earlier()).toBe(2);
  });

  it("stays when the same state is drawn anew, as with another metric", () => {
    send(model, 2, at(1));
    send(model, 3);
    send(model, 4);
    expect(earlier()).toBe(1);
    send(model, 5, at(2));
    expect(earlier()).toBe(4);
  });

  it("is, from the first frame of a training to its end, the one from which it began", () => {
    for (const version of [2, 3]) send(model, version, { status: "training" });
    expect(earlier()).toBe(1);
    send(model, 4, { status: "paused" });
    send(model, 5, { status: "training" });
    expect(earlier()).toBe(1);
    send(model, 6, { status: "idle", ...at(1) });
    expect(earlier()).toBe(1);
    send(model, 7, at(2));
    expect(earlier()).toBe(6);
  });

  it("is not an older one that comes late", () => {
    send(model, 9, at(1));
    send(model, 4, at(2));
    expect(earlier()).toBe(1);
    expect(state.scene.value?.version).toBe(9);
  });
});

describe("commands", () => {
  const onSilence = vi.fn();
  const onReply = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    onSilence.mockClear();
    onReply.mockClear();
  });
  afterEach(() => void vi.useRealTimers());

  it("are settled by the reply with their own id", async () => {
    const model = new FakeModel();
    const commands = commandsOf(model, onSilence, onReply);
    const undone = commands.send("undo", {});
    const refused = commands.send("prune", { threshold: 0.1, metric: "backward" });
    const [first, second] = model.sent;
    expect(first.id).not.toBe(second.id);
    model.reply(second.id, { ok: false, error: "threshold must be smaller" });
    model.reply(first.id, { ok: true, result: 5 });
    await expect(undone).resolves.toBe(5);
    await expect(refused).rejects.toThrow("threshold must be smaller");
    commands.dispose();
  });

  it("of two views of one model do not meet", () => {
    const model = new FakeModel();
    const views = [commandsOf(model, onSilence, onReply), commandsOf(model, onSilence, onReply)];
    for (const view of views) view.send("undo", {});
    expect(model.sent[0].id).not.toBe(model.sent[1].id);
    for (const view of views) view.dispose();
  });

  it("without a reply for ten seconds are reported, and still heard afterwards", async () => {
    const model = new FakeModel();
    const commands = commandsOf(model, onSilence, onReply);
    const undone = commands.send("undo", {});
    vi.advanceTimersByTime(SILENCE_MS - 1);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence).toHaveBeenCalledOnce();
    model.reply(model.sent[0].id, { ok: true });
    await undone;
    expect(onReply).toHaveBeenCalledOnce();
    commands.dispose();
  });

  it("to train may take their time once the fit shows life", () => {
    const model = new FakeModel();
    const commands = commandsOf(model, onSilence, onReply);
    commands.send("train", { steps: 9, optimizer: "Adam", lamb: 0, lamb_entropy: 0, lr: 1 });
    commands.noteLife();
    vi.advanceTimersByTime(10 * SILENCE_MS);
    expect(onSilence).not.toHaveBeenCalled();
    commands.dispose();
  });

  it("that the page cannot send are refused", async () => {
    const model = new FakeModel({}, () => {
      throw new Error("the comm is closed");
    });
    const commands = commandsOf(model, onSilence, onReply);
    await expect(commands.send("undo", {})).rejects.toThrow("the comm is closed");
    vi.advanceTimersByTime(SILENCE_MS);
    expect(onSilence).not.toHaveBeenCalled();
    commands.dispose();
  });
});
