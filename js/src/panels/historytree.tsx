import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import { doingOf } from "../historykeys.ts";
import type { Translate } from "../i18n.ts";
import type { HistoryNode } from "../model.ts";
import { layoutTree, type Tree } from "../tree.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Graph, LANE, MOST_LANES, ROW, Spark } from "./graph.tsx";
import { COMPARE, Icon, NOTE, PIN, PINNED, RENAME } from "./icons.tsx";
import type { Writing } from "./note.tsx";

/** Rows above and below those in sight that are drawn too. */
const SPARE = 6;

interface TreeProps {
  onWrite: (writing: Writing) => void;
  say: (text: string) => void;
}

/** Every state in the order it was made, as a graph of branches; only rows in sight are in the page. */
export function HistoryTree({ onWrite, say }: TreeProps) {
  const { state, actions, t } = useView();
  const { past } = actions;
  const { nodes, current } = state.traits.history.value;
  const tree = useMemo(() => layoutTree(nodes, current), [nodes, current]);
  const box = useRef<HTMLDivElement>(null);
  const [prefix] = useState(() => `kw-${Math.random().toString(36).slice(2, 10)}-`);
  const here = Math.max(
    0,
    nodes.findIndex(({ id }) => id === current),
  );
  // What was walked to counts until another state is the current one.
  const [chosen, setChosen] = useState({ row: here, while: current });
  const active = chosen.while === current && chosen.row < nodes.length ? chosen.row : here;
  // keys come faster than the page is drawn
  const at = useRef(active);
  at.current = active;
  const choose = (row: number) => {
    at.current = row;
    setChosen({ row, while: current });
  };
  const [scroll, setScroll] = useState({ top: 0, height: 400 });

  useLayoutEffect(() => {
    const element = box.current as HTMLDivElement;
    const measure = () => setScroll({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // Jupyter attaches the widget after it is drawn: only with a height is there a place to scroll to.
  useEffect(() => reveal(box.current, active), [active, nodes.length, scroll.height]);
  useEffect(() => () => past.look(null), [past]);

  const first = Math.max(0, Math.floor(scroll.top / ROW) - SPARE);
  const last = Math.min(nodes.length - 1, Math.ceil((scroll.top + scroll.height) / ROW) + SPARE);
  const graph = 8 + LANE * Math.min(tree.lanes, MOST_LANES);

  const show = (row: number) => past.look(nodes[row].kept === false ? null : nodes[row].id);
  const go = (row: number) => {
    const node = nodes[row];
    if (node.kept === false) say(t("letGo", { step: node.id }));
    else if (node.id !== current || state.running.peek()) void past.jump(node.id);
  };
  const compare = (row: number) => {
    if (nodes[row].kept === false) say(t("letGo", { step: nodes[row].id }));
    else past.openComparison(nodes[row].id, current);
  };
  const pin = async (row: number) => {
    const { id, pinned } = nodes[row];
    if (await past.pin(id, !pinned)) say(t(pinned ? "unpinned" : "pinned", { step: id }));
  };
  const act = {
    go,
    note: (row: number) => onWrite({ kind: "note", id: nodes[row].id }),
    name: (row: number) => onWrite({ kind: "name", id: nodes[row].id }),
    pin,
    compare,
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const doing = doingOf(event);
    if (doing === null || (doing === "back" && !state.preview.peek())) return;
    if (doing === "back") past.look(null);
    else if (doing === "walk") {
      const page = Math.max(1, Math.floor(scroll.height / ROW) - 1);
      choose(destination(event.key, at.current, tree, page));
      show(at.current);
    } else void act[doing](at.current);
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={box}
      class="kw-tree"
      role="tree"
      tabIndex={0}
      aria-label={t("historyTree")}
      aria-activedescendant={`${prefix}${active}`}
      data-testid="history-tree"
      onKeyDown={onKey}
      onScroll={(event) =>
        setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
      }
      onPointerLeave={() => past.look(null)}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) show(active);
      }}
      onBlur={() => past.look(null)}
    >
      <div style={{ height: `${nodes.length * ROW}px` }} role="presentation">
        <Graph tree={tree} nodes={nodes} here={here} first={first} last={last} width={graph} />
        {nodes.slice(first, last + 1).map((node, n) => {
          const row = first + n;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and names its active item
            <div
              key={node.id}
              id={`${prefix}${row}`}
              class="kw-state"
              role="treeitem"
              style={{ top: `${row * ROW}px`, paddingLeft: `${graph}px` }}
              title={titleOf(node, t)}
              aria-label={spoken(node, t)}
              aria-level={tree.level[row]}
              aria-setsize={nodes.length}
              aria-posinset={row + 1}
              aria-current={row === here ? "step" : undefined}
              aria-selected={row === active}
              aria-disabled={node.kept === false}
              data-testid="state"
              data-step={node.id}
              data-trunk={tree.trunk[row]}
              onPointerMove={() => show(row)}
              onClick={(event) => {
                choose(row);
                if (event.shiftKey) compare(row);
                else go(row);
              }}
            >
              <State node={node} t={t} />
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside take keys themselves */}
              {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps a button's click from the row */}
              <span class="kw-state-tools" onClick={(event) => event.stopPropagation()}>
                <Button icon={RENAME} title={t("writeName")} onClick={() => act.name(row)} />
                <Button icon={NOTE} title={t("writeNote")} onClick={() => act.note(row)} />
                <Button
                  icon={node.pinned ? PINNED : PIN}
                  title={t(node.pinned ? "unpin" : "pin")}
                  onClick={() => pin(row)}
                />
                <Button icon={COMPARE} title={t("compareWithCurrent")} onClick={() => compare(row)} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What there is to read of a state, in two lines. */
function State({ node, t }: { node: HistoryNode; t: Translate }) {
  const facts = [
    node.kept === false ? t("letGoShort") : "",
    `${node.edges} ${t(node.edges === 1 ? "oneEdge" : "edges")}`,
    node.complexity === undefined || node.complexity === null
      ? ""
      : t("complexityShort", { value: short(node.complexity) }),
    timeOf(node),
  ];
  return (
    <>
      <span class="kw-state-name">
        {node.pinned && <Icon of={PINNED} />}
        <span>{node.label}</span>
      </span>
      <span class="kw-state-loss">{lossText(node.val ?? node.train)}</span>
      <span class="kw-state-facts">
        {node.note ? <em>{node.note}</em> : facts.filter(Boolean).join(" · ")}
      </span>
      {node.spark && node.spark.length > 1 && <Spark losses={node.spark} />}
    </>
  );
}

/** The row that a key leads to. */
function destination(key: string, row: number, tree: Tree, page: number): number {
  const last = tree.lane.length - 1;
  const to: Record<string, number> = {
    ArrowUp: row - 1,
    ArrowDown: row + 1,
    ArrowLeft: tree.parent[row],
    ArrowRight: tree.onward[row] < 0 ? row : tree.onward[row],
    Home: 0,
    End: last,
    PageUp: row - page,
    PageDown: row + page,
  };
  return Math.max(0, Math.min(last, to[key]));
}

function reveal(box: HTMLElement | null, row: number): void {
  if (!box) return;
  const top = row * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
}

function timeOf({ made }: HistoryNode): string {
  return made === undefined
    ? ""
    : new Date(1000 * made).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function spoken(node: HistoryNode, t: Translate): string {
  const { id, label, note } = node;
  const facts = t("stateSpoken", {
    step: id,
    label,
    loss: lossText(node.val ?? node.train),
    edges: node.edges,
    complexity: short(node.complexity),
    time: timeOf(node),
  });
  const marks = [node.pinned ? t("pinnedShort") : "", node.kept === false ? t("letGoShort") : "", note ?? ""];
  return [facts, ...marks.filter(Boolean)].join(", ");
}

function titleOf(node: HistoryNode, t: Translate): string {
  const named = node.name && node.action ? `${node.name} (${node.action})` : node.label;
  const lines = [t("stateTitle", { step: node.id, label: named })];
  if (node.note) lines.push(node.note);
  if (node.made !== undefined) lines.push(new Date(1000 * node.made).toLocaleString());
  if (node.kept === false) lines.push(t("letGo", { step: node.id }));
  return lines.join("\n");
}
