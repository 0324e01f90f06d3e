import { useEffect, useRef } from "preact/hooks";
import { lossText } from "../format.ts";
import type { HistoryNode } from "../model.ts";
import { useView } from "../view.ts";

/** Every state so far, in the order it was made; branches that were left are indented. */
export function History() {
  const { state, t } = useView();
  const { nodes, current } = state.traits.history.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    const row = box?.querySelector<HTMLElement>("[aria-current]");
    if (box && row) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }, [current, nodes.length]);
  const trunk = ancestors(nodes, current);
  return (
    <section class="kw-card kw-history" data-testid="history">
      <header>
        <h3>{t("history")}</h3>
      </header>
      {nodes.length === 0 ? (
        <p class="kw-quiet-text">{t("historyEmpty")}</p>
      ) : (
        <ol ref={list}>
          {nodes.map((node) => (
            <li
              key={node.id}
              data-trunk={trunk.has(node.id)}
              aria-current={node.id === current ? "step" : undefined}
            >
              <span>{node.label}</span>
              <small>
                {lossText(node.val ?? node.train)} · {node.edges} {t(node.edges === 1 ? "oneEdge" : "edges")}
              </small>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function ancestors(nodes: HistoryNode[], current: number): Set<number> {
  const parents = new Map(nodes.map((node) => [node.id, node.parent]));
  const found = new Set<number>();
  for (let id: number | null = current; id !== null && !found.has(id); id = parents.get(id) ?? null)
    found.add(id);
  return found;
}
