import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { DEFAULTS, type Message, type Model, type Traits } from "./model.ts";
import { decodeScene, type EdgeIndex, type Scene } from "./protocol.ts";
import type { NodeIndex } from "./scene/walknodes.ts";

type TraitSignals = { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };

export type Note = { kind: Exclude<Message["kind"], "">; text: string; silence?: boolean };

export type Menu = { edge: EdgeIndex; byKeyboard: boolean } | { layer: number; node: number } | null;

/** A state of the history as it was, shown in place of the live one. */
export interface Preview {
  id: number;
  scene: Scene;
  latex: string;
}

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

/** The live scene after an action has ended, and the state of the history that it shows. */
export interface Settled {
  scene: Scene;
  node: number;
}

function readTrait<K extends keyof Traits>(model: Model, name: K): Traits[K] {
  const value = model.get(name);
  return value === undefined ? DEFAULTS[name] : value; // null is a value of some
}

/** One view's picture of the model: a signal for each trait, and what only this view knows. */
export class State {
  readonly traits: TraitSignals;
  /** The live network's. */
  readonly scene = signal<Scene | null>(null);
  /** The settled scene before the last action, whose curves stay as ghosts. */
  readonly before = signal<Scene | null>(null);
  /** A state that the person looks back at, without going there. */
  readonly preview = signal<Preview | null>(null);
  /** The scene on the canvas. */
  readonly shown = computed(() => this.preview.value?.scene ?? this.scene.value);
  /** Edges chosen together, besides `selected`, to act on all of them. */
  readonly chosen = signal<readonly EdgeIndex[]>([]);
  /** The node that the arrow keys walk from; null while they walk the edges. */
  readonly atNode = signal<NodeIndex | null>(null);
  /** Whether keys led to where the person is, so that it is read out beside it. */
  readonly byKeys = signal(false);
  readonly tableOpen = signal(false);
  /** Edges pointed at in a panel, such as by a term of the formula; they are lit on the canvas. */
  readonly pointed = signal<readonly EdgeIndex[]>([]);
  readonly note: Signal<Note | null> = signal(null);
  readonly menu: Signal<Menu> = signal(null);
  readonly helpOpen = signal(false);
  readonly guideOpen = signal(false);
  /** Whether the kernel is not there. */
  readonly lost = signal(false);
  /** Whether the curves before the last action are drawn behind those of now. */
  readonly ghosts = signal(true);
  /** Whether things move: as the system wishes, or not at all. */
  readonly motion = signal<"system" | "still">("system");
  /** The threshold under the person's finger while the prune slider is dragged. */
  readonly pruneDraft = signal<number | null>(null);
  readonly training = this.is("training");
  readonly paused = this.is("paused");
  readonly searching = this.is("searching");
  /** Whether there is something to stop. */
  readonly running = computed(
    () => !this.lost.value && (this.training.value || this.paused.value || this.searching.value),
  );

  private readonly undoers: (() => void)[] = [];
  private settled: Settled | null = null;

  constructor(private readonly model: Model) {
    const names = Object.keys(DEFAULTS) as (keyof Traits)[];
    this.traits = Object.fromEntries(
      names.map((name) => [name, this.mirror(name)]),
    ) as unknown as TraitSignals;
    const { scene, message } = this.traits;
    let seen = 0;
    let widths = "";
    this.undoers.push(
      effect(() => this.acceptScene(scene.value)),
      // In a network of other widths the same numbers are other edges and nodes.
      effect(() => {
        const now = String(this.scene.value?.widths ?? "");
        if (now === widths) return;
        widths = now;
        this.chosen.value = [];
        this.atNode.value = null;
      }),
      effect(() => {
        const next = nextNote(this.note.peek(), seen, message.value);
        seen = next.seen;
        this.note.value = next.note;
      }),
    );
  }

  private is(status: Traits["status"]): ReadonlySignal<boolean> {
    return computed(() => this.traits.status.value === status);
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** Says what went wrong, and returns it. */
  report(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    // the session may have said it, and how grave it is
    if (this.note.peek()?.text !== text) this.note.value = { kind: "error", text };
    return text;
  }

  dispose(): void {
    for (const undo of this.undoers) undo();
  }

  private mirror<K extends keyof Traits>(name: K): Signal<Traits[K]> {
    const { model } = this;
    const mirrored = signal<Traits[K]>(readTrait(model, name));
    const update = () => {
      mirrored.value = readTrait(model, name);
    };
    model.on(`change:${name}`, update);
    this.undoers.push(() => model.off(`change:${name}`, update));
    return mirrored;
  }

  private acceptScene(bytes: DataView | null): void {
    if (!bytes || bytes.byteLength === 0) return;
    try {
      const current = this.scene.peek();
      const newer = newerScene(current, decodeScene(bytes));
      if (newer === current) return;
      batch(() => {
        this.keepBefore(newer);
        this.scene.value = newer;
      });
    } catch (error) {
      this.report(error);
    }
  }

  /** One action makes one state of the history; what comes while it runs is on the way there. */
  private keepBefore(scene: Scene): void {
    // The model's own values: the signals of traits from the same message may follow later.
    const node = readTrait(this.model, "history").current;
    const underway = readTrait(this.model, "status") !== "idle";
    if (this.settled && (underway || node !== this.settled.node)) this.before.value = this.settled.scene;
    if (!underway) this.settled = { scene, node };
  }
}
