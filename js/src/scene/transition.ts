import type { Scene } from "../protocol.ts";
import type { Layout } from "./layout.ts";
import {
  easeOut,
  GLIDE,
  layoutBetween,
  likesStillness,
  sameEdges,
  sameForms,
  sameIn,
  scenesBetween,
} from "./motion.ts";

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
export interface Transition {
  /** Whether the former picture fades out meanwhile, since not only numbers differ. */
  fades: boolean;
  /** What was seen last. */
  last: Sight;
  /** What is to be seen at a time, and how far it is from the beginning to the end. */
  at(time: number): Sight & { share: number };
}

function transitionFrom(
  from: Sight,
  to: Sight,
  fades: boolean,
  began: number,
  duration: number,
  ease: (share: number) => number,
): Transition {
  const isGliding = from.scene !== to.scene && !isLarge(to) && sameEdges(from.scene, to.scene);
  const move = isGliding ? scenesBetween(from.scene, to.scene, to.layout.part.edges) : () => to.scene;
  const transition: Transition = {
    fades,
    last: from,
    at(time) {
      const share = ease(Math.max(0, (time - began) / duration));
      if (share >= 1 || time >= began + duration) return { ...to, share: 1 };
      const layout = isLarge(to) ? to.layout : layoutBetween(from.layout, to.layout, share);
      transition.last = { scene: move(share), layout };
      return { ...transition.last, share };
    },
  };
  return transition;
}

export const Transition = {
  /** How to come to a new sight by an action; null where it shall be there at once. */
  byAction(from: Sight, to: Sight, time: number): Transition | null {
    if (likesStillness() || sizesDiffer(from, to)) return null;
    return transitionFrom(from, to, isLarge(to) || !alike(from, to), time, GLIDE, easeOut);
  },

  /** How to come to the next frame of a training by the time at which the one after it is awaited. */
  byTraining(from: Sight, to: Sight, time: number, interval: number): Transition | null {
    const few = to.layout.part.edges.length <= MOST_GLIDING_IN_TRAINING;
    if (!few || !alike(from, to) || likesStillness() || sizesDiffer(from, to)) return null;
    return transitionFrom(from, to, false, time, Math.min(interval, LONGEST_WAIT), (share) => share);
  },
};

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
  return a === b || (a.edges.length === b.edges.length && sameIn(a, b, "edges", "nodes"));
}
