import type { JSX } from "preact";
import { rove } from "../roving.ts";

interface TabsProps {
  class: string;
  label: string;
  tabs: (JSX.IntrinsicElements["button"] & { key: string })[];
  chosen: number;
  onChoose: (n: number) => void;
}

/** A row of tabs, of which one can be reached by Tab; the arrow keys go on to the others. */
export function Tabs({ label, tabs, chosen, onChoose, ...others }: TabsProps) {
  return (
    <div
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const to = rove(event, event.currentTarget.children, "x", true);
        if (to >= 0) onChoose(to);
      }}
      {...others}
    >
      {tabs.map(({ key, ...tab }, n) => (
        <button
          key={key}
          type="button"
          role="tab"
          aria-selected={n === chosen}
          tabIndex={n === chosen ? 0 : -1}
          onClick={() => onChoose(n)}
          {...tab}
        />
      ))}
    </div>
  );
}
