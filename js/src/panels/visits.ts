import { useEffect } from "preact/hooks";
import { type Doing, doingOf } from "../historykeys.ts";
import type { HistoryNode } from "../model.ts";
import { consume } from "../roving.ts";
import { useView } from "../view.ts";

type Acts = Partial<Record<Doing, () => unknown>>;

/** Looking at the states of the history and going there; of one that was let go only that is said. */
export function useVisits(say: (text: string) => void) {
  const { state, actions, t } = useView();
  const { past } = actions;
  const { current } = state.traits.history.value;
  useEffect(() => () => past.look(null), [past]);
  const withKept = (node: HistoryNode | undefined, act: (id: number) => void) => {
    if (node?.kept === false) say(t("letGo", { step: node.id }));
    else if (node) act(node.id);
  };
  const show = (node?: HistoryNode) => past.look(node && node.kept !== false ? node.id : null);
  const go = (node?: HistoryNode) =>
    withKept(node, (id) => {
      if (id !== current || state.running.peek()) void past.jump(id);
    });
  const compare = (node: HistoryNode) => withKept(node, (id) => past.openComparison(id, current));
  /** Does what a key means; a deed that returns false leaves the key to others. */
  const onKey = (event: KeyboardEvent, acts: Acts) => {
    const doing = event.altKey || event.ctrlKey || event.metaKey ? null : doingOf(event);
    const back = () => state.preview.peek() !== null && show();
    const act = doing && { back, ...acts }[doing];
    if (act && act() !== false) consume(event);
  };
  return { show, go, compare, onKey };
}
