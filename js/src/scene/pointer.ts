import type { State } from "../state.ts";
import { panBy, zoomAt } from "./camera.ts";
import { type Hit, hitTest } from "./hit.ts";
import type { Point } from "./layout.ts";
import type { Picture } from "./picture.ts";

const CLICK_SLOP = 4;

/** Turns pointer and wheel events on the canvas into hovering, clicks, panning and zooming. */
export function listenToPointer(
  canvas: HTMLCanvasElement,
  state: State,
  picture: Picture,
  onClick: (hit: Hit) => void,
): () => void {
  const stopper = new AbortController();
  const listen = <K extends keyof HTMLElementEventMap>(
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    passive = true,
  ) => canvas.addEventListener(type, handler, { signal: stopper.signal, passive });

  const fingers = new Map<number, Point>();
  let pressedAt: Point | null = null;
  let moved = false;

  const pointOf = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hitAt = (point: Point): Hit => {
    const scene = state.scene.peek();
    const layout = picture.layout.peek();
    return scene && layout ? hitTest(scene, layout, picture.camera.peek(), point.x, point.y) : null;
  };
  const hover = (hit: Hit) => {
    picture.hovered.value = hit;
    canvas.style.cursor = hit ? "pointer" : fingers.size > 0 && moved ? "grabbing" : "";
  };
  const pinch = (id: number, to: Point) => {
    const [a, b] = [...fingers.keys()];
    const fixed = fingers.get(id === a ? b : a) as Point;
    const before = fingers.get(id) as Point;
    const ratio =
      Math.hypot(to.x - fixed.x, to.y - fixed.y) / Math.hypot(before.x - fixed.x, before.y - fixed.y);
    if (!Number.isFinite(ratio) || ratio === 0) return;
    const middle = { x: (to.x + fixed.x) / 2, y: (to.y + fixed.y) / 2 };
    picture.camera.value = zoomAt(picture.camera.peek(), middle, ratio, picture.size.peek());
  };

  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture?.(event.pointerId);
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    pressedAt = point;
    moved = false;
  });
  listen("pointermove", (event) => {
    const point = pointOf(event);
    const last = fingers.get(event.pointerId);
    if (!last) return hover(hitAt(point));
    if (fingers.size === 2) pinch(event.pointerId, point);
    else if (pressedAt && (moved || Math.hypot(point.x - pressedAt.x, point.y - pressedAt.y) > CLICK_SLOP)) {
      moved = true;
      hover(null);
      picture.camera.value = panBy(
        picture.camera.peek(),
        point.x - last.x,
        point.y - last.y,
        picture.size.peek(),
      );
    } else return;
    fingers.set(event.pointerId, point);
  });
  listen("pointerup", (event) => {
    if (!fingers.delete(event.pointerId)) return;
    const hit = hitAt(pointOf(event));
    if (!moved && fingers.size === 0) onClick(hit);
    hover(hit);
  });
  listen("pointercancel", (event) => {
    fingers.delete(event.pointerId);
  });
  listen("pointerleave", () => hover(null));
  listen("dblclick", (event) => {
    if (!hitAt(pointOf(event))) picture.fit();
  });
  listen(
    "wheel",
    (event) => {
      // The plain wheel scrolls the notebook.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.008);
      picture.camera.value = zoomAt(picture.camera.peek(), pointOf(event), factor, picture.size.peek());
    },
    false,
  );
  return () => stopper.abort();
}
