import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { lossText, short } from "../format.ts";
import type { Translate } from "../i18n.ts";
import type { HistoryNode } from "../model.ts";
import { stepOf } from "../roving.ts";
import { clamp } from "../scale.ts";
import { layoutTree, type Tree } from "../tree.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Graph, LANE, MOST_LANES, ROW, Spark } from "./graph.tsx";
import { COMPARE, Icon, NOTE, PIN, PINNED, RENAME } from "./icons.tsx";
import type { Writing } from "./note.tsx";
import { usePrefix } from "./prefix.ts";
import { reveal } from "./reveal.ts";
import { useVisits } from "./visits.ts";
import { useMeasured } from "./width.ts";

/** Rows above and below those in sight that are drawn too. */
const SPARE = 6;
// made once: each of them takes as long as many rows
const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const CALENDAR = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "medium" });

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
  const prefix = usePrefix();
  const visits = useVisits(say);
  const here = Math.max(0, nodes.map(({ id }) => id).indexOf(current));
  // What was walked to counts until another state is the current one.
  const [chosen, setChosen] = useState({ row: here, while: current });
  const active = chosen.while === current && chosen.row < nodes.length ? chosen.row : here;
  // Buttons stand only where they can be seen.
  const [pointed, setPointed] = useState<number | null>(null);
  // keys come faster than the page is drawn
  const at = useRef(active);
  at.current = active;
  const choose = (row: number) => {
    at.current = row;
    setChosen({ row, while: current });
  };
  const [scroll, measure] = useMeasured(
    box,
    ({ scrollTop, clientHeight }) => ({ top: scrollTop, height: clientHeight }),
    { top: 0, height: 400 },
  );
  // Jupyter attaches the widget after it is drawn: only with a height is there a place to scroll to.
  useEffect(
    () => reveal(box.current as HTMLElement, active * ROW, ROW),
    [active, nodes.length, scroll.height],
  );

  const first = Math.max(0, Math.floor(scroll.top / ROW) - SPARE);
  const last = Math.min(nodes.length - 1, Math.ceil((scroll.top + scroll.height) / ROW) + SPARE);
  const graph = 8 + LANE * Math.min(tree.lanes, MOST_LANES);

  const show = (row: number) => visits.show(nodes[row]);
  const pin = async ({ id, pinned }: HistoryNode) => {
    if (await past.pin(id, !pinned)) say(t(pinned ? "unpinned" : "pinned", { step: id }));
  };
  const write = (kind: Writing["kind"], { id }: HistoryNode) => onWrite({ kind, id });
  const onKey = (event: KeyboardEvent) => {
    const node = nodes[at.current];
    visits.onKey(event, {
      walk: () => {
        const page = Math.max(1, Math.floor(scroll.height / ROW) - 1);
        choose(destination(event.key, at.current, tree, page));
        show(at.current);
      },
      go: () => visits.go(node),
      note: () => write("note", node),
      name: () => write("name", node),
      pin: () => void pin(node),
      compare: () => visits.compare(node),
    });
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
      onScroll={measure}
      onPointerLeave={() => {
        setPointed(null);
        visits.show();
      }}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) show(active);
      }}
      onBlur={() => visits.show()}
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
              onPointerMove={() => {
                setPointed(row);
                show(row);
              }}
              onClick={(event) => {
                choose(row);
                if (event.shiftKey) visits.compare(node);
                else visits.go(node);
              }}
            >
              <State node={node} t={t} />
              {(row === pointed || row === active) && (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside take keys themselves
                // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps a button's click from the row
                <span class="kw-state-tools" onClick={(event) => event.stopPropagation()}>
                  <Button icon={RENAME} words="writeName" onClick={() => write("name", node)} />
                  <Button icon={NOTE} words="writeNote" onClick={() => write("note", node)} />
                  <Button
                    icon={node.pinned ? PINNED : PIN}
                    words={node.pinned ? "unpin" : "pin"}
                    onClick={() => pin(node)}
                  />
                  <Button icon={COMPARE} words="compareWithCurrent" onClick={() => visits.compare(node)} />
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What there is to read of a state, in two lines. */
function State({ node, t }: { node: HistoryNode; t: Translate }) {
  const { kept, edges, complexity, pinned, label, note, spark } = node;
  const facts = [
    kept === false && t("letGoShort"),
    `${edges} ${t(edges === 1 ? "oneEdge" : "edges")}`,
    typeof complexity === "number" && t("complexityShort", { value: short(complexity) }),
    timeOf(node),
  ];
  return (
    <>
      <span class="kw-state-name">
        {pinned && <Icon of={PINNED} />}
        <span>{label}</span>
      </span>
      <span class="kw-state-loss">{lossText(node.val ?? node.train)}</span>
      <span class="kw-state-facts">{note ? <em>{note}</em> : facts.filter(Boolean).join(" · ")}</span>
      {spark && spark.length > 1 && <Spark losses={spark} />}
    </>
  );
}

/** The row that a key leads to. */
function destination(key: string, row: number, { parent, onward }: Tree, page: number): number {
  const far: Record<string, number> = {
    ArrowLeft: parent[row],
    ArrowRight: onward[row] < 0 ? row : onward[row],
    PageUp: row - page,
    PageDown: row + page,
  };
  return clamp(far[key] ?? row + stepOf(key), 0, parent.length - 1);
}

function timeOf({ made }: HistoryNode): string {
  return made === undefined ? "" : CLOCK.format(1000 * made);
}

function spoken(node: HistoryNode, t: Translate): string {
  const { id, label, note, edges, pinned, kept } = node;
  const facts = t("stateSpoken", {
    step: id,
    label,
    loss: lossText(node.val ?? node.train),
    edges,
    complexity: short(node.complexity),
    time: timeOf(node),
  });
  const marks = [pinned && t("pinnedShort"), kept === false && t("letGoShort"), note];
  return [facts, ...marks].filter(Boolean).join(", ");
}

function titleOf({ id, name, action, label, note, made, kept }: HistoryNode, t: Translate): string {
  return [
    t("stateTitle", { step: id, label: name && action ? `${name} (${action})` : label }),
    note,
    made !== undefined && CALENDAR.format(1000 * made),
    kept === false && t("letGo", { step: id }),
  ]
    .filter(Boolean)
    .join("\n");
}
