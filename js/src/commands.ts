import type { Model } from "./model.ts";
import type { EdgeIndex } from "./protocol.ts";

/** Optimizers without a learning rate to set. */
export const WITHOUT_RATE = ["LM", "auto"];

/** Every command that the session understands, with its arguments. */
export interface CommandArgs {
  train: { steps: number; optimizer: string; lamb: number; lamb_entropy: number; lr?: number };
  auto: Record<string, never>;
  stop: Record<string, never>;
  cancel: Record<string, never>;
  pause: Record<string, never>;
  resume: Record<string, never>;
  undo: Record<string, never>;
  redo: Record<string, never>;
  prune: { threshold: number; metric: string };
  suggest: { edge: EdgeIndex };
  fix_symbolic: { edge: EdgeIndex; function: string };
  unfix_symbolic: { edge: EdgeIndex };
  remove_edge: { edge: EdgeIndex };
  restore_edge: { edge: EdgeIndex };
  remove_node: { layer: number; node: number };
  restore_node: { layer: number; node: number };
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
  /** How much the validation loss would grow; null where that is not known. */
  loss_change: number | null;
}

export interface Suggestions {
  edge: EdgeIndex;
  x: number[];
  y: (number | null)[];
  candidates: Candidate[];
}

export type Result<C extends Command> = C extends "suggest" ? Suggestions : unknown;

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
export class Commands {
  private readonly pending = new Map<number, Pending>();
  // Every view of a model hears every reply, also those in another tab: ids must not meet.
  private lastId = Math.floor(Math.random() * 2 ** 40) * 1024;

  constructor(
    private readonly model: Model,
    private readonly onSilence: () => void,
    private readonly onReply: () => void,
  ) {
    model.on("msg:custom", this.receive);
  }

  send<C extends Command>(command: C, args: CommandArgs[C]): Promise<Result<C>> {
    const id = ++this.lastId;
    return new Promise<Result<C>>((resolve, reject) => {
      const timer = setTimeout(this.onSilence, SILENCE_MS);
      this.pending.set(id, { command, resolve: resolve as (result: unknown) => void, reject, timer });
      try {
        this.model.send({ id, command, args });
      } catch (error) {
        this.pending.delete(id);
        clearTimeout(timer);
        reject(error);
      }
    });
  }

  /** A training and a search reply only at their end: any change of the model shows that they run. */
  noteLife(): void {
    for (const pending of this.pending.values()) {
      if (pending.command === "train" || pending.command === "auto") clearTimeout(pending.timer);
    }
  }

  dispose(): void {
    this.model.off("msg:custom", this.receive);
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
  }

  private readonly receive = (reply: Reply): void => {
    const pending = this.pending.get(reply?.id);
    if (!pending) return;
    this.pending.delete(reply.id);
    clearTimeout(pending.timer);
    this.onReply();
    if (reply.ok) pending.resolve(reply.result);
    else pending.reject(new Error(reply.error));
  };
}
