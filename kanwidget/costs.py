"""What is known of edges only by trying: the loss without them, and how well functions fit their splines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget import foreseeing, importance, pruning
from kanwidget.agreement import agreement
from kanwidget.datasets import Dataset
from kanwidget.network import Network

MEASURED_EDGES = 400
"""What an edge's removal would cost is measured in networks of no more edges than this."""
VALIDATION_ROWS = 512
"""Of the validation data, on which it is measured."""
COMPARED_ROWS = 2000
"""Training inputs on which functions are compared with the splines under them."""
THRESHOLDS = 32
"""At which pruning is tried, about."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PruneCurve:
    """Validation loss after pruning at each of some ascending thresholds, and how many edges go.

    Losses are NaN where only the edges were counted.
    """

    threshold: tuple[float, ...] = ()
    loss: tuple[float, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Costs:
    """What is measured while the network rests, since it takes longer than drawing.

    Attributes
    ----------
    edge : (E,) float32
        Validation loss without the edge minus now; NaN where not measured.
    prune : PruneCurve
    r2 : (E,) float32
        R² of each function against the spline under it, see `kanwidget.agreement`; NaN where there is
        none, or it was not measured.
    """

    edge: Floats
    prune: PruneCurve
    r2: Floats


def are_measured(model: Network) -> bool:
    """Whether the model is small enough for its costs to be measured."""
    return sum(int(layer.alive.sum()) for layer in model.layers) <= MEASURED_EDGES


@torch.no_grad()
def measure(model: Network, dataset: Dataset, metric: str) -> Costs:
    """What removing each edge, and pruning at each threshold, would do to the validation loss.

    Also how well functions agree with the splines under them; all NaN where `are_measured` says no.
    The model must not be in use elsewhere, since its masks are changed meanwhile.
    """
    if not are_measured(model):
        unknown = np.full(sum(layer.alive.numel() for layer in model.layers), np.nan, np.float32)
        return Costs(unknown, PruneCurve(), unknown)
    x, y = dataset.val_input[:VALIDATION_ROWS], dataset.val_label[:VALIDATION_ROWS]
    seen = dataset.train_input
    now = float((model(x) - y).square().mean().sqrt())
    losses = importance.losses_without(model, x, y, seen)
    edge = torch.cat([each.flatten() - now for each in losses]).float().numpy(force=True)
    prune = _prune_curve(model, x, y, seen, metric)
    return Costs(edge, prune, agreement(model, seen[:COMPARED_ROWS]))


@torch.no_grad()
def counted(model: Network, scores: list[Tensor]) -> PruneCurve:
    """How many edges go at each threshold, by their scores (n_out, n_in) a layer; no loss is measured."""
    thresholds = _thresholds(model, scores)
    kept = [pruning.kept_above(model, scores, threshold) for threshold in thresholds]
    live = sum(int(layer.alive.sum()) for layer in model.layers)
    removed = tuple(live - sum(int(mask.sum()) for mask in masks) for masks in kept)
    return PruneCurve(thresholds, (math.nan,) * len(thresholds), removed)


def _prune_curve(model: Network, x: Tensor, y: Tensor, seen: Tensor, metric: str) -> PruneCurve:
    scores = importance.edge_scores(model, seen, metric)
    thresholds = _thresholds(model, scores)
    gone = [pruning.edges_below(model, scores, threshold) for threshold in thresholds]
    after = foreseeing.losses_after(model, x, y, seen, gone)
    return PruneCurve(thresholds, tuple(after), tuple(len(edges) for edges in gone))


def _thresholds(model: Network, scores: list[Tensor]) -> tuple[float, ...]:
    """Zero, and scores of live edges, some `THRESHOLDS` of them with as many edges between each."""
    live = torch.cat([s[layer.alive] for s, layer in zip(scores, model.layers, strict=True)])
    ascending = live.float().unique()
    every = max(1, len(ascending) // THRESHOLDS)
    return (0.0, *(t for t in ascending[::every].tolist() if t > 0))
