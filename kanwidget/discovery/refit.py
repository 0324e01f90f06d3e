"""All constants of a network fitted together, while some of them stay as they are."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from kanwidget.fitting.jacobian import Jacobian
from kanwidget.network import Network

Constant = tuple[int, int, int, str]
"""A constant of a symbolic edge: (l, i, j, name), with the name a, b, c or d."""

NAMES = "abcd"
ROUND_OFF = 1e-28
AT_ONCE = 2_000_000
"""Numbers of the Jacobian that may be in memory."""


def refit(
    network: Network,
    x: Any,
    y: Any,
    steps: int = 30,
    fixed: Collection[Constant] = (),
    tolerance: float = 1e-12,
) -> float:
    """Fit what live edges train to data by Levenberg–Marquardt; the network is left at the best point.

    Directions in which nothing changes, such as a against c of c·(a·x)², get no step: a step is solved for
    by singular values (Moré, The Levenberg–Marquardt algorithm, 1978, with columns scaled by their size).
    A step that leaves the domain of a function is no gain.

    Parameters
    ----------
    network : Network
    x : array, shape (N, n_inputs)
    y : array, shape (N, n_outputs)
    steps : int
        At most so many iterations.
    fixed : collection of (l, i, j, name)
        Constants of symbolic edges that stay, by the edge and their name: a, b, c or d.
    tolerance : float
        It ends where an iteration gains less than this part of the error.

    Returns
    -------
    float
        The mean squared error; nan where the network has no finite value on the data.
    """
    return Refit(network, x, y, fixed).run(steps, tolerance)


class Refit:
    """The least squares problem of a network's constants; see `refit`.

    Attributes
    ----------
    value : float
        Mean squared error of the network as it is.
    """

    def __init__(self, network: Network, x: Any, y: Any, fixed: Collection[Constant] = ()) -> None:
        self.network, self.x = network, network.as_input(x)
        self.y = torch.as_tensor(y, dtype=network.dtype, device=network.device)
        self.y = self.y.reshape(len(self.x), -1)
        self.jacobian = Jacobian(network)
        self.trained = [p for p in network.parameters() if p.requires_grad]
        sizes = accumulate((p.numel() for p in self.trained), initial=0)
        self.starts = list(sizes)
        self.stays = torch.zeros(self.jacobian.size, dtype=torch.bool, device=network.device)
        for l, i, j, name in fixed:
            self.stays[self.place((l, i, j, name))] = True
        self.value = self.measure()

    def place(self, constant: Constant) -> int:
        """Where a constant of a symbolic edge is in the vector of all trained parameters."""
        l, i, j, name = constant
        return int(self.jacobian.places[l]["affine"][j, i, NAMES.index(name)])

    def vector(self) -> Tensor:
        """All trained parameters as they are."""
        return torch.cat([p.detach().flatten() for p in self.trained])

    @torch.no_grad()
    def assign(self, vector: Tensor) -> None:
        """Set all trained parameters."""
        for p, start, end in zip(self.trained, self.starts, self.starts[1:], strict=False):
            p.copy_(vector[start:end].view(p.shape))

    @torch.no_grad()
    def measure(self) -> float:
        """Mean squared error."""
        return float((self.network(self.x) - self.y).double().square().mean())

    def run(self, steps: int, tolerance: float = 1e-12) -> float:
        """Up to so many iterations from where the network is; return the mean squared error."""
        exact = ROUND_OFF * float(self.y.double().var(unbiased=False))
        damping, growth = 1e-3, 2.0
        at = self.vector()
        for _ in range(steps):
            if not math.isfinite(self.value) or self.value <= exact:
                break
            model = self.curvature()
            if model is None:
                break
            before = self.value
            for _ in range(16):
                step, promised = model.step(damping)
                if promised <= tolerance * before:
                    break
                trial = at.clone()
                trial[model.places] += step.to(at)
                self.assign(trial)
                after = self.measure()
                if after < before:
                    gain = (before - after) / promised
                    damping = max(damping * max(0.05, 1 - (2 * gain - 1) ** 3), 1e-15)
                    growth, at, self.value = 2.0, trial, after
                    break
                damping, growth = max(damping * growth, 1e-12), 2 * growth
            if before - self.value <= tolerance * before:
                break
        self.assign(at)
        return self.value

    def curvature(self) -> Curvature | None:
        """How the error changes with every constant that is free; None where none is, or not finite."""
        rows = max(1, AT_ONCE // max(1, self.jacobian.size * self.y.shape[1]))
        parts = [self._slopes(part) for part in torch.arange(len(self.x)).split(rows)]
        places = parts[0][0]
        if not len(places) or not all(bool(slopes.isfinite().all()) for _, slopes, _ in parts):
            return None
        scale = torch.stack([slopes.square().sum(1) for _, slopes, _ in parts]).sum(0).sqrt()
        scale = scale.clamp_min(1e-9 * float(scale.max())) + 1e-300
        if len(parts) == 1 and len(places) ** 2 * self.x.shape[0] < 30_000_000:
            _, slopes, errors = parts[0]
            factor = (slopes / scale[:, None]).T
            if len(factor) > len(places):
                basis, factor = torch.linalg.qr(factor)
                errors = errors @ basis
            left, sizes, vectors = torch.linalg.svd(factor, full_matrices=False)
            return Curvature(
                places, scale, vectors.T, sizes.square(), sizes * (errors @ left), self
            )
        gram = torch.zeros(len(places), len(places), dtype=torch.float64, device=self.x.device)
        gradient = gram[0].clone()
        for _, slopes, errors in parts:
            slopes = slopes / scale[:, None]
            gram += slopes @ slopes.T
            gradient += slopes @ errors
        found, columns = torch.linalg.eigh(gram)
        floor = 1e-14 * float(found[-1])
        return Curvature(places, scale, columns, found.clamp_min(floor), columns.T @ gradient, self)

    def _slopes(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Places (P,) of the free constants, slopes (P, rows · outputs) by them, and the errors."""
        whole = len(rows) == len(self.x)
        x, y = (self.x, self.y) if whole else (self.x[rows], self.y[rows])
        outputs, places, slopes = self.jacobian(x)
        free = ~self.stays[places]
        if not bool(free.all()):
            places, slopes = places[free], slopes[free]
        return places, slopes.double(), (outputs - y).T.flatten().double()


