import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { helloWorld } from "../dev/scenes.ts";
import { ANSWER } from "../src/attention.ts";
import { settle, show } from "./page.ts";

/** Stands in for the browser's: a test says what is in sight. */
class Sight {
  static all: Sight[] = [];
  watching: Element[] = [];
  constructor(private readonly callback: (entries: { isIntersecting: boolean }[]) => void) {
    Sight.all.push(this);
  }
  observe(element: Element) {
    this.watching.push(element);
  }
  disconnect() {
    this.watching = [];
  }
  say(...inSight: boolean[]) {
    this.callback(inSight.map((isIntersecting) => ({ isIntersecting })));
  }
}

/** What the view does when it may answer again: a test says when, not the clock of a busy machine. */
let due: (() => void)[] = [];
async function answer() {
  for (const run of due.splice(0)) run();
  await settle();
}

function hidePage(hidden: boolean) {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  Sight.all = [];
  vi.stubGlobal("IntersectionObserver", Sight);
  due = [];
  const { setTimeout } = globalThis;
  vi.stubGlobal("setTimeout", (run: () => void, ms?: number) =>
    ms === ANSWER ? due.push(run) : setTimeout(run, ms),
  );
});

afterEach(() => vi.unstubAllGlobals());

describe("a view tells", () => {
  it("that it is there, and what it has drawn, once and a few times a second", async () => {
    const { model } = await show();
    const { view } = model.attention[0];
    expect(model.attention).toEqual([
      { view, looks: true },
      { view, seen: 1 },
    ]);
    expect(view).toMatch(/^\w{1,40}$/);
    for (const version of [7, 8, 9]) {
      model.setScene(helloWorld(0.5, version));
      await settle();
    }
    model.set("selected", [0, 0, 0]);
    await settle();
    expect(model.attention).toHaveLength(2);
    await answer();
    expect(model.attention.slice(2)).toEqual([{ view, seen: 9 }]);
    await answer();
    expect(model.attention).toHaveLength(3);
  });

  it("that it cannot be seen, and draws for nobody until it can", async () => {
    const { model } = await show();
    const { view } = model.attention[0];
    await answer();
    for (const [hide, back] of [
      [() => Sight.all[0].say(false), () => Sight.all[0].say(false, true)],
      [() => hidePage(true), () => hidePage(false)],
    ]) {
      model.attention.length = 0;
      hide();
      hide();
      const version = model.get("version") + 1;
      model.setScene(helloWorld(0.5, version));
      await settle();
      expect(model.attention).toEqual([{ view, looks: false }]);
      back();
      expect(model.attention.slice(1)).toEqual([
        { view, looks: true },
        { view, seen: version },
      ]);
      await answer();
    }
  });

  it("that it goes, and no more, also where the kernel is gone", async () => {
    const { model, cleanup } = await show();
    const { view } = model.attention[0];
    cleanup();
    expect(model.attention.at(-1)).toEqual({ view, gone: true });
    expect(Sight.all[0].watching).toEqual([]);
    const count = model.attention.length;
    hidePage(true);
    hidePage(false);
    expect(model.attention).toHaveLength(count);

    const other = await show();
    other.model.send = () => {
      throw new Error("The comm is closed.");
    };
    expect(() => other.cleanup()).not.toThrow();
  });
});
