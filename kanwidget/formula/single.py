"""One fitted function as LaTeX, for a menu."""

from __future__ import annotations

import sympy

from kanwidget.formula.latex import latex
from kanwidget.formula.rounding import few_digits
from kanwidget.formula.tidy import Sum, symbolic_edge
from kanwidget.symbolic.suggest import Candidate

ARGUMENT = sympy.Symbol("x")


def candidate_latex(candidate: Candidate) -> str:
    """c·f(a·x + b) + d of a candidate in its readable form, its numbers with three significant digits."""
    expression = symbolic_edge(candidate.function, candidate.params, Sum(0.0, {ARGUMENT: 1.0}))
    return latex(few_digits(expression.expression(), 3))
