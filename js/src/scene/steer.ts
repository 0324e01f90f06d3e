import type { Picture } from "./picture.ts";

const STEP = 60;
export const ZOOM_STEP = 1.3;

/**
 * Looks elsewhere by a key on the canvas: + − 0, F for the selected edges, Shift with arrows, and of a large
 * network / for the filter; whether it was one.
 */
export function steer(picture: Picture, { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">): boolean {
  if (key === "+" || key === "=") picture.zoomBy(ZOOM_STEP);
  else if (key === "-" || key === "_" || key === "−") picture.zoomBy(1 / ZOOM_STEP);
  else if (key === "0") picture.fit();
  else if (key === "f" || key === "F") picture.fitSelection();
  else if (key === "/" && picture.detail.offered.peek()) picture.detail.search();
  else if (shiftKey && key === "ArrowLeft") picture.panBy(STEP, 0);
  else if (shiftKey && key === "ArrowRight") picture.panBy(-STEP, 0);
  else if (shiftKey && key === "ArrowUp") picture.panBy(0, STEP);
  else if (shiftKey && key === "ArrowDown") picture.panBy(0, -STEP);
  else return false;
  return true;
}
