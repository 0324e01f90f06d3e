import { en } from "./words/en/index.ts";
import { type Key, languages } from "./words/index.ts";

export type { Catalogue, Key } from "./words/index.ts";

/** A text that another one explains in a sentence: that of the same name with Help behind it. */
export type Explained = { [K in Key]: `${K}Help` extends Key ? K : never }[Key];

export type Translate = (key: Key, values?: Record<string, string | number>) => string;

/** Texts in a language, English where it has none. Whole numbers come grouped as the language does it. */
export function translator(lang: string): Translate {
  const words = languages[lang]?.words ?? en;
  const shown = (value: string | number | undefined, hole: string) =>
    value === undefined
      ? hole
      : Number.isInteger(value)
        ? writer(lang, false)(value as number)
        : String(value);
  return (key, values = {}) =>
    (words[key] ?? en[key]).replace(/\{(\w+)\}/g, (hole, name: string) => shown(values[name], hole));
}

/** A count in a few letters: 950, 12,000, 1.5M. */
export function count(value: number, lang: string): string {
  return writer(lang, value >= 100_000)(value);
}

const writers = new Map<string, (value: number) => string>();

function writer(lang: string, compact: boolean): (value: number) => string {
  const key = `${lang} ${compact}`;
  let write = writers.get(key);
  if (!write) {
    const known = lang in languages ? lang : "en";
    write = new Intl.NumberFormat(known, compact ? { notation: "compact", maximumSignificantDigits: 3 } : {})
      .format;
    writers.set(key, write);
  }
  return write;
}
