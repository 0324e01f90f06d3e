import { clamp } from "../scale.ts";

interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** A square around a point. */
export function around({ x, y }: { x: number; y: number }, side: number): Box {
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
}

/** From an edge or a node to the menu beside it, to the tip near it, and from a button to the panel under it. */
const BESIDE = 14;
const NEAR = 8;
const UNDER = 6;
/** From such a panel to the border of the widget. */
const MARGIN = 8;

/** Puts a menu beside its anchor, on the side with more room, and inside the widget. */
export function placeBeside(anchor: Box, menu: Size, room: Size) {
  const right = anchor.x + anchor.width + BESIDE;
  const left = anchor.x - menu.width - BESIDE;
  const fitsRight = right + menu.width <= room.width;
  const rightIsWider = anchor.x + anchor.width / 2 <= room.width / 2;
  const goesRight = fitsRight === left >= 0 ? rightIsWider : fitsRight;
  return {
    x: clamp(goesRight ? right : left, 0, room.width - menu.width),
    y: centred(anchor.y, anchor.height, menu.height, room.height),
  };
}

/** Puts a tip above its anchor, or below or beside it where it would not fit: never over it. */
export function placeOver(anchor: Box, tip: Size, room: Size) {
  const x = centred(anchor.x, anchor.width, tip.width, room.width);
  const above = anchor.y - NEAR - tip.height;
  const below = anchor.y + anchor.height + NEAR;
  if (above >= 0) return { x, y: above };
  if (below + tip.height <= room.height) return { x, y: below };
  const y = centred(anchor.y, anchor.height, tip.height, room.height);
  const right = anchor.x + anchor.width + NEAR;
  const left = anchor.x - NEAR - tip.width;
  if (right + tip.width <= room.width) return { x: right, y };
  if (left >= 0) return { x: left, y };
  // A frame that fills the view leaves no other room.
  return { x, y: 0 };
}

function centred(at: number, length: number, own: number, room: number): number {
  return clamp(at + (length - own) / 2, 0, room - own);
}

/** The size that an element takes. */
export function sizeOf(element: HTMLElement): Size {
  return { width: element.offsetWidth, height: element.offsetHeight };
}

/** The style of what stands at a place. */
export function at({ x, y }: { x: number; y: number }) {
  return { left: `${x}px`, top: `${y}px` };
}

/** Moves an element within what it is placed in. */
export function put(element: HTMLElement, place: { x: number; y: number }): void {
  Object.assign(element.style, at(place));
}

/** Puts a menu beside an anchor that is given on the stage. */
export function putBeside(menu: HTMLElement, anchor: Box): void {
  const body = menu.parentElement as HTMLElement;
  const room = body.getBoundingClientRect();
  const stage = (body.querySelector(".kw-stage") as HTMLElement).getBoundingClientRect();
  const inBody = { ...anchor, x: anchor.x + stage.left - room.left, y: anchor.y + stage.top - room.top };
  put(menu, placeBeside(inBody, sizeOf(menu), room));
}

/** Puts a panel under the button that stands before it, and inside the widget. */
export function putUnder(panel: HTMLElement): void {
  const root = panel.closest(".kanwidget") as HTMLElement;
  const room = root.getBoundingClientRect();
  const button = (panel.previousElementSibling as Element).getBoundingClientRect();
  const { width, height } = sizeOf(panel);
  // within a box that is placed itself, such as the stage
  const parent = (panel.offsetParent ?? root).getBoundingClientRect();
  put(panel, {
    x: clamp(button.left, room.left + MARGIN, room.right - width - MARGIN) - parent.left,
    y: clamp(button.bottom + UNDER, room.top + MARGIN, room.bottom - height - MARGIN) - parent.top,
  });
}
