"""A formula as the source of a C99 function."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.c import C99CodePrinter, known_functions_C99, reserved_words, reserved_words_c99

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.names import identifier
from kanwidget.formula.export.printing import Plainly, block_comment
from kanwidget.formula.export.program import program

GUARDS = {"positive": "u > 0", "nonzero": "u != 0", "inside": "fabs(u) < 1"}
SIGN = """static double sign(double u)
{
    return u > 0 ? 1.0 : u < 0 ? -1.0 : u;
}
"""
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


TAKEN = frozenset(
    [*_known(), *reserved_words, *reserved_words_c99, *GUARDS, "sign", "silu", "pieces"]
)


class _Printer(Plainly, C99CodePrinter):
    language = "C"
    infix = False
    nan, infinity = "NAN", "INFINITY"

    def __init__(self, names: Any) -> None:
        super().__init__(names)
        self.uses: set[str] = set()

    def whole_text(self, value: int) -> str:
        return repr(float(value))

    def sqrt(self, u: str) -> str:
        return f"sqrt({u})"

    def power(self, base: str, exponent: str) -> str:
        return f"pow({base}, {exponent})"

    def call(self, name: str, u: str) -> str:
        return f"{name}({u})"

    def _print_sign(self, expr: Any) -> str:  # C has none, and sympy's gives 0 for nan
        self.uses.add("sign")
        return f"sign({self._print(expr.args[0])})"

    def _print_besselj(self, expr: Any) -> str:
        order, u = expr.args
        if not order.is_Integer:
            raise NotImplementedError
        self.uses.add("bessel")
        u = self._print(u)
        return f"j{order}({u})" if order in (0, 1) else f"jn({int(order)}, {u})"


def c(source: Any, digits: int | None = None, name: str = "f") -> str:
    """Source of a function in C99, which needs the mathematics library only (``-lm``).

    Parameters
    ----------
    source : Network, or (expressions, variables)
        See `kanwidget.formula.export.program`.
    digits : int, optional
        See there; None keeps all.
    name : str
        Of the function.

    Returns
    -------
    str
        Of ``double name(const double *x)``; where there are several outputs, of
        ``void name(const double *x, double *y)``.  Where the network gives nan, it gives NAN.

    Raises
    ------
    ValueError, TypeError
        With a sentence that says what cannot be written.
    """
    name = identifier(name, TAKEN, "C")
    prepared = program(source, digits)
    printer = _Printer(prepared.names)
    lines = printer.statements(prepared, "const double ", ";")
    results = [printer.write(result) for result in prepared.results]
    helpers = [
        f"static double {guard}(double u)\n{{\n    return {GUARDS[guard]} ? u : NAN;\n}}\n"
        for guard in sorted(printer.guards)
    ]
    if "sign" in printer.uses:
        helpers.append(SIGN)
    start = BESSEL if "bessel" in printer.uses else ""
    single = len(results) == 1
    head = (
        f"double {name}(const double *x)" if single else f"void {name}(const double *x, double *y)"
    )
    ends = (
        [f"return {results[0]};"]
        if single
        else [f"y[{n}] = {each};" for n, each in enumerate(results)]
    )
    used = sympy.Tuple(*(each for _, each in prepared.steps), *prepared.results).free_symbols
    inputs = [
        f"const double x{n} = x[{n}];"
        for n in range(len(prepared.inputs))
        if f"x{n}" in {prepared.names[symbol] for symbol in used}
    ] or ["(void)x;"]
    body = "\n".join(f"    {line}" for line in [*inputs, *lines, *ends])
    parts = [
        block_comment(prepared.about()) + f"\n{start}#include <math.h>\n",
        *helpers,
        *prepared.curve_code(PIECES, SILU, _tables, _curve),
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
