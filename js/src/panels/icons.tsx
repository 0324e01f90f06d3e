/** A drawing of 16 × 16 from one of the paths below: lines, and after a bar what is filled as well. */
export function Icon({ of }: { of: string }) {
  const [lines, solid] = of.split("|");
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={lines} />
      {solid && <path d={solid} fill="currentColor" />}
    </svg>
  );
}

/** A rectangle with round corners. */
function box(x: number, y: number, width: number, height: number, r: number): string {
  const corner = (toX: number, toY: number) => `a${r} ${r} 0 0 1 ${toX} ${toY}`;
  const across = width - 2 * r;
  const down = height - 2 * r;
  return `M${x + r} ${y}h${across}${corner(r, r)}v${down}${corner(-r, r)}h${-across}${corner(-r, -r)}v${-down}${corner(r, -r)}`;
}

export const PLAY = "|M4.5 2.8v10.4L13 8z";
export const STOP = `|${box(3.5, 3.5, 9, 9, 1.5)}`;
export const PAUSE = "M5.1 3.1h.8v9.8h-.8zM10.1 3.1h.8v9.8h-.8z";
/** Up to a bar and no further: one step. */
export const STEP = "M12.7 3.1h.6v9.8h-.6z|M3.5 3.2v9.6L10.5 8z";
/** An italic f, of x. */
export const FORMULA =
  "M9 3.2c-2.2-1-3 .2-3.3 2.3L5 10.5c-.2 1.8-1 2.7-2.5 2.2M3 6.8h4.5M9.5 8.5l4 4.5M13.5 8.5l-4 4.5";
export const UNDO = "M5.5 2.5 2.5 5.5l3 3M2.5 5.5h7a4 4 0 0 1 0 8H6";
export const REDO = "m10.5 2.5 3 3-3 3M13.5 5.5h-7a4 4 0 0 0 0 8H10";
export const FIT = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
export const FIT_SELECTION = `M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11${box(5.5, 5.5, 5, 5, 1)}`;
export const MINUS = "M3 8h10";
export const PLUS = `M8 3v10${MINUS}`;
export const TABLE = `M2.5 6.3h11M2.5 9.6h11M6.5 6.3V13${box(2.5, 3, 11, 10, 1)}`;
export const HELP = "M5.5 5.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M8 12.7v.1";
export const CLOSE = "m4 4 8 8M12 4l-8 8";
export const COPY = `M10.5 5.5v-2A1 1 0 0 0 9.5 2.5h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2${box(5.5, 5.5, 8, 8, 1.5)}`;
export const PIN = "M6 2.5h4M6.5 2.5v4L4.5 9.5h7L9.5 6.5v-4M8 9.5v4";
export const PINNED = `|${PIN}`;
export const NOTE = "M3 2.5h10v7L9.5 13.5H3zM9.5 13.5V9.5H13M5.5 5.5h5M5.5 8h2.5";
export const RENAME = "m10.5 3 2.5 2.5L6 12.5l-3.3.8.8-3.3z";
/** Two pictures side by side. */
export const COMPARE = box(2, 3.5, 5, 9, 1) + box(9, 3.5, 5, 9, 1);
export const MORE = "m3.1 8 .4-.4.4.4-.4.4zm4.5 0 .4-.4.4.4-.4.4zm4.5 0 .4-.4.4.4-.4.4z";
export const GEAR = `M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4${box(5.9, 5.9, 4.2, 4.2, 2.1)}`;
/** An arrow into a tray. */
export const DOWNLOAD = "M8 2.5v7M5 7l3 3 3-3M3 10.5V13h10v-2.5";
export const LOCK = `M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5|${box(3.5, 7.5, 9, 6, 1.2)}`;
export const UNLOCK = `M5.5 7.5V4.5a2.5 2.5 0 0 1 4.7-1.2${box(3.5, 7.5, 9, 6, 1.2)}`;
