import { useLayoutEffect, useRef } from "preact/hooks";
import { HISTORY_KEYS } from "../historykeys.ts";
import { BINDINGS, type Binding, GESTURES } from "../keytable.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

const SIGNS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  "-": "−",
};
/** Other keys for the same, which need not be read. */
const UNSAID = new Set(["=", "_", "Backspace"]);
const GROUPS = ["keysWalk", "keysChoose", "keysAct", "keysLook", "keysWidget"] as const;

/** All keys and gestures, as the table of keys has them. */
export function Help() {
  const { state, actions, t } = useView();
  const open = state.helpOpen.value;
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) return;
    ref.current?.focus({ preventScroll: true });
    ref.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  if (!open) return null;
  const groups = GROUPS.map((group) => ({
    group,
    rows: BINDINGS.filter((binding) => binding.group === group).map((binding) => ({
      keys: keysOf(binding),
      meaning: t(binding.meaning),
    })),
  }));
  const past = HISTORY_KEYS.map(({ chords, meaning }) => ({ keys: keysOf({ chords }), meaning: t(meaning) }));
  const gestures = GESTURES.map(({ gesture, meaning }) => ({ keys: [t(gesture)], meaning: t(meaning) }));
  return (
    <div class="kw-veil">
      <div class="kw-help" role="dialog" aria-label={t("help")} tabIndex={-1} ref={ref} data-testid="help">
        <header>
          <h3>{t("help")}</h3>
          <Button icon={CLOSE} title={t("close")} onClick={() => actions.close()} />
        </header>
        <p class="kw-quiet-text">{t("helpCanvas")}</p>
        <div class="kw-help-groups">
          {[
            ...groups,
            { group: "keysHistory" as const, rows: past },
            { group: "keysPointer" as const, rows: gestures },
          ].map(({ group, rows }) => (
            <section key={group}>
              <h4>{t(group)}</h4>
              <dl>
                {rows.map(({ keys, meaning }) => (
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
        <Button testid="help-guide" onClick={() => actions.openGuide()}>
          {t("guide")}
        </Button>
      </div>
    </div>
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
