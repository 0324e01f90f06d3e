import type { ComponentChildren, CSSProperties, Ref } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { short } from "../format.ts";
import type { Explained, Key } from "../i18n.ts";
import type { Traits } from "../model.ts";
import { consume } from "../roving.ts";
import { type LogScale, positionOf, valueAt } from "../scale.ts";
import { useView } from "../view.ts";

interface FieldProps {
  /** The text that names it; that of the same name with Help behind it explains it. */
  words: Explained;
  help?: string;
  tag?: "label" | "div";
  children: ComponentChildren;
}

/** A control with its name; what it does is told where it is pointed at. */
export function Field({ words, help, tag: Tag = "label", children }: FieldProps) {
  const { t } = useView();
  return (
    <Tag class="kw-field" title={help ?? t(`${words}Help`)}>
      <span class="kw-label">{t(words)}</span>
      {children}
    </Tag>
  );
}

type NumberTrait = "steps" | "lr" | "lamb" | "lamb_entropy";

interface NumberProps {
  of: NumberTrait;
  words: Explained;
  testid?: string;
  /** What is accepted, in words. */
  accepted: Key;
  accepts: (value: number) => boolean;
  "aria-description"?: string;
}

interface DraftProps {
  testid: string;
  label: string;
  value: string;
  title?: string;
  inputMode?: "decimal";
  "aria-description"?: string;
  onTyped: (text: string) => void;
}

type On<Happening> = (event: Happening & { currentTarget: HTMLInputElement }) => void;

interface TextProps {
  testid: string;
  label: string;
  value: string;
  onText: (text: string) => void;
  fieldRef?: Ref<HTMLInputElement>;
  class?: string;
  style?: CSSProperties;
  title?: string;
  placeholder?: string;
  inputMode?: "decimal" | "numeric";
  "aria-description"?: string;
  "aria-invalid"?: boolean;
  onChange?: On<Event>;
  onKeyDown?: On<KeyboardEvent>;
}

/** A line of text that is no prose. */
export function TextInput({ testid, label, onText, fieldRef, ...others }: TextProps) {
  return (
    <input
      ref={fieldRef}
      type="text"
      spellcheck={false}
      autocomplete="off"
      data-testid={testid}
      aria-label={label}
      onInput={(event) => onText(event.currentTarget.value)}
      {...others}
    />
  );
}

/** A short text to type anew. Nothing is told until it is complete, by Enter or elsewhere; Escape takes it back. */
export function DraftField({ value, onTyped, ...others }: DraftProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? value;
  const commit = (input: HTMLInputElement) => {
    const text = input.value;
    setDraft(null);
    input.value = value;
    if (text !== value) onTyped(text);
  };
  return (
    <TextInput
      class="kw-number"
      style={{ "--kw-digits": shown.length }}
      value={shown}
      onText={setDraft}
      onChange={(event) => commit(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget);
        if (event.key !== "Escape" || draft === null) return;
        consume(event);
        setDraft(null);
      }}
      {...others}
    />
  );
}

/** A number to type, which is set only if it is acceptable. */
function NumberInput({ of, words, testid = of, accepted, accepts, ...others }: NumberProps) {
  const { state, t } = useView();
  const label = t(words);
  const value = state.traits[of].value;
  const take = (text: string) => {
    const typed = text.trim() === "" ? Number.NaN : Number(text);
    if (typed === value) return;
    if (accepts(typed)) state.set(of, typed);
    else state.report(t("wrongNumber", { label, accepted: t(accepted), value: text }));
  };
  return (
    <DraftField
      testid={testid}
      label={label}
      value={String(value)}
      inputMode="decimal"
      onTyped={take}
      {...others}
    />
  );
}

export function NumberField(props: NumberProps) {
  const { t } = useView();
  return (
    <Field words={props.words}>
      <NumberInput aria-description={t(`${props.words}Help`)} {...props} />
    </Field>
  );
}

/** A slider over powers of ten that starts at 0, with its value beside it to read or type. */
export function LogSlider({ of, words, scale }: { of: NumberTrait; words: Explained; scale: LogScale }) {
  const { state, t } = useView();
  const value = state.traits[of].value;
  const testid = of.replace("_", "-");
  return (
    <Field words={words} tag="div">
      <span class="kw-slider">
        <input
          type="range"
          data-testid={testid}
          aria-label={t(words)}
          aria-description={t(`${words}Help`)}
          aria-valuetext={short(value)}
          {...scale}
          value={positionOf(scale, value)}
          onInput={(event) => state.set(of, valueAt(scale, event.currentTarget.valueAsNumber))}
        />
        <NumberInput
          of={of}
          words={words}
          testid={`${testid}-value`}
          accepted="acceptNonNegative"
          accepts={(typed) => typed >= 0 && Number.isFinite(typed)}
        />
      </span>
    </Field>
  );
}

interface SelectProps<K extends keyof Traits> {
  of: K;
  class?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-description"?: string;
  options: readonly (readonly [value: Traits[K], text: string, title?: string])[];
}

/** One of a few values of a trait. */
export function Select<K extends keyof Traits>({ of, options, ...others }: SelectProps<K>) {
  const { state } = useView();
  return (
    <select
      data-testid={of}
      value={String(state.traits[of].value)}
      onChange={(event) => state.set(of, options[event.currentTarget.selectedIndex][0])}
      {...others}
    >
      {options.map(([value, text, title]) => (
        <option key={value} value={String(value)} title={title}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface ChoiceProps<K extends keyof Traits> {
  of: K;
  words: Explained;
  help?: string;
  options: SelectProps<K>["options"];
}

export function Choice<K extends keyof Traits>({ of, words, help, options }: ChoiceProps<K>) {
  const { t } = useView();
  return (
    <Field words={words} help={help}>
      <Select of={of} options={options} aria-description={help ?? t(`${words}Help`)} />
    </Field>
  );
}

interface CheckProps {
  testid: string;
  words: Explained;
  on: boolean;
  disabled?: boolean;
  onTurn: (on: boolean) => void;
}

/** Something that is on or off. */
export function Check({ testid, words, on, disabled, onTurn }: CheckProps) {
  const { t } = useView();
  const help = t(`${words}Help`);
  return (
    <label class="kw-check" title={help}>
      <input
        type="checkbox"
        data-testid={testid}
        aria-description={help}
        checked={on}
        disabled={disabled}
        onChange={(event) => onTurn(event.currentTarget.checked)}
      />
      {t(words)}
    </label>
  );
}

/** For a field whose text is selected at once: the next key is meant for it. */
export function useSelected<Text extends HTMLInputElement | HTMLTextAreaElement>() {
  const field = useRef<Text>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return field;
}
