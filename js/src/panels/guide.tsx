import type { Explained, Key } from "../i18n.ts";
import { useView } from "../view.ts";
import { Page } from "./frame.tsx";

const GROUPS: [title: Key, controls: Explained[]][] = [
  ["guideTraining", ["train", "stop", "pause", "oneStep", "cancel", "find", "undo", "redo"]],
  ["guideSteering", ["steps", "optimizer", "lr", "lamb", "lambEntropy", "grid", "slow", "threads"]],
  ["guideOptimizers", ["nameLBFGS", "nameLM", "nameAdam", "nameAdamW", "nameAuto"]],
  ["guideReading", ["prune", "loss", "importance"]],
  ["guideLooks", ["theme", "palette", "language", "ghosts", "motion", "fullScreen"]],
];

/** Every control with the sentence that explains it; the same sentence is its tooltip. */
export const CONTROLS = GROUPS.map(
  ([title, names]) => [title, names.map((name) => [name, `${name}Help`] as const)] as const,
);

/** What each control does. */
export function Guide() {
  const { state, t } = useView();
  if (!state.guideOpen.value) return null;
  return (
    <Page class="kw-help kw-guide" testid="guide" label={t("guide")}>
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
    </Page>
  );
}
