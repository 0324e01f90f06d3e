import { useEffect, useRef } from "preact/hooks";
import type { Suggestions } from "../commands.ts";
import { lossChange, prettyFunction, rSquared } from "../format.ts";
import { useView } from "../view.ts";
import { Miniature } from "./curveplot.tsx";

interface CandidatesProps {
  suggestions: Suggestions | null;
  takeFocus: boolean;
  onPoint: (index: number | null) => void;
  onTake: (name: string) => void;
}

/** The ranked functions. Pointing at one (or focusing it) draws it over the edge; taking one fixes it. */
export function Candidates({ suggestions, takeFocus, onPoint, onTake }: CandidatesProps) {
  const { t } = useView();
  const list = useRef<HTMLDivElement>(null);
  const ready = suggestions !== null;
  useEffect(() => {
    if (ready && takeFocus) list.current?.querySelector("button")?.focus({ preventScroll: true });
  }, [ready, takeFocus]);

  if (!suggestions) return <p class="kw-menu-wait">{t("suggesting")}</p>;
  if (suggestions.candidates.length === 0) return <p class="kw-menu-wait">{t("noCandidates")}</p>;
  return (
    <div class="kw-candidates" role="group" aria-label={t("candidates")} ref={list} onKeyDown={moveFocus}>
      <div class="kw-candidate kw-candidates-head" aria-hidden="true">
        <span title={t("lossChangeHelp")}>{t("lossChange")}</span>
        <span>{t("rSquared")}</span>
      </div>
      {suggestions.candidates.map((candidate, k) => (
        <button
          type="button"
          key={candidate.function}
          class="kw-candidate"
          data-testid="candidate"
          data-function={candidate.function}
          aria-label={t("fixAs", {
            name: prettyFunction(candidate.function),
            r2: rSquared(candidate.r2),
            change: lossChange(candidate.loss_change),
          })}
          title={candidate.warning || t("complexity", { value: candidate.complexity })}
          onPointerEnter={() => onPoint(k)}
          onPointerLeave={() => onPoint(null)}
          onFocus={() => onPoint(k)}
          onBlur={() => onPoint(null)}
          onClick={() => onTake(candidate.function)}
        >
          <Miniature edge={suggestions.y} candidate={candidate.curve} />
          <span class="kw-candidate-name">
            {prettyFunction(candidate.function)}
            {candidate.warning && <span class="kw-warn"> ⚠</span>}
          </span>
          <Complexity value={candidate.complexity} />
          <span class="kw-loss-change" title={t("lossChangeHelp")}>
            {lossChange(candidate.loss_change)}
          </span>
          <R2 value={candidate.r2} />
        </button>
      ))}
    </div>
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

function Complexity({ value }: { value: number }) {
  return (
    <span class="kw-complexity" aria-hidden="true">
      {"●".repeat(Math.min(5, value))}
      <i>{"●".repeat(Math.max(0, 5 - value))}</i>
    </span>
  );
}

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const at = rows.indexOf(document.activeElement as HTMLButtonElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
}
