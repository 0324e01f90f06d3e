import { FORMAT, MAGIC, type Scene } from "../src/protocol.ts";

/** Writes a scene as Python does: the inverse of `decodeScene`, for tests and the development page. */
export function encodeScene(scene: Scene): DataView {
  const { widths, nodeAlive, edges, layers, samples, bins } = scene;
  const header = [MAGIC, FORMAT, scene.version, layers, nodeAlive.length, edges, samples, bins];
  const json = new TextEncoder().encode(JSON.stringify(scene.meta));
  const sections = [
    new Uint32Array(header),
    widths,
    nodeAlive,
    scene.arity,
    scene.nodeLo,
    scene.nodeHi,
    scene.layer,
    scene.from,
    scene.to,
    scene.kind,
    scene.locked,
    scene.score,
    scene.dloss,
    scene.xLo,
    scene.xHi,
    scene.yLo,
    scene.yHi,
    scene.gridLo,
    scene.gridHi,
    scene.r2,
    scene.curve,
    scene.histogram,
    new Uint32Array([json.length]),
    json,
  ];
  const padded = (length: number) => Math.ceil(length / 4) * 4;
  const bytes = new Uint8Array(sections.reduce((sum, part) => sum + padded(part.byteLength), 0));
  let offset = 0;
  for (const part of sections) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += padded(part.byteLength);
  }
  return new DataView(bytes.buffer);
}
