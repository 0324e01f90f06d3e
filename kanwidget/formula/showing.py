"""The form of a formula that a person reads: few digits, as many as it takes, and the shortest form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sympy

from kanwidget.formula.arguments import MOST_DIGITS
from kanwidget.formula.evaluate import Evaluator
from kanwidget.formula.exact import exact
from kanwidget.formula.measuring import Definitions, Measure
from kanwidget.formula.rewriting import Rewriting
from kanwidget.formula.rounding import rounded

Rule = Callable[[sympy.Expr], sympy.Expr]


@dataclass(frozen=True)
class Shown:
    """What is shown of a formula.

    Attributes
    ----------
    expressions : list of sympy.Expr
    definitions : list of (sympy.Symbol, sympy.Expr)
    error : float or None
        Max |formula - network| / max |network| over the data; None without data.
    digits : int or None
        Those it took; None is all.
    values : Evaluator
        Of these expressions on the data.
    of : callable
        Gives the shown form of an expression.
    """

    expressions: list[sympy.Expr]
    definitions: Definitions
    error: float | None
    digits: int | None
    values: Evaluator
    of: Rule


def shown_form(
    expressions: list[sympy.Expr],
    definitions: Definitions,
    digits: int | None,
    measure: Measure,
    values: Evaluator,
    full_error: float | None,
) -> Shown:
    """The formula with as many digits as asked for, or as it needs; None asks for all.

    Parameters
    ----------
    expressions, definitions
        At full precision.
    digits : int or None
    measure : Measure
    values : Evaluator
        Of the formula at full precision.
    full_error : float or None
        Its error.
    """

    def made(of: Rule, digits: int | None) -> Shown:
        shown = [of(each) for each in expressions]
        hidden = [(name, of(each)) for name, each in definitions]
        seen = values
        if measure.measures and hidden != definitions:
            seen = measure.evaluator(hidden)
        return Shown(shown, hidden, measure.error(seen, shown), digits, seen, of)

    if digits is None:
        return made(exact, None)
    for some in range(digits, MOST_DIGITS + 1):
        bound = max(10.0 ** (1 - some), 2 * (full_error or 0.0))
        few = partial(_few, digits=some, values=values)
        for of in (partial(few, rewrite=Rewriting()), few):
            found = made(of, some)
            if found.error is None or found.error <= bound or some == MOST_DIGITS:
                return found
    raise AssertionError("the last of all forms is always taken")


def _few(
    expression: sympy.Expr, digits: int, values: Evaluator, rewrite: Rewriting | None = None
) -> sympy.Expr:
    """The expression with few digits, and in the shorter form that rounding may have made possible."""
    few = rounded(exact(expression, digits), digits, values)
    new = few if rewrite is None else rewrite(few)
    return few if new == few else rounded(new, digits, values)


def shorter(
    rewrite: Rewriting, measure: Measure, values: Evaluator, expression: sympy.Expr
) -> sympy.Expr:
    """The shorter form of an expression, where it has the same values on the data."""
    new = rewrite(expression)
    return new if new == expression or measure.same(values, expression, new) else expression
