"""What the explorer draws: one figure a question, each made of plain numbers of the model and its data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.view import View

Array = npt.NDArray[np.float64]
SAMPLES = 500
"""Of the training data that are shown: evenly spaced among all."""
POINTS = 200
REACH = 12.0
"""Pixels around a point within which a click means it."""
DATA, CURVE, SLOPE, MARK = "#9db7dd", "#1967d2", "#b45309", "#c2185b"


@dataclass(frozen=True)
class Shown:
    """What there is to be drawn.

    Attributes
    ----------
    view : View
    samples : (N,) array of int
        Rows of the training data that are shown.
    truth, predicted : (N,) arrays
        Of the chosen output.
    edge : (l, i, j) or None
        The selected one.
    sample : int or None
        The chosen row of the training data.
    """

    view: View
    samples: npt.NDArray[np.int64]
    truth: Array
    predicted: Array
    edge: Edge | None
    sample: int | None


@dataclass(frozen=True)
class EdgeCurve:
    """An edge over the range of its data: curve (x, y), slope, and the samples on it."""

    x: Array
    y: Array
    slope: Array
    at: Array
    value: Array


def rows_of(dataset: Dataset) -> npt.NDArray[np.int64]:
    """The rows of the training data that are shown."""
    count = len(dataset.train_input)
    return np.unique(np.linspace(0, count - 1, min(count, SAMPLES)).round().astype(np.int64))


@torch.no_grad()
def predictions(model: KAN, dataset: Dataset, output: int) -> tuple[Array, Array]:
    """Truth and prediction of an output on the shown rows, in the units in which the network computes."""
    rows = torch.from_numpy(rows_of(dataset)).to(dataset.train_input.device)
    truth = dataset.train_label[rows][:, output]
    with model.exclusive:
        predicted = model(dataset.train_input[rows])[:, output]
    return _numbers(truth), _numbers(predicted)


def edge_curve(model: KAN, dataset: Dataset, edge: Edge) -> EdgeCurve:
    """The curve of an edge, its derivative and the shown samples on it."""
    l, i, j = edge
    rows = torch.from_numpy(rows_of(dataset)).to(dataset.train_input.device)
    with model.exclusive:
        with torch.no_grad():
            at = model.node_values(model.as_input(dataset.train_input[rows]))[l][:, i]
            value = model.layers[l].edge_output(i, j, at)
        across = torch.linspace(float(at.min()), float(at.max()), POINTS, dtype=at.dtype)
        x = across.to(at.device).requires_grad_()
        with torch.enable_grad():
            y = model.layers[l].edge_output(i, j, x)
            slope = torch.autograd.grad(y.sum(), x)[0] if y.requires_grad else torch.zeros_like(x)
    return EdgeCurve(*map(_numbers, (x, y, slope, at, value)))


def _numbers(values: torch.Tensor) -> Array:
    array: Array = values.detach().double().numpy(force=True)
    return array


class Drawing(ABC):
    """A figure that is drawn anew from what is shown.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    pick : callable
        Takes the row of the training data that was clicked.
    """

    title: str

    def __init__(self, figure: Any, pick: Callable[[int], None]) -> None:
        self.figure = figure
        self._pick = pick
        self._rows: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._points: Array = np.zeros((0, 2))
        self._axes: Any = None

    def draw(self, shown: Shown, curve: EdgeCurve | None) -> None:
        """Draw all of it; `matplotlib` shows it when the canvas has time."""
        self.figure.clear()
        self._axes = self.figure.add_subplot()
        self._rows, self._points = shown.samples, np.zeros((0, 2))
        self._fill(self._axes, shown, curve)

    @abstractmethod
    def _fill(self, axes: Any, shown: Shown, curve: EdgeCurve | None) -> None:
        """Draw on empty axes."""

    def _scatter(self, axes: Any, x: Array, y: Array, sample: int | None) -> None:
        """Samples as points that can be clicked, the chosen one marked."""
        self._points = np.stack([x, y], 1)
        axes.scatter(x, y, s=9, color=DATA, linewidths=0)
        for n in np.flatnonzero(self._rows == sample).tolist() if sample is not None else ():
            axes.scatter(x[n], y[n], s=70, facecolors="none", edgecolors=MARK, linewidths=2)

    def click(self, event: Any) -> None:
        """Choose the sample under the pointer, if there is one."""
        if self._axes is None or event.inaxes is None or not len(self._points):
            return
        places = self._axes.transData.transform(self._points)
        away = np.hypot(*(places - [event.x, event.y]).T)
        away[~np.isfinite(away)] = np.inf
        if away.min() <= REACH:
            self._pick(int(self._rows[away.argmin()]))


class EdgeDrawing(Drawing):
    """The selected edge: its curve, the data on it, and its derivative."""

    title = "Edge"

    def _fill(self, axes: Any, shown: Shown, curve: EdgeCurve | None) -> None:
        if shown.edge is None or curve is None:
            axes.axis("off")
            axes.text(0.5, 0.5, "Select an edge in the widget or in the list.", ha="center")
            return
        self._scatter(axes, curve.at, curve.value, shown.sample)
        axes.plot(curve.x, curve.y, color=CURVE)
        l, i, j = shown.edge
        axes.set(xlabel=f"input of edge ({l}, {i}, {j})", ylabel="output")
        other = axes.twinx()
        other.plot(curve.x, curve.slope, color=SLOPE, linestyle="--", linewidth=1)
        other.set_ylabel("derivative (dashed)", color=SLOPE)
        axes.set_zorder(other.get_zorder() + 1)
        axes.patch.set_visible(False)


class ResidualDrawing(Drawing):
    """What is left of every sample."""

    title = "Residuals"

    def _fill(self, axes: Any, shown: Shown, curve: EdgeCurve | None) -> None:
        axes.axhline(0, color="#888888", linewidth=1)
        self._scatter(axes, shown.predicted, shown.truth - shown.predicted, shown.sample)
        axes.set(xlabel="prediction", ylabel="truth \N{MINUS SIGN} prediction")


class PredictionDrawing(Drawing):
    """Prediction against truth; on the diagonal both are the same."""

    title = "Prediction"

    def _fill(self, axes: Any, shown: Shown, curve: EdgeCurve | None) -> None:
        both = np.concatenate([shown.truth, shown.predicted])
        both = both[np.isfinite(both)]
        if len(both):
            ends = [both.min(), both.max()]
            axes.plot(ends, ends, color="#888888", linewidth=1)
        self._scatter(axes, shown.truth, shown.predicted, shown.sample)
        axes.set(xlabel="truth", ylabel="prediction")


class LossDrawing(Drawing):
    """Losses of all steps, and the actions between them."""

    title = "Loss"

    def _fill(self, axes: Any, shown: Shown, curve: EdgeCurve | None) -> None:
        losses = shown.view.losses
        for name, style in (("train", "-"), ("val", "--")):
            values = np.array([np.nan if each is None else each for each in losses[name]], float)
            values[values <= 0] = np.nan  # a logarithm has no place for it
            if np.isfinite(values).any():
                axes.plot(losses["step"], values, style, label=name)
        for event in losses["events"]:
            axes.axvline(event["step"], color="#888888", linewidth=0.8, linestyle=":")
        if axes.lines and axes.get_legend_handles_labels()[0]:
            axes.set_yscale("log")
            axes.legend()
        axes.set(xlabel="step", ylabel="loss (RMSE)")


DRAWINGS = (EdgeDrawing, ResidualDrawing, PredictionDrawing, LossDrawing)
