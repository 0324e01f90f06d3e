"""What a process of its own does for `simplify`: it answers questions about expressions, one by one.

It is run as a script and knows sympy alone, so that it starts in half a second.
"""

from __future__ import annotations

import os
import pickle
import random
import sys
from collections.abc import Callable
from typing import Any

import sympy

DIGITS = 50
POINTS = 12
TRIES = 60


def main() -> None:
    """Read questions from the standard input and write answers, until it is closed."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # nothing else may come between the answers
    _tell(answers, "ready")
    while True:
        try:
            question, *arguments = pickle.load(questions)
        except EOFError:
            return
        try:
            _tell(answers, ("answer", QUESTIONS[question](*arguments)))
        except Exception as error:
            _tell(answers, ("failed", f"{type(error).__name__}: {error}"))


def _tell(answers: Any, what: Any) -> None:
    pickle.dump(what, answers)
    answers.flush()


def simplest(expression: sympy.Expr) -> sympy.Expr:
    """What sympy makes of it, if that has the same values."""
    found = sympy.simplify(expression)
    ranges = dict.fromkeys(expression.free_symbols, (-2.0, 2.0))
    return found if _differ(expression, found, ranges, 1e-9) is False else expression


def equal(first: sympy.Expr, second: sympy.Expr, ranges: dict[sympy.Symbol, Any]) -> bool | None:
    """True where the two are proved equal, False where numbers show that they are not, else None."""
    first, second = (sympy.nsimplify(each, rational=True) for each in (first, second))
    if _differ(first, second, ranges, 10.0 ** (10 - DIGITS)):
        return False
    difference = first - second
    for step in (sympy.expand, sympy.simplify, _joined, sympy.trigsimp, _powers):
        if difference == 0:
            return True
        difference = step(difference)
    return True if difference == 0 else None


def _joined(expression: sympy.Expr) -> sympy.Expr:
    return sympy.simplify(sympy.expand_log(sympy.logcombine(expression)))


def _powers(expression: sympy.Expr) -> sympy.Expr:
    return sympy.simplify(sympy.powdenest(sympy.expand(expression.rewrite(sympy.exp))))


def _differ(
    first: sympy.Expr, second: sympy.Expr, ranges: dict[sympy.Symbol, Any], tolerance: float
) -> bool | None:
    """Whether they differ at some point; None where they have real values at none."""
    choose, compared = random.Random(0), 0
    for _ in range(TRIES):
        at = {
            name: sympy.Rational(round(choose.uniform(low, high) * 10**6), 10**6)
            for name, (low, high) in sorted(ranges.items(), key=lambda item: item[0].name)
        }
        values = [each.subs(at).evalf(DIGITS) for each in (first, second)]
        if not all(value.is_Number and value.is_finite and value.is_real for value in values):
            continue
        size = max(abs(values[0]), abs(values[1]))
        if abs(values[0] - values[1]) > tolerance * size:
            return True
        compared += 1
        if compared >= POINTS:
            break
    return False if compared else None


QUESTIONS: dict[str, Callable[..., Any]] = {"simplest": simplest, "equal": equal}

if __name__ == "__main__":
    main()
