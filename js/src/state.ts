import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { DEFAULTS, type Message, type Model, type Traits } from "./model.ts";
import { decodeScene, type EdgeIndex, type Scene } from "./protocol.ts";

type TraitSignals = { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };

export type Note = { kind: Exclude<Message["kind"], "">; text: string; silence?: boolean };

export type Menu = { edge: EdgeIndex; byKeyboard: boolean } | { layer: number; node: number } | null;

/** A scene older than the one on the canvas arrives late and is dropped. */
export function newerScene(current: Scene | null, next: Scene): Scene {
  return current && next.version < current.version ? current : next;
}

/** What the message line shows after a `message` trait: each has a higher seq than the one before. */
export function nextNote(
  note: Note | null,
  seen: number,
  message: Message,
): { note: Note | null; seen: number } {
  if (message.seq <= seen) return { note, seen };
  const shown = message.kind && message.text ? { kind: message.kind, text: message.text } : null;
  return { note: shown, seen: message.seq };
}

/** One view's picture of the model: a signal for each trait, and what only this view knows. */
export class State {
  readonly traits: TraitSignals;
  readonly scene = signal<Scene | null>(null);
  readonly note: Signal<Note | null> = signal(null);
  readonly menu: Signal<Menu> = signal(null);
  readonly helpOpen = signal(false);
  /** The threshold under the person's finger while the prune slider is dragged. */
  readonly pruneDraft = signal<number | null>(null);
  readonly training = computed(() => this.traits.status.value === "training");
  readonly paused = computed(() => this.traits.status.value === "paused");
  readonly searching = computed(() => this.traits.status.value === "searching");
  /** Whether there is something to stop. */
  readonly running = computed(() => this.training.value || this.paused.value || this.searching.value);

  private readonly undoers: (() => void)[] = [];

  constructor(private readonly model: Model) {
    const names = Object.keys(DEFAULTS) as (keyof Traits)[];
    this.traits = Object.fromEntries(
      names.map((name) => [name, this.mirror(name)]),
    ) as unknown as TraitSignals;
    let seen = 0;
    this.undoers.push(
      effect(() => this.acceptScene(this.traits.scene.value)),
      effect(() => {
        const message = this.traits.message.value;
        const next = nextNote(this.note.peek(), seen, message);
        seen = next.seen;
        this.note.value = next.note;
      }),
    );
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.model.set(name, value);
    this.model.save_changes();
  }

  report(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (this.note.peek()?.text === text) return; // the session has said it, and how grave it is
    this.note.value = { kind: "error", text };
  }

  dispose(): void {
    for (const undo of this.undoers) undo();
  }

  private mirror<K extends keyof Traits>(name: K): Signal<Traits[K]> {
    const read = () => this.model.get(name) ?? DEFAULTS[name];
    const mirrored = signal<Traits[K]>(read());
    const update = () => {
      mirrored.value = read();
    };
    this.model.on(`change:${name}`, update);
    this.undoers.push(() => this.model.off(`change:${name}`, update));
    return mirrored;
  }

  private acceptScene(bytes: DataView | null): void {
    if (!bytes || bytes.byteLength === 0) return;
    try {
      this.scene.value = newerScene(this.scene.peek(), decodeScene(bytes));
    } catch (error) {
      this.report(error);
    }
  }
}
