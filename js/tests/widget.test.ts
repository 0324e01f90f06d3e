import { describe, expect, it, vi } from "vitest";
import { FakeModel } from "../dev/fake.ts";
import { helloWorld } from "../dev/scenes.ts";
import widget from "../src/widget.ts";
import { cleanups, commandsOf, obliging, painted, press, settle, show, slide } from "./page.ts";

describe("a search for a formula", () => {
  it("is asked for once, shows its seconds, and is stopped by the one button", async () => {
    const { model, find } = await show();
    find("find-formula").click();
    model.set("status", "searching");
    model.set("total_steps", 30);
    model.set("step", 7);
    await settle();
    expect(find<HTMLButtonElement>("find-formula").disabled).toBe(true);
    expect(find("train").dataset.state).toBe("searching");
    expect(find("train").textContent).toContain("7 of 30 s");
    find("stop").click();
    expect(commandsOf(model)).toEqual([
      { command: "auto", args: {} },
      { command: "stop", args: {} },
    ]);
    model.set("status", "idle");
    await settle();
    expect(find<HTMLButtonElement>("find-formula").disabled).toBe(false);
    expect(find("train").textContent).toBe("Train");
  });

  it("is not to be had while the network is trained", async () => {
    const { find } = await show({ status: "training" });
    expect(find<HTMLButtonElement>("find-formula").disabled).toBe(true);
  });

  it("that is dropped is told as the session told it, a warning", async () => {
    const text = "the search was ended by: undo; nothing of it is kept";
    const { model, find } = await show();
    find("find-formula").click();
    model.set("message", { kind: "warning", text, seq: 1 });
    model.reply(model.sent[0].id, { ok: false, error: text });
    await settle();
    expect(find("message").dataset.kind).toBe("warning");
    find("find-formula").click();
    model.reply(model.sent[1].id, { ok: false, error: "no formula was found" });
    await settle();
    expect(find("message").dataset.kind).toBe("error");
  });
});

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

  it("is paused, goes on, and is cancelled", async () => {
    const { model, find } = await show();
    expect(find<HTMLButtonElement>("pause").disabled).toBe(true);
    expect(find<HTMLButtonElement>("cancel").disabled).toBe(true);
    model.set("status", "training");
    await settle();
    find("pause").click();
    model.set("status", "paused");
    await settle();
    expect(find("train").dataset.state).toBe("paused");
    expect(find("pause").getAttribute("aria-label")).toBe("Go on");
    find("pause").click();
    find("cancel").click();
    find("stop").click();
    expect(commandsOf(model).map(({ command }) => command)).toEqual(["pause", "resume", "cancel", "stop"]);
  });

  it("leaves the learning rate to optimizers that choose it", async () => {
    for (const optimizer of ["LM", "auto"]) {
      const { model, find, el } = await show({ steps: 5, optimizer, lamb: 0, lamb_entropy: 2, lr: 0.5 });
      expect(el.querySelector('[data-testid="lr"]')).toBeNull();
      find("train").click();
      await settle();
      expect(commandsOf(model)).toEqual([
        { command: "train", args: { steps: 5, optimizer, lamb: 0, lamb_entropy: 2 } },
      ]);
    }
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
    expect(find("message").textContent).toBe('Steps must be a whole number of at least 1, got "many".');
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

  it("listens to the page as little after a hundred showings as before", { timeout: 30_000 }, async () => {
    let listening = 0;
    for (const target of [document, window, document.body, document.documentElement]) {
      const { addEventListener: add, removeEventListener: remove } = target;
      const heard = (count: number, call: unknown) =>
        ((...given: never[]) => {
          listening += count;
          (call as (...given: never[]) => void).apply(target, given);
        }) as never;
      vi.spyOn(target, "addEventListener").mockImplementation(heard(1, add));
      vi.spyOn(target, "removeEventListener").mockImplementation(heard(-1, remove));
    }
    const frames = new Set<number>();
    const request = window.requestAnimationFrame.bind(window);
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => {
      const id = request((time) => {
        frames.delete(id as never);
        callback(time);
      });
      frames.add(id as never);
      return id;
    });
    const cancel = window.cancelAnimationFrame.bind(window);
    vi.stubGlobal("cancelAnimationFrame", (id: never) => {
      frames.delete(id);
      cancel(id);
    });
    const model = new FakeModel();
    model.setScene(helloWorld());
    const el = document.body.appendChild(document.createElement("div"));
    for (let n = 0; n < 100; n++) {
      const cleanup = widget.render({ model, el });
      expect(listening).toBeGreaterThan(0);
      model.set("version", n);
      cleanup();
    }
    expect(listening).toBe(0);
    expect(model.listenerCount).toBe(0);
    expect(model.attention.filter((told) => told.gone)).toHaveLength(100);
    await settle();
    await settle();
    expect(frames.size).toBe(0);
    vi.unstubAllGlobals();
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
