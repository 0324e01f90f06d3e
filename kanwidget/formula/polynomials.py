"""Sums of products multiplied out, exactly: ¼(x + y)² - ¼(x - y)² is x·y."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import sympy

from kanwidget.formula.tidy import ROUND_OFF, multiplied, plus, times

MOST_MONOMIALS = 60
HIGHEST_POWER = 6

Monomial = tuple[tuple[sympy.Expr, int], ...]


class Coefficient(NamedTuple):
    """A number, the size of all that was added up to it, and whether all of that was exact."""

    value: Fraction
    size: Fraction
    exact: bool

    def plus(self, other: Coefficient) -> Coefficient:
        """The sum of both."""
        return Coefficient(
            self.value + other.value, self.size + other.size, self.exact and other.exact
        )

    def times(self, other: Coefficient) -> Coefficient:
        """The product of both."""
        return Coefficient(
            self.value * other.value, self.size * other.size, self.exact and other.exact
        )

    def number(self) -> sympy.Number | None:
        """The number for sympy; None where it is 0 or nothing but rounding errors."""
        if abs(self.value) <= (0 if self.exact else Fraction(ROUND_OFF) * self.size):
            return None
        if self.exact or self.value.denominator == 1:
            return sympy.Rational(self.value.numerator, self.value.denominator)
        return sympy.Float(float(self.value))


Polynomial = dict[Monomial, Coefficient]


class TooLong(Exception):
    """The expression would have too many terms when multiplied out."""


def polynomial(expression: sympy.Expr) -> Polynomial:
    """The expression multiplied out; all that is no sum, product or power is one of its variables.

    Numbers are taken as the decimals that they are written with.

    Raises
    ------
    TooLong
        For more than 60 monomials, or powers above 6.
    """
    if expression.is_Rational or expression.is_Float:
        return {(): _coefficient(expression)}
    if expression.is_Add:
        total: Polynomial = {}
        for term in expression.args:
            _add(total, polynomial(term))
        return total
    if expression.is_Mul:
        factors = [polynomial(factor) for factor in expression.args]
    elif expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        if not expression.base.is_Add:
            return {_power(expression.base, int(expression.exp)): _ONE}
        if expression.exp > HIGHEST_POWER:
            raise TooLong
        factors = [polynomial(expression.base)] * int(expression.exp)
    else:
        return {((expression, 1),): _ONE}
    result = factors[0]
    for factor in factors[1:]:
        result = _product(result, factor)
    return result


def summed(polynomials: list[Polynomial]) -> Polynomial:
    """The sum of some polynomials."""
    total: Polynomial = {}
    for each in polynomials:
        _add(total, each)
    return total


def terms(given: Polynomial) -> list[sympy.Expr]:
    """The polynomial as terms of a sum, without those that cancel."""
    found = []
    for monomial, coefficient in given.items():
        number = coefficient.number()
        if number is None:
            continue
        if not monomial:
            found.append(number)
            continue
        parts = [
            base if power == 1 else sympy.Pow(base, power, evaluate=False)
            for base, power in monomial
        ]
        factor, rest = multiplied(parts).as_coeff_Mul()
        found.append(times(number * factor, rest))
    return found


def expanded(expression: sympy.Expr) -> sympy.Expr:
    """The expression multiplied out, as it is where that is too long."""
    try:
        return plus(terms(polynomial(expression)) or [sympy.Integer(0)])
    except TooLong:
        return expression


_ONE = Coefficient(Fraction(1), Fraction(1), exact=True)


def _coefficient(number: sympy.Number) -> Coefficient:
    exact = not number.is_Float
    value = Fraction(number.p, number.q) if exact else Fraction(repr(float(number)))
    return Coefficient(value, abs(value), exact)


def _power(base: sympy.Expr, power: int) -> Monomial:
    return tuple((factor, power) for factor in sympy.Mul.make_args(base))


def _add(total: Polynomial, other: Polynomial) -> None:
    for monomial, coefficient in other.items():
        known = total.get(monomial)
        total[monomial] = coefficient if known is None else known.plus(coefficient)
    if len(total) > MOST_MONOMIALS:
        raise TooLong


def _product(first: Polynomial, second: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for left, left_number in first.items():
        for right, right_number in second.items():
            powers = dict(left)
            for base, power in right:
                powers[base] = powers.get(base, 0) + power
            monomial = tuple(sorted(powers.items(), key=lambda item: item[0].sort_key()))
            _add(total, {monomial: left_number.times(right_number)})
    return total
