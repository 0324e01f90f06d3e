"""The numbers that a fitted constant may stand for, and how sure that is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kanwidget.discovery.forms import is_fraction
from kanwidget.discovery.refit import Constant
from kanwidget.formula.constants import BASES, recognise
from kanwidget.network import Network

if TYPE_CHECKING:
    import sympy

SLACK = 1.0
"""Bits by which a number may be costlier than what is known of a constant."""
WILD, WILD_ZERO = 1e-2, 1e-2
"""How far from a constant a number is tried whatever is known of it, relative and from 0."""
DEAREST_WILD = 4.0
EXACT = 4e-15
RELATIVE = 1e-9
"""Where a fit is exact, constants are known to this part of them."""
MOST_EXACT = 15.0
"""A float that is so costly a number to round-off is no accident."""
OF_ROOT = 1.5
"""What the root of a fraction costs more than the fraction."""
DEAREST_ROOT = 8.0


class Known(NamedTuple):
    """A constant, its value, and the standard error of that."""

    key: Constant
    value: float
    error: float


@dataclass(frozen=True)
class Guess:
    """A number for a constant.

    Attributes
    ----------
    expr : sympy.Expr
        The number exactly.
    value : float
        The closest float.
    cost : float
        How much a person has to read; see `formula.constants.cost`.
    fitted : float
        What was fitted in its place.
    margin : float
        Bits that are known of the constant beyond that cost: the more, the less it is an accident.
    values : tuple of (constant, float)
        What the network's constants are set to: first the one itself, then those that go with it, such
        as the sign of c with a phase.
    """

    expr: sympy.Expr
    value: float
    cost: float
    fitted: float
    margin: float
    values: tuple[tuple[Constant, float], ...]


def is_exact(value: float, last_bit: bool = False) -> bool:
    """Whether a float is one of the numbers that constants are set to, to round-off or to the last bit."""
    near = [one for one in recognise(value, EXACT) if one.cost <= MOST_EXACT]
    if near and (not last_bit or any(one.value == value for one in near)):
        return True
    roots = [one for one in recognise(value * value, 2 * EXACT) if one.cost <= DEAREST_ROOT]
    return any(not last_bit or math.sqrt(one.value) == abs(value) for one in roots)


def number(p: int, q: int = 1, base: str = "1") -> sympy.Expr:
    """p/q · base, where the base is one of `BASES` or the root of a whole number.

    Raises
    ------
    ValueError
        If it is no such number.
    """
    import sympy

    for name, value in (("p", p), ("q", q)):
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**6:
            raise ValueError(f"{name} is {value!r:.60}; a whole number up to a million is needed")
    if q < 1:
        raise ValueError(f"q is {q}; it must be at least 1")
    known = _bases()
    if isinstance(base, str) and base in known:
        return sympy.Rational(p, q) * known[base]
    root = re.fullmatch(r"sqrt\(([1-9][0-9]{0,6})\)", base) if isinstance(base, str) else None
    if root is None:
        raise ValueError(f"base is {base!r:.60}; {', '.join(known)} or sqrt(n) is needed")
    return sympy.Rational(p, q) * sympy.sqrt(int(root[1]))


def parts(expr: sympy.Expr) -> tuple[int, int, str]:
    """The p, q and base of which `number` makes an expression."""
    factor, base = expr.as_coeff_Mul()
    return int(factor.p), int(factor.q), str(base)


def closest(expr: sympy.Expr) -> float:
    """The float by which a constant is known to be this number."""
    value = float(expr)
    same = (one.value for one in recognise(value, EXACT) if one.expr == expr)
    return next(same, value)


@cache
def _bases() -> dict[str, sympy.Expr]:
    bases = (expr.as_coeff_Mul()[1] for expr, _ in BASES)
    return {str(expr): expr for expr in bases}


def guesses(network: Network, known: Known, limit: float) -> list[Guess]:
    """Numbers within a limit of a constant that are no accident, cheapest first.

    Beside the constant itself: its square; a phase turned by π; the shift in an exponential instead of
    the factor before it; the factor in a logarithm instead of a summand.
    """
    found = list(_all(network, known, limit))
    found = [guess for guess in found if guess.margin >= -SLACK and guess.cost <= MOST_EXACT]
    return sorted(found, key=lambda guess: guess.cost)


def wild_guesses(known: Known, first: bool = False) -> list[Guess]:
    """The plainest number nearby, where standard errors tell nothing; before all others or after them.

    A fit may be stuck in a long valley: (x + b)⁴ and (x + B)³ are nearly the same as x⁴ and x³.
    """
    key, value, _ = known
    if abs(value) <= WILD_ZERO:
        import sympy

        number, expr, cost, off = 0.0, sympy.Integer(0), 0.0, abs(value)
    else:
        near = [one for one in recognise(value, WILD) if one.value and one.cost <= DEAREST_WILD]
        if not near:
            return []
        number, expr, cost = near[0].value, near[0].expr, near[0].cost
        off = abs(value / number - 1)
    margin = 50 - math.log2(max(off, 1e-15)) if first else -SLACK
    return [Guess(expr, number, cost, value, margin, ((key, number),))]


def _all(network: Network, known: Known, limit: float) -> Iterator[Guess]:
    key, value, _ = known
    l, i, j, name = key
    layer = network.layers[l]
    function, (_, b, c, _) = layer.functions[i, j], layer.affine[j, i].tolist()
    for expr, number, cost, margin in near(value, limit, roots=True):
        yield Guess(expr, number, cost, value, margin, ((key, number),))
    if not math.isfinite(value) or value == 0:
        return
    if name == "b" and function.name in ("sin", "cos"):
        turned = value - math.copysign(math.pi, value)
        for expr, number, cost, margin in near(turned, limit):
            if number != 0.0:
                here = ((key, number), ((l, i, j, "c"), -c))
                yield Guess(expr, number, cost, turned, margin, here)
    if name == "c" and function.name == "exp" and b == 0.0:
        shift, sign = math.log(abs(c)), math.copysign(1.0, c)
        for expr, number, cost, margin in near(shift, limit / abs(c)):
            if number != 0.0:
                here = (((l, i, j, "b"), number), (key, sign))
                yield Guess(expr, number, cost + 1, shift, margin - 1, here)
    if name == "d":
        yield from _in_logarithm(network, known, limit)


def _in_logarithm(network: Network, known: Known, limit: float) -> Iterator[Guess]:
    """The constant of a node as a factor in one of its logarithms."""
    (l, _, j, _), layer = known.key, network.layers[known.key[0]]
    for i in (layer.alive & layer.symbolic)[j].nonzero()[:, 0].tolist():
        a, b, c, _ = layer.affine[j, i].tolist()
        if layer.functions[i, j].name != "log" or c == 0 or abs(a) != 1 or bool(layer.bound[j, i]):
            continue
        exponent = known.value / c
        if abs(exponent) > 20:
            continue
        factor = math.exp(exponent)
        for expr, number, cost, margin in near(factor, limit * factor / abs(c)):
            if number != 1.0 and is_fraction(number):
                scaled, expr = a * number, expr * int(a)
                here = (((l, i, j, "a"), scaled), ((l, i, j, "b"), b * number), (known.key, 0.0))
                yield Guess(expr, scaled, cost + 1, a * factor, margin - 1, here)


def near(
    value: float, limit: float, roots: bool = False
) -> Iterator[tuple[sympy.Expr, float, float, float]]:
    """Numbers near a value: what they are, their floats, costs, and bits known beyond the cost."""
    if not math.isfinite(value):
        return
    if abs(value) <= limit:
        import sympy

        yield sympy.Integer(0), 0.0, 0.0, max(0.0, -math.log2(max(limit, 1e-300)))
    if value == 0.0:
        return
    tolerance = limit / abs(value) if limit < 0.5 * abs(value) else 0.5
    bits = -math.log2(max(tolerance, 1e-15))
    for one in recognise(value, tolerance):
        if one.value != 0.0:
            yield one.expr, one.value, one.cost, bits - one.cost
    if roots:
        import sympy

        for one in recognise(value * value, 2 * tolerance):
            if one.value != 0.0 and one.cost <= DEAREST_ROOT and one.expr.is_Rational:
                expr = sympy.sqrt(one.expr) * (1 if value > 0 else -1)
                if not expr.is_Rational:
                    cost = one.cost + OF_ROOT
                    yield expr, math.copysign(math.sqrt(one.value), value), cost, bits - cost
