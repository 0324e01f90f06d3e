import { computed, effect, signal } from "@preact/signals";
import { h, render as renderTree } from "preact";
import { actionsOf } from "./actions.ts";
import { App } from "./app.tsx";
import { tellAttention } from "./attention.ts";
import { Commands } from "./commands.ts";
import { declareFonts } from "./fonts.ts";
import { translator } from "./i18n.ts";
import { listenToKeys } from "./keys.ts";
import { watchLife } from "./life.ts";
import type { Model } from "./model.ts";
import { Picture } from "./scene/picture.ts";
import { State } from "./state.ts";
import { hostTheme, readPalette, watchHostTheme } from "./theme.ts";

/** Shows one view of the model in `el`; the function it returns leaves nothing behind. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const root = el.ownerDocument.createElement("div");
  root.className = "kanwidget";
  root.dataset.testid = "kanwidget";
  el.append(root);

  const state = new State(model);
  const translate = computed(() => translator(state.traits.lang.value));
  const silence = () => {
    state.note.value = { kind: "warning", text: translate.peek()("silent"), silence: true };
  };
  const commands = new Commands(
    model,
    () => {
      silence();
      void life.ask();
    },
    () => {
      if (state.note.peek()?.silence) state.note.value = null;
    },
  );
  const actions = actionsOf(state, commands);
  const life = watchLife(model, state, commands);

  const pageTheme = signal(hostTheme());
  const pageChanges = signal(0);
  const unwatch = watchHostTheme(() => {
    pageTheme.value = hostTheme();
    pageChanges.value++;
  });
  const palette = signal(readPalette(root));
  const picture = new Picture(state, palette);
  // Jupyter attaches `el` after this call: there are no styles to read before it has a size.
  const attached = computed(() => picture.size.value.width > 0);
  const view = { state, actions, picture, life, translate };

  const undoers = [
    unwatch,
    life.stop,
    effect(() => {
      if (state.lost.value) silence();
      else if (state.note.peek()?.silence) state.note.value = null;
    }),
    tellAttention(root, model, picture.drawn),
    listenToKeys(root, view),
    effect(() => {
      const { status, step, version } = state.traits;
      void [status.value, step.value, version.value];
      commands.noteLife();
    }),
    effect(() => {
      if (attached.value) declareFonts(root);
    }),
    effect(() => {
      void [pageChanges.value, attached.value];
      const wanted = state.traits.theme.value;
      root.dataset.palette = state.traits.palette.value;
      root.dataset.theme = wanted === "auto" ? pageTheme.value : wanted;
      root.toggleAttribute("data-follows-page", wanted === "auto");
      palette.value = readPalette(root);
    }),
    effect(() => {
      root.toggleAttribute("data-still", state.motion.value === "still");
    }),
    effect(() => {
      root.toggleAttribute("data-busy", state.traits.status.value === "busy");
    }),
    effect(() => {
      root.dataset.version = String(state.traits.version.value);
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
