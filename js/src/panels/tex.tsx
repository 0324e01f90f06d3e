import katex from "katex";
import { useMemo } from "preact/hooks";
import { useView } from "../view.ts";

interface TexProps {
  latex: string;
  display?: boolean;
}

/** LaTeX set by KaTeX; what it cannot set is shown as it came, with the reason. */
export function Tex({ latex, display = false }: TexProps) {
  const { t } = useView();
  const set = useMemo(() => typeset(latex, display), [latex, display]);
  if ("html" in set) {
    return <span class="kw-tex" dangerouslySetInnerHTML={{ __html: set.html }} />;
  }
  return (
    <span class="kw-tex-broken">
      <code>{latex}</code>
      <small>{t("formulaBroken", { reason: set.reason })}</small>
    </span>
  );
}

function typeset(latex: string, displayMode: boolean): { html: string } | { reason: string } {
  try {
    return {
      html: katex.renderToString(latex, { displayMode, throwOnError: true, trust: false, strict: false }),
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
