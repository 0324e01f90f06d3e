"""Ways to prove with sympy that two expressions are equal, the quick ones first.

This file runs in a process of its own, see `equality`: it imports sympy alone, and may take forever.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import sympy

REFUSALS = (ArithmeticError, AttributeError, NotImplementedError, TypeError, ValueError)
"""What sympy raises where a transformation does not apply."""
AREA = (sympy.asinh, sympy.acosh, sympy.atanh)
INVERSE = (
    *(sympy.log, sympy.asinh, sympy.acosh, sympy.atanh),
    *(sympy.asin, sympy.acos, sympy.atan),
)
"""Functions whose derivatives are algebraic."""


def equal(a: sympy.Expr, b: sympy.Expr, alike: bool = False) -> bool:
    """Whether one of the ways shows that a = b; False where none does.

    Two that were seen to be alike in numbers may be proved so up to what would have been seen: from equal
    squares, which leave the sign open, and from equal derivatives, which leave jumps open.
    """
    differences = sorted(dict.fromkeys(_differences(a, b, alike)), key=sympy.count_ops)
    if any(_shown(way, each) for way in QUICK for each in differences):
        return True
    slow = [_constant, *SLOW] if alike and (a - b).has(*INVERSE) else SLOW
    return any(_shown(way, each) for way in slow for each in differences)


def _shown(way: Callable[[Any], Any], difference: sympy.Expr) -> bool:
    try:
        return bool(way(difference) == 0)
    except REFUSALS:
        return False


def _differences(a: sympy.Expr, b: sympy.Expr, alike: bool) -> Iterator[sympy.Expr]:
    """What is 0 only where a = b, but for what `equal` says of squares."""
    yield a - b
    while a.func == b.func and len(a.args) == len(b.args) == 1:
        a, b = a.args[0], b.args[0]
        yield a - b
    if sympy.exp in (a.func, b.func) and a.is_positive and b.is_positive:
        yield sympy.expand_log(sympy.log(a) - sympy.log(b))
    if alike and any(not each.exp.is_Integer for each in (a - b).atoms(sympy.Pow)):
        yield a**2 - b**2


def _fraction(difference: sympy.Expr) -> Any:
    return sympy.cancel(sympy.together(sympy.expand(difference, trig=True)))


def _exponentials(difference: sympy.Expr) -> Any:
    """As a fraction of polynomials in exponentials; those with proportional exponents are one variable."""
    difference = difference.replace(sympy.tanh, lambda z: 1 - 2 / (sympy.exp(2 * z) + 1))
    difference = difference.rewrite((sympy.sinh, sympy.cosh), sympy.exp)
    difference = sympy.expand_log(difference.rewrite(AREA, sympy.log))
    found = {each: each.args[0].expand().primitive() for each in difference.atoms(sympy.exp)}
    symbols = {primitive: sympy.Dummy() for _, primitive in found.values()}
    apart = all(
        not (p.free_symbols & q.free_symbols) for p, q in itertools.combinations(symbols, 2)
    )
    if apart:
        difference = difference.xreplace(
            {each: sympy.exp(factor * symbols[p]) for each, (factor, p) in found.items()}
        )
    return sympy.cancel(sympy.together(sympy.expand(difference)))


def _constant(difference: sympy.Expr) -> Any:
    """0 if all derivatives vanish, and the difference at a point.

    The derivatives of logarithms and inverse functions are algebraic, and what is equal but not alike,
    as arsinh(x) and log(x + √(x² + 1)), becomes alike.
    """
    for symbol in sorted(difference.free_symbols, key=str):
        slope = sympy.together(difference.diff(symbol))
        if not any(_shown(way, slope) for way in (*QUICK, _radicals, sympy.simplify)):
            return sympy.nan
        difference = difference.subs(symbol, 1 if symbol.is_positive else 0)
    return sympy.simplify(difference)


def _radicals(difference: sympy.Expr) -> Any:
    """The numerator, multiplied out and without nested powers."""
    numerator, _ = sympy.fraction(sympy.together(sympy.powdenest(difference)))
    return sympy.expand(sympy.powsimp(sympy.expand(numerator)))


QUICK: list[Callable[[Any], Any]] = [
    lambda d: d,
    sympy.expand,
    lambda d: sympy.expand(sympy.expand_log(d)),
    lambda d: sympy.expand(d.rewrite(sympy.exp)),
    _exponentials,
    lambda d: sympy.expand(d, trig=True),
    _fraction,
]
SLOW: list[Callable[[Any], Any]] = [
    sympy.logcombine,
    lambda d: sympy.simplify(d.rewrite(sympy.log)),
    sympy.simplify,
    lambda d: sympy.simplify(d.rewrite(sympy.exp)),
]


if __name__ == "__main__":
    import pickle
    import sys

    print("equal" if equal(*pickle.load(sys.stdin.buffer)) else "unknown")
