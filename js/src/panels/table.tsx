import { useEffect, useRef, useState } from "preact/hooks";
import { toggleEdge } from "../choosing.ts";
import { rSquared, short, signed } from "../format.ts";
import type { Key } from "../i18n.ts";
import type { Scene } from "../protocol.ts";
import { sameEdge } from "../protocol.ts";
import { consume, stepOf } from "../roving.ts";
import { COLUMNS, type Column, type Order, pressed, type Row, rowsOf, sorted } from "../table.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { useLighting } from "./pointing.ts";
import { reveal } from "./reveal.ts";

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
          <Button words="tableBefore" disabled={first === 0} onClick={() => setPage(first / PAGE - 1)} />
          <span aria-live="polite">
            {t("tablePage", { first: first + 1, last: first + shown.length, count: rows.length })}
          </span>
          <Button
            words="tableNext"
            disabled={first + PAGE >= rows.length}
            onClick={() => setPage(first / PAGE + 1)}
          />
        </p>
      )}
    </section>
  );
}

function Head(props: { column: Column; order: Order; onOrder: (order: Order) => void }) {
  const { t } = useView();
  const { column, order, onOrder } = props;
  const direction = order.column !== column ? "none" : order.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={direction}>
      <button
        type="button"
        data-testid={`sort-${column}`}
        title={column === "cost" ? t("columnCostHelp") : undefined}
        onClick={() => onOrder(pressed(order, column))}
      >
        {t(HEADS[column])}
        <span aria-hidden="true">{{ none: "", descending: " ↓", ascending: " ↑" }[direction]}</span>
      </button>
    </th>
  );
}

function EdgeRow({ row, chosen, selected }: { row: Row; chosen: boolean; selected: boolean }) {
  const { state, actions, t } = useView();
  const { edge, r2, cost, alive, locked } = row;
  const index = edge.join(", ");
  const lighting = useLighting();
  const figures = [
    Number.isNaN(r2) ? "" : rSquared(r2),
    short(row.score),
    Number.isNaN(cost) ? "" : signed(cost),
  ];
  const act = (what: "remove" | "restore" | "lock" | "unlock", onClick: () => void) => (
    <Button class="kw-link" onClick={onClick}>
      {t(what)} <span class="kw-unseen">({index})</span>
    </Button>
  );
  return (
    <tr
      data-edge={edge.join()}
      data-alive={alive}
      aria-current={selected ? "true" : undefined}
      {...lighting([edge])}
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
        <Button
          class="kw-link"
          aria-label={t("openEdge", { index })}
          onClick={() => actions.openEdge(edge, true)}
        >
          ({index})
        </Button>
      </th>
      {[row.from, row.to, row.kind].map((text, k) => (
        <td key={k}>{text}</td>
      ))}
      {figures.map((text, k) => (
        <td key={k} class="kw-figure">
          {text}
        </td>
      ))}
      <td>{locked ? t("yes") : ""}</td>
      <td class="kw-table-actions">
        {act(alive ? "remove" : "restore", () => actions.toggleEdge(edge))}
        {alive && act(locked ? "unlock" : "lock", () => actions.toggleLocks([edge]))}
      </td>
    </tr>
  );
}

/** Up and down go to the same control of the next row. */
function moveInColumn(event: KeyboardEvent): void {
  const step = stepOf(event.key, "y");
  const row = (event.target as Element).closest("tbody tr");
  if (Math.abs(step) !== 1 || !row || event.ctrlKey || event.metaKey || event.altKey) return;
  const controls = (of: Element) => [...of.querySelectorAll<HTMLElement>("button, input")];
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const place = controls(row).indexOf(event.target as HTMLElement);
  if (next) (controls(next)[place] ?? controls(next).at(-1))?.focus();
  consume(event);
}

/** Shows the selected row below the table's head. */
function showRow(box: HTMLElement | null): void {
  const row = box?.querySelector<HTMLElement>("[aria-current]");
  if (box && row) reveal(box, row.offsetTop, row.offsetHeight, box.querySelector("thead")?.clientHeight);
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
