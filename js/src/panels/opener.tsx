import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusOn } from "../focus.ts";
import { consume, rove } from "../roving.ts";
import { Button, type ButtonProps } from "./button.tsx";

interface OpenerProps extends ButtonProps {
  /** What it opens: one element, right behind the button. Told how to close it, with the focus back on the button. */
  opens: (close: () => void) => ComponentChildren;
}

/** A button that opens something, which takes the focus. Escape and a click elsewhere close it, and Tab a menu. */
export function Opener({ opens, buttonRef, ...button }: OpenerProps) {
  const [open, setOpen] = useState(false);
  const own = useRef<HTMLButtonElement>(null);
  const ref = buttonRef ?? own;
  const close = () => {
    setOpen(false);
    focusOn(ref.current);
  };
  // at once: the next key may come before anything is painted
  useLayoutEffect(() => {
    const opener = ref.current as HTMLElement;
    const opened = opener.nextElementSibling as HTMLElement;
    if (!open) return;
    focusOn(opened.querySelector<HTMLElement>(":is(input, select, button):not(:scope > header *)") ?? opened);
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Tab" && opened.role === "menu") setOpen(false);
      if (event.key !== "Escape") return;
      consume(event);
      close();
    };
    const elsewhere = (event: PointerEvent) => {
      const path = event.composedPath();
      if (!path.includes(opened) && !path.includes(opener)) setOpen(false);
    };
    const page = opener.ownerDocument;
    opened.addEventListener("keydown", onKey);
    page.addEventListener("pointerdown", elsewhere, true);
    return () => page.removeEventListener("pointerdown", elsewhere, true);
  }, [open]);
  return (
    <>
      <Button {...button} expanded={open} buttonRef={ref} onClick={() => setOpen(!open)} />
      {open && opens(close)}
    </>
  );
}

interface MenuButtonProps<Item extends string> extends ButtonProps {
  testid: string;
  /** The menu's own class and names. */
  menu: { class: string; "aria-label": string; "data-testid"?: string };
  items: [item: Item, label: string, help?: string][];
  onChoose: (item: Item) => void;
}

/** A button with a menu of a few things to choose from. */
export function MenuButton<Item extends string>(props: MenuButtonProps<Item>) {
  const { menu, items, onChoose, ...button } = props;
  return (
    <Opener
      {...button}
      aria-haspopup="menu"
      opens={(close) => (
        <div
          role="menu"
          tabIndex={-1}
          onKeyDown={(event) => rove(event, event.currentTarget.children, "y", true)}
          {...menu}
        >
          {items.map(([item, label, help]) => (
            <button
              key={item}
              type="button"
              role="menuitem"
              tabIndex={-1}
              data-testid={`${button.testid}-${item}`}
              data-target={item}
              onClick={() => {
                close();
                onChoose(item);
              }}
            >
              {label}
              {help && <small>{help}</small>}
            </button>
          ))}
        </div>
      )}
    />
  );
}
