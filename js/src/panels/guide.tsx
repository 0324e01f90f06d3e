import { useLayoutEffect, useRef } from "preact/hooks";
import type { Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

/** Every control with the sentence that explains it; the same sentence is its tooltip. */
export const CONTROLS: [title: Key, controls: [name: Key, help: Key][]][] = [
  [
    "guideTraining",
    [
      ["train", "trainHelp"],
      ["stop", "stopHelp"],
      ["pause", "pauseHelp"],
      ["oneStep", "oneStepHelp"],
      ["cancel", "cancelHelp"],
      ["find", "findHelp"],
      ["undo", "undoHelp"],
      ["redo", "redoHelp"],
    ],
  ],
  [
    "guideSteering",
    [
      ["steps", "stepsHelp"],
      ["optimizer", "optimizerHelp"],
      ["lr", "lrHelp"],
      ["lamb", "lambHelp"],
      ["lambEntropy", "lambEntropyHelp"],
      ["grid", "gridHelp"],
      ["slow", "slowHelp"],
      ["threads", "threadsHelp"],
    ],
  ],
  [
    "guideOptimizers",
    [
      ["nameLBFGS", "helpLBFGS"],
      ["nameLM", "helpLM"],
      ["nameAdam", "helpAdam"],
      ["nameAdamW", "helpAdamW"],
      ["nameAuto", "helpAuto"],
    ],
  ],
  [
    "guideReading",
    [
      ["prune", "pruneHelp"],
      ["loss", "lossHelp"],
      ["importance", "importanceHelp"],
    ],
  ],
  [
    "guideLooks",
    [
      ["theme", "themeHelp"],
      ["palette", "paletteHelp"],
      ["language", "languageHelp"],
      ["ghosts", "ghostsHelp"],
      ["motion", "motionHelp"],
      ["fullScreen", "fullScreenHelp"],
    ],
  ],
];

/** What each control does. */
export function Guide() {
  const { state, actions, t } = useView();
  const open = state.guideOpen.value;
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (open) ref.current?.focus({ preventScroll: true });
  }, [open]);
  if (!open) return null;
  return (
    <div class="kw-veil">
      <div
        class="kw-help kw-guide"
        role="dialog"
        aria-label={t("guide")}
        tabIndex={-1}
        ref={ref}
        data-testid="guide"
      >
        <header>
          <h3>{t("guide")}</h3>
          <Button icon={CLOSE} title={t("close")} onClick={() => actions.close()} />
        </header>
        {CONTROLS.map(([title, controls]) => (
          <section key={title}>
            <h4>{t(title)}</h4>
            <dl>
              {controls.map(([name, help]) => (
                <div key={name}>
                  <dt>{t(name)}</dt>
                  <dd>{t(help)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </div>
  );
}
