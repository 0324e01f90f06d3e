import { useState } from "preact/hooks";
import { describeTerm } from "../describe-term.ts";
import { sameEdge } from "../protocol.ts";
import { consume, ledTo } from "../roving.ts";
import { equationsOf, type Term } from "../terms.ts";
import { useView } from "../view.ts";
import { useLighting } from "./pointing.ts";
import { Tex } from "./tex.tsx";

interface Row {
  latex: string;
  depth: number;
  term: Term | null;
}

/** The formula as a tree: a line a term, with its edge; a box stands for what is written out below. */
export function Outline({ latex, label }: { latex: string; label: string }) {
  const { state, actions, t } = useView();
  const [at, setAt] = useState(0);
  const rows = equationsOf(latex).flatMap((equation): Row[] => [
    { latex: equation.latex, depth: 0, term: null },
    ...equation.terms.flatMap((term) => rowsOf(term, 1)),
  ]);
  const here = Math.min(at, rows.length - 1);
  const scene = state.shown.value;
  const pointed = state.pointed.value;
  const lighting = useLighting();
  const open = (row: Row) => row.term && actions.openEdge(row.term.edges[0], true);
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const items = [...event.currentTarget.children] as HTMLElement[];
    const now = items.indexOf(event.target as HTMLElement);
    const to = ledInTree(rows, now, event.key);
    if (to >= 0) items[to].focus();
    else if (event.key === "Enter" && rows[now].term) open(rows[now]);
    else return;
    consume(event);
  };
  return (
    <div class="kw-outline" role="tree" aria-label={label} data-testid="outline" onKeyDown={onKeyDown}>
      {rows.map((row, n) => {
        const edges = row.term?.edges ?? [];
        const lit = edges.some((edge) => pointed.some((other) => sameEdge(edge, other)));
        const said = row.term && describeTerm(edges, scene, t);
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
          <div
            key={`${n} ${row.latex}`}
            role="treeitem"
            aria-level={row.depth + 1}
            aria-label={said ?? label}
            class={lit ? "kw-row kw-lit" : "kw-row"}
            style={{ "--kw-depth": row.depth }}
            tabIndex={n === here ? 0 : -1}
            onFocus={() => setAt(n)}
            {...lighting(edges)}
            onClick={() => open(row)}
          >
            <Tex latex={row.latex} />
            {said && <span class="kw-row-edge">{said}</span>}
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(term: Term, depth: number): Row[] {
  return [{ latex: term.latex, depth, term }, ...term.children.flatMap((each) => rowsOf(each, depth + 1))];
}

/** The row that a key leads to: right into a term, left out of it; -1 where it leads to none. */
function ledInTree(rows: Row[], at: number, key: string): number {
  const { depth } = rows[at];
  if (key === "ArrowRight") return rows[at + 1]?.depth > depth ? at + 1 : at;
  if (key !== "ArrowLeft") return ledTo(key, at, rows.length, "y");
  const outer = rows.slice(0, at).findLastIndex((row) => row.depth < depth);
  return outer < 0 ? at : outer;
}
