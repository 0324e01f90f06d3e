"""Which shapes to try for data, the simplest first; fits of the first tell which others are worth it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from kanwidget.discovery import topology
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.interactions import cliques, factors, interactions
from kanwidget.discovery.numeric import Fit
from kanwidget.discovery.topology import Topology

EXPLAINED = 3e-4
"""A shape with a smaller error makes more complicated ones needless."""
APART = 0.02
"""Inputs that act together less, in parts of the labels' spread, are taken to act apart."""
MOST_FACTORS = 7
"""Inputs of which functions are multiplied."""
MOST_BESIDE = 3
"""Inputs whose product may stand beside a sum of functions."""
FEW = (3, 4)
"""Inputs of which all groupings are tried."""
MOST_BLOCKS = 9
KINDS = ("product", "function", "outer")


@dataclass
class Shapes:
    """Shapes in the order in which they are to be fitted.

    Whoever iterates adds the fit of each to ``fits`` before asking for the next.

    Parameters
    ----------
    data : Evidence
    generator : torch.Generator
        Chooses samples that are compared.
    widest : int
        Nodes of the widest hidden layer.

    Attributes
    ----------
    fits : list of Fit
    all : bool
        Whether to go on when one follows the data.
    """

    data: Evidence
    generator: torch.Generator
    widest: int
    fits: list[Fit] = field(default_factory=list)
    all: bool = False

    def __post_init__(self) -> None:
        self.inputs = self.data.x.shape[1]
        name = f"network of {self.widest} hidden nodes"
        self._wide = topology.dense(self.inputs, [self.widest, 1], name)

    def fit_of(self, shape: Topology) -> Fit | None:
        """The best fit of a shape, where there is one."""
        same = (one for one in self.fits if one.topology.levels == shape.levels)
        return min(same, key=lambda one: one.error, default=None)

    @property
    def any_function(self) -> bool:
        """Whether a shape was fitted that can follow any function: what it leaves is noise."""
        return self.inputs == 1 or self.fit_of(self._wide) is not None

    @property
    def explained(self) -> bool:
        """Whether splines in a simple shape follow the data, so that no other shape seems needed."""
        simple = (one for one in self.fits if one.topology.levels != self._wide.levels)
        return not self.all and any(one.error < EXPLAINED for one in simple)

    def __iter__(self) -> Iterator[Topology]:
        n = self.inputs
        yield topology.additive(n)
        if 1 < n <= MOST_FACTORS:
            yield topology.product(n)
        yield topology.composed(n)
        if n > 1 and not self.explained:
            yield self._wide
        if 1 < n <= MOST_FACTORS:
            yield topology.product(n, outer=True)
            yield topology.full_product(n)
        if 1 < n <= MOST_BESIDE and not self.explained:
            everything = frozenset(range(n))
            yield topology.blocks(n, [(everything, "product"), (everything, "sum")])
            yield topology.dense(n, [2, 1], "network of 2 hidden nodes")
        if self.explained or n < 2:
            return
        wide = self.fit_of(self._wide)
        if wide is not None and 2 < n <= MOST_FACTORS:
            yield from self._products_of_blocks(wide)
            yield from self._sums_of_blocks(wide)
        if n in FEW and not self.explained:
            yield from self._functions_of_blocks()

    def _products_of_blocks(self, wide: Fit) -> Iterator[Topology]:
        """Products of functions of two groups of inputs, where a wide fit is one."""
        for groups in topology.groupings(range(self.inputs)):
            if len(groups) == 2 and not self.explained:
                off = factors(wide.network, self.data.x, groups[0], self.generator)
                if off < max(APART, 5 * wide.error):
                    for kind in ("function", "outer"):
                        parts = [(one, kind if len(one) > 1 else "sum") for one in groups]
                        yield topology.product_of_blocks(self.inputs, parts)

    def _sums_of_blocks(self, wide: Fit) -> Iterator[Topology]:
        """Sums over the groups of inputs that act together in a wide fit."""
        strength = interactions(wide.network, self.data.x, self.generator) / self.data.spread
        groups = cliques(strength > max(APART, 5 * wide.error))
        if len(groups) < 2:
            return
        large = [g for g, group in enumerate(groups) if len(group) > 1]
        for kinds in itertools.islice(itertools.product(KINDS, repeat=len(large)), MOST_BLOCKS):
            kind = dict(zip(large, kinds, strict=True))
            parts = [(group, kind.get(g, "sum")) for g, group in enumerate(groups)]
            yield topology.blocks(self.inputs, parts)
            if self.explained:
                return

    def _functions_of_blocks(self) -> Iterator[Topology]:
        """Functions of sums of two blocks."""
        pairs = [groups for groups in topology.groupings(range(self.inputs)) if len(groups) == 2]
        for groups in sorted(pairs, key=lambda groups: max(map(len, groups))):
            parts = [(group, "function" if len(group) > 1 else "sum") for group in groups]
            outer = topology.blocks(self.inputs, parts, outer=True)
            yield topology.without_last(outer)
            yield outer
            if self.explained:
                return
