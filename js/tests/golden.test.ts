import { expect, it } from "vitest";
// Written by tests/widget/scenes.py, which the tests of Python compare with what they encode.
import golden from "../../tests/widget/golden_scene.json";
import { decodeScene } from "../src/protocol.ts";

const bytes = Uint8Array.from(atob(golden.scene), (letter) => letter.charCodeAt(0));
const scene = decodeScene(new DataView(bytes.buffer));

const plain = (value: unknown): unknown => {
  if (value instanceof Float32Array)
    return Array.from(value, (number) => (Number.isNaN(number) ? null : number));
  if (value instanceof Uint8Array || value instanceof Uint32Array) return Array.from(value);
  return Array.isArray(value) ? value.map(plain) : value;
};

it("reads from Python's bytes what Python wrote", () => {
  const read = Object.fromEntries(Object.entries(scene).map(([name, value]) => [name, plain(value)]));
  expect(read).toEqual(golden.expected);
});

it("tells a cost that was not measured from a cost of nothing", () => {
  expect(scene.dloss[2]).toBeNaN();
  expect(scene.dloss[3]).toBe(0);
});

it("reads names that are not ASCII", () => {
  expect(scene.meta.inputs).toEqual(["größe", "温度 😀"]);
});
