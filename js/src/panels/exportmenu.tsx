import { useState } from "preact/hooks";
import { describeNetwork } from "../describe.ts";
import { download, fileName, pngOf, svgOf } from "../exporting.ts";
import { useView } from "../view.ts";
import { DOWNLOAD } from "./icons.tsx";
import { MenuButton } from "./opener.tsx";

type Form = "svg" | "png" | "html";

/** Downloads the picture, or a page that shows the session without a kernel. */
export function ExportMenu() {
  const { state, actions, picture, t } = useView();
  const [said, setSaid] = useState("");

  const make = async (form: Form): Promise<Blob | null> => {
    const scene = state.shown.peek();
    if (form === "png") return pngOf(state, picture);
    if (form === "svg") return scene && svgOf(state, picture, describeNetwork(scene, t));
    setSaid(t("exporting"));
    return new Blob([await actions.page()], { type: "text/html" });
  };
  const give = async (form: Form) => {
    const scene = state.shown.peek();
    const name = fileName(scene, state.preview.peek()?.id ?? state.traits.history.peek().current, form);
    try {
      const content = await make(form);
      if (!content) throw new Error(t(scene ? "exportFailed" : "exportWaits"));
      download(name, content);
      const text = t("exported", { name });
      setSaid(text);
      state.note.value = { kind: "info", text };
    } catch (error) {
      setSaid("");
      state.report(error);
    }
  };

  return (
    <div class="kw-export">
      <MenuButton
        icon={DOWNLOAD}
        testid="export"
        title={t("exportHelp")}
        aria-label={t("exportMenu")}
        menu={{ class: "kw-export-menu", "aria-label": t("exportMenu") }}
        items={[
          ["svg", t("exportSvg"), t("exportSvgHelp")],
          ["png", t("exportPng"), t("exportPngHelp")],
          ["html", t("exportHtml"), t("exportHtmlHelp")],
        ]}
        onChoose={give}
      />
      <span class="kw-unseen" role="status">
        {said}
      </span>
    </div>
  );
}
