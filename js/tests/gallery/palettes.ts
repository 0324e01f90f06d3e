import { readFileSync } from "node:fs";
import { type Palette, paletteOf } from "../../src/scene/canvas.ts";

const sheet = readFileSync(`${import.meta.dirname}/../../src/styles/theme.css`, "utf8").split("@media")[0];

/** The canvas's colours as the style sheet gives them to a widget with these attributes. */
function paletteFor(attributes: Record<string, string>): Palette {
  const values: Record<string, string> = {};
  for (const [, selector, rules] of sheet.matchAll(/\.kanwidget(\S*) \{([^}]*)\}/g)) {
    const asked = [...selector.matchAll(/\[data-([\w-]+)(?:="([\w-]+)")?\]/g)];
    if (asked.some(([, name, value]) => !(name in attributes) || attributes[name] !== value)) continue;
    for (const [, name, value] of rules.matchAll(/--([\w-]+): ([^;]+);/g)) values[name] = value;
  }
  const colour = (name: string): string => {
    const other = /^var\(--([\w-]+)\)$/.exec(values[name]);
    return other ? colour(other[1]) : values[name];
  };
  return paletteOf((name) => colour(`kw-${name}`), "system-ui, sans-serif");
}

export const palettes = {
  light: paletteFor({ theme: "light" }),
  dark: paletteFor({ theme: "dark" }),
  contrast: paletteFor({ theme: "contrast" }),
  okabeIto: paletteFor({ theme: "light", palette: "okabe-ito" }),
  okabeItoDark: paletteFor({ theme: "dark", palette: "okabe-ito" }),
  grey: paletteFor({ theme: "light", palette: "grey" }),
};
