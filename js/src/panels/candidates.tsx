import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Candidate, Suggestions } from "../commands.ts";
import { focusOn } from "../focus.ts";
import { lossChange, prettyFunction, rSquared } from "../format.ts";
import { rove } from "../roving.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Miniature } from "./curveplot.tsx";
import { TextInput } from "./fields.tsx";
import { pointing } from "./pointing.ts";

interface CandidatesProps {
  suggestions: Suggestions | null;
  /** The function that the edge has. */
  taken: string;
  takeFocus: boolean;
  onPoint: (candidate: Candidate | null) => void;
  onTake: (name: string) => void;
  /** Adds a function from a line; the sentence why not, or "". */
  onDefine: (line: string) => Promise<string>;
}

/** So many are shown until more are asked for. */
const FIRST = 8;

const ORDERS = [
  ["best", "byBest", "byBestHelp"],
  ["complexity", "byComplexity", "byComplexityHelp"],
  ["loss", "lossChange", "lossChangeHelp"],
  ["r2", "rSquared", "rSquaredHelp"],
] as const;
type Order = (typeof ORDERS)[number][0];

export function sorted(candidates: readonly Candidate[], order: Order): Candidate[] {
  const value = (each: Candidate) => {
    if (order === "r2") return -each.r2;
    return order === "complexity" ? each.complexity : (each.loss_change ?? Number.POSITIVE_INFINITY);
  };
  // sorting is stable: what is equal stays as it was ranked
  return order === "best" ? [...candidates] : [...candidates].sort((a, b) => value(a) - value(b));
}

/** Whether a function is meant by what was typed: x2 and x² find x^2. */
export function meant(name: string, typed: string): boolean {
  const plain = (text: string) =>
    prettyFunction(text)
      .normalize("NFKC")
      .replace(/[\^\s]/g, "")
      .toLowerCase();
  return plain(name).includes(plain(typed));
}

/** The ranked functions. Pointing at one (or focusing it) draws it over the edge; taking one fixes it. */
export function Candidates({ suggestions, taken, takeFocus, onPoint, onTake, onDefine }: CandidatesProps) {
  const { t } = useView();
  const list = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<Order>("best");
  const [filter, setFilter] = useState("");
  const [all, setAll] = useState(false);
  const ready = suggestions !== null;
  useLayoutEffect(() => {
    if (ready && takeFocus) focusOn(list.current?.querySelector("button"));
  }, [ready, takeFocus]);
  const found = useMemo(
    () => sorted(suggestions?.candidates ?? [], order).filter((each) => meant(each.function, filter)),
    [suggestions, order, filter],
  );

  if (!suggestions) return <p class="kw-menu-wait">{t("suggesting")}</p>;
  const shown = all ? found : found.slice(0, FIRST);
  return (
    <>
      <div class="kw-candidates-head">
        <input
          type="search"
          class="kw-number"
          data-testid="candidate-filter"
          placeholder={t("filterFunctions")}
          aria-label={t("filterLabel")}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown") return;
            event.preventDefault();
            list.current?.querySelector("button")?.focus();
          }}
        />
        <span class="kw-orders" role="group" aria-label={t("sortBy")}>
          {ORDERS.map(([each, label, help]) => (
            <Button
              key={each}
              class=""
              testid={`sort-${each}`}
              words={label}
              pressed={order === each}
              title={t(help)}
              onClick={() => setOrder(each)}
            />
          ))}
        </span>
      </div>
      <div
        class="kw-candidates"
        role="group"
        aria-label={t("candidates")}
        ref={list}
        onKeyDown={(event) => rove(event, event.currentTarget.querySelectorAll("button"), "y")}
      >
        {found.length === 0 && <p class="kw-menu-wait">{suggestions.because ?? t("noCandidates")}</p>}
        {shown.map((candidate) => (
          <Row
            key={candidate.function}
            candidate={candidate}
            edge={suggestions.y}
            taken={candidate.function === taken}
            onPoint={onPoint}
            onTake={onTake}
          />
        ))}
        {found.length > shown.length && (
          <Button class="kw-button kw-quiet kw-more" testid="more-candidates" onClick={() => setAll(true)}>
            {t("more", { count: found.length - shown.length })}
          </Button>
        )}
      </div>
      <OwnFunction
        onDefine={async (line) => {
          const refused = await onDefine(line);
          if (!refused) setFilter(line.split("=")[0].trim());
          return refused;
        }}
      />
    </>
  );
}

interface RowProps {
  candidate: Candidate;
  edge: Suggestions["y"];
  taken: boolean;
  onPoint: (candidate: Candidate | null) => void;
  onTake: (name: string) => void;
}

function Row({ candidate, edge, taken, onPoint, onTake }: RowProps) {
  const { t } = useView();
  const { complexity, warning } = candidate;
  const name = prettyFunction(candidate.function);
  const change = lossChange(candidate.loss_change);
  const label = t("fixAs", { name, r2: rSquared(candidate.r2), change, complexity });
  const full = Math.round(complexity);
  return (
    <Button
      class="kw-candidate"
      testid="candidate"
      data-function={candidate.function}
      aria-current={taken}
      aria-label={[label, warning].filter(Boolean).join(". ")}
      title={warning || t("complexity", { value: complexity })}
      {...pointing(onPoint, candidate)}
      onClick={() => onTake(candidate.function)}
    >
      <Miniature edge={edge} candidate={candidate.curve} />
      <span class="kw-candidate-name">
        {taken && "✓ "}
        {name}
        {warning && <span class="kw-warn"> ⚠</span>}
      </span>
      <span class="kw-complexity" aria-hidden="true">
        {"●".repeat(Math.min(5, full))}
        <i>{"●".repeat(Math.max(0, 5 - full))}</i>
      </span>
      <span class="kw-loss-change" title={t("lossChangeHelp")}>
        {change}
      </span>
      <R2 value={candidate.r2} />
    </Button>
  );
}

/** The run of nines, which says how good a fit is, stands out from the digits after it. */
function R2({ value }: { value: number }) {
  const text = rSquared(value);
  const nines = /^0\.9+/.exec(text)?.[0] ?? text;
  return (
    <span class="kw-r2">
      <b>{nines}</b>
      {text.slice(nines.length)}
    </span>
  );
}

/** One line that becomes a function of the library: a name, = and a formula in x. */
function OwnFunction({ onDefine }: { onDefine: (line: string) => Promise<string> }) {
  const { t } = useView();
  const [line, setLine] = useState("");
  const [refused, setRefused] = useState("");
  const define = async (typed: string) => {
    if (typed.trim() === "") return;
    const sentence = await onDefine(typed);
    setRefused(sentence);
    if (!sentence) setLine("");
  };
  return (
    <div class="kw-own">
      <TextInput
        class="kw-number kw-wide"
        testid="own-function"
        placeholder={t("ownPlaceholder")}
        label={t("ownLabel")}
        title={t("ownHelp")}
        value={line}
        onText={setLine}
        // no form: JupyterLab lets no key submit one
        onKeyDown={(event) => {
          if (event.key === "Enter") define(event.currentTarget.value);
        }}
      />
      <Button words="add" testid="add-function" onClick={() => define(line)} />
      {refused && (
        <p class="kw-refused" role="alert" data-testid="own-refused">
          {refused}
        </p>
      )}
    </div>
  );
}
