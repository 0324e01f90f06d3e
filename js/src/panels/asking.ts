import { useEffect, useState } from "preact/hooks";
import type { Inspection, Suggestions } from "../commands.ts";
import type { EdgeIndex } from "../protocol.ts";
import { useView } from "../view.ts";

/** What the session says of an edge: asked for when the inspector opens, and again when the network has changed. */
export function useAnswers(edge: EdgeIndex, suggest: boolean) {
  const { state, actions } = useView();
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [suggestions, setSuggestions] = useState<Suggestions | null>(null);
  /** Grows when the library has. */
  const [library, setLibrary] = useState(0);
  const training = state.training.value;
  // a training is looked at every half second, and fitted to functions only when it is over
  const version = state.scene.value?.version ?? 0;
  const settled = training ? -1 : version;
  useEffect(() => {
    let current = true;
    const ask = () =>
      actions.inspect(edge).then((found) => {
        if (current && found) setInspection(found);
      });
    ask();
    const timer = training ? setInterval(ask, 500) : undefined;
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [settled, actions]);
  useEffect(() => {
    if (!suggest || training) return;
    let current = true;
    actions.suggest(edge).then((found) => {
      if (current && found) setSuggestions(found);
    });
    return () => {
      current = false;
    };
  }, [settled, suggest, library, actions]);
  return { inspection, suggestions, libraryGrew: () => setLibrary((n) => n + 1) };
}
