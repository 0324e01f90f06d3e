import { useState } from "preact/hooks";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { useSelected } from "./fields.tsx";

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
  const naming = kind === "name";
  const node = state.traits.history.value.nodes.find((each) => each.id === id);
  const [text, setText] = useState(node?.[kind] ?? "");
  const field = useSelected<HTMLTextAreaElement & HTMLInputElement>();
  const keep = async () => {
    const { past } = actions;
    const done = await (naming ? past.rename(id, text.trim()) : past.annotate(id, text.trim()));
    if (done) onEnd(t(naming ? "named" : "noted", { step: id }));
  };
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    const leaves = event.key === "Escape";
    if (!leaves && (event.key !== "Enter" || event.shiftKey || event.isComposing)) return;
    event.preventDefault();
    if (leaves) onEnd("");
    else void keep();
  };
  const label = t(naming ? "nameOf" : "noteOf", { step: id });
  const shared = {
    ref: field,
    class: "kw-text",
    value: text,
    "aria-label": label,
    "data-testid": `${kind}-field`,
    placeholder: naming ? node?.action : t("notePlaceholder"),
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      setText(event.currentTarget.value),
    onKeyDown: onKey,
  };
  return (
    <div class="kw-note">
      <span class="kw-label">{label}</span>
      {naming ? (
        <input type="text" maxLength={200} {...shared} />
      ) : (
        <textarea rows={3} maxLength={20_000} {...shared} />
      )}
      <span class="kw-note-ends">
        <Button words="keep" onClick={keep} />
        <Button words="leave" look="quiet" onClick={() => onEnd("")} />
      </span>
    </div>
  );
}
