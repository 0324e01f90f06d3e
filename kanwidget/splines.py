"""B-splines as pure functions on tensors: knots, basis functions, derivatives and least-squares fits.

A spline of order ``k`` (degree k; 3 is cubic) on ``G`` intervals has ``G + k`` basis functions and
``G + 2k + 1`` knots: the ``G + 1`` points of the grid and ``k`` more on each side.  Every input has
knots of its own, so knots have the shape (n, G + 2k + 1) and inputs the shape (N, n).

The recursion is that of Cox and de Boor, see Piegl and Tiller, The NURBS Book (1997), algorithm A2.2:
only ``k + 1`` basis functions are not zero at a point, and one triangle of sums gives them all.
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


def _triangle(x: Tensor, knots: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """The first basis function that is not zero at x, and the k + 1 values and slopes from it on."""
    intervals = knots.shape[1] - 2 * k - 1
    inner = knots[:, k + 1 : k + intervals].contiguous()
    first = torch.searchsorted(inner, x.T.contiguous(), right=True)
    # at the upper end, where knots may be repeated, the last interval that is not empty counts
    first = first.minimum(torch.searchsorted(inner, knots[:, -k - 1, None].contiguous())).T
    offsets = torch.arange(1, 2 * k + 1, device=x.device)
    rows = torch.arange(knots.shape[0], device=x.device)[:, None]
    near = knots[rows, first[..., None] + offsets]
    to_knots = near - x[..., None]
    values = torch.ones_like(x)[..., None]
    slopes = nothing = torch.zeros_like(values)
    for order in range(1, k + 1):
        right = to_knots[..., k : k + order]
        left = to_knots[..., k - order : k]
        width = right - left
        share = torch.where(width > 0, values / width, 0.0)
        values = torch.cat([right * share, nothing], -1) - torch.cat([nothing, left * share], -1)
        if order == k:
            slopes = k * (torch.cat([nothing, share], -1) - torch.cat([share, nothing], -1))
    return first, values, slopes


def _spread(first: Tensor, local: Tensor, size: int) -> Tensor:
    """Put the k + 1 local values of each point in their places among all ``size`` basis functions."""
    dense = local.new_zeros(*local.shape[:-1], size)
    places = first[..., None] + torch.arange(local.shape[-1], device=local.device)
    return dense.scatter_(-1, places, local)


def _slopes(x: Tensor, knots: Tensor, k: int) -> Tensor:
    """Slopes of all basis functions as differences of those of order k - 1, open to autograd."""
    size = knots.shape[1] - k - 1
    if k == 0:
        return x.new_zeros(*x.shape, size)
    held = x.clamp(knots[:, k], knots[:, -k - 1])
    inner = knots[:, 1:-1]
    width = inner[:, k:] - inner[:, :-k]
    scale = torch.where(width > 0, k / width, torch.zeros_like(width))
    share = scale * _Basis.apply(held, inner, k - 1)
    return pad(share, (1, 0)) - pad(share, (0, 1))


class _Basis(torch.autograd.Function):
    """All basis functions, continued linearly outside the grid, with an analytic derivative."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, knots: Tensor, k: int) -> Tensor:
        size = knots.shape[1] - k - 1
        held = x.clamp(knots[:, k], knots[:, -k - 1])
        first, values, slopes = _triangle(held, knots, k)
        values = values + slopes * (x - held)[..., None]
        ctx.k, ctx.size = k, size
        ctx.save_for_backward(x, knots, first, slopes)
        return _spread(first, values, size)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None, None
        x, knots, first, slopes = ctx.saved_tensors
        again = torch.is_grad_enabled()  # a derivative of this derivative will be asked for
        dense = _slopes(x, knots, ctx.k) if again else _spread(first, slopes, ctx.size)
        return (grads[0] * dense).sum(-1), None, None


def basis(x: Tensor, knots: Tensor, k: int, extrapolation: str = "linear") -> Tensor:
    """Values of all B-spline basis functions.

    Parameters
    ----------
    x : Tensor, shape (N, n)
        Points, one column an input.
    knots : Tensor, shape (n, G + 2k + 1)
        Ascending knots, as `extend_knots` makes them.
    k : int
        Order of the splines, 0 or more.
    extrapolation : {'linear', 'zero'}
        Outside the grid a spline goes on along its tangent, or decays to zero over the ``k`` outer
        intervals (as pykan and efficient-kan do).

    Returns
    -------
    Tensor, shape (N, n, G + k)
        Differentiable in x, twice and more.
    """
    if extrapolation == "linear":
        return _Basis.apply(x, knots, k)
    wide = extend_knots(knots, k)
    held = x.clamp(knots[:, 0], knots[:, -1])
    return _Basis.apply(held, wide, k)[..., k : wide.shape[1] - 2 * k - 1]


def basis_slopes(x: Tensor, knots: Tensor, k: int) -> Tensor:
    """Slopes of all basis functions at ``x`` (N, n), continued linearly outside: shape (N, n, G + k)."""
    return _slopes(x, knots, k)


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
