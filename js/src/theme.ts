import { type Palette, paletteOf } from "./scene/canvas.ts";

export type Theme = "light" | "dark";

/**
 * The theme of the page around the widget: JupyterLab's word, then VS Code's, then what pages commonly say
 * of themselves (Colab's attribute, `class="dark"`, `data-theme`), then the system's.
 */
export function hostTheme({ body, documentElement }: Document = document): Theme {
  const { jpThemeLight } = body.dataset;
  if (jpThemeLight) return jpThemeLight === "true" ? "light" : "dark";
  for (const element of [body, documentElement]) {
    const said = [element.className, element.getAttribute("theme"), element.dataset.theme].join(" ");
    if (/(^|\s)(vscode-(high-contrast-)?)?light(\s|$)/.test(said)) return "light";
    if (/(^|\s)(vscode-high-contrast|(vscode-)?dark)(\s|$)/.test(said)) return "dark";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

const SAYING = ["class", "theme", "data-theme", "data-jp-theme-light", "data-jp-theme-name"];

/** Calls back whenever the page's theme may have changed; returns the way to stop. */
export function watchHostTheme(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.body, { attributeFilter: SAYING });
  observer.observe(document.documentElement, { attributeFilter: [...SAYING, "style"] });
  const system = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) =>
    matchMedia(query),
  );
  for (const query of system) query.addEventListener("change", callback);
  return () => {
    observer.disconnect();
    for (const query of system) query.removeEventListener("change", callback);
  };
}

/** Reads the canvas's colours from the style sheet, so that they follow the theme. */
export function readPalette(root: HTMLElement): Palette {
  const probe = root.appendChild(document.createElement("span"));
  probe.hidden = true;
  const colour = (name: string) => {
    probe.style.color = `var(--kw-${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = paletteOf(colour, getComputedStyle(root).fontFamily || "sans-serif");
  probe.remove();
  return palette;
}
