import { useEffect, useRef } from "preact/hooks";
import type { Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { IconButton } from "./iconbutton.tsx";
import { CloseIcon } from "./icons.tsx";

const ROWS: [string, Key][] = [
  ["← → ↑ ↓", "helpArrows"],
  ["Enter", "helpEnter"],
  ["Delete", "helpDelete"],
  ["Ctrl+Z, Ctrl+Y", "helpUndo"],
  ["Escape", "helpEscape"],
  ["Ctrl + wheel", "helpZoom"],
  ["?", "helpHelp"],
];

export function Help() {
  const { state, actions, t } = useView();
  const open = state.helpOpen.value;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) ref.current?.focus({ preventScroll: true });
  }, [open]);
  if (!open) return null;
  return (
    <div class="kw-veil">
      <div class="kw-help" role="dialog" aria-label={t("help")} tabIndex={-1} ref={ref} data-testid="help">
        <header>
          <h3>{t("help")}</h3>
          <IconButton title={t("close")} onClick={() => actions.close()}>
            <CloseIcon />
          </IconButton>
        </header>
        <dl>
          {ROWS.map(([keys, meaning]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{t(meaning)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}
