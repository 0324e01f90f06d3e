"""What there is to see of a network: its edges' curves, ranges, scores and what pruning would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget import importance
from kanwidget.costs import MEASURED_EDGES, Costs, PruneCurve, are_measured, counted
from kanwidget.network import Network
from kanwidget.spread import EdgeStatistics

CURVE_POINTS = 64
BINS = 16
LARGEST = 1e30
MOST_EDGES = 3000
"""A picture holds no more edges than this: the strongest."""

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """Arrays over nodes (N) and over E edges, in the order of the layers.

    Attributes
    ----------
    width : tuple of int
    node_alive : (N,) uint8
    arity : (N,) uint32
        Sums that the node multiplies: 1 is a plain sum, and an input has 0.
    node_low, node_high : (N,) float32
        Range of the node's value on the training data.
    layer, source, target : (E,) uint32
        The edge (l, i, j); the target is a subnode, see `owner`.
    kind : (E,) uint8
        0 removed, 1 numeric, 2 symbolic, 3 both.
    locked : (E,) uint8
        1 where training leaves the edge as it is.
    score, cost : (E,) float32
        The chosen metric; validation loss without the edge minus now, NaN where not measured.
    x_low, x_high, y_low, y_high : (E,) float32
    grid_low, grid_high : (E,) float32
        Range of the grid of the edge's input: a spline is extrapolated outside.
    r2 : (E,) float32
        R² of a symbolic edge's function against the spline under it; NaN where there is none, or it
        was not measured.
    curve : (E, S) float32
        Output at S equally spaced inputs from x_low to x_high.
    histogram : (E, H) uint8
        Of the input on the training data; the fullest bin is 255.
    functions : dict of (l, i, j) to the name of its function
    unmeasured_above : int or None
        So many live edges at most are measured in a network, where this one has more.
    """

    width: tuple[int, ...]
    node_alive: Bytes
    arity: Ints
    node_low: Floats
    node_high: Floats
    layer: Ints
    source: Ints
    target: Ints
    kind: Bytes
    locked: Bytes
    score: Floats
    cost: Floats
    x_low: Floats
    x_high: Floats
    y_low: Floats
    y_high: Floats
    grid_low: Floats
    grid_high: Floats
    r2: Floats
    curve: Floats
    histogram: Bytes
    functions: dict[tuple[int, int, int], str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    metric: str
    omitted: int
    prune: PruneCurve
    unmeasured_above: int | None = None

    def owner(self, l: int) -> Ints:
        """The node of every subnode above edge layer l."""
        start = sum(self.width[: l + 1])
        arity = self.arity[start : start + self.width[l + 1]]
        return np.repeat(np.arange(len(arity), dtype=np.uint32), arity)


@dataclass(frozen=True)
class Passage:
    """What a model makes of data on the way through its layers.

    Attributes
    ----------
    values : list of Tensor
        Of all nodes, (N, width[l]) a node layer.
    statistics : list of EdgeStatistics
        One an edge layer.
    """

    values: list[Tensor]
    statistics: list[EdgeStatistics]


@torch.no_grad()
def passage(model: Network, x: Tensor) -> Passage:
    """Data sent through a model once, for all that is to be seen of it."""
    values, statistics = [model.as_input(x)], []
    for layer in model.layers:
        value, spread = layer.forward_with_statistics(values[-1])
        values.append(value)
        statistics.append(spread)
    return Passage(values, statistics)


@torch.no_grad()
def draw(
    model: Network,
    x: Tensor,
    metric: str,
    through: Passage | None = None,
) -> Picture:
    """The picture of a model on training inputs x, without the costs of its edges: see `with_costs`.

    ``through`` is the passage of x through the model, where it is known already.
    """
    through = passage(model, x) if through is None else through
    values = through.values
    scores = importance.scores_from(through.statistics, metric)
    # from here on numpy, whose small operations are quicker and do not give up a thread's turn
    seen = [_array(value) for value in values]
    low, high = zip(*(_range(value) for value in seen), strict=True)
    nodes = [_array(layer.alive.any(0)) for layer in model.layers]
    nodes.append(np.ones(model.width[-1], bool))
    for layer, node in zip(model.layers, nodes[1:], strict=True):
        node &= _array(layer.nodes.fed(layer.alive.any(1)))
    arity = [0] * model.width[0] + [n for layer in model.layers for n in layer.nodes.arity]
    score = np.concatenate(
        [_finite(_array(layer), infinite=LARGEST).ravel() for layer in scores]
    ).astype(np.float32)
    total = len(score)
    kept = np.arange(total)
    if total > MOST_EDGES:
        kept = np.sort(np.argsort(-score, kind="stable")[:MOST_EDGES])
    parts: dict[str, list[Array]] = {name: [] for name in _EDGE_ARRAYS}
    points = np.linspace(0, 1, CURVE_POINTS)[:, None]
    start = 0
    for l, layer in enumerate(model.layers):
        count = layer.n_out * layer.n_in
        target, source = np.divmod(
            kept[(kept >= start) & (kept < start + count)] - start, layer.n_in
        )
        start += count
        across = torch.from_numpy(low[l] + (high[l] - low[l]) * points).to(values[l])
        j, i = (torch.from_numpy(ends).to(layer.coef.device) for ends in (target, source))
        curves = _finite(_array(layer.outputs_of(j, i, across)))
        knots = _array(layer.knots)
        arrays = {
            "layer": np.full(len(source), l),
            "source": source,
            "target": target,
            "kind": _array(layer.kinds())[target, source],
            "locked": _array(layer.locked)[target, source],
            "x_low": low[l][source],
            "x_high": high[l][source],
            "y_low": curves.min(1),
            "y_high": curves.max(1),
            "grid_low": knots[source, layer.k],
            "grid_high": knots[source, -layer.k - 1],
            "curve": curves,
            "histogram": _histogram(seen[l], low[l], high[l])[source],
        }
        for name, array in arrays.items():
            parts[name].append(array)
    edges = {
        name: np.concatenate(arrays).astype(_EDGE_ARRAYS[name]) for name, arrays in parts.items()
    }
    edges["score"] = score[kept]
    edges["cost"] = edges["r2"] = np.full(len(kept), np.nan, dtype=np.float32)
    return Picture(
        width=tuple(model.width),
        node_alive=np.concatenate(nodes).astype(np.uint8),
        arity=np.array(arity, dtype=np.uint32),
        node_low=np.concatenate(low).astype(np.float32),
        node_high=np.concatenate(high).astype(np.float32),
        **edges,
        functions={
            (l, i, j): function.name
            for l, layer in enumerate(model.layers)
            for (i, j), function in layer.functions.items()
            if bool(layer.symbolic[j, i])
        },
        inputs=tuple(model.input_names),
        outputs=tuple(model.output_names),
        metric=metric,
        omitted=total - len(kept),
        # whoever has all edges can count them
        prune=PruneCurve() if len(kept) == total else counted(model, scores),
        unmeasured_above=None if are_measured(model) else MEASURED_EDGES,
    )


def with_costs(drawn: Picture, costs: Costs) -> Picture:
    """The same picture with what was measured of its edges."""
    above = [len(drawn.owner(l)) for l in range(len(drawn.width) - 1)]
    sizes = np.multiply(above, drawn.width[:-1])
    first, inputs = np.cumsum(sizes) - sizes, np.array(drawn.width)
    shown = first[drawn.layer] + drawn.target * inputs[drawn.layer] + drawn.source
    return replace(drawn, cost=costs.edge[shown], r2=costs.r2[shown], prune=costs.prune)


_EDGE_ARRAYS: dict[str, type[np.generic]] = {
    "layer": np.uint32,
    "source": np.uint32,
    "target": np.uint32,
    "kind": np.uint8,
    "locked": np.uint8,
    "x_low": np.float32,
    "x_high": np.float32,
    "y_low": np.float32,
    "y_high": np.float32,
    "grid_low": np.float32,
    "grid_high": np.float32,
    "curve": np.float32,
    "histogram": np.uint8,
}


def _array(values: Tensor) -> Array:
    return values.numpy(force=True)


def _finite(values: Array, infinite: float = 0.0) -> Array:
    """Drawable numbers: a function outside its domain leaves no NaN on the canvas."""
    drawable = np.nan_to_num(values, nan=0.0, posinf=infinite, neginf=infinite)
    return drawable.clip(-LARGEST, LARGEST)


def _range(values: Array) -> tuple[Array, Array]:
    """Lowest and highest finite value of every column; 0 and 0 where there is none."""
    finite = np.isfinite(values)
    low = np.where(finite, values, np.inf).min(0)
    high = np.where(finite, values, -np.inf).max(0)
    return _finite(low), _finite(high)


def _histogram(x: Array, low: Array, high: Array) -> Array:
    """Counts of every input's values over its range, (n, BINS), the fullest bin scaled to 255."""
    width = np.where(high > low, high - low, 1.0)
    finite = np.isfinite(x)
    place = (np.where(finite, x, 0.0).clip(low, high) - low) / width * BINS
    bins = place.clip(0, BINS - 1).astype(int) + BINS * np.arange(x.shape[1])
    counts = np.bincount(bins.ravel(), finite.ravel(), minlength=bins.shape[1] * BINS)
    counts = counts.reshape(-1, BINS)
    return (255 * counts / counts.max(1, keepdims=True).clip(1)).round()


