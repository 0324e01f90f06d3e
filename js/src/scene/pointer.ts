import { addEdges, edgesOfNode, edgesWithin, toggleEdge, toggleEdges } from "../choosing.ts";
import { edgeIndex, findEdge } from "../protocol.ts";
import type { State } from "../state.ts";
import { panBy, zoomAt } from "./camera.ts";
import type { Hit } from "./hit.ts";
import type { Point } from "./layout.ts";
import type { Picture } from "./picture.ts";

const CLICK_SLOP = 4;
const TOUCH_SLOP = 10;

/** Turns pointer and wheel events on the canvas into hovering, clicks, choosing, panning and zooming. */
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
  /** What was chosen before a rectangle was begun; null while none is. */
  let chosenBefore: State["chosen"]["value"] | null = null;

  const pointOf = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hover = (hit: Hit) => {
    const before = picture.hovered.peek();
    if (!sameHit(before, hit)) picture.hovered.value = hit;
    const dragging = fingers.size > 0 && moved;
    canvas.style.cursor = chosenBefore ? "crosshair" : hit ? "pointer" : dragging ? "grabbing" : "";
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
  const drawLasso = (from: Point, to: Point) => {
    const lasso = { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
    picture.lasso.value = lasso;
    const scene = state.shown.peek();
    const layout = picture.layout.peek();
    if (!scene || !layout || !chosenBefore) return;
    const within = addEdges(chosenBefore, edgesWithin(scene, layout, picture.camera.peek(), lasso));
    if (String(within) !== String(state.chosen.peek())) state.chosen.value = within;
  };
  const endLasso = () => {
    picture.lasso.value = null;
    chosenBefore = null;
  };
  const choose = (hit: Hit) => {
    const scene = state.shown.peek();
    if (!scene || !hit) return;
    if (hit.kind === "edge") toggleEdge(state, edgeIndex(scene, hit.edge));
    else toggleEdges(state, edgesOfNode(scene, hit.layer, hit.node));
  };
  /** A finger cannot hover: its first tap on an edge selects it and reads it out, the second opens it. */
  const tap = (hit: Hit) => {
    const scene = state.shown.peek();
    if (!scene || hit?.kind !== "edge") return onClick(hit);
    const isSelected = findEdge(scene, state.traits.selected.peek()) === hit.edge;
    if (isSelected) onClick(hit);
    else state.set("selected", edgeIndex(scene, hit.edge));
  };

  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture?.(event.pointerId);
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    pressedAt = point;
    moved = false;
    state.byKeys.value = false;
    state.atNode.value = null;
    if (event.shiftKey) chosenBefore = state.chosen.peek();
  });
  listen("pointermove", (event) => {
    const point = pointOf(event);
    const last = fingers.get(event.pointerId);
    if (!last) {
      state.byKeys.value = false;
      return hover(picture.hit(point));
    }
    const slop = event.pointerType === "touch" ? TOUCH_SLOP : CLICK_SLOP;
    if (fingers.size === 2) pinch(event.pointerId, point);
    else if (pressedAt && (moved || Math.hypot(point.x - pressedAt.x, point.y - pressedAt.y) > slop)) {
      moved = true;
      hover(null);
      if (chosenBefore) drawLasso(pressedAt, point);
      else
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
    const hit = picture.hit(pointOf(event));
    const choosing = chosenBefore !== null;
    endLasso();
    if (!moved && fingers.size === 0) {
      if (choosing) choose(hit);
      else if (event.pointerType === "touch") tap(hit);
      else onClick(hit);
    }
    hover(hit);
  });
  listen("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    endLasso();
  });
  listen(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !chosenBefore) return;
      event.preventDefault();
      event.stopPropagation();
      state.chosen.value = chosenBefore;
      endLasso();
      // What is left of this press is no click and moves nothing.
      pressedAt = null;
      moved = true;
    },
    false,
  );
  listen("pointerleave", (event) => {
    // A finger that is lifted leaves what it has tapped to be read.
    if (event.pointerType !== "touch") hover(null);
  });
  listen("dblclick", (event) => {
    if (!event.shiftKey) picture.lookCloser(picture.hit(pointOf(event)));
  });
  listen(
    "wheel",
    (event) => {
      // The plain wheel scrolls the notebook.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.008);
      picture.zoomBy(factor, pointOf(event));
    },
    false,
  );
  return () => stopper.abort();
}

export function sameHit(a: Hit, b: Hit): boolean {
  if (!a || !b) return a === b;
  if (a.kind === "edge") return b.kind === "edge" && a.edge === b.edge;
  return b.kind === "node" && a.layer === b.layer && a.node === b.node;
}
