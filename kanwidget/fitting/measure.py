"""Losses and metrics of a network on all samples of a part of the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from kanwidget.datasets import PARTS, Dataset
from kanwidget.fitting.data import Source, rows_at_once
from kanwidget.fitting.losses import Loss
from kanwidget.fitting.metrics import Metric
from kanwidget.network import Network


class Meter:
    """Measures one loss and some metrics.

    Parameters
    ----------
    loss : Loss
    metrics : sequence of Metric
    """

    def __init__(self, loss: Loss, metrics: Sequence[Metric]) -> None:
        self._loss = loss
        self._metrics = [metric for metric in metrics if not metric.bare]
        self._bare = [metric for metric in metrics if metric.bare]

    @torch.no_grad()
    def of(
        self,
        network: Network,
        source: Source,
        parts: Sequence[str],
        between: Callable[[], None] = lambda: None,
    ) -> dict[str, float]:
        """The loss and the metrics on all samples of these parts, as ``val_loss`` and so on.

        ``between`` is called now and then, and may raise.
        """
        measured = {metric.name: metric() for metric in self._bare}
        for part, pairs in source.predictions(network, parts, between):
            measured |= self.of_predictions(part, pairs)
        return measured

    @torch.no_grad()
    def of_predictions(self, part: str, pairs: Sequence[tuple[Tensor, Tensor]]) -> dict[str, float]:
        """The same of predictions that were made already, with their labels."""
        if len(pairs) == 1:
            ((prediction, label),) = pairs
        else:
            prediction, label = (torch.cat(column) for column in zip(*pairs, strict=True))
        loss = self._loss.told(self._loss(prediction, label).item())
        measured = {metric.name: metric(prediction, label) for metric in self._metrics}
        return {f"{part}_{name}": value for name, value in {"loss": loss, **measured}.items()}


@torch.no_grad()
def root_mean_squares(
    network: Network,
    dataset: Dataset,
    parts: Sequence[str] = PARTS,
    known: Mapping[str, Tensor] | None = None,
) -> dict[str, float]:
    """train_loss, val_loss and test_loss: root mean squared errors over all outputs.

    ``known`` are the network's outputs on some of the parts, where there are any already.
    """
    rows, losses = rows_at_once(network), {}
    outputs = dict(known or {})
    for part in parts:
        if part not in outputs:
            x = dataset[f"{part}_input"]
            pieces = [x] if len(x) <= rows else x.split(rows)
            outputs[part] = torch.cat([network(piece) for piece in pieces])
        difference = outputs[part] - dataset[f"{part}_label"]
        losses[f"{part}_loss"] = math.sqrt(float(difference.square().mean()))
    return losses
