import { addEdges, edgesOfNode, edgesWithin, toggleEdge, toggleEdges } from "../choosing.ts";
import { edgeIndex, sameEdge } from "../protocol.ts";
import { clamp } from "../scale.ts";
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
  const { camera, size, hovered, lasso } = picture;
  const { shown, chosen, byKeys, atNode } = state;
  const fingers = new Map<number, Point>();
  let pressedAt: Point | null = null;
  let moved = false;
  /** What was chosen before a rectangle was begun; null while none is. */
  let chosenBefore: State["chosen"]["value"] | null = null;

  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const hover = (hit: Hit) => {
    if (!sameHit(hovered.peek(), hit)) hovered.value = hit;
    const dragging = fingers.size > 0 && moved;
    canvas.style.cursor = chosenBefore ? "crosshair" : hit ? "pointer" : dragging ? "grabbing" : "";
  };
  const pinch = (before: Point, to: Point, fixed: Point) => {
    const ratio = apart(to, fixed) / apart(before, fixed);
    if (!Number.isFinite(ratio) || ratio === 0) return;
    const middle = { x: (to.x + fixed.x) / 2, y: (to.y + fixed.y) / 2 };
    camera.value = zoomAt(camera.peek(), middle, ratio, size.peek());
  };
  const drawLasso = (from: Point, to: Point, before: State["chosen"]["value"]) => {
    lasso.value = { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
    const scene = shown.peek();
    const layout = picture.layout.peek();
    if (!scene || !layout) return;
    const within = addEdges(before, edgesWithin(scene, layout, camera.peek(), lasso.value));
    if (String(within) !== String(chosen.peek())) chosen.value = within;
  };
  const endLasso = () => {
    lasso.value = null;
    chosenBefore = null;
  };
  const choose = (hit: Hit) => {
    const scene = shown.peek();
    if (!scene || !hit) return;
    if (hit.kind === "edge") toggleEdge(state, edgeIndex(scene, hit.edge));
    else toggleEdges(state, edgesOfNode(scene, hit.layer, hit.node));
  };
  /** A finger cannot hover: its first tap on an edge selects it and reads it out, the second opens it. */
  const tap = (hit: Hit) => {
    const scene = shown.peek();
    const edge = scene && hit?.kind === "edge" ? edgeIndex(scene, hit.edge) : null;
    if (!edge || sameEdge(state.traits.selected.peek(), edge)) onClick(hit);
    else state.set("selected", edge);
  };

  const listeners: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void } = {
    pointerdown(event) {
      const { button, pointerId, shiftKey } = event;
      if (button !== 0) return;
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture?.(pointerId);
      pressedAt = pointOf(event);
      fingers.set(pointerId, pressedAt);
      moved = false;
      byKeys.value = false;
      atNode.value = null;
      if (shiftKey) chosenBefore = chosen.peek();
    },
    pointermove(event) {
      const { pointerId, pointerType } = event;
      const point = pointOf(event);
      const last = fingers.get(pointerId);
      if (!last) {
        byKeys.value = false;
        return hover(picture.hit(point));
      }
      const slop = pointerType === "touch" ? TOUCH_SLOP : CLICK_SLOP;
      const [other] = [...fingers].filter(([id]) => id !== pointerId);
      if (fingers.size === 2) pinch(last, point, other[1]);
      else if (pressedAt && (moved || apart(point, pressedAt) > slop)) {
        moved = true;
        hover(null);
        if (chosenBefore) drawLasso(pressedAt, point, chosenBefore);
        else camera.value = panBy(camera.peek(), point.x - last.x, point.y - last.y, size.peek());
      } else return;
      fingers.set(pointerId, point);
    },
    pointerup(event) {
      if (!fingers.delete(event.pointerId)) return;
      const hit = picture.hit(pointOf(event));
      const click = chosenBefore ? choose : event.pointerType === "touch" ? tap : onClick;
      endLasso();
      if (!moved && fingers.size === 0) click(hit);
      hover(hit);
    },
    pointercancel({ pointerId }) {
      fingers.delete(pointerId);
      endLasso();
    },
    keydown(event) {
      if (event.key !== "Escape" || !chosenBefore) return;
      event.preventDefault();
      event.stopPropagation();
      chosen.value = chosenBefore;
      endLasso();
      // What is left of this press is no click and moves nothing.
      pressedAt = null;
      moved = true;
    },
    pointerleave({ pointerType }) {
      // A finger that is lifted leaves what it has tapped to be read.
      if (pointerType !== "touch") hover(null);
    },
    dblclick(event) {
      if (!event.shiftKey) picture.lookCloser(picture.hit(pointOf(event)));
    },
    wheel(event) {
      // The plain wheel scrolls the notebook.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      picture.zoomBy(Math.exp(-clamp(event.deltaY, -60, 60) * 0.008), pointOf(event));
    },
  };
  const stopper = new AbortController();
  for (const [type, listener] of Object.entries(listeners)) {
    canvas.addEventListener(type, listener as (event: Event) => void, {
      signal: stopper.signal,
      passive: false,
    });
  }
  return () => stopper.abort();
}

function apart(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function sameHit(a: Hit, b: Hit): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
