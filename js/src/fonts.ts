/**
 * Declares the fonts of the formula in the page where the widget stands in a shadow tree, as in marimo: browsers
 * hear of no font that is declared inside of one.
 */
export function declareFonts(root: HTMLElement): void {
  const tree = root.getRootNode();
  const page = root.ownerDocument;
  if (!(tree instanceof ShadowRoot) || page.getElementById(MARK)) return;
  const fonts = [...tree.styleSheets, ...tree.adoptedStyleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule)
    .map((rule) => rule.cssText)
    .filter((text) => text.includes(OURS));
  if (fonts.length === 0) return;
  page.head.append(Object.assign(page.createElement("style"), { id: MARK, textContent: fonts.join("\n") }));
}

const MARK = "kanwidget-fonts";
/** How the names of our fonts begin. */
const OURS = "Kanwidget_";
