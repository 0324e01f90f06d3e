import type { Model } from "./model.ts";
import type { PastArgs, PastResults } from "./past.ts";
import type { EdgeIndex } from "./protocol.ts";

/** Optimizers without a learning rate to set. */
export const WITHOUT_RATE = ["LM", "auto"];

/** Every command that the session understands, with its arguments. */
export interface CommandArgs extends PastArgs {
  train: { steps: number; optimizer: string; lamb: number; lamb_entropy: number; lr?: number };
  auto: Record<string, never>;
  stop: Record<string, never>;
  cancel: Record<string, never>;
  pause: Record<string, never>;
  resume: Record<string, never>;
  step: Record<string, never>;
  ping: Record<string, never>;
  act: { method: string; values: Record<string, unknown> };
  preview_refine: { new_grid: number; edge?: EdgeIndex };
  undo: Record<string, never>;
  redo: Record<string, never>;
  prune: { threshold: number; metric: string };
  suggest: { edge: EdgeIndex };
  export_page: { settings: Record<string, unknown> };
  proposals: Record<string, never>;
  snap: { edge: EdgeIndex; constant: string; p: number; q: number; base: string };
  snap_all: Record<string, never>;
  export: { target: Target; digits?: number };
  inspect: { edge: EdgeIndex };
  define_function: { text: string };
  set_constant: { edge: EdgeIndex; constant: string; value: string; lock: boolean };
  lock_constant: { edge: EdgeIndex; constant: string };
  unlock_constant: { edge: EdgeIndex; constant: string };
  move_point: { edge: EdgeIndex; index: number; value: number; refit: boolean };
  fix_symbolic: { edge: EdgeIndex; function: string };
  unfix_symbolic: { edge: EdgeIndex };
  remove_edge: { edge: EdgeIndex };
  restore_edge: { edge: EdgeIndex };
  remove_node: { layer: number; node: number };
  restore_node: { layer: number; node: number };
  remove_edges: { edges: readonly EdgeIndex[] };
  restore_edges: { edges: readonly EdgeIndex[] };
  lock_edges: { edges: readonly EdgeIndex[] };
  unlock_edges: { edges: readonly EdgeIndex[] };
  fix_edges: { edges: readonly EdgeIndex[]; function: string };
  unfix_edges: { edges: readonly EdgeIndex[] };
  name_node: { layer: number; node: number; text: string };
  cost_of_removing: { edges: readonly EdgeIndex[] };
  cost_of_node: { layer: number; node: number };
  functions_for: { edges: readonly EdgeIndex[] };
}

export type Command = keyof CommandArgs;

export interface Candidate {
  function: string;
  r2: number;
  complexity: number;
  latex: string;
  /** null where the function has no value. */
  curve: (number | null)[];
  warning: string;
  /** How it leaves the range of the data; empty where it goes on in proportion. */
  outside: string;
  /** How much the validation loss would grow; null where that is not known. */
  loss_change: number | null;
}

/** null where there is no value. */
export type Values = readonly (number | null)[];

export interface ControlPoint {
  x: number;
  y: number;
  /** Raising the point by 1 adds `basis` to the curve, from its place `first` on. */
  first: number;
  basis: number[];
}

export interface Constant {
  name: string;
  value: number | null;
  /** As a person would type it: pi/2. */
  text: string;
  locked: boolean;
}

/** Everything of one edge; `kanwidget/inspecting.py` says what each is. */
export interface Inspection {
  edge: EdgeIndex;
  kind: number;
  locked: boolean;
  data: [number, number];
  grid: [number, number];
  x: number[];
  y: Values;
  slope: Values;
  density: number[];
  samples: { x: Values; y: Values; wanted: Values };
  knots: number[];
  points: ControlPoint[];
  function: string;
  latex: string;
  constants: Constant[];
  r2: number | null;
  warnings: string[];
}

export interface Suggestions {
  edge: EdgeIndex;
  x: number[];
  y: (number | null)[];
  candidates: Candidate[];
  /** Why there are no candidates, where none were sought. */
  because?: string;
}

