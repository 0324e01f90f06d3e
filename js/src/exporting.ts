/** The picture as it is on the canvas, as files. */
import type { Scene } from "./protocol.ts";
import { paintPage } from "./scene/canvas.ts";
import { cleared } from "./scene/layer.ts";
import { type Marks, marksOf } from "./scene/marks.ts";
import type { Picture } from "./scene/picture.ts";
import { toSvg, type Words } from "./scene/svg.ts";
import type { State } from "./state.ts";

/** Pixels of a PNG for each on the screen. */
const SHARPNESS = 2;

/** What is on the canvas, without what is only under the pointer; null before there is anything. */
function marksNow(state: State, picture: Picture): Marks | null {
  const scene = state.shown.peek();
  const layout = picture.layout.peek();
  if (!scene || !layout) return null;
  const look = { ...picture.look(), hoveredEdge: -1, hoveredNode: null };
  return marksOf(scene, layout, picture.camera.peek(), look);
}

export function svgOf(state: State, picture: Picture, words: Words): Blob | null {
  const marks = marksNow(state, picture);
  if (!marks) return null;
  const text = toSvg(marks, picture.palette.peek(), marks.size, words);
  return new Blob([text], { type: "image/svg+xml" });
}

export async function pngOf(state: State, picture: Picture): Promise<Blob | null> {
  const marks = marksNow(state, picture);
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!marks || !ctx) return null;
  paintPage(cleared(ctx, picture.size.peek(), SHARPNESS), marks, picture.palette.peek());
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Such as kan-2-5-1-step-7.svg. */
export function fileName(scene: Scene | null, step: number, ending: string): string {
  return `kan-${[...(scene?.widths ?? [])].join("-")}-step-${step}.${ending}`;
}

export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Whether a text could be copied: a browser may not let us. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
