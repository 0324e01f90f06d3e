"""The order of hidden nodes: two change places, or all are put where their connections are shortest."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kanwidget import importance, reshaping
from kanwidget.network import Network


def reorder(network: Network, l: int, order: Sequence[int]) -> None:
    """Renumber the nodes of hidden layer l; node ``order[p]`` becomes node p, the function stays."""
    below, above = network.layers[l - 1], network.layers[l]
    reshaping.keep(below, range(below.n_in), order)
    reshaping.keep(above, order, range(above.nodes.count))


def _scores(network: Network) -> list[Tensor]:
    scores = importance.edge_scores(network, over_outputs="mean")
    return [score.double().nan_to_num(0.0, 0.0, 0.0).cpu() for score in scores]


def _coordinates(n: int) -> Tensor:
    return (torch.arange(n, dtype=torch.float64) + 0.5) / n


def connection_cost(network: Network) -> Tensor:
    """Sum over all edges of the distance of their ends, seen on rows of length 1, times their score.

    The score is the backward one, in the mean over the outputs, on the training inputs.
    """
    cost = torch.zeros((), dtype=torch.float64)
    for score in _scores(network):
        above, below = map(_coordinates, score.shape)
        cost = cost + ((above[:, None] - below).abs() * score).sum()
    return cost


def best_order(network: Network, l: int) -> list[int]:
    """An order of the nodes of hidden layer l that costs no more than theirs now.

    Nodes change places as long as that lowers the cost, as in pykan, but with every other node and
    until nothing is gained any more.
    """
    scores = _scores(network)
    below, above = scores[l - 1], scores[l]
    nodes, subnodes = network.width[l], len(below)
    # of every subnode, and of every node, in every place
    into = below @ (_coordinates(below.shape[1])[:, None] - _coordinates(subnodes)).abs()
    out_of = above.T @ (_coordinates(len(above))[:, None] - _coordinates(nodes)).abs()
    order = list(range(nodes))
    if subnodes == nodes:
        whole = into + out_of

        def gains(place: int) -> Tensor:
            node = order[place]
            stay = whole[node, place] + whole[order, range(nodes)]
            return stay - whole[node] - whole[order, place]

    else:
        blocks = [list(network.layers[l - 1].nodes.subnodes(node)) for node in range(nodes)]

        def cost(order: list[int]) -> float:
            subnode = [s for node in order for s in blocks[node]]
            return float(into[subnode, range(subnodes)].sum() + out_of[order, range(nodes)].sum())

        def gains(place: int) -> Tensor:
            now = cost(order)
            return torch.tensor(
                [now - cost(swapped(order, place, other)) for other in range(nodes)]
            )

    least = 1e-12 * float(into.abs().sum() + out_of.abs().sum())
    improved = True
    while improved:
        improved = False
        for place in range(nodes):
            gain = gains(place)
            gain[place] = 0.0
            if float(gain.max()) > least:
                order, improved = swapped(order, place, int(gain.argmax())), True
    return order


def swapped(order: Sequence[int], one: int, other: int) -> list[int]:
    """The order with two entries exchanged."""
    changed = list(order)
    changed[one], changed[other] = changed[other], changed[one]
    return changed
