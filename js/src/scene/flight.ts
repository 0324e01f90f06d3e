import type { Signal } from "@preact/signals";
import { between, type Camera } from "./camera.ts";
import { easeOut, GLIDE, likesStillness } from "./motion.ts";

/** Moves the camera smoothly; a camera that is set by hand meanwhile stays where it was put. */
export function flightOf(camera: Signal<Camera>, still: () => boolean) {
  let from = camera.peek();
  let last = from;
  let goal: Camera | null = null;
  let began = 0;
  let request = 0;
  /** Where the camera is going, or is. */
  const target = () => (goal && camera.peek() === last ? goal : camera.peek());
  const stop = () => {
    cancelAnimationFrame(request);
    goal = null;
  };
  const step = () => {
    if (!goal || camera.peek() !== last) {
      goal = null;
      return;
    }
    const share = easeOut((performance.now() - began) / GLIDE);
    camera.value = last = between(from, goal, share);
    if (share < 1) request = requestAnimationFrame(step);
    else goal = null;
  };
  /** Begins to move from where the camera is, so that quick steps join into one movement. */
  const to = (end: Camera) => {
    stop();
    if (still() || likesStillness()) {
      camera.value = end;
      return;
    }
    from = last = camera.peek();
    goal = end;
    began = performance.now();
    request = requestAnimationFrame(step);
  };
  return { target, to, stop };
}
