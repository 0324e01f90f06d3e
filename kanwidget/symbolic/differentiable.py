"""Derivatives of functions that autograd cannot follow: given ones, or by differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Elementwise = Callable[[Tensor], Tensor]

# central differences of sixth order (Fornberg, Mathematics of Computation 51 (1988), table 1)
STENCIL = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
STEP = torch.finfo(torch.float64).eps ** (1 / 7)
"""Where the error of the formula, of order h⁶, is about that of rounding, of order 1/h."""

NEAR_AN_END = 1 / 60
"""Steps are so small a share of the way to the end of the interval, where derivatives may grow."""


def trial_points(interval: tuple[float, float], count: int = 41) -> Tensor:
    """Points inside an interval, its ends and 0 left out, float64."""
    low, high = interval
    if math.isinf(low) and math.isinf(high):
        low, high = -3.0, 3.0
    elif math.isinf(low):
        low = high - 3.0
    elif math.isinf(high):
        high = low + 3.0
    shares = (torch.arange(count, dtype=torch.float64) + 0.47) / count
    return low + (high - low) * shares


def autograd_follows(function: Elementwise, interval: tuple[float, float]) -> bool:
    """Whether torch can differentiate a function."""
    with torch.enable_grad():
        point = trial_points(interval).requires_grad_()
        values = function(point)
        if not values.requires_grad:
            return False
        try:
            torch.autograd.grad(values.sum(), point)
        except RuntimeError:  # what torch says where an operation has no derivative
            return False
    return True


class Followed:
    """A function of tensors with a derivative of its own, which autograd uses.

    Parameters
    ----------
    values : callable
        Elementwise f(u).
    interval : (low, high)
        Where it is defined; differences do not step out of it.
    slope : callable, optional
        Elementwise f'(u); by differences of sixth order where not given, in float64.
    """

    def __init__(
        self, values: Elementwise, interval: tuple[float, float], slope: Elementwise | None = None
    ) -> None:
        self.values, self.interval, self.slope = values, interval, slope

    def __call__(self, u: Tensor) -> Tensor:
        """The function of a tensor of any shape."""
        found: Tensor = _Function.apply(u, self)
        return found

    def derivative(self, u: Tensor) -> Tensor:
        """The derivative at u, which autograd can follow too."""
        if self.slope is not None:
            return self.slope(u)
        return Followed(self._difference, self.interval)(u)

    def _difference(self, u: Tensor) -> Tensor:
        low, high = self.interval
        at = u.detach().double()
        step = STEP * at.abs().clamp(min=1.0)
        room = torch.minimum(at - low, high - at).clamp(min=0.0) * NEAR_AN_END
        step = torch.minimum(step, torch.where(room > 0, room, math.nan))
        total = torch.zeros_like(at)
        for place, weight in STENCIL:
            ahead, behind = self.values(at + place * step), self.values(at - place * step)
            total = total + weight * (ahead - behind)
        return (total / step).to(u.dtype)


class _Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, function: Followed) -> Tensor:
        ctx.save_for_backward(u)
        ctx.function = function
        return function.values(u.detach()).detach()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (u,) = ctx.saved_tensors
        return grads[0] * ctx.function.derivative(u), None
