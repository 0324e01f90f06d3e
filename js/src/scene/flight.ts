import type { Signal } from "@preact/signals";
import { between, type Camera } from "./camera.ts";
import { easeOut, GLIDE, likesStillness } from "./motion.ts";

/** Moves the camera smoothly; a camera that is set by hand meanwhile stays where it was put. */
export class Flight {
  private from: Camera;
  private last: Camera;
  private began = 0;
  private request = 0;
  private goal: Camera | null = null;

  constructor(
    private readonly camera: Signal<Camera>,
    private readonly still: () => boolean = () => false,
  ) {
    this.from = this.last = camera.peek();
  }

  /** Where the camera is going, or is. */
  get target(): Camera {
    return this.goal && this.camera.peek() === this.last ? this.goal : this.camera.peek();
  }

  /** Begins to move from where the camera is, so that quick steps join into one movement. */
  to(goal: Camera): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (this.still() || likesStillness()) {
      this.goal = null;
      this.camera.value = goal;
      return;
    }
    this.from = this.last = this.camera.peek();
    this.goal = goal;
    this.began = performance.now();
    this.request = requestAnimationFrame(this.step);
  }

  stop(): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
    this.goal = null;
  }

  private readonly step = (): void => {
    this.request = 0;
    const { goal } = this;
    if (!goal || this.camera.peek() !== this.last) {
      this.goal = null;
      return;
    }
    const share = easeOut((performance.now() - this.began) / GLIDE);
    this.last = between(this.from, goal, share);
    this.camera.value = this.last;
    if (share < 1) this.request = requestAnimationFrame(this.step);
    else this.goal = null;
  };
}
