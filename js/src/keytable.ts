import { edgesOfNode, edgesWhere, toggleEdge, toggleEdges } from "./choosing.ts";
import { focusCanvas } from "./focus.ts";
import type { Key } from "./i18n.ts";
import { type EdgeIndex, edgeIndex, findEdge, isAlive, isSymbolic, type Scene } from "./protocol.ts";
import type { Layout } from "./scene/layout.ts";
import { steer } from "./scene/steer.ts";
import { type Direction, walk } from "./scene/walk.ts";
import { drawnNodes, edgeBeside, type NodeIndex, nodeBelow, walkNodes } from "./scene/walknodes.ts";
import type { View } from "./view.ts";

/** A key that was pressed, and where. */
export interface Press extends View {
  target: HTMLElement;
  chord: string;
  event: KeyboardEvent;
}

type Group = "keysWalk" | "keysChoose" | "keysAct" | "keysLook" | "keysWidget";
/** The canvas; the canvas or an open menu; or anything in the widget but a field. */
type Where = "canvas" | "menu" | "anywhere";
/** False leaves the key to others. */
type Run = (press: Press) => unknown;

export interface Binding {
  group: Group;
  /** Modifiers and the key, such as "Ctrl+Shift+Z". */
  chords: readonly string[];
  meaning: Key;
  where: Where;
  run: Run;
  /** Whether it goes on while the key is held down. */
  repeats: boolean;
}

const ARROWS = "ArrowLeft ArrowRight ArrowUp ArrowDown";

const KEYS: Record<Group, [chords: string, meaning: Key, run: Run, where?: Where, repeats?: boolean][]> = {
  keysWalk: [
    [ARROWS, "keyArrows", walking(along), "canvas", true],
    ["Home End", "keyHome", walking(toEnd)],
    ["N", "keyNodes", walking(across)],
    ["Enter Space", "keyEnter", open],
  ],
  keysChoose: [
    ["Shift+Enter Shift+Space", "keyChoose", choose],
    ["Ctrl+A", "keyAll", chooseAll],
  ],
  keysAct: [
    ["Delete Backspace", "keyDelete", removeOrRestore, "menu"],
    ["L", "keyLock", lock],
    ["U", "keyUnfix", unfix],
    ["T", "keyTrain", ({ actions }) => actions.trainOrStop()],
    ["Ctrl+Z", "keyUndo", ({ actions }) => actions.move("undo"), "anywhere", true],
    ["Ctrl+Shift+Z Ctrl+Y", "keyRedo", ({ actions }) => actions.move("redo"), "anywhere", true],
  ],
  keysLook: [
    ["+ =", "keyZoomIn", look, "canvas", true],
    ["- _", "keyZoomOut", look, "canvas", true],
    ["0", "keyFit", look],
    ["F", "keyFitSelection", look],
    ["/", "keyFilter", look],
    [ARROWS.replaceAll("Arrow", "Shift+Arrow"), "keyPan", look, "canvas", true],
  ],
  keysWidget: [
    ["Escape", "keyEscape", leave, "anywhere"],
    ["?", "keyHelp", help, "anywhere"],
  ],
};

/** Groups of keys, in the order in which the help tells them. */
export const GROUPS = Object.keys(KEYS) as Group[];

/** Every key of the widget: what it does, and what the help says of it. */
export const BINDINGS: readonly Binding[] = GROUPS.flatMap((group) =>
  KEYS[group].map(([chords, meaning, run, where = "canvas", repeats = false]) => {
    return { group, chords: chords.split(" "), meaning, run, where, repeats };
  }),
);

/** What the pointer does, each with its meaning; the help tells it beside the keys. */
export const GESTURES = [
  "gesturePoint",
  "gestureClick",
  "gestureShiftClick",
  "gestureShiftDrag",
  "gestureDrag",
  "gestureWheel",
  "gestureDouble",
] as const satisfies Key[];

// ---------------------------------------------------------------------- walking

interface Walk {
  scene: Scene;
  layout: Layout;
  chord: string;
  /** The place of the edge that the keys are on; -1 is none. */
  at: number;
  /** The node that they are on, in place of an edge. */
  node: NodeIndex | null;
}

/** Goes where a key leads to: to a node, or to the place of an edge. */
function walking(lead: (walk: Walk) => NodeIndex | number): Run {
  return ({ state, actions, picture, chord }) => {
    const scene = state.shown.peek();
    const layout = picture.layout.peek();
    if (!scene || !layout) return;
    const at = findEdge(scene, state.traits.selected.peek());
    const to = lead({ scene, layout, chord, at, node: state.atNode.peek() });
    if (typeof to !== "number") state.atNode.value = to;
    else {
      state.atNode.value = null;
      if (to >= 0) actions.select(edgeIndex(scene, to));
    }
    state.byKeys.value = true;
    picture.hovered.value = null;
    state.menu.value = null;
  };
}

