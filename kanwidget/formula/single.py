"""One fitted function as LaTeX, for a menu."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from kanwidget.formula.latex import latex
from kanwidget.formula.rounding import few_digits
from kanwidget.formula.tidy import Sum, symbolic_edge
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.suggest import Candidate

ARGUMENT = sympy.Symbol("x")


def candidate_latex(candidate: Candidate) -> str:
    """c·f(a·x + b) + d of a candidate in its readable form, its numbers with three significant digits."""
    return function_latex(candidate.function, candidate.params)


def function_latex(function: SymbolicFunction, constants: Sequence[float]) -> str:
    """The same of a function and its constants a, b, c and d."""
    expression = symbolic_edge(function, constants, Sum(0.0, {ARGUMENT: 1.0}))
    return latex(few_digits(expression.expression(), 3))
