import { batch, signal } from "@preact/signals";
import type { Commands } from "./commands.ts";
import { decodeScene, type EdgeIndex, type Scene } from "./protocol.ts";
import type { Preview, State } from "./state.ts";

/** What can be asked of the history, and written into it. */
export interface PastArgs {
  jump: { number: number };
  rename: { number: number; text: string };
  annotate: { number: number; note: string };
  pin: { number: number; pinned: boolean };
  look: { number: number };
  compare: { a: number; b: number };
  script: { form: "python" | "notebook"; path?: string };
  save: { path: string };
}

export interface Sight {
  number: number;
  label: string;
  latex: string;
  losses: Record<string, number | null>;
}

type Pair<T> = [before: T, after: T];

export interface EdgeChange {
  edge: EdgeIndex;
  function: Pair<string>;
  change: number | null;
}

/** What differs between two states; the lists of edges are as in Python's `Comparison`. */
export interface Differences {
  same: boolean;
  removed: EdgeIndex[];
  restored: EdgeIndex[];
  gone: EdgeIndex[];
  added: EdgeIndex[];
  functions: EdgeChange[];
  constants: EdgeChange[];
  curves: EdgeChange[];
  losses: Record<string, Pair<number | null>>;
  complexity: Pair<number>;
  edges: Pair<number>;
  text: string;
  ends: Pair<Sight>;
}

interface Drawn {
  buffers: DataView[];
}

export interface PastResults {
  look: Sight & Drawn;
  compare: Differences & Drawn;
  script: unknown;
  save: string;
}

export type Compared = Differences & { scenes: Pair<Scene> };

/** Milliseconds that a state is pointed at before it is shown; less once one is. */
const PATIENCE = 120;
const QUICK = 40;
/** Bytes of curves that seen states may take. */
const MOST_BYTES = 24e6;

export type Past = ReturnType<typeof pastOf>;

/** Looks at past states, goes to them, and writes on them. */
export function pastOf(state: State, commands: Commands) {
  /** Two states that are shown side by side. */
  const compared = signal<Pair<number> | null>(null);
  const seen = new Map<string, Preview>();
  const refused = new Set<string>();
  const { preview } = state;
  let wanted: number | null = null;
  let asking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a state in place of the live one, after a moment; null goes back at once. */
  const look = (id: number | null) => {
    const live = id === null || (id === state.traits.history.peek().current && !state.running.peek());
    wanted = live ? null : id;
    clearTimeout(timer);
    if (live) preview.value = null;
    else if (preview.peek()?.id !== id) timer = setTimeout(show, preview.peek() ? QUICK : PATIENCE);
  };

  /** Shows the wanted state, of which the kernel is asked for one at a time. */
  const show = async () => {
    const id = wanted;
    if (id === null) return;
    const key = `${id} ${state.traits.metric.peek()}`;
    const known = seen.get(key);
    if (known) preview.value = known;
    if (known || asking || refused.has(key)) return;
    asking = true;
    try {
      const { buffers, latex } = await commands.send("look", { number: id });
      const found = { id, latex, scene: decodeScene(buffers[0]) };
      if (latex) keep(key, found); // one without may still be being written
      if (wanted === id) preview.value = found;
    } catch (error) {
      refused.add(key);
      state.report(error);
    }
    asking = false;
    if (wanted !== id) void show();
  };

  const keep = (key: string, found: Preview) => {
    seen.set(key, found);
    let bytes = 0;
    for (const { scene } of seen.values()) bytes += scene.curve.byteLength;
    for (const [oldest, { scene }] of seen) {
      if (bytes <= MOST_BYTES || oldest === key) break;
      bytes -= scene.curve.byteLength;
      seen.delete(oldest);
    }
  };

  const done = (reply: Promise<unknown>) =>
    reply.then(
      () => true,
      (error) => {
        state.report(error);
        return false;
      },
    );

  return {
    compared,
    look,
    async jump(id: number): Promise<boolean> {
      const there = await done(commands.send("jump", { number: id }));
      look(null);
      return there;
    },
    rename: (id: number, text: string) => done(commands.send("rename", { number: id, text })),
    annotate: (id: number, note: string) => done(commands.send("annotate", { number: id, note })),
    pin: (id: number, pinned: boolean) => done(commands.send("pin", { number: id, pinned })),
    openComparison(a: number, b: number): void {
      batch(() => {
        look(null);
        compared.value = [a, b];
      });
    },
    async compare(a: number, b: number): Promise<Compared> {
      const { buffers, ...found } = await commands.send("compare", { a, b });
      return { ...found, scenes: [decodeScene(buffers[0]), decodeScene(buffers[1])] };
    },
    /** The session as text; refused with a sentence where it needs a file and there is no path for one. */
    async script(form: "python" | "notebook", path?: string): Promise<string> {
      const told = await commands.send("script", path === undefined ? { form } : { form, path });
      return typeof told === "string" ? told : JSON.stringify(told, null, 1);
    },
    /** Writes the session into a file; returns where that is. */
    save: (path: string) => commands.send("save", { path }),
    dispose(): void {
      clearTimeout(timer);
      wanted = null;
    },
  };
}
