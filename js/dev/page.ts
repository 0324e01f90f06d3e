/** A page without Jupyter: the widget on a fake model that plays a little of the kernel's part. */
import type { Traits } from "../src/model.ts";
import { type EdgeIndex, isAlive, type Scene } from "../src/protocol.ts";
import widget from "../src/widget.ts";
import { FakeModel, type Sent } from "./fake.ts";
import { inspected, inspectedSymbolic } from "./inspections.ts";
import { answerPast, remember } from "./past.ts";
import { helloWorld, wide } from "./scenes.ts";

const options = new URLSearchParams(location.search);
const shape = options
  .get("shape")
  ?.split(",")
  .map((nodes) => (nodes.includes("-") ? nodes.split("-").map(Number) : Number(nodes)));
const fixed: Record<string, string> = {};
const removed: string[] = [];
const locked: string[] = [];
const held = new Set<string>();
const moved: Record<string, number> = {};
let version = 1;
let progress = Number(options.get("progress") ?? 1);
let timer = 0;
let grid = 5;

const sceneNow = (): Scene =>
  shape ? wide(shape, version) : helloWorld(progress, version, fixed, removed, locked);

function lossesUpTo(steps: number): Traits["losses"] {
  const step = Array.from({ length: steps }, (_, k) => k);
  const fall = (k: number) =>
    0.6 * Math.exp(-k / 9) + 0.003 + 0.02 * Math.exp(-k / 25) * Math.abs(Math.sin(k));
  return {
    step,
    train: step.map(fall),
    val: step.map((k) => fall(k) * (1.12 + 0.05 * Math.sin(k / 3))),
    penalty: step.map((k) => (k < 40 ? 0.05 * Math.exp(-k / 60) : 0)),
    events: steps > 30 ? [{ step: 30, label: "prune at 0.03", command: "prune" }] : [],
    burst: 31,
  };
}

const T = (edge: string, latex: string) => `\\htmlData{edge=${edge}}{${latex}}`;
const phi = (edge: string, latex: string) =>
  T(edge, `\\varphi_{${edge.replaceAll("-", ",")}}\\left(${latex}\\right)`);
const X = T("0-0-0", "\\sin{\\left(3.1416 x_{1} \\right)}");
const Y = T("0-1-0", "x_{2}^{2}");
const TAGGED = [
  phi("1-0-0", `${phi("0-0-0", "x_{1}")} + ${phi("0-1-0", "x_{2}")}`),
  phi("1-0-0", `0.9865 ${X} + ${phi("0-1-0", "x_{2}")}`),
  phi("1-0-0", `0.9865 ${X} + 0.993 ${Y}`),
  `1.017 ${T("1-0-0", `e^{0.9865 ${X} + 0.993 ${Y}}`)} - 0.0159`,
];
const OUTPUTS = Number(options.get("outputs") ?? 1);

const PROPOSALS = [
  { edge: [0, 0, 0], constant: "a", p: 1, q: 1, base: "pi", before: 3.1402, value: Math.PI },
  { edge: [0, 1, 0], constant: "b", p: 0, q: 1, base: "1", before: -5e-5, value: 0 },
  { edge: [1, 0, 0], constant: "d", p: -1, q: 64, base: "1", before: -0.0159, value: -1 / 64 },
].map((each, n) => ({ ...each, loss_before: 9.6e-6, loss_after: n < 2 ? 9.5e-6 : 4e-4, holds: n < 2 }));

const FORMULAS = [
  "y = \\varphi_{1,0,0}\\left(\\varphi_{0,0,0}(x_1) + \\varphi_{0,1,0}(x_2)\\right)",
  "y = \\varphi_{1,0,0}\\left(\\sin(3.1416\\, x_1) + \\varphi_{0,1,0}(x_2)\\right)",
  "y = \\varphi_{1,0,0}\\left(\\sin(3.1416\\, x_1) + 1.0\\, x_2^{2}\\right)",
  "y = 1.0\\, e^{1.0 \\sin(3.1416\\, x_1) + 1.0\\, x_2^{2}}",
];

