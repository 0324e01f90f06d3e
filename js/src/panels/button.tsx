import type { ComponentProps } from "preact";

interface ButtonProps extends Omit<ComponentProps<"button">, "type" | "title"> {
  testid?: string;
  /** How it stands out from others, or stands back. */
  look?: "quiet" | "primary" | "danger";
  title?: string;
}

/** A button with words on it. */
export function Button({ testid, look, ...others }: ButtonProps) {
  return (
    <button
      type="button"
      class={look ? `kw-button kw-${look}` : "kw-button"}
      data-testid={testid}
      {...others}
    />
  );
}
