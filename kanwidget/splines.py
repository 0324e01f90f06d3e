"""B-splines as pure functions on tensors: knots, basis functions, derivatives and least-squares fits.

A spline of order ``k`` (degree k; 3 is cubic) on ``G`` intervals has ``G + k`` basis functions and
``G + 2k + 1`` knots: the ``G + 1`` points of the grid and ``k`` more on each side.  Every input has
knots of its own, so knots have the shape (n, G + 2k + 1).

Only ``k + 1`` basis functions are not zero at a point: its interval is found, these are computed by the
recursion of Cox and de Boor (Piegl and Tiller, The NURBS Book (1997), algorithm A2.2), and put in their
places.  Samples come last in memory, so that every operation on the way runs along a row of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kanwidget.ordinary import ordinary_tensors

ALL = slice(None)
EXTRAPOLATIONS = ("linear", "zero")
SORTED = 1_000_000
"""Samples that are sorted at once."""
MOST_COMPARED = 64
"""On more uneven intervals than this, a point's is searched by halving."""


def extend_knots(grid: Tensor, k: int) -> Tensor:
    """Continue a grid by ``k`` equally spaced knots on each side.

    Parameters
    ----------
    grid : Tensor, shape (n, G + 1)
        Ascending grid points of n splines.
    k : int
        Order of the splines.

    Returns
    -------
    Tensor, shape (n, G + 2k + 1)
    """
    step = (grid[:, -1:] - grid[:, :1]) / (grid.shape[1] - 1)
    reach = torch.arange(1, k + 1, dtype=grid.dtype, device=grid.device)
    return torch.cat([grid[:, :1] - step * reach.flip(0), grid, grid[:, -1:] + step * reach], dim=1)


def uniform_knots(low: float, high: float, grid: int, k: int, n: int, **factory: Any) -> Tensor:
    """Knots of ``n`` splines with ``grid`` equal intervals on [low, high], shape (n, grid + 2k + 1)."""
    points = torch.linspace(low, high, grid + 1, **factory)
    return extend_knots(points.expand(n, -1), k)


