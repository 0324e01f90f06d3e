import { effect } from "@preact/signals";
import type { Commands } from "./commands.ts";
import type { Model } from "./model.ts";
import type { State } from "./state.ts";

/** Milliseconds without a sign of a kernel that has something to do, after which it is asked. */
export const QUIET_MS = 3_000;
/** Milliseconds that it has for its answer. */
export const PATIENCE_MS = 3_000;
const LONGEST_MS = 60_000;

export interface Life {
  /** Asks the kernel whether it is there. */
  ask: () => Promise<void>;
  stop: () => void;
}

/**
 * Keeps `state.lost` true while the kernel is not there: it died, was restarted, or the line to it is cut. A kernel that
 * trains or searches is asked when it has been silent for a while; others when the notebook says that the line changed.
 */
export function watchLife(model: Model, state: State, commands: Commands): Life {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = QUIET_MS;
  let stopped = false;

  const wait = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(ask, milliseconds);
  };
  const alive = () => {
    clearTimeout(timer);
    again = QUIET_MS;
    state.lost.value = false;
    if (state.traits.status.peek() !== "idle") wait(QUIET_MS);
  };
  const ask = async () => {
    clearTimeout(timer);
    const answered = await commands.ping(PATIENCE_MS);
    if (stopped) return;
    if (answered) return alive();
    state.lost.value = true;
    again = Math.min(2 * again, LONGEST_MS);
    wait(again);
  };
  model.on("comm_live_update", ask);
  const unwatch = effect(() => {
    const { status, step, version } = state.traits;
    void [status.value, step.value, version.value];
    commands.noteLife();
    alive();
  });
  return {
    ask,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      unwatch();
      model.off("comm_live_update", ask);
    },
  };
}
