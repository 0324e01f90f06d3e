import { useRef, useState } from "preact/hooks";
import { focusOn } from "../focus.ts";
import type { Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { HistoryTree } from "./historytree.tsx";
import { MORE } from "./icons.tsx";
import { NoteEditor, type Writing } from "./note.tsx";
import { Pareto } from "./pareto.tsx";
import { usePrefix } from "./prefix.ts";
import { SessionMenu } from "./sessionmenu.tsx";
import { Tabs } from "./tabs.tsx";

const TABS = ["history", "pareto"] as const satisfies readonly Key[];

/** Every state so far, as a tree or by what it is worth: to look at, to go to, to write on, to keep. */
export function History() {
  const { state, t } = useView();
  const card = useRef<HTMLElement>(null);
  const [tab, setTab] = useState<(typeof TABS)[number]>("history");
  const prefix = usePrefix();
  const [keeping, setKeeping] = useState(false);
  const [writing, setWriting] = useState<Writing | null>(null);
  const [said, setSaid] = useState("");
  const empty = state.traits.history.value.nodes.length === 0;
  return (
    <section class="kw-card kw-history" data-testid="history" ref={card} aria-label={t(tab)}>
      <header>
        <Tabs
          class="kw-history-tabs"
          label={t("historyTabs")}
          chosen={TABS.indexOf(tab)}
          onChoose={(n) => setTab(TABS[n])}
          tabs={TABS.map((each) => ({
            key: each,
            id: `${prefix}${each}`,
            "aria-controls": `${prefix}panel`,
            "data-testid": `tab-${each}`,
            children: t(each),
          }))}
        />
        <Button
          icon={MORE}
          words="sessionHelp"
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
            focusOn(card.current?.querySelector<HTMLElement>(".kw-tree"));
          }}
        />
      )}
      <p class="kw-history-said" aria-live="polite" data-testid="history-said">
        {said}
      </p>
    </section>
  );
}