function publish(model: FakeModel): void {
  version++;
  const scene = sceneNow();
  let alive = 0;
  for (let e = 0; e < scene.edges; e++) if (isAlive(scene, e)) alive++;
  const symbolic = Object.keys(fixed).length;
  model.setScene(scene);
  const losses = model.get("losses");
  const last = losses.train.length - 1;
  model.set("summary", {
    edges: scene.edges,
    alive,
    symbolic,
    train_loss: losses.train[last] ?? 0.61,
    val_loss: losses.val[last] ?? 0.64,
    test_loss: null,
    outside: "",
    grid: [grid, grid],
  });
  model.set("formula_latex", options.get("latex") ?? FORMULAS[Math.min(symbolic, 3)]);
  model.set("formula_error", {
    shown: 2.1e-4,
    full: 3e-16,
    digits: 4,
    numeric_edges: Math.max(0, 3 - symbolic),
    text: "",
  });
  const digits = model.get("digits");
  const shown = digits === null ? 3e-16 : 10 ** -digits;
  model.set(
    "formula_outputs",
    options.has("latex")
      ? []
      : Array.from({ length: OUTPUTS }, (_, n) => ({
          name: OUTPUTS > 1 ? `z_${n + 1}` : "y",
          latex: (OUTPUTS > 1 ? `z_{${n + 1}} = ${n + 1} ` : "") + TAGGED[Math.min(3, symbolic + n)],
          shown,
          full: 3e-16,
          numeric: Math.max(0, 3 - symbolic - n),
        })),
  );
}

function train(model: FakeModel, message: Sent): void {
  const total = Number(message.args.steps);
  const before = model.get("losses").step.length;
  model.set("status", "training");
  model.set("total_steps", total);
  let step = 0;
  timer = window.setInterval(() => {
    step++;
    progress = Math.min(1, progress + 1 / total);
    model.set("step", step);
    model.set("losses", lossesUpTo(before + step));
    publish(model);
    if (step >= total) stop(model, message.id);
  }, 40);
  stopping = () => stop(model, message.id);
}

let stopping = () => {};

function stop(model: FakeModel, id: number): void {
  clearInterval(timer);
  model.set("status", "idle");
  remember(model, sceneNow(), "train");
  model.reply(id, { ok: true });
}

const LIBRARY: [string, number, number, (x: number) => number][] = [
  ["sin", 0.9999968, 2, (x) => Math.sin(Math.PI * x)],
  ["x^3", 0.9412, 3, (x) => 2.2 * x - 2.4 * x ** 3],
  ["tanh", 0.7321, 3, (x) => 0.9 * Math.tanh(2 * x)],
  ["x", 0.4103, 1, (x) => 0.95 * x],
  ["arctan", 0.40021, 4, (x) => Math.atan(1.4 * x)],
  ["1/x", 0.03, 2, (x) => 0.08 / x],
  ["0", 0, 0, () => 0],
];

function suggestions(edge: unknown) {
  const x = Array.from({ length: 64 }, (_, k) => -1 + (2 * k) / 63);
  return {
    edge,
    x,
    y: x.map((v) => Math.sin(Math.PI * v)),
    candidates: LIBRARY.map(([name, r2, complexity, f]) => ({
      function: name,
      r2,
      complexity,
      latex: `1.002\\,\\operatorname{${name.replace("^", "")}}(3.1416\\,x - 0.0003) + 0.001`,
      curve: x.map(f),
      loss_change: name === "1/x" ? null : 0.6 * (1 - r2) - 2e-5,
      outside: "",
      warning: name === "1/x" ? "It has a pole at 0, inside the data." : "",
    })),
  };
}

