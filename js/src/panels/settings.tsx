import { useEffect, useState } from "preact/hooks";
import { useView } from "../view.ts";
import { offered } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Check, Choice } from "./fields.tsx";
import { Dropdown } from "./frame.tsx";
import { GEAR } from "./icons.tsx";
import { Opener } from "./opener.tsx";

/** How the widget looks and moves, on how many threads it computes. */
export function SettingsButton() {
  const { t } = useView();
  const label = t("settings");
  return (
    <Opener
      icon={GEAR}
      testid="settings"
      title={label}
      opens={(close) => (
        <Dropdown testid="settings-panel" label={label} onClose={close}>
          <Settings onClose={close} />
        </Dropdown>
      )}
    />
  );
}

function Settings({ onClose }: { onClose: () => void }) {
  const { state, actions, t } = useView();
  const { ghosts, motion } = state;
  const threads = state.traits.threads.value;
  const cores = state.traits.cores.value;
  const tongues = offered();
  const counts = Array.from({ length: cores }, (_, n) => n + 1).filter(
    (n) => n <= 8 || Number.isInteger(Math.log2(n)) || n === cores || n === threads,
  );
  return (
    <div class="kw-setting-list">
      <Choice
        of="theme"
        words="theme"
        options={[
          ["auto", t("themeAuto")],
          ["light", t("themeLight")],
          ["dark", t("themeDark")],
          ["contrast", t("themeContrast")],
        ]}
      />
      <Choice
        of="palette"
        words="palette"
        options={[
          ["standard", t("paletteStandard")],
          ["okabe-ito", t("paletteOkabeIto")],
          ["grey", t("paletteGrey")],
        ]}
      />
      {tongues.length > 1 && <Choice of="lang" words="language" options={tongues} />}
      <Choice
        of="threads"
        words="threads"
        options={[["auto", t("threadsAuto")], ...counts.map((n) => [n, String(n)] as const)]}
      />
      <Check
        testid="ghosts"
        words="ghosts"
        on={ghosts.value}
        onTurn={(on) => {
          ghosts.value = on;
        }}
      />
      <Check
        testid="motion"
        words="motion"
        on={motion.value !== "still"}
        onTurn={(on) => {
          motion.value = on ? "system" : "still";
        }}
      />
      <div class="kw-setting-buttons">
        <FullScreen />
        <Button
          words="guide"
          testid="open-guide"
          onClick={() => {
            onClose();
            actions.openGuide();
          }}
        />
      </div>
    </div>
  );
}

/** The widget as large as the screen, and back. */
function FullScreen() {
  const { state, t } = useView();
  const [full, setFull] = useState(false);
  useEffect(() => {
    const update = () => setFull(document.fullscreenElement !== null);
    update();
    document.addEventListener("fullscreenchange", update);
    return () => document.removeEventListener("fullscreenchange", update);
  }, []);
  return (
    <Button
      words={full ? "leaveFullScreen" : "fullScreen"}
      testid="full-screen"
      onClick={async ({ currentTarget }) => {
        try {
          if (full) await document.exitFullscreen();
          else await currentTarget.closest(".kanwidget")?.requestFullscreen();
        } catch (error) {
          state.report(t("noFullScreen", { reason: (error as Error).message }));
        }
      }}
    />
  );
}
