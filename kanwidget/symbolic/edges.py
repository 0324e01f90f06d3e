"""From the edge of a network to functions: what it does on the data, fixed or suggested."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from kanwidget.layer import REMOVED, SYMBOLIC
from kanwidget.network import Edge, Network
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.suggest import Candidate, suggest


@torch.no_grad()
def curves(network: Network, edge: Edge) -> tuple[Tensor, list[Tensor], Tensor]:
    """Inputs of an edge on the training data, what a function for it may follow, and the sum it is in.

    A numeric edge has one curve.  A symbolic one has two: what it does now, and the spline it was
    before, which is still kept.
    """
    l, i, j = edge
    values = network.node_values(network.training_inputs())
    layer, x = network.layers[l], values[l][:, i]
    followed = [layer.edge_output(i, j, x)]
    if int(layer.kinds()[j, i]) == SYMBOLIC:
        followed.append(layer.edge_output(i, j, x, part="spline"))
    return x, followed, layer.sums(values[l])[:, j]


def _check_alive(network: Network, edge: Edge) -> None:
    l, i, j = edge
    if int(network.layers[l].kinds()[j, i]) == REMOVED:
        raise ValueError(f"edge ({l}, {i}, {j}) is removed; restore it before giving it a function")


@torch.no_grad()
def fix(network: Network, edge: Edge, function: str | SymbolicFunction, fit: bool = True) -> float:
    """Make an edge c·f(a·x + b) + d, fitted to what it does on the training data; return R².

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
    if not fit:
        x, (now, *_), _ = curves(network, edge)
        network.layers[l].set_symbolic(i, j, chosen, (1.0, 0.0, 1.0, 0.0))
        after = network.layers[l].edge_output(i, j, x)
        return 1 - float((after - now).square().sum() / (now - now.mean()).square().sum())
    x, followed, _ = curves(network, edge)
    best: tuple[float, float, tuple[float, ...]] | None = None
    data = network.training_inputs()
    before = network(data)
    for curve in followed:
        fits = affine_fit(x, curve, [chosen])
        r2, parameters = float(fits.r2[0, 0]), tuple(fits.params[0, 0].tolist())
        if r2 == -torch.inf:
            continue
        network.layers[l].set_symbolic(i, j, chosen, parameters)
        change = float((network(data) - before).square().mean()) if len(followed) > 1 else 0.0
        if best is None or change < best[0]:
            best = change, r2, parameters
    if best is None:
        raise ValueError(
            f"{chosen.name} cannot follow edge ({l}, {i}, {j}): no a and b keep a·x + b inside its "
            f"domain ({chosen.domain}) on the data"
        )
    network.layers[l].set_symbolic(i, j, chosen, best[2])
    return best[1]


@torch.no_grad()
def suggestions(
    network: Network,
    edge: Edge,
    lib: Iterable[str | SymbolicFunction] | None = None,
    topk: int | None = None,
) -> list[Candidate]:
    """Functions for an edge, best first; for a symbolic edge, by the spline it was before."""
    _check_alive(network, edge)
    x, followed, node = curves(network, edge)
    return suggest(x, followed[-1], lib, topk, scale=float(node.std()))
