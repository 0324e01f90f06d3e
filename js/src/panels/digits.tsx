import { useView } from "../view.ts";

const FEWEST = 2;
const MOST = 12;
const STEPS: Record<string, number> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** How many decimals the formula is shown with; after twelve come all of them. */
export function Digits() {
  const { state, t } = useView();
  const digits = state.traits.digits.value;
  const at = digits ?? MOST + 1;
  const text = digits === null ? t("digitsAll") : t("digits", { digits });
  const go = (next: number) => {
    const held = Math.max(FEWEST, Math.min(MOST + 1, next));
    state.set("digits", held > MOST ? null : held);
  };
  const by = (step: number) => go((state.traits.digits.peek() ?? MOST + 1) + step);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (Number.isFinite(step)) by(step);
    else go(step);
  };
  return (
    <span class="kw-digits">
      <button
        type="button"
        tabIndex={-1}
        title={t("digitsFewer")}
        disabled={at <= FEWEST}
        onClick={() => by(-1)}
      >
        −
      </button>
      <span
        role="spinbutton"
        tabIndex={0}
        data-testid="digits"
        aria-label={t("digitsLabel")}
        aria-valuemin={FEWEST}
        aria-valuemax={MOST + 1}
        aria-valuenow={at}
        aria-valuetext={text}
        title={t("digitsHelp")}
        onKeyDown={onKeyDown}
      >
        {text}
      </span>
      <button type="button" tabIndex={-1} title={t("digitsMore")} disabled={at > MOST} onClick={() => by(1)}>
        +
      </button>
    </span>
  );
}
