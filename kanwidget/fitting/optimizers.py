"""Optimizers that work on one flat vector of parameters and can be left after any iteration."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.adamw import adamw

Objective = Callable[[Tensor], tuple[float, Tensor]]

FUSED = ("cpu", "cuda")
"""Devices on which torch has a kernel for a whole step of Adam."""
CONVERGED = "no direction leads further down"
NOT_FINITE = "the objective or its gradient is NaN or infinite"
"""Why an optimizer ended: what its iterator returns."""


@dataclass
class Point:
    """A vector of parameters, the objective there and its gradient."""

    x: Tensor
    value: float
    gradient: Tensor


Points = Generator[Point, None, str]


def is_finite(value: float, gradient: Tensor) -> bool:
    """Whether the objective and all of its gradient are numbers."""
    # one sum instead of a look at every number: NaN and infinities stay what they are in it
    return math.isfinite(value) and math.isfinite(float(gradient.sum()))


class LBFGS:
    """Limited-memory BFGS with a line search for the strong Wolfe conditions.

    Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4, 7.5, 3.5 and 3.6.  A trial where
    the objective is NaN or infinite counts as too far, so a search walks back from the edge of a
    function's domain.

    Parameters
    ----------
    lr : float
        First step length to try.
    memory : int
        Pairs of steps and gradient changes that are kept.
    """

    iterations: ClassVar[int] = 20  # in one step of a fit, as in torch's L-BFGS
    stochastic: ClassVar[bool] = False

    def __init__(self, lr: float = 1.0, memory: int = 10) -> None:
        self.lr, self.memory = lr, memory
        self._pairs: list[tuple[Tensor, Tensor, float]] = []
        self._trials = 25

    def iterate(self, objective: Objective, start: Tensor) -> Points:
        """Yield the point after every iteration; end where no direction leads down any more."""
        at = Point(start, *objective(start))
        if not is_finite(at.value, at.gradient):
            return NOT_FINITE
        while True:
            after = self._step(objective, at)
            if after is None:
                return CONVERGED
            at = after
            yield at

    def _step(self, objective: Objective, at: Point) -> Point | None:
        for attempt in range(2):
            direction = -self._precondition(at.gradient)
            slope = float(direction @ at.gradient)
            if slope < 0:
                length = self.lr
                if not self._pairs:
                    length = self.lr * min(1.0, 1.0 / float(at.gradient.abs().sum()))
                after = self._search(objective, at, direction, slope, length)
                if after is not None:
                    self._remember(after.x - at.x, after.gradient - at.gradient)
                    return after
            if attempt or not self._pairs:
                return None
            self._pairs.clear()
        return None

    def _remember(self, step: Tensor, change: Tensor) -> None:
        curvature = float(step @ change)
        if curvature > 1e-10 * float(step.norm() * change.norm()):
            self._pairs.append((step, change, curvature))
            del self._pairs[: -self.memory]

    def _precondition(self, gradient: Tensor) -> Tensor:
        """The inverse Hessian, as the last steps tell it, times the gradient."""
        q, weights = gradient.clone(), []
        for step, change, curvature in reversed(self._pairs):
            weight = float(step @ q) / curvature
            q.sub_(change, alpha=weight)
            weights.append(weight)
        if self._pairs:
            _, change, curvature = self._pairs[-1]
            q *= curvature / float(change @ change)
        for (step, change, curvature), weight in zip(self._pairs, reversed(weights), strict=True):
            q.add_(step, alpha=weight - float(change @ q) / curvature)
        return q

    def _search(
        self, objective: Objective, at: Point, direction: Tensor, slope: float, length: float
    ) -> Point | None:
        """A point along the direction that is low enough and flat enough, or the lowest one found."""

        def trial(t: float) -> tuple[Point, float]:
            x = at.x + t * direction
            value, gradient = objective(x)
            if not is_finite(value, gradient):
                value = math.inf
            return Point(x, value, gradient), float(gradient @ direction)

        def sufficient(point: Point, t: float) -> bool:
            return point.value <= at.value + 1e-4 * t * slope

        low, low_point, low_slope = 0.0, at, slope
        high: float | None = None
        high_value = high_slope = math.nan
        for _ in range(self._trials):
            point, here = trial(length)
            if not sufficient(point, length) or (low > 0 and point.value >= low_point.value):
                high, high_value, high_slope = length, point.value, here
            elif abs(here) <= 0.9 * abs(slope):
                return point
            else:
                if here * ((high if high is not None else length + 1) - low) >= 0:
                    high, high_value, high_slope = low, low_point.value, low_slope
                low, low_point, low_slope = length, point, here
            if high is None:
                length *= 4
                continue
            if abs(high - low) * float(direction.abs().max()) < 1e-14:
                break
            length = _minimum_between(low, low_point.value, low_slope, high, high_value, high_slope)
        return low_point if low_point is not at and low_point.value < at.value else None


def _minimum_between(
    a: float, value_a: float, slope_a: float, b: float, value_b: float, slope_b: float
) -> float:
    """Where the cubic through two values and slopes is lowest, kept away from both ends."""
    length = b - a
    guess = a + 0.5 * length
    if value_b < math.inf:
        d1 = slope_a + slope_b - 3 * (value_a - value_b) / (a - b)
        square = d1 * d1 - slope_a * slope_b
        if square >= 0:
            d2 = square**0.5 if b > a else -(square**0.5)
            bottom = slope_b - slope_a + 2 * d2
            if bottom:
                guess = b - length * (slope_b + d2 - d1) / bottom
    else:
        guess = a + 0.1 * length
    lowest, highest = sorted((a + 0.1 * length, b - 0.1 * length))
    return min(max(guess, lowest), highest)


class Adam:
    """Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), one iteration a step.

    Torch's own class loads a compiler and makes a folder for it when it is first used; the function
    that does its work does not.

    Parameters
    ----------
    lr : float
        Learning rate.
    weight_decay : float
        Weight of half the sum of squares that is added to the objective, as in torch's.
    betas : (float, float)
        How much of the old mean and of the old square a step keeps.
    eps : float
        Added to the size of a gradient before something is divided by it.
    """

    iterations: ClassVar[int] = 1
    stochastic: ClassVar[bool] = True  # may be given another batch at every iteration
    _torchs: ClassVar[Callable[..., None]] = staticmethod(adam)

    def __init__(
        self,
        lr: float = 1e-2,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.lr, self.weight_decay, self.betas, self.eps = lr, weight_decay, betas, eps
        self._moments: tuple[Tensor, Tensor] | None = None
        self._taken = torch.zeros(())

    def iterate(self, objective: Objective, start: Tensor) -> Points:
        """Yield the point after every iteration, without end; stop at a value that is not finite.

        Called again (when the knots have moved, say), it goes on with the moments it has gathered.
        A point's vector is written over two iterations later: of vectors there are only two.
        """
        if self._moments is None or len(self._moments[0]) != len(start):
            self._moments = torch.zeros_like(start), torch.zeros_like(start)
            self._taken = torch.zeros((), dtype=torch.float32, device=start.device)
        x, other = start, torch.empty_like(start)
        while True:
            value, gradient = objective(x)
            if not is_finite(value, gradient):
                return NOT_FINITE
            self._step(other.copy_(x), gradient, *self._moments)
            x, other = other, torch.empty_like(x) if x is start else x
            yield Point(x, value, gradient)

    def _step(self, x: Tensor, gradient: Tensor, mean: Tensor, square: Tensor) -> None:
        """Change a vector in place; torch's kernel does in one pass what else takes seven."""
        self._torchs(
            [x], [gradient], [mean], [square], [], [self._taken],
            fused=x.device.type in FUSED,
            amsgrad=False, beta1=self.betas[0], beta2=self.betas[1], lr=self.lr,
            weight_decay=self.weight_decay, eps=self.eps, maximize=False,
        )  # fmt: skip


class AdamW(Adam):
    """Adam whose weights decay beside the gradient (Loshchilov and Hutter, arXiv 1711.05101).

    Parameters
    ----------
    lr, betas, eps :
        As in `Adam`.
    weight_decay : float
        Share of a weight, times ``lr``, that is lost in an iteration.
    """

    _torchs = staticmethod(adamw)

    def __init__(
        self,
        lr: float = 1e-3,
        weight_decay: float = 1e-2,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(lr, weight_decay, betas, eps)