def adaptive_grid(
    x: Tensor, grid: int, grid_eps: float, between: Callable[[], None] = lambda: None
) -> Tensor:
    """Grid points between the data's quantiles and equal spacing over the same range.

    Parameters
    ----------
    x : Tensor, shape (N, n)
        Samples of n inputs.
    grid : int
        Number of intervals G.
    grid_eps : float
        1 spaces the points equally, 0 puts them at the quantiles of the samples.
    between : callable
        Is called between some inputs and the next, where they are many; it may raise.

    Returns
    -------
    Tensor, shape (n, G + 1)
        A constant input gets a grid of width 1 around its value.
    """
    index = [len(x) * i // grid for i in range(grid)] + [len(x) - 1]
    parts = []
    for some in x.detach().split(max(1, SORTED // max(1, len(x))), dim=1):
        between()
        parts.append(_ordered(some.T)[:, index])
    quantiles = torch.cat(parts)
    low, high = quantiles[:, :1], quantiles[:, -1:]
    flat = high - low <= 1e-12 * (1 + low.abs())
    low, high = torch.where(flat, low - 0.5, low), torch.where(flat, high + 0.5, high)
    uniform = low + (high - low) * torch.linspace(0, 1, grid + 1, dtype=x.dtype, device=x.device)
    return torch.where(flat, uniform, grid_eps * uniform + (1 - grid_eps) * quantiles)


def _ordered(rows: Tensor) -> Tensor:
    """Every row in ascending order; numpy sorts in a fifth of torch's time."""
    if rows.is_cpu and rows.dtype in (torch.float32, torch.float64):
        return torch.from_numpy(np.sort(rows.numpy(), axis=1))
    return rows.sort(dim=1).values


def changes(values: Tensor) -> int:
    """How often a tensor was changed in place; one made in inference mode does not tell."""
    return -1 if values.is_inference() else values._version


class Basis:
    """All B-spline basis functions of some knots, prepared to be computed many times.

    Parameters
    ----------
    knots : Tensor, shape (n, G + 2k + 1)
        Ascending knots, as `extend_knots` makes them.
    k : int
        Order of the splines, 0 or more.
    extrapolation : {'linear', 'zero'}
        Outside the grid a spline goes on along its tangent, or decays to zero over the ``k`` outer
        intervals (as pykan and efficient-kan do).

    Attributes
    ----------
    size : int
        Number of functions, G + k.
    outer : int
        Functions that are computed on either side of these, for the decay.
    linear : bool
        Whether splines go on along their tangents.
    even : bool
        Whether all intervals of an input are as wide, and then
    per_width : Tensor, shape (n, 1)
        How many there are to a unit.
    all_knots : Tensor, shape (n, G + 2 outer + 2k + 1)
    repeated : bool
        Whether knots lie on each other.
    """

    def __init__(self, knots: Tensor, k: int, extrapolation: str = "linear") -> None:
        self.knots, self._changes, self.k = knots, changes(knots), k
        self.size = knots.shape[1] - k - 1
        self.linear = extrapolation == "linear"
        self.outer = 0 if self.linear else k
        with ordinary_tensors(), torch.no_grad():
            self._prepare(knots if self.linear else extend_knots(knots, k))

    def _prepare(self, knots: Tensor) -> None:
        k, points = self.k, knots[:, self.k : knots.shape[1] - self.k]
        self._intervals = points.shape[1] - 1
        self._low, self._high = points[:, :1].clone(), points[:, -1:].clone()
        width = (self._high - self._low) / self._intervals
        even = self._low + width * torch.arange(points.shape[1], device=knots.device)
        precision = 8 * torch.finfo(knots.dtype).eps * points.abs().amax()
        self.even = bool(((even - points).abs() <= precision).all())
        self.per_width = 1 / width
        self.all_knots, self.repeated = knots, bool((knots.diff() <= 0).any())
        self._inner = points[:, 1:-1].contiguous()
        # at the upper end, where knots may be repeated, the last interval that is not empty counts
        self._last = (self._inner < self._high).sum(1, keepdim=True)
        # the 2k knots around every interval, one row for each place
        reach = [knots[:, m : m + self._intervals].flatten() for m in range(1, 2 * k + 1)]
        self._near = torch.stack(reach) if k else knots.new_zeros(0)
        self._starts = self._intervals * torch.arange(len(knots), device=knots.device)[:, None]

    def is_of(self, knots: Tensor) -> bool:
        """Whether it was prepared for these knots as they are now."""
        return self.knots is knots and self._changes == changes(knots)

    @property
    def rate(self) -> Tensor | int:
        """What the steps of `local` are to be multiplied with to be slopes by x."""
        return self.k * self.per_width if self.even else self.k

    def local(
        self, x: Tensor, steps: bool, rows: slice = ALL
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """What is not zero at points x (n, N), or (fewer, N) of some ``rows`` of the knots.

        Returns
        -------
        first : Tensor of int, shape (n, N)
            The interval of every point, which is the first of k + 1 functions that are not zero there.
        values : list of k + 1 tensors (n, N)
        steps : list of k + 1 tensors (n, N)
            Their slopes, but for the factor `rate`; empty where not asked for.
        """
        if self.even:
            place, held = self.in_widths(x, rows)
            start = held.detach().floor().clamp_(max=self._intervals - 1).nan_to_num_(0.0)
            first, u = start.long(), held - start
            left, right = [u] * min(1, self.k), [m + 1 - u for m in range(self.k)]
            left += [u + m for m in range(1, self.k)]
        else:
            place, held = x, self.hold(x, rows)
            first = self._find(held.detach(), rows)
            row = (first + self._starts[rows]).flatten()
            near = [knots.index_select(0, row).view_as(x) for knots in self._near]
            left = [held - knot for knot in reversed(near[: self.k])]
            right = [knot - held for knot in near[self.k :]]
        beyond = place - held
        outside = reaches_out(beyond)
        steps = steps or (outside and self.linear)
        values, slopes = _recursion(held, left, right, self.even, steps)
        if outside and self.linear:
            reach = self.k * beyond
            values = [torch.addcmul(v, s, reach) for v, s in zip(values, slopes, strict=True)]
        elif outside:
            inside = beyond == 0
            values, slopes = (
                [torch.where(inside, each, 0.0) for each in part] for part in (values, slopes)
            )
        return first, values, slopes

    def in_widths(self, x: Tensor, rows: slice = ALL) -> tuple[Tensor, Tensor]:
        """Points in widths of an even interval from the lower end, and the nearest within the grid."""
        place = (x - self._low[rows]) * self.per_width[rows]
        return place, place.clamp(0, self._intervals)

    def hold(self, x: Tensor, rows: slice = ALL) -> Tensor:
        """The nearest points within the grid."""
        return x.clamp(self._low[rows], self._high[rows])

    def _find(self, x: Tensor, rows: slice) -> Tensor:
        """The last interval that does not start above x, shape (n, N)."""
        inner = self._inner[rows]
        if inner.shape[1] > MOST_COMPARED:
            first = torch.searchsorted(inner, x.contiguous(), right=True)
        else:
            passed = torch.zeros(x.shape, dtype=torch.int8, device=x.device)
            for knot in inner.split(1, dim=1):
                passed += (x >= knot).view(torch.int8)
            first = passed.long()
        return first.minimum(self._last[rows])

    def __call__(self, x: Tensor, rows: slice = ALL) -> Tensor:
        """Values at points x (n, N): planes (G + k, n, N), which autograd can follow any number of times.

        Or x is (fewer, N), of some ``rows`` of the knots.
        """
        first, values, _ = self.local(x, False, rows)
        plane = x.numel()
        place = first.flatten() * plane + torch.arange(plane, device=x.device)
        index = torch.cat([place + r * plane for r in range(len(values))])
        flat = x.new_zeros((self.size + 2 * self.outer) * plane)
        flat = flat.scatter(0, index, torch.cat([value.flatten() for value in values]))
        return flat.view(-1, *x.shape).narrow(0, self.outer, self.size)


def reaches_out(beyond: Tensor) -> bool:
    """Whether a point may be outside; where asking costs more than allowing for it, it may."""
    return torch.compiler.is_compiling() or beyond.is_cuda or bool(beyond.any())


def _recursion(
    x: Tensor, left: list[Tensor], right: list[Tensor], even: bool, steps: bool
) -> tuple[list[Tensor], list[Tensor]]:
    """Values, and slopes / k, of the k + 1 functions that are not zero at x.

    ``left`` and ``right`` are the distances to the k nearest knots on either side, the nearest first;
    on ``even`` knots in units of their distance.
    """
    # on even knots the divisions, by 1 to k, are all done here
    values: list[Any] = [1 / math.factorial(len(left)) if even else 1.0]
    shares: list[Any] = []
    for order in range(1, len(left) + 1):
        shares = values
        if not even:
            shares = [values[r] / (right[r] + left[order - 1 - r]) for r in range(order)]
        between = [
            torch.addcmul(left[order - r] * shares[r - 1], right[r], shares[r])
            for r in range(1, order)
        ]
        values = [right[0] * shares[0], *between, left[0] * shares[-1]]
    if not left:
        return [torch.ones_like(x)], [torch.zeros_like(x)] * steps
    if not steps:
        return values, []
    shares = [share if isinstance(share, Tensor) else torch.full_like(x, share) for share in shares]
    return values, [-shares[0], *(a - b for a, b in pairwise(shares)), shares[-1]]


def basis(x: Tensor, knots: Tensor, k: int, extrapolation: str = "linear") -> Tensor:
    """Values of all B-spline basis functions at points x (N, n), shape (N, n, G + k); see `Basis`."""
    return Basis(knots, k, extrapolation)(x.T).permute(2, 1, 0)


def fit_coefficients(
    x: Tensor, y: Tensor, knots: Tensor, k: int, extrapolation: str = "linear"
) -> Tensor:
    """Coefficients of the splines that come closest to given curves, by least squares.

    Where the data leave a coefficient free, it is the one of least norm.  Solved in float64.

    Parameters
    ----------
    x : Tensor, shape (N, n)
        Points of n inputs.
    y : Tensor, shape (N, n, m)
        Values there of m curves on each input.
    knots : Tensor, shape (n, G + 2k + 1)
        Knots of the splines to fit.
    k : int
        Their order.
    extrapolation : {'linear', 'zero'}
        What they are outside the grid; see `Basis`.

    Returns
    -------
    Tensor, shape (m, n, G + k)
    """
    matrix = basis(x.double(), knots.double(), k, extrapolation).permute(1, 0, 2).cpu()
    target = y.double().permute(1, 0, 2).cpu()
    solution = torch.linalg.lstsq(matrix, target, driver="gelsd").solution
    return solution.permute(2, 0, 1).contiguous().to(y)
