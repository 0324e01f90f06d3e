import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { describeTerm } from "../describe-term.ts";
import { type EdgeIndex, EdgeKind, edgeIndex, findEdge } from "../protocol.ts";
import { consume, ledTo } from "../roving.ts";
import { clamp } from "../scale.ts";
import { edgesIn, innermost } from "../terms.ts";
import { useView } from "../view.ts";
import { Tex } from "./tex.tsx";
import { useWidth } from "./width.ts";

const FONT = 17;
const SMALLEST_FONT = 11;
/** Beside a formula in its sheet. */
const PADDING = 10;

interface SheetProps {
  latex: string;
  /** Plain LaTeX of the whole formula, for whoever looks at the page from outside. */
  plain: string;
  /** What stands in the place of a formula where there is none. */
  text: string;
  old: boolean;
  label: string;
}

/**
 * The formula as it is set. Pointing at a term lights its edge on the canvas, and the other way round; the
 * arrow keys walk from term to term, and Enter opens the edge of one.
 */
export function Sheet({ latex, plain, text, old, label }: SheetProps) {
  const { state, actions, picture, t } = useView();
  const sheet = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const width = useWidth(sheet);
  const scene = state.shown.value;
  const terms = () => [...(sheet.current as HTMLElement).querySelectorAll<HTMLElement>("[data-edge]")];

  useLayoutEffect(() => {
    const fit = setFont.bind(null, sheet.current as HTMLElement);
    // in the frame, when all else has changed that is to be laid out
    requestAnimationFrame(fit);
    if (document.fonts?.status !== "loaded") document.fonts?.ready.then(fit);
  }, [latex, width]);
  useLayoutEffect(() => {
    setAt(null);
    state.pointed.value = [];
  }, [latex, state]);
  useLayoutEffect(() => {
    for (const term of terms()) {
      const numeric = edgesIn(term).every((edge) => scene?.kind[findEdge(scene, edge)] === EdgeKind.numeric);
      term.classList.toggle("kw-phi", numeric);
    }
  }, [latex, scene]);

  const hovered = picture.hovered.value;
  const selected = state.traits.selected.value;
  const pointed = state.pointed.value;
  const wanted: readonly EdgeIndex[] =
    pointed.length > 0
      ? pointed
      : hovered?.kind === "edge" && scene && hovered.edge < scene.edges
        ? [edgeIndex(scene, hovered.edge)]
        : selected
          ? [selected]
          : [];
  const key = wanted.join(" ");
  useLayoutEffect(() => {
    const all = terms();
    const own = at === null ? [] : [all[at]];
    const lit = new Set(own.length ? own : innermost(all, wanted));
    for (const term of all) term.classList.toggle("kw-lit", lit.has(term));
  }, [latex, key, at]);

  const point = (next: number | null) => {
    setAt(next);
    state.pointed.value = next === null ? [] : edgesIn(terms()[next]);
  };
  const under = (target: EventTarget | null) => {
    const term = (target as Element | null)?.closest<HTMLElement>("[data-edge]");
    const found = term ? terms().indexOf(term) : -1;
    return found < 0 ? null : found;
  };
  const open = (n: number | null, byKeyboard: boolean) => {
    if (n !== null) actions.openEdge(edgesIn(terms()[n])[0], byKeyboard);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = terms();
    const next = step(all, at, event.key);
    if (next !== undefined) point(next);
    else if (event.key === "Enter" && at !== null) open(at, true);
    else if (event.key === "Escape" && at !== null) point(null);
    else return;
    consume(event);
    if (next !== undefined && next !== null)
      all[next].scrollIntoView?.({ block: "nearest", inline: "nearest" });
  };
  const found = at === null ? null : terms()[at];
  const says = found
    ? describeTerm(edgesIn(found), scene, t)
    : focused && sheet.current?.querySelector("[data-edge]")
      ? t("formulaKeys")
      : "";

  return (
    <>
      <div
        class={old ? "kw-formula-sheet kw-old" : "kw-formula-sheet"}
        data-testid="formula"
        data-latex={plain}
        role="group"
        aria-label={label}
        tabIndex={latex ? 0 : -1}
        ref={sheet}
        onPointerOver={(event) => point(under(event.target))}
        onPointerLeave={() => point(null)}
        onClick={(event) => open(under(event.target), false)}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false);
          point(null);
        }}
      >
        {latex ? <Tex latex={latex} display /> : <p>{text}</p>}
      </div>
      <p class="kw-term-line" data-testid="formula-term" aria-live="polite">
        {says}
      </p>
    </>
  );
}

/** Where a key leads among the terms, as they are nested; undefined for keys that lead nowhere. */
function step(terms: HTMLElement[], at: number | null, key: string): number | null | undefined {
  if (terms.length === 0) return undefined;
  if (key === "ArrowUp") {
    const outer = at === null ? null : terms[at].parentElement?.closest<HTMLElement>("[data-edge]");
    return outer ? terms.indexOf(outer) : (at ?? 0);
  }
  if (key === "ArrowDown") {
    const inner = at === null ? terms[0] : terms[at].querySelector<HTMLElement>("[data-edge]");
    return inner ? terms.indexOf(inner) : at;
  }
  const to = ledTo(key, at ?? (key === "ArrowRight" ? -1 : terms.length), terms.length);
  return to < 0 ? undefined : to;
}

/** Set a formula that is too wide in a smaller font; one that is still too wide scrolls. */
function setFont(sheet: HTMLElement): void {
  // JupyterLab hides a page for a moment while it changes its theme
  if (!sheet.clientWidth) return;
  // Only read, and written where it changes: each change of a size lays the whole page out anew.
  const now = Number.parseFloat(sheet.style.fontSize) || FONT;
  let wide = PADDING;
  for (const part of sheet.querySelectorAll<HTMLElement>(".katex-html > .base")) wide += part.offsetWidth;
  const size = `${clamp(Math.floor((10 * now * sheet.clientWidth) / wide) / 10, SMALLEST_FONT, FONT)}px`;
  if (sheet.style.fontSize !== size) sheet.style.fontSize = size;
}
