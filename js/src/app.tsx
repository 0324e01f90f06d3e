import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Bulk } from "./panels/bulk.tsx";
import { Compare } from "./panels/compare.tsx";
import { DetailBar } from "./panels/detail.tsx";
import { EdgeMenu } from "./panels/edgemenu.tsx";
import { Formula } from "./panels/formula.tsx";
import { Guide } from "./panels/guide.tsx";
import { Help } from "./panels/help.tsx";
import { History } from "./panels/history.tsx";
import { Importance } from "./panels/importance.tsx";
import { Losses } from "./panels/losses.tsx";
import { MessageLine } from "./panels/message.tsx";
import { NodeMenu } from "./panels/nodemenu.tsx";
import { Prune } from "./panels/prune.tsx";
import { Stage } from "./panels/stage.tsx";
import { Summary } from "./panels/summary.tsx";
import { Table } from "./panels/table.tsx";
import { Toolbar } from "./panels/toolbar.tsx";
import { useView, type View, ViewContext } from "./view.ts";

export function App({ view }: { view: View }) {
  return (
    <ViewContext.Provider value={view}>
      <Guard>
        <Toolbar />
        <div class="kw-body">
          <div class="kw-main">
            <DetailBar />
            <Stage />
            <Bulk />
            <Table />
            <div class="kw-status">
              <MessageLine />
              <Summary />
            </div>
            <Formula />
          </div>
          <aside class="kw-side">
            <Prune />
            <Losses />
            <Importance />
            <History />
          </aside>
          <Menu />
        </div>
        <Help />
        <Guide />
        <Compare />
      </Guard>
    </ViewContext.Provider>
  );
}

function Menu() {
  const { state } = useView();
  const menu = state.menu.value;
  if (!menu) return null;
  return "edge" in menu ? (
    <EdgeMenu key={menu.edge.join()} edge={menu.edge} byKeyboard={menu.byKeyboard} />
  ) : (
    <NodeMenu key={`${menu.layer},${menu.node}`} layer={menu.layer} node={menu.node} />
  );
}

/** A fault of the front end itself is said in words, in place of an empty cell. */
function Guard({ children }: { children: ComponentChildren }) {
  const [fault] = useErrorBoundary();
  return fault ? <Fault reason={fault.message} /> : children;
}

function Fault({ reason }: { reason: string }) {
  const { t } = useView();
  return (
    <p class="kw-fault" role="alert" data-testid="message" data-kind="error">
      {t("failed", { reason })}
    </p>
  );
}
