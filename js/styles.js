// Keeps the page's styles and ours apart: each of our rules holds inside of the widget only, and weighs more there than
// anything a page says of its buttons and tables.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const OURS = ":is(.kanwidget, #kanwidget)";

/** KaTeX names each font as woff2, woff and ttf; every browser we meet reads the first. */
const withoutOldFonts = (css) => css.replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\("[^"]*"\)/g, "");

/** Letters that no formula of a network has: a third of all that the widget weighs. */
const withoutRareFonts = (css) =>
  css.replace(/@font-face\s*\{[^}]*KaTeX_(Caligraphic|Fraktur|SansSerif|Script|Typewriter)[^}]*\}/g, "");

/** Equations are numbered on the page's body; no formula of ours is numbered. */
const withoutNumbers = (css) => css.replace(/(^|\})\s*body\s*\{[^}]*\}/g, "$1");

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
      return { contents: inside(withoutNumbers(css)), loader: "css" };
    });
    // all our files in one rule, so that its name is written once
    build.onLoad({ filter: /src\/styles\/widget\.css$/ }, async ({ path }) => {
      const list = await readFile(path, "utf8");
      const ours = /@import "(\.\/.*)";\n/g;
      const watchFiles = [...list.matchAll(ours)].map(([, name]) => join(dirname(path), name));
      const rules = await Promise.all(watchFiles.map((file) => readFile(file, "utf8")));
      return { contents: list.replace(ours, "") + inside(rules.join("\n")), loader: "css", watchFiles };
    });
  },
};
