import { useState } from "preact/hooks";
import type { Constant } from "../commands.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { LOCK, UNLOCK } from "./icons.tsx";

interface ConstantsProps {
  constants: Constant[];
  disabled: boolean;
  onSet: (name: string, text: string) => void;
  onLock: (name: string, locked: boolean) => void;
}

/** a, b, c and d of c·f(a·x + b) + d: each can be typed, and kept from training. */
export function Constants({ constants, disabled, onSet, onLock }: ConstantsProps) {
  const { t } = useView();
  return (
    <fieldset class="kw-constants" data-testid="constants" disabled={disabled}>
      <legend class="kw-unseen">{t("constantsOf")}</legend>
      {constants.map((constant) => (
        <ConstantField
          key={constant.name}
          constant={constant}
          onSet={(text) => onSet(constant.name, text)}
          onLock={() => onLock(constant.name, !constant.locked)}
        />
      ))}
    </fieldset>
  );
}

interface FieldProps {
  constant: Constant;
  onSet: (text: string) => void;
  onLock: () => void;
}

function ConstantField({ constant, onSet, onLock }: FieldProps) {
  const { t } = useView();
  const { name, text, value, locked } = constant;
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (input: HTMLInputElement) => {
    const typed = input.value.trim();
    setDraft(null);
    input.value = text;
    if (typed !== "" && typed !== text) onSet(typed);
  };
  return (
    <span class="kw-constant" data-locked={locked}>
      <label title={value === null ? undefined : `${name} = ${value}`}>
        <i>{name}</i>
        <input
          class="kw-number"
          type="text"
          spellcheck={false}
          autocomplete="off"
          data-testid={`constant-${name}`}
          aria-label={t("constantLabel", { name })}
          title={t("constantHelp")}
          value={draft ?? text}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onChange={(event) => commit(event.currentTarget)}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit(event.currentTarget);
            else if (event.key === "Escape" && draft !== null) {
              event.preventDefault();
              event.stopPropagation();
              setDraft(null);
            }
          }}
        />
      </label>
      <Button
        icon={locked ? LOCK : UNLOCK}
        class="kw-icon kw-lock"
        testid={`lock-${name}`}
        pressed={locked}
        title={t(locked ? "unlockConstant" : "lockConstant", { name })}
        onClick={onLock}
      />
    </span>
  );
}
