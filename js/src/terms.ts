import { type EdgeIndex, sameEdge } from "./protocol.ts";

/** A part of a formula that comes from edges, as its tag in the LaTeX says (see Python's `formula/tags.py`). */
export interface Term {
  edges: EdgeIndex[];
  /** Its LaTeX with a box in the place of each term within it. */
  latex: string;
  children: Term[];
}

export interface Equation {
  /** Its LaTeX with a box in the place of each term. */
  latex: string;
  terms: Term[];
}

const OPENING = "\\htmlData{edge=";
const BOX = "{\\square}";

/** "1-0-0 0-1-0" as edges. */
export function edgesOf(tag: string): EdgeIndex[] {
  return tag.split(" ").map((edge) => edge.split("-").map(Number) as unknown as EdgeIndex);
}

/** The edges that an element of a set formula comes from. */
export function edgesIn(element: HTMLElement): EdgeIndex[] {
  return edgesOf(element.dataset.edge ?? "");
}

/** The equations of a tagged formula, each with its terms as trees. */
export function equationsOf(tagged: string): Equation[] {
  const lines = tagged
    .replace(/^\\begin\{aligned\}\n|\n\\end\{aligned\}$/g, "")
    .split(" \\\\\n")
    .map((line) => line.replace(" &= ", " = "));
  return lines.map((line) => {
    const terms: Term[] = [];
    return { latex: boxed(line, terms), terms };
  });
}

/** The LaTeX with a box for each outermost term, which goes to `found`. */
function boxed(latex: string, found: Term[]): string {
  let written = "";
  let at = 0;
  for (;;) {
    const start = latex.indexOf(OPENING, at);
    if (start < 0) return written + latex.slice(at);
    const named = latex.indexOf("}{", start);
    const end = closing(latex, named + 2);
    const children: Term[] = [];
    const inside = boxed(latex.slice(named + 2, end), children);
    found.push({ edges: edgesOf(latex.slice(start + OPENING.length, named)), latex: inside, children });
    written += latex.slice(at, start) + BOX;
    at = end + 1;
  }
}

/** Where the group ends that begins before `at`. */
function closing(latex: string, at: number): number {
  for (let depth = 1; at < latex.length; at++) {
    const character = latex[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at;
  }
  return latex.length;
}

/** The elements of a formula that are to light up for some edges: of each edge the innermost. */
export function innermost(terms: readonly HTMLElement[], edges: readonly EdgeIndex[]): HTMLElement[] {
  return edges.flatMap((edge) => {
    const mine = terms.filter((element) => edgesIn(element).some((each) => sameEdge(each, edge)));
    return mine.filter((element) => !mine.some((other) => other !== element && element.contains(other)));
  });
}
