"""An expression as the nodes and edges it takes, before they are put into layers.

A node multiplies sums, most often one; a sum adds functions of other nodes, each of which will be an
edge.  What is met twice is one node.  Numbers stay exact until the network is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy

from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction

ZERO, ONE = sympy.S.Zero, sympy.S.One
IDENTITY, SQUARE = library.get("x"), library.get("x^2")
FARTHEST_VERTEX = 10.0
"""A parabola whose vertex is farther from 0 than this would lose digits as one square."""


@dataclass(frozen=True)
class Term:
    """f(a·node + b)."""

    function: SymbolicFunction
    a: sympy.Expr
    b: sympy.Expr
    node: Node


@dataclass(frozen=True)
class Sum:
    """constant + Σ coefficient · term."""

    constant: sympy.Expr = ZERO
    terms: dict[Term, sympy.Expr] = field(default_factory=dict)

    def plus(self, other: Sum) -> Sum:
        """The sum of two; equal terms are merged."""
        terms = dict(self.terms)
        for term, coefficient in other.terms.items():
            total = terms.pop(term, ZERO) + coefficient
            if total != 0:
                terms[term] = total
        return Sum(self.constant + other.constant, terms)

    def scaled(self, factor: sympy.Expr) -> Sum:
        """The sum times a number other than 0."""
        terms = {term: factor * coefficient for term, coefficient in self.terms.items()}
        return Sum(factor * self.constant, terms)

    def single(self) -> tuple[Term, sympy.Expr] | None:
        """The only term and its coefficient, where there is one only and no constant."""
        if len(self.terms) != 1 or self.constant != 0:
            return None
        return next(iter(self.terms.items()))

    def repeats(self) -> bool:
        """Whether two terms are functions of the same node, which one edge cannot be."""
        return len({term.node for term in self.terms}) < len(self.terms)

    def earliest(self) -> int:
        """The first layer of nodes in which the sum can stand; inputs are layer 0.

        A hidden node can be there twice in its layer, an input not before the next.
        """
        uses = Counter(term.node for term in self.terms)
        return max(
            (max(node.earliest + 1, 2 if count > 1 else 1) for node, count in uses.items()),
            default=1,
        )

    def key(self) -> Hashable:
        """What equal sums share."""
        return self.constant, frozenset(self.terms.items())

    def tidy(self) -> Sum:
        """The same, with all that is linear or square in one node as one term."""
        quadratics: dict[Node, list[Term]] = {}
        for term in self.terms:
            if term.function in (IDENTITY, SQUARE):
                quadratics.setdefault(term.node, []).append(term)
        total = self
        for node, terms in quadratics.items():
            if len(terms) > 1:
                total = total._as_one_square(node, terms)
        return total

    def _as_one_square(self, node: Node, terms: list[Term]) -> Sum:
        second = first = zeroth = ZERO
        for term in terms:
            coefficient, a, b = self.terms[term], term.a, term.b
            if term.function is SQUARE:
                second += coefficient * a**2
                first += 2 * coefficient * a * b
                zeroth += coefficient * b**2
            else:
                first += coefficient
        rest = Sum(self.constant, {t: c for t, c in self.terms.items() if t not in terms})
        if second == 0:
            linear = identity(node).scaled(first) if first != 0 else Sum()
            return rest.plus(linear).plus(Sum(zeroth))
        vertex = first / (2 * second)
        if abs(float(vertex)) > FARTHEST_VERTEX:
            return self
        square = {Term(SQUARE, ONE, vertex, node): second}
        return rest.plus(Sum(zeroth - second * vertex**2, square))


@dataclass(frozen=True, eq=False)
class Node:
    """A product of sums, or an input.

    Attributes
    ----------
    number : int
        In the order in which nodes were met; that of an input is its place.
    factors : tuple of Sum
        Empty for an input.
    lead : sympy.Expr
        Coefficient of the first term of a node that is one sum; multiples of it have another.
    earliest : int
        The first layer of nodes in which it can stand.
    """

    number: int
    factors: tuple[Sum, ...] = ()
    lead: sympy.Expr = ONE
    earliest: int = 0

    @property
    def is_input(self) -> bool:
        """Whether it is an input."""
        return not self.factors


def identity(node: Node) -> Sum:
    """The node itself as a sum."""
    return Sum(terms={Term(IDENTITY, ONE, ZERO, node): ONE})


class Graph:
    """All nodes met so far.

    Parameters
    ----------
    inputs : int
        How many inputs there are.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = [Node(number) for number in range(inputs)]
        self._known: dict[Hashable, Node] = {}

    def _new(self, key: Hashable, factors: Iterable[Sum], lead: sympy.Expr = ONE) -> Node:
        factors = tuple(factors)
        number = len(self.inputs) + len(self._known)
        node = Node(number, factors, lead, max(factor.earliest() for factor in factors))
        self._known[key] = node
        return node

    def node(self, total: Sum) -> tuple[Node, sympy.Expr, sympy.Expr]:
        """A sum that is not constant as scale · node + shift."""
        total = total.tidy()
        shift, terms = total.constant, total.terms
        found = Sum(terms=terms).single()
        if found is not None and found[0].function is IDENTITY:
            return found[0].node, found[1], shift
        lead = terms[min(terms, key=_place)]
        key = frozenset((term, coefficient / lead) for term, coefficient in terms.items())
        node = self._known.get(key)
        if node is None:
            scale = _common(list(terms.values()))
            node = self._new(key, [Sum(terms=terms).scaled(1 / scale)], lead / scale)
        return node, lead / node.lead, shift

    def product(self, factors: Iterable[Sum]) -> Sum:
        """The product of sums, as a multiple of one node where more than one factor is not constant."""
        scale: Any = ONE
        kept: list[Sum] = []
        for factor in factors:
            tidied = factor.tidy()
            if not tidied.terms:
                scale *= tidied.constant
                continue
            found = tidied.single()
            if found is None:
                kept.append(tidied)
                continue
            term, coefficient = found
            scale *= coefficient
            if term.function is IDENTITY and len(term.node.factors) > 1:
                kept += term.node.factors
            else:
                kept.append(Sum(terms={term: ONE}))
        if scale == 0 or not kept:
            return Sum(scale)
        if len(kept) == 1:
            return kept[0].scaled(scale)
        key = frozenset(Counter(factor.key() for factor in kept).items())
        return identity(self._known.get(key) or self._new(key, kept)).scaled(scale)

    def apply(self, function: SymbolicFunction, inner: Sum) -> Sum:
        """The function of a sum that is not constant; symmetric ones are taken of a positive multiple."""
        node, a, b = self.node(inner)
        sign, shift = function.mirror or (0, 0)
        if not sign or float(a) > 0 or shift != int(shift):
            return Sum(terms={Term(function, a, b, node): ONE})
        mirrored = Term(function, -a, -b, node)
        return Sum(sympy.Integer(int(shift)), {mirrored: sympy.Integer(int(sign))})


def _place(term: Term) -> tuple[Any, ...]:
    order = sympy.default_sort_key
    return term.node.number, term.function.name, order(term.a), order(term.b)


def _common(coefficients: list[sympy.Expr]) -> sympy.Expr:
    """What to take out of a sum, so that x² + y² is the node of 5x² + 5y² and of -x² - y²."""
    sign = -1 if all(float(each) < 0 for each in coefficients) else 1
    sizes = {sympy.Abs(each) for each in coefficients}
    return sign * (sizes.pop() if len(sizes) == 1 else ONE)
