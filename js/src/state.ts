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
export function stateOf(model: Model) {
  const undoers: (() => void)[] = [];
  const traits = Object.fromEntries(
    (Object.keys(DEFAULTS) as (keyof Traits)[]).map((name) => {
      const mirrored = signal(readTrait(model, name));
      const update = () => {
        mirrored.value = readTrait(model, name);
      };
      model.on(`change:${name}`, update);
      undoers.push(() => model.off(`change:${name}`, update));
      return [name, mirrored];
    }),
  ) as unknown as TraitSignals;
  const { status, message } = traits;
  const is = (which: Traits["status"]) => computed(() => status.value === which);

  /** The live network's. */
  const scene = signal<Scene | null>(null);
  /** The settled scene before the last action, whose curves stay as ghosts. */
  const before = signal<Scene | null>(null);
  /** A state that the person looks back at, without going there. */
  const preview = signal<Preview | null>(null);
  /** The scene on the canvas. */
  const shown = computed(() => preview.value?.scene ?? scene.value);
  /** Edges chosen together, besides `selected`, to act on all of them. */
  const chosen = signal<readonly EdgeIndex[]>([]);
  /** The node that the arrow keys walk from; null while they walk the edges. */
  const atNode = signal<NodeIndex | null>(null);
  const note: Signal<Note | null> = signal(null);
  /** Whether the kernel is not there. */
  const lost = signal(false);
  const training = is("training");
  const paused = is("paused");
  const searching = is("searching");
  /** Whether there is something to stop. */
  const running = computed(() => !lost.value && (training.value || paused.value || searching.value));
  let settled: Settled | null = null;

  /** Says what went wrong, and returns it. */
  const report = (error: unknown): string => {
    const text = error instanceof Error ? error.message : String(error);
    // the session may have said it, and how grave it is
    if (note.peek()?.text !== text) note.value = { kind: "error", text };
    return text;
  };

  const acceptScene = (bytes: DataView | null) => {
    if (!bytes || bytes.byteLength === 0) return;
    try {
      const current = scene.peek();
      const newer = newerScene(current, decodeScene(bytes));
      if (newer === current) return;
      batch(() => {
        keepBefore(newer);
        scene.value = newer;
      });
    } catch (error) {
      report(error);
    }
  };

  /** One action makes one state of the history; what comes while it runs is on the way there. */
  const keepBefore = (newer: Scene) => {
    // The model's own values: the signals of traits from the same message may follow later.
    const node = readTrait(model, "history").current;
    const underway = readTrait(model, "status") !== "idle";
    if (settled && (underway || node !== settled.node)) before.value = settled.scene;
    if (!underway) settled = { scene: newer, node };
  };

  let seen = 0;
  let widths = "";
  undoers.push(
    effect(() => acceptScene(traits.scene.value)),
    // In a network of other widths the same numbers are other edges and nodes.
    effect(() => {
      const now = String(scene.value?.widths ?? "");
      if (now === widths) return;
      widths = now;
      chosen.value = [];
      atNode.value = null;
    }),
    effect(() => {
      const next = nextNote(note.peek(), seen, message.value);
      seen = next.seen;
      note.value = next.note;
    }),
  );

  return {
    traits,
    scene,
    before,
    preview,
    shown,
    chosen,
    atNode,
    note,
    lost,
    training,
    paused,
    searching,
    running,
    report,
    /** Whether keys led to where the person is, so that it is read out beside it. */
    byKeys: signal(false),
    tableOpen: signal(false),
    /** Edges pointed at in a panel, such as by a term of the formula; they are lit on the canvas. */
    pointed: signal<readonly EdgeIndex[]>([]),
    menu: signal<Menu>(null),
    helpOpen: signal(false),
    guideOpen: signal(false),
    /** Whether the curves before the last action are drawn behind those of now. */
    ghosts: signal(true),
    /** Whether things move: as the system wishes, or not at all. */
    motion: signal<"system" | "still">("system"),
    /** The threshold under the person's finger while the prune slider is dragged. */
    pruneDraft: signal<number | null>(null),
    set<K extends keyof Traits>(name: K, value: Traits[K]): void {
      model.set(name, value);
      model.save_changes();
    },
    dispose(): void {
      for (const undo of undoers) undo();
    },
  };
}

export type State = ReturnType<typeof stateOf>;
