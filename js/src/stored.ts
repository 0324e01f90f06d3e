import { translator } from "./i18n.ts";
import { DEFAULTS, type History, type HistoryNode, type Model, type Traits } from "./model.ts";

/** What `kanwidget/widget/standalone.py` writes into a page. */
export interface Page {
  settings: Partial<Traits>;
  history: History;
  current: number;
  /** States of the session that are not in the page. */
  left_out: number;
  made: string;
  values: unknown[];
  /** For every state where the values of its traits stand; that of `scene` is base64. */
  states: Record<string, Partial<Record<keyof Traits, number>>>;
  /** For the nearest states where the inspections of their edges stand. */
  inspections?: Record<string, Record<string, number>>;
}

type Listener = (...args: never[]) => void;
type Asked = { number?: number; edge?: readonly number[] };
type Reply = { result?: unknown; buffers?: DataView[] };

/**
 * The model of a page without a kernel: it goes from one stored state to another, and refuses all else in a
 * sentence.
 */
export class Stored implements Model {
  private readonly traits: Traits;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly nodes: Map<number, HistoryNode>;
  private version = 0;
  private said = 0;

  constructor(private readonly page: Page) {
    this.nodes = new Map(page.history.nodes.map((node) => [node.id, { ...node }]));
    this.traits = { ...DEFAULTS, ...page.settings };
    this.arrive(page.current);
    const { made, left_out } = page;
    this.say(
      "info",
      left_out > 0 ? this.t("pageOfSome", { made, count: left_out }) : this.t("page", { made }),
    );
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.traits[name];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    if (name === "metric") this.say("warning", this.t("noKernel"));
    else this.traits[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes(): void {}

  on(event: string, callback: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(callback));
  }

  off(event: string, callback: Listener): void {
    this.listeners.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    const { id, command, args } = content as { id?: number; command?: string; args?: Asked };
    if (id === undefined || command === undefined) return;
    queueMicrotask(() => {
      try {
        const { result, buffers = [] } = this.answer(command, args ?? {});
        this.emit("msg:custom", { id, ok: true, result }, buffers);
      } catch (error) {
        const sentence = (error as Error).message;
        this.say("warning", sentence);
        this.emit("msg:custom", { id, ok: false, error: sentence }, []);
      }
    });
  }

  private answer(command: string, { number = -1, edge = [] }: Asked): Reply {
    switch (command) {
      case "undo":
        this.go(this.above());
        return {};
      case "redo":
        this.go(this.below());
        return {};
      case "jump":
        this.go(number);
        return {};
      case "look":
        return this.look(number);
      case "inspect":
        return { result: this.inspection(edge) };
      case "suggest":
        return { result: { edge, x: [], y: [], candidates: [], because: this.t("notRanked") } };
      default:
        throw new Error(this.t("noKernel"));
    }
  }

  private inspection(edge: readonly number[]): unknown {
    const place = this.page.inspections?.[this.traits.history.current]?.[edge.join()];
    if (place === undefined) throw new Error(this.t("notInspected", { edge: edge.join(", ") }));
    return this.page.values[place];
  }

  private look(number: number): Reply {
    const read = this.reader(number);
    const { train_loss, val_loss, test_loss } = read("summary");
    const result = {
      number,
      label: this.nodes.get(number)?.label ?? "",
      latex: read("formula_latex"),
      losses: { train_loss, val_loss, test_loss },
    };
    return { result, buffers: [this.sceneOf(number)] };
  }

  private go(number: number): void {
    this.reader(number);
    for (let node = this.nodes.get(number); node && node.parent !== null; ) {
      const parent = this.nodes.get(node.parent);
      if (parent) parent.redo = node.id;
      node = parent;
    }
    const before = { ...this.traits };
    this.arrive(number);
    for (const name of Object.keys(this.traits) as (keyof Traits)[]) {
      if (this.traits[name] !== before[name]) this.emit(`change:${name}`);
    }
  }

  /** Takes the traits of a state. */
  private arrive(number: number): void {
    const read = this.reader(number);
    for (const name of Object.keys(this.page.states[number]) as (keyof Traits)[]) {
      if (name !== "scene") Object.assign(this.traits, { [name]: read(name) });
    }
    this.traits.scene = this.sceneOf(number);
    this.traits.version = this.version;
    const node = this.nodes.get(number) as HistoryNode;
    this.traits.history = {
      ...this.page.history,
      nodes: [...this.nodes.values()],
      current: number,
      undo: node.parent === null ? null : node.label,
      redo: this.nodes.get(node.redo ?? -1)?.label ?? null,
    };
    this.traits.selected = null;
  }

  /** The next state upward that is in the page. */
  private above(): number {
    let node = this.here();
    while (node.parent !== null) {
      const parent = this.nodes.get(node.parent);
      if (!parent) break;
      if (this.page.states[parent.id]) return parent.id;
      node = parent;
    }
    throw new Error(this.t("notInPage", { label: this.here().label }));
  }

  private below(): number {
    let node = this.here();
    for (;;) {
      const child = this.nodes.get(node.redo ?? -1);
      if (!child) throw new Error(this.t("notInPage", { label: node.label }));
      if (this.page.states[child.id]) return child.id;
      node = child;
    }
  }

  private here(): HistoryNode {
    return this.nodes.get(this.traits.history.current) as HistoryNode;
  }

  private reader(number: number): <K extends keyof Traits>(name: K) => Traits[K] {
    const places = this.page.states[number];
    if (!places) throw new Error(this.t("notInPage", { label: this.nodes.get(number)?.label ?? number }));
    return (name) => (places[name] === undefined ? DEFAULTS[name] : this.page.values[places[name]]) as never;
  }

  /** The scene of a state, with a version higher than all before it. */
  private sceneOf(number: number): DataView {
    const text = atob(this.reader(number)("scene") as unknown as string);
    const view = new DataView(Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
    view.setUint32(8, ++this.version, true);
    return view;
  }

  private say(kind: "info" | "warning", text: string): void {
    this.traits.message = { kind, text, seq: ++this.said };
    this.emit("change:message");
  }

  private t(...args: Parameters<ReturnType<typeof translator>>): string {
    return translator(this.traits.lang)(...args);
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.listeners.get(event) ?? [])])
      (callback as (...a: unknown[]) => void)(...args);
  }
}
