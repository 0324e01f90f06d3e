"""Optimizers that work on one flat vector of parameters and can be left after any iteration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

Objective = Callable[[Tensor], tuple[float, Tensor]]


@dataclass
class Point:
    """A vector of parameters, the objective there and its gradient."""

    x: Tensor
    value: float
    gradient: Tensor


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

    iterations = 20  # in one step of a fit, as in torch's L-BFGS

    def __init__(self, lr: float = 1.0, memory: int = 10) -> None:
        self.lr, self.memory = lr, memory
        self._pairs: list[tuple[Tensor, Tensor, float]] = []
        self._trials = 25

    def iterate(self, objective: Objective, start: Tensor) -> Iterator[Point]:
        """Yield the point after every iteration; end where no direction leads down any more."""
        at = Point(start, *objective(start))
        while True:
            after = self._step(objective, at)
            if after is None:
                return
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
            if not (value < float("inf")) or not bool(gradient.isfinite().all()):
                value = float("inf")
            return Point(x, value, gradient), float(gradient @ direction)

        def sufficient(point: Point, t: float) -> bool:
            return point.value <= at.value + 1e-4 * t * slope

        low, low_point, low_slope = 0.0, at, slope
        high: float | None = None
        high_value = high_slope = float("nan")
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
    if value_b < float("inf"):
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


MEAN_DECAY, SQUARE_DECAY = 0.9, 0.999
"""Of Adam's moments; the paper's beta 1 and beta 2."""


class Adam:
    """Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), one iteration a step.

    Torch's own loads a compiler and makes a folder for it when it is first used.

    Parameters
    ----------
    lr : float
        Learning rate.
    """

    iterations = 1

    def __init__(self, lr: float = 1e-2) -> None:
        self.lr = lr
        self._moments: tuple[Tensor, Tensor] | None = None
        self._taken = 0

    def iterate(self, objective: Objective, start: Tensor) -> Iterator[Point]:
        """Yield the point after every iteration, without end; stop at a value that is not finite.

        Called again (for another batch, say), it goes on with the moments it has gathered.
        """
        x = start.clone()
        if self._moments is None or len(self._moments[0]) != len(x):
            self._moments, self._taken = (torch.zeros_like(x), torch.zeros_like(x)), 0
        mean, square = self._moments
        while True:
            value, gradient = objective(x)
            if not value < float("inf") or not bool(gradient.isfinite().all()):
                return
            self._taken += 1
            mean.lerp_(gradient, 1 - MEAN_DECAY)
            square.lerp_(gradient * gradient, 1 - SQUARE_DECAY)
            size = (square / (1 - SQUARE_DECAY**self._taken)).sqrt_().add_(1e-8)
            x = x.addcdiv(mean, size, value=-self.lr / (1 - MEAN_DECAY**self._taken))
            yield Point(x, value, gradient)


OPTIMIZERS: dict[str, type[LBFGS] | type[Adam]] = {"LBFGS": LBFGS, "Adam": Adam}
