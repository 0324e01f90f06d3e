"""Levenberg–Marquardt on (α, β) of c·f(α·t + β) + d for many problems at once, c and d projected out.

The functions are computed with torch; the algebra of two unknowns a problem is numpy's, whose calls
cost less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FEW_POINTS = 64
BLOCK = 32_768
"""Numbers of one function's values that are worked on at once, so that they stay in the cache."""


@dataclass(frozen=True)
class _Round:
    """How far to go: steps at most, and the loss at which a fit is exact.

    A problem leaves that is expected to lose less than the share ``least`` of its loss by the next
    step, or that lost less than the share ``gain`` in each of ``idle`` steps in a row.
    """

    steps: int
    exact: float
    least: float
    gain: float
    idle: int


ROUGH = _Round(8, 1e-7, 1e-3, 0.02, 3)
NEAR = _Round(24, 1e-14, 1e-4, 1e-3, 4)
LAST = _Round(80, 1e-15, 1e-9, 1e-3, 8)
FLAT = {torch.float64: 1e-14, torch.float32: 1e-8}
"""Squares of values up to 1, less their mean, that add up to less are too near to rounding: the cosine
of next to nothing would be a parabola of noise."""
TIED = 1e-6
"""Losses below this are not told apart in single precision."""
POOR, POOR_GAIN = 0.05, 0.02
"""A fit with more than this share left may go after two steps that gain less than 2 %."""


def polish(
    functions: list[SymbolicFunction], t: Tensor, target: Tensor, candidates: list[Tensor]
) -> Array:
    """Improve starting points and return the best of each edge and function.

    All go a few steps on few points in single precision; the best of each then goes on in double
    precision, and comes to its end on all points.

    Parameters
    ----------
    functions : list of SymbolicFunction, length F
    t : Tensor, shape (E, P)
        Inputs in [-1, 1], both ends included.
    target : Tensor, shape (E, P)
        Outputs, centred and of norm 1.
    candidates : list of Tensor, shape (E, K_f, 2)
        Starting α, β of each function.

    Returns
    -------
    array, shape (E, F, 2)
    """
    edges = np.arange(len(t))
    f = np.concatenate([np.full(c.shape[0] * c.shape[1], n) for n, c in enumerate(candidates)])
    edge = np.concatenate([edges.repeat(c.shape[1]) for c in candidates])
    slopes = torch.cat([c.reshape(-1, 2) for c in candidates]).double().numpy()
    few = thinned(t, target)
    rough = _Problem(functions, few[0].float(), few[1].float())
    slopes, loss = rough.descend(f, edge, slopes, ROUGH)
    kept = _best(f * len(t) + edge, loss, TIED)
    f, edge, slopes, loss = f[kept], edge[kept], slopes[kept], loss[kept]
    if t.shape[1] > FEW_POINTS:
        slopes, loss = _Problem(functions, *few).descend(f, edge, slopes, NEAR)
    kept = _best(f * len(t) + edge, loss)
    slopes, _ = _Problem(functions, t, target).descend(f[kept], edge[kept], slopes[kept], LAST)
    return slopes.reshape(len(functions), len(t), 2).swapaxes(0, 1)


def _best(group: Places, loss: Array, tied: float = -np.inf) -> Places:
    """The problem of each group with the least loss, and all whose loss is less than ``tied``."""
    order = np.lexsort((loss, group))
    first = np.diff(group[order], prepend=-1) > 0
    return order[first | (loss[order] < tied)]


