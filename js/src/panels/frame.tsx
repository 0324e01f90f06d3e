import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { focusOn } from "../focus.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";
import { type Box, putBeside, putUnder } from "./place.ts";

interface FrameProps {
  testid: string;
  label: string;
  children: ComponentChildren;
}

interface DialogProps extends FrameProps {
  class: string;
  heading?: ComponentChildren;
  onClose?: () => void;
  /** Puts it where it belongs. */
  place?: (frame: HTMLElement) => void;
  "data-edge"?: string;
  "aria-modal"?: "true";
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A dialog with its name and a button that closes it. It takes the focus; unless told otherwise the canvas has it next. */
export function Frame({ testid, label, heading, onClose, place, children, ...others }: DialogProps) {
  const { actions, t } = useView();
  const ref = useRef<HTMLDivElement>(null);
  const put = useRef(place);
  put.current = place;
  useLayoutEffect(() => place?.(ref.current as HTMLElement));
  useLayoutEffect(() => {
    const frame = ref.current as HTMLElement;
    focusOn(frame);
    const observer = new ResizeObserver(() => put.current?.(frame));
    observer.observe(frame);
    observer.observe(frame.closest(".kanwidget") ?? frame);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={ref} role="dialog" aria-label={label} tabIndex={-1} data-testid={testid} {...others}>
      <header>
        {heading ?? <h3>{label}</h3>}
        <Button icon={CLOSE} title={t("close")} onClick={onClose ?? (() => actions.close(ref.current))} />
      </header>
      {children}
    </div>
  );
}

/** A panel under the button before it, and inside the widget. */
export function Dropdown(props: FrameProps & { onClose: () => void }) {
  return <Frame class="kw-dropdown" place={putUnder} {...props} />;
}

interface PopoverProps extends FrameProps {
  /** What it belongs to, in the stage's coordinates. */
  anchor: Box;
  "data-edge"?: string;
}

/** A menu beside an edge or a node, kept inside the widget. */
export function Popover({ anchor, ...others }: PopoverProps) {
  return (
    <Frame class="kw-menu" heading={others.label} place={(menu) => putBeside(menu, anchor)} {...others} />
  );
}

/** A page over the whole widget. */
export function Page(props: FrameProps & { class: string }) {
  const veil = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => veil.current?.firstElementChild?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div class="kw-veil" ref={veil}>
      <Frame {...props} />
    </div>
  );
}
