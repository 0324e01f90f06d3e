import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { focusCanvas } from "../keys.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";
import { type Box, placeBeside } from "./place.ts";

interface PopoverProps {
  testid: string;
  label: string;
  /** What it belongs to, in the stage's coordinates. */
  anchor: Box;
  children: ComponentChildren;
  dataEdge?: string;
}

/** A menu beside an edge or a node, kept inside the widget; it takes the focus and gives it back. */
export function Popover({ testid, label, anchor, children, dataEdge }: PopoverProps) {
  const { actions, t } = useView();
  const ref = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const menu = ref.current as HTMLDivElement;
    const body = menu.parentElement as HTMLElement;
    const stage = body.querySelector(".kw-stage") as HTMLElement;
    const bodyBox = body.getBoundingClientRect();
    const stageBox = stage.getBoundingClientRect();
    const inBody = {
      ...anchor,
      x: anchor.x + stageBox.left - bodyBox.left,
      y: anchor.y + stageBox.top - bodyBox.top,
    };
    const at = placeBeside(inBody, { width: menu.offsetWidth, height: menu.offsetHeight }, bodyBox);
    menu.style.left = `${at.x}px`;
    menu.style.top = `${at.y}px`;
  });
  useLayoutEffect(() => ref.current?.focus({ preventScroll: true }), []);

  return (
    <div
      ref={ref}
      class="kw-menu"
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      data-testid={testid}
      data-edge={dataEdge}
      onKeyDown={(event) => {
        // the widget's own keys are not heard in a text field
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        focusCanvas(event.currentTarget);
        actions.close();
      }}
    >
      <header>
        {label}
        <Button
          icon={CLOSE}
          title={t("close")}
          onClick={(event) => {
            focusCanvas(event.currentTarget);
            actions.close();
          }}
        />
      </header>
      {children}
    </div>
  );
}