function along({ scene, layout, chord, at, node }: Walk) {
  const direction = chord.slice(5).toLowerCase() as Direction;
  return node ? walkNodes(scene, layout, node, direction) : walk(scene, layout, at, direction);
}

function toEnd({ scene, layout, chord, at, node }: Walk) {
  const first = chord === "Home";
  if (node) return { ...node, node: drawnNodes(scene, layout, node.layer).at(first ? 0 : -1) ?? node.node };
  let last = -2;
  for (let steps = 0; at !== last && steps <= scene.edges; steps++) {
    last = at;
    at = walk(scene, layout, at, first ? "left" : "right");
  }
  return at;
}

/** From an edge to its node, and back. */
function across({ scene, at, node }: Walk) {
  return node ? edgeBeside(scene, node) : nodeBelow(scene, at);
}

function open({ state, actions }: Press) {
  const node = state.atNode.peek();
  const edge = selectedEdge(state);
  return node ? actions.openNode(node.layer, node.node) : edge !== null && actions.openEdge(edge, true);
}

function selectedEdge(state: View["state"]): EdgeIndex | null {
  const scene = state.shown.peek();
  const selected = state.traits.selected.peek();
  return scene && findEdge(scene, selected) >= 0 ? selected : null;
}

// ---------------------------------------------------------------------- choosing

function choose({ state }: Press) {
  const edges = edgesHere(state);
  if (state.atNode.peek()) return toggleEdges(state, edges);
  return edges.length > 0 && toggleEdge(state, edges[0]);
}

/** All live edges that are drawn: of a network that is filtered, those that were looked for. */
function chooseAll({ state, picture }: Press) {
  const scene = state.shown.peek();
  const drawn = picture.layout.peek()?.frameX;
  if (scene && drawn) state.chosen.value = edgesWhere(scene, (e) => isAlive(scene, e) && drawn[e] >= 0);
}

// ---------------------------------------------------------------------- acting

/** The edges of the node that the keys are on, or the edge. */
function edgesHere(state: View["state"]): EdgeIndex[] {
  const scene = state.shown.peek();
  const node = state.atNode.peek();
  if (scene && node) return edgesOfNode(scene, node.layer, node.node);
  const edge = selectedEdge(state);
  return edge ? [edge] : [];
}

/** What a key acts on: the chosen edges, else those where the keys are. */
function meant({ state }: Press): readonly EdgeIndex[] {
  const chosen = state.chosen.peek();
  return chosen.length > 0 ? chosen : edgesHere(state);
}

/** Delete acts on what the open menu is about, then on the chosen edges, then on where the keys are. */
function removeOrRestore(press: Press) {
  const { state, actions, target } = press;
  const menu = state.menu.peek();
  const node =
    menu && "node" in menu ? menu : !menu && state.chosen.peek().length === 0 && state.atNode.peek();
  const edges = menu && "edge" in menu ? [menu.edge] : meant(press);
  if (!node && edges.length === 0) return false;
  const accepted = node
    ? actions.toggleNode(node.layer, node.node)
    : edges.length === 1
      ? actions.toggleEdge(edges[0])
      : actions.toggleEdges(edges);
  return accepted.then((done) => done && menu && actions.close(target));
}

function lock(press: Press) {
  const edges = meant(press);
  return edges.length > 0 && press.actions.toggleLocks(edges);
}

function unfix(press: Press) {
  const edges = press.actions.among(meant(press), isSymbolic);
  return edges.length > 0 && press.actions.run("unfix_edges", { edges });
}

// ---------------------------------------------------------------------- looking, and the widget

function look({ picture, event }: Press) {
  return steer(picture, event);
}

/** Closes what is open; then drops the choice, then where the keys are. */
function leave({ state, actions, target }: Press) {
  const onCanvas = target instanceof HTMLCanvasElement;
  if (state.menu.peek() || state.helpOpen.peek() || state.guideOpen.peek()) actions.close(target);
  else if (state.chosen.peek().length > 0) {
    state.chosen.value = [];
    if (target.closest(".kw-bulk")) focusCanvas(target);
  } else if (onCanvas && state.atNode.peek()) state.atNode.value = null;
  else if (onCanvas && state.traits.selected.peek()) actions.select(null);
  else return false;
  return true;
}

function help({ state }: Press) {
  state.helpOpen.value = !state.helpOpen.peek();
}
