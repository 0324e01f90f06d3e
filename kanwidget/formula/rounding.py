"""A formula with few digits, rounded by what each number does on the data."""

from __future__ import annotations

import math

import sympy

from kanwidget.formula.evaluate import EdgeCurve, Evaluator
from kanwidget.formula.rewriting import fraction, power
from kanwidget.formula.tidy import multiplied, plus, times
from kanwidget.symbolic.functions import plain

RELATIVE = (sympy.log, sympy.Abs, sympy.sign, EdgeCurve)


def rounded(expression: sympy.Expr, digits: int, values: Evaluator) -> sympy.Expr:
    """Round the numbers of an expression and drop what is negligible on the data.

    Parameters
    ----------
    expression : sympy.Expr
    digits : int
        A factor keeps this many decimals, one fewer for every digit before the point beyond the first,
        and this many significant digits where it is below 1. In a sum, terms and decimals below
        10^-digits of the sum's largest value go; inside sin, exp and the like below 10^-digits itself
        where the sum is larger than 1. A φ stays, however small: its edge is still there.
    values : Evaluator
        Of the unrounded formula, on data.

    Returns
    -------
    sympy.Expr
    """
    return _Rounding(digits, values).round(expression, False)


class _Rounding:
    def __init__(self, digits: int, values: Evaluator) -> None:
        self.digits, self.values = digits, values
        self.done: dict[tuple[sympy.Expr, bool], sympy.Expr] = {}

    def round(self, expression: sympy.Expr, absolute: bool) -> sympy.Expr:
        key = expression, absolute
        if key not in self.done:
            self.done[key] = self._round(expression, absolute)
        return self.done[key]

    def _round(self, expression: sympy.Expr, absolute: bool) -> sympy.Expr:
        if expression.is_Float:
            return number(float(expression), significant(float(expression), self.digits))
        if expression.is_Add:
            return self._sum(expression, absolute)
        if expression.is_Mul:
            # where a shift was dropped, several rounded factors became one
            factor, rest = multiplied(
                self.round(each, False) for each in expression.args
            ).as_coeff_Mul()
            return times(self.round(factor, False), rest)
        if expression.is_Pow:
            base, exponent = self.round(expression.base, False), expression.exp
            if exponent.is_Float:
                exponent = fraction(self.round(exponent, False))
            value = power(base, exponent)
            return self._again(value) if plain(base) else value
        if isinstance(expression, EdgeCurve):
            return EdgeCurve(self.round(expression.args[0], False), *expression.args[1:])
        if not expression.args:
            return expression
        if not expression.is_Function:
            return expression.func(*(self.round(argument, False) for argument in expression.args))
        sensitive = not isinstance(expression, RELATIVE)
        arguments = [self.round(argument, sensitive) for argument in expression.args]
        short = all(map(plain, arguments))
        value = expression.func(*arguments, evaluate=short)
        return self._again(value) if short else value

    def _again(self, expression: sympy.Expr) -> sympy.Expr:
        """Round what sympy has made of rounded numbers, such as 1.2 squared."""
        return expression.xreplace({f: self.round(f, False) for f in expression.atoms(sympy.Float)})

    def _sum(self, expression: sympy.Expr, absolute: bool) -> sympy.Expr:
        size = self._size(expression)
        if absolute:
            size = min(size, 1.0)
        kept = []
        for term in expression.args:
            negligible = self._size(term) < 0.5 * 10.0**-self.digits * size
            if negligible and not term.has(EdgeCurve):
                continue
            if term.is_Float:
                value = float(term)
                decimals = significant(value, self.digits)
                if size > 0:
                    decimals = min(decimals, self.digits - math.floor(math.log10(size)))
                kept.append(number(value, decimals))
            else:
                kept.append(self.round(term, False))
        return plus(kept)

    def _size(self, expression: sympy.Expr) -> float:
        size = float(self.values(expression).abs().max())
        return size if math.isfinite(size) else 1.0


def few_digits(expression: sympy.Expr, digits: int) -> sympy.Expr:
    """Every decimal number of an expression with so many significant digits, whatever it does there."""
    few = {
        f: number(float(f), significant(float(f), digits - int(abs(float(f)) >= 1)))
        for f in expression.atoms(sympy.Float)
        if math.isfinite(float(f))
    }
    return expression.xreplace(few)


def significant(value: float, digits: int) -> int:
    """How many decimals a factor keeps."""
    if value == 0 or not math.isfinite(value):
        return digits
    exponent = math.floor(math.log10(abs(value)))
    return digits - exponent if exponent >= 0 else digits - exponent - 1


def number(value: float, decimals: int) -> sympy.Expr:
    """The value rounded to so many decimals: an Integer where it is whole, else a Float."""
    if not math.isfinite(value):
        return sympy.Float(value)
    value = round(value, max(decimals, 0) if abs(value) < 1e6 else decimals)
    if value == int(value) and abs(value) < 1e6:
        return sympy.Integer(int(value))
    return sympy.Float(repr(value))
