/** Gives the focus back to the canvas of the widget that an element is in. */
export function focusCanvas(from: Element): void {
  from.closest(".kanwidget")?.querySelector("canvas")?.focus({ preventScroll: true });
}
