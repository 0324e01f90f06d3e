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
        {tabs && <Tabs outputs={outputs} chosen={chosen} onChoose={setChosen} />}
        <span class="kw-formula-tools">
          {whole && !preview && (
            <>
              <Button
                look="quiet"
                testid="show-outline"
                aria-pressed={outlined}
                disabled={output === undefined}
                onClick={() => setOutlined(!outlined)}
              >
                {t("outline")}
              </Button>
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
  const parts: string[] = [];
  if (hasFormula && (error.shown !== null || error.full !== null)) {
    const shown = short(error.shown, 2);
    parts.push(
      error.digits === null
        ? t("formulaErrorAll", { shown })
        : t("formulaError", { shown, full: short(error.full, 2), digits: error.digits }),
    );
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

interface TabsProps {
  outputs: readonly FormulaOutput[];
  chosen: number;
  onChoose: (n: number) => void;
}

function Tabs({ outputs, chosen, onChoose }: TabsProps) {
  const { t } = useView();
  const last = outputs.length - 1;
  const at = Math.min(chosen, last);
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const steps: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    onChoose(steps[event.key]);
    (event.currentTarget.children[steps[event.key]] as HTMLElement).focus();
  };
  return (
    <div class="kw-tabs" role="tablist" aria-label={t("outputs")} onKeyDown={onKeyDown}>
      {outputs.map((output, n) => (
        <button
          type="button"
          role="tab"
          key={output.name}
          data-testid="formula-tab"
          aria-selected={n === at}
          tabIndex={n === at ? 0 : -1}
          onClick={() => onChoose(n)}
        >
          {prettyName(output.name)}
          {output.numeric > 0 && (
            <small title={t("formulaNumericShort", { count: output.numeric })}> φ</small>
          )}
        </button>
      ))}
    </div>
  );
}
