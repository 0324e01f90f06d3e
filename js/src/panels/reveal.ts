/** Scrolls a box, not the page, until a row in it is seen below what covers its top. */
export function reveal(box: HTMLElement, top: number, height: number, covered = 0): void {
  box.scrollTop = Math.min(top - covered, Math.max(top + height - box.clientHeight, box.scrollTop));
}
