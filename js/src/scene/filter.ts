import { hiddenName, prettyFunction, prettyName } from "../format.ts";
import type { Key } from "../i18n.ts";
import { EdgeKind, functionOf, nodeAt, type Scene } from "../protocol.ts";

/** Which edges a person asks for. */
export interface Filter {
  accepts(e: number): boolean;
  /** Nodes that are named, by their place among all nodes. */
  nodes: number[];
  /** Why the text cannot be followed, or null. */
  wrong: { key: Key; values: Record<string, string | number> } | null;
}

type Test = (e: number) => boolean;
type Wrong = NonNullable<Filter["wrong"]>;

const EDGE = /^\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?/;
const NODE = /^\(\s*(\d+)\s*,\s*(\d+)\s*\)/;
const LAYER = /^layer\s*=?\s*(\d+)(?![^\s,;&])/i;
const CONDITION =
  /^(score|d?loss|Δloss|r2|R²)\s*(>=|<=|[<>=≥≤])\s*([-+−]?[\d.]+(?:e[-+−]?\d+)?)(?![^\s,;&])/iu;
const QUOTED = /^["“]([^"“”]*)["”]/;
const KINDS: Record<string, number> = {
  removed: EdgeKind.removed,
  numeric: EdgeKind.numeric,
  spline: EdgeKind.numeric,
  symbolic: EdgeKind.symbolic,
  both: EdgeKind.both,
};
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "=": (a, b) => a === b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  "≥": (a, b) => a >= b,
  "≤": (a, b) => a <= b,
};

/**
 * Reads what is asked for: x_300, (0, 3, 5), (1, 4), layer 1, sin, symbolic, locked, score > 0.1.
 * Of several all must hold; of several edges one.
 */
export function readFilter(text: string, scene: Scene): Filter {
  const tests: Test[] = [];
  const edges: Test[] = [];
  const nodes: number[] = [];
  const names = namesOf(scene);
  let rest = text.trim();
  while (rest !== "") {
    const found = readPart(rest, scene, names);
    if ("key" in found) return { accepts: () => true, nodes: [], wrong: found };
    (found.isEdge ? edges : tests).push(found.test);
    if (found.node !== undefined) nodes.push(found.node);
    rest = rest.slice(found.length).replace(/^(\s|[,;&]|and(?!\S))+/i, "");
  }
  const accepts = (e: number) =>
    tests.every((test) => test(e)) && (edges.length === 0 || edges.some((test) => test(e)));
  return { accepts, nodes, wrong: null };
}

interface Part {
  length: number;
  test: Test;
  isEdge?: boolean;
  node?: number;
}

function readPart(text: string, scene: Scene, names: Map<string, Place>): Part | Wrong {
  const edge = EDGE.exec(text);
  if (edge) return edgePart(edge, scene);
  const node = NODE.exec(text);
  if (node) {
    const [layer, index] = [Number(node[1]), Number(node[2])];
    if (layer > scene.layers || index >= scene.widths[layer]) {
      return { key: "filterNoNode", values: { node: `(${layer}, ${index})` } };
    }
    return nodePart(node[0].length, { layer, node: index }, scene);
  }
  const layer = LAYER.exec(text);
  if (layer) return { length: layer[0].length, test: (e) => scene.layer[e] === Number(layer[1]) };
  const condition = CONDITION.exec(text);
  if (condition) return conditionPart(condition, scene);
  const quoted = QUOTED.exec(text);
  if (quoted) {
    const place = names.get(quoted[1].trim().toLowerCase());
    if (!place) return { key: "filterNoNode", values: { node: quoted[1] } };
    return nodePart(quoted[0].length, place, scene);
  }
  return wordPart(text, scene, names);
}

function edgePart(found: RegExpExecArray, scene: Scene): Part | Wrong {
  const [l, i, j] = found.slice(1).map(Number);
  if (l >= scene.layers || i >= scene.widths[l] || j >= scene.owner[l].length) {
    return { key: "filterNoEdge", values: { edge: `(${l}, ${i}, ${j})` } };
  }
  const test = (e: number) => scene.layer[e] === l && scene.from[e] === i && scene.to[e] === j;
  return { length: found[0].length, test, isEdge: true };
}

interface Place {
  layer: number;
  node: number;
}

function nodePart(length: number, { layer, node }: Place, scene: Scene): Part {
  const test = (e: number) => {
    const l = scene.layer[e];
    return (
      (l === layer && scene.from[e] === node) || (l + 1 === layer && scene.owner[l][scene.to[e]] === node)
    );
  };
  return { length, test, node: nodeAt(scene, layer, node) };
}

function conditionPart([whole, name, sign, number]: RegExpExecArray, scene: Scene): Part | Wrong {
  const limit = Number(number.replaceAll("−", "-"));
  if (Number.isNaN(limit)) return { key: "filterNoNumber", values: { text: whole } };
  const values = valuesOf(name.toLowerCase(), scene);
  return { length: whole.length, test: (e) => COMPARE[sign](values[e], limit) };
}

function valuesOf(name: string, scene: Scene): Float32Array {
  if (name === "score") return scene.score;
  return name.startsWith("r") ? scene.r2 : scene.dloss;
}

function wordPart(text: string, scene: Scene, names: Map<string, Place>): Part | Wrong {
  const lower = text.toLowerCase();
  let name = "";
  for (const each of names.keys()) {
    const ends = lower.length === each.length || /[\s,;&]/.test(lower[each.length]);
    if (each.length > name.length && ends && lower.startsWith(each)) name = each;
  }
  if (name) return nodePart(name.length, names.get(name) as Place, scene);
  const [word] = /^\S+?(?=[,;&]*(\s|$))/.exec(lower) ?? [lower];
  const { length } = word;
  if (word in KINDS) return { length, test: (e) => scene.kind[e] === KINDS[word] };
  if (word === "locked") return { length, test: (e) => scene.locked[e] === 1 };
  const used = Object.values(scene.meta.functions).flatMap((each) => [each, prettyFunction(each)]);
  if (used.some((each) => each.toLowerCase() === word)) {
    const is = (each: string | null) =>
      each !== null && [each.toLowerCase(), prettyFunction(each).toLowerCase()].includes(word);
    return { length, test: (e) => is(functionOf(scene, e)) };
  }
  if (/^(score|d?loss|δloss|r2|r²)[<>=≥≤]?/u.test(word)) return { key: "filterNoNumber", values: { text } };
  return { key: "filterUnknown", values: { text: text.slice(0, length) } };
}

/** Every name of a node, as it is written and as it is shown, in small letters. */
function namesOf(scene: Scene): Map<string, Place> {
  const names = new Map<string, Place>();
  for (let layer = 0; layer <= scene.layers; layer++) {
    for (let node = 0; node < scene.widths[layer]; node++) {
      const given =
        layer === 0 ? scene.meta.inputs[node] : layer === scene.layers && scene.meta.outputs[node];
      const plain = scene.layers === 2 ? `h_${node}` : `h_${layer},${node}`;
      const forms = given
        ? [given, prettyName(given)]
        : [plain, plain.replace("_", ""), hiddenName(scene.layers, layer, node)];
      for (const form of forms) {
        const key = form.toLowerCase();
        if (!names.has(key)) names.set(key, { layer, node });
      }
    }
  }
  return names;
}
