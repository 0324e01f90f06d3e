import type { Proposal } from "./commands.ts";

const NAMES: Record<string, string> = { pi: "π", E: "e" };

/** p/q · base as a person writes it: 3π/4, √2, −1/3. */
export function numberText({ p, q, base }: Pick<Proposal, "p" | "q" | "base">): string {
  const sign = p < 0 ? "−" : "";
  const size = Math.abs(p);
  const below = q === 1 ? "" : `/${q}`;
  if (base === "1") return `${sign}${size}${below}`;
  const name = NAMES[base] ?? base.replace(/^sqrt\((\d+)\)$/, "√$1").replace("pi", "π");
  const long = name.length > 2 && !name.startsWith("√");
  return `${sign}${size === 1 ? "" : size}${size !== 1 && (long || name.startsWith("√")) ? "·" : ""}${name}${below}`;
}
