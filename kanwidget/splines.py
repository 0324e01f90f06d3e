"""B-splines as pure functions on tensors: knots, basis functions, derivatives and least-squares fits.

A spline of order ``k`` (degree k; 3 is cubic) on ``G`` intervals has ``G + k`` basis functions and
``G + 2k + 1`` knots: the ``G + 1`` points of the grid and ``k`` more on each side.  Every input has
knots of its own, so knots have the shape (n, G + 2k + 1) and inputs the shape (N, n).

The recursion is that of Cox and de Boor, see Piegl and Tiller, The NURBS Book (1997), algorithm A2.2:
only ``k + 1`` basis functions are not zero at a point.  It is done once for some knots, on polynomials;
at a point there is only the interval to find and these to compute, by Horner's rule.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

EXTRAPOLATIONS = ("linear", "zero")


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


def adaptive_grid(x: Tensor, grid: int, grid_eps: float) -> Tensor:
    """Grid points between the data's quantiles and equal spacing over the same range.

    Parameters
    ----------
    x : Tensor, shape (N, n)
        Samples of n inputs.
    grid : int
        Number of intervals G.
    grid_eps : float
        1 spaces the points equally, 0 puts them at the quantiles of the samples.

    Returns
    -------
    Tensor, shape (n, G + 1)
        A constant input gets a grid of width 1 around its value.
    """
    ordered = x.sort(dim=0).values
    index = [len(x) * i // grid for i in range(grid)] + [len(x) - 1]
    quantiles = ordered[index].T
    low, high = quantiles[:, :1], quantiles[:, -1:]
    flat = high - low <= 1e-12 * (1 + low.abs())
    low, high = torch.where(flat, low - 0.5, low), torch.where(flat, high + 0.5, high)
    uniform = low + (high - low) * torch.linspace(0, 1, grid + 1, dtype=x.dtype, device=x.device)
    return torch.where(flat, uniform, grid_eps * uniform + (1 - grid_eps) * quantiles)


class _Pieces:
    """The basis functions of some knots, prepared: on every interval they are k + 1 polynomials.

    These are in u, the position within the interval from 0 to 1: all factors of the recursion are then
    at most 1 in size, so that powers lose no digits.
    """

    def __init__(self, knots: Tensor, k: int) -> None:
        intervals = knots.shape[1] - 2 * k - 1
        self.knots, self.k, self.size = knots, k, intervals + k
        self.low, self.high = knots[:, k], knots[:, -k - 1]
        self.inner = knots[:, k + 1 : k + intervals].contiguous()
        # at the upper end, where knots may be repeated, the last interval that is not empty counts
        self.last = torch.searchsorted(self.inner, self.high[:, None].contiguous())
        starts = knots[:, k : k + intervals, None]
        widths = knots[:, k + 1 : k + intervals + 1, None] - starts
        offsets = torch.arange(intervals, device=knots.device)[:, None]
        near = knots[:, offsets + torch.arange(1, 2 * k + 1, device=knots.device)] - starts
        values = torch.ones_like(starts)[..., None]  # (n, intervals, functions, powers of u)
        for order in range(1, k + 1):
            right, left = near[..., k : k + order, None], near[..., k - order : k, None]
            width = right - left
            share = torch.where(width > 0, values / width, 0.0)
            constant, linear = pad(share, (0, 1)), widths[..., None] * pad(share, (1, 0))
            ahead, behind = right * constant - linear, left * constant - linear
            values = pad(ahead, (0, 0, 0, 1)) - pad(behind, (0, 0, 1, 0))
        per_width = torch.where(widths > 0, 1 / widths, 0.0)
        table = torch.cat([starts, per_width, values.transpose(2, 3).flatten(2)], -1)
        self.table = table.flatten(0, 1)
        self.rows = intervals * torch.arange(knots.shape[0], device=knots.device)[:, None]
        self.powers = torch.arange(k + 1, device=knots.device)

    def at(self, x: Tensor, slopes: bool) -> tuple[Tensor, Tensor, Tensor | None]:
        """The first function that is not zero at x (N, n), and the k + 1 values and slopes from it on."""
        first = torch.searchsorted(self.inner, x.T.contiguous(), right=True).minimum(self.last)
        here = self.table[(first + self.rows).T]
        per_width = here[..., 1:2]
        u = (x[..., None] - here[..., :1]) * per_width
        factors = here[..., 2:].unflatten(-1, (self.k + 1, self.k + 1)).unbind(-2)
        values, slope = factors[-1], None
        if slopes:
            slope = torch.zeros_like(values)
        for factor in factors[-2::-1]:
            if slope is not None:
                slope = torch.addcmul(values, slope, u)
            values = torch.addcmul(factor, values, u)
        return first.T, values, None if slope is None else slope * per_width

    def spread(self, first: Tensor, local: Tensor) -> Tensor:
        """Put the k + 1 local values of each point in their places among all basis functions."""
        dense = local.new_zeros(*local.shape[:-1], self.size)
        return dense.scatter_(-1, first[..., None] + self.powers, local)


def basis_slopes(x: Tensor, knots: Tensor, k: int) -> Tensor:
    """Slopes of all basis functions at x (N, n), continued linearly outside: shape (N, n, G + k).

    They are differences of the functions of order k - 1, which autograd can follow.
    """
    size = knots.shape[1] - k - 1
    if k == 0:
        return x.new_zeros(*x.shape, size)
    held = x.clamp(knots[:, k], knots[:, -k - 1])
    inner = knots[:, 1:-1]
    width = inner[:, k:] - inner[:, :-k]
    scale = torch.where(width > 0, k / width, torch.zeros_like(width))
    share = scale * _Basis.apply(held, _Pieces(inner, k - 1))
    return pad(share, (1, 0)) - pad(share, (0, 1))


class _Basis(torch.autograd.Function):
    """All basis functions, continued linearly outside the grid, with an analytic derivative."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, pieces: _Pieces) -> Tensor:
        held = x.clamp(pieces.low, pieces.high)
        beyond = x - held
        outside = bool(beyond.any())
        first, values, slopes = pieces.at(held, ctx.needs_input_grad[0] or outside)
        if outside and slopes is not None:
            values = torch.addcmul(values, slopes, beyond[..., None])
        ctx.pieces = pieces
        ctx.save_for_backward(x, first, slopes)
        return pieces.spread(first, values)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None
        x, first, slopes = ctx.saved_tensors
        again = torch.is_grad_enabled()  # a derivative of this derivative will be asked for
        pieces: _Pieces = ctx.pieces
        dense = basis_slopes(x, pieces.knots, pieces.k) if again else pieces.spread(first, slopes)
        return (grads[0] * dense).sum(-1), None


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
    """

    def __init__(self, knots: Tensor, k: int, extrapolation: str = "linear") -> None:
        self.knots, self._changes, self._k = knots, changes(knots), k
        self._linear = extrapolation == "linear"
        with torch.inference_mode(False), torch.no_grad():
            self._pieces = _Pieces(knots if self._linear else extend_knots(knots, k), k)

    def is_of(self, knots: Tensor) -> bool:
        """Whether it was prepared for these knots as they are now."""
        return self.knots is knots and self._changes == changes(knots)

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points x (N, n): shape (N, n, G + k), differentiable in x, twice and more."""
        if self._linear:
            return _Basis.apply(x, self._pieces)
        held = x.clamp(self.knots[:, 0], self.knots[:, -1])
        values = _Basis.apply(held, self._pieces)[..., self._k : self._pieces.size - self._k]
        return torch.where((held == x)[..., None], values, 0.0)


def basis(x: Tensor, knots: Tensor, k: int, extrapolation: str = "linear") -> Tensor:
    """Values of all B-spline basis functions at points x (N, n), shape (N, n, G + k); see `Basis`."""
    return Basis(knots, k, extrapolation)(x)


def fit_coefficients(x: Tensor, y: Tensor, knots: Tensor, k: int) -> Tensor:
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

    Returns
    -------
    Tensor, shape (m, n, G + k)
    """
    matrix = basis(x.double(), knots.double(), k).permute(1, 0, 2).cpu()
    target = y.double().permute(1, 0, 2).cpu()
    solution = torch.linalg.lstsq(matrix, target, driver="gelsd").solution
    return solution.permute(2, 0, 1).contiguous().to(y)
