"""What a finer grid would bring and cost, before it is made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.commands.acts import MOST
from kanwidget.session.commands.base import Question
from kanwidget.session.commands.edges import triple

CURVE_POINTS = 96
MOST_ROWS = 10_000
MOST_PARAMETERS = 3_000_000
"""A larger network is not made only to be looked at."""
TIMED = 0.1
"""Seconds for which passes over the data are timed, of each network."""


@dataclass(frozen=True)
class PreviewRefine(Question):
    """What ``refine(new_grid)`` would do; changes nothing.

    ``edge`` is the one whose curve and intervals are shown; a live spline is chosen where not given.
    """

    name = "preview_refine"
    takes_long = True
    new_grid: int
    edge: Edge | None = None

    def check(self, model: KAN) -> None:
        checks.whole("new_grid", self.new_grid, 1)
        if self.new_grid > MOST:
            raise ValueError(f"new_grid is {self.new_grid}; at most {MOST} is needed")
        finest = max(layer.grid for layer in model.layers)
        if self.new_grid < finest:
            raise ValueError(
                f"new_grid is {self.new_grid}; the network has {finest} intervals, and no fewer are "
                "needed"
            )
        if self.edge is not None:
            model.check_edge(*triple(self.edge))

    def answer(self, model: KAN, dataset: Dataset) -> dict[str, Any]:
        """The comparison as plain data.

        Returns
        -------
        dict
            ``parameters``: trained numbers before and after.  ``seconds``: a forward and backward pass
            over the training data, before and after, as measured here.  ``difference``: the largest
            change of an output on the training data; ``size`` is the largest output.  ``edge``, ``x``,
            ``y``, ``old``, ``new``: a curve, and its grid points before and after.  What would take too
            much memory to measure is None.
        """
        before = model.still()
        count = trained(before)
        more = sum(
            layer.coef.shape[0] * layer.coef.shape[1] * (self.new_grid - layer.grid)
            for layer in before.layers
            if layer.coef.requires_grad
        )
        told: dict[str, Any] = {
            "grid": [layer.grid for layer in before.layers],
            "parameters": [count, count + more],
            "seconds": None,
            "difference": None,
            "size": None,
            **_curve(before, _shown_edge(before, self.edge)),
            "new": None,
        }
        if count + more > MOST_PARAMETERS:
            return told
        after = before.still()
        after.refine(self.new_grid)
        x = dataset.train_input[:MOST_ROWS]
        with torch.no_grad():
            here, there = before(x), after(x)
        told["difference"] = float((there - here).abs().max())
        told["size"] = float(here.abs().max())
        told["seconds"] = [_seconds(network, dataset) for network in (before, after)]
        if told["edge"] is not None:
            told["new"] = _grid_points(after, told["edge"])
        return told


def trained(model: KAN) -> int:
    """How many numbers a training of this model changes."""
    return sum(each.numel() for each in model.parameters() if each.requires_grad)


def _shown_edge(model: KAN, wanted: Edge | None) -> Edge | None:
    if wanted is not None:
        return wanted
    edges: list[Edge] = model.edges()
    splines = [(l, i, j) for l, i, j in edges if bool(model.layers[l].numeric[j, i])]
    found = splines or edges
    return found[0] if found else None


def _grid_points(model: KAN, edge: Edge) -> list[float]:
    layer = model.layers[edge[0]]
    inner: list[float] = layer.knots[edge[1], layer.k : -layer.k or None].tolist()
    return inner


@torch.no_grad()
def _curve(model: KAN, edge: Edge | None) -> dict[str, Any]:
    if edge is None:
        return {"edge": None, "x": [], "y": [], "old": []}
    points = _grid_points(model, edge)
    like = model.layers[edge[0]].knots
    x = torch.linspace(points[0], points[-1], CURVE_POINTS, dtype=like.dtype, device=like.device)
    y = model.layers[edge[0]].edge_output(edge[1], edge[2], x)
    finite = torch.nan_to_num(y, posinf=0.0, neginf=0.0)
    return {"edge": list(edge), "x": x.tolist(), "y": finite.tolist(), "old": points}


def _seconds(model: KAN, dataset: Dataset) -> float:
    """The shortest of a few passes."""
    x, y = dataset.train_input[:MOST_ROWS], dataset.train_label[:MOST_ROWS]
    found: list[float] = []
    until = time.perf_counter() + TIMED
    while len(found) < 2 or time.perf_counter() < until:
        began = time.perf_counter()
        (model(x) - y).square().mean().backward()
        found.append(time.perf_counter() - began)
    return min(found)
