import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { FakeModel } from "../dev/fake.ts";
import { helloWorld, wide } from "../dev/scenes.ts";
import { pictureOf } from "../src/scene/picture.ts";
import { stateOf } from "../src/state.ts";

import { press, settle, show } from "./page.ts";

const stillness = () =>
  vi.spyOn(window, "matchMedia").mockImplementation(
    (query) =>
      ({
        matches: query.includes("reduced-motion"),
        addEventListener() {},
        removeEventListener() {},
      }) as never,
  );

describe("looking elsewhere", () => {
  const distance = (canvas: Awaited<ReturnType<typeof show>>["canvas"]) => {
    const [a, b] = [canvas.kanEdgePosition(0, 0, 0), canvas.kanEdgePosition(1, 4, 0)];
    return Math.hypot((a?.x ?? 0) - (b?.x ?? 0), (a?.y ?? 0) - (b?.y ?? 0));
  };

  it("works by keys and by buttons alike", async () => {
    stillness();
    const { canvas, find } = await show();
    const whole = distance(canvas);
    press(canvas, "+");
    const byKey = distance(canvas);
    expect(byKey).toBeGreaterThan(1.2 * whole);
    press(canvas, "-");
    expect(distance(canvas)).toBeCloseTo(whole);
    find("zoom-in").click();
    expect(distance(canvas)).toBeCloseTo(byKey);
    const left = canvas.kanEdgePosition(0, 0, 0)?.x ?? 0;
    press(canvas, "ArrowLeft", { shiftKey: true });
    expect(canvas.kanEdgePosition(0, 0, 0)?.x).toBeGreaterThan(left + 20);
    press(canvas, "0");
    expect(distance(canvas)).toBeCloseTo(whole);
    find("zoom-out").click();
    expect(distance(canvas)).toBeLessThan(whole);
    find("fit").click();
    expect(distance(canvas)).toBeCloseTo(whole);
  });

  it("goes to the selected edge", async () => {
    stillness();
    const { canvas, model } = await show();
    model.set("selected", [0, 1, 3]);
    press(canvas, "f");
    expect(canvas.kanEdgePosition(0, 1, 3)?.x).toBeCloseTo(450);
    expect(canvas.kanEdgePosition(0, 1, 3)?.y).toBeCloseTo(240);
    model.set("selected", null);
    const whole = distance(canvas);
    press(canvas, "f");
    expect(distance(canvas)).toBeLessThan(whole);
  });

  it("glides there, and ends exactly there", async () => {
    let now = 1000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const { canvas } = await show();
    const whole = distance(canvas);
    press(canvas, "+");
    now += 60;
    await settle();
    expect(distance(canvas)).toBeGreaterThan(1.1 * whole);
    expect(distance(canvas)).toBeLessThan(1.29 * whole);
    now += 140;
    await settle();
    expect(distance(canvas)).toBeCloseTo(1.3 * whole);
  });
});

describe("a past state that is looked at", () => {
  it("is painted in place of the live one, which is known to have come", async () => {
    const model = new FakeModel();
    model.setScene(helloWorld(1, 3));
    const state = stateOf(model);
    const picture = pictureOf(state, signal({ font: "serif" } as never));
    picture.resize({ width: 900, height: 480 });
    const canvas = document.createElement("canvas");
    const stop = picture.mount(canvas);
    await settle();
    expect(canvas.dataset.version).toBe("3");
    state.preview.value = { id: 0, scene: wide([4, 6, 2], 1), latex: "" };
    await settle();
    expect(canvas.dataset.version).toBe("1");
    expect(canvas.dataset.frames).toBe("2");
    expect(picture.frameOf(24 + 11)).not.toBeNull();
    model.setScene(helloWorld(1, 4));
    await settle();
    expect(canvas.dataset.version).toBe("1");
    expect(picture.drawn.value).toBe(4);
    state.preview.value = null;
    await settle();
    expect(canvas.dataset.version).toBe("4");
    stop();
    state.dispose();
  });
});
