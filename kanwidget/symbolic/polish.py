"""Levenberg–Marquardt on (α, β) of c·f(α·t + β) + d for many problems at once, c and d projected out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction

COARSE_POINTS = 64
COARSE_STEPS, FINE_STEPS = 8, 30
DONE = 1e-15


@dataclass
class _State:
    """Problems in progress; f and edge say what each of the P rows is about."""

    f: Tensor
    edge: Tensor
    slopes: Tensor
    moments: Tensor
    loss: Tensor
    damping: Tensor

    def __getitem__(self, rows: Tensor) -> _State:
        return _State(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def polish(
    functions: list[SymbolicFunction], t: Tensor, target: Tensor, candidates: list[Tensor]
) -> Tensor:
    """Improve starting points and return the best of each edge and function.

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
    Tensor, shape (E, F, 2)
    """
    edges = torch.arange(len(t), device=t.device)
    f = torch.cat(
        [torch.full((len(t) * c.shape[1],), n, device=t.device) for n, c in enumerate(candidates)]
    )
    edge = torch.cat([edges.repeat_interleave(c.shape[1]) for c in candidates])
    slopes = torch.cat([c.reshape(-1, 2) for c in candidates]).to(t.dtype)
    problem = _Problem(functions, t, target)
    coarse = problem.thinned(COARSE_POINTS)
    slopes = coarse.descend(f, edge, slopes, COARSE_STEPS)
    f, edge, slopes = problem.best(f, edge, slopes, 1)
    return (
        problem.descend(f, edge, slopes, FINE_STEPS).view(len(functions), len(t), 2).transpose(0, 1)
    )


class _Problem:
    def __init__(self, functions: list[SymbolicFunction], t: Tensor, target: Tensor) -> None:
        self.functions, self.t, self.target = functions, t, target
        self.low = t.new_tensor([function.interval[0] for function in functions])
        self.high = t.new_tensor([function.interval[1] for function in functions])
        self.open = torch.tensor([not function.closed for function in functions], device=t.device)
        self.frees = torch.tensor(
            [[function.absorbs != "scale", function.absorbs != "shift"] for function in functions],
            device=t.device,
        )

    def thinned(self, points: int) -> _Problem:
        """The same problem on fewer points, first and last included."""
        count = self.t.shape[1]
        if count <= points:
            return self
        chosen = torch.linspace(0, count - 1, points, device=self.t.device).round().long()
        target = self.target[:, chosen]
        target = torch.nn.functional.normalize(target - target.mean(1, keepdim=True), dim=1)
        return _Problem(self.functions, self.t[:, chosen], target)

    def evaluate(self, f: Tensor, edge: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
        """Moments (P, 4, 4) of f(u), f'(u), t·f'(u) and the target, all centred, and 1 - R² (P,)."""
        t, target = self.t[edge], self.target[edge]
        u = torch.addcmul(slopes[:, 1:], slopes[:, :1], t)
        table = torch.empty(len(f), 4, t.shape[1], dtype=t.dtype, device=t.device)
        table[:, 3] = target
        first = 0
        for n, count in enumerate(torch.bincount(f, minlength=len(self.functions)).tolist()):
            if count:
                rows, part = slice(first, first + count), u[first : first + count]
                table[rows, 0] = self.functions[n](part)
                table[rows, 1] = self.functions[n].derivative(part)
                first += count
        # at the end of a domain the slope may be infinite: such a point says nothing on the direction
        table[:, 1].nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
        torch.mul(table[:, 1], t, out=table[:, 2])
        size = table[:, :3].abs().amax(2, keepdim=True)
        table[:, :3] /= torch.where(size > 0, size, 1.0)
        table -= table.mean(2, keepdim=True)
        moments = table @ table.transpose(1, 2)
        scale = torch.cat([size, torch.ones_like(size[:, :1])], 1)
        explained = moments[:, 0, 3].square() / (moments[:, 0, 0] * moments[:, 3, 3])
        loss = 1 - torch.where(moments[:, 0, 0] > 1e-26, explained, 0.0)
        moments = moments * (scale * scale.transpose(1, 2))
        return moments, torch.where(torch.isfinite(loss), loss, torch.inf)

    def best(
        self, f: Tensor, edge: Tensor, slopes: Tensor, keep: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of the problems of each function and edge the one with the least loss, ordered by both."""
        _, loss = self.evaluate(f, edge, slopes)
        group = f * len(self.t) + edge
        order = loss.argsort()
        order = order[group[order].argsort(stable=True)]
        sorted_group = group[order]
        head = torch.ones_like(sorted_group, dtype=torch.bool)
        head[1:] = sorted_group[1:] != sorted_group[:-1]
        chosen = order[head]
        return f[chosen], edge[chosen], slopes[chosen]

    def step(self, state: _State) -> Tensor:
        """The damped Gauss–Newton step in (α, β), shape (P, 2), kept inside the domain."""
        S = state.moments
        share = S[:, :, 0] / S[:, :1, 0]
        T = S - share[:, :, None] * S[:, None, 0]
        weight = S[:, 0, 3] / S[:, 0, 0]
        A = T[:, 1:3, 1:3].flip((1, 2))
        gradient = T[:, 1:3, 3].flip(1) / weight[:, None]
        diagonal = A.diagonal(dim1=1, dim2=2)
        floor = 1e-14 * S.diagonal(dim1=1, dim2=2)[:, 1:3].flip(1) + 1e-300
        damped = diagonal + state.damping[:, None] * diagonal.abs() + floor
        free = self.frees[state.f]
        cross = torch.where(free.all(1), A[:, 0, 1], 0.0)
        determinant = damped[:, 0] * damped[:, 1] - cross * cross
        determinant = torch.maximum(determinant, 1e-15 * damped[:, 0] * damped[:, 1])
        delta = (
            torch.stack(
                [
                    damped[:, 1] * gradient[:, 0] - cross * gradient[:, 1],
                    damped[:, 0] * gradient[:, 1] - cross * gradient[:, 0],
                ],
                1,
            )
            / determinant[:, None]
        )
        single = gradient / damped
        delta = torch.where(free.all(1, keepdim=True), delta, single) * free
        return self._inside(state, torch.nan_to_num(delta, nan=0.0, posinf=0.0, neginf=0.0))

    def _inside(self, state: _State, delta: Tensor) -> Tensor:
        """Shorten steps that would leave the domain: they go nine tenths of the way to its end."""
        now, then = state.slopes, state.slopes + delta
        factor = torch.ones_like(now[:, 0])
        for end, sign in ((self.low, -1), (self.high, 1)):
            gap = sign * (end[state.f] - now[:, 1]) - now[:, 0].abs()
            left = sign * (end[state.f] - then[:, 1]) - then[:, 0].abs()
            short = left < 0.1 * gap
            factor = torch.where(short, torch.minimum(factor, 0.9 * gap / (gap - left)), factor)
        return delta * factor[:, None]

    def descend(self, f: Tensor, edge: Tensor, slopes: Tensor, steps: int) -> Tensor:
        """Run the iteration; a problem leaves when it is exact or stands still. Returns slopes (P, 2)."""
        result = slopes.clone()
        place = torch.arange(len(f), device=f.device)
        moments, loss = self.evaluate(f, edge, slopes)
        state = _State(f, edge, slopes, moments, loss, torch.full_like(loss, 1e-3))
        idle = torch.zeros_like(place)
        for _ in range(steps):
            trial = state.slopes + self.step(state)
            moments, loss = self.evaluate(state.f, state.edge, trial)
            better = loss < state.loss
            slow = better & (loss > 0.999 * state.loss)
            state.slopes = torch.where(better[:, None], trial, state.slopes)
            state.moments = torch.where(better[:, None, None], moments, state.moments)
            state.loss = torch.where(better, loss, state.loss)
            state.damping = torch.where(better, state.damping / 8, state.damping * 8).clamp(
                min=1e-14
            )
            idle = torch.where(slow, idle + 1, torch.where(better, 0, idle))
            result[place] = state.slopes
            going = (state.loss > DONE) & (idle < 4) & (state.damping < 1e5)
            if not bool(going.any()):
                break
            if not bool(going.all()):
                state, place, idle = state[going], place[going], idle[going]
        return result
