import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { TARGETS, type Target } from "../commands.ts";
import { itemFor } from "../menukeys.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { COPY } from "./icons.tsx";

/** Copies the formula as LaTeX at once, or as source in a language that is chosen from a menu. */
export function CopyMenu({ latex }: { latex: string }) {
  const { actions, t } = useView();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    setSaid("");
    setRefused(null);
  }, [latex]);

  const copy = async (text: string | null, name: string) => {
    setRefused(null);
    if (text === null) return;
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t("copiedAs", { name }));
    } catch {
      setSaid("");
      setRefused(text);
    }
  };
  const choose = async (target: Target) => {
    setOpen(false);
    opener.current?.focus();
    await copy(await actions.exportAs(target), t(`target_${target}`));
  };
  return (
    <span class="kw-copy">
      <span class="kw-quiet-text" role="status" data-testid="copied">
        {said}
      </span>
      <Button icon={COPY} look="quiet" testid="copy-latex" onClick={() => copy(latex, t("target_latex"))}>
        {t("copyLatex")}
      </Button>
      <Button
        look="quiet"
        testid="copy-as"
        aria-haspopup="menu"
        expanded={open}
        buttonRef={opener}
        onClick={() => setOpen(!open)}
      >
        {t("copyAs")} ▾
      </Button>
      {open && (
        <Choices
          onChoose={choose}
          onClose={(byKeyboard) => {
            setOpen(false);
            if (byKeyboard) opener.current?.focus();
          }}
        />
      )}
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

function Choices(props: { onChoose: (target: Target) => void; onClose: (byKeyboard: boolean) => void }) {
  const { t } = useView();
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => menu.current?.querySelector("button")?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const item = itemFor(event, [...(menu.current as HTMLElement).querySelectorAll("button")]);
    if (item) item.focus();
    else if (event.key === "Escape" || event.key === "Tab") props.onClose(event.key === "Escape");
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="kw-choices"
      role="menu"
      aria-label={t("copyAs")}
      data-testid="copy-choices"
      ref={menu}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        if (!menu.current?.contains(event.relatedTarget as Node | null)) props.onClose(false);
      }}
    >
      {TARGETS.map((target) => (
        <button
          type="button"
          role="menuitem"
          key={target}
          data-target={target}
          tabIndex={-1}
          onClick={() => props.onChoose(target)}
        >
          {t(`target_${target}`)}
        </button>
      ))}
    </div>
  );
}

/** Where the browser does not let us copy: the text, selected, for the person to copy it. */
function ByHand({ text, onClose }: { text: string; onClose: () => void }) {
  const { t } = useView();
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);
  return (
    <span class="kw-by-hand">
      <label>
        {t("copyByHand")}
        <textarea
          readOnly
          rows={6}
          value={text}
          data-testid="copy-by-hand"
          ref={box}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") onClose();
          }}
        />
      </label>
      <Button onClick={onClose}>{t("close")}</Button>
    </span>
  );
}
