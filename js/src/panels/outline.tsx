import { useState } from "preact/hooks";
import { describeTerm } from "../describe-term.ts";
import { equationsOf, sameEdge, type Term } from "../terms.ts";
import { useView } from "../view.ts";
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
  const pointed = state.pointed.value;
  const point = (row: Row | null) => {
    state.pointed.value = row?.term?.edges ?? [];
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const next = step(rows, here, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    setAt(next);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div class="kw-outline" role="tree" aria-label={label} data-testid="outline" onKeyDown={onKeyDown}>
      {rows.map((row, n) => {
        const edges = row.term?.edges ?? [];
        const lit = edges.some((edge) => pointed.some((other) => sameEdge(edge, other)));
        const open = () => row.term && actions.openEdge(row.term.edges[0], true);
        return (
          <div
            key={`${n} ${row.latex}`}
            role="treeitem"
            aria-level={row.depth + 1}
            aria-label={row.term ? describeTerm(edges, state.shown.value, t) : label}
            class={lit ? "kw-row kw-lit" : "kw-row"}
            style={{ "--kw-depth": row.depth }}
            tabIndex={n === here ? 0 : -1}
            onFocus={() => {
              setAt(n);
              point(row);
            }}
            onBlur={() => point(null)}
            onPointerEnter={() => point(row)}
            onPointerLeave={() => point(null)}
            onClick={open}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !row.term) return;
              event.preventDefault();
              event.stopPropagation();
              open();
            }}
          >
            <Tex latex={row.latex} />
            {row.term && <span class="kw-row-edge">{describeTerm(edges, state.shown.value, t)}</span>}
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(term: Term, depth: number): Row[] {
  return [{ latex: term.latex, depth, term }, ...term.children.flatMap((each) => rowsOf(each, depth + 1))];
}

function step(rows: Row[], at: number, key: string): number | null {
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "ArrowRight":
      return at < last && rows[at + 1].depth > rows[at].depth ? at + 1 : at;
    case "ArrowLeft": {
      const outer = rows.slice(0, at).findLastIndex((row) => row.depth < rows[at].depth);
      return outer < 0 ? at : outer;
    }
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
