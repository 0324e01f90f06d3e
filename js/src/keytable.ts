import { edgesOfNode, edgesWhere, toggleEdge, toggleEdges } from "./choosing.ts";
import { focusCanvas } from "./focus.ts";
import type { Key } from "./i18n.ts";
import { type EdgeIndex, EdgeKind, edgeIndex, findEdge, isAlive } from "./protocol.ts";
import { steer } from "./scene/steer.ts";
import { type Direction, walk } from "./scene/walk.ts";
import { drawnNodes, edgeBeside, nodeBelow, walkNodes } from "./scene/walknodes.ts";
import type { View } from "./view.ts";

/** A key that was pressed, and where. */
export interface Press extends View {
  target: HTMLElement;
  chord: string;
  event: KeyboardEvent;
}

export interface Binding {
  group: "keysWalk" | "keysChoose" | "keysAct" | "keysLook" | "keysWidget";
  /** Modifiers and the key, such as "Ctrl+Shift+Z". */
  chords: readonly string[];
  meaning: Key;
  /** The canvas; the canvas or an open menu; or anything in the widget but a field. */
  where: "canvas" | "menu" | "anywhere";
  /** Whether it goes on while the key is held down. */
  repeats?: boolean;
  /** False leaves the key to others. */
  run: (press: Press) => boolean | undefined;
}

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;

/** Every key of the widget: what it does, and what the help says of it. */
export const BINDINGS: readonly Binding[] = [
  { group: "keysWalk", chords: ARROWS, meaning: "keyArrows", where: "canvas", repeats: true, run: arrow },
  { group: "keysWalk", chords: ["Home", "End"], meaning: "keyHome", where: "canvas", run: toEnd },
  { group: "keysWalk", chords: ["N"], meaning: "keyNodes", where: "canvas", run: changeWalk },
  { group: "keysWalk", chords: ["Enter", "Space"], meaning: "keyEnter", where: "canvas", run: open },
  {
    group: "keysChoose",
    chords: ["Shift+Enter", "Shift+Space"],
    meaning: "keyChoose",
    where: "canvas",
    run: choose,
  },
  { group: "keysChoose", chords: ["Ctrl+A"], meaning: "keyAll", where: "canvas", run: chooseAll },
  {
    group: "keysAct",
    chords: ["Delete", "Backspace"],
    meaning: "keyDelete",
    where: "menu",
    run: removeOrRestore,
  },
  { group: "keysAct", chords: ["L"], meaning: "keyLock", where: "canvas", run: lock },
  { group: "keysAct", chords: ["U"], meaning: "keyUnfix", where: "canvas", run: unfix },
  { group: "keysAct", chords: ["T"], meaning: "keyTrain", where: "canvas", run: train },
  { group: "keysAct", chords: ["Ctrl+Z"], meaning: "keyUndo", where: "anywhere", repeats: true, run: undo },
  {
    group: "keysAct",
    chords: ["Ctrl+Shift+Z", "Ctrl+Y"],
    meaning: "keyRedo",
    where: "anywhere",
    repeats: true,
    run: redo,
  },
  { group: "keysLook", chords: ["+", "="], meaning: "keyZoomIn", where: "canvas", repeats: true, run: look },
  { group: "keysLook", chords: ["-", "_"], meaning: "keyZoomOut", where: "canvas", repeats: true, run: look },
  { group: "keysLook", chords: ["0"], meaning: "keyFit", where: "canvas", run: look },
  { group: "keysLook", chords: ["F"], meaning: "keyFitSelection", where: "canvas", run: look },
  { group: "keysLook", chords: ["/"], meaning: "keyFilter", where: "canvas", run: look },
  {
    group: "keysLook",
    chords: ARROWS.map((name) => `Shift+${name}`),
    meaning: "keyPan",
    where: "canvas",
    repeats: true,
    run: look,
  },
  { group: "keysWidget", chords: ["Escape"], meaning: "keyEscape", where: "anywhere", run: leave },
  { group: "keysWidget", chords: ["?"], meaning: "keyHelp", where: "anywhere", run: help },
];

/** What the pointer does; the help tells it beside the keys. */
export const GESTURES: readonly { gesture: Key; meaning: Key }[] = [
  { gesture: "gesturePoint", meaning: "gesturePointMeaning" },
  { gesture: "gestureClick", meaning: "gestureClickMeaning" },
  { gesture: "gestureShiftClick", meaning: "gestureShiftClickMeaning" },
  { gesture: "gestureShiftDrag", meaning: "gestureShiftDragMeaning" },
  { gesture: "gestureDrag", meaning: "gestureDragMeaning" },
  { gesture: "gestureWheel", meaning: "gestureWheelMeaning" },
  { gesture: "gestureDouble", meaning: "gestureDoubleMeaning" },
];

// ---------------------------------------------------------------------- walking

function arrow({ state, actions, picture, chord }: Press): undefined {
  const scene = state.shown.peek();
  const layout = picture.layout.peek();
  if (!scene || !layout) return;
  const direction = chord.slice(5).toLowerCase() as Direction;
  const node = state.atNode.peek();
  if (node) state.atNode.value = walkNodes(scene, layout, node, direction);
  else {
    const next = walk(scene, layout, findEdge(scene, state.traits.selected.peek()), direction);
    if (next >= 0) actions.select(edgeIndex(scene, next));
  }
  arrive(state, picture);
}