@torch.no_grad()
def outside(model: Network, x: Tensor, through: Passage | None = None) -> str:
    """A sentence on the part of the data x that lies outside the grid of splines that matter, or ''.

    A spline matters when its node passes on more than a hundredth of the outputs.  ``through`` is the
    passage of x through the model, where it is known already.
    """
    worst, place = 0.01, (0, 0)
    through = passage(model, x) if through is None else through
    values, scores = through.values, importance.backward_scores(through.statistics)[1]
    for l, layer in enumerate(model.layers):
        used = (layer.alive & layer.numeric).any(0) & (scores[l] > 0.01)
        low, high = layer.knots[:, layer.k], layer.knots[:, -layer.k - 1]
        margin = 1e-6 * (high - low)
        beyond = (values[l] < low - margin) | (values[l] > high + margin)
        share = beyond.double().mean(0) * used
        if float(share.max()) > worst:
            worst, place = float(share.max()), (l, int(share.argmax()))
    if worst <= 0.01:
        return ""
    l, i = place
    where = f"input {model.input_names[i]}" if l == 0 else f"node ({l}, {i})"
    how = "goes on straight" if model.layers[l].extrapolation == "linear" else "decays to zero"
    return f"{worst:.0%} of the data at {where} lie outside its grid, where the spline {how}"
