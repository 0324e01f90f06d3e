import { describe, expect, it } from "vitest";
import { encodeScene } from "../dev/encode.ts";
import { helloWorld, makeScene } from "../dev/scenes.ts";
import {
  decodeScene,
  edgeIndex,
  findEdge,
  functionOf,
  nodeAt,
  SceneError,
  targetOf,
} from "../src/protocol.ts";

const scene = helloWorld(1, 7, { "0,1,0": "x^2" });

function bytesOf(change: (view: DataView) => void): DataView {
  const view = encodeScene(scene);
  change(view);
  return view;
}

describe("the scene", () => {
  it("comes back as it was written", () => {
    expect(decodeScene(encodeScene(scene))).toEqual(scene);
  });

  it("is read from any offset in its message", () => {
    const bytes = encodeScene(scene);
    const message = new Uint8Array(bytes.byteLength + 3);
    message.set(new Uint8Array(bytes.buffer), 3);
    expect(decodeScene(new DataView(message.buffer, 3))).toEqual(scene);
  });

  it("is padded so that odd counts do not shift what follows", () => {
    for (const widths of [
      [1, 1],
      [2, 1],
      [3, 1],
      [2, 3, 2],
      [2, [1, 2, 3], [2]],
    ]) {
      const odd = makeScene(widths, () => ({ f: Math.sin, score: 0.5 }));
      expect(decodeScene(encodeScene(odd))).toEqual(odd);
    }
  });

  it("knows which node and factor an edge leads to", () => {
    const products = makeScene([1, [2, 1, 3], 1], () => ({ f: Math.sin, score: 0.5 }));
    const targets = [0, 1, 2, 3, 4, 5].map((j) => targetOf(products, findEdge(products, [0, 0, j])));
    expect(targets).toEqual([
      { node: 0, factor: 1, of: 2 },
      { node: 0, factor: 2, of: 2 },
      { node: 1, factor: 1, of: 1 },
      { node: 2, factor: 1, of: 3 },
      { node: 2, factor: 2, of: 3 },
      { node: 2, factor: 3, of: 3 },
    ]);
    expect(targetOf(products, findEdge(products, [1, 2, 0])).node).toBe(0);
  });

  it("knows its edges and nodes", () => {
    const e = findEdge(scene, [0, 1, 0]);
    expect(edgeIndex(scene, e)).toEqual([0, 1, 0]);
    expect(functionOf(scene, e)).toBe("x^2");
    expect(functionOf(scene, 0)).toBeNull();
    expect(findEdge(scene, [5, 0, 0])).toBe(-1);
    expect(nodeAt(scene, 2, 0)).toBe(7);
  });
});

it("reads a scene of before that does not tell which networks are too large to measure", () => {
  const { unmeasured_above: _, ...meta } = { unmeasured_above: 400, ...scene.meta };
  expect(decodeScene(encodeScene({ ...scene, meta })).meta).toEqual(meta);
});

describe("a scene that cannot be read", () => {
  it.each([
    ["a wrong magic", bytesOf((view) => view.setUint32(0, 1, true)), /starts with 0x1, not with "KANW"/],
    ["another format", bytesOf((view) => view.setUint32(4, 9, true)), /format 9; this widget reads format 3/],
    ["too many edges", bytesOf((view) => view.setUint32(20, 4000, true)), /bytes, and its header asks for/],
    [
      "other widths",
      encodeScene({ ...scene, widths: Uint32Array.from([2, 4, 1]) }),
      /have 7 nodes, .* says 8/,
    ],
    [
      "an impossible edge",
      bytesOf((view) => view.setUint32(32 + 12 + 8 + 32 + 64, 9, true)),
      /edge \(9, 0, 0\) does not exist/,
    ],
    ["no bytes", new DataView(new ArrayBuffer(8)), /has 8 bytes/],
  ])("with %s says so in one sentence", (_, bytes, sentence) => {
    const read = () => decodeScene(bytes);
    expect(read).toThrow(SceneError);
    expect(read).toThrow(sentence);
  });

  it("with a description that lacks the prune curve says so", () => {
    const meta = { ...scene.meta, prune: { threshold: [0], loss: [], removed: [0] } };
    expect(() => decodeScene(encodeScene({ ...scene, meta }))).toThrow(/prune curve/);
  });
});
