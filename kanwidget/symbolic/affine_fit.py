"""Fit c·f(a·x + b) + d to the curves of many edges and many functions at once.

Inputs are mapped to t in [-1, 1]. For each edge and function the most promising of many starts
(`starts`) are polished by Levenberg–Marquardt on (α, β) of u = α·t + β; c and d follow in closed form
at every step (variable projection with Kaufman's Jacobian), so only sums over the points are needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget.symbolic.candidates import CLOSED, candidates, on_uniform_points
from kanwidget.symbolic.canonical import TWINS, canonical, kept_inside, stands_for, values_of
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.polish import Array, polish

POINTS = 256
ROUNDING = 1e-4
"""What rounding parameters to the dtype of the data may take off R²."""
MODERATE = tuple(sign * size for size in (1 / 64, 1 / 8, 1.0, 8.0) for sign in (1, -1))
"""Slopes over half of the inputs' range, tried where the dtype cannot express the best one."""


@dataclass(frozen=True)
class AffineFits:
    """Fits of F functions to E edges.

    Attributes
    ----------
    functions : tuple of SymbolicFunction, length F
    params : Tensor, shape (E, F, 4), float64
        a, b, c, d of c·f(a·x + b) + d; nan where there is no valid fit.
    r2 : Tensor, shape (E, F), float64
        1 - SSres/SStot on the representative points; -inf where there is no valid fit.
    x, y : Tensor, shape (E, P), float64
        The representative points: at most 256 quantiles of the inputs, both ends included.
    """

    functions: tuple[SymbolicFunction, ...]
    params: Tensor
    r2: Tensor
    x: Tensor
    y: Tensor


@torch.no_grad()
def affine_fit(x: Tensor, y: Tensor, functions: Sequence[SymbolicFunction]) -> AffineFits:
    """Fit every function to every edge.

    Parameters
    ----------
    x, y : Tensor, shape (E, N) or (N,)
        Inputs and outputs of E edges, or of one, on the data.
    functions : sequence of SymbolicFunction

    Returns
    -------
    AffineFits
        Parameters in a canonical form (see `canonical`), R² on the representative points. A constant
        y is fitted by every function with c = 0 and R² 1.  A fit that numbers of x's dtype
        cannot express, as with c = 1e40 in single precision, gives way to one with a moderate slope,
        and is not valid where there is none.

    Raises
    ------
    TypeError
        If x or y is not a tensor.
    ValueError
        If the shapes differ or are not (E, N), N < 2, or a value is not finite.
    """
    x, y = _checked(x, y)
    dtype = x.dtype
    x, y = representative_points(x, y)
    middle = (x[:, :1] + x[:, -1:]) / 2
    half = (x[:, -1:] - x[:, :1]) / 2
    half = torch.where(half > 0, half, 1.0)
    t = ((x - middle) / half).clamp(-1, 1)
    centre = y.mean(1, keepdim=True)
    spread = (y - centre).norm(dim=1, keepdim=True)
    constant = spread <= 1e-14 * y.norm(dim=1, keepdim=True)
    target = torch.where(constant, 0.0, (y - centre) / torch.where(constant, 1.0, spread))

    listed = list(functions)
    a, b = np.moveaxis(_slopes(t, target, listed), 2, 0)
    with np.errstate(all="ignore"):
        a = a / half.numpy()
        b = b - a * middle.numpy()
    a, b = canonical(listed, a, b, x, target)
    a, b = kept_inside(listed, a, b, x, dtype)
    c, d, r2 = _regress(values_of(listed, a, b, x), target, centre, spread)
    valid = np.isfinite(r2) & np.isfinite(a) & np.isfinite(c)
    params = np.stack([a, b, c, d], 2)
    if dtype != torch.float64:
        valid &= _expressible(listed, params, x, spread, dtype)
        params[~valid], r2[~valid] = _moderate(
            listed, x, target, centre, spread, middle.numpy(), half.numpy(), dtype, ~valid
        )
        valid |= np.isfinite(r2)
    params[~valid], r2[~valid] = math.nan, -math.inf
    still = constant[:, 0].numpy()
    if still.any():
        params[still] = np.where(
            valid[still, :, None], params[still], np.array([1.0, 0.0, math.nan, math.nan])
        )
        params[still, :, 2], params[still, :, 3], r2[still] = 0.0, centre.numpy()[still], 1.0
    found = torch.from_numpy(params), torch.from_numpy(r2)
    return AffineFits(tuple(functions), *found, x, y)


