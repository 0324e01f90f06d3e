import { useRef, useState } from "preact/hooks";
import type { Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { HistoryTree } from "./historytree.tsx";
import { MORE } from "./icons.tsx";
import { NoteEditor, type Writing } from "./note.tsx";
import { Pareto } from "./pareto.tsx";
import { SessionMenu } from "./sessionmenu.tsx";

const TABS = ["history", "pareto"] as const satisfies readonly Key[];

/** Every state so far, as a tree or by what it is worth: to look at, to go to, to write on, to keep. */
export function History() {
  const { state, t } = useView();
  const card = useRef<HTMLElement>(null);
  const [tab, setTab] = useState<(typeof TABS)[number]>("history");
  const [prefix] = useState(() => `kw-${Math.random().toString(36).slice(2, 10)}-`);
  const [keeping, setKeeping] = useState(false);
  const [writing, setWriting] = useState<Writing | null>(null);
  const [said, setSaid] = useState("");
  const empty = state.traits.history.value.nodes.length === 0;
  const focus = (what: string) =>
    card.current?.querySelector<HTMLElement>(what)?.focus({ preventScroll: true });
  const turn = (event: KeyboardEvent) => {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    const other =
      event.key === "Home" ? TABS[0] : event.key === "End" ? TABS[1] : TABS[tab === TABS[0] ? 1 : 0];
    setTab(other);
    focus(`[data-tab="${other}"]`);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="kw-card kw-history" data-testid="history" ref={card} aria-label={t(tab)}>
      <header>
        <div class="kw-history-tabs" role="tablist" aria-label={t("historyTabs")} onKeyDown={turn}>
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`${prefix}${each}`}
              aria-selected={tab === each}
              aria-controls={`${prefix}panel`}
              tabIndex={tab === each ? 0 : -1}
              data-tab={each}
              data-testid={`tab-${each}`}
              onClick={() => setTab(each)}
            >
              {t(each)}
            </button>
          ))}
        </div>
        <Button
          icon={MORE}
          title={t("sessionHelp")}
          testid="session"
          expanded={keeping}
          onClick={() => setKeeping(!keeping)}
        />
      </header>
      {keeping && <SessionMenu say={setSaid} />}
      <div class="kw-tab-panel" role="tabpanel" id={`${prefix}panel`} aria-labelledby={`${prefix}${tab}`}>
        {empty ? (
          <p class="kw-quiet-text">{t("historyEmpty")}</p>
        ) : tab === "history" ? (
          <HistoryTree onWrite={setWriting} say={setSaid} />
        ) : (
          <Pareto say={setSaid} />
        )}
      </div>
      {writing && (
        <NoteEditor
          key={`${writing.kind} ${writing.id}`}
          writing={writing}
          onEnd={(told) => {
            setWriting(null);
            setSaid(told);
            focus(".kw-tree");
          }}
        />
      )}
      <p class="kw-history-said" aria-live="polite" data-testid="history-said">
        {said}
      </p>
    </section>
  );
}
