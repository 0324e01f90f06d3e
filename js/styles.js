// Keeps the page's styles and ours apart: each of our rules holds inside of the widget only, and weighs more there than
// anything a page says of its buttons and tables.
import { readFile } from "node:fs/promises";

const OURS = ":is(.kanwidget, #kanwidget)";

/** KaTeX names each font as woff2, woff and ttf; every browser we meet reads the first. */
const withoutOldFonts = (css) => css.replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\("[^"]*"\)/g, "");

/** Letters that no formula of a network has: a third of all that the widget weighs. */
const withoutRareFonts = (css) =>
  css.replace(/@font-face\s*\{[^}]*KaTeX_(Caligraphic|Fraktur|SansSerif|Script|Typewriter)[^}]*\}/g, "");

/** A page may show formulas with a KaTeX of its own, of another version. */
const withOwnFonts = (css) => css.replace(/KaTeX_(?=\w+"?\s*[;,])/g, "Kanwidget_");

/** Rules that cannot stand inside of another. */
const AT_TOP = /@(font-face|keyframes[^{]*)\s*\{(?:[^{}]|\{[^{}]*\})*\}/g;

function inside(css) {
  const atTop = css.match(AT_TOP) ?? [];
  const rules = css.replace(AT_TOP, "").replace(/\.kanwidget\b/g, "&");
  return `${atTop.join("\n")}\n${OURS} {\n${rules}\n}`;
}

export const apart = {
  name: "styles-apart",
  setup(build) {
    build.onLoad({ filter: /katex(\.min)?\.css$/ }, async ({ path }) => {
      const css = withOwnFonts(withoutRareFonts(withoutOldFonts(await readFile(path, "utf8"))));
      return { contents: inside(css.replace(/(^|\})\s*body\s*\{/g, "$1 & {")), loader: "css" };
    });
    build.onLoad({ filter: /src\/styles\/.*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const onlyImports = css.startsWith("@import");
      return { contents: onlyImports ? css : inside(css), loader: "css" };
    });
  },
};
