"""Everything that a person may want to see of one edge."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget import splines
from kanwidget.datasets import Dataset
from kanwidget.edges import REMOVED
from kanwidget.layer import Layer
from kanwidget.network import Edge, Network
from kanwidget.shaping import control_points
from kanwidget.symbolic import beyond
from kanwidget.symbolic.function import SymbolicFunction

POINTS = 160
"""At which a curve is told."""
SAMPLES = 200
"""Of the training data that are told."""
BINS = 40
REACH = 1.0
"""How far the curve is told beyond the data, as far as the grid goes, in widths of the data's range."""
FAINT = 0.05
"""A sample whose outputs depend on the edge by less than this part of the usual tells nothing of it."""


@dataclass(frozen=True)
class Inspection:
    """One edge (l, i, j) on the training data.

    Attributes
    ----------
    edge : (int, int, int)
    kind : int
        As in `Edges.kinds`: 0 removed, 1 numeric, 2 symbolic, 3 both.
    locked : bool
    data, grid : (float, float)
        The range of the input on the data, and that of the grid.
    x, y, slope : Tensor, shape (P,)
        The curve and its derivative, over both ranges, but not further than the data's width beyond
        the data.  A removed edge's is that which it would have.
    density : Tensor of int, shape (BINS,)
        How many training samples lie in equal parts of the data's range.
    inputs, outputs : Tensor, shape (S,)
        Of some training samples.
    wanted : Tensor, shape (S,)
        The partial residuals: what the edge would have to give for the network to be right on the
        sample, all others staying as they are, to first order.  That is the output plus
        Σ_o g_o r_o / Σ_o g_o², with the residuals r_o of the network's outputs and their slopes g_o by
        the edge's output.  For an edge of the last layer it is the partial residual of additive
        models (Hastie and Tibshirani, Generalized Additive Models (1990), section 4.4).  NaN where the
        outputs hardly depend on the edge.
    knots : Tensor, shape (G + 1,)
        The grid points.
    point_x, point_y : Tensor, shape (G + k,)
        The control points; see `kanwidget.shaping.control_points`.
    bases : Tensor, shape (G + k, P)
        Moving point g by h adds h · bases[g] to y.
    function : SymbolicFunction or None
    constants : tuple of float
        a, b, c, d of a symbolic edge.
    held : tuple of bool
        Which of them are locked.
    r2 : float or None
        How well the function follows the spline that the edge was before, on the data.
    warnings : tuple of str
        What to mind: poles and ends of domains, data outside the grid.
    """

    edge: Edge
    kind: int
    locked: bool
    data: tuple[float, float]
    grid: tuple[float, float]
    x: Tensor
    y: Tensor
    slope: Tensor
    density: Tensor
    inputs: Tensor
    outputs: Tensor
    wanted: Tensor
    knots: Tensor
    point_x: Tensor
    point_y: Tensor
    bases: Tensor
    function: SymbolicFunction | None
    constants: tuple[float, ...]
    held: tuple[bool, ...]
    r2: float | None
    warnings: tuple[str, ...]


@torch.no_grad()
def inspect(network: Network, edge: Edge, dataset: Dataset) -> Inspection:
    """Look at an edge on a dataset's training part.

    Parameters
    ----------
    network : Network
        Its lock is held meanwhile; nothing changes.
    edge : (l, i, j)
    dataset : Dataset
        Fitted to the network, as a session's is.

    Raises
    ------
    KeyError
        For an edge that does not exist.
    """
    l, i, j = network.check_edge(*edge)
    with network.exclusive:
        layer = network.layers[l]
        column = network.node_values(dataset.train_input)[l][:, i]
        seen = column[column.isfinite()]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (-1.0, 1.0)
        points = layer.knots[i, layer.k : layer.knots.shape[1] - layer.k]
        grid = float(points[0]), float(points[-1])
        x = _places((low, high), grid).to(column)
        y, slope = _with_slope(layer, i, j, x)
        inputs, outputs, wanted = _samples(network, (l, i, j), dataset)
        point_x, point_y = control_points(layer, i, j)
        bases = splines.basis(x[:, None], layer.knots[i : i + 1], layer.k, layer.extrapolation)
        function, constants = _function(layer, i, j), tuple(layer.affine[j, i].tolist())
        return Inspection(
            edge=(l, i, j),
            kind=int(layer.kinds()[j, i]),
            locked=bool(layer.locked[j, i]),
            data=(low, high),
            grid=grid,
            x=x,
            y=y,
            slope=slope,
            density=torch.histc(seen.float(), BINS, low, high if high > low else low + 1e-30),
            inputs=inputs,
            outputs=outputs,
            wanted=wanted,
            knots=points,
            point_x=point_x,
            point_y=point_y,
            bases=bases[:, 0].T,
            function=function,
            constants=constants,
            held=tuple(layer.held[j, i].tolist()),
            r2=None if function is None else _follows(layer, i, j, seen),
            warnings=tuple(_warnings(layer, i, j, seen, grid, function, constants)),
        )


