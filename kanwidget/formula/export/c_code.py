"""A formula as the source of a C99 function."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.c import C99CodePrinter, known_functions_C99, reserved_words, reserved_words_c99

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.printing import Plainly, block_comment

GUARD = """static double {}(double u)
{{
    return {} ? u : NAN;
}}
"""
DOMAINS = {"positive": "u > 0", "nonzero": "u != 0", "inside": "fabs(u) < 1"}
SIGN = """static double sign(double u)
{
    return u > 0 ? 1.0 : u < 0 ? -1.0 : u;
}
"""
HELPERS = {name: GUARD.format(name, where) for name, where in DOMAINS.items()} | {"sign": SIGN}
SILU = """static double silu(double u)
{
    return u / (1.0 + exp(-u));
}
"""
BASES = {"silu": "silu(u)", "identity": "u"}
PIECES = """static double pieces(double u, int breaks, const double *at, const double *origins,
                     int terms, const double *rows)
{
    int place = 0, n;
    double t, value = 0.0;
    while (place < breaks && u >= at[place])
        place++;
    t = u - origins[place];
    for (n = terms - 1; n >= 0; n--)
        value = value * t + rows[place * terms + n];
    return value;
}
"""
BESSEL = "#define _XOPEN_SOURCE 700 /* for j0, j1 and jn */\n"


def _known() -> set[str]:
    """Names of C's own functions, as sympy knows them, and some that it does not."""
    names: set[str] = {"main", "remainder", "nan", "cbrt", "j0", "j1", "jn", "y0", "y1", "yn"}
    for value in known_functions_C99.values():
        names |= {value} if isinstance(value, str) else {name for _, name in value}
    return names


TAKEN = frozenset([*_known(), *reserved_words, *reserved_words_c99, "silu", "pieces"])


class _Code(Plainly, C99CodePrinter):
    language = syntax = "C"
    taken, helpers = TAKEN, HELPERS
    infix = False
    step, power, sqrt = "const double {} = {};", "pow({}, {})", "sqrt({})"
    log, atanh = "log({})", "atanh({})"
    nan, infinity = "NAN", "INFINITY"
    bessel = ""

    def whole_text(self, value: int) -> str:
        return repr(float(value))

    def _print_sign(self, expr: Any) -> str:  # C has none, and sympy's gives 0 for nan
        return self.call_helper("sign", self._print(expr.args[0]))

    def _print_besselj(self, expr: Any) -> str:
        order, u = expr.args
        if not order.is_Integer:
            raise NotImplementedError
        self.bessel = BESSEL
        u = self._print(u)
        return f"j{order}({u})" if order in (0, 1) else f"jn({int(order)}, {u})"


def c(source: Any, digits: int | None = None, name: str = "f") -> str:
    """Source of a function in C99, which needs the mathematics library only (``-lm``).

    It takes and raises what `kanwidget.formula.export.export` does; ``name`` is that of the function.

    Returns
    -------
    str
        Of ``double name(const double *x)``; where there are several outputs, of
        ``void name(const double *x, double *y)``.  Where the network gives nan, it gives NAN.
    """
    code = _Code(source, digits, name)
    written = code.program
    if len(code.results) == 1:
        head = f"double {name}(const double *x)"
        ends = [f"return {code.results[0]};"]
    else:
        head = f"void {name}(const double *x, double *y)"
        ends = [f"y[{n}] = {each};" for n, each in enumerate(code.results)]
    used = sympy.Tuple(*(each for _, each in written.steps), *written.results).free_symbols
    inputs = [
        f"const double x{n} = x[{n}];"
        for n in range(len(written.inputs))
        if f"x{n}" in {written.names[symbol] for symbol in used}
    ] or ["(void)x;"]
    body = "\n".join(f"    {line}" for line in [*inputs, *code.steps, *ends])
    parts = [
        block_comment(written.about()) + f"\n{code.bessel}#include <math.h>\n",
        *code.called_helpers(),
        *written.curve_code(PIECES, SILU, _tables, _curve),
        f"{head}\n{{\n{body}\n}}\n",
    ]
    return "\n".join(parts)


def _tables(place: str, curve: Curve) -> str:
    return (
        f"static const double breaks_{place}[] = {_list(curve.breaks)};\n"
        f"static const double origins_{place}[] = {_list(curve.origins)};\n"
    )


def _curve(place: str, edge: str, curve: Curve) -> str:
    rows = ",\n".join(f"        {', '.join(map(repr, row))}" for row in curve.rows)
    return (
        f"static double phi_{edge}(double u)\n{{\n"
        f"    static const double rows[] = {{\n{rows}\n    }};\n"
        f"    return pieces(u, {len(curve.breaks)}, breaks_{place}, origins_{place},\n"
        f"                  {len(curve.rows[0])}, rows){curve.plus_base(BASES)};\n}}\n"
    )


def _list(values: Any) -> str:
    return "{" + ", ".join(map(repr, values)) + "}"
