import { useEffect, useRef, useState } from "preact/hooks";
import { TARGETS, type Target } from "../commands.ts";
import { copied } from "../exporting.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { useSelected } from "./fields.tsx";
import { COPY } from "./icons.tsx";
import { MenuButton } from "./opener.tsx";

/** Copies the formula as LaTeX at once, or as source in a language that is chosen from a menu. */
export function CopyMenu({ latex }: { latex: string }) {
  const { actions, t } = useView();
  const [said, setSaid] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    setSaid("");
    setRefused(null);
  }, [latex]);

  const copy = async (text: string | null, target: Target) => {
    setRefused(null);
    if (text === null) return;
    const done = await copied(text);
    setSaid(done ? t("copiedAs", { name: t(`target_${target}`) }) : "");
    if (!done) setRefused(text);
  };
  return (
    <span class="kw-copy">
      <span class="kw-quiet-text" role="status" data-testid="copied">
        {said}
      </span>
      <Button icon={COPY} look="quiet" testid="copy-latex" onClick={() => copy(latex, "latex")}>
        {t("copyLatex")}
      </Button>
      <MenuButton
        look="quiet"
        testid="copy-as"
        buttonRef={opener}
        menu={{ class: "kw-choices", "aria-label": t("copyAs"), "data-testid": "copy-choices" }}
        items={TARGETS.map((target) => [target, t(`target_${target}`)])}
        onChoose={async (target) => copy(await actions.exportAs(target), target)}
      >
        {t("copyAs")} ▾
      </MenuButton>
      {refused !== null && (
        <ByHand
          text={refused}
          onClose={() => {
            setRefused(null);
            opener.current?.focus();
          }}
        />
      )}
    </span>
  );
}

/** Where the browser does not let us copy: the text, selected, for the person to copy it. */
function ByHand({ text, onClose }: { text: string; onClose: () => void }) {
  const { t } = useView();
  return (
    <span class="kw-by-hand">
      <label>
        {t("copyByHand")}
        <textarea
          readOnly
          rows={6}
          value={text}
          data-testid="copy-by-hand"
          ref={useSelected()}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") onClose();
          }}
        />
      </label>
      <Button words="close" onClick={onClose} />
    </span>
  );
}
