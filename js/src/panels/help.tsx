import { HISTORY_KEYS } from "../historykeys.ts";
import { BINDINGS, type Binding, GESTURES, GROUPS } from "../keytable.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { Page } from "./frame.tsx";

const SIGNS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  "-": "−",
};
/** Other keys for the same, which need not be read. */
const UNSAID = new Set(["=", "_", "Backspace"]);

/** All keys and gestures, as the table of keys has them. */
export function Help() {
  const { state, actions, t } = useView();
  if (!state.helpOpen.value) return null;
  const rows = (bindings: readonly Pick<Binding, "chords" | "meaning">[]) =>
    bindings.map((binding) => [keysOf(binding), t(binding.meaning)] as const);
  const groups = [
    ...GROUPS.map((name) => [name, rows(BINDINGS.filter(({ group }) => group === name))] as const),
    ["keysHistory", rows(HISTORY_KEYS)] as const,
    ["keysPointer", GESTURES.map((gesture) => [[t(gesture)], t(`${gesture}Meaning`)] as const)] as const,
  ];
  return (
    <Page class="kw-help" testid="help" label={t("help")}>
      <p class="kw-quiet-text">{t("helpCanvas")}</p>
      <div class="kw-help-groups">
        {groups.map(([group, entries]) => (
          <section key={group}>
            <h4>{t(group)}</h4>
            <dl>
              {entries.map(([keys, meaning]) => (
                <div key={meaning}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Button words="guide" testid="help-guide" onClick={() => actions.openGuide()} />
    </Page>
  );
}

/** Keys as they are written on a keyboard; the four arrows of a row have their modifier once. */
export function keysOf({ chords }: Pick<Binding, "chords">): string[] {
  const said = chords.filter((chord) => !UNSAID.has(chord));
  const arrows = said.filter((chord) => chord.includes("Arrow")).map(sign);
  if (arrows.length < 4) return said.map(sign);
  const modifier = said[0].slice(0, said[0].indexOf("Arrow"));
  return [`${modifier}${arrows.map((arrow) => arrow.at(-1)).join(" ")}`];
}

function sign(chord: string): string {
  const parts = chord === "+" ? [chord] : chord.split("+");
  return parts.map((part) => SIGNS[part] ?? part).join("+");
}
