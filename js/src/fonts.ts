/**
 * Declares the fonts of the formula in the page where the widget stands in a shadow tree, as in marimo: browsers
 * hear of no font that is declared inside of one.
 */
export function declareFonts(root: HTMLElement): void {
  const tree = root.getRootNode();
  const page = root.ownerDocument;
  if (!(tree instanceof ShadowRoot) || page.getElementById(MARK)) return;
  const rules = [...tree.styleSheets, ...tree.adoptedStyleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule);
  if (rules.length === 0) return;
  const style = page.createElement("style");
  style.id = MARK;
  style.textContent = rules
    .map((rule) => rule.cssText)
    .filter((text) => text.includes(OURS))
    .join("\n");
  page.head.append(style);
}

const MARK = "kanwidget-fonts";
/** How the names of our fonts begin. */
const OURS = "Kanwidget_";
