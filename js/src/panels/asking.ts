import { useEffect, useState } from "preact/hooks";
import type { EdgeIndex } from "../protocol.ts";
import { useView } from "../view.ts";

interface Asking {
  /** Milliseconds until it is asked, in which it may have become something else. */
  wait?: number;
  /** Milliseconds after which it is asked again and again. */
  every?: number;
}

/**
 * What the session said last, and what that was about. It is asked when `about` is another thing, never while that
 * is null; a refusal, which the message line tells, and answers that come too late are no answers.
 */
export function useAnswer<About extends string | number, Answer>(
  about: About | null,
  ask: () => Promise<Answer | null>,
  { wait = 0, every }: Asking = {},
) {
  const [answered, setAnswered] = useState<{ about: About; answer: Answer } | null>(null);
  useEffect(() => {
    if (about === null) return;
    let current = true;
    const go = async () => {
      const answer = await ask();
      if (current && answer) setAnswered({ about, answer });
    };
    if (!wait) go();
    const timer = wait ? setTimeout(go, wait) : every && setInterval(go, every);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [about]);
  return answered;
}

interface Told<Found> {
  found?: Found;
  refusal: string;
}

/** What is answered, or the sentence of a refusal that is to be told where it was asked. */
export function orRefusal<Found>(reply: Promise<Found>): Promise<Told<Found>> {
  return reply.then(
    (found) => ({ found, refusal: "" }),
    (error: Error) => ({ refusal: error.message }),
  );
}

/** A training is looked at so often. */
const LOOK_MS = 500;

/** What the session says of an edge: asked for when the inspector opens, and again when the network has changed. */
export function useAnswers(edge: EdgeIndex, suggest: boolean) {
  const { state, actions } = useView();
  /** Grows when the library has. */
  const [library, setLibrary] = useState(0);
  const training = state.training.value;
  const version = state.scene.value?.version ?? 0;
  const inspected = useAnswer(training ? -1 : version, () => actions.ask("inspect", { edge }), {
    every: training ? LOOK_MS : undefined,
  });
  // functions are fitted only when a training is over
  const suggested = useAnswer(suggest && !training ? `${version} ${library}` : null, () =>
    actions.ask("suggest", { edge }),
  );
  return {
    inspection: inspected?.answer ?? null,
    suggestions: suggested?.answer ?? null,
    libraryGrew: () => setLibrary(library + 1),
  };
}
