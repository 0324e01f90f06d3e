const MINUS = "\u2212";

/** A number in about three significant digits: 0.0031, 12.3, 2.1e-4. */
export function short(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size < 1e-3 || size >= 1e5
      ? value
          .toExponential(digits - 1)
          .replace(/\.?0+e/, "e")
          .replace("e+", "e")
      : trimZeros(value.toPrecision(digits));
  return text.replace(/^-/, MINUS);
}

/** A loss in digits that let its text keep its width while it changes: 0.100, 2.50e-4, 1.2e-15. */
export function lossText(value: number | null | undefined): string {
  if (!value || !Number.isFinite(value)) return short(value);
  const plain = value >= 1e-3 && value < 1e3;
  if (plain) return value.toPrecision(3);
  const text = value.toExponential(2);
  return (/e.\d\d/.test(text) ? value.toExponential(1) : text).replace("e+", "e").replace(/^-/, MINUS);
}

function trimZeros(text: string): string {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : String(Number(text));
}

/** A change of a loss, as losses are written. */
export function lossChange(value: number | null | undefined): string {
  if (!value) return short(value);
  return `${value > 0 ? "+" : MINUS}${lossText(Math.abs(value))}`;
}

export function signed(value: number): string {
  return value > 0 ? `+${short(value)}` : short(value);
}

/** R² with enough digits to tell 0.9999 from 0.99999; never rounded up to 1. */
export function rSquared(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 1) return "1";
  if (value <= 0) return short(value, 2);
  const digits = Math.min(12, Math.max(3, Math.ceil(-Math.log10(1 - value)) + 1));
  const scale = 10 ** digits;
  return (Math.floor(value * scale) / scale).toFixed(digits);
}

/** From α on, in the order of Unicode; those that no variable is called are left out. */
const GREEK =
  "alpha beta gamma delta epsilon . eta theta . kappa lambda mu nu xi . pi rho . sigma tau . phi chi psi omega".split(
    " ",
  );

/** A variable's name as a label on the canvas: x_1 → x₁, \alpha → α. */
export function prettyName(name: string): string {
  return name
    .replace(/^\\?([a-z]+)(?=$|_)/, (whole, word: string) => {
      const place = GREEK.indexOf(word);
      return place < 0 ? whole : String.fromCharCode(0x3b1 + place);
    })
    .replace(/^(\p{L})_?\{?(\d{1,3})\}?$/u, (_, letter: string, index: string) => letter + subscript(index));
}

/** A hidden node as the formula calls it: h₂, or h₁,₂ when there are several hidden layers. */
export function hiddenName(layers: number, layer: number, node: number): string {
  return `h${layers === 2 ? "" : `${subscript(layer)},`}${subscript(node)}`;
}

function subscript(digits: string | number): string {
  return String(digits).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
}

/** A library function's name as a person writes it: x^2 → x², 1/x^3 → 1/x³. */
export function prettyFunction(name: string): string {
  return name.replace(/\^(\d+)(?![.\d])/g, (_, power: string) =>
    power.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]),
  );
}
