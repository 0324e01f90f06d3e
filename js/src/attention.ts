import { effect, type ReadonlySignal } from "@preact/signals";
import type { Model } from "./model.ts";
import { watchSight } from "./sight.ts";

/** Milliseconds from one answer to the next: each of them makes the notebook show a busy kernel. */
export const ANSWER = 200;

/**
 * Tells the session who looks: that this view is here, whether it can be seen, and which version it has drawn.
 * A view that is scrolled away or in a hidden page draws nothing for anybody, and is sent no frames.
 */
export function tellAttention(
  root: HTMLElement,
  model: Model,
  drawn: ReadonlySignal<number | null>,
): () => void {
  const page = root.ownerDocument;
  const view = Math.random().toString(36).slice(2, 12) || "0";
  let inSight = true;
  let looks: boolean | null = null;
  let acknowledged = -1;
  let next: ReturnType<typeof setTimeout> | undefined;

  const tell = (what: Record<string, unknown>) => {
    try {
      model.send({ view, ...what });
    } catch {
      // the kernel is gone, and with it whom to tell
    }
  };
  const acknowledge = () => {
    const version = drawn.value;
    if (next !== undefined || !looks || version === null || version <= acknowledged) return;
    acknowledged = version;
    tell({ seen: version });
    next = setTimeout(() => {
      next = undefined;
      acknowledge();
    }, ANSWER);
  };
  const look = () => {
    const now = inSight && !page.hidden;
    if (now === looks) return;
    looks = now;
    tell({ looks });
    acknowledge();
  };

  const unwatch = watchSight(root, (now) => {
    inSight = now;
    look();
  });
  page.addEventListener("visibilitychange", look);
  look();
  const stop = effect(acknowledge);

  return () => {
    stop();
    clearTimeout(next);
    unwatch();
    page.removeEventListener("visibilitychange", look);
    tell({ gone: true });
  };
}
