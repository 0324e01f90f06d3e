import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { describeNetwork } from "../describe.ts";
import { download, fileName, pngOf, svgOf } from "../exporting.ts";
import type { Key } from "../i18n.ts";
import { itemFor } from "../menukeys.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { DOWNLOAD } from "./icons.tsx";

type Form = "svg" | "png" | "html";

const FORMS: { form: Form; label: Key; help: Key }[] = [
  { form: "svg", label: "exportSvg", help: "exportSvgHelp" },
  { form: "png", label: "exportPng", help: "exportPngHelp" },
  { form: "html", label: "exportHtml", help: "exportHtmlHelp" },
];

/** Downloads the picture, or a page that shows the session without a kernel. */
export function ExportMenu() {
  const { state, actions, picture, t } = useView();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  // at once: the next key may come before anything is painted
  useLayoutEffect(() => {
    if (!open) return;
    items(box.current)[0]?.focus();
    const root = box.current?.getRootNode() ?? document;
    const away = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    root.addEventListener("pointerdown", away);
    return () => root.removeEventListener("pointerdown", away);
  }, [open]);

  const leave = () => {
    setOpen(false);
    button.current?.focus();
  };

  const make = async (form: Form): Promise<Blob | null> => {
    const scene = state.shown.peek();
    if (form === "png") return pngOf(state, picture);
    if (form === "svg") return scene && svgOf(state, picture, describeNetwork(scene, t));
    setSaid(t("exporting"));
    return new Blob([await actions.page()], { type: "text/html" });
  };

  const give = async (form: Form) => {
    leave();
    const name = fileName(
      state.shown.peek(),
      state.preview.peek()?.id ?? state.traits.history.peek().current,
      form,
    );
    try {
      const content = await make(form);
      if (!content) throw new Error(t(state.shown.peek() ? "exportFailed" : "exportWaits"));
      download(name, content);
      setSaid(t("exported", { name }));
      state.note.value = { kind: "info", text: t("exported", { name }) };
    } catch (error) {
      setSaid("");
      state.report(error);
    }
  };

  const walk = (event: KeyboardEvent) => {
    const item = itemFor(event, items(box.current));
    if (event.key === "Escape") leave();
    else if (event.key === "Tab") setOpen(false);
    else item?.focus();
    if (event.key === "Escape" || item) event.preventDefault();
    if (event.key !== "Tab") event.stopPropagation();
  };

  return (
    <div class="kw-export" ref={box}>
      <Button
        icon={DOWNLOAD}
        buttonRef={button}
        testid="export"
        title={t("exportHelp")}
        aria-label={t("exportMenu")}
        aria-haspopup="menu"
        expanded={open}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <div class="kw-export-menu" role="menu" tabIndex={-1} aria-label={t("exportMenu")} onKeyDown={walk}>
          {FORMS.map(({ form, label, help }) => (
            <button
              key={form}
              type="button"
              role="menuitem"
              tabIndex={-1}
              data-testid={`export-${form}`}
              data-lm-suppress-shortcuts="true"
              onClick={() => void give(form)}
            >
              {t(label)}
              <small>{t(help)}</small>
            </button>
          ))}
        </div>
      )}
      <span class="kw-unseen" role="status">
        {said}
      </span>
    </div>
  );
}

function items(box: HTMLElement | null): HTMLButtonElement[] {
  return [...(box?.querySelectorAll<HTMLButtonElement>("[role=menuitem]") ?? [])];
}
