"""Finer grids, more nodes and layers, fresh splines: more room, as a rule for the same function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import grids, reshaping, splines
from kanwidget.edges import EdgeFunction
from kanwidget.layer import Layer
from kanwidget.network import Network

NOISE = 0.3
"""Size of the splines of a fresh edge, as that of `KAN` is where nothing else is said."""
MODES = ("non-intrusive", "minimal", "all")
NOTHING = "0"
"""Name of the function that is zero everywhere: an edge with it does nothing."""


@torch.no_grad()
def refine(network: Network, sizes: Sequence[int]) -> None:
    """Give the layers so many grid intervals, where they have fewer; their functions stay."""
    for layer, size in zip(network.layers, sizes, strict=True):
        if size > layer.grid:
            splines = layer.knots, layer.coef.detach(), layer.k, layer.extrapolation
            layer.put_splines(*grids.refined(*splines, size))


@torch.no_grad()
def move_grids(network: Network, x: Tensor, between: Callable[[], None] = lambda: None) -> None:
    """Move the knots to where the data x (N, n_inputs) are, layer by layer.

    ``between`` is called now and then, and may raise to end it.
    """
    for layer in network.layers:
        between()
        layer.update_grid(x, between)
        x = layer(x)


def fresh_edges(layer: Layer, generator: torch.Generator) -> tuple[Tensor, Tensor, float]:
    """What edges of a new network of this shape begin with: splines, base weights, spline weight.

    Returns
    -------
    coef : Tensor, shape (n_out, n_in, G + k)
    scale_base : Tensor, shape (n_out, n_in)
    scale_sp : float
    """

    def random(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    points = grids.grid_points(layer.knots, layer.k).T.double().cpu()
    noise = (random(*points.shape, layer.n_out) - 0.5) * (NOISE / layer.grid)
    coef = splines.fit_coefficients(points, noise, layer.knots.cpu(), layer.k)
    scale = layer.n_in**-0.5
    base = (2 * random(layer.n_out, layer.n_in) - 1) * scale
    return coef.to(layer.coef), base.to(layer.coef), scale


@torch.no_grad()
def widen(network: Network, l: int, arity: Sequence[int], generator: torch.Generator) -> None:
    """Add nodes of these arities to node layer l; edges into them are random, those out are zero."""
    below, above = network.layers[l - 1], network.layers[l]
    first, old = below.n_out, below.nodes.count
    reshaping.widen(below, arity)
    coef, base, _ = fresh_edges(below, generator)
    below.coef[first:], below.scale_base[first:] = coef[first:], base[first:]
    values = None
    if network.calibration is not None:
        values = network.training_inputs()
        for layer in network.layers[:l]:
            values = layer(values)
        values = values[:, old:]
    reshaping.widen(above, knots=_knots(above, len(arity), above.grid, values))


def _knots(layer: Layer, n: int, grid: int, values: Tensor | None) -> Tensor:
    """Knots for n more inputs whose values on the data are (N, n), where there are data."""
    if values is None or not bool(values.isfinite().all()):
        values = layer.knots.new_tensor([[-1.0], [1.0]]).expand(-1, n)
        return splines.extend_knots(splines.adaptive_grid(values, grid, 1.0), layer.k)
    return splines.extend_knots(splines.adaptive_grid(values, grid, layer.grid_eps), layer.k)


@torch.no_grad()
def deepen(network: Network, identity: EdgeFunction) -> None:
    """Add a layer at the end in which every output is the node below.

    Its live edges are the function x, so that the formula stays as it is; the splines they keep are
    straight lines.  All other edges are removed, and restoring one brings a spline that is zero.
    """
    last = network.layers[-1]
    outputs, grid = last.nodes.count, last.grid
    layer = reshaping.another(last, outputs, [1] * outputs, grid)
    values = None if network.calibration is None else network(network.calibration)
    knots = _knots(layer, outputs, grid, values)
    straight = torch.zeros_like(layer.coef)
    # the coefficients of x are the means of the k knots inside each support (Greville's abscissae)
    greville = knots.unfold(1, layer.k, 1)[:, 1:-1].mean(2)
    scale = torch.full_like(layer.scale_sp, outputs**-0.5)
    for j in range(outputs):
        straight[j, j], scale[j, j] = greville[j], 1.0
    layer.put_splines(knots, straight)
    layer.put("scale_sp", scale)
    layer.remove(~torch.eye(outputs, dtype=torch.bool, device=scale.device), layer.left)
    for j in range(outputs):
        layer.set_symbolic(j, j, identity, (1.0, 0.0, 1.0, 0.0))
    layers: Any = network.layers
    layers.append(layer)


@torch.no_grad()
def perturb(network: Network, size: float, mode: str, generator: torch.Generator) -> None:
    """Add to edges what ``size`` times a fresh edge is; the edges are told in `Growing.perturb`."""
    active = [_active(layer) for layer in network.layers]
    counts = _reaching(network, active)
    for l, (layer, live) in enumerate(zip(network.layers, active, strict=True)):
        coef, base, scale = fresh_edges(layer, generator)
        factor = torch.full_like(layer.scale_sp, size)
        if mode == "minimal":
            chosen = live
        elif mode == "all":
            chosen = torch.ones_like(live)
        elif l < network.depth - 1:
            chosen = ~live & ~counts[l + 1][layer.nodes.owner][:, None]
        else:
            chosen, factor = ~live, torch.zeros_like(factor)
        chosen = chosen & ~layer.locked
        _add(layer, chosen, factor[..., None] * coef * scale, factor * base, scale)


def _active(layer: Layer) -> Tensor:
    """Which edges do something, (n_out, n_in): those that are there and not the function 0."""
    active = layer.alive.clone()
    for (i, j), function in layer.functions.items():
        if function.name == NOTHING and layer.symbolic[j, i] and not layer.numeric[j, i]:
            active[j, i] = False
    return active


def _reaching(network: Network, active: list[Tensor]) -> list[Tensor]:
    """Which nodes of every node layer reach an output along active edges."""
    reaching = [torch.ones(network.width[-1], dtype=torch.bool, device=network.device)]
    for layer, live in zip(reversed(network.layers), reversed(active), strict=True):
        reaching.append((live & reaching[-1][layer.nodes.owner][:, None]).any(0))
    return reaching[::-1]


def _add(layer: Layer, edges: Tensor, spline: Tensor, base: Tensor, scale: float) -> None:
    """Add splines, and base functions of these weights, to edges; those that were removed come back."""
    there = layer.alive & layer.numeric
    weight = torch.where(layer.scale_sp.abs() < 0.1 * scale, scale, layer.scale_sp)
    kept = torch.where(there, layer.scale_sp, 0.0)[..., None] * layer.coef
    coef = torch.where(edges[..., None], (kept + spline) / weight[..., None], layer.coef)
    layer.put("coef", coef)
    layer.put("scale_sp", torch.where(edges, weight, layer.scale_sp))
    base = torch.where(there, layer.scale_base, 0.0) + base
    layer.put("scale_base", torch.where(edges, base, layer.scale_base))
    back = edges & ~layer.alive
    layer.bias = layer.bias + torch.where(back, layer.left, 0.0).sum(1)
    layer.symbolic = layer.symbolic & ~back
    layer.held = layer.held & ~back[..., None]
    for j, i in back.nonzero().tolist():
        layer.functions.pop((i, j), None)
    layer.numeric = layer.numeric | edges
    layer.restore(back)
