"""Shapes of networks that a formula may have, from the simplest on, and networks of such a shape.

A shape says which nodes there are, what they multiply, and which edges lead to them.  Products of
functions of one input each, a function of a sum, and sums of such blocks are shapes of their own:
a formula is far easier to find where the network has just its edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.edges import hand_on

Inputs = frozenset[int]


@dataclass(frozen=True)
class Level:
    """A layer of edges: for every node its factors, for every factor the inputs that it sums."""

    nodes: tuple[tuple[Inputs, ...], ...]

    @property
    def arity(self) -> list[int]:
        """Factors of every node."""
        return [len(factors) for factors in self.nodes]

    def mask(self, n_in: int) -> Tensor:
        """Which edges there are, shape (n_out, n_in)."""
        sums = [inputs for factors in self.nodes for inputs in factors]
        alive = torch.zeros(len(sums), n_in, dtype=torch.bool)
        for j, inputs in enumerate(sums):
            alive[j, list(inputs)] = True
        return alive


@dataclass(frozen=True)
class Topology:
    """Levels of edges, the inputs first, with a name for a person.

    ``lines`` are edges (l, i, j) that just hand on what is below them.
    """

    name: str
    n_in: int
    levels: tuple[Level, ...]
    lines: frozenset[tuple[int, int, int]] = frozenset()

    @property
    def edges(self) -> int:
        """How many edges there are that are more than lines."""
        sums = [i for level in self.levels for factors in level.nodes for i in factors]
        return sum(map(len, sums)) - len(self.lines)

    @property
    def called(self) -> str:
        """The name in a sentence."""
        return self.name if self.name.startswith("the ") else f"a {self.name}"

    @property
    def products(self) -> bool:
        """Whether a node multiplies."""
        return any(count > 1 for level in self.levels for count in level.arity)


def dense(n_in: int, widths: Sequence[int], name: str) -> Topology:
    """All edges between layers of sums."""
    levels, below = [], n_in
    for width in widths:
        inputs = frozenset(range(below))
        levels.append(Level(((inputs,),) * width))
        below = width
    return Topology(name, n_in, tuple(levels))


def additive(n_in: int) -> Topology:
    """A sum of functions of one input each."""
    return dense(n_in, [1], "sum of functions")


def composed(n_in: int) -> Topology:
    """A function of a sum of functions."""
    return dense(n_in, [1, 1], "function of a sum")


def product(n_in: int, outer: bool = False) -> Topology:
    """A product of functions of one input each; or a function of such a product."""
    node = tuple(frozenset([i]) for i in range(n_in))
    levels = [Level((node,))]
    if outer:
        levels.append(Level(((frozenset([0]),),)))
    name = "function of a product" if outer else "product of functions"
    return Topology(name, n_in, tuple(levels))


def full_product(n_in: int) -> Topology:
    """A product of two sums of functions."""
    inputs = frozenset(range(n_in))
    return Topology("product of two sums", n_in, (Level(((inputs, inputs),)),))


def blocks(n_in: int, parts: Sequence[tuple[Inputs, str]], outer: bool = False) -> Topology:
    """A sum of blocks, each of some inputs; or a function of that sum.

    Parameters
    ----------
    n_in : int
    parts : sequence of (inputs, kind)
        'product' multiplies functions of one input each, 'sum' adds them, 'function' is a function of
        their sum, 'outer' one of their product.
    outer : bool
    """
    first = tuple(
        tuple(frozenset([i]) for i in sorted(inputs)) if kind in ("product", "outer") else (inputs,)
        for inputs, kind in parts
    )
    levels = [Level(first), Level(((frozenset(range(len(parts))),),))]
    lines = {(1, n, 0) for n, (_, kind) in enumerate(parts) if kind in ("product", "sum")}
    if outer:
        levels.append(Level(((frozenset([0]),),)))
    words = " + ".join(f"{kind} of {len(inputs)}" for inputs, kind in parts)
    name = f"function of ({words})" if outer else words
    return Topology(name, n_in, tuple(levels), frozenset(lines))


def product_of_blocks(n_in: int, parts: Sequence[tuple[Inputs, str]]) -> Topology:
    """A product of functions of blocks; see `blocks` for their kinds."""
    inner = blocks(n_in, parts)
    node = tuple(frozenset([n]) for n in range(len(parts)))
    words = " · ".join(f"{kind} of {len(inputs)}" for inputs, kind in parts)
    subnode, lines = 0, set()
    for factors, (inputs, kind) in zip(inner.levels[0].nodes, parts, strict=True):
        if (
            kind == "sum" and len(inputs) == 1
        ):  # two splines after one another would be one too many
            lines.add((0, min(inputs), subnode))
        subnode += len(factors)
    return Topology(words, n_in, (inner.levels[0], Level((node,))), frozenset(lines))


def without_last(topology: Topology) -> Topology:
    """The levels but the last."""
    last = len(topology.levels) - 1
    lines = frozenset(line for line in topology.lines if line[0] != last)
    return Topology(topology.name, topology.n_in, topology.levels[:-1], lines)


def groupings(inputs: Sequence[int]) -> list[list[Inputs]]:
    """All ways to put inputs into groups, at least two of them, the fewest groups first."""
    found: list[list[list[int]]] = [[]]
    for i in inputs:
        found = [
            [*groups[:g], [*groups[g], i], *groups[g + 1 :]] if g < len(groups) else [*groups, [i]]
            for groups in found
            for g in range(len(groups) + 1)
        ]
    return [
        [frozenset(group) for group in groups]
        for groups in sorted(found, key=len)
        if len(groups) > 1
    ]


@torch.no_grad()
def build(
    topology: Topology,
    like: Layer,
    x: Tensor,
    generator: torch.Generator,
    signs: Sequence[int] | None = None,
    grid: int = 5,
    about: float = 1.0,
) -> Network:
    """A network of a topology whose splines begin as bent lines on the data.

    Parameters
    ----------
    topology : Topology
    like : Layer
        Whose order, extrapolation and dtype it gets.
    x : Tensor, shape (N, n_inputs)
    generator : torch.Generator
        Draws how much each line is bent, which way it goes, and a little noise.
    signs : sequence of int, optional
        Which way the edges of the first level go, by input; drawn where not given.
    grid : int
    about : float
        Factors begin around this.
    """
    layers, values, n_in = [], x, topology.n_in
    for l, level in enumerate(topology.levels):
        layer = Layer(
            n_in, sum(level.arity), arity=level.arity, grid=grid, k=like.k, base_fun=torch.zeros_like,
            noise_scale=0.0, scale_base_mu=0.0, scale_base_sigma=0.0, grid_eps=0.5, grid_range=(-1, 1),
            sp_trainable=False, sb_trainable=False, sparse_init=False, extrapolation=like.extrapolation,
            generator=torch.Generator(), dtype=torch.float64,
        )  # fmt: skip
        layer.update_grid(values)
        layer.alive = level.mask(n_in)
        layer.scale_sp.fill_(1.0)
        layer.coef.copy_(_bent_lines(layer, generator, signs if l == 0 else None))
        if any(count > 1 for count in level.arity):
            arity = torch.tensor(layer.nodes.arity)[layer.nodes.owner]
            layer.coef.add_(about * (arity > 1)[:, None, None].double())
        for _, i, j in (line for line in topology.lines if line[0] == l):
            hand_on(layer, i, j)
            layer.locked[j, i] = True
        layer.structure_changed()
        layers.append(layer)
        values, n_in = layer(values), layer.nodes.count
    return Network(layers)


def _bent_lines(layer: Layer, generator: torch.Generator, signs: Sequence[int] | None) -> Tensor:
    """Coefficients (n_out, n_in, G + k) of ±(2 tᵖ - 1) with some noise, t from 0 to 1 over the grid."""
    k, size = layer.k, layer.coef.shape
    places = layer.knots.unfold(1, k, 1)[:, 1:-1].mean(2) if k else layer.knots[:, :-1]
    low, high = layer.knots[:, k, None], layer.knots[:, -k - 1, None]
    t = ((places - low) / (high - low)).clamp(0, 1)
    power = torch.randn(size[:2], generator=generator, dtype=torch.float64).mul(0.8).exp()
    lines = 2 * t.expand(size) ** power[:, :, None] - 1
    way = torch.randint(2, size[:2], generator=generator).double() * 2 - 1
    if signs is not None:
        way = torch.tensor(signs, dtype=torch.float64).expand(size[:2])
    noise = torch.randn(size, generator=generator, dtype=torch.float64)
    return lines * way[:, :, None] + 0.05 * noise
