import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "./actions.ts";
import type { Translate } from "./i18n.ts";
import type { Life } from "./life.ts";
import type { Picture } from "./scene/picture.ts";
import type { State } from "./state.ts";

/** What every panel is given. */
export interface View {
  state: State;
  actions: Actions;
  picture: Picture;
  life: Life;
  translate: ReadonlySignal<Translate>;
}

export const ViewContext = createContext<View | null>(null);

export function useView(): View & { t: Translate } {
  const view = useContext(ViewContext);
  if (!view) throw new Error("A panel was drawn outside of its view.");
  return { ...view, t: view.translate.value };
}
