import { DEFAULTS, type Model, type Traits } from "../src/model.ts";
import type { Scene } from "../src/protocol.ts";
import { encodeScene } from "./encode.ts";

export interface Sent {
  id: number;
  command: string;
  args: Record<string, unknown>;
}

type Listener = (...args: never[]) => void;

/** Stands in for anywidget's model: keeps what is sent, and lets a script play the kernel's part. */
export class FakeModel implements Model {
  readonly sent: Sent[] = [];
  /** What the views say of themselves. */
  readonly attention: Record<string, unknown>[] = [];
  saves = 0;
  private readonly values: Traits;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(
    values: Partial<Traits> = {},
    private readonly answer: (message: Sent, model: FakeModel) => void = () => {},
  ) {
    this.values = { ...DEFAULTS, ...values };
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.values[name];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.values[name] = value;
    this.emit(`change:${name}`);
    this.emit("change");
  }

  setScene(scene: Scene): void {
    this.set("scene", encodeScene(scene));
    this.set("version", scene.version);
  }

  save_changes(): void {
    this.saves++;
  }

  on(event: string, callback: Listener): void {
    const heard = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, heard.add(callback));
  }

  off(event: string, callback: Listener): void {
    this.listeners.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    if ("view" in (content as object)) {
      this.attention.push(content as Record<string, unknown>);
      return;
    }
    const message = content as Sent;
    this.sent.push(message);
    this.answer(message, this);
  }

  reply(
    id: number,
    reply: { ok: true; result?: unknown } | { ok: false; error: string },
    buffers: DataView[] = [],
  ): void {
    this.emit("msg:custom", { id, ...reply }, buffers);
  }

  /** Lets the notebook tell something of the model, such as that its line to the kernel changed. */
  tell(event: string): void {
    this.emit(event);
  }

  get listenerCount(): number {
    return [...this.listeners.values()].reduce((sum, heard) => sum + heard.size, 0);
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.listeners.get(event) ?? [])])
      (callback as (...a: unknown[]) => void)(...args);
  }
}
