/** A page without Jupyter: the widget on a fake model that plays a little of the kernel's part. */
import type { Traits } from "../src/model.ts";
import { isAlive, type Scene } from "../src/protocol.ts";
import widget from "../src/widget.ts";
import { FakeModel, type Sent } from "./fake.ts";
import { helloWorld, wide } from "./scenes.ts";

const options = new URLSearchParams(location.search);
const shape = options
  .get("shape")
  ?.split(",")
  .map((nodes) => (nodes.includes("-") ? nodes.split("-").map(Number) : Number(nodes)));
const fixed: Record<string, string> = {};
const removed: string[] = [];
let version = 1;
let progress = Number(options.get("progress") ?? 1);
let timer = 0;

const sceneNow = (): Scene => (shape ? wide(shape, version) : helloWorld(progress, version, fixed, removed));

function lossesUpTo(steps: number): Traits["losses"] {
  const step = Array.from({ length: steps }, (_, k) => k);
  const fall = (k: number) =>
    0.6 * Math.exp(-k / 9) + 0.003 + 0.02 * Math.exp(-k / 25) * Math.abs(Math.sin(k));
  return {
    step,
    train: step.map(fall),
    val: step.map((k) => fall(k) * (1.12 + 0.05 * Math.sin(k / 3))),
    events: steps > 30 ? [{ step: 30, label: "prune at 0.03" }] : [],
  };
}

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
  });
  model.set("formula_latex", options.get("latex") ?? FORMULAS[Math.min(symbolic, 3)]);
  model.set("formula_error", {
    shown: 2.1e-4,
    full: 3e-16,
    digits: 4,
    numeric_edges: Math.max(0, 3 - symbolic),
    text: "",
  });
}

function remember(model: FakeModel, label: string): void {
  const { nodes, current } = model.get("history");
  const id = nodes.length;
  const node = { id, parent: nodes.length ? current : null, label, train: 0.0028, val: 0.0031, edges: 15 };
  model.set("history", { undo: id > 0 ? label : null, redo: null, current: id, nodes: [...nodes, node] });
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
  remember(model, "train");
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
      warning: name === "1/x" ? "It has a pole at 0, inside the data." : "",
    })),
  };
}

function kernel(message: Sent, model: FakeModel): void {
  if (options.has("silent")) return;
  const { id, command, args } = message;
  const key = String(args.edge);
  const ok = (label: string) => {
    publish(model);
    remember(model, label);
    model.reply(id, { ok: true });
  };
  if (command === "train") train(model, message);
  else if (command === "stop") {
    stopping();
    model.reply(id, { ok: true });
  } else if (command === "suggest") model.reply(id, { ok: true, result: suggestions(args.edge) });
  else if (command === "fix_symbolic") {
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
  } else model.reply(id, { ok: false, error: `The fake kernel does not know the command ${command}.` });
}

document.body.dataset.jpThemeLight = String(options.get("theme") !== "dark");
document.body.style.background = options.get("theme") === "dark" ? "#111" : "#fff";
const model = new FakeModel(
  { steps: 50, lamb: 0.001, losses: lossesUpTo(Number(options.get("steps") ?? 50)) },
  kernel,
);
publish(model);
remember(model, "start");
remember(model, "train");
for (const place of document.querySelectorAll<HTMLElement>(".place")) {
  place.style.width = `${options.get("width") ?? 1000}px`;
  widget.render({ model, el: place });
}
Object.assign(window, { model });
