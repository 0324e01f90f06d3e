"""Numbers that a person would write as p/q, π/4 or √2, found in a sorted table."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import sympy

BASES: list[tuple[sympy.Expr, float]] = [
    (sympy.Integer(1), 0.0),
    (sympy.pi, 1.7),
    (1 / sympy.pi, 2.5),
    (sympy.E, 2.5),
    (sympy.exp(-1), 3.0),
    (sympy.sqrt(2), 2.5),
    (sympy.exp(sympy.Rational(1, 2)), 4.0),
    (sympy.exp(-sympy.Rational(1, 2)), 4.0),
    (sympy.sqrt(3), 3.0),
    (sympy.pi**2, 3.5),
    (sympy.sqrt(5), 4.0),
    (sympy.sqrt(sympy.pi), 3.5),
    (1 / sympy.sqrt(sympy.pi), 4.0),
    (sympy.sqrt(2 * sympy.pi), 4.0),
    (1 / sympy.sqrt(2 * sympy.pi), 4.0),
    (sympy.log(2), 4.0),
]
"""What the fractions multiply, and what a person pays for reading it."""

DENOMINATORS = tuple(range(1, 13))
LARGEST_NUMERATOR = 100
RARE_DENOMINATORS = (15, 16, 18, 20, 24, 25, 27, 30, 32, 36, 40, 48, 50, 60, 64, 100, 200, 1000)
LARGEST_RARE_NUMERATOR = 30
LARGEST_INTEGER = 1000


@dataclass(frozen=True)
class Constant:
    """An exact number.

    Attributes
    ----------
    expr : sympy.Expr
        Such as 1/2 or 3*pi/4.
    value : float
        The closest double to it.
    cost : float
        How much there is to read: 0 for 0, 1 for 1, 2 for 2, 2.6 for 1/2, 2.7 for π; see `cost`.
    """

    expr: sympy.Expr
    value: float
    cost: float


class _Entry(NamedTuple):
    value: float
    cost: float
    p: int
    q: int
    base: int


def cost(p: int, q: int, base: float = 0.0) -> float:
    """What a person pays for reading p/q · base: about the bits of p and q, a denominator 1.6 times."""
    return 1.0 + math.log2(max(abs(p), 1)) + 1.6 * math.log2(q) + base


@cache
def _table() -> tuple[list[float], list[_Entry]]:
    """All positive constants by size: their values, and what they are."""
    fractions = [(p, q) for q in DENOMINATORS for p in range(1, LARGEST_NUMERATOR + 1)]
    rare = [(p, q) for q in RARE_DENOMINATORS for p in range(1, LARGEST_RARE_NUMERATOR + 1)]
    whole = [(p, 1) for p in range(LARGEST_NUMERATOR + 1, LARGEST_INTEGER + 1)]
    entries = []
    for base, (expr, price) in enumerate(BASES):
        factor = float(expr)
        for p, q in fractions if base else fractions + rare + whole:
            if math.gcd(p, q) == 1:
                # p·factor is rounded once, the division again: at most one unit off
                entries.append(_Entry(p * factor / q, cost(p, q, price), p, q, base))
    entries.sort()
    return [entry.value for entry in entries], entries


def recognise(value: float, tolerance: float) -> list[Constant]:
    """All simple constants near a number, cheapest first.

    Simple are p/q · base with q ≤ 12 and p ≤ 100 for the bases 1, π, 1/π, e, 1/e, √2, √3, √5, π², √π,
    1/√π, √(2π), 1/√(2π) and log 2; integers up to 1000; and p/q with p ≤ 30 for some larger q such as 16,
    25 and 100.

    Parameters
    ----------
    value : float
    tolerance : float
        Largest |constant − value| relative to |value|; for the constant 0, the largest |value| itself.

    Returns
    -------
    list of Constant
        Empty where there is none, and for values that are not finite.

    Raises
    ------
    ValueError
        If the tolerance is negative or not a number.
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance is {tolerance!r}; a number of at least 0 is needed")
    if not math.isfinite(value):
        return []
    zero = [Constant(sympy.Integer(0), 0.0, 0.0)] if abs(value) <= tolerance else []
    size, sign = abs(value), -1 if value < 0 else 1
    values, entries = _table()
    first = bisect_left(values, size * (1 - tolerance))
    last = bisect_right(values, size * (1 + tolerance))
    near = sorted(entries[first:last], key=lambda entry: entry.cost)
    return zero + [_constant(entry, sign) for entry in near]


@cache
def _constant(entry: _Entry, sign: int) -> Constant:
    expr = sympy.Rational(sign * entry.p, entry.q) * BASES[entry.base][0]
    return Constant(expr, sign * entry.value, entry.cost)
