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
