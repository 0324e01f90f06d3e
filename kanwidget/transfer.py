"""What another network has learned, taken over into one of the same nodes but other grids."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kanwidget import grids, reshaping
from kanwidget.network import Network

OF_SPLINES = ("coef", "knots")


def check_same_nodes(network: Network, other: Any, name: str) -> Network:
    """The other network; ValueError or TypeError where its nodes are not as many and of the same kind."""
    if not isinstance(other, Network):
        raise TypeError(f"{name} is a {type(other).__name__}; a KAN is needed")
    kinds = [
        [[1] * each.width[0], *(list(layer.nodes.arity) for layer in each.layers)]
        for each in (network, other)
    ]
    if kinds[0] != kinds[1]:
        raise ValueError(
            f"{name} is {other!r}, this network is {network!r}; both need the same nodes"
        )
    return other


@torch.no_grad()
def take_splines(network: Network, other: Network, x: Tensor) -> None:
    """Give every edge the other network's spline, on its own number of intervals.

    Where these are no fewer and the order is the same, all grid points of the other stay and the
    splines are the same; else grid points are interpolated at equal percentiles and the splines fitted
    on the values that the other's nodes take on inputs x, and all over the grid.
    """
    values = other.node_values(x)
    for layer, parent, seen in zip(network.layers, other.layers, values, strict=False):
        old = parent.knots, parent.coef, parent.k
        if layer.k == parent.k and layer.grid >= parent.grid:
            knots, coef = grids.refined(*old, layer.extrapolation, layer.grid)
        else:
            points = grids.percentiles(grids.grid_points(parent.knots, parent.k), layer.grid)
            finite = seen[seen.isfinite().all(1)]
            knots, coef = grids.moved(*old, parent.extrapolation, points, finite, layer.k)
        layer.put_splines(knots.to(layer.knots), coef.to(layer.coef))


@torch.no_grad()
def take_edges(network: Network, other: Network) -> None:
    """Give every edge and node all else that the other's have; functions are shared, tensors copied."""
    for layer, parent in zip(network.layers, other.layers, strict=True):
        for name in reshaping.TENSORS:
            if name not in OF_SPLINES:
                layer.put(name, getattr(parent, name).to(getattr(layer, name)))
        layer.base_fun = parent.base_fun
        layer.functions = dict(parent.functions)
        for name, values in parent.nodes.named_parameters():
            layer.nodes.put(name, values.to(layer.coef))
        layer.nodes.changed()
        layer.structure_changed()
