"""What the loss of a network would be with candidates in place of its edges."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import torch
from torch import Tensor

from kanwidget.importance import AT_ONCE
from kanwidget.network import Edge, Network
from kanwidget.symbolic.suggest import Candidate

Candidates = Mapping[Edge, list[Candidate]]


@torch.no_grad()
def with_loss_changes(
    network: Network, x: Tensor, y: Tensor, candidates: Candidates
) -> dict[Edge, list[Candidate]]:
    """The candidates with their ``loss_change``, one edge being replaced at a time.

    Those of a layer are tried at once: each takes the place of its edge in its node's sum, and the
    layers above are computed on all these variants as one batch.  Candidates that are undefined on
    some of the data come after all others.

    Parameters
    ----------
    network : Network
    x, y : Tensor, shape (N, n_inputs) and (N, n_outputs)
    candidates : dict of edge (l, i, j) to list of Candidate
    """
    values, now = network.as_input(x), _loss(network(x), y)
    found = dict(candidates)
    for l, layer in enumerate(network.layers):
        sums, above = layer.sums(values), network.layers[l + 1 :]
        tried = [(edge, n) for edge in found if edge[0] == l for n in range(len(found[edge]))]
        size = max([sums.numel(), *(len(x) * up.weights()[0].numel() for up in above)])
        many = max(1, AT_ONCE // size)
        losses: dict[Edge, list[float]] = {}
        for part in (tried[first : first + many] for first in range(0, len(tried), many)):
            variants = sums.repeat(len(part), 1, 1)
            for v, (edge, n) in enumerate(part):
                _, i, j = edge
                curve = found[edge][n].curve(values[:, i])
                variants[v, :, j] += curve - layer.edge_output(i, j, values[:, i])
            h = layer.nodes(variants.flatten(0, 1))
            for up in above:
                h = up(h)
            for (edge, _), outputs in zip(part, h.view(len(part), *y.shape), strict=True):
                losses.setdefault(edge, []).append(_loss(outputs, y))
        for edge, all_losses in losses.items():
            changed = [
                dataclasses.replace(candidate, loss_change=_change(loss, now))
                for candidate, loss in zip(found[edge], all_losses, strict=True)
            ]
            found[edge] = sorted(changed, key=lambda each: each.loss_change == math.inf)
        values = layer.nodes(sums)
    return found


def _loss(outputs: Tensor, y: Tensor) -> float:
    return float((outputs - y).square().mean().sqrt())


def _change(loss: float, now: float) -> float:
    return loss - now if math.isfinite(loss) else math.inf
