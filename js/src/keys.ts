import { edgeIndex, findEdge } from "./protocol.ts";
import type { Direction } from "./scene/walk.ts";
import { walk } from "./scene/walk.ts";
import type { View } from "./view.ts";

const ARROWS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** Keys work while the focus is in the widget; handled ones stop here, all others pass. */
export function listenToKeys(root: HTMLElement, view: View): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || !handleKey(event, view)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener("keydown", onKey);
  root.addEventListener("focusin", keepFromJupyter);
  return () => {
    root.removeEventListener("keydown", onKey);
    root.removeEventListener("focusin", keepFromJupyter);
  };
}

/**
 * JupyterLab listens first, and takes letters for commands: "d d" deletes the cell. It spares what lies above an
 * element with this attribute, but not the focused element below, so that each of ours carries it.
 */
function keepFromJupyter(event: FocusEvent): void {
  if (event.target instanceof HTMLElement) event.target.dataset.lmSuppressShortcuts = "true";
}

function handleKey(event: KeyboardEvent, view: View): boolean {
  const target = event.target as HTMLElement;
  if (isTyping(target)) return false;
  const { state, actions } = view;
  if (event.altKey) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key === "z" && !event.shiftKey) actions.undo();
    else if (key === "y" || key === "z") actions.redo();
    else return false;
    return true;
  }
  if (key === "?") {
    state.helpOpen.value = !state.helpOpen.peek();
    return true;
  }
  if (key === "Escape") return close(view, target);
  if (key === "Delete" || key === "Backspace") return removeSelected(view, target, event.repeat);
  return target instanceof HTMLCanvasElement && handleCanvasKey(key, view);
}

function isTyping(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && target.type !== "range" && target.type !== "button";
}

function close({ state, actions }: View, target: HTMLElement): boolean {
  const open = state.menu.peek() !== null || state.helpOpen.peek();
  if (open) {
    actions.close();
    focusCanvas(target);
  } else if (target instanceof HTMLCanvasElement && state.traits.selected.peek()) actions.select(null);
  else return false;
  return true;
}

/** Delete acts on what the open menu is about, else on the selected edge. */
function removeSelected({ state, actions }: View, target: HTMLElement, repeated: boolean): boolean {
  if (!(target instanceof HTMLCanvasElement) && target.closest(".kw-menu") === null) return false;
  if (repeated) return true;
  const menu = state.menu.peek();
  const edge = menu && "edge" in menu ? menu.edge : state.traits.selected.peek();
  let accepted: Promise<boolean>;
  if (menu && "node" in menu) accepted = actions.toggleNode(menu.layer, menu.node);
  else if (edge) accepted = actions.toggleEdge(edge);
  else return false;
  accepted.then((done) => {
    if (!done) return;
    focusCanvas(target);
    actions.close();
  });
  return true;
}

function handleCanvasKey(key: string, view: View): boolean {
  const { state, actions, picture } = view;
  const scene = state.scene.peek();
  const layout = picture.layout.peek();
  if (!scene || !layout) return false;
  const selected = state.traits.selected.peek();
  const at = findEdge(scene, selected);
  const direction = ARROWS[key];
  if (direction) {
    const next = walk(scene, layout, at, direction);
    if (next >= 0) actions.select(edgeIndex(scene, next));
    if (state.menu.peek()) state.menu.value = null;
    return true;
  }
  if ((key === "Enter" || key === " ") && at >= 0) {
    actions.openEdge(edgeIndex(scene, at), true);
    return true;
  }
  return false;
}

export function focusCanvas(from: Element): void {
  from.closest(".kanwidget")?.querySelector("canvas")?.focus({ preventScroll: true });
}
