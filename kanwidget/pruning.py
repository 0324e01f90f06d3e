"""Removing edges and nodes, and bringing them back.

Removing takes an edge out of the sum, all but its mean, and forgets nothing of it; `compact` drops
hidden nodes for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor

from kanwidget.network import Edge, Network


def without_dangling(network: Network, alive: list[Tensor]) -> list[Tensor]:
    """Of the masks ``alive``, what is left without edges into or out of a dead hidden node.

    A hidden node is dead when no live edge comes in, or none goes out.
    """
    alive = [mask.clone() for mask in alive]
    changed = True
    while changed:
        changed = False
        for layer, (below, above) in zip(network.layers, pairwise(alive), strict=False):
            dead = ~(layer.nodes.fed(below.any(dim=1)) & above.any(dim=0))
            leading = dead[layer.nodes.owner]
            if bool(below[leading].any()) or bool(above[:, dead].any()):
                below[leading] = False
                above[:, dead] = False
                changed = True
    return alive


def edges_below(network: Network, scores: list[Tensor], threshold: float) -> list[Edge]:
    """Live edges that a prune at this threshold takes: those that score no more, then dangling ones.

    Scores are compared in single precision, in which they are shown: what a person sees at the
    threshold goes.
    """
    masks = [layer.alive for layer in network.layers]
    limit = torch.tensor(threshold, dtype=torch.float32, device=network.device)
    kept = [mask & (score.float() > limit) for mask, score in zip(masks, scores, strict=True)]
    return _lost(network, masks, kept)


def leading_nowhere(network: Network) -> list[Edge]:
    """Live edges into or out of hidden nodes that are dead."""
    masks = [layer.alive for layer in network.layers]
    return _lost(network, masks, masks)


def _lost(network: Network, masks: list[Tensor], kept: list[Tensor]) -> list[Edge]:
    """Edges of ``masks`` that are not in ``kept``, or dangle there."""
    kept = without_dangling(network, kept)
    return [
        (l, i, j)
        for l, (mask, keep) in enumerate(zip(masks, kept, strict=True))
        for j, i in (mask & ~keep).nonzero().tolist()
    ]


@torch.no_grad()
def remove(network: Network, edges: Iterable[Edge], x: Tensor | None = None) -> None:
    """Remove edges (l, i, j); each leaves its mean on the data behind.

    An edge that hardly varies can add a large constant.  Taking that away too would move the outputs
    by it, so that a prune of what does nothing would look expensive.

    Parameters
    ----------
    network : Network
    edges : iterable of (l, i, j)
    x : Tensor, shape (N, n_inputs), optional
        The data; the training inputs where not given.  A network that has seen none leaves nothing.
    """
    masks = _masks(network, edges)
    x = network.calibration if x is None else x
    values = None if x is None else network.as_input(x)
    for l, (layer, mask) in enumerate(zip(network.layers, masks, strict=True)):
        if values is None or not bool(mask.any()):
            layer.remove(mask, torch.zeros_like(layer.left))
        else:
            layer.remove(mask, layer.edge_means(values).nan_to_num(0.0, 0.0, 0.0))
        if values is not None and any(bool(later.any()) for later in masks[l + 1 :]):
            values = layer(values)


def restore(network: Network, edges: Iterable[Edge]) -> None:
    """Bring removed edges (l, i, j) back as they were."""
    for layer, mask in zip(network.layers, _masks(network, edges), strict=True):
        layer.restore(mask)


def _masks(network: Network, edges: Iterable[Edge]) -> list[Tensor]:
    masks = [torch.zeros_like(layer.alive) for layer in network.layers]
    for l, i, j in edges:
        masks[l][j, i] = True
    return masks


def node_edges(network: Network, layer: int, node: int) -> list[Edge]:
    """All edges into and out of a node, removed ones too."""
    edges: list[Edge] = []
    if layer > 0:
        below = network.layers[layer - 1]
        edges += [(layer - 1, i, j) for j in below.nodes.subnodes(node) for i in range(below.n_in)]
    if layer < network.depth:
        edges += [(layer, node, j) for j in range(network.layers[layer].n_out)]
    return edges


@torch.no_grad()
def compact(network: Network) -> None:
    """Drop hidden nodes without live edges on both sides; the function stays the same.

    A hidden layer keeps at least one node, so that the network is never empty.
    """
    # a node that nothing reaches is a constant: any input tells what its edges add
    nowhere = torch.zeros(1, network.width[0], dtype=network.dtype, device=network.device)
    remove(network, leading_nowhere(network), nowhere)
    alive = [layer.alive for layer in network.layers]
    keep = [list(range(network.width[0]))]
    for layer, (below, above) in zip(network.layers, pairwise(alive), strict=False):
        fed = layer.nodes.fed(below.any(dim=1))
        living = (fed & above.any(dim=0)).nonzero().flatten().tolist()
        keep.append(living or [0])
    keep.append(list(range(network.width[-1])))
    for layer, (inputs, outputs) in zip(network.layers, pairwise(keep), strict=True):
        layer.keep(inputs, outputs)
