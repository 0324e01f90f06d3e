"""Levenberg–Marquardt: Newton's method with the curvature that first derivatives tell."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from kanwidget.fitting.jacobian import Jacobian
from kanwidget.fitting.optimizers import CONVERGED, NOT_FINITE, Point, Points
from kanwidget.fitting.penalties import Penalty
from kanwidget.network import Network

AT_ONCE = 4_000_000
"""Numbers of the Jacobian that may be in memory."""


class LevenbergMarquardt:
    """Minimizes the mean squared error plus ``lamb`` times the penalty.

    Madsen, Nielsen and Tingleff, Methods for Non-Linear Least Squares Problems (2004), algorithm 3.16,
    with Marquardt's scaling and damping that falls faster.  The size of an edge that the penalty weighs
    is √(wᵀCw), with C the covariance of its features: its curvature is taken as that of the parabola
    through it, C / √(wᵀCw), as in iteratively reweighted least squares.  Solved in float64 whatever the
    network computes in.

    Parameters
    ----------
    network : Network
    penalty : Penalty
    damping : float
        How strongly steps are held back at the start, relative to the curvature.
    """

    iterations = 1

    def __init__(self, network: Network, penalty: Penalty, damping: float = 0.1) -> None:
        self.network, self.penalty = network, penalty
        self._start = self._damping = damping
        self._growth = 2.0

    def iterate(self, x: Tensor, y: Tensor, assign: Callable[[Tensor], None]) -> Points:
        """Yield the point after every iteration; end where no step leads down any more.

        Parameters
        ----------
        x, y : Tensor, shape (N, n_inputs) and (N, n_outputs)
        assign : callable
            Sets the network's trained parameters to a vector.
        """
        trained = [p for p in self.network.parameters() if p.requires_grad]
        jacobian = Jacobian(self.network)
        at = torch.cat([p.detach().flatten() for p in trained])
        value = self._value(x, y)
        while math.isfinite(value):
            places, gradient, curvature = self._model(jacobian, x, y)
            if not len(places):
                return CONVERGED
            if not bool(gradient.isfinite().all() & curvature.isfinite().all()):
                return NOT_FINITE
            found = self._step(x, y, assign, at, value, places, gradient, curvature)
            if found is None:
                assign(at)
                return CONVERGED
            at, value = found
            slope = torch.zeros_like(at)
            slope[places] = gradient.to(at)
            yield Point(at, value, slope)
        return NOT_FINITE

    def _step(
        self,
        x: Tensor,
        y: Tensor,
        assign: Callable[[Tensor], None],
        at: Tensor,
        value: float,
        places: Tensor,
        gradient: Tensor,
        curvature: Tensor,
    ) -> tuple[Tensor, float] | None:
        """The first of ever smaller steps that leads down, and the value there."""
        diagonal = curvature.diagonal()
        scale = diagonal + 1e-9 * diagonal.max()
        for _ in range(30):
            damped = curvature + torch.diag(self._damping * scale)
            factor, failed = torch.linalg.cholesky_ex(damped)
            if not int(failed):
                step = -torch.cholesky_solve(gradient[:, None], factor)[:, 0]
                promised = -float(gradient @ step + 0.5 * step @ curvature @ step)
                trial = at.clone()
                trial[places] += step.to(at)
                assign(trial)
                after = self._value(x, y)
                if after < value:
                    gain = (value - after) / promised if promised > 0 else 0.0
                    self._damping = max(self._damping * max(0.1, 1 - (2 * gain - 1) ** 3), 1e-12)
                    self._growth = 2.0
                    return trial, after
            self._damping *= self._growth
            self._growth *= 2
        self._damping, self._growth = self._start, 2.0
        return None

    def _value(self, x: Tensor, y: Tensor) -> float:
        with torch.no_grad():
            if not self.penalty.lamb:
                return float((self.network(x) - y).square().mean())
            outputs, statistics = self.network.forward_with_statistics(x)
            error = (outputs - y).square().mean()
            return float(error + self.penalty.lamb * self.penalty(self.network, statistics))

    def _model(self, jacobian: Jacobian, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The parameters that matter by their places (P,), gradient (P,) and curvature (P, P)."""
        samples = torch.arange(len(x), device=x.device).split(self._samples_at_once(y))
        parts = [(x, y)] if len(samples) == 1 else [(x[rows], y[rows]) for rows in samples]
        gradient = curvature = torch.zeros((), dtype=torch.float64, device=x.device)
        for inputs, labels in parts:
            outputs, places, slopes = jacobian(inputs)
            slopes, errors = slopes.double(), (outputs - labels).T.flatten().double()
            gradient = gradient + slopes @ errors
            curvature = curvature + slopes @ slopes.T
        gradient, curvature = 2 / y.numel() * gradient, 2 / y.numel() * curvature
        if self.penalty.lamb:
            by_all, blocks = self._of_penalty(jacobian, x)
            gradient = gradient + by_all[places]
            back = torch.empty(jacobian.size, dtype=torch.long, device=x.device)
            back[places] = torch.arange(len(places), device=x.device)
            for where, block in blocks:
                rows = back[where]
                curvature[rows[:, :, None], rows[:, None, :]] += block
        return places, gradient, curvature

    def _samples_at_once(self, y: Tensor) -> int:
        size = sum(p.numel() for p in self.network.parameters() if p.requires_grad)
        return max(1, AT_ONCE // (size * y.shape[1]))

    def _of_penalty(
        self, jacobian: Jacobian, x: Tensor
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Its gradient by all parameters, and of its curvature blocks (E, S, S) at places (E, S)."""
        network, lamb = self.network, self.penalty.lamb
        trained = [p for p in network.parameters() if p.requires_grad]
        with torch.enable_grad():
            _, statistics = network.forward_with_statistics(x)
            penalty = lamb * self.penalty(network, statistics)
            sizes = [each for layer in statistics for each in (layer.spline, layer.edge)]
            found = torch.autograd.grad(
                penalty, [*trained, *sizes], allow_unused=True, materialize_grads=True
            )
        gradient = torch.cat([each.flatten() for each in found[: len(trained)]]).double()
        blocks: list[tuple[Tensor, Tensor]] = []
        with torch.no_grad():
            values = network.node_values(x)
            for l, (layer, places) in enumerate(zip(network.layers, jacobian.places, strict=True)):
                spread, (by_spline, by_edge) = statistics[l], found[len(trained) + 2 * l :][:2]
                if spread.edge is spread.spline:
                    by_edge = torch.zeros_like(by_edge)
                weight = (by_spline + by_edge).clamp_min(0) / (spread.spline + 1e-8)
                j, i = (layer.alive & layer.numeric & ~layer.locked).nonzero(as_tuple=True)
                of_input = layer.covariance(values[l])[i] * weight[j, i, None, None]
                scale = layer.scale_sp[j, i, None, None]
                if "coef" in places:
                    blocks.append(
                        (places["coef"][j, i], (scale**2 * of_input[:, :-1, :-1]).double())
                    )
                if "scale_base" in places:
                    blocks.append(
                        (places["scale_base"][j, i, None], of_input[:, -1:, -1:].double())
                    )
        return gradient, blocks
