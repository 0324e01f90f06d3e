import type { Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";
import { Between, easeOut, GLIDE, layoutBetween, likesStillness, sameEdges, sameForms } from "./motion.ts";

/** Pictures of more edges than this fade into each other, but their curves do not glide. */
const MOST_GLIDING = 300;
/** While a training runs, two drawn frames between two that arrive must cost little. */
const MOST_GLIDING_IN_TRAINING = 60;
const LONGEST_WAIT = 200;

/** What is to be seen, or was. */
export interface Sight {
  scene: Scene;
  layout: Layout;
}

/** The way of the picture from what is on the canvas to what has come. */
export class Transition {
  private now: Sight;
  private readonly between: Between | null;

  private constructor(
    private readonly from: Sight,
    private readonly to: Sight,
    /** Whether the former picture fades out meanwhile, since not only numbers differ. */
    readonly fades: boolean,
    private readonly began: number,
    private readonly duration: number,
    private readonly ease: (share: number) => number,
  ) {
    this.now = from;
    this.between =
      from.scene === to.scene || !sameEdges(from.scene, to.scene) || isLarge(to)
        ? null
        : new Between(from.scene, to.scene, to.layout.part.edges);
  }

  /** How to come to a new sight by an action; null where it shall be there at once. */
  static byAction(from: Sight, to: Sight, time: number): Transition | null {
    if (likesStillness() || sizesDiffer(from, to)) return null;
    return new Transition(from, to, isLarge(to) || !alike(from, to), time, GLIDE, easeOut);
  }

  /** How to come to the next frame of a training by the time at which the one after it is awaited. */
  static byTraining(from: Sight, to: Sight, time: number, interval: number): Transition | null {
    const few = to.layout.part.edges.length <= MOST_GLIDING_IN_TRAINING;
    if (!few || !alike(from, to) || likesStillness() || sizesDiffer(from, to)) return null;
    return new Transition(from, to, false, time, Math.min(interval, LONGEST_WAIT), (share) => share);
  }

  /** What is to be seen at a time, and how far it is from the beginning to the end. */
  at(time: number): Sight & { share: number } {
    const passed = this.duration > 0 ? Math.min(1, Math.max(0, (time - this.began) / this.duration)) : 1;
    const share = this.ease(passed);
    if (passed >= 1) return { ...this.to, share: 1 };
    this.now = {
      scene: this.between ? this.between.move(share) : this.to.scene,
      layout: isLarge(this.to) ? this.to.layout : layoutBetween(this.from.layout, this.to.layout, share),
    };
    return { ...this.now, share };
  }

  /** What was seen last. */
  get last(): Sight {
    return this.now;
  }
}

/** Whether painting takes so long that a person would see it stutter. */
export function isLarge({ layout }: Sight): boolean {
  return layout.part.edges.length > MOST_GLIDING;
}

function sizesDiffer({ layout: { size: a } }: Sight, { layout: { size: b } }: Sight): boolean {
  return a.width !== b.width || a.height !== b.height;
}

/** Whether the two differ in nothing but numbers and places. */
function alike(a: Sight, b: Sight): boolean {
  return sameEdges(a.scene, b.scene) && sameForms(a.scene, b.scene) && sameParts(a, b);
}

function sameParts({ layout: { part: a } }: Sight, { layout: { part: b } }: Sight): boolean {
  return (
    a === b ||
    (a.edges.length === b.edges.length &&
      a.edges.every((e, k) => e === b.edges[k]) &&
      a.nodes.every((drawn, k) => drawn === b.nodes[k]))
  );
}
