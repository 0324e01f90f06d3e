import katex from "katex";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useView } from "../view.ts";
import { amend } from "./amend.ts";

interface TexProps {
  latex: string;
  display?: boolean;
}

type Context = { command: string; attributes?: Record<string, string> };

/** Milliseconds after which a formula comes in the form that screen readers read: twice as much for the page to lay out. */
const READ_LATER = 300;

/** LaTeX set by KaTeX; what it cannot set is shown as it came, with the reason. */
export function Tex({ latex, display = false }: TexProps) {
  const { t } = useView();
  const [read, setRead] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setRead(latex), READ_LATER);
    return () => clearTimeout(timer);
  }, [latex]);
  const set = useMemo(() => typeset(latex, display, "html"), [latex, display]);
  const spoken = useMemo(() => (read === latex ? typeset(latex, false, "mathml") : null), [latex, read]);
  if ("html" in set) {
    return (
      <>
        <Formula html={set.html} />
        {spoken && "html" in spoken && (
          <span class="kw-unseen" dangerouslySetInnerHTML={{ __html: spoken.html }} />
        )}
      </>
    );
  }
  return (
    <span class="kw-tex-broken">
      <code>{latex}</code>
      <small>{t("formulaBroken", { reason: set.reason })}</small>
    </span>
  );
}

/** What KaTeX made; of another formula only what is new in it is put into the page. */
function Formula({ html }: { html: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const before = useRef(document.createElement("span"));
  useLayoutEffect(() => {
    const after = document.createElement("span");
    after.innerHTML = html;
    amend(place.current as HTMLSpanElement, before.current, after);
    before.current = after;
  }, [html]);
  return <span class="kw-tex" ref={place} />;
}

function typeset(
  latex: string,
  displayMode: boolean,
  output: "html" | "mathml",
): { html: string } | { reason: string } {
  try {
    const trust = (context: Context) => isOurTag(context);
    return {
      html: katex.renderToString(latex, { displayMode, output, throwOnError: true, trust, strict: false }),
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Only the tag that links a term to its edges, and nothing else in it, may become an attribute. */
export function isOurTag({ command, attributes = {} }: Context): boolean {
  const names = Object.keys(attributes);
  const edges = attributes["data-edge"] ?? "";
  return command === "\\htmlData" && names.length === 1 && /^\d+-\d+-\d+( \d+-\d+-\d+)*$/.test(edges);
}
