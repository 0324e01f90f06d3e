import type { JSX, RefObject } from "preact";
import type { Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { Icon } from "./icons.tsx";

export interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "icon" | "ref"> {
  /** The text on it, or of an icon without children its title; its testid is spelled the same unless another is given. */
  words?: Key;
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

export function Button({ words, icon, help, look, expanded, pressed, buttonRef, ...others }: ButtonProps) {
  const { t } = useView();
  const text = words && t(words);
  const named = icon && !others.children;
  const {
    testid = words?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    title = named ? text : undefined,
    children = named ? undefined : text,
    ...rest
  } = others;
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
      {...rest}
    >
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}
