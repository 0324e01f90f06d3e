import { consume, stepOf } from "../roving.ts";
import { clamp } from "../scale.ts";
import { useView } from "../view.ts";

const FEWEST = 2;
/** All of them, which come after twelve. */
const ALL = 13;
/** How many decimals the formula is shown with. */
export function Digits() {
  const { state, t } = useView();
  const digits = state.traits.digits.value;
  const at = digits ?? ALL;
  const text = digits === null ? t("digitsAll") : t("digits", { digits });
  const by = (step: number) => {
    const next = clamp((state.traits.digits.peek() ?? ALL) + step, FEWEST, ALL);
    state.set("digits", next === ALL ? null : next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event.key, "x") || -stepOf(event.key, "y");
    if (!step) return;
    consume(event);
    by(step);
  };
  const button = (step: 1 | -1) => (
    <button
      type="button"
      tabIndex={-1}
      title={t(step < 0 ? "digitsFewer" : "digitsMore")}
      disabled={at === (step < 0 ? FEWEST : ALL)}
      onClick={() => by(step)}
    >
      {step < 0 ? "−" : "+"}
    </button>
  );
  return (
    <span class="kw-digits">
      {button(-1)}
      <span
        role="spinbutton"
        tabIndex={0}
        data-testid="digits"
        aria-label={t("digitsLabel")}
        aria-valuemin={FEWEST}
        aria-valuemax={ALL}
        aria-valuenow={at}
        aria-valuetext={text}
        title={t("digitsHelp")}
        onKeyDown={onKeyDown}
      >
        {text}
      </span>
      {button(1)}
    </span>
  );
}
