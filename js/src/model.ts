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
  /** ⇄ */ selected: EdgeIndex | null;
  /** ⇄ */ theme: "auto" | "light" | "dark";
  /** ⇄ */ lang: string;
  version: number;
  status: "idle" | "training" | "paused" | "searching" | "busy";
  step: number;
  total_steps: number;
  losses: Losses;
  summary: Summary;
  formula_latex: string;
  formula_error: FormulaError;
  history: History;
  message: Message;
  scene: DataView | null;
}

export interface Losses {
  step: number[];
  train: number[];
  val: number[];
  events: { step: number; label: string }[];
}

export interface Summary {
  edges: number;
  alive: number;
  symbolic: number;
  train_loss: number | null;
  val_loss: number | null;
  test_loss: number | null;
  outside: string;
}

export interface FormulaError {
  shown: number | null;
  full: number | null;
  digits: number;
  numeric_edges: number;
  text: string;
}

export interface HistoryNode {
  id: number;
  parent: number | null;
  label: string;
  train: number | null;
  val: number | null;
  edges: number;
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
  selected: null,
  theme: "auto",
  lang: "en",
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
  history: { undo: null, redo: null, current: 0, nodes: [] },
  message: { kind: "", text: "", seq: 0 },
  scene: null,
};
