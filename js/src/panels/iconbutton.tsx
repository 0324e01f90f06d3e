import type { ComponentChildren } from "preact";

interface IconButtonProps {
  title: string;
  /** What it does, in a sentence. */
  help?: string;
  onClick: (event: { currentTarget: HTMLButtonElement }) => void;
  children: ComponentChildren;
  testid?: string;
  disabled?: boolean;
  expanded?: boolean;
  buttonRef?: { current: HTMLButtonElement | null };
  /** Of a button that turns something on and off. */
  pressed?: boolean;
}

/** A button that shows an icon; its title is read out and shown when pointed at. */
export function IconButton(props: IconButtonProps) {
  const { title, help, onClick, children, testid, disabled, expanded, pressed, buttonRef } = props;
  return (
    <button
      type="button"
      class="kw-icon"
      ref={buttonRef}
      data-testid={testid}
      title={help ? `${title}\n${help}` : title}
      aria-label={title}
      aria-description={help}
      aria-expanded={expanded}
      disabled={disabled}
      aria-pressed={pressed}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
