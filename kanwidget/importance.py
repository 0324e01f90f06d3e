"""How much every edge and node matters, measured on data.

forward_u
    Standard deviation of the edge's output.
forward_n
    The same, divided by that of its input + 0.1.
backward
    Share in the outputs: from the identity on the outputs, edge B_ij = A_i E_ij / (N_i + 1e-4), with E
    the edge's and N the sum's standard deviation, and A_j = Σ_i B_ij one layer below; a multiplication
    node hands its score to each of its factors (Liu et al., KAN 2.0, arXiv 2408.10205, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.spread import EdgeStatistics

METRICS = ("backward", "forward_n", "forward_u")
AT_ONCE = 2_000_000
"""Numbers that may be in memory for variants of a network that are computed as one batch."""


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
    last = statistics[-1]
    outputs = len(last.outputs) if last.owner is None else int(last.owner[-1]) + 1
    edges, nodes = hand_back(statistics, torch.eye(outputs).to(last.outputs))

    if over_outputs not in ("max", "mean"):
        raise ValueError(f"over_outputs is {over_outputs!r}; 'max' or 'mean' is needed")

    def reduce(scores: Tensor) -> Tensor:
        return scores.mean(0) if over_outputs == "mean" else scores.amax(0)

    return [reduce(edge) for edge in edges], [reduce(node) for node in nodes]


def hand_back(
    statistics: Sequence[EdgeStatistics], node: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    """Backward scores that start from scores (S, nodes) of the nodes above, each row on its own.

    Returns
    -------
    edges : list of Tensor, shape (S, n_out, n_in)
        One a layer.
    nodes : list of Tensor, shape (S, width)
        One a node layer, inputs first, those above last.
    """
    nodes, edges = [node], []
    for layer in reversed(statistics):
        subnode = node if layer.owner is None else node[:, layer.owner]
        edge = (subnode / (layer.outputs + 1e-4))[:, :, None] * layer.edge
        node = edge.sum(1)
        edges.append(edge)
        nodes.append(node)
    return edges[::-1], nodes[::-1]


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

    Many live edges of a layer are tried at once: each is replaced by its mean on the inputs ``seen``
    in its node's sum, and the layers above are computed on all these variants as one batch.
    """
    values, known = network.node_values(x), network.node_values(seen)
    now = (values[-1] - y).square().mean().sqrt()
    losses = []
    for l, layer in enumerate(network.layers):
        loss = now.repeat(layer.n_out, layer.n_in)
        above = network.layers[l + 1 :]
        without, j, i = _sum_without_edge(layer, values[l], known[l])
        sums = layer.sums(values[l])
        size = max([sums.numel(), *(x.shape[0] * up.weights()[0].numel() for up in above)])
        for part in torch.arange(len(j), device=j.device).split(max(1, AT_ONCE // size)):
            variants = sums.repeat(len(part), 1, 1)
            variants[torch.arange(len(part), device=j.device), :, j[part]] = without[:, part].T
            h = layer.nodes(variants.flatten(0, 1))
            for up in above:
                h = up(h)
            errors = (h.view(len(part), *y.shape) - y).square().mean((1, 2)).sqrt()
            loss[j[part], i[part]] = errors
        losses.append(loss)
    return losses


def _sum_without_edge(layer: Layer, x: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For every live edge the values (N, E) of its sum with the edge at its mean; j and i (E,).

    What is not finite counts as missing, so that taking out the one edge that fails mends the sum.
    """
    outputs, j, i = layer.live_outputs(x)
    means = layer.edge_means(seen).nan_to_num(0.0, 0.0, 0.0)[j, i]
    fails = (~outputs.isfinite()).to(outputs.dtype)
    clean = outputs.nan_to_num(0.0, 0.0, 0.0)
    sums = outputs.new_zeros(len(x), layer.n_out)
    others = (sums.index_add(1, j, clean) + layer.constant())[:, j] - clean
    others_fail = sums.index_add(1, j, fails)[:, j] > fails
    return torch.where(others_fail, torch.nan, others + means), j, i
