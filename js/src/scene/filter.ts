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

const KINDS: Record<string, number> = { ...EdgeKind, spline: EdgeKind.numeric };

/**
 * Reads what is asked for: x_300, (0, 3, 5), (1, 4), layer 1, sin, symbolic, locked, score > 0.1.
 * Of several all must hold; of several edges one.
 */
export function readFilter(text: string, scene: Scene): Filter {
  const tests: Test[] = [];
  const edges: Test[] = [];
  const nodes: number[] = [];
  const read = readerOf(scene);
  let rest = text.trim();
  while (rest !== "") {
    const part = read(rest);
    if ("key" in part) return { accepts: () => true, nodes: [], wrong: part };
    (part.isEdge ? edges : tests).push(part.test);
    if (part.node !== undefined) nodes.push(part.node);
    rest = rest.slice(part.length).replace(/^(\s|[,;&]|and(?!\S))+/i, "");
  }
  const accepts = (e: number) =>
    tests.every((test) => test(e)) && (edges.length === 0 || edges.some((test) => test(e)));
  return { accepts, nodes, wrong: null };
}

/** Reads the first part of a text. */
function readerOf(scene: Scene): (text: string) => Part | Wrong {
  const { layers, widths, owner, layer, kind, locked, score, r2, dloss, meta } = scene;
  const names = namesOf(scene);

  const nodePart = (length: number, place: Place | undefined, shown: string): Part | Wrong => {
    if (!place || !(place.node < widths[place.layer]))
      return { key: "filterNoNode", values: { node: shown } };
    const test = (e: number) => touches(scene, e, place.layer, place.node);
    return { length, test, node: nodeAt(scene, place.layer, place.node) };
  };

  const edgePart = (length: number, ...numbers: string[]): Part | Wrong => {
    const [l, i, j] = numbers.map(Number);
    if (l >= layers || i >= widths[l] || j >= owner[l].length) {
      return { key: "filterNoEdge", values: { edge: `(${l}, ${i}, ${j})` } };
    }
    const edge = findEdge(scene, [l, i, j]);
    return { length, test: (e) => e === edge, isEdge: true };
  };

  const conditionPart = (length: number, name: string, sign: string, number: string): Part | Wrong => {
    const limit = Number(number.replaceAll("−", "-"));
    if (Number.isNaN(limit)) return { key: "filterNoNumber", values: { text: name + sign + number } };
    const values = { s: score, r: r2 }[name[0].toLowerCase()] ?? dloss;
    const test = (e: number) =>
      (/[>≥]/.test(sign) && values[e] > limit) ||
      (/[<≤]/.test(sign) && values[e] < limit) ||
      (/[=≥≤]/.test(sign) && values[e] === limit);
    return { length, test };
  };

  const wordPart = (text: string): Part | Wrong => {
    const lower = text.toLowerCase();
    let name = "";
    for (const each of names.keys()) {
      const ends = /^([\s,;&]|$)/.test(lower.slice(each.length));
      if (each.length > name.length && ends && lower.startsWith(each)) name = each;
    }
    if (name) return nodePart(name.length, names.get(name), name);
    const [word] = /^\S+?(?=[,;&]*(\s|$))/.exec(lower) ?? [lower];
    const { length } = word;
    if (word in KINDS) return { length, test: (e) => kind[e] === KINDS[word] };
    if (word === "locked") return { length, test: (e) => locked[e] === 1 };
    const isMeant = (each: string | null) =>
      each?.toLowerCase() === word || (each !== null && prettyFunction(each).toLowerCase() === word);
    if (Object.values(meta.functions).some(isMeant)) {
      return { length, test: (e) => isMeant(functionOf(scene, e)) };
    }
    if (/^(score|d?loss|δloss|r2|r²)[<>=≥≤]?/u.test(word)) return { key: "filterNoNumber", values: { text } };
    return { key: "filterUnknown", values: { text: text.slice(0, length) } };
  };

  /** What can be asked for besides single words, and how it is read from what a pattern has found. */
  const parts: [pattern: RegExp, read: (length: number, ...found: string[]) => Part | Wrong][] = [
    [/^\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?/, edgePart],
    [
      /^\(\s*(\d+)\s*,\s*(\d+)\s*\)/,
      (length, l, i) =>
        nodePart(length, { layer: Number(l), node: Number(i) }, `(${Number(l)}, ${Number(i)})`),
    ],
    [/^layer\s*=?\s*(\d+)(?![^\s,;&])/i, (length, l) => ({ length, test: (e) => layer[e] === Number(l) })],
    [
      /^((?:score|d?loss|Δloss|r2|R²)\s*)((?:>=|<=|[<>=≥≤])\s*)([-+−]?[\d.]+(?:e[-+−]?\d+)?)(?![^\s,;&])/iu,
      conditionPart,
    ],
    [/^["“]([^"“”]*)["”]/, (length, name) => nodePart(length, names.get(name.trim().toLowerCase()), name)],
  ];
  return (text) => {
    for (const [pattern, read] of parts) {
      const found = pattern.exec(text);
      if (found) return read(found[0].length, ...found.slice(1));
    }
    return wordPart(text);
  };
}

/** Every name of a node, as it is written and as it is shown, in small letters. */
function namesOf({ layers, widths, meta }: Scene): Map<string, Place> {
  const names = new Map<string, Place>();
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
