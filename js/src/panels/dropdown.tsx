import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

const GAP = 6;
const MARGIN = 8;

interface DropdownProps {
  testid: string;
  label: string;
  /** The button that it belongs to; it gets the focus back. */
  button: { current: HTMLElement | null };
  onClose: () => void;
  children: ComponentChildren;
}

/** A panel under its button and inside the widget; Escape and a click elsewhere close it. */
export function Dropdown({ testid, label, button, onClose, children }: DropdownProps) {
  const { t } = useView();
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const panel = ref.current as HTMLDivElement;
    const root = panel.closest<HTMLElement>(".kanwidget");
    if (!root || !button.current) return;
    const place = () => {
      const outer = root.getBoundingClientRect();
      const at = button.current?.getBoundingClientRect();
      if (!at) return;
      const left = Math.min(at.left - outer.left, outer.width - panel.offsetWidth - MARGIN);
      const top = Math.min(at.bottom - outer.top + GAP, outer.height - panel.offsetHeight - MARGIN);
      // within a box that is placed itself, such as the stage
      const parent = (panel.offsetParent ?? root).getBoundingClientRect();
      panel.style.left = `${Math.max(MARGIN, left) + outer.left - parent.left}px`;
      panel.style.top = `${Math.max(MARGIN, top) + outer.top - parent.top}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(panel);
    observer.observe(root);
    return () => observer.disconnect();
  }, [button]);

  useLayoutEffect(() => {
    const panel = ref.current as HTMLDivElement;
    const first = panel.querySelector<HTMLElement>(".kw-dropdown-body :is(input, select, button)");
    (first ?? panel).focus({ preventScroll: true });
    const elsewhere = (event: PointerEvent) => {
      const path = event.composedPath();
      if (!path.includes(panel) && !(button.current && path.includes(button.current))) close.current();
    };
    const page = panel.ownerDocument;
    page.addEventListener("pointerdown", elsewhere, true);
    return () => page.removeEventListener("pointerdown", elsewhere, true);
  }, [button]);

  const closeAndReturn = () => {
    onClose();
    button.current?.focus({ preventScroll: true });
  };
  return (
    <div
      ref={ref}
      class="kw-dropdown"
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      data-testid={testid}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.preventDefault();
        closeAndReturn();
      }}
    >
      <header>
        <h3>{label}</h3>
        <Button icon={CLOSE} title={t("close")} onClick={closeAndReturn} />
      </header>
      <div class="kw-dropdown-body">{children}</div>
    </div>
  );
}
