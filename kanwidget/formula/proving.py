"""What sympy does for `simplify` in a process of its own: it proves, refutes and simplifies.

This file is run as a script.  It imports sympy alone, so that it starts in half a second, and may take
forever: whoever asks ends it.
"""

from __future__ import annotations

import itertools
import os
import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sympy

DIGITS = 50
POINTS = 12
TRIES = 60
Ranges = Mapping[sympy.Symbol, tuple[float, float]]
REFUSALS = (ArithmeticError, NotImplementedError, ValueError, sympy.PolynomialError)
"""What sympy raises where a transformation does not apply; all else is a mistake in a way to prove."""
AREA = (sympy.asinh, sympy.acosh, sympy.atanh)
INVERSE = (
    *(sympy.log, sympy.asinh, sympy.acosh, sympy.atanh),
    *(sympy.asin, sympy.acos, sympy.atan),
)
"""Functions whose derivatives are algebraic."""


def simplest(expression: sympy.Expr) -> sympy.Expr:
    """What sympy makes of it, if that has the same values."""
    found = sympy.simplify(expression)
    ranges = dict.fromkeys(expression.free_symbols, (-2.0, 2.0))
    return found if _differ(expression, found, ranges, 1e-9) is False else expression


def equal(a: sympy.Expr, b: sympy.Expr, ranges: Ranges, alike: bool) -> bool | None:
    """True where one of the ways shows that a = b, False where numbers show that it is not, else None.

    Two that were seen to be alike in numbers may be proved so up to what would have been seen: from equal
    squares, which leave the sign open, and from equal derivatives, which leave jumps open.
    """
    a, b = (sympy.nsimplify(each, rational=True) for each in (a, b))
    if not alike and _differ(a, b, ranges, 10.0 ** (10 - DIGITS)):
        return False
    differences = sorted(dict.fromkeys(_differences(a, b, alike)), key=sympy.count_ops)
    slow = [_constant, *SLOW] if alike and (a - b).has(*INVERSE) else SLOW
    ways = [*QUICK, *slow]
    return any(_shown(way, each) for way in ways for each in differences) or None


def _differ(a: sympy.Expr, b: sympy.Expr, ranges: Ranges, tolerance: float) -> bool | None:
    """Whether they differ at some point; None where they have real values at none."""
    choose, compared = random.Random(0), 0
    for _ in range(TRIES):
        at = {
            name: sympy.Rational(round(choose.uniform(low, high) * 10**6), 10**6)
            for name, (low, high) in sorted(ranges.items(), key=lambda item: item[0].name)
        }
        values = [each.subs(at).evalf(DIGITS) for each in (a, b)]
        if not all(value.is_Number and value.is_finite and value.is_real for value in values):
            continue
        size = max(abs(values[0]), abs(values[1]))
        if abs(values[0] - values[1]) > tolerance * size:
            return True
        compared += 1
        if compared >= POINTS:
            break
    return False if compared else None


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


QUESTIONS: dict[str, Callable[..., Any]] = {"simplest": simplest, "equal": equal}


def main() -> None:
    """Read questions from the standard input and write answers, until it is closed."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _tell(answers, "ready")
    # nothing else may come between the answers, and nobody reads what else there is to say
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    while True:
        try:
            question, *arguments = pickle.load(questions)
        except EOFError:
            return
        try:
            _tell(answers, ("answer", QUESTIONS[question](*arguments)))
        except Exception as error:  # whatever sympy fails with, the next question may be answered
            _tell(answers, ("failed", f"{type(error).__name__}: {error}"))


def _tell(answers: Any, what: Any) -> None:
    pickle.dump(what, answers)
    answers.flush()


if __name__ == "__main__":
    main()
