"""A formula as the source of a JavaScript module."""

from __future__ import annotations

from typing import Any

from sympy.printing.jscode import JavascriptCodePrinter

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.printing import Plainly, block_comment

GUARD = """function {}(u) {{
  return {} ? u : NaN;
}}
"""
DOMAINS = {"positive": "u > 0", "nonzero": "u !== 0", "inside": "Math.abs(u) < 1"}
HELPERS = {name: GUARD.format(name, where) for name, where in DOMAINS.items()}
SILU = """function silu(u) {
  return u / (1 + Math.exp(-u));
}
"""
BASES = {"silu": "silu(u)", "identity": "u"}
PIECES = """function pieces(u, breaks, origins, rows) {
  let place = 0;
  while (place < breaks.length && u >= breaks[place]) place++;
  const t = u - origins[place];
  return rows[place].reduceRight((value, coefficient) => value * t + coefficient, 0);
}
"""
# fmt: off
TAKEN = frozenset([
    "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
    "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function",
    "if", "implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package",
    "private", "protected", "public", "return", "static", "super", "switch", "this", "throw", "true",
    "try", "typeof", "var", "void", "while", "with", "yield", "Infinity", "Math", "NaN", "undefined",
    "pieces", "silu",
])
# fmt: on


class _Code(Plainly, JavascriptCodePrinter):
    language = syntax = "JavaScript"
    taken, helpers = TAKEN, HELPERS
    infix = False
    step, power, sqrt = "const {} = {};", "Math.pow({}, {})", "Math.sqrt({})"
    log, atanh = "Math.log({})", "Math.atanh({})"
    constants = {"Pi": "Math.PI", "Exp1": "Math.E"}  # noqa: RUF012
    nan, infinity = "NaN", "Infinity"


def javascript(source: Any, digits: int | None = None, name: str = "f") -> str:
    """Source of a JavaScript module (ECMAScript 2015) that exports one function and needs nothing else.

    It takes and raises what `kanwidget.formula.export.export` does; ``name`` is that of the function.

    Returns
    -------
    str
        Of ``name(x)``, which maps an array of input values to a number, or where there are several
        outputs to an array of numbers.  Where the network gives nan, it gives NaN.
    """
    code = _Code(source, digits, name)
    inputs = [f"const x{n} = x[{n}];" for n in range(len(code.program.inputs))]
    result = code.results[0] if len(code.results) == 1 else f"[{', '.join(code.results)}]"
    body = "\n".join(f"  {line}" for line in [*inputs, *code.steps, f"return {result};"])
    return "\n".join(
        [
            block_comment(code.program.about()) + "\n",
            *code.called_helpers(),
            *code.program.curve_code(PIECES, SILU, _tables, _curve),
            f"export function {name}(x) {{\n{body}\n}}\n",
        ]
    )


def _tables(place: str, curve: Curve) -> str:
    return f"const breaks_{place} = {list(curve.breaks)};\nconst origins_{place} = {list(curve.origins)};\n"


def _curve(place: str, edge: str, curve: Curve) -> str:
    rows = ",\n".join(f"  {list(row)}" for row in curve.rows)
    return (
        f"const rows_{edge} = [\n{rows},\n];\n\n"
        f"function phi_{edge}(u) {{\n"
        f"  return pieces(u, breaks_{place}, origins_{place}, rows_{edge})"
        f"{curve.plus_base(BASES)};\n}}\n"
    )
