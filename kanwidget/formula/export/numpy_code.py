"""A formula as the source of a Python function on numpy arrays."""

from __future__ import annotations

from typing import Any

from sympy.printing.numpy import SciPyPrinter

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.names import PYTHON
from kanwidget.formula.export.printing import Plainly, docstring

GUARD = """def {}(u):
    return numpy.where({}, u, numpy.nan)
"""
DOMAINS = {"positive": "u > 0", "nonzero": "u != 0", "inside": "numpy.abs(u) < 1"}
HELPERS = {name: GUARD.format(name, where) for name, where in DOMAINS.items()}
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
TAKEN = PYTHON | {"silu", "pieces", "numpy", "scipy", "float", "reversed"}


class _Code(Plainly, SciPyPrinter):
    language, syntax = "numpy", "Python"
    taken, helpers = TAKEN, HELPERS
    sqrt, log, atanh = "numpy.sqrt({})", "numpy.log({})", "numpy.arctanh({})"
    constants = {"Pi": "numpy.pi", "Exp1": "numpy.e"}  # noqa: RUF012
    nan, infinity = "numpy.nan", "numpy.inf"


def numpy(source: Any, digits: int | None = None, name: str = "f") -> str:
    """Source of a Python function of numpy arrays; it needs nothing but numpy.

    Bessel functions, erf and the like of one's own functions need scipy too.

    It takes and raises what `kanwidget.formula.export.export` does; ``name`` is that of the function.

    Returns
    -------
    str
        Of ``name(x)``, which maps an array (…, n_inputs) to (…, n_outputs).  Where the network gives
        nan, it gives nan.
    """
    code = _Code(source, digits, name)
    n_in, n_out = len(code.program.inputs), len(code.results)
    modules = sorted(f"import {module}" for module in {"numpy", *code.module_imports})
    title = f"Map an array (..., {n_in}) to (..., {n_out})."
    inputs = [f"x{n} = x[..., {n}]" for n in range(n_in)]
    outputs = [
        f"y = numpy.empty((*x.shape[:-1], {n_out}))",
        *(f"y[..., {n}] = {result}" for n, result in enumerate(code.results)),
    ]
    body = "\n".join(f"        {line}" for line in [*inputs, *code.steps, *outputs])
    function = (
        f"def {name}(x):\n{docstring(title, code.program.about(), '    ')}\n"
        '    x = numpy.asarray(x, dtype=float)\n    with numpy.errstate(all="ignore"):\n'
        f"{body}\n    return y\n"
    )
    return "\n\n".join(
        [
            "\n".join(modules) + "\n",
            *code.called_helpers(),
            *code.program.curve_code(PIECES, SILU, _tables, _curve),
            function,
        ]
    )


def _tables(place: str, curve: Curve) -> str:
    return f"BREAKS_{place} = {list(curve.breaks)}\nORIGINS_{place} = {list(curve.origins)}\n"


def _curve(place: str, edge: str, curve: Curve) -> str:
    rows = ",\n".join(f"        {list(row)}" for row in curve.rows)
    return (
        f"def phi_{edge}(u):\n    rows = [\n{rows},\n    ]\n"
        f"    return pieces(u, BREAKS_{place}, ORIGINS_{place}, rows){curve.plus_base(BASES)}\n"
    )
