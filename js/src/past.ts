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

/** Looks at past states, goes to them, and writes on them. */
export class Past {
  /** Two states that are shown side by side. */
  readonly compared = signal<Pair<number> | null>(null);

  private readonly seen = new Map<string, Preview>();
  private readonly refused = new Set<string>();
  private wanted: number | null = null;
  private asking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly state: State,
    private readonly commands: Commands,
  ) {}

  /** Shows a state in place of the live one, after a moment; null goes back at once. */
  look(id: number | null): void {
    const current = this.state.traits.history.peek().current;
    const live = id === null || (id === current && !this.state.running.peek());
    this.wanted = live ? null : id;
    clearTimeout(this.timer);
    if (live) this.state.preview.value = null;
    else if (this.state.preview.peek()?.id !== id) {
      this.timer = setTimeout(() => this.show(), this.state.preview.peek() ? QUICK : PATIENCE);
    }
  }

  async jump(id: number): Promise<boolean> {
    const done = await this.done(this.commands.send("jump", { number: id }));
    this.look(null);
    return done;
  }

  rename(id: number, text: string): Promise<boolean> {
    return this.done(this.commands.send("rename", { number: id, text }));
  }

  annotate(id: number, note: string): Promise<boolean> {
    return this.done(this.commands.send("annotate", { number: id, note }));
  }

  pin(id: number, pinned: boolean): Promise<boolean> {
    return this.done(this.commands.send("pin", { number: id, pinned }));
  }

  openComparison(a: number, b: number): void {
    batch(() => {
      this.look(null);
      this.compared.value = [a, b];
    });
  }

  async compare(a: number, b: number): Promise<Compared> {
    const { buffers, ...found } = await this.commands.send("compare", { a, b });
    return { ...found, scenes: [decodeScene(buffers[0]), decodeScene(buffers[1])] };
  }

  /** The session as text; refused with a sentence where it needs a file and there is no path for one. */
  async script(form: "python" | "notebook", path?: string): Promise<string> {
    const told = await this.commands.send("script", path === undefined ? { form } : { form, path });
    return typeof told === "string" ? told : JSON.stringify(told, null, 1);
  }

  /** Writes the session into a file; returns where that is. */
  save(path: string): Promise<string> {
    return this.commands.send("save", { path });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.wanted = null;
  }

  /** Shows the wanted state, of which the kernel is asked for one at a time. */
  private async show(): Promise<void> {
    const id = this.wanted;
    if (id === null) return;
    const key = `${id} ${this.state.traits.metric.peek()}`;
    const known = this.seen.get(key);
    if (known) this.state.preview.value = known;
    if (known || this.asking || this.refused.has(key)) return;
    this.asking = true;
    try {
      const { buffers, latex } = await this.commands.send("look", { number: id });
      const preview = { id, latex, scene: decodeScene(buffers[0]) };
      if (latex) this.keep(key, preview); // one without may still be being written
      if (this.wanted === id) this.state.preview.value = preview;
    } catch (error) {
      this.refused.add(key);
      this.state.report(error);
    }
    this.asking = false;
    if (this.wanted !== id) void this.show();
  }

  private keep(key: string, preview: Preview): void {
    this.seen.set(key, preview);
    let bytes = 0;
    for (const { scene } of this.seen.values()) bytes += scene.curve.byteLength;
    for (const [oldest, { scene }] of this.seen) {
      if (bytes <= MOST_BYTES || oldest === key) break;
      bytes -= scene.curve.byteLength;
      this.seen.delete(oldest);
    }
  }

  private async done(reply: Promise<unknown>): Promise<boolean> {
    try {
      await reply;
      return true;
    } catch (error) {
      this.state.report(error);
      return false;
    }
  }
}
