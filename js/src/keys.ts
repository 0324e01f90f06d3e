import { BINDINGS, type Binding } from "./keytable.ts";
import { consume } from "./roving.ts";
import type { View } from "./view.ts";

/** Keys work while the focus is in the widget; handled ones stop here, all others pass. */
export function listenToKeys(root: HTMLElement, view: View): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || !handleKey(event, view)) return;
    consume(event);
  };
  root.addEventListener("keydown", onKey);
  root.addEventListener("focusin", keepFromJupyter);
  return () => {
    root.removeEventListener("keydown", onKey);
    root.removeEventListener("focusin", keepFromJupyter);
  };
}

/**
 * JupyterLab listens first, and takes letters for commands: "d d" deletes the cell. It spares what lies above an
 * element with this attribute, but not the focused element below, so that each of ours carries it.
 */
function keepFromJupyter(event: FocusEvent): void {
  if (event.target instanceof HTMLElement) event.target.dataset.lmSuppressShortcuts = "true";
}

const BY_CHORD: ReadonlyMap<string, Binding> = new Map(
  BINDINGS.flatMap((binding) => binding.chords.map((chord) => [chord, binding] as const)),
);

function handleKey(event: KeyboardEvent, view: View): boolean {
  const target = event.target as HTMLElement;
  const chord = chordOf(event);
  const binding = BY_CHORD.get(chord);
  if (!binding || !reaches(binding, target) || (isTyping(target) && !leavesField(chord, target)))
    return false;
  if (view.state.preview.peek() && (chord === "Escape" || binding.where !== "anywhere")) {
    view.actions.past.look(null); // what is on the canvas is not what a key would act on
    return true;
  }
  // A key that is held down walks on, but does nothing twice.
  if (event.repeat && !binding.repeats) return true;
  return binding.run({ ...view, target, chord, event }) !== false;
}

/** A key with its modifiers, as the table of keys writes it. Cmd counts as Ctrl. */
export function chordOf(event: KeyboardEvent): string {
  if (event.altKey) return "";
  const isLatin = /^[\x20-\x7e]$/.test(event.key) || event.key.length > 1;
  // On a keyboard of other letters the place of the key counts.
  const key = isLatin || !/^Key[A-Z]$/.test(event.code) ? event.key : event.code.slice(3);
  const name = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  // Which signs need Shift is up to the keyboard.
  const shift = event.shiftKey && (name.length > 1 || /[A-Z]/.test(name));
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${name}`;
}

function reaches(binding: Binding, target: HTMLElement): boolean {
  if (binding.where === "anywhere" || target instanceof HTMLCanvasElement) return true;
  return binding.where === "menu" && target.closest(".kw-menu") !== null;
}

function isTyping(target: HTMLElement): boolean {
  return target.isContentEditable || target.matches('textarea, input:not([type="range"], [type="checkbox"])');
}

/** In a field everything is typing, only that Escape closes the menu around it. */
function leavesField(chord: string, target: HTMLElement): boolean {
  return chord === "Escape" && target.closest(".kw-menu, .kw-help") !== null;
}
