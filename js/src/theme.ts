import { type Palette, paletteOf } from "./scene/canvas.ts";

export type Theme = "light" | "dark";

/**
 * The theme of the page around the widget: JupyterLab's word, then VS Code's, then what pages commonly say
 * of themselves (Colab's attribute, `class="dark"`, `data-theme`), then the system's.
 */
export function hostTheme(page: Document = document): Theme {
  const { body } = page;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "true" ? "light" : "dark";
  const names = body.classList;
  if (names.contains("vscode-light") || names.contains("vscode-high-contrast-light")) return "light";
  if (names.contains("vscode-dark") || names.contains("vscode-high-contrast")) return "dark";
  for (const { classList, attributes, dataset } of [body, page.documentElement]) {
    const said = [attributes.getNamedItem("theme")?.value, dataset.theme];
    for (const theme of ["light", "dark"] as const) {
      if (classList.contains(theme) || said.includes(theme)) return theme;
    }
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Calls back whenever the page's theme may have changed; returns the way to stop. */
export function watchHostTheme(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["class", "theme", "data-theme", "data-jp-theme-light", "data-jp-theme-name"],
  });
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["class", "theme", "data-theme", "style"],
  });
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
