import { en } from "./en/index.ts";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;

/**
 * The languages of the widget, each with its own name and its texts. A text that a catalogue lacks is shown in
 * English, and a language without texts is not offered; numbers are written as the language does in any case.
 */
export const languages: Record<string, { name: string; words: Partial<Catalogue> }> = {
  en: { name: "English", words: en },
  zh: { name: "中文", words: {} },
  ja: { name: "日本語", words: {} },
  ko: { name: "한국어", words: {} },
};

/** Languages that a person can choose. */
export function offered(): [code: string, name: string][] {
  return Object.entries(languages)
    .filter(([, { words }]) => Object.keys(words).length > 0)
    .map(([code, { name }]) => [code, name]);
}
