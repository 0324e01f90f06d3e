import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { short } from "../format.ts";
import { type LogScale, positionOf, valueAt } from "../scale.ts";
import { useView } from "../view.ts";

export function Field({
  label,
  title,
  children,
}: {
  label: string;
  title?: string;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control comes as a child
    <label class="kw-field" title={title}>
      <span class="kw-label">{label}</span>
      {children}
    </label>
  );
}

interface NumberProps {
  testid: string;
  label: string;
  value: number;
  accepted: string;
  accepts: (value: number) => boolean;
  onValue: (value: number) => void;
  wide?: boolean;
  /** What it is for, in a sentence. */
  help?: string;
}

/** A number to type. Nothing is sent until it is complete, and only if it is acceptable. */
export function NumberInput({ testid, label, value, accepted, accepts, onValue, wide, help }: NumberProps) {
  const { state, t } = useView();
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (input: HTMLInputElement) => {
    const text = input.value;
    setDraft(null);
    input.value = String(value);
    const typed = text.trim() === "" ? Number.NaN : Number(text);
    if (typed === value) return;
    if (accepts(typed)) onValue(typed);
    else state.report(t("wrongNumber", { label, accepted, value: text }));
  };
  return (
    <input
      class={wide ? "kw-number kw-wide" : "kw-number"}
      type="text"
      inputMode="decimal"
      data-testid={testid}
      aria-label={label}
      aria-description={help}
      style={{ "--kw-digits": (draft ?? String(value)).length }}
      value={draft ?? String(value)}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => commit(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget);
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}

interface ChoiceProps {
  testid: string;
  label: string;
  help: string;
  value: string;
  options: [value: string, text: string][];
  onValue: (value: string) => void;
}

/** One of a few. */
export function Choice({ testid, label, help, value, options, onValue }: ChoiceProps) {
  return (
    <Field label={label} title={help}>
      <select
        data-testid={testid}
        aria-description={help}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface LogSliderProps {
  testid: string;
  label: string;
  title: string;
  value: number;
  scale: LogScale;
  accepted: string;
  onValue: (value: number) => void;
}

/** A slider over powers of ten that starts at 0, with its value beside it to read or type. */
export function LogSlider({ testid, label, title, value, scale, accepted, onValue }: LogSliderProps) {
  return (
    <div class="kw-field" title={title}>
      <span class="kw-label">{label}</span>
      <span class="kw-slider">
        <input
          type="range"
          data-testid={testid}
          aria-label={label}
          aria-description={title}
          aria-valuetext={short(value)}
          {...scale}
          value={positionOf(scale, value)}
          onInput={(event) => onValue(valueAt(scale, event.currentTarget.valueAsNumber))}
        />
        <NumberInput
          testid={`${testid}-value`}
          label={label}
          value={value}
          accepted={accepted}
          accepts={(typed) => typed >= 0 && Number.isFinite(typed)}
          onValue={onValue}
        />
      </span>
    </div>
  );
}
