import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { short } from "../format.ts";
import type { Translate } from "../i18n.ts";
import type { FormulaError } from "../model.ts";
import { useView } from "../view.ts";
import { CopyIcon } from "./icons.tsx";
import { Tex } from "./tex.tsx";
import { useWidth } from "./width.ts";

const FONT = 17;
const SMALLEST_FONT = 11;

/** The network as a formula, and how far the one is from the other. */
export function Formula() {
  const { state, t } = useView();
  const latex = state.traits.formula_latex.value;
  const error = state.traits.formula_error.value;
  const sheet = useRef<HTMLDivElement>(null);
  const width = useWidth(sheet);
  useLayoutEffect(() => {
    const element = sheet.current as HTMLElement;
    shrink(element);
    document.fonts?.ready.then(() => shrink(element));
  }, [latex, width]);
  return (
    <section class="kw-formula">
      <header>
        <h3>{t("formula")}</h3>
        {latex && <CopyButton latex={latex} />}
      </header>
      <div
        class="kw-formula-sheet"
        data-testid="formula"
        data-latex={latex}
        tabIndex={latex ? 0 : -1}
        ref={sheet}
      >
        {latex ? <Tex latex={latex} display /> : <p>{error.text}</p>}
      </div>
      <p class="kw-formula-error" data-testid="formula-error">
        {errorText(error, latex !== "", t)}
      </p>
    </section>
  );
}

/** Set a formula that is too wide in a smaller font; one that is still too wide scrolls. */
function shrink(sheet: HTMLElement): void {
  sheet.style.fontSize = `${FONT}px`;
  const excess = sheet.scrollWidth / sheet.clientWidth;
  if (excess > 1)
    sheet.style.fontSize = `${Math.max(SMALLEST_FONT, Math.floor((10 * FONT) / excess) / 10)}px`;
}

export function errorText(error: FormulaError, hasFormula: boolean, t: Translate): string {
  const parts: string[] = [];
  if (hasFormula && (error.shown !== null || error.full !== null)) {
    const digits = error.digits;
    parts.push(t("formulaError", { shown: short(error.shown, 2), full: short(error.full, 2), digits }));
  }
  if (error.numeric_edges > 0) {
    parts.push(
      error.numeric_edges === 1
        ? t("formulaNumericOne")
        : t("formulaNumeric", { count: error.numeric_edges }),
    );
  }
  if (hasFormula && error.text) parts.push(error.text);
  return parts.join(" · ");
}

function CopyButton({ latex }: { latex: string }) {
  const { state, t } = useView();
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(latex);
      setCopied(latex);
    } catch (error) {
      state.report(t("copyFailed", { reason: error instanceof Error ? error.message : String(error) }));
    }
  };
  return (
    <button type="button" class="kw-button kw-quiet" data-testid="copy-latex" onClick={copy}>
      <CopyIcon />
      {copied === latex ? t("copied") : t("copyLatex")}
    </button>
  );
}