/** What a finer grid would bring and cost; null is what would have been too much to measure. */
export interface RefinePreview {
  grid: number[];
  parameters: [before: number, after: number];
  seconds: [before: number, after: number] | null;
  difference: number | null;
  size: number | null;
  edge: EdgeIndex | null;
  x: number[];
  y: number[];
  old: number[];
  new: number[] | null;
}

/** Languages that the formula can be written in. */
export const TARGETS = ["latex", "sympy", "numpy", "torch", "javascript", "c"] as const;
export type Target = (typeof TARGETS)[number];

/** A number, p/q · base, that a constant of an edge may be set to. */
export interface Proposal {
  edge: EdgeIndex;
  constant: string;
  p: number;
  q: number;
  base: string;
  before: number;
  value: number;
  /** Squares of validation losses; null where there is none. */
  loss_before: number | null;
  loss_after: number | null;
  holds: boolean;
}

/** Validation losses; null where one is not finite. */
export interface CostOfRemoving {
  removed: number;
  loss_before: number | null;
  loss_after: number | null;
}

/** Validation losses, and how many edges lead to the node and from it. */
export interface CostOfNode {
  loss_before: number | null;
  loss_without: number | null;
  loss_with: number | null;
  edges: [into: number, outOf: number];
  live: [into: number, outOf: number];
}

/** A function, and R² of the edge that it fits worst. */
export interface FunctionFor {
  function: string;
  r2: number;
}

interface Answers extends PastResults {
  suggest: Suggestions;
  proposals: Proposal[];
  export: string;
  preview_refine: RefinePreview;
  cost_of_removing: CostOfRemoving;
  cost_of_node: CostOfNode;
  functions_for: FunctionFor[];
  export_page: string;
  inspect: Inspection;
  define_function: string;
}

export type Result<C extends Command> = C extends keyof Answers ? Answers[C] : unknown;

type Reply = { id: number; ok: true; result?: unknown } | { id: number; ok: false; error: string };

interface Pending {
  command: Command;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export const SILENCE_MS = 10_000;

/**
 * Sends commands to the session and settles one promise for each when its reply arrives.
 * A command without any sign of life for ten seconds is reported through `onSilence`, and stays pending.
 */
export function commandsOf(model: Model, onSilence: () => void, onReply: () => void) {
  const pending = new Map<number, Pending>();
  // Every view of a model hears every reply, also those in another tab: ids must not meet.
  let lastId = Math.floor(Math.random() * 2 ** 40) * 1024;

  const receive = (reply: Reply, buffers: DataView[] = []) => {
    const asked = pending.get(reply?.id);
    if (!asked) return;
    pending.delete(reply.id);
    clearTimeout(asked.timer);
    onReply();
    if (!reply.ok) asked.reject(new Error(reply.error));
    else asked.resolve(buffers.length > 0 ? { ...(reply.result as object), buffers } : reply.result);
  };
  model.on("msg:custom", receive);

  const post = <C extends Command>(
    command: C,
    args: CommandArgs[C],
    timer?: ReturnType<typeof setTimeout>,
  ): Promise<Result<C>> => {
    const id = ++lastId;
    return new Promise<Result<C>>((resolve, reject) => {
      pending.set(id, { command, resolve: resolve as (result: unknown) => void, reject, timer });
      try {
        model.send({ id, command, args });
      } catch (error) {
        pending.delete(id);
        clearTimeout(timer);
        reject(error);
      }
    });
  };

  return {
    send: <C extends Command>(command: C, args: CommandArgs[C]): Promise<Result<C>> =>
      post(command, args, setTimeout(onSilence, SILENCE_MS)),
    /** Whether the session answers within some milliseconds. */
    ping: (patience: number) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, patience, false);
        const answer = (isThere: boolean) => () => {
          clearTimeout(timer);
          resolve(isThere);
        };
        post("ping", {}).then(answer(true), answer(false));
      }),
    /** A training and a search reply only at their end: any change of the model shows that they run. */
    noteLife(): void {
      for (const { command, timer } of pending.values()) {
        if (command === "train" || command === "auto") clearTimeout(timer);
      }
    },
    dispose(): void {
      model.off("msg:custom", receive);
      for (const { timer } of pending.values()) clearTimeout(timer);
      pending.clear();
    },
  };
}

export type Commands = ReturnType<typeof commandsOf>;
