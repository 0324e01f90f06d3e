/** Gives the focus to an element where it is, without scrolling the notebook to it. */
export function focusOn(element: HTMLElement | null | undefined): void {
  element?.focus({ preventScroll: true });
}

/** Gives the focus back to the canvas of the widget that an element is in. */
export function focusCanvas(from: Element | null | undefined): void {
  focusOn(from?.closest(".kanwidget")?.querySelector("canvas"));
}
