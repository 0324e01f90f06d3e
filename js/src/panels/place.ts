export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const GAP = 14;

/** Puts a menu beside its anchor, on the side with more room, and inside the widget. */
export function placeBeside(
  anchor: Box,
  menu: { width: number; height: number },
  room: { width: number; height: number },
) {
  const right = anchor.x + anchor.width + GAP;
  const left = anchor.x - menu.width - GAP;
  const fitsRight = right + menu.width <= room.width;
  const fitsLeft = left >= 0;
  const rightIsWider = room.width - (anchor.x + anchor.width) >= anchor.x;
  let x: number;
  if (fitsRight && (rightIsWider || !fitsLeft)) x = right;
  else if (fitsLeft) x = left;
  else x = anchor.x + anchor.width / 2 < room.width / 2 ? room.width - menu.width : 0;
  const y = anchor.y + anchor.height / 2 - menu.height / 2;
  return { x: clamp(x, room.width - menu.width), y: clamp(y, room.height - menu.height) };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

const NEAR = 8;

/** Puts a tip above its anchor, or below or beside it where it would not fit: never over it. */
export function placeOver(
  anchor: Box,
  tip: { width: number; height: number },
  room: { width: number; height: number },
) {
  const across = clamp(anchor.x + anchor.width / 2 - tip.width / 2, room.width - tip.width);
  const above = anchor.y - NEAR - tip.height;
  const below = anchor.y + anchor.height + NEAR;
  if (above >= 0) return { x: across, y: above };
  if (below + tip.height <= room.height) return { x: across, y: below };
  const y = clamp(anchor.y + anchor.height / 2 - tip.height / 2, room.height - tip.height);
  const right = anchor.x + anchor.width + NEAR;
  const left = anchor.x - NEAR - tip.width;
  if (right + tip.width <= room.width) return { x: right, y };
  if (left >= 0) return { x: left, y };
  // A frame that fills the view leaves no other room.
  return { x: across, y: 0 };
}
