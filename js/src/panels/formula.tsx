import { useState } from "preact/hooks";
import { prettyName, short } from "../format.ts";
import type { Translate } from "../i18n.ts";
import type { FormulaError, FormulaOutput } from "../model.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CopyMenu } from "./copymenu.tsx";
import { Digits } from "./digits.tsx";
import { Outline } from "./outline.tsx";
import { Sheet } from "./sheet.tsx";
import { Snaps } from "./snaps.tsx";
import { Tabs } from "./tabs.tsx";

/** The network as a formula, and how far the one is from the other. */
export function Formula() {
  const { state, t } = useView();
  const [chosen, setChosen] = useState(0);
  const [outlined, setOutlined] = useState(false);
  const preview = state.preview.value;
  const whole = preview?.latex ?? state.traits.formula_latex.value;
  const outputs = preview ? [] : state.traits.formula_outputs.value;
  const error = state.traits.formula_error.value;
  const output = outputs[Math.min(chosen, outputs.length - 1)];
  const latex = output?.latex ?? whole;
  const tabs = outputs.length > 1;
  const training = state.training.value || state.paused.value;
  const old = !preview && latex !== "" && (training || error.pending === true);
  const label = output && tabs ? t("formulaOf", { name: output.name }) : t("formula");
  const text = preview ? t("previewNoFormula") : error.text;
  const body =
    outlined && output !== undefined ? (
      <Outline latex={latex} label={label} />
    ) : (
      <Sheet latex={latex} plain={whole} text={text} old={old} label={label} />
    );
  return (
    <section class="kw-formula" aria-label={t("formula")} data-preview={preview !== null}>
      <header>
        <h3>{t("formula")}</h3>
        {tabs && (
          <Tabs
            class="kw-tabs"
            label={t("outputs")}
            chosen={outputs.indexOf(output)}
            onChoose={setChosen}
            tabs={outputs.map(({ name, numeric }) => ({
              key: name,
              "data-testid": "formula-tab",
              children: [
                prettyName(name),
                numeric > 0 && <small title={t("formulaNumericShort", { count: numeric })}> φ</small>,
              ],
            }))}
          />
        )}
        <span class="kw-formula-tools">
          {whole && !preview && (
            <>
              <Button
                words="outline"
                look="quiet"
                testid="show-outline"
                pressed={outlined}
                disabled={output === undefined}
                onClick={() => setOutlined(!outlined)}
              />
              <Digits />
            </>
          )}
          {whole && <CopyMenu latex={whole} />}
        </span>
      </header>
      {tabs ? (
        <div role="tabpanel" aria-label={label}>
          {body}
        </div>
      ) : (
        body
      )}
      <p class="kw-formula-error" data-testid="formula-error">
        {old && <em data-testid="formula-old">{t(training ? "formulaOld" : "formulaPending")}</em>}
        {preview
          ? t("previewFormula", { step: preview.id })
          : errorText(ofOutput(error, tabs ? output : undefined), whole !== "", t)}
      </p>
      {!preview && <Snaps />}
    </section>
  );
}

/** The error of the whole, or what of it is another for one output. */
function ofOutput(error: FormulaError, output: FormulaOutput | undefined): FormulaError {
  if (!output) return error;
  return { ...error, shown: output.shown, full: output.full, numeric_edges: output.numeric };
}

export function errorText(error: FormulaError, hasFormula: boolean, t: Translate): string {
  const { shown, full, digits, numeric_edges: count, text } = error;
  const known = hasFormula && (shown !== null || full !== null);
  return [
    known &&
      t(digits === null ? "formulaErrorAll" : "formulaError", {
        shown: short(shown, 2),
        full: short(full, 2),
        digits: digits ?? "",
      }),
    count > 0 && t(count === 1 ? "formulaNumericOne" : "formulaNumeric", { count }),
    hasFormula && text,
  ]
    .filter(Boolean)
    .join(" · ");
}
