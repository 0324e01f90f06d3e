"""To which inputs hidden and output nodes owe their values, and which inputs meet in a node.

Scores go backwards from the nodes of a layer as in `kanwidget.importance`, but are kept apart for every
node they started from (Liu et al., KAN 2.0, arXiv 2408.10205, section 4.1).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor

from kanwidget import importance
from kanwidget.network import Network


@torch.no_grad()
def attribution(network: Network, l: int, weights: Tensor | None = None) -> Tensor:
    """Score of every input for every node of a node layer, on the training inputs.

    Parameters
    ----------
    network : Network
    l : int
        Node layer, 0 for the inputs themselves.
    weights : Tensor, shape (width[l],), optional
        Scores of the nodes to begin with; where not given their own, in the mean over the outputs.

    Returns
    -------
    Tensor, shape (width[l], n_inputs)
    """
    statistics = network.forward_with_statistics(network.training_inputs())[1]
    if weights is None:
        weights = importance.backward_scores(statistics, "mean")[1][l]
    start = torch.diag(weights.to(device=network.device, dtype=network.dtype))
    return importance.hand_back(statistics[:l], start)[1][0]


def feature_interaction(scores: Tensor, neuron_th: float, feature_th: float) -> dict[Any, int]:
    """How many nodes each set of inputs meets in, from scores (nodes, n_inputs).

    A node counts if an input scores more than ``neuron_th`` for it, and an input if it scores more
    than ``feature_th`` times the highest one there.
    """
    counts: Counter[tuple[int, ...]] = Counter()
    for score in scores:
        if float(score.max()) > neuron_th:
            counts[tuple((score > score.max() * feature_th).nonzero().flatten().tolist())] += 1
    return dict(counts)