function toEnd({ state, actions, picture, chord }: Press): undefined {
  const scene = state.shown.peek();
  const layout = picture.layout.peek();
  if (!scene || !layout) return;
  const node = state.atNode.peek();
  if (node) {
    const drawn = drawnNodes(scene, layout, node.layer);
    state.atNode.value = { ...node, node: drawn.at(chord === "Home" ? 0 : -1) ?? node.node };
  } else {
    const direction = chord === "Home" ? "left" : "right";
    let at = findEdge(scene, state.traits.selected.peek());
    for (let steps = 0; steps <= scene.edges; steps++) {
      const next = walk(scene, layout, at, direction);
      if (next === at) break;
      at = next;
    }
    if (at >= 0) actions.select(edgeIndex(scene, at));
  }
  arrive(state, picture);
}

function changeWalk({ state, actions, picture }: Press): undefined {
  const scene = state.shown.peek();
  if (!scene) return;
  const node = state.atNode.peek();
  if (node) {
    const beside = edgeBeside(scene, node);
    if (beside >= 0) actions.select(edgeIndex(scene, beside));
    state.atNode.value = null;
  } else state.atNode.value = nodeBelow(scene, findEdge(scene, state.traits.selected.peek()));
  arrive(state, picture);
}

function arrive(state: View["state"], picture: View["picture"]): void {
  state.byKeys.value = true;
  picture.hovered.value = null;
  if (state.menu.peek()) state.menu.value = null;
}

function open({ state, actions }: Press): boolean {
  const node = state.atNode.peek();
  const edge = selectedEdge(state);
  if (node) actions.openNode(node.layer, node.node);
  else if (edge) actions.openEdge(edge, true);
  else return false;
  return true;
}

function selectedEdge(state: View["state"]): EdgeIndex | null {
  const scene = state.shown.peek();
  const selected = state.traits.selected.peek();
  return scene && findEdge(scene, selected) >= 0 ? selected : null;
}

// ---------------------------------------------------------------------- choosing

function choose({ state }: Press): boolean {
  const scene = state.shown.peek();
  const node = state.atNode.peek();
  const edge = selectedEdge(state);
  if (scene && node) toggleEdges(state, edgesOfNode(scene, node.layer, node.node));
  else if (edge) toggleEdge(state, edge);
  else return false;
  return true;
}

/** All live edges that are drawn: of a network that is filtered, those that were looked for. */
function chooseAll({ state, picture }: Press): undefined {
  const scene = state.shown.peek();
  const drawn = picture.layout.peek()?.frameX;
  if (scene && drawn) state.chosen.value = edgesWhere(scene, (e) => isAlive(scene, e) && drawn[e] >= 0);
}

// ---------------------------------------------------------------------- acting

/** What a key acts on: the chosen edges, else those of the node or the edge that it stands on. */
function meant({ state }: Press): readonly EdgeIndex[] {
  const scene = state.scene.peek();
  const chosen = state.chosen.peek();
  if (chosen.length > 0) return chosen;
  const node = state.atNode.peek();
  if (scene && node) return edgesOfNode(scene, node.layer, node.node);
  const edge = selectedEdge(state);
  return edge ? [edge] : [];
}

/** Delete acts on what the open menu is about, then on the chosen edges, then on where the keys are. */
function removeOrRestore(press: Press): boolean {
  const { state, actions, target } = press;
  const menu = state.menu.peek();
  const node =
    menu && "node" in menu ? menu : !menu && state.chosen.peek().length === 0 && state.atNode.peek();
  const edges = menu && "edge" in menu ? [menu.edge] : meant(press);
  let accepted: Promise<boolean>;
  if (node) accepted = actions.toggleNode(node.layer, node.node);
  else if (edges.length === 1) accepted = actions.toggleEdge(edges[0]);
  else if (edges.length > 1) accepted = actions.toggleEdges(edges);
  else return false;
  accepted.then((done) => {
    if (!done || !menu) return;
    focusCanvas(target);
    actions.close();
  });
  return true;
}

function lock(press: Press): boolean {
  const edges = meant(press);
  if (edges.length > 0) press.actions.toggleLocks(edges);
  return edges.length > 0;
}

function unfix(press: Press): boolean {
  const edges = press.actions.among(meant(press), (scene, e) => scene.kind[e] >= EdgeKind.symbolic);
  if (edges.length > 0) press.actions.together("unfix_edges", edges);
  return edges.length > 0;
}

function train({ actions }: Press): undefined {
  actions.trainOrStop();
}

function undo({ actions }: Press): undefined {
  actions.undo();
}

function redo({ actions }: Press): undefined {
  actions.redo();
}

// ---------------------------------------------------------------------- looking

function look({ picture, event }: Press): boolean {
  return steer(picture, event);
}

// ---------------------------------------------------------------------- the widget

/** Closes what is open; then drops the choice, then where the keys are. */
function leave({ state, actions, target }: Press): boolean {
  const onCanvas = target instanceof HTMLCanvasElement;
  if (state.menu.peek() !== null || state.helpOpen.peek() || state.guideOpen.peek()) {
    actions.close();
    focusCanvas(target);
  } else if (state.chosen.peek().length > 0) {
    state.chosen.value = [];
    if (target.closest(".kw-bulk")) focusCanvas(target);
  } else if (onCanvas && state.atNode.peek()) state.atNode.value = null;
  else if (onCanvas && state.traits.selected.peek()) actions.select(null);
  else return false;
  return true;
}

function help({ state }: Press): undefined {
  state.helpOpen.value = !state.helpOpen.peek();
}
