import { batch } from "@preact/signals";
import { positionsOf } from "./choosing.ts";
import {
  type Command,
  type CommandArgs,
  type Commands,
  type Inspection,
  type Proposal,
  type RefinePreview,
  type Result,
  type Suggestions,
  type Target,
  WITHOUT_RATE,
} from "./commands.ts";
import { focusCanvas } from "./focus.ts";
import { Past } from "./past.ts";
import {
  type EdgeIndex,
  edgeIndex,
  findEdge,
  isAlive,
  isRemovedNode,
  type Scene,
  sameEdge,
} from "./protocol.ts";
import type { State } from "./state.ts";

/** Commands that take nothing but several edges. */
export type GroupCommand = "remove_edges" | "restore_edges" | "lock_edges" | "unlock_edges" | "unfix_edges";

/** What a person can do. Each sends one command; a refusal shows on the message line. */
export class Actions {
  /** What can be done with the states of the history. */
  readonly past: Past;
  /** Commands that are not answered yet. */
  private readonly underway: Command[] = [];

  constructor(
    private readonly state: State,
    private readonly commands: Commands,
  ) {
    this.past = new Past(state, commands);
  }

  trainOrStop(): void {
    if (this.state.running.peek()) this.run("stop", {});
    else this.train(this.state.traits.steps.peek());
  }

  /** One step: of the training that runs, which waits then, or a training of its own. */
  step(): void {
    if (this.state.running.peek()) this.run("step", {});
    else this.train(1);
  }

  private train(steps: number): void {
    const { optimizer, lamb, lamb_entropy, lr } = this.state.traits;
    this.run("train", {
      steps,
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
    this.move("undo");
  }

  redo(): void {
    this.move("redo");
  }

  /** Where there is nothing to go to nothing is sent, unless something on its way may change that. */
  private move(way: "undo" | "redo"): void {
    const other = this.underway.some((command) => command !== way);
    if (other || this.state.traits.history.peek()[way] !== null) this.run(way, {});
  }

  prune(threshold: number): void {
    this.state.set("prune_threshold", threshold);
    this.run("prune", { threshold, metric: this.state.traits.metric.peek() });
  }

  /** What a finer grid would bring; rejects with the sentence that says why it cannot be. */
  previewRefine(newGrid: number): Promise<RefinePreview> {
    const edge = this.state.traits.selected.peek();
    return this.commands.send("preview_refine", { new_grid: newGrid, ...(edge ? { edge } : {}) });
  }

  refine(newGrid: number): Promise<boolean> {
    return this.run("act", { method: "refine", values: { new_grid: newGrid } });
  }

  /** The ranked functions of an edge; null when the session refused, which the message line tells. */
  suggest(edge: EdgeIndex): Promise<Suggestions | null> {
    return this.ask("suggest", { edge });
  }

  /** Numbers that constants may be set to. */
  proposals(): Promise<Proposal[] | null> {
    return this.ask("proposals", {});
  }

  snap({ edge, constant, p, q, base }: Proposal): Promise<boolean> {
    return this.run("snap", { edge, constant, p, q, base });
  }

  snapAll(): Promise<boolean> {
    return this.run("snap_all", {});
  }

  /** The formula in another language; LaTeX as it is shown, code with all digits. */
  exportAs(target: Target): Promise<string | null> {
    const shown = this.state.traits.formula_latex.peek();
    return target === "latex" ? Promise.resolve(shown) : this.ask("export", { target });
  }

  /** One HTML file that shows the session without a kernel. */
  page(): Promise<string> {
    const { lamb, lamb_entropy, prune_threshold, steps, optimizer, lr, theme, lang } = this.state.traits;
    const told = { lamb, lamb_entropy, prune_threshold, steps, optimizer, lr, theme, lang };
    const settings = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, value.peek()]));
    return this.commands.send("export_page", { settings });
  }

  /** All numbers of an edge; null when the session refused, which the message line tells. */
  inspect(edge: EdgeIndex): Promise<Inspection | null> {
    return this.ask("inspect", { edge });
  }

  /** Does something whose refusal is also to be told where the person is looking: the sentence, or "". */
  async attempt<C extends Command>(command: C, args: CommandArgs[C]): Promise<string> {
    try {
      await this.commands.send(command, args);
      return "";
    } catch (error) {
      this.state.report(error);
      return error instanceof Error ? error.message : String(error);
    }
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
    return removed ? this.restoreNode(layer, node) : this.removeNode(layer, node);
  }

  removeNode(layer: number, node: number): Promise<boolean> {
    return this.run("remove_node", { layer, node });
  }

  restoreNode(layer: number, node: number): Promise<boolean> {
    return this.run("restore_node", { layer, node });
  }

  /** Acts on several edges: one step of the history. */
  together(command: GroupCommand, edges: readonly EdgeIndex[]): Promise<boolean> {
    return this.run(command, { edges });
  }

  fixTogether(edges: readonly EdgeIndex[], name: string): Promise<boolean> {
    return this.run("fix_edges", { edges, function: name });
  }

  nameNode(layer: number, node: number, text: string): Promise<boolean> {
    return this.run("name_node", { layer, node, text });
  }

  /** Removes what is live among edges; brings them back where none is. */
  toggleEdges(edges: readonly EdgeIndex[]): Promise<boolean> {
    const live = this.among(edges, isAlive);
    return live.length > 0 ? this.together("remove_edges", live) : this.together("restore_edges", edges);
  }

  /** Locks the live ones among edges, unlocks all where these are locked. */
  toggleLocks(edges: readonly EdgeIndex[]): Promise<boolean> {
    const free = this.among(edges, (scene, e) => isAlive(scene, e) && !scene.locked[e]);
    return free.length > 0 ? this.together("lock_edges", free) : this.together("unlock_edges", edges);
  }

  /** Those of some edges that a condition holds for in the live network. */
  among(edges: readonly EdgeIndex[], accepts: (scene: Scene, e: number) => boolean): EdgeIndex[] {
    const scene = this.state.scene.peek();
    if (!scene) return [];
    return positionsOf(scene, edges)
      .filter((e) => accepts(scene, e))
      .map((e) => edgeIndex(scene, e));
  }

  select(edge: EdgeIndex | null): void {
    if (sameEdge(edge, this.state.traits.selected.peek())) return;
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

  /** The page on what each control does. */
  openGuide(): void {
    batch(() => {
      this.close();
      this.state.guideOpen.value = true;
    });
  }

  /** Closes what is open; from inside of that, the focus goes back to the canvas. */
  close(from?: Element | null): void {
    focusCanvas(from);
    batch(() => {
      this.state.menu.value = null;
      this.state.helpOpen.value = false;
      this.state.guideOpen.value = false;
    });
  }

  /** The answer to a question; null when the session refused, which the message line tells. */
  async ask<C extends Command>(command: C, args: CommandArgs[C]): Promise<Result<C> | null> {
    try {
      return await this.commands.send(command, args);
    } catch (error) {
      this.state.report(error);
      return null;
    }
  }

  private async run<C extends Command>(command: C, args: CommandArgs[C]): Promise<boolean> {
    this.underway.push(command);
    try {
      const reply: Promise<Result<C>> = this.commands.send(command, args);
      await reply;
      return true;
    } catch (error) {
      this.state.report(error);
      return false;
    } finally {
      this.underway.splice(this.underway.indexOf(command), 1);
    }
  }
}
