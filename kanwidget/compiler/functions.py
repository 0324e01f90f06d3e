"""The function of an edge for a function of sympy: from the library, or made where it has none."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy

from kanwidget.compiler.one_variable import ARGUMENT, NoDerivative, NotComputed, Power, own
from kanwidget.symbolic import library
from kanwidget.symbolic.function import INF, SymbolicFunction

IN_LIBRARY: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.tanh: "tanh",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.atanh: "arctanh",
    sympy.Abs: "abs",
    sympy.sign: "sgn",
}
POWERS = {
    **{sympy.Integer(n): f"x^{n}" for n in range(2, 6)},
    **{sympy.Integer(-n): f"1/x^{n}" for n in range(2, 6)},
    sympy.Integer(-1): "1/x",
    sympy.Rational(1, 2): "sqrt",
    sympy.Rational(-1, 2): "1/sqrt(x)",
    sympy.Rational(3, 2): "x^1.5",
}


class Unsupported(Exception):
    """A part of an expression that no network can be, and why, as a relative clause."""

    def __init__(self, part: sympy.Expr, why: str) -> None:
        super().__init__(part, why)
        self.part, self.why = part, why


def of_sympy(application: sympy.Expr, place: int) -> SymbolicFunction:
    """The function of its argument number ``place`` that an applied function is; the others are constant.

    Raises
    ------
    Unsupported
        If it cannot be computed, or sympy knows no derivative of it, which training needs.
    """
    name = IN_LIBRARY.get(application.func)
    if name is not None:
        return library.get(name)
    arguments = list(application.args)
    arguments[place] = ARGUMENT
    try:
        return _own(application.func(*arguments))
    except NoDerivative as error:
        why = "of which sympy knows no derivative; training would need it"
        raise Unsupported(application, why) from error
    except NotComputed as error:
        why = "which neither torch, scipy nor mpmath can compute"
        raise Unsupported(application, why) from error


# one object a function, so that a layer computes all its edges with it at once
_own = cache(own)


@cache
def power(exponent: sympy.Expr) -> SymbolicFunction:
    """The power u^exponent, for a number that is neither 0 nor 1."""
    if exponent in POWERS:
        return library.get(POWERS[exponent])
    whole, negative = bool(exponent.is_Integer), float(exponent) < 0
    size = -exponent if negative else exponent
    shown = f"{float(size):g}" if size.is_Float else str(size)
    shown = shown if size.is_Float or shown.isalnum() else f"({shown})"
    domain = ("u ≠ 0" if whole else "u > 0") if negative else "all" if whole else "u ≥ 0"
    function = Power(exponent)
    return SymbolicFunction(
        f"1/x^{shown}" if negative else f"x^{shown}",
        function,
        function.slope,
        function.sympy,
        complexity=6,
        domain=domain,
        interval=(0.0, INF) if negative or not whole else (-INF, INF),
        closed=not whole and not negative,
        absorbs="scale",
        mirror=(-1.0 if exponent.is_odd else 1.0, 0.0) if whole else None,
    )
