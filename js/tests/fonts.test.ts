/** Fonts of a widget in a shadow tree. */
import { afterEach, expect, it } from "vitest";
import { declareFonts } from "../src/fonts.ts";

afterEach(() => {
  document.body.replaceChildren();
  document.getElementById("kanwidget-fonts")?.remove();
});

const face = (name: string) =>
  Object.create(CSSFontFaceRule.prototype, {
    cssText: { value: `@font-face { font-family: ${name}; src: url("data:font/woff2;base64,AAAA"); }` },
  });

function shadowed(): HTMLElement {
  const tree = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  const cssRules = [face("Kanwidget_Main"), face("Other"), { cssText: "p { color: red; }" }];
  Object.defineProperty(tree, "styleSheets", { value: [{ cssRules }] });
  return tree.appendChild(document.createElement("div"));
}

it("declares ours in the page, once however many widgets there are", () => {
  declareFonts(shadowed());
  declareFonts(shadowed());
  const [style, ...more] = document.head.querySelectorAll("#kanwidget-fonts");
  expect(more).toHaveLength(0);
  expect(style.textContent).toContain("Kanwidget_Main");
  expect(style.textContent).not.toMatch(/Other|color/);
});

it("leaves an ordinary page as it is", () => {
  declareFonts(document.body.appendChild(document.createElement("div")));
  expect(document.getElementById("kanwidget-fonts")).toBeNull();
});
