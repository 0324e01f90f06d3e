"""In which layer what is computed.

There are as many layers as the longest chain of functions needs.  From the outputs down, everything is
computed as late as possible, except where that would take more nodes in the layer below than computing
it early and carrying it up through edges that are x: three inputs that a sum needs late travel as one
partial sum, one input that three functions need late travels as itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import sympy

from kanwidget.compiler.graph import ONE, ZERO, Graph, Node, Sum, Term, identity


class Wanted(NamedTuple):
    """A node wanted in a layer: scale · node + shift, or only shift where node is None."""

    node: Node | None
    scale: sympy.Expr = ONE
    shift: sympy.Expr = ZERO

    @property
    def only_carried(self) -> bool:
        """Whether it has to come from the layer below: inputs, and products with a shift."""
        assert self.node is not None
        return self.node.is_input or (len(self.node.factors) > 1 and self.shift != 0)

    def earliest(self) -> int:
        """The first layer in which it can stand."""
        return 1 if self.node is None else self.node.earliest + self.only_carried

    def carried(self) -> Sum:
        """It, where the layer below has the node."""
        assert self.node is not None
        return identity(self.node).scaled(self.scale).plus(Sum(self.shift))

    def computed(self, factors: Sequence[Sum]) -> list[Sum]:
        """It, from the factors of the node."""
        first = factors[0].scaled(self.scale).plus(Sum(self.shift))
        return [first, *factors[1:]]


class Edge(NamedTuple):
    """coefficient · f(a·source + b), with the source's place in the layer below."""

    coefficient: sympy.Expr
    term: Term
    source: int


class Subnode(NamedTuple):
    """A sum of edges; the factor of a node."""

    constant: sympy.Expr
    edges: list[Edge]


Layer = list[list[Subnode]]
"""For every node its factors."""


