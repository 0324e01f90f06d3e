import { useView } from "../view.ts";
import { IconButton } from "./iconbutton.tsx";
import { CloseIcon } from "./icons.tsx";

/** One line for what went wrong, or is worth knowing. */
export function MessageLine() {
  const { state, t } = useView();
  const note = state.note.value;
  return (
    <div
      class="kw-message"
      role="status"
      aria-live="polite"
      data-testid="message"
      data-kind={note?.kind ?? ""}
    >
      <span>{note?.text ?? ""}</span>
      {note && (
        <IconButton
          title={t("dismiss")}
          onClick={() => {
            state.note.value = null;
          }}
        >
          <CloseIcon />
        </IconButton>
      )}
    </div>
  );
}
