"""What a network would lose if edges went, for many sets of edges at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kanwidget import pruning
from kanwidget.layer import Layer
from kanwidget.network import Edge, Network

AT_ONCE = 2_000_000
"""Outputs of single edges that may be in memory."""


@torch.no_grad()
def losses_after(
    network: Network, x: Tensor, y: Tensor, seen: Tensor, sets: Sequence[Sequence[Edge]]
) -> list[float]:
    """Root mean squared error on (x, y) after each of some sets of live edges were removed.

    What `pruning.remove` with the data ``seen`` would leave, for all sets as one batch where that is
    small enough, and one after the other on the network itself where not: nobody else may use it
    meanwhile.  A network with parameters that are not finite is asked itself too, since there an edge
    that is gone can still make NaN.
    """
    rows = max(len(x), len(seen))
    each = rows * max(layer.alive.numel() for layer in network.layers)
    if each > AT_ONCE or not all(bool(values.isfinite().all()) for values in network.parameters()):
        return [_one_after_other(network, x, y, seen, edges) for edges in sets]
    size = max(1, AT_ONCE // each)
    parts = [sets[start : start + size] for start in range(0, len(sets), size)]
    return [loss for part in parts for loss in _together(network, x, y, seen, part)]


def _one_after_other(
    network: Network, x: Tensor, y: Tensor, seen: Tensor, edges: Sequence[Edge]
) -> float:
    pruning.remove(network, edges, seen)
    loss = float((network(x) - y).square().mean().sqrt())
    pruning.restore(network, edges)
    return loss


def _together(
    network: Network, x: Tensor, y: Tensor, seen: Tensor, sets: Sequence[Sequence[Edge]]
) -> list[float]:
    gone = [layer.alive.new_zeros(len(sets), *layer.alive.shape) for layer in network.layers]
    for n, edges in enumerate(sets):
        for l, i, j in edges:
            gone[l][n, j, i] = True
    # one batch for the loss and one for the means that edges leave; a first axis of 1 is of all sets
    values, known = network.as_input(x)[None], network.as_input(seen)[None]
    for layer, mask in zip(network.layers, gone, strict=True):
        outputs, of_known = _edges(layer, values), _edges(layer, known)
        left = of_known.mean(1).nan_to_num(0.0, 0.0, 0.0)
        left = torch.where(mask, left, torch.where(layer.alive, 0.0, layer.left))
        constant = layer.bias + left.sum(2)
        values = _nodes(layer, outputs, mask, constant)
        known = _nodes(layer, of_known, mask, constant)
    return (values - y).square().mean((1, 2)).sqrt().tolist()


def _edges(layer: Layer, x: Tensor) -> Tensor:
    """Outputs of live edges: (S, N, n_in) to (S, N, n_out, n_in)."""
    outputs = layer.edge_outputs(x.flatten(0, 1))
    return outputs.reshape(*x.shape[:2], *outputs.shape[1:])


def _nodes(layer: Layer, outputs: Tensor, gone: Tensor, constant: Tensor) -> Tensor:
    """Nodes above (S, N, n_nodes) without the edges that are gone, (S, n_out, n_in)."""
    sums = torch.where(gone[:, None], 0.0, outputs).sum(3) + constant[:, None]
    return layer.nodes(sums.flatten(0, 1)).reshape(*sums.shape[:2], -1)