@dataclass
class Choice:
    """Part of a node: carried as one node from the layer below, or computed late from its own sources."""

    carrier: Wanted
    late: list[Sum] | None
    taken: list[Sum] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The node that would be carried."""
        assert self.carrier.node is not None
        return self.carrier.node

    def missing(self, below: Iterable[Node]) -> list[Node]:
        """What late computing needs that the layer below does not have yet."""
        terms = chain.from_iterable(total.terms for total in self.late or [])
        return [term.node for term in terms if term.node not in below]

    def carry(self, below: dict[Node, None]) -> None:
        """Take it from the layer below."""
        below[self.node] = None
        self.taken = [self.carrier.carried()]

    def compute(self, below: dict[Node, None]) -> None:
        """Compute it from its sources."""
        assert self.late is not None
        below.update(dict.fromkeys(self.missing(below)))
        self.taken = self.late


Factor = list["Sum | Choice"]
"""What is added up to a factor; a Choice alone may also become several factors."""


class Layering:
    """Puts the nodes of a graph into layers.

    Parameters
    ----------
    graph : Graph
    outputs : list of Sum
    """

    def __init__(self, graph: Graph, outputs: Sequence[Sum]) -> None:
        self.graph = graph
        self.outputs = [
            Wanted(*graph.node(total)) if total.terms else Wanted(None, shift=total.constant)
            for total in outputs
        ]

    def layers(self) -> list[Layer]:
        """The layers of nodes above the inputs, lowest first."""
        wanted, rows = self.outputs, []
        places: list[list[tuple[Node, int]]] = []
        for level in reversed(range(1, max(map(Wanted.earliest, wanted)) + 1)):
            nodes = self._level(level, wanted)
            sources = _places(nodes)
            rows.append(nodes)
            places.append(sources)
            wanted = [Wanted(node) for node, _ in sources]
        return _arranged(self.graph.inputs, rows[::-1], places[::-1])

    def _level(self, level: int, wanted: Sequence[Wanted]) -> list[list[Sum]]:
        """For every node wanted in a layer its factors, as functions of nodes in the layer below."""
        below: dict[Node, None] = {}
        if level == 1:
            below = dict.fromkeys(self.graph.inputs)
        for each in wanted:
            if each.node is None:
                continue
            if each.only_carried:
                below[each.node] = None
            elif each.node.earliest == level:
                terms = chain.from_iterable(factor.terms for factor in each.node.factors)
                late = (term.node for term in terms if term.node.earliest == level - 1)
                below.update(dict.fromkeys(late))
        parts = [self._parts(level, each, below) for each in wanted]
        _decide([choice for each in parts for choice in _choices(each)], below)
        return [
            [total.tidy() for total in _joined(each, factors)]
            for each, factors in zip(wanted, parts, strict=True)
        ]

    def _parts(self, level: int, wanted: Wanted, below: dict[Node, None]) -> list[Factor]:
        """The factors of a wanted node, with choices where something may come early or late."""
        node = wanted.node
        if node is None:
            return [[Sum()]]
        if wanted.only_carried:
            return [[identity(node)]]
        if level == 1:
            return [[factor] for factor in node.factors]
        if node.earliest < level:
            late = None if any(map(Sum.repeats, node.factors)) else list(node.factors)
            return [[Choice(Wanted(node), late)]]
        early: list[Sum] = []
        rest: list[Sum] = []
        for factor in node.factors:
            known = any(term.node in below for term in factor.terms)
            can_wait = len(node.factors) > 1 and not known and factor.earliest() < level
            (early if can_wait else rest).append(factor)
        parts = [self._split(level, factor, below) for factor in rest]
        if early:
            late = None if any(map(Sum.repeats, early)) else early
            carrier = Wanted(*self.graph.node(self.graph.product(early)))
            parts.append([Choice(carrier, late)])
        return parts

    def _split(self, level: int, total: Sum, below: dict[Node, None]) -> Factor:
        """A sum as the terms that the layer below is known to feed, and choices for the others."""
        late: dict[Term, sympy.Expr] = {}
        early: dict[Term, sympy.Expr] = {}
        fed: set[Node] = set()
        for term, coefficient in total.terms.items():
            at_once = term.node in below and term.node not in fed
            if at_once or term.node.earliest == level - 1:
                late[term] = coefficient
                fed.add(term.node)
            else:
                early[term] = coefficient
        groups = [Sum(terms=early)] if early else []
        whole = bool(groups) and groups[0].earliest() < level
        if groups and not whole:
            groups = _without_repeats(groups[0])
        parts: Factor = [Sum(total.constant, late)]
        for group in groups:
            waits = whole and not group.repeats() and not fed & {t.node for t in group.terms}
            carrier = Wanted(*self.graph.node(group))
            parts.append(Choice(carrier, [group] if waits else None))
        return parts


def _joined(wanted: Wanted, parts: list[Factor]) -> list[Sum]:
    """The factors of a wanted node, once it is decided what comes early."""
    factors: list[Sum] = []
    for part in parts:
        if len(part) == 1 and isinstance(part[0], Choice):
            factors += part[0].taken
            continue
        total = Sum()
        for addend in part:
            total = total.plus(addend.taken[0] if isinstance(addend, Choice) else addend)
        factors.append(total)
    return wanted.computed(factors)


def _choices(parts: list[Factor]) -> list[Choice]:
    return [each for part in parts for each in part if isinstance(each, Choice)]


def _without_repeats(total: Sum) -> list[Sum]:
    """A sum as the fewest sums in which every node has one term."""
    groups: list[dict[Term, sympy.Expr]] = []
    for term in sorted(total.terms, key=lambda term: term.function.name):
        free = (g for g in groups if all(other.node is not term.node for other in g))
        group = next(free, None)
        if group is None:
            group = {}
            groups.append(group)
        group[term] = total.terms[term]
    return [Sum(terms=group) for group in groups]


def _decide(choices: list[Choice], below: dict[Node, None]) -> None:
    """Carry or compute, so that the layer below gets few nodes."""
    waiting = choices
    while waiting:
        left = []
        for choice in waiting:
            if choice.late is None or choice.node in below:
                choice.carry(below)
            elif not choice.missing(below):
                choice.compute(below)
            else:
                left.append(choice)
        if len(left) == len(waiting):
            break
        waiting = left
    for group in _that_share(waiting, below):
        missing = {node for choice in group for node in choice.missing(below)}
        late = len(missing) <= len({choice.node for choice in group})
        for choice in group:
            choice.compute(below) if late else choice.carry(below)


def _that_share(choices: list[Choice], below: dict[Node, None]) -> list[list[Choice]]:
    """Choices in groups that need no node in common; each is decided as a whole."""
    groups: list[tuple[list[Choice], set[Node]]] = []
    for choice in choices:
        needed = set(choice.missing(below))
        apart, joined = [], [choice]
        for members, nodes in groups:
            if nodes & needed:
                joined, needed = members + joined, nodes | needed
            else:
                apart.append((members, nodes))
        groups = [*apart, (joined, needed)]
    return [members for members, _ in groups]


def _places(nodes: list[list[Sum]]) -> list[tuple[Node, int]]:
    """The nodes that a layer needs below it, twice where a sum holds two functions of one."""
    found: dict[tuple[Node, int], None] = {}
    for factors in nodes:
        for total in factors:
            uses: dict[Node, int] = {}
            for term in total.terms:
                uses[term.node] = uses.get(term.node, -1) + 1
                found[term.node, uses[term.node]] = None
    return list(found)


def _arranged(
    inputs: list[Node], rows: list[list[list[Sum]]], places: list[list[tuple[Node, int]]]
) -> list[Layer]:
    """The layers with every edge's source as a number.

    Hidden layers have sums first, as networks are made; within these, nodes stand near their sources.
    """
    numbers = {(node, 0): place for place, node in enumerate(inputs)}
    layers: list[Layer] = []
    for level, nodes in enumerate(rows):
        layer = [[_subnode(total, numbers) for total in factors] for factors in nodes]
        if level + 1 < len(rows):
            order = sorted(range(len(layer)), key=lambda place: _where(layer[place]))
            layer = [layer[place] for place in order]
            numbers = {places[level + 1][old]: new for new, old in enumerate(order)}
        layers.append(layer)
    return layers


def _subnode(total: Sum, numbers: dict[tuple[Node, int], int]) -> Subnode:
    uses: dict[Node, int] = {}
    edges = []
    for term, coefficient in total.terms.items():
        uses[term.node] = uses.get(term.node, -1) + 1
        edges.append(Edge(coefficient, term, numbers[term.node, uses[term.node]]))
    return Subnode(total.constant, edges)


def _where(factors: list[Subnode]) -> tuple[bool, float]:
    sources = [edge.source for factor in factors for edge in factor.edges]
    return len(factors) > 1, sum(sources) / len(sources)
