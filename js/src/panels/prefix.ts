import { useState } from "preact/hooks";

/** What ids begin with that are to be unlike those of every other widget in the page. */
export function usePrefix(): string {
  return useState(() => `kw-${Math.random().toString(36).slice(2, 10)}-`)[0];
}
