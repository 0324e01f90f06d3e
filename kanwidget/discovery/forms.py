"""One form of c·f(a·x + b) + d among the many that are the same function."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from kanwidget.edges import EdgeFunction
from kanwidget.symbolic import library
from kanwidget.symbolic.canonical import phase

LARGEST = 1e8
"""A shift that is so many times the scale before it stays as it is."""
MOSTLY_SHIFT = 100.0
"""A shift that is so many times the scale, or more, becomes 1 in its place."""
LARGEST_EXPONENT = 50.0
NEAR_QUARTER = 0.1
"""A sine whose phase is so near π/2 is a cosine."""


class Affine(NamedTuple):
    """The constants of c·f(a·x + b) + d."""

    a: float
    b: float
    c: float
    d: float


def simplest(function: EdgeFunction, affine: Affine) -> tuple[EdgeFunction, Affine]:
    """The same function of x, its constants where a person would write them.

    A factor in a power, a logarithm or |·| goes before it; a shift in exp too, but e^(x + 1/2) stays where
    nothing is before it, and log 3x where the factor is a simple fraction.  Even and odd functions get
    a > 0, periodic ones a phase in (-π, π] and sin(x + π/2) becomes a cosine.  A line is c·x + d.

    Parameters
    ----------
    function : EdgeFunction
        Functions of one's own are left as they are, unless they tell a mirror law or a period.
    affine : Affine

    Returns
    -------
    function : EdgeFunction
    affine : Affine
    """
    found, form = _simplest(function, affine)
    return (found, form) if all(map(math.isfinite, form)) else (function, affine)


def _simplest(function: EdgeFunction, affine: Affine) -> tuple[EdgeFunction, Affine]:
    a, b, c, d = affine
    if function.name == "x":
        return function, Affine(1.0, 0.0, c * a, c * b + d)
    if c == 0.0 or function.name == "0":
        return function, Affine(a, b, 0.0, d)
    if a == 0.0:
        return function, Affine(a, b, 0.0, d + c * value(function, b))
    if function.name == "exp" and abs(c) != 1.0 and abs(b) <= LARGEST_EXPONENT:
        c, b = c * math.exp(b), 0.0
    kept = function.name == "log" and is_fraction(a, 100)
    if not kept and getattr(function, "absorbs", None) == "scale" and abs(b) <= LARGEST * abs(a):
        size = abs(a) if abs(b) <= MOSTLY_SHIFT * abs(a) else abs(b)
        if function.name == "log":
            d += c * math.log(size)
        else:
            c *= value(function, size)
        a, b = a / size, b / size
    mirror = getattr(function, "mirror", None)
    if mirror is not None and a < 0:
        a, b, c, d = -a, -b, c * mirror[0], d + c * mirror[1]
    period = getattr(function, "period", None)
    if period is not None:
        b -= period * math.ceil(b / period - 0.5)
        if function.name in ("sin", "cos"):
            function, b, c = phase(library.get(function.name), b, c, NEAR_QUARTER)
    return function, Affine(a, b, c, d)


def value(function: EdgeFunction, u: float) -> float:
    """The function at a number."""
    with torch.no_grad():
        return float(function(torch.tensor([u], dtype=torch.float64)))


def is_fraction(number: float, largest: float = math.inf) -> bool:
    """Whether a number is p/q to round-off, q at most 12, and p not 0 nor larger than so much."""
    return any(
        0 < abs(round(number * q)) <= largest
        and abs(number * q - round(number * q)) <= 4e-15 * abs(number * q)
        for q in range(1, 13)
    )