def representative_points(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """At most 256 points of each row, sorted by x, at equally spaced ranks from lowest to highest."""
    x, order = x.sort(1)
    if x.shape[1] > POINTS:
        chosen = ranks(x.shape[1], x.device)
        x, order = x[:, chosen], order[:, chosen]
    return x.double().cpu(), y.gather(1, order).double().cpu()


def ranks(count: int, device: torch.device) -> Tensor:
    """Places of the representative points among so many that are sorted."""
    places = torch.linspace(0, count - 1, min(count, POINTS), dtype=torch.float64, device=device)
    return places.round().long()


def _checked(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    for name, values in (("x", x), ("y", y)):
        if not isinstance(values, Tensor):
            raise TypeError(f"{name} must be a tensor, not {type(values).__name__}.")
    if x.shape != y.shape or x.ndim not in (1, 2) or x.shape[-1] < 2:
        raise ValueError(
            f"x and y must have one shape (edges, samples) with at least 2 samples;"
            f" they have {tuple(x.shape)} and {tuple(y.shape)}."
        )
    for name, values in (("x", x), ("y", y)):
        if not torch.isfinite(values).all():
            raise ValueError(f"{name} holds nan or infinite values; all must be finite.")
    return torch.atleast_2d(x.detach()), torch.atleast_2d(y.detach())


def _expressible(
    functions: list[SymbolicFunction], params: Array, x: Tensor, spread: Tensor, dtype: torch.dtype
) -> npt.NDArray[np.bool_]:
    """Whether fits (E, F, 4) give nearly the same in another dtype, shape (E, F)."""

    def curves(params: Array, x: Tensor) -> Tensor:
        c, d = (torch.from_numpy(params[..., n, None]).to(x.dtype) for n in (2, 3))
        return c * values_of(functions, params[..., 0], params[..., 1], x) + d

    error = (curves(params, x.to(dtype)).double() - curves(params, x)).square().sum(2)
    near: npt.NDArray[np.bool_] = (error <= ROUNDING * spread.square()).numpy()
    return near


def _moderate(
    functions: list[SymbolicFunction], x: Tensor, target: Tensor, centre: Tensor, spread: Tensor,
    middle: Array, half: Array, dtype: torch.dtype, wanted: npt.NDArray[np.bool_],
) -> tuple[Array, Array]:  # fmt: skip
    """The best of some fits with slopes that any dtype expresses, and their R², where they are wanted.

    For functions without a domain to leave; R² is -inf where there is none.
    """
    everywhere = np.array([function.domain == "all" for function in functions])
    best, found = np.full((*wanted.shape, 4), math.nan), np.full(wanted.shape, -math.inf)
    for slope in MODERATE if (wanted & everywhere).any() else ():
        a = np.repeat(slope / half, len(functions), 1)
        b = -a * middle
        c, d, r2 = _regress(values_of(functions, a, b, x), target, centre, spread)
        params = np.stack([a, b, c, d], 2)
        better = everywhere & np.isfinite(c) & (r2 > found)
        better &= _expressible(functions, params, x, spread, dtype)
        best[better], found[better] = params[better], r2[better]
    return best[wanted], found[wanted]


def _regress(
    values: Tensor, target: Tensor, centre: Tensor, spread: Tensor
) -> tuple[Array, Array, Array]:
    """c, d and R², each (E, F), of y ≈ c·values + d; target is y centred and scaled to norm 1."""
    mean = values.mean(2, keepdim=True)
    shape = values - mean
    scale = shape.abs().amax(2, keepdim=True)
    flat = scale <= 1e-13 * values.abs().amax(2, keepdim=True)
    shape /= torch.where(flat, 1.0, scale)
    weight = (shape @ target[:, :, None]) / shape.square().sum(2, keepdim=True)
    weight = torch.where(flat, 0.0, weight)
    r2 = 1 - (target[:, None] - weight * shape).square().sum(2)
    c = torch.where(flat, 0.0, weight * spread[:, None] / scale)[..., 0]
    return c.numpy(), (centre - c * mean[..., 0]).numpy(), r2.numpy()


def _slopes(t: Tensor, target: Tensor, functions: list[SymbolicFunction]) -> Array:
    """The best α and β found, shape (E, F, 2)."""
    best = np.full((len(t), len(functions), 2), math.nan)
    uniform = on_uniform_points(t, target)
    fitted: dict[SymbolicFunction, Tensor] = {}
    for function in map(stands_for, functions):
        if function.absorbs != "both" and function.name not in CLOSED and function not in fitted:
            fitted[function] = candidates(function, uniform, t, target)
    found = polish(list(fitted), t, target, list(fitted.values())) if fitted else best
    place = {function: n for n, function in enumerate(fitted)}
    for f, function in enumerate(functions):
        if function.absorbs == "both":
            best[:, f] = 1.0, 0.0
        elif function.name in CLOSED:
            best[:, f] = CLOSED[function.name](t, target).numpy()
        else:
            _, scale, shift = TWINS.get(function.name, ("", 1.0, 0.0))
            best[:, f] = scale * found[:, place[stands_for(function)]]
            best[:, f, 1] += shift
    return best
