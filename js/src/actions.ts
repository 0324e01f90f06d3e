import { batch } from "@preact/signals";
import {
  type Command,
  type CommandArgs,
  type Commands,
  type Result,
  type Suggestions,
  WITHOUT_RATE,
} from "./commands.ts";
import { type EdgeIndex, findEdge, isAlive, isRemovedNode } from "./protocol.ts";
import type { State } from "./state.ts";

/** What a person can do. Each sends one command; a refusal shows on the message line. */
export class Actions {
  constructor(
    private readonly state: State,
    private readonly commands: Commands,
  ) {}

  trainOrStop(): void {
    if (this.state.running.peek()) {
      this.run("stop", {});
      return;
    }
    const { steps, optimizer, lamb, lamb_entropy, lr } = this.state.traits;
    this.run("train", {
      steps: steps.peek(),
      optimizer: optimizer.peek(),
      lamb: lamb.peek(),
      lamb_entropy: lamb_entropy.peek(),
      ...(WITHOUT_RATE.includes(optimizer.peek()) ? {} : { lr: lr.peek() }),
    });
  }

  pauseOrResume(): void {
    this.run(this.state.paused.peek() ? "resume" : "pause", {});
  }

  /** Ends what runs; the state before it comes back. */
  cancel(): void {
    this.run("cancel", {});
  }

  findFormula(): void {
    this.run("auto", {});
  }

  undo(): void {
    if (this.state.traits.history.peek().undo !== null) this.run("undo", {});
  }

  redo(): void {
    if (this.state.traits.history.peek().redo !== null) this.run("redo", {});
  }

  prune(threshold: number): void {
    this.state.set("prune_threshold", threshold);
    this.run("prune", { threshold, metric: this.state.traits.metric.peek() });
  }

  /** The ranked functions of an edge; null when the session refused, which the message line tells. */
  async suggest(edge: EdgeIndex): Promise<Suggestions | null> {
    try {
      return await this.commands.send("suggest", { edge });
    } catch (error) {
      this.state.report(error);
      return null;
    }
  }

  fix(edge: EdgeIndex, name: string): Promise<boolean> {
    return this.run("fix_symbolic", { edge, function: name });
  }

  unfix(edge: EdgeIndex): Promise<boolean> {
    return this.run("unfix_symbolic", { edge });
  }

  /** Removes a live edge, brings a removed one back. */
  toggleEdge(edge: EdgeIndex): Promise<boolean> {
    const scene = this.state.scene.peek();
    const e = scene ? findEdge(scene, edge) : -1;
    const alive = scene !== null && e >= 0 && isAlive(scene, e);
    return this.run(alive ? "remove_edge" : "restore_edge", { edge });
  }

  /** Removes a node with its edges, or brings a removed one back. */
  toggleNode(layer: number, node: number): Promise<boolean> {
    const scene = this.state.scene.peek();
    const removed = scene !== null && isRemovedNode(scene, layer, node);
    return this.run(removed ? "restore_node" : "remove_node", { layer, node });
  }

  select(edge: EdgeIndex | null): void {
    this.state.set("selected", edge ? [...edge] : null);
  }

  openEdge(edge: EdgeIndex, byKeyboard = false): void {
    batch(() => {
      this.select(edge);
      this.state.menu.value = { edge, byKeyboard };
    });
  }

  openNode(layer: number, node: number): void {
    this.state.menu.value = { layer, node };
  }

  close(): void {
    batch(() => {
      this.state.menu.value = null;
      this.state.helpOpen.value = false;
    });
  }

  private async run<C extends Command>(command: C, args: CommandArgs[C]): Promise<boolean> {
    try {
      const reply: Promise<Result<C>> = this.commands.send(command, args);
      await reply;
      return true;
    } catch (error) {
      this.state.report(error);
      return false;
    }
  }
}
