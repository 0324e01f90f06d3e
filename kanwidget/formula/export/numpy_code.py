"""A formula as the source of a Python function on numpy arrays."""

from __future__ import annotations

import keyword
from typing import Any

from sympy.printing.numpy import SciPyPrinter

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.names import identifier
from kanwidget.formula.export.printing import Plainly, docstring
from kanwidget.formula.export.program import program

GUARDS = {
    "positive": "u > 0",
    "nonzero": "u != 0",
    "inside": "numpy.abs(u) < 1",
}
SILU = """def silu(u):
    return u / (1 + numpy.exp(-u))
"""
BASES = {"silu": "silu(u)", "identity": "u"}
PIECES = """def pieces(u, breaks, origins, rows):
    place = numpy.searchsorted(breaks, u, side="right")
    t = u - numpy.array(origins)[place]
    value = 0.0
    for column in reversed(numpy.transpose(rows)):
        value = value * t + column[place]
    return value
"""
TAKEN = frozenset(
    [
        *keyword.kwlist,
        *keyword.softkwlist,
        *GUARDS,
        *("silu", "pieces", "numpy", "scipy", "float", "reversed"),
    ]
)


class _Printer(Plainly, SciPyPrinter):
    language = "numpy"
    constants = {"Pi": "numpy.pi", "Exp1": "numpy.e"}  # noqa: RUF012
    nan, infinity = "numpy.nan", "numpy.inf"

    def sqrt(self, u: str) -> str:
        return f"numpy.sqrt({u})"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}**{exponent}"

    def call(self, name: str, u: str) -> str:
        return {"log": "numpy.log", "atanh": "numpy.arctanh"}[name] + f"({u})"


def numpy(source: Any, digits: int | None = None, name: str = "f") -> str:
    """Source of a Python function of numpy arrays; it needs nothing but numpy.

    Bessel functions, erf and the like of one's own functions need scipy too.

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
        Of ``name(x)``, which maps an array (…, n_inputs) to (…, n_outputs).  Where the network gives
        nan, it gives nan.

    Raises
    ------
    ValueError, TypeError
        With a sentence that says what cannot be written.
    """
    name = identifier(name, TAKEN, "Python")
    prepared = program(source, digits)
    printer = _Printer(prepared.names)
    lines = printer.statements(prepared)
    results = [printer.write(result) for result in prepared.results]
    helpers = [
        f"def {guard}(u):\n    return numpy.where({GUARDS[guard]}, u, numpy.nan)\n"
        for guard in sorted(printer.guards)
    ]
    curves = prepared.curve_code(PIECES, SILU, _tables, _curve)
    modules = sorted(f"import {module}" for module in {"numpy", *printer.module_imports})
    inputs = [f"x{n} = x[..., {n}]" for n in range(len(prepared.inputs))]
    outputs = [
        f"y = numpy.empty((*x.shape[:-1], {len(results)}))",
        *(f"y[..., {n}] = {result}" for n, result in enumerate(results)),
    ]
    about = [
        f"Map an array (..., {len(prepared.inputs)}) to (..., {len(results)}).",
        "",
        *prepared.about(),
    ]
    body = "\n".join(f"        {line}" for line in [*inputs, *lines, *outputs])
    function = (
        f"def {name}(x):\n{docstring(about, '    ')}\n"
        '    x = numpy.asarray(x, dtype=float)\n    with numpy.errstate(all="ignore"):\n'
        f"{body}\n    return y\n"
    )
    return "\n\n".join(["\n".join(modules) + "\n", *helpers, *curves, function])


def _tables(place: str, curve: Curve) -> str:
    return f"BREAKS_{place} = {list(curve.breaks)}\nORIGINS_{place} = {list(curve.origins)}\n"


def _curve(place: str, edge: str, curve: Curve) -> str:
    rows = ",\n".join(f"        {list(row)}" for row in curve.rows)
    return (
        f"def phi_{edge}(u):\n    rows = [\n{rows},\n    ]\n"
        f"    return pieces(u, BREAKS_{place}, ORIGINS_{place}, rows){curve.plus_base(BASES)}\n"
    )
