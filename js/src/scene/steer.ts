import type { Picture } from "./picture.ts";

const STEP = 60;
export const ZOOM_STEP = 1.3;

type Steer = (picture: Picture) => void;

const zoomIn: Steer = (picture) => picture.zoomBy(ZOOM_STEP);
const zoomOut: Steer = (picture) => picture.zoomBy(1 / ZOOM_STEP);
const fitSelection: Steer = (picture) => picture.fitSelection();
const KEYS: Record<string, Steer> = {
  "+": zoomIn,
  "=": zoomIn,
  "-": zoomOut,
  _: zoomOut,
  "−": zoomOut,
  0: (picture) => picture.fit(),
  f: fitSelection,
  F: fitSelection,
};
const SHIFTED: Record<string, Steer> = {
  ArrowLeft: (picture) => picture.panBy(STEP, 0),
  ArrowRight: (picture) => picture.panBy(-STEP, 0),
  ArrowUp: (picture) => picture.panBy(0, STEP),
  ArrowDown: (picture) => picture.panBy(0, -STEP),
};

/**
 * Looks elsewhere by a key on the canvas: + − 0, F for the selected edges, Shift with arrows, and of a large
 * network / for the filter; whether it was one.
 */
export function steer(picture: Picture, { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">): boolean {
  const { offered, search } = picture.detail;
  const isSearch = key === "/" && offered.peek();
  const steerBy = isSearch ? search : (KEYS[key] ?? (shiftKey ? SHIFTED[key] : undefined));
  steerBy?.(picture);
  return steerBy !== undefined;
}
