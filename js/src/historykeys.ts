import type { Key } from "./i18n.ts";

/** What a key of the history does with a state. */
export type Doing = "walk" | "go" | "note" | "name" | "pin" | "compare" | "back";

const KEYS: [chords: string, does: Doing, meaning: Key][] = [
  ["ArrowUp ArrowDown", "walk", "keyStates"],
  ["ArrowLeft ArrowRight", "walk", "keyBranch"],
  ["Home End PageUp PageDown", "walk", "keyStatesFar"],
  ["Enter Space", "go", "keyGoThere"],
  ["N", "note", "keyNote"],
  ["F2", "name", "keyName"],
  ["P", "pin", "keyPin"],
  ["C", "compare", "keyCompare"],
  ["Escape", "back", "keyBack"],
];

/** Every key of the history: what it does, and what the help says of it. */
export const HISTORY_KEYS = KEYS.map(([chords, does, meaning]) => ({
  chords: chords.split(" "),
  does,
  meaning,
}));

/** What a key without modifiers does in the history, if anything. */
export function doingOf({ key }: KeyboardEvent): Doing | null {
  const chord = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  return HISTORY_KEYS.find(({ chords }) => chords.includes(chord))?.does ?? null;
}
