import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useView } from "../view.ts";
import { Button } from "./button.tsx";

type Ask = { what: "save" | "python" | "notebook"; because: string };

/** The session as Python, as a notebook, as a file: only when it is asked for. */
export function SessionMenu({ say }: { say: (text: string) => void }) {
  const { actions, t } = useView();
  const { past } = actions;
  const [ask, setAsk] = useState<Ask | null>(null);
  const [text, setText] = useState("");

  const hand = async (form: "python" | "notebook", told: string) => {
    setAsk(null);
    setText("");
    if (form === "notebook") {
      download("session.ipynb", told);
      say(t("notebookDownloaded"));
    } else if (await copied(told)) say(t("pythonCopied"));
    else {
      setText(told);
      say(t("pythonByHand"));
    }
  };
  const tell = async (form: "python" | "notebook") => {
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
        <Button testid="copy-python" onClick={() => tell("python")}>
          {t("copyPython")}
        </Button>
        <Button testid="get-notebook" onClick={() => tell("notebook")}>
          {t("getNotebook")}
        </Button>
        <Button testid="save-session" onClick={() => setAsk({ what: "save", because: "" })}>
          {t("saveSession")}
        </Button>
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
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  const save = async () => {
    try {
      await onPath(path.trim());
    } catch (error) {
      setRefusal((error as Error).message);
      field.current?.focus();
    }
  };
  return (
    <form
      class="kw-path"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onLeave();
      }}
    >
      {because && <p class="kw-quiet-text">{because}</p>}
      <input
        ref={field}
        type="text"
        class="kw-text"
        aria-label={t("filePath")}
        aria-invalid={refusal !== ""}
        data-testid="session-path"
        value={path}
        onInput={(event) => setPath(event.currentTarget.value)}
      />
      <span class="kw-note-ends">
        <Button type="submit">{t(because ? "saveAndTell" : "save")}</Button>
        <Button look="quiet" onClick={onLeave}>
          {t("leave")}
        </Button>
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
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => area.current?.select(), []);
  return (
    <textarea
      ref={area}
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

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
