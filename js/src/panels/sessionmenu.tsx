import { useState } from "preact/hooks";
import { copied, download } from "../exporting.ts";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";
import { TextInput, useSelected } from "./fields.tsx";

type Form = "python" | "notebook";

/** The session as Python, as a notebook, as a file: only when it is asked for. */
export function SessionMenu({ say }: { say: (text: string) => void }) {
  const { actions, t } = useView();
  const { past } = actions;
  /** What a file is wanted for, and why. */
  const [ask, setAsk] = useState<{ what: "save" | Form; because: string } | null>(null);
  const [text, setText] = useState("");

  const hand = async (form: Form, told: string) => {
    setAsk(null);
    setText("");
    if (form === "notebook") {
      download("session.ipynb", new Blob([told], { type: "application/x-ipynb+json" }));
      say(t("notebookDownloaded"));
    } else if (await copied(told)) say(t("pythonCopied"));
    else {
      setText(told);
      say(t("pythonByHand"));
    }
  };
  const tell = async (form: Form) => {
    try {
      await hand(form, await past.script(form));
    } catch (error) {
      setAsk({ what: form, because: (error as Error).message });
    }
  };
  const write = async (path: string) => {
    if (ask?.what === "save") {
      say(t("savedTo", { path: await past.save(path) }));
      setAsk(null);
    } else if (ask) await hand(ask.what, await past.script(ask.what, path));
  };
  return (
    <div class="kw-session" role="group" aria-label={t("session")} data-testid="session-menu">
      <span class="kw-session-ways">
        <Button words="copyPython" onClick={() => tell("python")} />
        <Button words="getNotebook" onClick={() => tell("notebook")} />
        <Button words="saveSession" onClick={() => setAsk({ what: "save", because: "" })} />
      </span>
      {ask && <PathField key={ask.what} because={ask.because} onPath={write} onLeave={() => setAsk(null)} />}
      {text && <Script text={text} />}
    </div>
  );
}

interface PathFieldProps {
  /** Why a file is needed. */
  because: string;
  onPath: (path: string) => Promise<void>;
  onLeave: () => void;
}

/** Asks for the name of a file; what is wrong with it is said below. */
function PathField({ because, onPath, onLeave }: PathFieldProps) {
  const { t } = useView();
  const [path, setPath] = useState("session.kan");
  const [refusal, setRefusal] = useState("");
  const field = useSelected<HTMLInputElement>();
  return (
    <form
      class="kw-path"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await onPath(path.trim());
        } catch (error) {
          setRefusal((error as Error).message);
          field.current?.focus();
        }
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onLeave();
      }}
    >
      {because && <p class="kw-quiet-text">{because}</p>}
      <TextInput
        fieldRef={field}
        class="kw-text"
        label={t("filePath")}
        aria-invalid={refusal !== ""}
        testid="session-path"
        value={path}
        onText={setPath}
      />
      <span class="kw-note-ends">
        <Button words={because ? "saveAndTell" : "save"} type="submit" />
        <Button words="leave" look="quiet" onClick={onLeave} />
      </span>
      <p class="kw-path-refusal" role="alert" data-testid="session-refusal">
        {refusal}
      </p>
    </form>
  );
}

/** Text to be copied by hand, where the browser does not let us. */
function Script({ text }: { text: string }) {
  const { t } = useView();
  return (
    <textarea
      ref={useSelected()}
      class="kw-text kw-script"
      rows={8}
      readOnly
      aria-label={t("sessionAsPython")}
      data-testid="script"
      value={text}
      onKeyDown={(event) => event.stopPropagation()}
    />
  );
}
