import { useEffect, useRef, useState } from "preact/hooks";
import type { Key } from "../i18n.ts";
import type { Traits } from "../model.ts";
import { useView } from "../view.ts";
import { offered } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Dropdown } from "./dropdown.tsx";
import { Choice } from "./fields.tsx";
import { GEAR } from "./icons.tsx";

const THEMES: [Traits["theme"], Key][] = [
  ["auto", "themeAuto"],
  ["light", "themeLight"],
  ["dark", "themeDark"],
  ["contrast", "themeContrast"],
];
const PALETTES: [Traits["palette"], Key][] = [
  ["standard", "paletteStandard"],
  ["okabe-ito", "paletteOkabeIto"],
  ["grey", "paletteGrey"],
];

/** How the widget looks and moves, on how many threads it computes. */
export function SettingsButton() {
  const { t } = useView();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        icon={GEAR}
        testid="settings"
        title={t("settings")}
        expanded={open}
        buttonRef={button}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <Dropdown
          testid="settings-panel"
          label={t("settings")}
          button={button}
          onClose={() => setOpen(false)}
        >
          <Settings onClose={() => setOpen(false)} />
        </Dropdown>
      )}
    </>
  );
}

function Settings({ onClose }: { onClose: () => void }) {
  const { state, actions, t } = useView();
  const { theme, palette, lang, threads, cores } = state.traits;
  const tongues = offered();
  const counts = Array.from({ length: cores.value }, (_, n) => n + 1).filter(
    (n) => n <= 8 || Number.isInteger(Math.log2(n)) || n === cores.value || n === threads.value,
  );
  return (
    <div class="kw-setting-list">
      <Choice
        testid="theme"
        label={t("theme")}
        help={t("themeHelp")}
        value={theme.value}
        options={THEMES.map(([value, key]) => [value, t(key)])}
        onValue={(value) => state.set("theme", value as Traits["theme"])}
      />
      <Choice
        testid="palette"
        label={t("palette")}
        help={t("paletteHelp")}
        value={palette.value}
        options={PALETTES.map(([value, key]) => [value, t(key)])}
        onValue={(value) => state.set("palette", value as Traits["palette"])}
      />
      {tongues.length > 1 && (
        <Choice
          testid="lang"
          label={t("language")}
          help={t("languageHelp")}
          value={lang.value}
          options={tongues}
          onValue={(value) => state.set("lang", value)}
        />
      )}
      <Choice
        testid="threads"
        label={t("threads")}
        help={t("threadsHelp")}
        value={String(threads.value)}
        options={[["auto", t("threadsAuto")], ...counts.map((n): [string, string] => [String(n), String(n)])]}
        onValue={(value) => state.set("threads", value === "auto" ? "auto" : Number(value))}
      />
      <Check
        testid="ghosts"
        label={t("ghosts")}
        help={t("ghostsHelp")}
        checked={state.ghosts.value}
        onChange={(checked) => {
          state.ghosts.value = checked;
        }}
      />
      <Check
        testid="motion"
        label={t("motion")}
        help={t("motionHelp")}
        checked={state.motion.value !== "still"}
        onChange={(checked) => {
          state.motion.value = checked ? "system" : "still";
        }}
      />
      <div class="kw-setting-buttons">
        <FullScreen />
        <Button
          testid="open-guide"
          onClick={() => {
            onClose();
            actions.openGuide();
          }}
        >
          {t("guide")}
        </Button>
      </div>
    </div>
  );
}

function Check(props: {
  testid: string;
  label: string;
  help: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  const { testid, label, help, checked, onChange } = props;
  return (
    <label class="kw-check" title={help}>
      <input
        type="checkbox"
        data-testid={testid}
        aria-description={help}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** The widget as large as the screen, and back. */
function FullScreen() {
  const { state, t } = useView();
  const ref = useRef<HTMLButtonElement>(null);
  const [full, setFull] = useState(false);
  useEffect(() => {
    const page = (ref.current as HTMLElement).ownerDocument;
    const update = () => setFull(page.fullscreenElement !== null);
    update();
    page.addEventListener("fullscreenchange", update);
    return () => page.removeEventListener("fullscreenchange", update);
  }, []);
  const toggle = async () => {
    const button = ref.current as HTMLElement;
    const root = button.closest<HTMLElement>(".kanwidget");
    try {
      if (button.ownerDocument.fullscreenElement) await button.ownerDocument.exitFullscreen();
      else await root?.requestFullscreen();
    } catch (error) {
      state.report(t("noFullScreen", { reason: error instanceof Error ? error.message : String(error) }));
    }
  };
  return (
    <Button buttonRef={ref} testid="full-screen" onClick={toggle}>
      {t(full ? "leaveFullScreen" : "fullScreen")}
    </Button>
  );
}
