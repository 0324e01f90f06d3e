import { computed, effect, signal } from "@preact/signals";
import { h, render as renderTree } from "preact";
import { actionsOf } from "./actions.ts";
import { App } from "./app.tsx";
import { tellAttention } from "./attention.ts";
import { commandsOf } from "./commands.ts";
import { declareFonts } from "./fonts.ts";
import { translator } from "./i18n.ts";
import { listenToKeys } from "./keys.ts";
import { watchLife } from "./life.ts";
import type { Model } from "./model.ts";
import { pictureOf } from "./scene/picture.ts";
import { stateOf } from "./state.ts";
import { hostTheme, readPalette, watchHostTheme } from "./theme.ts";

/** Shows one view of the model in `el`; the function it returns leaves nothing behind. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const root = el.ownerDocument.createElement("div");
  root.className = "kanwidget";
  root.dataset.testid = "kanwidget";
  el.append(root);
  // In a row of widgets this one takes the room that is left.
  el.style.flexGrow ||= "1";

  const state = stateOf(model);
  const { lang, theme, palette: colours, status, version } = state.traits;
  const translate = computed(() => translator(lang.value));
  const silence = () => {
    state.note.value = { kind: "warning", text: translate.peek()("silent"), silence: true };
  };
  const heard = () => {
    if (state.note.peek()?.silence) state.note.value = null;
  };
  const commands = commandsOf(
    model,
    () => {
      silence();
      void life.ask();
    },
    heard,
  );
  const actions = actionsOf(state, commands);
  const life = watchLife(model, state, commands);

  // A new object with every change of the page, which may be one of its colours alone.
  const page = signal({ theme: hostTheme() });
  const unwatch = watchHostTheme(() => {
    page.value = { theme: hostTheme() };
  });
  const palette = signal(readPalette(root));
  const picture = pictureOf(state, palette);
  // Jupyter attaches `el` after this call: there are no styles to read before it has a size.
  const attached = computed(() => picture.size.value.width > 0);
  const view = { state, actions, picture, life, translate };

  const undoers = [
    unwatch,
    life.stop,
    effect(() => (state.lost.value ? silence : heard)()),
    tellAttention(root, model, picture.drawn),
    listenToKeys(root, view),
    effect(() => {
      if (attached.value) declareFonts(root);
    }),
    effect(() => {
      void attached.value;
      const ofPage = page.value.theme;
      const follows = theme.value === "auto";
      root.dataset.palette = colours.value;
      root.dataset.theme = follows ? ofPage : theme.value;
      root.toggleAttribute("data-follows-page", follows);
      palette.value = readPalette(root);
    }),
    effect(() => {
      root.toggleAttribute("data-still", state.motion.value === "still");
      root.toggleAttribute("data-busy", status.value === "busy");
      root.dataset.version = String(version.value);
    }),
  ];
  renderTree(h(App, { view }), root);

  return () => {
    renderTree(null, root);
    for (const undo of undoers) undo();
    actions.past.dispose();
    commands.dispose();
    state.dispose();
    root.remove();
  };
}

export default { render };
