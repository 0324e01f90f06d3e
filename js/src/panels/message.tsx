import { useEffect, useRef, useState } from "preact/hooks";
import { lossText } from "../format.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { CLOSE } from "./icons.tsx";

/** One line for what went wrong, or is worth knowing. */
export function MessageLine() {
  const { state, t } = useView();
  const note = state.note.value;
  const result = useResult();
  return (
    <div
      class="kw-message"
      role="status"
      aria-live="polite"
      data-testid="message"
      data-kind={note?.kind ?? ""}
    >
      <span>{note?.text ?? ""}</span>
      {result && <span class="kw-unseen">{result}</span>}
      {note && (
        <Button
          icon={CLOSE}
          title={t("dismiss")}
          onClick={() => {
            state.note.value = null;
          }}
        />
      )}
    </div>
  );
}

/** What an action came to, for those who do not see the numbers beside it. */
function useResult(): string {
  const { state, t } = useView();
  const [result, setResult] = useState("");
  const before = useRef(state.traits.summary.peek().val_loss);
  const { kind, seq } = state.traits.message.value;
  useEffect(() => {
    // What came with the message is there when all traits of it are.
    const { val_loss, alive, edges } = state.traits.summary.peek();
    const counts = { from: lossText(before.current), to: lossText(val_loss), alive, edges };
    const changed = before.current !== null && val_loss !== before.current;
    setResult(kind === "info" && val_loss !== null ? t(changed ? "result" : "resultSame", counts) : "");
    before.current = val_loss;
  }, [kind, seq]);
  return result;
}
