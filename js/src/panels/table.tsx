import { useEffect, useRef, useState } from "preact/hooks";
import { toggleEdge } from "../choosing.ts";
import { rSquared, short, signed } from "../format.ts";
import type { Key } from "../i18n.ts";
import type { EdgeIndex, Scene } from "../protocol.ts";
import { sameEdge } from "../protocol.ts";
import { COLUMNS, type Column, type Order, pressed, type Row, rowsOf, sorted } from "../table.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";

const PAGE = 200;
const HEADS: Record<Column, Key> = {
  edge: "columnEdge",
  from: "columnFrom",
  to: "columnTo",
  kind: "columnKind",
  r2: "columnR2",
  score: "columnScore",
  cost: "columnCost",
  locked: "columnLocked",
};

/** The edges as a table: what the canvas shows, to be read row by row and sorted. */
export function Table() {
  const { state } = useView();
  return state.tableOpen.value ? <Edges /> : null;
}

function Edges() {
  const { state, t } = useView();
  const scene = useUnhurried();
  const [order, setOrder] = useState<Order>({ column: "edge", descending: false });
  const [page, setPage] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const selected = state.traits.selected.value;
  const rows = scene ? sorted(rowsOf(scene, t), order) : [];
  const at = rows.findIndex((row) => sameEdge(row.edge, selected));
  useEffect(() => {
    if (at < 0) return;
    setPage(Math.floor(at / PAGE));
    requestAnimationFrame(() => showRow(box.current));
  }, [at]);
  if (!scene) return null;

  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const first = Math.min(page, pages - 1) * PAGE;
  const shown = rows.slice(first, first + PAGE);
  const chosen = new Set(state.chosen.value.map(String));
  return (
    <section class="kw-table" data-testid="table">
      <div class="kw-table-box" ref={box} tabIndex={0} role="group" aria-label={t("table")}>
        <table onKeyDown={moveInColumn}>
          <caption>{t("tableCaption", { count: rows.length })}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="kw-unseen">{t("columnChosen")}</span>
              </th>
              {COLUMNS.map((column) => (
                <Head key={column} column={column} order={order} onOrder={setOrder} />
              ))}
              <th scope="col">
                <span class="kw-unseen">{t("columnActions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <EdgeRow
                key={row.edge.join()}
                row={row}
                chosen={chosen.has(row.edge.join())}
                selected={sameEdge(row.edge, selected)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <p class="kw-table-pages">
          <Button testid="table-before" disabled={first === 0} onClick={() => setPage(first / PAGE - 1)}>
            {t("tableBefore")}
          </Button>
          <span aria-live="polite">
            {t("tablePage", { first: first + 1, last: first + shown.length, count: rows.length })}
          </span>
          <Button
            testid="table-next"
            disabled={first + PAGE >= rows.length}
            onClick={() => setPage(first / PAGE + 1)}
          >
            {t("tableNext")}
          </Button>
        </p>
      )}
    </section>
  );
}

function Head(props: { column: Column; order: Order; onOrder: (order: Order) => void }) {
  const { t } = useView();
  const { column, order, onOrder } = props;
  const sortedBy = order.column === column;
  const direction = order.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={sortedBy ? direction : "none"}>
      <button
        type="button"
        data-testid={`sort-${column}`}
        title={column === "cost" ? t("columnCostHelp") : undefined}
        onClick={() => onOrder(pressed(order, column))}
      >
        {t(HEADS[column])}
        <span aria-hidden="true">{sortedBy ? (order.descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function EdgeRow({ row, chosen, selected }: { row: Row; chosen: boolean; selected: boolean }) {
  const { state, actions, t } = useView();
  const { edge } = row;
  const index = edge.join(", ");
  const light = (edges: readonly EdgeIndex[]) => () => {
    state.pointed.value = edges;
  };
  return (
    <tr
      data-edge={edge.join()}
      data-alive={row.alive}
      aria-current={selected ? "true" : undefined}
      onPointerEnter={light([edge])}
      onPointerLeave={light([])}
      onFocusCapture={light([edge])}
      onBlurCapture={light([])}
      onClick={(event) => {
        if (!(event.target as Element).closest("button, input")) actions.select(edge);
      }}
    >
      <td>
        <input
          type="checkbox"
          checked={chosen}
          aria-label={t("chooseEdge", { index })}
          onChange={() => toggleEdge(state, edge)}
        />
      </td>
      <th scope="row">
        <button
          type="button"
          class="kw-link"
          aria-label={t("openEdge", { index })}
          onClick={() => actions.openEdge(edge, true)}
        >
          ({index})
        </button>
      </th>
      <td>{row.from}</td>
      <td>{row.to}</td>
      <td>{row.kind}</td>
      <td class="kw-figure">{Number.isNaN(row.r2) ? "" : rSquared(row.r2)}</td>
      <td class="kw-figure">{short(row.score)}</td>
      <td class="kw-figure">{Number.isNaN(row.cost) ? "" : signed(row.cost)}</td>
      <td>{row.locked ? t("yes") : ""}</td>
      <td class="kw-table-actions">
        <button type="button" class="kw-link" onClick={() => actions.toggleEdge(edge)}>
          {t(row.alive ? "remove" : "restore")} <span class="kw-unseen">({index})</span>
        </button>
        {row.alive && (
          <button type="button" class="kw-link" onClick={() => actions.toggleLocks([edge])}>
            {t(row.locked ? "unlock" : "lock")} <span class="kw-unseen">({index})</span>
          </button>
        )}
      </td>
    </tr>
  );
}

/** Up and down go to the same control of the next row. */
function moveInColumn(event: KeyboardEvent & { currentTarget: HTMLTableElement }): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const row = (event.target as Element).closest("tbody tr");
  if (step === 0 || !row || event.ctrlKey || event.metaKey || event.altKey) return;
  const controls = (of: Element) => [...of.querySelectorAll<HTMLElement>("button, input")];
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const place = controls(row).indexOf(event.target as HTMLElement);
  if (next) (controls(next)[place] ?? controls(next).at(-1))?.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** Scrolls the table, not the page, until the selected row is seen. */
function showRow(box: HTMLElement | null): void {
  const row = box?.querySelector<HTMLElement>("[aria-current]");
  if (!box || !row) return;
  const head = box.querySelector("thead")?.clientHeight ?? 0;
  if (row.offsetTop - head < box.scrollTop) box.scrollTop = row.offsetTop - head;
  else if (row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight)
    box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight;
}

const BEAT = 500;

/** The live network, which the buttons act on; while a training runs only twice a second, for the table is to be read. */
function useUnhurried(): Scene | null {
  const { state } = useView();
  const scene = state.scene.value;
  const [seen, see] = useState(scene);
  const hurried = state.training.value;
  const last = useRef(0);
  useEffect(() => {
    const wait = hurried ? Math.max(0, last.current + BEAT - performance.now()) : 0;
    const timer = setTimeout(() => {
      last.current = performance.now();
      see(scene);
    }, wait);
    return () => clearTimeout(timer);
  }, [scene, hurried]);
  return hurried ? seen : scene;
}