function refined(size: number) {
  const x = Array.from({ length: 96 }, (_, k) => -1 + (2 * k) / 95);
  const points = (count: number) => Array.from({ length: count + 1 }, (_, k) => -1 + (2 * k) / count);
  return {
    grid: [grid, grid],
    parameters: [15 * (grid + 5), 15 * (size + 5)],
    seconds: [0.00121, 0.00154],
    difference: 2.2e-16,
    size: 7.31,
    edge: [0, 0, 0],
    x,
    y: x.map((v) => Math.sin(Math.PI * v)),
    old: points(grid),
    new: points(size),
  };
}

const heldOf = (key: string) => ["a", "b", "c", "d"].filter((name) => held.has(`${key} ${name}`));

const pointsOf = (edge: EdgeIndex) =>
  inspected(edge).points.map((point, k) => ({ ...point, y: moved[`${edge} ${k}`] ?? point.y }));

function kernel(message: Sent, model: FakeModel): void {
  if (options.has("silent")) return;
  const { id, command, args } = message;
  const key = String(args.edge);
  if (answerPast(message, model)) return;
  const ok = (label: string) => {
    publish(model);
    remember(model, sceneNow(), label);
    model.reply(id, { ok: true });
  };
  if (command === "train") train(model, message);
  else if (command === "ping") model.reply(id, { ok: true });
  else if (command === "preview_refine")
    model.reply(id, { ok: true, result: refined(Number(args.new_grid)) });
  else if (command === "act" && args.method === "refine") {
    grid = Number((args.values as { new_grid: number }).new_grid);
    ok(`refine(${grid})`);
  } else if (command === "stop") {
    stopping();
    model.reply(id, { ok: true });
  } else if (command === "suggest") model.reply(id, { ok: true, result: suggestions(args.edge) });
  else if (command === "proposals") setTimeout(() => model.reply(id, { ok: true, result: PROPOSALS }), 400);
  else if (command === "export") model.reply(id, { ok: true, result: `# ${args.target}\ny = …\n` });
  else if (command === "snap") ok(`${args.constant} of (${key}) to ${args.p}/${args.q} ${args.base}`);
  else if (command === "snap_all") ok("snap all constants");
  else if (command === "undo") ok("undo");
  else if (command === "inspect") {
    const edge = args.edge as EdgeIndex;
    const name = fixed[key];
    const found = name
      ? inspectedSymbolic(edge, name, heldOf(key))
      : inspected(edge, { points: pointsOf(edge) });
    model.reply(id, { ok: true, result: found });
  } else if (command === "lock_constant" || command === "set_constant") {
    held.add(`${key} ${args.constant}`);
    ok(`${args.constant} of (${key}) to ${args.value ?? "itself"}`);
  } else if (command === "unlock_constant") {
    held.delete(`${key} ${args.constant}`);
    ok(`unlock ${args.constant} of (${key})`);
  } else if (command === "move_point") {
    moved[`${key} ${args.index}`] = Number(args.value);
    ok(`point ${args.index} of (${key}) moved`);
  } else if (command === "fix_symbolic") {
    fixed[key] = String(args.function);
    ok(`fix (${key.replaceAll(",", ", ")}) = ${args.function}`);
  } else if (command === "unfix_symbolic") {
    delete fixed[key];
    ok(`unfix (${key})`);
  } else if (command === "remove_edge") {
    removed.push(key);
    ok(`remove (${key})`);
  } else if (command === "restore_edge") {
    removed.splice(removed.indexOf(key), 1);
    ok(`restore (${key})`);
  } else if (command === "prune") {
    const scene = sceneNow();
    for (let e = 0; e < scene.edges; e++) {
      const edge = `${scene.layer[e]},${scene.from[e]},${scene.to[e]}`;
      if (scene.score[e] <= Number(args.threshold) && !removed.includes(edge)) removed.push(edge);
    }
    ok(`prune at ${args.threshold}`);
  } else if (command.endsWith("_edges")) {
    const keys = (args.edges as number[][]).map(String);
    const without = (list: string[]) =>
      list.splice(0, list.length, ...list.filter((each) => !keys.includes(each)));
    if (command === "remove_edges") removed.push(...keys);
    else if (command === "restore_edges") without(removed);
    else if (command === "lock_edges") locked.push(...keys);
    else if (command === "unlock_edges") without(locked);
    else for (const each of keys) fixed[each] = String(args.function ?? "");
    ok(`${command.slice(0, -6)} ${keys.length} edges`);
  } else if (command === "cost_of_removing") {
    const count = (args.edges as unknown[]).length;
    model.reply(id, {
      ok: true,
      result: { removed: count, loss_before: 0.0031, loss_after: 0.0031 + 0.02 * count },
    });
  } else if (command === "cost_of_node") {
    const edges = args.layer === 0 ? [0, 5] : [2, 1];
    const result = { loss_before: 0.0031, loss_without: 0.24, loss_with: 0.0031, edges, live: edges };
    model.reply(id, { ok: true, result });
  } else if (command === "functions_for")
    model.reply(id, { ok: true, result: LIBRARY.map(([name, r2]) => ({ function: name, r2 })) });
  else model.reply(id, { ok: false, error: `The fake kernel does not know the command ${command}.` });
}

