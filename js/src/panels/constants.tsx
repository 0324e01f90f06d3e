import type { Constant } from "../commands.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { DraftField } from "./fields.tsx";
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
      {constants.map(({ name, text, value, locked }) => (
        <span key={name} class="kw-constant" data-locked={locked}>
          {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is in a component */}
          <label title={value === null ? undefined : `${name} = ${value}`}>
            <i>{name}</i>
            <DraftField
              testid={`constant-${name}`}
              label={t("constantLabel", { name })}
              title={t("constantHelp")}
              value={text}
              onTyped={(typed) => typed.trim() && onSet(name, typed.trim())}
            />
          </label>
          <Button
            icon={locked ? LOCK : UNLOCK}
            class="kw-icon kw-lock"
            testid={`lock-${name}`}
            pressed={locked}
            title={t(locked ? "unlockConstant" : "lockConstant", { name })}
            onClick={() => onLock(name, !locked)}
          />
        </span>
      ))}
    </fieldset>
  );
}
