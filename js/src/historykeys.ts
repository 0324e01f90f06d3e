import type { Key } from "./i18n.ts";

/** What a key of the history does with a state. */
export type Doing = "walk" | "go" | "note" | "name" | "pin" | "compare" | "back";

/** Every key of the history: what it does, and what the help says of it. */
export const HISTORY_KEYS: readonly { chords: readonly string[]; does: Doing; meaning: Key }[] = [
  { chords: ["ArrowUp", "ArrowDown"], does: "walk", meaning: "keyStates" },
  { chords: ["ArrowLeft", "ArrowRight"], does: "walk", meaning: "keyBranch" },
  { chords: ["Home", "End", "PageUp", "PageDown"], does: "walk", meaning: "keyStatesFar" },
  { chords: ["Enter", "Space"], does: "go", meaning: "keyGoThere" },
  { chords: ["N"], does: "note", meaning: "keyNote" },
  { chords: ["F2"], does: "name", meaning: "keyName" },
  { chords: ["P"], does: "pin", meaning: "keyPin" },
  { chords: ["C"], does: "compare", meaning: "keyCompare" },
  { chords: ["Escape"], does: "back", meaning: "keyBack" },
];

/** What a key without modifiers does in the history, if anything. */
export function doingOf({ key }: KeyboardEvent): Doing | null {
  const chord = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  return HISTORY_KEYS.find(({ chords }) => chords.includes(chord))?.does ?? null;
}
