"""A formula as Python source that builds sympy expressions."""

from __future__ import annotations

from typing import Any

import sympy as sympy_itself
from sympy.core.function import AppliedUndef
from sympy.printing.codeprinter import CodePrinter

from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.names import PYTHON
from kanwidget.formula.export.printing import Plainly, docstring

CURVE = """class Curve(sympy.Function):
    nargs = 1

    @classmethod
    def eval(cls, u):
        if u.is_number:
            place = sum(bool(u >= each) for each in cls.breaks)
            return cls.polynomial(u, place) + cls.base(u)

    @classmethod
    def polynomial(cls, u, place):
        *others, value = cls.rows[place]
        for coefficient in reversed(others):
            value = value * (u - cls.origins[place]) + coefficient
        return value

    @classmethod
    def base(cls, u):
        return 0

    def _eval_rewrite_as_Piecewise(self, u, **options):
        cases = [(self.polynomial(u, n), u < end) for n, end in enumerate(self.breaks)]
        last = self.polynomial(u, len(self.breaks))
        return sympy.Piecewise(*cases, (last, True)) + self.base(u)
"""
BASES = {"silu": "u/(1 + sympy.exp(-u))", "identity": "u"}
TAKEN = PYTHON | {"sympy", "Curve", "variables"}


class _Code(Plainly, CodePrinter):
    language, syntax = "sympy", "Python"
    taken, helpers = TAKEN, {}
    sqrt = "sympy.sqrt({})"
    constants = {"Pi": "sympy.pi", "Exp1": "sympy.E"}  # noqa: RUF012
    nan, infinity = "sympy.nan", "sympy.oo"

    def call_helper(self, name: str, u: str) -> str:  # sympy's functions have holes of their own
        return u if u.isidentifier() else f"({u})"

    def _print_Rational(self, expr: Any) -> str:  # noqa: N802
        return f"{'-' if expr < 0 else ''}sympy.Rational({abs(int(expr.p))}, {int(expr.q)})"

    _print_Half = _print_Rational  # noqa: N815

    def _print_Function(self, expr: Any) -> str:  # noqa: N802
        name = type(expr).__name__
        if isinstance(expr, AppliedUndef) or getattr(sympy_itself, name, None) is not expr.func:
            return super()._print_Function(expr)
        return f"sympy.{name}({', '.join(map(self._print, expr.args))})"

    _print_log = _print_atanh = _print_Function

    def _print_Piecewise(self, expr: Any) -> str:  # noqa: N802
        cases = (f"({self._print(value)}, {self._print(where)})" for value, where in expr.args)
        return f"sympy.Piecewise({', '.join(cases)})"


def sympy(source: Any, digits: int | None = None, name: str = "expressions") -> str:
    """Python source that builds sympy expressions, one for each output.

    Nothing is simplified, so that the formula keeps its holes; ``.doit()`` or ``sympy.simplify`` do so.
    Numeric edges are functions phi_l_i_j that have a value where their argument is a number;
    ``.rewrite(sympy.Piecewise)`` turns them into polynomials.

    It takes and raises what `kanwidget.formula.export.export` does; ``name`` is that of the list.

    Returns
    -------
    str
        Of assignments to ``variables``, a list of sympy symbols with the names of the inputs (x0, x1, …
        where a name stands for two), and to ``name``.
    """
    code = _Code(source, digits, name)
    prepared = code.program
    results = ", ".join(f"sympy.sympify({result})" for result in code.results)
    unique = len(set(prepared.inputs)) == len(prepared.inputs)
    called = prepared.inputs if unique else [f"x{n}" for n in range(len(prepared.inputs))]
    symbols = [f"x{n} = sympy.Symbol({each!r})" for n, each in enumerate(called)]
    variables = ", ".join(f"x{n}" for n in range(len(called)))
    curves = [CURVE] if prepared.curves else []
    curves += [_curve(edge, curve) for edge, curve in prepared.curves.items()]
    body = "\n".join(f"    {line}" for line in [*code.steps, f"{name} = [{results}]"])
    return "\n\n".join(
        [
            docstring(f"{name}: a formula in sympy.", prepared.about(), "") + "\n\nimport sympy\n",
            *curves,
            "\n".join(symbols)
            + f"\nvariables = [{variables}]\n\nwith sympy.evaluate(False):\n{body}\n",
        ]
    )


def _curve(edge: tuple[int, int, int], curve: Curve) -> str:
    l, i, j = edge
    rows = ",\n".join(f"        {list(row)}" for row in curve.rows)
    base = curve.plus_base(BASES).removeprefix(" + ")
    method = f"\n    @classmethod\n    def base(cls, u):\n        return {base}\n" if base else ""
    return (
        f"class phi_{l}_{i}_{j}(Curve):\n    breaks = {list(curve.breaks)}\n"
        f"    origins = {list(curve.origins)}\n    rows = [\n{rows},\n    ]\n{method}"
    )
