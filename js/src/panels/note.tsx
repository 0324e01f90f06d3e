import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";

/** Which state is written on, and what. */
export interface Writing {
  kind: "name" | "note";
  id: number;
}

interface NoteProps {
  writing: Writing;
  /** Told with what was done, or with "" where nothing was. */
  onEnd: (said: string) => void;
}

/** A field for a state's name or note: Enter keeps it, Escape leaves it as it was. */
export function NoteEditor({ writing, onEnd }: NoteProps) {
  const { state, actions, t } = useView();
  const { kind, id } = writing;
  const node = state.traits.history.value.nodes.find((each) => each.id === id);
  const [text, setText] = useState((kind === "name" ? node?.name : node?.note) ?? "");
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  // At once: the next key is meant for it.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const keep = async () => {
    const written = text.trim();
    const done = await (kind === "name"
      ? actions.past.rename(id, written)
      : actions.past.annotate(id, written));
    if (done) onEnd(t(kind === "name" ? "named" : "noted", { step: id }));
  };
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    const ends = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey && !event.isComposing);
    if (!ends) return;
    event.preventDefault();
    if (event.key === "Escape") onEnd("");
    else void keep();
  };
  const label = t(kind === "name" ? "nameOf" : "noteOf", { step: id });
  const shared = {
    ref: field,
    value: text,
    "aria-label": label,
    "data-testid": `${kind}-field`,
    placeholder: kind === "name" ? node?.action : t("notePlaceholder"),
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      setText(event.currentTarget.value),
    onKeyDown: onKey,
  };
  return (
    <form
      class="kw-note"
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      <span class="kw-label">{label}</span>
      {kind === "name" ? (
        <input type="text" class="kw-text" maxLength={200} {...shared} />
      ) : (
        <textarea class="kw-text" rows={3} maxLength={20_000} {...shared} />
      )}
      <span class="kw-note-ends">
        <button type="submit" class="kw-button">
          {t("keep")}
        </button>
        <Button look="quiet" onClick={() => onEnd("")}>
          {t("leave")}
        </Button>
      </span>
    </form>
  );
}
