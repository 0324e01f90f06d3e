"""Expressions cut into steps: what is used twice, or too long to read, gets a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import sympy

from kanwidget.formula.evaluate import EdgeCurve

LONGEST = 60
"""Symbols, numbers and operations of one step."""

Step = tuple[sympy.Symbol, sympy.Expr]


def needed(steps: Sequence[Step], results: Iterable[sympy.Expr]) -> list[Step]:
    """Those of some steps that the results depend on."""
    used: set[sympy.Symbol] = set().union(*(result.free_symbols for result in results))
    kept = []
    for symbol, expression in reversed(steps):
        if symbol in used:
            kept.append((symbol, expression))
            used |= expression.free_symbols
    return kept[::-1]


def _inner(expression: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """What may become a step of its own within an expression."""
    if isinstance(expression, EdgeCurve):
        return expression.args[:1]
    if isinstance(expression, sympy.Piecewise) or not (
        expression.is_Add or expression.is_Mul or expression.is_Pow or expression.is_Function
    ):
        return ()
    return expression.args


def _count(expression: sympy.Expr, uses: Counter[sympy.Expr]) -> None:
    uses[expression] += 1
    if uses[expression] == 1:
        for each in _inner(expression):
            _count(each, uses)


class Steps:
    """Expressions with symbols for their parts; nothing is merged, as sympy's cse would do it.

    x · (1/x) has a hole at 0, and √x · √x is no x below 0: what is built is built unevaluated.
    """

    def __init__(self, expressions: Iterable[sympy.Expr]) -> None:
        self.uses: Counter[sympy.Expr] = Counter()
        for expression in expressions:
            _count(expression, self.uses)
        self.done: list[Step] = []
        self.known: dict[sympy.Expr, tuple[sympy.Expr, int]] = {}

    def short(self, expression: sympy.Expr) -> sympy.Expr:
        """One of the expressions, its parts replaced by symbols; their steps are in `done`."""
        inner = [self.part(each)[0] for each in _inner(expression)]
        return _rebuilt(expression, inner)

    def part(self, expression: sympy.Expr) -> tuple[sympy.Expr, int]:
        """A part of an expression, or the symbol it is computed as, and how long that is."""
        if not _inner(expression):
            return expression, 1
        if expression not in self.known:
            parts = [self.part(each) for each in _inner(expression)]
            new, size = (
                _rebuilt(expression, [part for part, _ in parts]),
                1 + sum(n for _, n in parts),
            )
            if size > LONGEST or (self.uses[expression] > 1 and _is_work(new)):
                symbol = sympy.Dummy()
                self.done.append((symbol, new))
                new, size = symbol, 1
            self.known[expression] = new, size
        return self.known[expression]


def _rebuilt(expression: sympy.Expr, inner: list[sympy.Expr]) -> sympy.Expr:
    if tuple(inner) == _inner(expression):
        return expression
    if isinstance(expression, EdgeCurve):
        return EdgeCurve(inner[0], *expression.args[1:])
    return expression.func(*inner, evaluate=False)


def _is_work(expression: sympy.Expr) -> bool:
    """Whether to compute it once is worth a name: not for 2·x or x²."""
    simple = expression.is_Mul or expression.is_Pow
    return not (simple and len(expression.args) == 2 and all(e.is_Atom for e in expression.args))
