"""Functions that the library lacks, as functions on tensors that autograd can follow.

Values come from torch, from scipy where it is installed, or slowly from mpmath; derivatives from sympy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
import sympy
import torch
from torch import Tensor

from kanwidget.formula.evaluate import TORCH
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.functions import plain

ARGUMENT = sympy.Symbol("x", real=True)
"""Stands for the argument in an expression that is a function of one variable."""
DIFFERENTIABLE: dict[Any, Callable[[Tensor], Tensor]] = TORCH | {
    sympy.asinh: torch.asinh,
    sympy.acosh: torch.acosh,
    sympy.erf: torch.erf,
    sympy.erfc: torch.erfc,
    sympy.erfinv: torch.erfinv,
    sympy.floor: torch.floor,
    sympy.ceiling: torch.ceil,
    sympy.frac: lambda u: u - torch.floor(u),
    sympy.sinc: lambda u: torch.sinc(u / math.pi),
}
"""What torch computes with its derivative."""
BESSEL: dict[Any, dict[int, Callable[[Tensor], Tensor]]] = {
    sympy.besseli: {0: torch.special.i0, 1: torch.special.i1},
    sympy.besselk: {0: torch.special.modified_bessel_k0, 1: torch.special.modified_bessel_k1},
}
"""Orders that torch computes without derivatives; its J and Y are good to six digits only."""
TRIED = (0.37, 1.6, -0.4)


class NoDerivative(Exception):
    """Sympy cannot differentiate a function."""


class NotComputed(Exception):
    """Nobody here can compute a function."""


@dataclass(frozen=True)
class Power:
    """u^exponent, nan where it is not real."""

    exponent: sympy.Expr

    @cached_property
    def _number(self) -> float:
        number = float(self.exponent)
        return int(number) if number.is_integer() else number

    def __call__(self, u: Tensor) -> Tensor:
        """The power of a tensor."""
        return (u.masked_fill(u == 0, math.nan) if self._number < 0 else u) ** self._number

    def slope(self, u: Tensor) -> Tensor:
        """The derivative."""
        return self._number * u ** (self._number - 1)

    def sympy(self, u: Any) -> Any:
        """The power of an expression."""
        return sympy.Pow(u, self.exponent, evaluate=plain(u))


@dataclass(frozen=True)
class OneVariable:
    """An expression in `ARGUMENT` as a function, which autograd can follow any number of times."""

    expression: sympy.Expr

    def __getstate__(self) -> dict[str, Any]:
        return {"expression": self.expression}

    def __call__(self, u: Tensor) -> Tensor:
        """The function of a tensor."""
        return _evaluate(self.expression, u)

    def slope(self, u: Tensor) -> Tensor:
        """The derivative at u."""
        with torch.enable_grad():
            point = u.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self(point).sum(), point)
        return slope

    def sympy(self, u: Any) -> Any:
        """The function of an expression."""
        return self.expression.xreplace({ARGUMENT: u})

    @cached_property
    def derivative(self) -> OneVariable:
        """The derivative by sympy; what it has of delta functions is left out."""
        slope = self.expression.diff(ARGUMENT)
        slope = slope.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))
        if slope.has(sympy.Derivative, sympy.Subs):
            raise NoDerivative(str(self.expression))
        return OneVariable(slope)

    @cached_property
    def values(self) -> Callable[[Tensor], Tensor]:
        """Its values, not followed by autograd, where it is a function applied to `ARGUMENT`."""
        expression = self.expression
        if expression.func is sympy.besselj and expression.args[0].is_Integer:
            return partial(bessel_j, int(expression.args[0]))
        if expression.args[0] in BESSEL.get(expression.func, {}):
            return BESSEL[expression.func][expression.args[0]]
        numeric = _vectorized(expression)

        def compute(u: Tensor) -> Tensor:
            found = numeric(u.detach().double().cpu().numpy())
            return torch.as_tensor(found, dtype=u.dtype, device=u.device).expand_as(u)

        return compute


def own(expression: sympy.Expr) -> SymbolicFunction:
    """A function for an edge from an expression in `ARGUMENT`, tried out.

    Raises
    ------
    NoDerivative, NotComputed
        If it could not be trained or computed.
    """
    function = OneVariable(expression)
    tried = torch.tensor(TRIED, dtype=torch.float64)
    function(tried)
    function.slope(tried)
    return SymbolicFunction(
        str(expression),
        function,
        function.slope,
        function.sympy,
        complexity=4,
        domain="where it is defined",
    )


def _evaluate(expression: sympy.Expr, u: Tensor) -> Tensor:
    if expression == ARGUMENT:
        return u
    if not expression.free_symbols:
        return torch.full_like(u, float(expression))
    if expression.is_Pow and not expression.exp.free_symbols:
        return Power(expression.exp)(_evaluate(expression.base, u))
    if expression.is_Add:
        return torch.stack([_evaluate(part, u) for part in expression.args]).sum(0)
    if expression.is_Mul:
        return torch.stack([_evaluate(part, u) for part in expression.args]).prod(0)
    places = [place for place, each in enumerate(expression.args) if each.free_symbols]
    if not isinstance(expression, sympy.core.function.Application) or len(places) != 1:
        raise NotComputed(str(expression))
    (place,) = places
    argument = _evaluate(expression.args[place], u)
    if expression.func in DIFFERENTIABLE:
        return DIFFERENTIABLE[expression.func](argument)
    arguments = list(expression.args)
    arguments[place] = ARGUMENT
    values: Tensor = _Applied.apply(argument, _kept(expression.func(*arguments)))
    return values


@cache
def _kept(expression: sympy.Expr) -> OneVariable:
    return OneVariable(expression)


class _Applied(torch.autograd.Function):
    """A function whose values autograd cannot follow, with the derivative that sympy knows."""

    @staticmethod
    def forward(ctx: Any, u: Tensor, function: OneVariable) -> Tensor:
        ctx.save_for_backward(u)
        ctx.function = function
        return function.values(u)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (u,) = ctx.saved_tensors
        return grads[0] * ctx.function.derivative(u), None


def bessel_j(order: int, u: Tensor) -> Tensor:
    """J of a whole order: as a mean over a period where u is small, else by Hankel's expansion.

    The mean of cos(order · t - u · sin t) by the trapezoidal rule is exact but for J of orders near its
    number of points, which vanish there.  The expansion (NIST Handbook, 10.17.3) is exact to rounding
    from its limit on.
    """
    limit = 25.0 + order * order
    near = u.abs() <= limit
    inside = torch.where(near, u, 0.0)
    most = int(inside.abs().max()) if u.numel() else 0
    points = 40 + abs(order) + most
    total = torch.zeros_like(u)
    for point in range(points + 1):
        t = math.pi * point / points
        share = 0.5 if point in (0, points) else 1.0
        total = total + share * torch.cos(order * t - inside * math.sin(t))
    if bool(near.all()):
        return total / points
    return torch.where(near, total / points, _hankel(order, torch.where(near, limit, u)))


def _hankel(order: int, u: Tensor) -> Tensor:
    """J of a whole order where |u| is large."""
    size = u.abs()
    term, even, odd = torch.ones_like(size), torch.ones_like(size), torch.zeros_like(size)
    for k in range(1, 25):
        term = term * (4 * order * order - (2 * k - 1) ** 2) / (8 * k * size)
        sign = -1.0 if k % 4 in (2, 3) else 1.0
        if k % 2:
            odd = odd + sign * term
        else:
            even = even + sign * term
    angle = size - (order / 2 + 0.25) * math.pi
    value = torch.sqrt(2 / (math.pi * size)) * (even * torch.cos(angle) - odd * torch.sin(angle))
    return torch.where(u < 0, -value, value) if order % 2 else value


def _vectorized(expression: sympy.Expr) -> Callable[[np.ndarray], np.ndarray]:
    """The function on arrays by scipy, or point by point by mpmath where scipy cannot."""
    fast = sympy.lambdify(ARGUMENT, expression)
    precise = sympy.lambdify(ARGUMENT, expression, "mpmath")

    def by_scipy(u: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return _real(fast(u))

    def by_mpmath(u: np.ndarray) -> np.ndarray:
        return _real([_at(precise, float(x)) for x in u.flat]).reshape(u.shape)

    for values in (by_scipy, by_mpmath):
        try:
            values(np.array(TRIED))
        except (NameError, TypeError, AttributeError, ValueError, NotImplementedError):
            continue
        return values
    raise NotComputed(str(expression))


def _at(function: Callable[[float], Any], x: float) -> complex:
    try:
        return complex(function(x))
    except (ZeroDivisionError, OverflowError, ValueError):  # mpmath's words for a pole
        return complex("nan")


def _real(values: Any) -> np.ndarray:
    """Complex values as real ones, nan where they are not."""
    array = np.asarray(values, dtype=complex)
    return np.where(array.imag == 0, array.real, np.nan)
