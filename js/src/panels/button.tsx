import type { JSX, RefObject } from "preact";
import { Icon } from "./icons.tsx";

export interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "icon" | "ref"> {
  testid?: string;
  /** One of the drawings of icons.tsx; without a text beside it the title is read out. */
  icon?: string;
  title?: string;
  /** What it does, in a sentence. */
  help?: string;
  /** How much it stands out, where it is not one of many. */
  look?: "quiet" | "danger" | "primary";
  expanded?: boolean;
  /** Of a button that turns something on and off. */
  pressed?: boolean;
  buttonRef?: RefObject<HTMLButtonElement | null>;
}

export function Button(props: ButtonProps) {
  const { testid, icon, title, help, look, expanded, pressed, buttonRef, children, ...others } = props;
  const named = icon && !children;
  return (
    <button
      type="button"
      class={named ? "kw-icon" : look ? `kw-button kw-${look}` : "kw-button"}
      ref={buttonRef}
      data-testid={testid}
      title={title && help ? `${title}\n${help}` : (title ?? help)}
      aria-label={named ? title : undefined}
      aria-description={help}
      aria-expanded={expanded}
      aria-pressed={pressed}
      {...others}
    >
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}
