"""How far a network recovers from an edge being replaced, when everything else may follow."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import torch

from kanwidget.datasets import Dataset
from kanwidget.fitting.metrics import rmse
from kanwidget.network import Edge
from kanwidget.symbolic.suggest import Candidate

STEPS, FIRST = 5, 3


def refitted(
    model: Any, dataset: Dataset, edge: Edge, candidates: list[Candidate]
) -> list[Candidate]:
    """The candidates, the first three with their ``refit_change``; the model stays as it is.

    Each is tried on a copy of the model, which Levenberg–Marquardt then trains for five steps with
    its grids held.
    """
    x, y = model.as_input(dataset.val_input), dataset.val_label
    y = y.to(x)
    l, i, j = edge

    def loss_of(network: Any) -> float:
        with torch.no_grad():
            return rmse(network(x), y)

    now, found = loss_of(model), []
    for candidate in candidates[:FIRST]:
        tried = model.copy()
        tried.layers[l].set_symbolic(i, j, candidate.function, candidate.params)
        change = math.inf
        if math.isfinite(loss_of(tried)):
            tried.fit(dataset, opt="LM", steps=STEPS, update_grid=False)
            change = loss_of(tried) - now
        found.append(dataclasses.replace(candidate, refit_change=change))
    return [*found, *candidates[FIRST:]]
