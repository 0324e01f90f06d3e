import { batch } from "@preact/signals";
import { positionsOf } from "./choosing.ts";
import {
  type Command,
  type CommandArgs,
  type Commands,
  type RefinePreview,
  type Result,
  type Target,
  WITHOUT_RATE,
} from "./commands.ts";
import { focusCanvas } from "./focus.ts";
import { pastOf } from "./past.ts";
import { type EdgeIndex, edgeIndex, isAlive, isRemovedNode, type Scene, sameEdge } from "./protocol.ts";
import type { State } from "./state.ts";

/** What a person can do. Each sends one command; a refusal shows on the message line. */
export type Actions = ReturnType<typeof actionsOf>;

export function actionsOf(state: State, commands: Commands) {
  const { traits, running, paused, menu, helpOpen, guideOpen } = state;
  /** Commands that are not answered yet. */
  const underway: Command[] = [];

  const run = async <C extends Command>(command: C, args: CommandArgs[C]): Promise<boolean> => {
    underway.push(command);
    const refusal = await attempt(command, args);
    underway.splice(underway.indexOf(command), 1);
    return refusal === "";
  };

  /** Does something whose refusal is also to be told where the person is looking: the sentence, or "". */
  const attempt = async <C extends Command>(command: C, args: CommandArgs[C]): Promise<string> => {
    try {
      await commands.send(command, args);
      return "";
    } catch (error) {
      return state.report(error);
    }
  };

  /** The answer to a question; null when the session refused, which the message line tells. */
  const ask = async <C extends Command>(command: C, args: CommandArgs[C]): Promise<Result<C> | null> => {
    try {
      return await commands.send(command, args);
    } catch (error) {
      state.report(error);
      return null;
    }
  };

  const train = (steps: number) => {
    const { optimizer, lamb, lamb_entropy, lr } = peeked("optimizer", "lamb", "lamb_entropy", "lr");
    const rate = WITHOUT_RATE.includes(optimizer) ? {} : { lr };
    return run("train", { steps, optimizer, lamb, lamb_entropy, ...rate });
  };

  /** What some traits are now. */
  const peeked = <K extends keyof typeof traits>(...names: K[]) =>
    Object.fromEntries(names.map((name) => [name, traits[name].peek()])) as {
      [Name in K]: ReturnType<(typeof traits)[Name]["peek"]>;
    };

  /** Where there is nothing to go to nothing is sent, unless something on its way may change that. */
  const move = (way: "undo" | "redo") => {
    const other = underway.some((command) => command !== way);
    if (other || traits.history.peek()[way] !== null) run(way, {});
  };

  /** Those of some edges that a condition holds for in the live network. */
  const among = (edges: readonly EdgeIndex[], accepts: (scene: Scene, e: number) => boolean): EdgeIndex[] => {
    const scene = state.scene.peek();
    if (!scene) return [];
    return positionsOf(scene, edges)
      .filter((e) => accepts(scene, e))
      .map((e) => edgeIndex(scene, e));
  };

  const select = (edge: EdgeIndex | null) => {
    if (!sameEdge(edge, traits.selected.peek())) state.set("selected", edge ? [...edge] : null);
  };

  /** Closes what is open; from inside of that, the focus goes back to the canvas. */
  const close = (from?: Element | null) => {
    focusCanvas(from);
    batch(() => {
      menu.value = null;
      helpOpen.value = false;
      guideOpen.value = false;
    });
  };

  return {
    /** What can be done with the states of the history. */
    past: pastOf(state, commands),
    run,
    attempt,
    ask,
    among,
    move,
    select,
    close,
    trainOrStop: () => (running.peek() ? run("stop", {}) : train(traits.steps.peek())),
    /** One step: of the training that runs, which waits then, or a training of its own. */
    step: () => (running.peek() ? run("step", {}) : train(1)),
    pauseOrResume: () => run(paused.peek() ? "resume" : "pause", {}),
    prune(threshold: number): void {
      state.set("prune_threshold", threshold);
      run("prune", { threshold, ...peeked("metric") });
    },
    /** What a finer grid would bring; rejects with the sentence that says why it cannot be. */
    previewRefine(newGrid: number): Promise<RefinePreview> {
      const edge = traits.selected.peek();
      return commands.send("preview_refine", { new_grid: newGrid, ...(edge ? { edge } : {}) });
    },
    /** The formula in another language; LaTeX as it is shown, code with all digits. */
    exportAs: async (target: Target) =>
      target === "latex" ? traits.formula_latex.peek() : ask("export", { target }),
    /** One HTML file that shows the session without a kernel. */
    page(): Promise<string> {
      const settings = peeked(
        "lamb",
        "lamb_entropy",
        "prune_threshold",
        "steps",
        "optimizer",
        "lr",
        "theme",
        "lang",
      );
      return commands.send("export_page", { settings });
    },
    /** Removes a live edge, brings a removed one back. */
    toggleEdge(edge: EdgeIndex): Promise<boolean> {
      return run(among([edge], isAlive).length > 0 ? "remove_edge" : "restore_edge", { edge });
    },
    /** Removes a node with its edges, or brings a removed one back. */
    toggleNode(layer: number, node: number): Promise<boolean> {
      const scene = state.scene.peek();
      const removed = scene && isRemovedNode(scene, layer, node);
      return run(removed ? "restore_node" : "remove_node", { layer, node });
    },
    /** Removes what is live among edges; brings them back where none is. */
    toggleEdges(edges: readonly EdgeIndex[]): Promise<boolean> {
      const live = among(edges, isAlive);
      return live.length > 0 ? run("remove_edges", { edges: live }) : run("restore_edges", { edges });
    },
    /** Locks the live ones among edges, unlocks all where these are locked. */
    toggleLocks(edges: readonly EdgeIndex[]): Promise<boolean> {
      const free = among(edges, (scene, e) => isAlive(scene, e) && !scene.locked[e]);
      return free.length > 0 ? run("lock_edges", { edges: free }) : run("unlock_edges", { edges });
    },
    openEdge: (edge: EdgeIndex, byKeyboard = false) =>
      batch(() => {
        select(edge);
        menu.value = { edge, byKeyboard };
      }),
    openNode(layer: number, node: number): void {
      menu.value = { layer, node };
    },
    /** The page on what each control does. */
    openGuide: () =>
      batch(() => {
        close();
        guideOpen.value = true;
      }),
  };
}
