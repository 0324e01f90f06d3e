"""A node as a constant plus weighted terms, how a symbolic edge acts on it, and products of nodes.

Everything here keeps the value: constants are merged, factors are pulled out of powers and products, a
shift inside exp becomes a factor, signs and phases take one form. Rounding is elsewhere (`rounding`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cmp_to_key
from typing import Any

import sympy
import torch

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.symbolic.canonical import phase
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.functions import plain

INTEGER_POWERS = (
    {f"x^{n}": n for n in range(2, 6)} | {"1/x": -1} | {f"1/x^{n}": -n for n in range(2, 6)}
)
LARGEST_SHIFT = 50.0
Edge = tuple[int, int, int]
ROUND_OFF = 8 * sys.float_info.epsilon
"""Relative to what was added up; a smaller sum is nothing but its rounding errors."""
_ORDER = cmp_to_key(sympy.Basic.compare)


@dataclass
class Sum:
    """const + Σ weight · term, each term a sympy expression without a numeric factor of its own.

    Attributes
    ----------
    tags : dict
        For terms that come from edges, which (l, i, j) these are.
    inside : dict
        For terms that are functions or products of other sums, these.
    """

    const: float = 0.0
    terms: dict[sympy.Expr, float] = field(default_factory=dict)
    tags: dict[sympy.Expr, frozenset[Edge]] = field(default_factory=dict)
    inside: dict[sympy.Expr, tuple[Sum, ...]] = field(default_factory=dict)

    def add(self, other: Sum) -> None:
        """Add another sum to this one; equal terms are merged, and what cancels is gone."""
        self.const = added(self.const, other.const)
        for term, weight in other.terms.items():
            total = added(self.terms.pop(term, 0.0), weight)
            if total != 0.0:
                self.terms[term] = total
            if term in other.tags:
                self.tags[term] = self.tags.get(term, frozenset()) | other.tags[term]
            if term in other.inside:
                self.inside[term] = self.inside.get(term, ()) + other.inside[term]

    def of_edge(self, edge: Edge) -> Sum:
        """The same sum, all terms marked as those of an edge."""
        tags = {term: self.tags.get(term, frozenset()) | {edge} for term in self.terms}
        return replace(self, tags=tags)

    def affine(self, factor: float, shift: float) -> Sum:
        """Return factor · self + shift, distributed."""
        terms = {
            term: factor * weight for term, weight in self.terms.items() if factor * weight != 0.0
        }
        return replace(self, const=added(factor * self.const, shift), terms=terms)

    def over(self, divisor: float) -> Sum:
        """Return self / divisor; a weight that is the divisor becomes exactly 1."""
        terms = {term: weight / divisor for term, weight in self.terms.items()}
        return replace(self, const=self.const / divisor, terms=terms)

    def expression(self) -> sympy.Expr:
        """The sum as a sympy expression; weights of exactly 1 and a constant of exactly 0 are left out."""
        parts: list[Any] = [times(sympy.Float(weight), term) for term, weight in self.terms.items()]
        if self.const != 0.0 or not parts:
            parts.append(sympy.Float(self.const) if self.const != 0.0 else sympy.Integer(0))
        return plus(parts)


def added(first: float, second: float) -> float:
    """Return the sum, exactly 0 where the two cancel to their last digits."""
    total = first + second
    return 0.0 if abs(total) <= ROUND_OFF * max(abs(first), abs(second)) else total


def times(weight: sympy.Number, term: sympy.Expr) -> sympy.Expr:
    """Return weight · term; sympy is kept from asking a nested term whether it is zero or infinite."""
    if float(weight) == 1.0:
        return term
    if term.is_Mul and not plain(term):
        return sympy.Mul(weight, *term.args, evaluate=False)
    return sympy.Mul(weight, term, evaluate=plain(term))


def multiplied(parts: Iterable[sympy.Expr]) -> sympy.Expr:
    """Return the product: one number in front, equal bases and exponentials each in one power.

    What could cancel stays: x · (1/x) has a hole at 0 that 1 has not, and √x · √x is no x below 0.
    """
    number, exponents = sympy.Integer(1), []
    powers: dict[tuple[sympy.Expr, bool], sympy.Expr] = {}
    others = []
    for factor in (factor for part in parts for factor in sympy.Mul.make_args(part)):
        base, exponent = factor.as_base_exp()
        if factor.is_Number:
            number *= factor
        elif isinstance(factor, sympy.exp):
            exponents.append(factor.args[0])
        elif factor is sympy.E:
            exponents.append(sympy.Integer(1))
        elif exponent.is_Integer:
            key = base, bool(exponent > 0)
            powers[key] = powers.get(key, 0) + exponent
        else:
            others.append(factor)
    if exponents:
        total = plus(exponents)
        others += [] if total == 0 else [sympy.exp(total, evaluate=bool(total.is_number))]
    others += [
        base if exponent == 1 else sympy.Pow(base, exponent, evaluate=False)
        for (base, _), exponent in powers.items()
    ]
    if len(others) < 2:
        return times(number, others[0]) if others else number
    return times(number, sympy.Mul(*sorted(others, key=_ORDER), evaluate=False))


def plus(parts: list[sympy.Expr]) -> sympy.Expr:
    """Return the sum, as sympy.Add orders it; nested terms are looked into only where two may merge."""
    bases = [part.as_coeff_Mul()[1] for part in parts]
    if len(parts) < 2 or len(set(bases)) < len(bases) or any(part.is_Add for part in parts):
        return sympy.Add(*parts)
    numbers = [part for part in parts if part.is_Number and part != 0]
    parts = numbers + sorted((part for part in parts if not part.is_Number), key=_ORDER)
    return parts[0] if len(parts) == 1 else sympy.Add(*parts, evaluate=False)


def symbolic_edge(function: SymbolicFunction, params: Iterable[float], node: Sum) -> Sum:
    """c·f(a·node + b) + d in its readable form.

    Parameters
    ----------
    function : SymbolicFunction
    params : iterable of float
        a, b, c, d.
    node : Sum
        The value of the input node.

    Returns
    -------
    Sum
    """
    a, b, c, d = params
    inner = node.affine(a, b)
    if c == 0.0 or function.name == "0":
        return Sum(d)
    if function.name == "x":
        return inner.affine(c, d)
    if not inner.terms:
        value = function(torch.tensor(inner.const, dtype=torch.float64))
        return Sum(c * float(value) + d)
    function, inner, c, d = _readable(function, inner, c, d)
    term = function.sympy(inner.expression())
    if term.is_number:
        return Sum(c * float(term) + d)
    weight, term = _without_factor(term)
    return Sum(d, {term: c * weight}, inside={term: (inner,)})


def product(factors: Iterable[Sum]) -> Sum:
    """The product of some sums: factors of several terms stay in brackets, their leading number in front."""
    weight, varying = 1.0, []
    for factor in factors:
        if factor.terms:
            varying.append(factor)
        else:
            weight *= factor.const
    if weight == 0.0 or not varying:
        return Sum(weight)
    if len(varying) == 1:
        return varying[0].affine(weight, 0.0)
    parts = []
    for each in varying:
        leading = _leading(each)
        weight *= leading
        parts.append(each.over(leading))
    number, term = _without_factor(multiplied(part.expression() for part in parts))
    if term.is_Number:
        return Sum(weight * number)
    return Sum(0.0, {term: weight * number}, inside={term: tuple(parts)})


def _leading(factor: Sum) -> float:
    """The number that goes before the brackets of a factor, so that its largest term has none.

    It is negative where most numbers are; a φ is left as it is, with what stands beside it.
    """
    numbers = list(factor.terms.values())
    largest = max(map(abs, numbers))
    if len(numbers) > 1 or factor.const != 0.0:
        if any(isinstance(term, EdgeCurve) for term in factor.terms):
            return 1.0
        if abs(factor.const) > 100 * largest or not 1e-100 < largest < 1e100:
            return 1.0
    signs = sum(math.copysign(1, number) for number in (*numbers, factor.const) if number != 0)
    return -largest if signs < 0 else largest


def _without_factor(term: sympy.Expr) -> tuple[float, sympy.Expr]:
    """Split a numeric factor off that sympy may have pulled out, as in sqrt(4.0*x)."""
    factor, rest = term.as_coeff_Mul()
    return float(factor), rest


def _readable(
    function: SymbolicFunction, inner: Sum, c: float, d: float
) -> tuple[SymbolicFunction, Sum, float, float]:
    """The same c·f(inner) + d with f, inner, c and d in one chosen form."""
    name = function.name
    leading = max(inner.terms.values(), key=abs)
    if name in INTEGER_POWERS:
        factor = leading ** INTEGER_POWERS[name]
        if abs(inner.const) <= 100 * abs(leading) and 1e-100 < abs(factor) < 1e100:
            return function, inner.over(leading), c * factor, d
        return function, inner, c, d
    if name in ("abs", "sgn"):
        factor = abs(leading) if name == "abs" else math.copysign(1.0, leading)
        return function, inner.over(leading), c * factor, d
    if name == "log" and leading > 0 and len(inner.terms) == 1:
        return function, inner.over(leading), c, added(d, c * math.log(leading))
    if name == "exp" and abs(inner.const) <= LARGEST_SHIFT:
        return function, replace(inner, const=0.0), c * math.exp(inner.const), d
    if function.mirror is not None and next(iter(inner.terms.values())) < 0:
        sign, shift = function.mirror
        inner, d, c = inner.affine(-1.0, 0.0), added(d, c * shift), c * sign
    if function.period is not None:
        shift = inner.const - function.period * round(inner.const / function.period)
        near = ROUND_OFF * max(1.0, abs(inner.const))
        if name in ("sin", "cos"):
            function, shift, c = phase(function, shift, c, near)
        inner = replace(inner, const=0.0 if abs(shift) <= near else shift)
    return function, inner, c, d
