"""The numeric part of an edge as polynomials between breaks, which any language can evaluate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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


def curves_of(layer: Layer, l: int, i: int, outputs: Sequence[int]) -> list[Curve]:
    """The numeric parts of edges (l, i, j) to some outputs j of this layer, exactly.

    Raises
    ------
    ValueError
        If a base function is one's own, which no other language knows, or a number is not finite.
    """
    js, base = list(outputs), _base(layer.base_fun)
    weights = layer.scale_base[js, i].detach().tolist()
    if base is None and any(weights):
        name = getattr(layer.base_fun, "__name__", type(layer.base_fun).__name__)
        raise ValueError(
            f"edge ({l}, {i}, {js[0]}) has the base function {name!r}, which cannot be exported; "
            f"{', '.join(features.BASE_FUNCTIONS)} can"
        )
    base = base or "zero"
    k, linear = layer.k, layer.extrapolation == "linear"
    knots = layer.knots[i].detach().double().cpu()
    coefficients = (layer.scale_sp[js, i, None] * layer.coef[js, i]).detach().double().cpu()
    finite = coefficients.isfinite().all(1).tolist()
    for j, weight, known in zip(js, weights, finite, strict=True):
        if not (known and math.isfinite(weight)):
            raise ValueError(f"edge ({l}, {i}, {j}) holds numbers that are not finite")
    breaks, origins, rows = _pieces(knots, coefficients.T, k, linear)
    return [
        Curve(
            breaks, origins, tuple(map(tuple, of_edge)), base, 0.0 if base == "zero" else weight,
            tuple(knots.tolist()), tuple(of_splines), k, linear,
        )
        for of_edge, weight, of_splines in zip(
            rows.permute(2, 0, 1).tolist(), weights, coefficients.tolist(), strict=True
        )
    ]  # fmt: skip


def _base(function: Any) -> str | None:
    if function in (nn.functional.silu, torch.nn.SiLU) or isinstance(function, nn.SiLU):
        return "silu"
    if isinstance(function, nn.Identity):
        return "identity"
    return features.name_of_base(function)


def _pieces(knots: Tensor, coefficients: Tensor, k: int, linear: bool) -> tuple[Row, Row, Tensor]:
    """Breaks, origins and polynomials of splines: one for every interval and one on either side.

    Coefficients (n, E) are those of E splines, the polynomials have the shape (M, max(k, 1) + 1, E).
    """
    if not linear:  # what is between the outer knots, a grid of its own
        knots = splines.extend_knots(knots[None], k)[0]
        coefficients = nn.functional.pad(coefficients, (0, 0, k, k))
    grid = knots[k : len(knots) - k].tolist()
    starts, ends = zip(*((a, b) for a, b in pairwise(grid) if a < b), strict=True)
    middles = [(a + b) / 2 for a, b in zip(starts, ends, strict=True)]
    inside = _expanded(knots, coefficients, k, torch.tensor(middles, dtype=torch.float64))
    left = right = torch.zeros_like(inside[0])
    if linear:
        left = _tangent(inside[0], starts[0] - middles[0])
        right = _tangent(inside[-1], ends[-1] - middles[-1])
    # a spline of order 0 has its last value at the end of its grid too
    end = math.nextafter(ends[-1], math.inf)
    rows = torch.cat([left[None], inside, right[None]])
    return (*starts, end), (starts[0], *middles, ends[-1]), rows


def _tangent(row: Tensor, t: float) -> Tensor:
    """Polynomials (k + 1, E) of the tangents at t of others."""
    powers = torch.arange(len(row), dtype=torch.float64)[:, None]
    tangent = torch.zeros_like(row)
    tangent[0] = (row * t**powers).sum(0)
    tangent[1] = (powers * row * t ** (powers - 1).clamp(0)).sum(0)
    return tangent


def _expanded(knots: Tensor, coefficients: Tensor, k: int, points: Tensor) -> Tensor:
    """Taylor coefficients of splines at points between their knots; at least two each.

    The derivative of a spline is one of order k - 1 whose coefficients are differences
    (Piegl and Tiller, The NURBS Book (1997), equation 3.8).
    """
    columns = []
    for n in range(k + 1):
        basis = splines.basis(points[:, None], knots[None], k - n)[:, 0]
        columns.append(basis @ coefficients / math.factorial(n))
        if n < k:
            width = (knots[k - n + 1 : -1] - knots[1 : n - k - 1])[:, None]
            steps = (k - n) * coefficients.diff(dim=0) / width
            knots, coefficients = knots[1:-1], torch.where(width > 0, steps, 0.0)
    if k == 0:
        columns.append(torch.zeros_like(columns[0]))
    return torch.stack(columns, 1)
