"""From sympy expressions to sums of functions of nodes.

What is written is kept: nothing is expanded, collected or simplified beyond what sympy does when an
expression is made.  Only where one edge can do what is written as several, it does: sin², a parabola,
the bell exp(-x²) and the logistic 1/(1 + exp(-x)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import sympy

from kanwidget.compiler import functions
from kanwidget.compiler.functions import Unsupported
from kanwidget.compiler.graph import SQUARE, Graph, Sum, identity
from kanwidget.symbolic import library

EXP = library.get("exp")
HALF = sympy.Rational(1, 2)
HALF_ANGLE: dict[Any, tuple[str, sympy.Expr, sympy.Expr]] = {
    sympy.sin: ("cos", HALF, -HALF),
    sympy.cos: ("cos", HALF, HALF),
    sympy.sinh: ("cosh", -HALF, HALF),
    sympy.cosh: ("cosh", HALF, HALF),
}
"""f² = constant + factor · g(2x), with the name of g."""
LARGEST_EXPONENT = 50.0
"""A bell times e to a power farther from 0 stays exp, whose argument takes any shift."""
UNEVALUATED = (sympy.Derivative, sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit, sympy.Subs)


def variables_of(expressions: Sequence[sympy.Expr], variables: Any) -> list[sympy.Symbol]:
    """The input variables, checked; sorted by name where none are given.

    Raises
    ------
    TypeError, ValueError
        If they are not symbols, are named twice, or an expression holds others.
    """
    free = {symbol for expression in expressions for symbol in expression.free_symbols}
    if variables is None:
        found = sorted(free, key=lambda symbol: (str(symbol), sympy.default_sort_key(symbol)))
    else:
        found = [variables] if isinstance(variables, sympy.Symbol) else variables
        if isinstance(found, str) or not isinstance(found, Sequence):
            raise TypeError(f"variables is {variables!r}; a list of sympy symbols is needed")
        found = list(found)
    for symbol in found:
        if not isinstance(symbol, sympy.Symbol):
            raise TypeError(f"variables hold {symbol!r}; sympy symbols are needed")
        if symbol.is_extended_real is False:
            raise ValueError(f"{symbol} is declared not to be real; a KAN computes real numbers")
    names = [str(symbol) for symbol in found]
    if not names:
        raise ValueError("there are no variables; name at least one, as in variables=[x]")
    if len(set(names)) < len(names):
        raise ValueError(f"variables are {', '.join(names)}; every name may stand there once")
    missing = sorted(map(str, free - set(found)))
    if missing:
        raise ValueError(
            f"expression holds {', '.join(missing)}, not among the variables {', '.join(names)}"
        )
    return found


def expressions_of(given: Any) -> list[sympy.Expr]:
    """One expression or several as a list, checked.

    Raises
    ------
    TypeError
        For strings, which are never evaluated, and for what is not of sympy.
    ValueError
        For what is of sympy but no expression of real numbers, or an empty list.
    """
    several = list(given) if isinstance(given, (list, tuple)) else [given]
    if not several:
        raise ValueError("expression is an empty list; at least one expression is needed")
    return [_expression(each) for each in several]


def _expression(given: Any) -> sympy.Expr:
    if isinstance(given, str):
        raise TypeError(
            f"expression is the string {given[:60]!r}; strings are not evaluated, a sympy expression "
            "is needed"
        )
    if isinstance(given, Real) and not isinstance(given, (bool, sympy.Basic)):
        given = sympy.sympify(given)
    if not isinstance(given, (sympy.Basic, sympy.MatrixBase)):
        raise TypeError(
            f"expression is {given!r:.60} of type {type(given).__name__}; a sympy expression, or a list "
            "of them, is needed"
        )
    if not isinstance(given, sympy.Expr) or getattr(given, "is_Matrix", False):
        kind = type(given).__name__
        raise ValueError(f"expression is the {kind} {given!s:.60}; one of real values is needed")
    return given


class Reader:
    """Reads expressions in some variables into one graph, whose nodes they share.

    Parameters
    ----------
    variables : list of sympy.Symbol
    """

    def __init__(self, variables: Sequence[sympy.Symbol]) -> None:
        self.graph = Graph(len(variables))
        # knowing that variables are real, sympy simplifies √x² to |x| and |x|² to x²
        self._real = {
            symbol: sympy.Dummy(symbol.name, real=True)
            for symbol in variables
            if symbol.is_extended_real is None
        }
        symbols = [self._real.get(symbol, symbol) for symbol in variables]
        self._read: dict[sympy.Expr, Sum] = {
            symbol: identity(node) for symbol, node in zip(symbols, self.graph.inputs, strict=True)
        }

    def read(self, expression: sympy.Expr) -> Sum:
        """An expression as a sum.

        Raises
        ------
        ValueError
            If it holds something that no network of functions of one variable can be.
        """
        try:
            return self._sum(expression.xreplace(self._real))
        except Unsupported as error:
            written = error.part.xreplace({real: symbol for symbol, real in self._real.items()})
            raise ValueError(f"expression holds {written!s:.80}, {error.why}") from error

    def _sum(self, expression: sympy.Expr) -> Sum:
        if expression not in self._read:
            self._read[expression] = self._compute(expression).tidy()
        return self._read[expression]

    def _compute(self, expression: sympy.Expr) -> Sum:
        if not expression.free_symbols:
            return Sum(_constant(expression))
        if expression.is_Add:
            total = Sum()
            for part in map(self._sum, expression.args):
                total = total.plus(part)
            return total
        if expression.is_Mul:
            return self.graph.product(map(self._sum, expression.args))
        if expression.is_Pow:
            return self._power(expression.base, expression.exp)
        if isinstance(expression, sympy.exp):
            return self._exp(self._sum(expression.args[0]))
        return self._function(expression)

    def _function(self, expression: sympy.Expr) -> Sum:
        if isinstance(expression, UNEVALUATED):
            raise Unsupported(expression, "which is not worked out; doit() may do it")
        if not isinstance(expression, (sympy.Function, sympy.Max, sympy.Min)) or isinstance(
            expression, (sympy.Piecewise, sympy.core.function.AppliedUndef)
        ):
            raise Unsupported(
                expression, "which is no function of numbers that a network could compute"
            )
        places = [n for n, argument in enumerate(expression.args) if argument.free_symbols]
        if len(places) > 1:
            raise Unsupported(expression, "a function of more than one argument that varies")
        (place,) = places
        function = functions.of_sympy(expression, place)
        return self._applied(function, self._sum(expression.args[place]))

    def _applied(self, function: Any, inner: Sum) -> Sum:
        """The function of a sum; a constant, where it turned out to be one."""
        if inner.terms:
            return self.graph.apply(function, inner)
        return Sum(_constant(function.sympy(inner.constant)))

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> Sum:
        if not base.free_symbols:
            if not float(_constant(base)) > 0:
                raise Unsupported(base**exponent, "a power whose base is not positive")
            return self._exp(self._sum(exponent).scaled(sympy.log(base)))
        if exponent.free_symbols:
            log = self._applied(library.get("log"), self._sum(base))
            return self._exp(self.graph.product([self._sum(exponent), log]))
        exponent = _exact(_constant(exponent))
        if exponent == 2 and base.func in HALF_ANGLE:
            name, constant, factor = HALF_ANGLE[base.func]
            twice = self._applied(
                library.get(name), self._sum(base.args[0]).scaled(sympy.Integer(2))
            )
            return Sum(constant).plus(twice.scaled(factor))
        inner = self._sum(base)
        if exponent == 1:
            return inner
        return self._logistic(inner, exponent) or self._applied(functions.power(exponent), inner)

    def _exp(self, inner: Sum) -> Sum:
        """Exp of a sum; where this is a parabola that opens downwards, a bell."""
        if len(inner.terms) == 1:
            ((term, coefficient),) = inner.terms.items()
            shift = inner.constant
            if (
                term.function is SQUARE
                and float(coefficient) < 0
                and abs(float(shift)) < LARGEST_EXPONENT
            ):
                width = sympy.sqrt(-coefficient)
                argument = identity(term.node).scaled(term.a).plus(Sum(term.b)).scaled(width)
                bell = self.graph.apply(library.get("gaussian"), argument)
                return bell.scaled(sympy.exp(shift))
        return self._applied(EXP, inner)

    def _logistic(self, inner: Sum, exponent: sympy.Expr) -> Sum | None:
        """1/(C + c·exp(u)) as a logistic function, where it is one."""
        if exponent != -1 or len(inner.terms) != 1:
            return None
        ((term, factor),) = inner.terms.items()
        if term.function is not EXP or not (float(factor) > 0 and float(inner.constant) > 0):
            return None
        u = identity(term.node).scaled(term.a).plus(Sum(term.b))
        u = u.plus(Sum(sympy.log(factor / inner.constant))).scaled(sympy.Integer(-1))
        return self.graph.apply(library.get("sigmoid"), u).scaled(1 / inner.constant)


def _exact(exponent: sympy.Expr) -> sympy.Expr:
    """2.0 and 0.5 as the fractions they are, which have functions of their own."""
    if exponent.is_Float and (4 * float(exponent)).is_integer():
        return sympy.Rational(int(4 * float(exponent)), 4)
    return exponent


def _constant(expression: sympy.Expr) -> sympy.Expr:
    """A constant, checked to be a finite real number."""
    value = expression.evalf()
    if not value.is_Number or not value.is_finite or not math.isfinite(float(value)):
        raise Unsupported(expression, "which is not a finite real number")
    return expression
