"""The numeric part of an edge as polynomials between breaks, which any language can evaluate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from kanwidget import features, splines
from kanwidget.layer import Layer

Row = tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """φ(u) = weight · b(u) + p_m(u - origins[m]), with m the number of breaks that are ≤ u.

    Attributes
    ----------
    breaks : tuple of float, length M - 1
        Ascending; where one polynomial ends and the next begins.
    origins : tuple of float, length M
    rows : tuple of tuples of float, shape (M, max(k, 1) + 1)
        Coefficients of every polynomial, that of the lowest power first.  The first and last
        polynomial are what the spline does outside its grid.
    base : {'silu', 'identity', 'zero'}
        Which function b is.
    weight : float
        What b is multiplied with; 0 where b is zero.
    knots, coefficients : tuple of float, length n + k + 1 and n
        The same spline by its B-spline coefficients, scale_sp among them.
    k : int
        Order of the spline.
    linear : bool
        Whether the spline goes on along its tangents outside its grid, or decays to zero.
    """

    breaks: Row
    origins: Row
    rows: tuple[Row, ...]
    base: str
    weight: float
    knots: Row
    coefficients: Row
    k: int
    linear: bool

    def plus_base(self, names: Mapping[str, str]) -> str:
        """What is added to the polynomial, as code; `names` has code for b(u)."""
        if self.weight == 0.0:
            return ""
        return f" {'-' if self.weight < 0 else '+'} {abs(self.weight)!r}*{names[self.base]}"

    def __call__(self, u: Tensor) -> Tensor:
        """φ(u), elementwise, in float64."""
        u = u.contiguous()
        place = torch.bucketize(u, torch.tensor(self.breaks, dtype=torch.float64), right=True)
        t = u - torch.tensor(self.origins, dtype=torch.float64)[place]
        value = torch.zeros_like(t)
        for column in reversed(list(zip(*self.rows, strict=True))):
            value = value * t + torch.tensor(column, dtype=torch.float64)[place]
        if self.weight == 0.0:
            return value
        return value + self.weight * features.BASE_FUNCTIONS[self.base](u)


def curve_of(layer: Layer, l: int, i: int, j: int) -> Curve:
    """The numeric part of edge (l, i, j), an edge of this layer, exactly.

    Raises
    ------
    ValueError
        If its base function is one's own: no other language knows it.
    """
    weight = float(layer.scale_base[j, i].detach())
    base = _base(layer.base_fun)
    if base is None and weight != 0.0:
        name = getattr(layer.base_fun, "__name__", type(layer.base_fun).__name__)
        raise ValueError(
            f"edge ({l}, {i}, {j}) has the base function {name!r}, which cannot be exported; "
            f"{', '.join(features.BASE_FUNCTIONS)} can"
        )
    base = base or "zero"
    k, linear = layer.k, layer.extrapolation == "linear"
    knots = layer.knots[i].detach().double().cpu()
    coefficients = (layer.scale_sp[j, i] * layer.coef[j, i]).detach().double().cpu()
    if not math.isfinite(weight) or not bool(torch.isfinite(coefficients).all()):
        raise ValueError(f"edge ({l}, {i}, {j}) holds numbers that are not finite")
    breaks, origins, rows = _pieces(knots, coefficients, k, linear)
    return Curve(
        breaks, origins, rows, base, 0.0 if base == "zero" else weight,
        tuple(knots.tolist()), tuple(coefficients.tolist()), k, linear,
    )  # fmt: skip


def _base(function: Any) -> str | None:
    if function in (nn.functional.silu, torch.nn.SiLU) or isinstance(function, nn.SiLU):
        return "silu"
    if isinstance(function, nn.Identity):
        return "identity"
    return next((name for name, f in features.BASE_FUNCTIONS.items() if f is function), None)


def _pieces(
    knots: Tensor, coefficients: Tensor, k: int, linear: bool
) -> tuple[Row, Row, tuple[Row, ...]]:
    """Breaks, origins and polynomials of a spline: one for every interval and one on either side."""
    if not linear:  # what is between the outer knots, a grid of its own
        knots = splines.extend_knots(knots[None], k)[0]
        coefficients = nn.functional.pad(coefficients, (k, k))
    grid = knots[k : len(knots) - k].tolist()
    starts, ends = zip(*((a, b) for a, b in pairwise(grid) if a < b), strict=True)
    middles = [(a + b) / 2 for a, b in zip(starts, ends, strict=True)]
    inside = _expanded(knots, coefficients, k, torch.tensor(middles, dtype=torch.float64))
    left = right = [0.0] * len(inside[0])
    if linear:
        left = _tangent(inside[0], starts[0] - middles[0])
        right = _tangent(inside[-1], ends[-1] - middles[-1])
    # a spline of order 0 has its last value at the end of its grid too
    end = math.nextafter(ends[-1], math.inf)
    rows = tuple(tuple(row) for row in [left, *inside, right])
    return (*starts, end), (starts[0], *middles, ends[-1]), rows


def _tangent(row: list[float], t: float) -> list[float]:
    value = sum(c * t**n for n, c in enumerate(row))
    slope = sum(n * c * t ** (n - 1) for n, c in enumerate(row) if n)
    return [value, slope, *[0.0] * (len(row) - 2)]


def _expanded(knots: Tensor, coefficients: Tensor, k: int, points: Tensor) -> list[list[float]]:
    """Taylor coefficients of a spline at points between its knots; at least two each.

    The derivative of a spline is one of order k - 1 whose coefficients are differences
    (Piegl and Tiller, The NURBS Book (1997), equation 3.8).
    """
    columns = []
    for n in range(k + 1):
        basis = splines.basis(points[:, None], knots[None], k - n)[:, 0]
        columns.append(basis @ coefficients / math.factorial(n))
        if n < k:
            width = knots[k - n + 1 : -1] - knots[1 : n - k - 1]
            steps = (k - n) * coefficients.diff() / width
            knots, coefficients = knots[1:-1], torch.where(width > 0, steps, 0.0)
    if k == 0:
        columns.append(torch.zeros_like(points))
    return torch.stack(columns, 1).tolist()
