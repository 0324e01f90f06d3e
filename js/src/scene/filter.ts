import { hiddenName, prettyFunction, prettyName } from "../format.ts";
import type { Key } from "../i18n.ts";
import { EdgeKind, findEdge, functionOf, nodeAt, type Scene, touches } from "../protocol.ts";

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

interface Part {
  length: number;
  test: Test;
  isEdge?: boolean;
  node?: number;
}

interface Place {
  layer: number;
  node: number;
}

type Names = Map<string, Place>;

/** What can be asked for besides single words, and how it is read from what a pattern has found. */
const PARTS: [pattern: RegExp, read: (found: string[], scene: Scene, names: Names) => Part | Wrong][] = [
  [/^\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?/, edgePart],
  [/^\(\s*(\d+)\s*,\s*(\d+)\s*\)/, placePart],
  [/^layer\s*=?\s*(\d+)(?![^\s,;&])/i, layerPart],
  [
    /^(score|d?loss|Δloss|r2|R²)\s*(>=|<=|[<>=≥≤])\s*([-+−]?[\d.]+(?:e[-+−]?\d+)?)(?![^\s,;&])/iu,
    conditionPart,
  ],
  [/^["“]([^"“”]*)["”]/, quotedPart],
];
const KINDS: Record<string, number> = { ...EdgeKind, spline: EdgeKind.numeric };

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
    const part = readPart(rest, scene, names);
    if ("key" in part) return { accepts: () => true, nodes: [], wrong: part };
    (part.isEdge ? edges : tests).push(part.test);
    if (part.node !== undefined) nodes.push(part.node);
    rest = rest.slice(part.length).replace(/^(\s|[,;&]|and(?!\S))+/i, "");
  }
  const accepts = (e: number) =>
    tests.every((test) => test(e)) && (edges.length === 0 || edges.some((test) => test(e)));
  return { accepts, nodes, wrong: null };
}

function readPart(text: string, scene: Scene, names: Names): Part | Wrong {
  for (const [pattern, read] of PARTS) {
    const found = pattern.exec(text);
    if (found) return read(found, scene, names);
  }
  return wordPart(text, scene, names);
}

function edgePart([{ length }, ...numbers]: string[], scene: Scene): Part | Wrong {
  const [l, i, j] = numbers.map(Number);
  if (l >= scene.layers || i >= scene.widths[l] || j >= scene.owner[l].length) {
    return { key: "filterNoEdge", values: { edge: `(${l}, ${i}, ${j})` } };
  }
  const edge = findEdge(scene, [l, i, j]);
  return { length, test: (e) => e === edge, isEdge: true };
}

function placePart([{ length }, ...numbers]: string[], scene: Scene): Part | Wrong {
  const [layer, node] = numbers.map(Number);
  if (node < scene.widths[layer]) return nodePart(length, { layer, node }, scene);
  return { key: "filterNoNode", values: { node: `(${layer}, ${node})` } };
}

function nodePart(length: number, { layer, node }: Place, scene: Scene): Part {
  return { length, test: (e) => touches(scene, e, layer, node), node: nodeAt(scene, layer, node) };
}

function layerPart([{ length }, layer]: string[], scene: Scene): Part {
  return { length, test: (e) => scene.layer[e] === Number(layer) };
}

function conditionPart([whole, name, sign, number]: string[], { score, r2, dloss }: Scene): Part | Wrong {
  const limit = Number(number.replaceAll("−", "-"));
  if (Number.isNaN(limit)) return { key: "filterNoNumber", values: { text: whole } };
  const values = { s: score, r: r2 }[name[0].toLowerCase()] ?? dloss;
  const test = (e: number) =>
    (/[>≥]/.test(sign) && values[e] > limit) ||
    (/[<≤]/.test(sign) && values[e] < limit) ||
    (/[=≥≤]/.test(sign) && values[e] === limit);
  return { length: whole.length, test };
}

function quotedPart([{ length }, name]: string[], scene: Scene, names: Names): Part | Wrong {
  const place = names.get(name.trim().toLowerCase());
  return place ? nodePart(length, place, scene) : { key: "filterNoNode", values: { node: name } };
}

function wordPart(text: string, scene: Scene, names: Names): Part | Wrong {
  const lower = text.toLowerCase();
  let name = "";
  for (const each of names.keys()) {
    const ends = /^([\s,;&]|$)/.test(lower.slice(each.length));
    if (each.length > name.length && ends && lower.startsWith(each)) name = each;
  }
  if (name) return nodePart(name.length, names.get(name) as Place, scene);
  const [word] = /^\S+?(?=[,;&]*(\s|$))/.exec(lower) ?? [lower];
  const { length } = word;
  if (word in KINDS) return { length, test: (e) => scene.kind[e] === KINDS[word] };
  if (word === "locked") return { length, test: (e) => scene.locked[e] === 1 };
  const isMeant = (each: string | null) =>
    each?.toLowerCase() === word || (each !== null && prettyFunction(each).toLowerCase() === word);
  if (Object.values(scene.meta.functions).some(isMeant)) {
    return { length, test: (e) => isMeant(functionOf(scene, e)) };
  }
  if (/^(score|d?loss|δloss|r2|r²)[<>=≥≤]?/u.test(word)) return { key: "filterNoNumber", values: { text } };
  return { key: "filterUnknown", values: { text: text.slice(0, length) } };
}

/** Every name of a node, as it is written and as it is shown, in small letters. */
function namesOf({ layers, widths, meta }: Scene): Names {
  const names: Names = new Map();
  widths.forEach((width, layer) => {
    for (let node = 0; node < width; node++) {
      const given = layer === 0 ? meta.inputs[node] : layer === layers && meta.outputs[node];
      const plain = layers === 2 ? `h_${node}` : `h_${layer},${node}`;
      const forms = given
        ? [given, prettyName(given)]
        : [plain, plain.replace("_", ""), hiddenName(layers, layer, node)];
      for (const form of forms) {
        const key = form.toLowerCase();
        if (!names.has(key)) names.set(key, { layer, node });
      }
    }
  });
  return names;
}