def _places(data: tuple[float, float], grid: tuple[float, float]) -> Tensor:
    """Ascending places over both ranges, their ends among them."""
    width = data[1] - data[0]
    reach = REACH * width if width > 0 else grid[1] - grid[0]
    low = min(data[0], max(grid[0], data[0] - reach))
    high = max(data[1], min(grid[1], data[1] + reach))
    ends = [end for end in (*data, *grid) if low <= end <= high]
    even = torch.linspace(low, high, POINTS - len(ends), dtype=torch.float64)
    return torch.cat([even, torch.tensor(ends, dtype=torch.float64)]).sort().values


def _with_slope(layer: Layer, i: int, j: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """What an edge does, or would if it were there, and its derivative."""
    with torch.enable_grad():
        at = x.detach().clone().requires_grad_()
        y = layer.edge_output(i, j, at, restored=True)
        slope = torch.zeros_like(x)
        if y.requires_grad:
            found = torch.autograd.grad(y.sum(), at, allow_unused=True)[0]
            slope = slope if found is None else found
    return y.detach(), slope


def _samples(network: Network, edge: Edge, dataset: Dataset) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, outputs and wanted outputs of an edge on some training samples."""
    l, i, j = edge
    count = len(dataset.train_input)
    rows = torch.linspace(0, count - 1, min(count, SAMPLES)).long()
    x = network.as_input(dataset.train_input[rows])
    values, layer = network.node_values(x)[l], network.layers[l]
    inputs = values[:, i]
    outputs = layer.edge_output(i, j, inputs, restored=True)
    y = dataset.train_label[rows].to(x)
    with torch.enable_grad():
        sums = layer.sums(values).detach().requires_grad_()
        above = layer.nodes(sums)
        for up in network.layers[l + 1 :]:
            above = up(above)
        slopes = torch.stack(
            [
                torch.autograd.grad(each.sum(), sums, retain_graph=True)[0][:, j]
                if each.requires_grad
                else torch.zeros_like(inputs)
                for each in above.T
            ],
            dim=1,
        )
    residual = torch.where(layer.alive[j, i], y - above.detach(), torch.nan)
    square = slopes.square().sum(1)
    usual = square[square.isfinite()].mean()
    tells = square > FAINT**2 * usual
    wanted = outputs + (slopes * residual).sum(1) / square
    return inputs, outputs, torch.where(tells, wanted, torch.nan)


def _function(layer: Layer, i: int, j: int) -> SymbolicFunction | None:
    found = layer.symbolic_function(i, j)
    return found if isinstance(found, SymbolicFunction) else None


def _follows(layer: Layer, i: int, j: int, x: Tensor) -> float | None:
    """R² of an edge's function by the spline that is kept under it; None where that is constant."""
    spline = layer.edge_output(i, j, x, "spline", restored=True)
    total = (spline - spline.mean()).square().sum()
    apart = (spline - layer.edge_output(i, j, x, restored=True)).square().sum()
    return 1 - float(apart / total) if float(total) > 0 else None


def _warnings(
    layer: Layer,
    i: int,
    j: int,
    seen: Tensor,
    grid: tuple[float, float],
    function: SymbolicFunction | None,
    constants: tuple[float, ...],
) -> list[str]:
    found = []
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else grid
    if function is not None and int(layer.kinds()[j, i]) != REMOVED:
        a, b = constants[:2]
        found.append(beyond.warning(function, a, b, 1.0, low, high))
        found.append(beyond.outside(function, constants, low, high))
    if bool(layer.numeric[j, i]):
        margin = 1e-6 * (grid[1] - grid[0])
        share = float(((seen < grid[0] - margin) | (seen > grid[1] + margin)).double().mean())
        how = "goes on straight" if layer.extrapolation == "linear" else "decays to zero"
        if share > 0:
            found.append(f"{share:.0%} of the data lie outside the grid, where the spline {how}")
    return [sentence for sentence in found if sentence]
