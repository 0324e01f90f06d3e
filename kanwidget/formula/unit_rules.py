"""Whether a formula can be true in physical units, its fitted constants carrying units of their own.

The rule.  A decimal number of a formula is a fitted constant, and each may have any unit: exp(2.3·x) is
right for x in metres, as 2.3 may be 1/m.  Whole numbers, fractions, π, √2 and the like, and a factor
that is not written, are exact and have none: exp(x), sin(πx) and x + 1 are not right for x in metres.

- Terms of a sum have one unit, where a fitted factor or a fitted constant takes any.
- A power has an exact exponent, or a base without a unit: 0.1·x^1.7 would need a constant in m^-1.7.
- log(x) + 0.3 is right, as 0.3 may be -log(1 m); so is log(x) - log(y) for two lengths.
- sin, exp, tanh and all functions but abs, sgn and log take a plain number; angles are plain numbers.
- A numeric edge takes and gives any unit, as all its numbers are fitted.

Each number counts as a constant of its own, also where two happen to be equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy

from kanwidget.formula.dimensions import NUMBER, Dimension, combined, written
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.network import Edge

ANY = None
"""The dimension of what holds a free constant, or an input of which nothing is known."""
ONE = Fraction(1)


@dataclass(frozen=True)
class UnitWarning:
    """A place where no constant can make the units right.

    Attributes
    ----------
    sentence : str
    term : sympy.Expr
        The function, sum or power it is about, or the whole formula of an output.
    edge : (l, i, j) or None
        The edge the term comes from, where that is one edge of a network.
    """

    sentence: str
    term: sympy.Expr
    edge: Edge | None = None

    def __str__(self) -> str:
        return self.sentence


class Check:
    """Dimensions of expressions; what is wrong on the way is put into `warnings`, once."""

    def __init__(
        self,
        dimensions: Mapping[sympy.Symbol, Dimension | None],
        shown: Mapping[sympy.Symbol, sympy.Symbol] | None = None,
    ) -> None:
        self.dimensions = dict(dimensions)
        self.shown = dict(shown or {})
        self.edges: list[tuple[Edge, sympy.Expr]] = []
        self.warnings: list[UnitWarning] = []
        self.done: dict[sympy.Expr, Dimension | None] = {}

    def output(self, name: str, expression: sympy.Expr, wanted: Dimension | None) -> None:
        """Check the formula of an output, and that it has its unit."""
        found = self.of(expression)
        if found is not ANY and wanted is not ANY and found != wanted:
            self.warn(
                expression,
                f"the formula gives {written(found)} where {name} has {written(wanted)}; there is no "
                "fitted factor to absorb it",
            )

    def of(self, expression: sympy.Expr) -> Dimension | None:
        """The dimension of an expression; ANY where a fitted constant can give it any."""
        if expression not in self.done:
            self.done[expression] = self._of(expression)
        return self.done[expression]

    def _of(self, expression: sympy.Expr) -> Dimension | None:
        if expression.is_Symbol:
            return self.dimensions[expression]
        if not expression.free_symbols and not expression.has(EdgeCurve):
            return ANY if expression.has(sympy.Float) else NUMBER
        if isinstance(expression, EdgeCurve):
            self.of(expression.args[0])
            return ANY
        if expression.is_Mul:
            return _product([(self.of(factor), ONE) for factor in expression.args])
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Pow:
            return self._power(expression)
        if isinstance(expression, sympy.Piecewise):
            return ANY
        if isinstance(expression, (sympy.Abs, sympy.Max, sympy.Min)):
            return self._alike(expression, expression.args, {})
        if isinstance(expression, (sympy.sign, sympy.Heaviside)):
            self.of(expression.args[0])
        elif isinstance(expression, sympy.atan2):
            self._alike(expression, expression.args, {})
        else:
            for argument in expression.args:
                self._plain(expression, argument)
        return NUMBER

    def _plain(self, function: sympy.Expr, argument: sympy.Expr) -> None:
        found = self.of(argument)
        if found:
            self.warn(
                function,
                f"{function.func.__name__} receives {written(found)} in {self._text(function)}; there is "
                "no fitted factor to absorb it",
            )

    def _power(self, power: sympy.Expr) -> Dimension | None:
        base, exponent = self.of(power.base), power.exp
        if exponent.is_Rational:
            return _product([(base, Fraction(int(exponent.p), int(exponent.q)))])
        if not exponent.is_number:
            self._plain(power, exponent)
        if base:
            what = "an exponent that varies" if exponent.free_symbols else "a fitted exponent"
            if exponent.is_number and not exponent.has(sympy.Float):
                what = "an exponent that is no fraction"
            self.warn(
                power,
                f"{self._text(power)} raises {written(base)} to {what}; there is no fitted factor to "
                "absorb it",
            )
            return ANY
        return NUMBER

    def _sum(self, total: sympy.Expr) -> Dimension | None:
        """Logarithms first: what their arguments lack, a fitted constant beside them has."""
        logs = {part: found for part in total.args if (found := _logarithm(part)) is not None}
        fitted = any(part.is_number and part.has(sympy.Float) for part in total.args)
        exact = all(factor.is_Rational for factor, _ in logs.values())
        together = _product(
            (self.of(log.args[0]), Fraction(int(factor.p), int(factor.q)) if exact else ONE)
            for factor, log in logs.values()
        )
        if not fitted and (together or not exact):
            for _, log in logs.values():
                self.of(log)
        dimensions = {
            part: ANY if factor.has(sympy.Float) else NUMBER for part, (factor, _) in logs.items()
        }
        return self._alike(total, total.args, dimensions)

    def _alike(
        self,
        whole: sympy.Expr,
        parts: Sequence[sympy.Expr],
        dimensions: Mapping[sympy.Expr, Dimension | None],
    ) -> Dimension | None:
        """The dimension that all parts have; a warning where they have several."""
        found = [dimensions[part] if part in dimensions else self.of(part) for part in parts]
        different = list(dict.fromkeys(each for each in found if each is not ANY))
        if len(different) > 1:
            listed = " and ".join(written(each) for each in different)
            self.warn(
                whole,
                f"{self._text(whole)} adds {listed}; there is no fitted factor to absorb the difference",
            )
            return ANY
        return different[0] if different else ANY

    def warn(self, term: sympy.Expr, sentence: str) -> None:
        """Add a warning, with the edge it comes from where that is one."""
        edges = {edge for edge, of_edge in self.edges if of_edge == term or of_edge.has(term)}
        edge = edges.pop() if len(edges) == 1 else None
        self.warnings.append(UnitWarning(f"{sentence}.", term.xreplace(self.shown), edge))

    def _text(self, term: sympy.Expr) -> str:
        text = str(term.xreplace(self.shown))
        return text if len(text) <= 80 else f"{text[:79]}…"


def _product(powers: Iterable[tuple[Dimension | None, Fraction]]) -> Dimension | None:
    known = []
    for dimension, power in powers:
        if dimension is ANY:
            return ANY
        known.append((dimension, power))
    return combined(*known)


def _logarithm(part: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Number and logarithm of a term that is a number times a logarithm."""
    factors = sympy.Mul.make_args(part)
    others = [factor for factor in factors if not factor.is_number]
    if len(others) != 1 or not isinstance(others[0], sympy.log):
        return None
    return sympy.Mul(*(factor for factor in factors if factor.is_number)), others[0]
