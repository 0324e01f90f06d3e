/** The item of a menu that a key leads to; null where it leads to none. */
export function itemFor(event: KeyboardEvent, items: readonly HTMLElement[]): HTMLElement | null {
  // the document does not know what has the focus in a shadow tree
  const tree = items[0]?.getRootNode() as Document | ShadowRoot | undefined;
  const at = items.indexOf(tree?.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  return event.key in steps ? (items.at(steps[event.key] % items.length) ?? null) : null;
}