class Curvature:
    """The parabola that first derivatives tell: |errors + J·step|² / n, in singular values of J.

    Attributes
    ----------
    places : Tensor of int, shape (P,)
        The constants, by their places in the vector of all.
    scale : Tensor, shape (P,)
        What each was scaled by: the size of its column in J.
    columns : Tensor, shape (P, R)
        Right singular vectors of the scaled J.
    squares : Tensor, shape (R,)
        Its squared singular values.
    """

    def __init__(
        self,
        places: Tensor,
        scale: Tensor,
        columns: Tensor,
        squares: Tensor,
        slopes: Tensor,
        problem: Refit,
    ) -> None:
        self.places, self.scale, self.columns, self.squares = places, scale, columns, squares
        self._slopes, self._numbers = slopes, problem.y.numel()

    def step(self, damping: float) -> tuple[Tensor, float]:
        """The step (P,) under a damping, and how much less the mean squared error is to be after it."""
        damped = self.squares + damping + 1e-300
        along = -self._slopes / damped
        promised = -(2 * self._slopes * along + self.squares * along.square()).sum()
        return self.columns @ along / self.scale, float(promised) / self._numbers

    def variances(self) -> Tensor:
        """Of the constants (P,), were the variance of the errors 1; very large where nothing tells them."""
        floor = 1e-26 * float(self.squares.max()) + 1e-300
        return (self.columns.square() / self.squares.clamp_min(floor)).sum(1) / self.scale.square()
