import type { ComponentChildren } from "preact";

interface IconButtonProps {
  title: string;
  onClick: (event: { currentTarget: HTMLButtonElement }) => void;
  children: ComponentChildren;
  testid?: string;
  disabled?: boolean;
}

/** A button that shows an icon; its title is read out and shown when pointed at. */
export function IconButton({ title, onClick, children, testid, disabled }: IconButtonProps) {
  return (
    <button
      type="button"
      class="kw-icon"
      data-testid={testid}
      title={title}
      aria-label={title}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
