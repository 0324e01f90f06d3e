"""Laws of the functions: which curves are one and the same, and which of their forms is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import LIBRARY

Array = npt.NDArray[np.float64]

TWINS = {
    "cos": ("sin", 1.0, -math.pi / 2),
    "arccos": ("arcsin", 1.0, 0.0),
    "sigmoid": ("tanh", 2.0, 0.0),
}
"""Functions that have the curves of another, with c and d to suit: f(m·u + s) is affine in the other's
f(u), for the name of the other, m and s."""


def stands_for(function: SymbolicFunction) -> SymbolicFunction:
    """The function that is fitted for this one: itself, or the twin whose curves are the same."""
    if function.name not in TWINS or LIBRARY.get(function.name) is not function:
        return function
    return LIBRARY[TWINS[function.name][0]]


def values_of(functions: Sequence[SymbolicFunction], a: Array, b: Array, x: Tensor) -> Tensor:
    """f(a·x + b) of every edge and function, shape (E, F, P); a and b are (E, F), x is (E, P)."""
    slope, shift = (torch.from_numpy(each)[..., None].to(x.dtype) for each in (a, b))
    values = torch.addcmul(shift, slope, x[:, None])
    for f, function in enumerate(functions):
        values[:, f] = function(values[:, f])
    return values


def canonical(
    functions: list[SymbolicFunction], a: Array, b: Array, x: Tensor, target: Tensor
) -> tuple[Array, Array]:
    """One form of a and b where several give the same curve; c and d are fitted afterwards.

    Powers and log: |a| = 1. exp: b = 0, unless that would overflow on x. Even, odd and
    point-symmetric functions: a > 0. Periodic functions: b within half a period of 0. sin and cos:
    c > 0 and |b| ≤ 3π/4; where b would be nearer to ±π the sign goes to c, so that -sin(x) stays so.
    """

    def which(holds: Callable[[SymbolicFunction], bool]) -> npt.NDArray[np.bool_]:
        return np.array([holds(function) for function in functions])

    size = np.abs(a)
    scaled = which(lambda f: f.absorbs == "scale")
    with np.errstate(all="ignore"):
        a, b = np.where(scaled, a / size, a), np.where(scaled, b / size, b)
    free = which(lambda f: f.absorbs == "both")
    a, b = np.where(free, 1.0, a), np.where(free, 0.0, b)
    reach = np.abs(a) * x.abs().amax(1, keepdim=True).numpy()
    b = np.where(which(lambda f: f.absorbs == "shift") & (reach < 300), 0.0, b)
    turned = which(lambda f: f.mirror is not None) & (a < 0)
    a, b = np.where(turned, -a, a), np.where(turned, -b, b)
    periods = np.array([f.period or math.inf for f in functions])
    periodic = np.isfinite(periods)
    b = np.where(periodic, b - np.where(periodic, periods, 1.0) * np.round(b / periods), b)
    for f, function in enumerate(functions):
        if function.name in ("sin", "cos"):
            values = values_of([function], a[:, [f]], b[:, [f]], x)[:, 0]
            falling = (values * target).sum(1).numpy() < 0
            shift = b[:, f]
            other = shift - math.pi * np.where(shift > 0, 1.0, -1.0)
            b[:, f] = np.where(_turned(shift, falling), other, shift)
    return a, b


def phase(
    function: SymbolicFunction, b: float, c: float, near: float
) -> tuple[SymbolicFunction, float, float]:
    """One form of c·sin(u + b) or c·cos(u + b), b within half a period of 0.

    As `canonical` chooses it, and where b is nearer to ±π/2 than so much, by the other of the two:
    sin(u + π/2) is cos(u).
    """
    if _turned(b, c < 0):
        b, c = b - math.copysign(math.pi, b), -c
    if abs(abs(b) - math.pi / 2) <= near:
        side = math.copysign(1.0, b)
        sine = function.name == "sin"
        return LIBRARY["cos" if sine else "sin"], b - side * math.pi / 2, side * (c if sine else -c)
    return function, b, c


def _turned(b: Any, negative: Any) -> Any:
    """Whether π and the sign of c change places, so that c > 0 unless that would bring b near ±π."""
    return np.where(negative, np.abs(b) >= 0.25 * math.pi, np.abs(b) > 0.75 * math.pi)


def kept_inside(
    functions: list[SymbolicFunction], a: Array, b: Array, x: Tensor, dtype: torch.dtype
) -> tuple[Array, Array]:
    """Move a and b by so little that rounding leaves no data outside a domain whose ends belong to it.

    √(x - x₀) with x₀ the first of the data may otherwise have the root of -1e-17 to draw.
    """
    low, high = (np.array([f.interval[end] if f.closed else s for f in functions])
                 for end, s in ((0, -math.inf), (1, math.inf)))  # fmt: skip
    if not (np.isfinite(low) | np.isfinite(high)).any():
        return a, b
    ends = torch.stack([x[:, 0], x[:, -1]], 1)[:, None].to(dtype)
    slope, shift = (torch.from_numpy(each)[..., None].to(dtype) for each in (a, b))
    reached = (slope * ends + shift).double().numpy()
    first, last = reached.min(2), reached.max(2)
    slack = 4 * torch.finfo(dtype).eps * (np.abs(reached).max(2) + np.abs(b))
    with np.errstate(all="ignore"):
        too_low, too_high = first < low, last > high
        begin = np.where(too_low, low + slack, first)
        end = np.where(too_high, high - slack, last)
        narrower = np.where(
            np.isfinite(low) & np.isfinite(high), (end - begin) / (last - first), 1.0
        )
        moved = a * narrower
        corner = np.where(a < 0, x[:, -1:].numpy(), x[:, :1].numpy())
        outside = too_low | too_high
        return np.where(outside, moved, a), np.where(outside, begin - moved * corner, b)