document.body.dataset.jpThemeLight = String(options.get("theme") !== "dark");
document.body.style.background = options.get("theme") === "dark" ? "#111" : "#fff";
for (const edge of options.get("fixed")?.split(" ") ?? []) {
  const [at, name] = edge.split("=");
  fixed[at] = name;
}
const model = new FakeModel(
  {
    steps: Number(options.get("set") ?? 50),
    cores: 4,
    palette: (options.get("palette") ?? "standard") as Traits["palette"],
    theme: options.get("theme") === "contrast" ? "contrast" : "auto",
    lamb: 0.001,
    losses: lossesUpTo(Number(options.get("steps") ?? 50)),
  },
  kernel,
);
publish(model);
remember(model, sceneNow(), "start");
remember(model, sceneNow(), "train");
for (let n = 0; n < Number(options.get("past") ?? 0); n++) {
  // a longer past, with a branch now and then, a name, a note, a pin, and a state that was let go
  if (n % 5 === 3) answerPast({ id: -1, command: "jump", args: { number: n % 2 ? n - 1 : n } }, model);
  const { nodes } = model.get("history");
  progress = Math.min(1, 0.2 + n / 8);
  if (n % 3 === 1) removed.push(`0,${n % 2},${(n % 4) + 1}`);
  else if (n % 3 === 2) fixed["0,0,0"] = "sin";
  publish(model);
  model.set("summary", { ...model.get("summary"), val_loss: 0.6 * Math.exp(-n / 4) * (1 + (n % 3)) });
  remember(
    model,
    sceneNow(),
    n % 3 === 0 ? "train 20 steps" : n % 3 === 1 ? "prune at 0.03" : "fix (0, 0, 0) to sin",
  );
  const number = nodes.length;
  if (n === 1)
    answerPast({ id: -1, command: "annotate", args: { number, note: "the first that fits" } }, model);
  if (n === 2)
    answerPast({ id: -1, command: "rename", args: { number, text: "before the second layer" } }, model);
  if (n === 4) answerPast({ id: -1, command: "pin", args: { number, pinned: true } }, model);
}
for (const place of document.querySelectorAll<HTMLElement>(".place")) {
  place.style.width = `${options.get("width") ?? 1000}px`;
  widget.render({ model, el: place });
}
// A scene as Python has sent it: ?scene=out/name.bin
const file = options.get("scene");
if (file) {
  const bytes = await (await fetch(file)).arrayBuffer();
  model.set("scene", new DataView(bytes));
}
Object.assign(window, { model });
