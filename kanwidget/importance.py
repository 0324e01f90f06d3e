"""How much every edge and node matters, measured on data.

forward_u   standard deviation of the edge's output
forward_n   the same, divided by that of its input + 0.1
backward    share in the outputs: from the identity on the outputs, edge B_ij = A_i E_ij / (N_i + 1e-4),
            with E the edge's and N the node's standard deviation, and A_j = Σ_i B_ij one layer below
            (Liu et al., KAN 2.0, arXiv 2408.10205, section 4.1)
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kanwidget.layer import EdgeStatistics
from kanwidget.network import Network

METRICS = ("backward", "forward_n", "forward_u")


def check_metric(metric: object) -> str:
    """The metric's name; ValueError where there is none of that name."""
    if metric not in METRICS:
        raise ValueError(f"metric is {metric!r}; one of {', '.join(METRICS)} is needed")
    return str(metric)


def backward_scores(
    statistics: Sequence[EdgeStatistics], over_outputs: str = "max"
) -> tuple[list[Tensor], list[Tensor]]:
    """Scores of edges, (n_out, n_in) a layer, and of nodes, (width,) a node layer, in one backward pass.

    Parameters
    ----------
    statistics : list of EdgeStatistics
        One a layer.
    over_outputs : {'max', 'mean'}
        How the scores for several outputs become one.  pykan takes the mean, with which a network
        of ten outputs loses edges that one output rests on.
    """
    node = torch.eye(len(statistics[-1].outputs)).to(statistics[-1].outputs)
    nodes, edges = [node], []
    for layer in reversed(statistics):
        edge = (node / (layer.outputs + 1e-4))[:, :, None] * layer.edge
        node = edge.sum(1)
        edges.append(edge)
        nodes.append(node)

    def reduce(scores: Tensor) -> Tensor:
        return scores.mean(0) if over_outputs == "mean" else scores.amax(0)

    return [reduce(e) for e in reversed(edges)], [reduce(n) for n in reversed(nodes)]


@torch.no_grad()
def edge_scores(
    network: Network, x: Tensor | None = None, metric: str = "backward", over_outputs: str = "max"
) -> list[Tensor]:
    """Score of every edge, one tensor (n_out, n_in) a layer; removed edges score 0.

    Parameters
    ----------
    network : Network
    x : Tensor, shape (N, n_inputs), optional
        Data to measure on; the training inputs where not given.
    metric : {'backward', 'forward_n', 'forward_u'}
    over_outputs : {'max', 'mean'}
        See `backward_scores`.
    """
    x = network.training_inputs() if x is None else x
    return scores_from(network.forward_with_statistics(x)[1], metric, over_outputs)


def scores_from(
    statistics: Sequence[EdgeStatistics], metric: str, over_outputs: str = "max"
) -> list[Tensor]:
    """Score of every edge from statistics that are at hand; see `edge_scores`."""
    check_metric(metric)
    if metric == "backward":
        return backward_scores(statistics, over_outputs)[0]
    if metric == "forward_u":
        return [layer.edge for layer in statistics]
    return [layer.edge / (layer.inputs + 0.1) for layer in statistics]


@torch.no_grad()
def node_scores(
    network: Network, x: Tensor | None = None, over_outputs: str = "max"
) -> list[Tensor]:
    """Backward score of every node, one tensor (width,) a node layer, inputs first."""
    x = network.training_inputs() if x is None else x
    return backward_scores(network.forward_with_statistics(x)[1], over_outputs)[1]


@torch.no_grad()
def losses_without(network: Network, x: Tensor, y: Tensor, seen: Tensor) -> list[Tensor]:
    """Root mean squared error on (x, y) if one edge were removed, for each: (n_out, n_in) a layer.

    The edges of a layer are tried all at once: each is replaced by its mean on the inputs ``seen``
    in its node's sum, and the layers above are computed on all these variants as one batch.
    """
    values, known = network.node_values(x), network.node_values(seen)
    losses = []
    for l, layer in enumerate(network.layers):
        outputs = layer.edge_outputs(values[l]) - layer.edge_means(known[l])
        variants = values[l + 1].repeat(layer.n_out * layer.n_in, 1, 1)
        for j in range(layer.n_out):
            these = variants[j * layer.n_in : (j + 1) * layer.n_in]
            these[:, :, j] -= outputs[:, j, :].T
        h = variants.flatten(0, 1)
        for above in network.layers[l + 1 :]:
            h = above(h)
        error = (h.view(len(variants), len(x), -1) - y).square().mean((1, 2)).sqrt()
        losses.append(error.view(layer.n_out, layer.n_in))
    return losses