def thinned(t: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The same curves on few points, first and last included."""
    if t.shape[1] <= FEW_POINTS:
        return t, target
    chosen = torch.linspace(0, t.shape[1] - 1, FEW_POINTS).round().long()
    target = target[:, chosen]
    return t[:, chosen], torch.nn.functional.normalize(target - target.mean(1, keepdim=True), dim=1)


@dataclass
class _State:
    """Problems in progress; f and edge say what each of the P rows is about."""

    f: Places
    edge: Places
    slopes: Array
    moments: Array
    loss: Array
    damping: Array
    idle: Places
    place: Places

    def __getitem__(self, rows: npt.NDArray[np.bool_]) -> _State:
        return _State(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class _Problem:
    def __init__(self, functions: list[SymbolicFunction], t: Tensor, target: Tensor) -> None:
        self.functions, self.t, self.target = functions, t, target
        self.low = np.array([function.interval[0] for function in functions])
        self.high = np.array([function.interval[1] for function in functions])
        self.bounded = bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())
        self.free = np.array([[f.absorbs != "scale", f.absorbs != "shift"] for f in functions])

    def evaluate(self, f: Places, edge: Places, slopes: Array) -> tuple[Array, Array]:
        """Moments (P, 4, 4) of f(u), f'(u), t·f'(u) and the target, all centred, and 1 - R² (P,).

        Problems of one function stand together.
        """
        rows = max(1, BLOCK // self.t.shape[1])
        pairs = torch.from_numpy(slopes).to(self.t.dtype)
        parts = [
            self._moments(f[first : first + rows], edge[first : first + rows], pairs[first : first + rows])
            for first in range(0, len(f), rows)
        ]  # fmt: skip
        S = np.concatenate(parts)
        with np.errstate(all="ignore"):
            explained = S[:, 0, 3] ** 2 / (S[:, 0, 0] * S[:, 3, 3])
        loss = 1 - explained
        loss[~np.isfinite(loss)] = np.inf
        return S, loss

    def _moments(self, f: Places, edge: Places, slopes: Tensor) -> Array:
        rows = torch.from_numpy(edge)
        t = self.t[rows]
        u = torch.addcmul(slopes[:, 1:], slopes[:, :1], t)
        table = t.new_empty(len(f), 4, t.shape[1])
        table[:, 3] = self.target[rows]
        starts = np.flatnonzero(np.diff(f, prepend=-1)).tolist()
        for first, last in zip(starts, [*starts[1:], len(f)], strict=True):
            function, part = self.functions[f[first]], u[first:last]
            table[first:last, 0] = function(part)
            table[first:last, 1] = function.derivative(part)
        # at the end of a domain the slope may be infinite: such a point says nothing on the direction
        table[:, 1].nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
        torch.mul(table[:, 1], t, out=table[:, 2])
        size = table.abs().amax(2, keepdim=True)
        size[size == 0] = 1.0
        table /= size
        table -= table.mean(2, keepdim=True)
        moments, scale = (table @ table.transpose(1, 2)).double(), size.double()
        # a function that is constant but for rounding explains nothing
        moments[:, 0, 3].masked_fill_(moments[:, 0, 0] < FLAT[t.dtype], 0.0)
        found: Array = (moments * (scale * scale.transpose(1, 2))).numpy()
        return found

    def step(self, state: _State) -> tuple[Array, Array]:
        """The damped Gauss–Newton step in (α, β), shape (P, 2), kept inside the domain.

        Also what it is expected to take off the loss, shape (P,).
        """
        S = state.moments
        value, target = S[:, 0, 0], S[:, 0, 3]
        by_b, by_a = S[:, 0, 1] / value, S[:, 0, 2] / value
        weight = target / value
        aa = S[:, 2, 2] - by_a * S[:, 0, 2]
        bb = S[:, 1, 1] - by_b * S[:, 0, 1]
        ab = S[:, 1, 2] - by_a * S[:, 0, 1]
        towards_a = (S[:, 2, 3] - by_a * target) / weight
        towards_b = (S[:, 1, 3] - by_b * target) / weight
        aa = aa + state.damping * np.abs(aa) + 1e-14 * S[:, 2, 2] + 1e-300
        bb = bb + state.damping * np.abs(bb) + 1e-14 * S[:, 1, 1] + 1e-300
        free = self.free[state.f]
        ab = np.where(free.all(1), ab, 0.0)
        determinant = np.maximum(aa * bb - ab * ab, 1e-15 * aa * bb)
        delta = np.empty_like(state.slopes)
        delta[:, 0] = (bb * towards_a - ab * towards_b) / determinant
        delta[:, 1] = (aa * towards_b - ab * towards_a) / determinant
        both = free.all(1)
        if not both.all():
            delta[:, 0] = np.where(both, delta[:, 0], towards_a / aa)
            delta[:, 1] = np.where(both, delta[:, 1], towards_b / bb)
            delta *= free
        delta[~np.isfinite(delta)] = 0.0
        if self.bounded:
            delta = self._inside(state, delta)
        gain = weight**2 * (towards_a * delta[:, 0] + towards_b * delta[:, 1]) / S[:, 3, 3]
        return delta, np.abs(gain)

    def _inside(self, state: _State, delta: Array) -> Array:
        """Shorten steps that would leave the domain: they go nine tenths of the way to its end."""
        now, then = state.slopes, state.slopes + delta
        factor = np.ones(len(now))
        for end, sign in ((self.low[state.f], -1), (self.high[state.f], 1)):
            gap = sign * (end - now[:, 1]) - np.abs(now[:, 0])
            left = sign * (end - then[:, 1]) - np.abs(then[:, 0])
            short = left < 0.1 * gap
            factor = np.where(short, np.minimum(factor, 0.9 * gap / (gap - left)), factor)
        return delta * factor[:, None]

    def descend(self, f: Places, edge: Places, slopes: Array, how: _Round) -> tuple[Array, Array]:
        """Run the iteration; a problem leaves when it is exact or stands still.

        Returns
        -------
        slopes : array, shape (P, 2)
        loss : array, shape (P,)
        """
        found = slopes.copy()
        moments, loss = self.evaluate(f, edge, slopes)
        losses, place = loss.copy(), np.arange(len(f))
        state = _State(
            f, edge, found, moments, loss, np.full(len(f), 1e-3), np.zeros_like(place), place
        )
        going = loss > how.exact
        for _ in range(how.steps):
            state = state[going]
            with np.errstate(all="ignore"):
                delta, gain = self.step(state)
            hopeful = gain > how.least * state.loss
            state, trial = state[hopeful], (state.slopes + delta)[hopeful]
            if not len(trial):
                break
            moments, loss = self.evaluate(state.f, state.edge, trial)
            better = loss < state.loss
            little = np.where(loss > POOR, POOR_GAIN, how.gain)
            slow = loss > state.loss * (1 - little)
            state.idle = np.where(better, np.where(slow, state.idle + 1, 0), state.idle)
            state.slopes = np.where(better[:, None], trial, state.slopes)
            state.moments = np.where(better[:, None, None], moments, state.moments)
            state.loss = np.where(better, loss, state.loss)
            state.damping = np.maximum(state.damping * np.where(better, 0.125, 8.0), 1e-14)
            found[state.place], losses[state.place] = state.slopes, state.loss
            limit = np.where(state.loss > POOR, 2, how.idle)
            going = (state.loss > how.exact) & (state.idle < limit) & (state.damping < 1e5)
        return found, losses
