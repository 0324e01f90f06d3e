"""The functions that come with kanwidget, as torch computes them and as sympy writes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from kanwidget.symbolic.differentiable import Elementwise
from kanwidget.symbolic.function import INF, SymbolicFunction

HALF_PI = math.pi / 2


def plain(u: Any) -> bool:
    """Whether sympy may look for identities in f(u): only where u is short.

    For a nested argument it would ask, for seconds, whether it is real, infinite or a multiple of π.
    """
    return bool(u.is_Number or u.is_Symbol or (u.is_Mul and all(map(plain, u.args))))


def _sympy(name: str) -> Callable[[Any], Any]:
    def build(u: Any) -> Any:
        import sympy

        return getattr(sympy, name)(u, evaluate=plain(u))

    return build


def _power(numerator: int, denominator: int = 1) -> Callable[[Any], Any]:
    def build(u: Any) -> Any:
        import sympy

        return sympy.Pow(u, sympy.Rational(numerator, denominator), evaluate=plain(u))

    return build


def _zero(u: Any) -> Any:
    import sympy

    return sympy.Integer(0)


def _gaussian(u: Any) -> Any:
    import sympy

    return sympy.exp(-sympy.Pow(u, 2, evaluate=plain(u)), evaluate=False)


def _sigmoid(u: Any) -> Any:
    import sympy

    return sympy.Pow(1 + sympy.exp(-u, evaluate=False), -1, evaluate=False)


def _where(inside: Callable[[Tensor], Tensor], function: Elementwise) -> Elementwise:
    """`function`, with nan where `inside` does not hold."""

    def guarded(u: Tensor) -> Tensor:
        return function(u.masked_fill(~inside(u), math.nan))

    return guarded


def _positive(u: Tensor) -> Tensor:
    return u > 0


def _nonzero(u: Tensor) -> Tensor:
    return u != 0


def _sign(u: Tensor) -> Tensor:
    return torch.sign(u).masked_fill(u.isnan(), math.nan)  # torch's own is 0 there


_EVEN, _ODD = (1.0, 0.0), (-1.0, 0.0)
_F = SymbolicFunction


def _pole(name: str, power: int, complexity: int) -> SymbolicFunction:
    return _F(
        name, _where(_nonzero, lambda u: u**-power), lambda u: -power * u ** (-power - 1), _power(-power),
        complexity, "u ≠ 0", (0, INF), absorbs="scale", mirror=_ODD if power % 2 else _EVEN,
    )  # fmt: skip


def _root(name: str, power: float, fraction: tuple[int, int], complexity: int) -> SymbolicFunction:
    closed = power > 0
    function = (lambda u: u**power) if closed else _where(_positive, lambda u: u**power)
    return _F(
        name, function, lambda u: power * u ** (power - 1), _power(*fraction), complexity,
        "u ≥ 0" if closed else "u > 0", (0, INF), closed=closed, absorbs="scale",
    )  # fmt: skip


FUNCTIONS = [
    _F("0", torch.zeros_like, torch.zeros_like, _zero, 0, absorbs="both", mirror=_EVEN),
    _F("x", lambda u: u, torch.ones_like, lambda u: u, 1, absorbs="both", mirror=_ODD),
    _F("x^2", torch.square, lambda u: 2 * u, _power(2), 2, absorbs="scale", mirror=_EVEN),
    _pole("1/x", 1, 2),
    _pole("1/x^2", 2, 2),
    _root("sqrt", 0.5, (1, 2), 2),
    _root("1/sqrt(x)", -0.5, (-1, 2), 2),
    _F("exp", torch.exp, torch.exp, _sympy("exp"), 2, absorbs="shift"),
    _F(
        "log", _where(_positive, torch.log), torch.reciprocal, _sympy("log"), 2,
        "u > 0", (0, INF), absorbs="scale",
    ),
    _F("sin", torch.sin, torch.cos, _sympy("sin"), 2, mirror=_ODD, period=2 * math.pi),
    _F("cos", torch.cos, lambda u: -torch.sin(u), _sympy("cos"), 2, mirror=_EVEN, period=2 * math.pi),
    _F("x^3", lambda u: u**3, lambda u: 3 * u**2, _power(3), 3, absorbs="scale", mirror=_ODD),
    _F("x^4", lambda u: u**4, lambda u: 4 * u**3, _power(4), 3, absorbs="scale", mirror=_EVEN),
    _F("x^5", lambda u: u**5, lambda u: 5 * u**4, _power(5), 3, absorbs="scale", mirror=_ODD),
    _pole("1/x^3", 3, 3),
    _F("abs", torch.abs, torch.sign, _sympy("Abs"), 3, absorbs="scale", mirror=_EVEN),
    _F(
        "tan", torch.tan, lambda u: 1 + torch.tan(u) ** 2, _sympy("tan"), 3,
        "one branch between two poles", (-HALF_PI, HALF_PI), mirror=_ODD, period=math.pi,
    ),
    _F("tanh", torch.tanh, lambda u: 1 - torch.tanh(u) ** 2, _sympy("tanh"), 3, mirror=_ODD),
    _F("sgn", _sign, torch.zeros_like, _sympy("sign"), 3, absorbs="scale", mirror=_ODD),
    _F(
        "gaussian", lambda u: torch.exp(-u * u), lambda u: -2 * u * torch.exp(-u * u), _gaussian, 3,
        mirror=_EVEN,
    ),
    _F("cosh", torch.cosh, torch.sinh, _sympy("cosh"), 3, mirror=_EVEN),
    _F("sinh", torch.sinh, torch.cosh, _sympy("sinh"), 3, mirror=_ODD),
    _pole("1/x^4", 4, 4),
    _root("x^1.5", 1.5, (3, 2), 4),
    _F(
        "arcsin", torch.asin, lambda u: torch.rsqrt(1 - u * u), _sympy("asin"), 4,
        "-1 ≤ u ≤ 1", (-1, 1), closed=True, mirror=_ODD,
    ),
    _F(
        "arccos", torch.acos, lambda u: -torch.rsqrt(1 - u * u), _sympy("acos"), 4,
        "-1 ≤ u ≤ 1", (-1, 1), closed=True, mirror=(-1.0, math.pi),
    ),
    _F("arctan", torch.atan, lambda u: 1 / (1 + u * u), _sympy("atan"), 4, mirror=_ODD),
    _F(
        "arctanh", _where(lambda u: u.abs() < 1, torch.atanh), lambda u: 1 / (1 - u * u), _sympy("atanh"), 4,
        "-1 < u < 1", (-1, 1), mirror=_ODD,
    ),
    _F(
        "sigmoid", torch.sigmoid, lambda u: torch.sigmoid(u) * torch.sigmoid(-u), _sigmoid, 4,
        mirror=(-1.0, 1.0),
    ),
    _pole("1/x^5", 5, 5),
]  # fmt: skip
