/** The whole widget on a fake model, in a page without a canvas of its own. */
import { afterEach, beforeEach, vi } from "vitest";
import { FakeModel, type Sent } from "../dev/fake.ts";
import { inspected } from "../dev/inspections.ts";
import { helloWorld } from "../dev/scenes.ts";
import type { Traits } from "../src/model.ts";
import type { EdgeIndex } from "../src/protocol.ts";
import type { LocatableCanvas } from "../src/scene/picture.ts";
import widget from "../src/widget.ts";

export const painted: string[] = [];
/** Stands in for a 2D context: takes every call, and notes the names of those that leave ink. */
const context = new Proxy(
  { measureText: (text: string) => ({ width: 7 * text.length }) } as Record<string, unknown>,
  {
    get: (target, name: string) => target[name] ?? (() => painted.push(name)),
    set: (target, name: string, value) => {
      target[name] = value;
      return true;
    },
  },
);

export const cleanups: (() => void)[] = [];

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480);
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

export async function show(values: Partial<Traits> = {}, answer?: (message: Sent, model: FakeModel) => void) {
  const model = new FakeModel(values, answer);
  model.setScene(helloWorld());
  const el = document.body.appendChild(document.createElement("div"));
  const cleanup = widget.render({ model, el });
  cleanups.push(cleanup);
  await settle();
  const find = <T extends HTMLElement = HTMLElement>(testid: string) => {
    const found = el.querySelector<T>(`[data-testid="${testid}"]`);
    if (!found) throw new Error(`There is no ${testid}.`);
    return found;
  };
  const canvas = find<LocatableCanvas>("kan-canvas");
  const clickEdge = async (l: number, i: number, j: number) => {
    const at = canvas.kanEdgePosition(l, i, j);
    if (!at) throw new Error(`Edge (${l}, ${i}, ${j}) is not on the canvas.`);
    point(canvas, at);
    await settle();
  };
  return { model, el, cleanup, find, canvas, clickEdge };
}

export async function settle() {
  for (let n = 0; n < 4; n++) await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
}

export function point(target: HTMLElement, { x, y }: { x: number; y: number }) {
  const init = { clientX: x, clientY: y, button: 0, pointerId: 1, bubbles: true };
  target.dispatchEvent(new PointerEvent("pointerdown", init));
  target.dispatchEvent(new PointerEvent("pointerup", init));
}

export function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

export function slide(slider: HTMLInputElement, position: number) {
  slider.value = String(position);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

export const commandsOf = (model: FakeModel) => model.sent.map(({ command, args }) => ({ command, args }));

const SUGGESTED = {
  x: [-1, 0, 1],
  y: [0, 1, 0],
  candidates: [
    {
      function: "sin",
      r2: 0.99999,
      complexity: 2,
      latex: "\\sin x",
      curve: [0, 1, 0],
      warning: "",
      outside: "",
      loss_change: -0.0213,
    },
    {
      function: "x^2",
      r2: 0.5,
      complexity: 2,
      latex: "x^2",
      curve: [1, 0, 1],
      warning: "a pole",
      outside: "",
      loss_change: null,
    },
  ],
};

const ANSWERS: Record<string, (message: Sent) => unknown> = {
  suggest: () => SUGGESTED,
  inspect: ({ args }) => inspected(args.edge as EdgeIndex),
};

export const obliging = (message: Sent, model: FakeModel) =>
  model.reply(message.id, { ok: true, result: ANSWERS[message.command]?.(message) });
