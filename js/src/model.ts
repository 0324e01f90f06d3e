import type { EdgeIndex } from "./protocol.ts";

/** What Python and the front end share; those marked ⇄ may be set from both sides. */
export interface Traits {
  /** ⇄ */ lamb: number;
  /** ⇄ */ lamb_entropy: number;
  /** ⇄ */ prune_threshold: number;
  /** ⇄ */ steps: number;
  /** ⇄ */ optimizer: string;
  /** ⇄ */ lr: number;
  /** ⇄ */ metric: string;
  /** ⇄ Of the formula's numbers; null is all. */ digits: number | null;
  /** ⇄ */ selected: EdgeIndex | null;
  /** ⇄ seconds a step */ slow: number;
  /** ⇄ */ threads: "auto" | number;
  /** ⇄ */ theme: "auto" | "light" | "dark" | "contrast";
  /** ⇄ */ palette: "standard" | "okabe-ito" | "grey";
  /** ⇄ */ lang: string;
  cores: number;
  version: number;
  status: "idle" | "training" | "paused" | "searching" | "busy";
  step: number;
  total_steps: number;
  losses: Losses;
  summary: Summary;
  formula_latex: string;
  formula_error: FormulaError;
  formula_outputs: FormulaOutput[];
  history: History;
  message: Message;
  scene: DataView | null;
}

export interface Losses {
  step: number[];
  train: number[];
  val: number[];
  /** What regularisation added to the loss; empty where it never did. */
  penalty?: number[];
  events: { step: number; label: string; command?: string }[];
  /** First step of the last training. */
  burst?: number;
}

export interface Summary {
  edges: number;
  alive: number;
  symbolic: number;
  train_loss: number | null;
  val_loss: number | null;
  test_loss: number | null;
  outside: string;
  /** Intervals of each layer's splines. */
  grid?: number[];
}

export interface FormulaError {
  shown: number | null;
  full: number | null;
  /** Those that are shown; null is all. */
  digits: number | null;
  numeric_edges: number;
  text: string;
  /** Whether this is the formula of before, because the new one takes long to write. */
  pending?: boolean;
}

/** What is shown of one output. */
export interface FormulaOutput {
  name: string;
  /** With a tag around every edge's term. */
  latex: string;
  shown: number | null;
  full: number | null;
  numeric: number;
}

export interface HistoryNode {
  id: number;
  parent: number | null;
  label: string;
  train: number | null;
  val: number | null;
  edges: number;
  /** What the person calls it; empty where it has no name of its own. */
  name?: string;
  /** What led to it. */
  action?: string;
  complexity?: number | null;
  note?: string;
  pinned?: boolean;
  /** Whether its state is still there. */
  kept?: boolean;
  /** Whether no other state beats it in both complexity and loss. */
  best?: boolean;
  /** When it was made, in seconds since 1970, and how many seconds that took. */
  made?: number;
  seconds?: number;
  /** The state below it that was left last. */
  redo?: number | null;
  /** The losses of a burst of training, thinned. */
  spark?: number[];
}

export interface History {
  undo: string | null;
  redo: string | null;
  current: number;
  nodes: HistoryNode[];
}

export interface Message {
  kind: "" | "info" | "warning" | "error";
  text: string;
  seq: number;
}

/** The part of anywidget's model that this front end uses. */
export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  save_changes(): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
}

/** Values that stand in for traits that a model does not (yet) have. */
export const DEFAULTS: Traits = {
  lamb: 0,
  lamb_entropy: 2,
  prune_threshold: 0,
  steps: 20,
  optimizer: "LBFGS",
  lr: 1,
  metric: "backward",
  digits: 4,
  selected: null,
  slow: 0,
  threads: "auto",
  theme: "auto",
  palette: "standard",
  lang: "en",
  cores: 1,
  version: 0,
  status: "idle",
  step: 0,
  total_steps: 0,
  losses: { step: [], train: [], val: [], events: [] },
  summary: {
    edges: 0,
    alive: 0,
    symbolic: 0,
    train_loss: null,
    val_loss: null,
    test_loss: null,
    outside: "",
  },
  formula_latex: "",
  formula_error: { shown: null, full: null, digits: 4, numeric_edges: 0, text: "" },
  formula_outputs: [],
  history: { undo: null, redo: null, current: 0, nodes: [] },
  message: { kind: "", text: "", seq: 0 },
  scene: null,
};
