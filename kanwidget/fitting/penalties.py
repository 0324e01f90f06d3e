"""The sparsity penalty: size and entropy of how much every edge does on the data.

With V (n_out, n_in) a layer's edge metric::

    lamb_l1 · ΣV + lamb_entropy · (S_rows + S_columns),  p = V / (row sum + 1),
    S_rows = -mean over rows of Σ p log2(p + 1e-4), columns alike

(Liu et al., KAN, arXiv 2404.19756, section 2.5.1, in the form that pykan gives it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.importance import backward_scores
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.spread import EdgeStatistics

REG_METRICS = (
    "edge_forward_spline_n",
    "edge_forward_spline_u",
    "edge_forward_sum",
    "edge_backward",
    "node_backward",
)


@dataclass(frozen=True)
class Penalty:
    """Weights of the penalty; ``lamb`` scales all of it, as in pykan's ``fit``."""

    lamb: float = 0.0
    lamb_l1: float = 1.0
    lamb_entropy: float = 2.0
    lamb_coef: float = 0.0
    lamb_coefdiff: float = 0.0
    reg_metric: str = "edge_forward_spline_n"

    def __call__(self, network: Network, statistics: Sequence[EdgeStatistics]) -> Tensor:
        """The penalty before ``lamb``, a scalar that autograd can follow."""
        total = statistics[0].inputs.new_zeros(())
        for metric in edge_metric(statistics, self.reg_metric):
            entropy = _entropy(metric, 1) + _entropy(metric, 0)
            total = total + self.lamb_l1 * metric.sum() + self.lamb_entropy * entropy
        for layer in network.layers:
            if self.lamb_coef:
                total = total + self.lamb_coef * layer.coef.abs().mean(0).sum()
            if self.lamb_coefdiff:
                total = total + self.lamb_coefdiff * layer.coef.diff().abs().mean(0).sum()
        return total


def edge_metric(statistics: Sequence[EdgeStatistics], name: str) -> list[Tensor]:
    """V of the penalty, one tensor a layer: (n_out, n_in), or (n_nodes, n_inputs) of node_backward."""
    if name == "edge_forward_spline_n":
        return [layer.spline / (layer.inputs + 0.1) for layer in statistics]
    if name == "edge_forward_spline_u":
        return [layer.edge for layer in statistics]
    if name == "edge_forward_sum":
        return [layer.edge / (layer.inputs + 0.1) for layer in statistics]
    if name == "node_backward":
        return node_attribution(statistics)
    return backward_scores(statistics, over_outputs="mean")[0]


def node_attribution(statistics: Sequence[EdgeStatistics]) -> list[Tensor]:
    """Share of the outputs that comes from every input through every node, (n_nodes, n_inputs) a layer.

    What pykan's ``node_attribute`` gives: backward scores of the inputs that start from the scores
    of the nodes of a layer, which are means over the outputs.
    """
    from_inputs: list[Tensor] = []
    for layer in statistics:
        share = layer.edge / (layer.outputs + 1e-4)[:, None]
        share = share @ from_inputs[-1] if from_inputs else share
        if layer.owner is not None:  # a node hands its score to each of its factors
            nodes = share.new_zeros(int(layer.owner[-1]) + 1, share.shape[1])
            share = nodes.index_add(0, layer.owner, share)
        from_inputs.append(share)
    scores = backward_scores(statistics, over_outputs="mean")[1][1:]
    return [score[:, None] * share for score, share in zip(scores, from_inputs, strict=True)]


def _entropy(metric: Tensor, dim: int) -> Tensor:
    share = metric / (metric.sum(dim, keepdim=True) + 1)
    return -(share * torch.log2(share + 1e-4)).sum(dim).mean()


def weight_penalty(
    layers: Iterable[Layer], lamb_l1: float = 1.0, lamb_entropy: float = 1.0
) -> Tensor:
    """The penalty of efficient-kan, on spline coefficients instead of what the edges do on data.

    With V (n_out, n_in) the mean absolute coefficient of an edge, ``lamb_l1 · ΣV + lamb_entropy · S``
    summed over the layers, S = -Σ p ln p and p = V / ΣV.  The paper (arXiv 2404.19756, section 2.5.1)
    has the mean absolute output of an edge in place of V, which needs every edge's own output; this
    needs no data, and takes neither ``scale_sp`` nor the base function into account.

    Parameters
    ----------
    layers : iterable of Layer
        Only edges that are there and have a spline count.
    lamb_l1, lamb_entropy : float
        Weights of size and entropy.

    Returns
    -------
    Tensor, shape ()
        Differentiable in the coefficients; 0 where all of them are 0.
    """
    return torch.stack([_of_weights(layer, lamb_l1, lamb_entropy) for layer in layers]).sum()


def _of_weights(layer: Layer, lamb_l1: float, lamb_entropy: float) -> Tensor:
    size = layer.coef.abs().mean(-1)[layer.alive & layer.numeric]
    return size_and_entropy(size, lamb_l1, lamb_entropy)


def size_and_entropy(size: Tensor, lamb_l1: float, lamb_entropy: float) -> Tensor:
    """``lamb_l1 · ΣV + lamb_entropy · S`` of the sizes V of edges, of any shape; see `weight_penalty`."""
    total = size.sum()
    share = size / torch.where(total > 0, total, 1.0)
    # p ln p has the limit 0 at p = 0, where the slope of its own would be infinite
    information = share.clamp_min(torch.finfo(share.dtype).tiny).log()
    return lamb_l1 * total - lamb_entropy * (share * information).sum()
