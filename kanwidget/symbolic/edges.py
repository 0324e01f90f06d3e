"""From the edges of a network to functions: what they do on the data, fixed or suggested."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.edges import NUMERIC, REMOVED, SYMBOLIC
from kanwidget.layer import Layer
from kanwidget.network import Edge, Network
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import ranks
from kanwidget.symbolic.cache import fits_of
from kanwidget.symbolic.complexity import complexities
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import Lib
from kanwidget.symbolic.suggest import Candidate, rank

PLAIN = (1.0, 0.0, 1.0, 0.0)
"""The a, b, c and d of a function by itself."""


@dataclass(frozen=True)
class Curves:
    """What edges do on representative points of their inputs: x and y (E, P), one row an edge.

    ``scale`` is the standard deviation of the sum that each edge goes into.
    """

    edges: list[Edge]
    x: Tensor
    y: Tensor
    scale: list[float]


@torch.no_grad()
def curves(network: Network, edges: Iterable[Edge], x: Tensor | None = None) -> Curves:
    """What a function for each edge may follow: what the edge does, or did before it was a function.

    The network is evaluated once on inputs x (N, n_inputs), where none are given on its training
    inputs, up to the layer of the last edge.
    """
    asked = sorted(edges)
    xs, ys, scales = [], [], []
    values = network.training_inputs() if x is None else x
    for l, layer in enumerate(network.layers[: asked[-1][0] + 1]):
        sums, here = layer.sums(values), [edge for edge in asked if edge[0] == l]
        if here:
            points = values.sort(0).values[ranks(len(values), values.device)]
            spread = sums.std(0).tolist()
            xs.append(points.T[[i for _, i, _ in here]])
            ys.append(_followed(network, here, points))
            scales += [spread[j] for _, _, j in here]
        values = layer.nodes(sums)
    return Curves(asked, torch.cat(xs), torch.cat(ys), scales)


def _followed(network: Network, edges: Sequence[Edge], points: Tensor) -> Tensor:
    """What edges of one layer do on points (P, n_in) of their inputs, shape (E, P)."""
    layer = network.layers[edges[0][0]]
    kinds = layer.kinds()
    alone = {edge for edge in edges if int(kinds[edge[2], edge[1]]) != NUMERIC}
    rows = {
        (l, i, j): layer.edge_output(
            i, j, points[:, i], "spline" if int(kinds[j, i]) == SYMBOLIC else "whole"
        )
        for l, i, j in alone
    }
    together = [edge for edge in edges if edge not in alone]
    if together:
        i = torch.tensor([edge[1] for edge in together], device=points.device)
        j = torch.tensor([edge[2] for edge in together], device=points.device)
        features, weights = layer.features(points, keep=False)[:, i], layer.weights()[j, :, i]
        values = torch.zeros_like(features[0])
        # plane by plane: to the last bit the same for an edge alone and among others, so that
        # what is kept of it is found again
        for plane, weight in zip(features, weights.T, strict=True):
            values += plane * weight[:, None]
        rows |= dict(zip(together, values, strict=True))
    return torch.stack([rows[edge] for edge in edges])


def hand_on(layer: Layer, i: int, j: int) -> None:
    """Make edge i → j of a layer the function x, so that it hands on what it gets."""
    layer.set_symbolic(i, j, library.get("x"), PLAIN)


def _check_alive(network: Network, edge: Edge) -> None:
    l, i, j = edge
    if int(network.layers[l].kinds()[j, i]) == REMOVED:
        raise ValueError(f"edge ({l}, {i}, {j}) is removed; restore it before giving it a function")


@torch.no_grad()
def fix(
    network: Network,
    edge: Edge,
    function: str | SymbolicFunction,
    fit: bool = True,
    random: bool = False,
) -> float:
    """Make an edge c·f(a·x + b) + d, fitted to what it does on the training data; return R².

    A symbolic edge may follow two curves: what it does now, and the spline it was before, which is
    still kept.  The one is taken that changes the network least.  Without ``fit`` a network that has seen no
    data gives NaN.

    Raises
    ------
    KeyError
        If the function is not in the library.
    ValueError
        If the edge is removed, or the function cannot follow it anywhere near the data.
    """
    chosen = library.get(function)
    _check_alive(network, edge)
    l, i, j = edge
    layer = network.layers[l]
    given = _random(edge) if random else PLAIN
    if not fit and network.calibration is None:  # nothing to compare it with
        layer.set_symbolic(i, j, chosen, given)
        return math.nan
    seen = curves(network, [edge])
    x, followed = seen.x[0], [seen.y[0]]
    if layer.symbolic_function(i, j) is not None:
        followed.append(layer.edge_output(i, j, x))
    if not fit:
        now = followed[-1]
        layer.set_symbolic(i, j, chosen, given)
        after = layer.edge_output(i, j, x)
        return 1 - float((after - now).square().sum() / (now - now.mean()).square().sum())
    fits = fits_of(network)(x.expand(len(followed), -1), torch.stack(followed), [chosen])
    found = [
        (r2, params)
        for r2, params in zip(fits.r2[:, 0].tolist(), fits.params[:, 0].tolist(), strict=True)
        if r2 != -torch.inf
    ]
    if not found:
        reason = f"no a and b keep a·x + b inside its domain ({chosen.domain}) on the data"
        if chosen.domain == "all":
            reason = f"no a, b, c and d that {network.dtype} can express come near it"
        raise ValueError(f"{chosen.name} cannot follow edge ({l}, {i}, {j}): {reason}")
    r2, params = found[0]
    if len(found) > 1:
        data = network.training_inputs()
        before, least = network(data), torch.inf
        for other in found:
            layer.set_symbolic(i, j, chosen, other[1])
            change = float((network(data) - before).square().mean())
            if change < least:
                least, (r2, params) = change, other
    layer.set_symbolic(i, j, chosen, params)
    return r2


def _random(edge: Edge) -> tuple[float, ...]:
    """Four numbers from -1 to 1, the same ones for an edge."""
    l, i, j = edge
    generator = torch.Generator().manual_seed((l << 40) + (i << 20) + j)
    return tuple((2 * torch.rand(4, generator=generator, dtype=torch.float64) - 1).tolist())


@torch.no_grad()
def suggestions(
    network: Network,
    edges: Iterable[Edge],
    lib: Lib = None,
    topk: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> dict[Edge, list[Candidate]]:
    """Functions for edges, best first; for a symbolic edge, by the spline it was before."""
    library.check_topk(topk)
    asked = list(edges)
    allowed = dict(zip(asked, library.resolve_each(lib, asked), strict=True))
    _check_keys(network, lib)
    complexities(weights)
    for edge in asked:
        _check_alive(network, edge)
    if not asked:
        return {}
    seen = curves(network, asked)
    groups: dict[tuple[SymbolicFunction, ...], list[int]] = {}
    for row, edge in enumerate(seen.edges):
        groups.setdefault(tuple(allowed[edge]), []).append(row)
    ranked: dict[Edge, list[Candidate]] = {}
    for functions, rows in groups.items():
        fits = fits_of(network)(seen.x[rows], seen.y[rows], functions)
        best = rank(fits, [seen.scale[row] for row in rows], topk, weights)
        ranked |= zip([seen.edges[row] for row in rows], best, strict=True)
    return {edge: ranked[edge] for edge in asked}


def _check_keys(network: Network, lib: Lib) -> None:
    """KeyError where an allow-list is for a layer or an edge that is not there."""
    for key in lib if isinstance(lib, Mapping) else ():
        if isinstance(key, tuple) and len(key) == 3:
            network.check_edge(*key)
        elif isinstance(key, int) and not 0 <= key < network.depth:
            raise KeyError(f"lib names the layer {key}; there are 0 to {network.depth - 1}")
