/** The history of the fake kernel: states that can be looked at, gone to, written on and compared. */
import type { HistoryNode } from "../src/model.ts";
import { EdgeKind, edgeIndex, isAlive, type Scene } from "../src/protocol.ts";
import { encodeScene } from "./encode.ts";
import type { FakeModel, Sent } from "./fake.ts";

interface Kept {
  scene: Scene;
  latex: string;
}

const kept = new Map<number, Kept>();

export function remember(model: FakeModel, scene: Scene, label: string): void {
  const { nodes, current } = model.get("history");
  const id = nodes.length;
  const alive = aliveIn(scene);
  const val = model.get("summary").val_loss ?? 0.6;
  const trained = label.startsWith("train");
  const node: HistoryNode = {
    id,
    parent: nodes.length ? current : null,
    label,
    action: label,
    name: "",
    train: val * 0.9,
    val,
    edges: alive,
    complexity: 9 * alive - 5 * Object.keys(scene.meta.functions).length,
    note: "",
    pinned: false,
    kept: true,
    made: Date.now() / 1000,
    seconds: 0.2,
    redo: null,
    spark: trained ? Array.from({ length: 20 }, (_, k) => val * (1 + 20 * Math.exp(-k / 4))) : [],
  };
  kept.set(id, { scene, latex: model.get("formula_latex") });
  const led = nodes.map((each) => (each.id === current ? { ...each, redo: id } : each));
  model.set("history", {
    undo: id > 0 ? label : null,
    redo: null,
    current: id,
    nodes: marked([...led, node]),
  });
}

function aliveIn(scene: Scene): number {
  let alive = 0;
  for (let e = 0; e < scene.edges; e++) if (isAlive(scene, e)) alive++;
  return alive;
}

function marked(nodes: HistoryNode[]): HistoryNode[] {
  let least = Number.POSITIVE_INFINITY;
  const best = new Set<number>();
  const order = (a: HistoryNode, b: HistoryNode) =>
    (a.complexity ?? 0) - (b.complexity ?? 0) || (a.val ?? 0) - (b.val ?? 0);
  for (const node of [...nodes].sort(order)) {
    if (node.val === null || node.val >= least) continue;
    least = node.val;
    best.add(node.id);
  }
  return nodes.map((node) => ({ ...node, best: best.has(node.id) }));
}

/** Answers what concerns the history; whether the message did. */
export function answerPast(message: Sent, model: FakeModel): boolean {
  const { id, command, args } = message;
  const history = model.get("history");
  const number = Number(args.number);
  const write = (change: Partial<HistoryNode>) => {
    const nodes = history.nodes.map((node) => (node.id === number ? { ...node, ...change } : node));
    model.set("history", { ...history, nodes });
    model.reply(id, { ok: true });
  };
  const sight = (step: number) => {
    const node = history.nodes[step];
    const losses = { train_loss: node.train, val_loss: node.val };
    return { number: step, label: node.label, latex: kept.get(step)?.latex ?? "", losses };
  };
  const drawn = (step: number) => encodeScene((kept.get(step) as Kept).scene);
  if (command === "look") model.reply(id, { ok: true, result: sight(number) }, [drawn(number)]);
  else if (command === "jump") {
    const past = kept.get(number) as Kept;
    const next = { ...past.scene, version: model.get("version") + 1 };
    model.setScene(next);
    model.set("formula_latex", past.latex);
    model.set("history", { ...history, current: number, undo: history.nodes[number].label });
    model.reply(id, { ok: true });
  } else if (command === "rename") {
    write({ name: String(args.text), label: String(args.text) || history.nodes[number].action });
  } else if (command === "annotate") write({ note: String(args.note) });
  else if (command === "pin") write({ pinned: Boolean(args.pinned) });
  else if (command === "compare") {
    const [a, b] = [Number(args.a), Number(args.b)];
    const result = { ...compared(a, b, history.nodes), ends: [sight(a), sight(b)] };
    model.reply(id, { ok: true, result }, [drawn(a), drawn(b)]);
  } else if (command === "script") {
    if (args.form === "notebook") model.reply(id, { ok: true, result: { cells: [], nbformat: 4 } });
    else if (args.path === undefined) {
      const error =
        "the data were made by no function, so the script needs a file to read them from; give path";
      model.reply(id, { ok: false, error });
    } else model.reply(id, { ok: true, result: `# read from ${args.path}\nimport kanwidget\n` });
  } else if (command === "save") {
    if (String(args.path).endsWith(".kan")) model.reply(id, { ok: true, result: `/home/me/${args.path}` });
    else model.reply(id, { ok: false, error: `path is '${args.path}'; a name that ends in .kan is needed` });
  } else return false;
  return true;
}

function compared(a: number, b: number, nodes: HistoryNode[]) {
  const [before, after] = [a, b].map((step) => (kept.get(step) as Kept).scene);
  const each = Array.from({ length: before.edges }, (_, e) => e);
  const removed = each.filter((e) => isAlive(before, e) && !isAlive(after, e));
  const restored = each.filter((e) => !isAlive(before, e) && isAlive(after, e));
  const both = each.filter((e) => isAlive(before, e) && isAlive(after, e));
  const named = (scene: Scene, e: number) => scene.meta.functions[edgeIndex(scene, e).join()] ?? "numeric";
  const changed = both.filter((e) => before.kind[e] !== after.kind[e]);
  const curved = both.filter(
    (e) => after.kind[e] === EdgeKind.numeric && before.curve[e * 48] !== after.curve[e * 48],
  );
  const change = (e: number) => ({
    edge: edgeIndex(before, e),
    function: [named(before, e), named(after, e)],
    constants: [null, null],
    change: 0.012,
  });
  return {
    same: a === b,
    removed: removed.map((e) => edgeIndex(before, e)),
    restored: restored.map((e) => edgeIndex(before, e)),
    gone: [],
    added: [],
    functions: changed.map(change),
    constants: [],
    curves: curved.map(change),
    losses: { train_loss: [nodes[a].train, nodes[b].train], val_loss: [nodes[a].val, nodes[b].val] },
    complexity: [nodes[a].complexity, nodes[b].complexity],
    edges: [nodes[a].edges, nodes[b].edges],
    text: `step ${a} (${nodes[a].label}) → step ${b} (${nodes[b].label})\nvalidation loss 0.61 → 0.0031\nlive edges ${nodes[a].edges} → ${nodes[b].edges}`,
  };
}
