"""Removing edges and nodes, and bringing them back.

Removing takes an edge out of the sum, all but its mean, and forgets nothing of it; `compact` drops
hidden nodes for good.  A locked edge is never removed: it stays with its two nodes, even where nothing
else leads to it or on from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from kanwidget import checks, reshaping
from kanwidget.network import Edge, Network
from kanwidget.scales import choose_columns


def without_dangling(network: Network, alive: list[Tensor]) -> list[Tensor]:
    """Of the masks ``alive``, what is left without edges into or out of a dead hidden node.

    A hidden node is dead when no live edge comes in, or none goes out.  Locked edges stay.
    """
    alive = [mask.clone() for mask in alive]
    changed = True
    while changed:
        changed = False
        for layer, up, (below, above) in zip(
            network.layers, network.layers[1:], pairwise(alive), strict=False
        ):
            dead = ~(layer.nodes.fed(below.any(dim=1)) & above.any(dim=0))
            leading = dead[layer.nodes.owner][:, None] & below & ~layer.locked
            leaving = dead & above & ~up.locked
            if bool(leading.any()) or bool(leaving.any()):
                below &= ~leading
                above &= ~leaving
                changed = True
    return alive


def edges_below(network: Network, scores: list[Tensor], threshold: float) -> list[Edge]:
    """Live edges that a prune at this threshold takes: those that score no more, then dangling ones.

    Scores are compared in single precision, in which they are shown: what a person sees at the
    threshold goes.
    """
    return _lost(network, kept_above(network, scores, threshold))


def kept_above(network: Network, scores: list[Tensor], threshold: float) -> list[Tensor]:
    """Masks (n_out, n_in) of the live edges that a prune at this threshold leaves; see `edges_below`."""
    limit = torch.tensor(threshold, dtype=torch.float32, device=network.device)
    strong = [
        layer.alive & ((score.float() > limit) | layer.locked)
        for layer, score in zip(network.layers, scores, strict=True)
    ]
    return without_dangling(network, strong)


def leading_nowhere(network: Network) -> list[Edge]:
    """Live edges into or out of hidden nodes that are dead."""
    return _lost(network, without_dangling(network, [layer.alive for layer in network.layers]))


def _lost(network: Network, kept: list[Tensor]) -> list[Edge]:
    """Live edges that are not in ``kept``."""
    return [
        (l, i, j)
        for l, (layer, keep) in enumerate(zip(network.layers, kept, strict=True))
        for j, i in (layer.alive & ~keep).nonzero().tolist()
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


def node_edges(network: Network, layer: int, node: int, mode: str = "all") -> list[Edge]:
    """All edges into and out of a node, removed ones too; only those into it ('down') or out ('up')."""
    edges: list[Edge] = []
    if layer > 0 and mode != "up":
        below = network.layers[layer - 1]
        edges += [(layer - 1, i, j) for j in below.nodes.subnodes(node) for i in range(below.n_in)]
    if layer < network.depth and mode != "down":
        edges += [(layer, node, j) for j in range(network.layers[layer].n_out)]
    return edges


def holding(network: Network, layer: int) -> Tensor:
    """Which nodes of a node layer have a locked edge, shape (width,)."""
    held = torch.zeros(network.width[layer], dtype=torch.bool, device=network.device)
    if layer > 0:
        below = network.layers[layer - 1]
        held |= below.nodes.fed(below.locked.any(dim=1))
    if layer < network.depth:
        held |= network.layers[layer].locked.any(dim=0)
    return held


def weak_nodes(network: Network, scores: list[Tensor], threshold: float) -> list[Edge]:
    """Edges of hidden nodes that score no more than the threshold and have no locked edge."""
    return [
        edge
        for layer in range(1, network.depth)
        for node in ((scores[layer] <= threshold) & ~holding(network, layer)).nonzero().flatten()
        for edge in node_edges(network, layer, int(node))
    ]


def edges_of_others(network: Network, kept: Sequence[Sequence[int]]) -> list[Edge]:
    """Edges of all hidden nodes but those to keep, one list a layer of hidden nodes, and locked ones.

    ValueError where the lists are not as many, empty, or name nodes that are not there.
    """
    hidden = network.width[1:-1]
    if len(kept) != len(hidden):
        raise ValueError(
            f"active_neurons_id has {len(kept)} lists; one for each of {len(hidden)} layers of hidden nodes "
            "is needed"
        )
    edges: list[Edge] = []
    for layer, (nodes, count) in enumerate(zip(kept, hidden, strict=True), start=1):
        chosen = checks.indices(f"active_neurons_id[{layer - 1}]", list(nodes), count)
        stay = set(chosen) | set(holding(network, layer).nonzero().flatten().tolist())
        for node in set(range(count)) - stay:
            edges += node_edges(network, layer, node)
    return edges


def strong_inputs(network: Network, scores: Tensor, threshold: float) -> list[int]:
    """Inputs that score more than the threshold or have a locked edge; the best one if there are none."""
    strong = (scores > threshold) | holding(network, 0)
    if not bool(strong.any()):
        strong[scores.nan_to_num(-torch.inf).argmax()] = True
    return strong.nonzero().flatten().tolist()


@torch.no_grad()
def keep_inputs(network: Network, inputs: list[int]) -> None:
    """Drop all other inputs for good; their edges leave their means behind.

    The network goes on taking data of all columns; see `Network.columns_of`.
    """
    now, first = network.width[0], network.layers[0]
    gone = sorted(set(range(now)) - set(inputs))
    if not gone:
        return
    remove(network, [(0, i, j) for i in gone for j in range(first.n_out)])
    if network.calibration is not None:
        network.calibration = network.training_inputs()[:, inputs].clone()
    reshaping.keep(first, inputs, range(first.nodes.count))
    before = network.columns | {now: list(range(now))}
    network.columns = {n: [each[i] for i in inputs] for n, each in before.items()}
    network.known_names |= {
        (tuple(names[i] for i in inputs), outputs)
        for names, outputs in network.known_names
        if len(names) == now
    }
    network.input_names = [network.input_names[i] for i in inputs]
    network.input_scale = choose_columns(network.input_scale, inputs)


@torch.no_grad()
def compact(network: Network) -> None:
    """Drop hidden nodes without live edges on both sides; the function stays the same.

    A hidden layer keeps at least one node, so that the network is never empty.
    """
    # a node that nothing reaches is a constant: any input tells what its edges add
    nowhere = torch.zeros(1, network.width[0], dtype=network.dtype, device=network.device)
    remove(network, leading_nowhere(network), nowhere)
    alive = [layer.alive for layer in network.layers]
    kept = [list(range(network.width[0]))]
    for l, (layer, (below, above)) in enumerate(
        zip(network.layers, pairwise(alive), strict=False), start=1
    ):
        fed = layer.nodes.fed(below.any(dim=1))
        living = (fed & above.any(dim=0)) | holding(network, l)
        kept.append(living.nonzero().flatten().tolist() or [0])
    kept.append(list(range(network.width[-1])))
    for layer, (inputs, outputs) in zip(network.layers, pairwise(kept), strict=True):
        reshaping.keep(layer, inputs, outputs)
