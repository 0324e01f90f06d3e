"""What is kept of edges, so that they can come back: it follows the nodes that are scaled and shifted."""

from __future__ import annotations

import torch

from kanwidget import splines
from kanwidget.layer import Layer


def without_means(layer: Layer, j: int, left: torch.Tensor) -> None:
    """Take from removed edges into a subnode what they left there: the sum of a spline's basis is 1."""
    layer.affine[j, :, 3] -= left
    layer.coef[j] -= (left / torch.where(layer.scale_sp[j] == 0, 1.0, layer.scale_sp[j]))[:, None]


def move_knots(layer: Layer, i: int, s: float, t: float) -> None:
    """Let the splines that are kept for the edges out of a node see s·x + t in place of x."""
    k, base = layer.k, layer.base_fun
    knots = layer.knots[i]
    points = torch.linspace(float(knots[k]), float(knots[-k - 1]), 8 * layer.grid + 1).to(knots)
    basis = splines.basis(points[:, None], knots[None], k, layer.extrapolation)[:, 0]
    base_scale, spline_scale = layer.scale_base[:, i], layer.scale_sp[:, i]
    moved = s * points + t
    of_base = (base(points) - base(moved))[:, None] * base_scale
    of_base = of_base / torch.where(spline_scale == 0, 1.0, spline_scale)
    targets = basis @ layer.coef[:, i].T + of_base
    knots = s * knots + t
    knots = knots.flip(0) if s < 0 else knots
    if not bool(torch.diff(knots).min() > 1e-9 * (knots.abs().max() + 1)):
        return
    coef = splines.fit_coefficients(moved[:, None], targets[:, None], knots[None], k)
    everything, all_knots = layer.coef.clone(), layer.knots.clone()
    everything[:, i], all_knots[i] = coef[:, 0], knots
    layer.put_splines(all_knots, everything)
