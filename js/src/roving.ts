import { clamp } from "./scale.ts";

const STEPS: Record<string, number> = {
  ArrowUp: -1,
  ArrowLeft: -1,
  ArrowDown: 1,
  ArrowRight: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};
const ACROSS = { x: /Up|Down/, y: /Left|Right/ };

/** How far a key goes on in a row (x), a column (y) or either: by one, without end, or 0 for a key that does not. */
export function stepOf(key: string, axis?: "x" | "y"): number {
  return axis && ACROSS[axis].test(key) ? 0 : (STEPS[key] ?? 0);
}

/** The place, among so many, that a key leads to from another; -1 where it leads to none. */
export function ledTo(key: string, at: number, count: number, axis?: "x" | "y", round = false): number {
  const step = stepOf(key, axis);
  if (step === 0 || count === 0) return -1;
  if (round && Number.isFinite(step)) return (at + step + count) % count;
  return clamp(at + step, 0, count - 1);
}

/** Keeps an event from all who would hear it next. */
export function consume(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Moves the focus among some elements as a key says; the place of the one that has it then, -1 for another key. */
export function rove(
  event: KeyboardEvent,
  among: Iterable<Element>,
  axis?: "x" | "y",
  round = false,
): number {
  const items = [...among] as HTMLElement[];
  // the document does not know what has the focus in a shadow tree
  const tree = items[0]?.getRootNode() as Document | ShadowRoot | undefined;
  const at = items.indexOf(tree?.activeElement as HTMLElement);
  const to = ledTo(event.key, at, items.length, axis, round);
  if (to >= 0) {
    items[to].focus();
    consume(event);
  }
  return to;
}
