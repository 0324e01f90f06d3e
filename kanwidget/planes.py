"""Two ways to compute all B-spline basis functions of many points: every one, or those not zero.

Results are planes (functions, n, N).  While there are few functions, computing every one takes fewer
passes over memory than finding the k + 1 that are not zero at a point and putting them in their places.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import torch
from torch import Tensor

from kanwidget.splines import ALL, Basis, reaches_out

MOST_FUNCTIONS, HIGHEST_ORDER = 24, 5


class Way(Protocol):
    """How planes are computed, for some ``rows`` of the inputs."""

    needs_zeros: bool

    def fill(self, x: Tensor, out: Tensor, keep: bool, rows: slice) -> Any:
        """Write the functions of x (n, N) into ``out``; return what `slope` can use again.

        Ways that leave out what is zero need an ``out`` of zeros.
        """

    def slope(self, x: Tensor, grad: Tensor, kept: Any, rows: slice) -> Tensor:
        """Gradient by x (n, N) from that by all planes."""


def way(basis: Basis) -> Way:
    """The quicker way."""
    count = basis.size + 2 * basis.outer
    if count > MOST_FUNCTIONS or not 1 <= basis.k <= HIGHEST_ORDER:
        return Near(basis)
    if basis.even:
        return Cardinal(basis)
    return Near(basis) if basis.repeated or basis.k == 1 else Every(basis)


class Near:
    """Only the functions that are not zero at a point, each put in its place."""

    needs_zeros = True

    def __init__(self, basis: Basis) -> None:
        self.basis = basis

    def fill(self, x: Tensor, out: Tensor, keep: bool, rows: slice = ALL) -> Any:
        first, values, steps = self.basis.local(x, keep, rows)
        place = _places(first, out)
        for r, value in enumerate(values):
            _flat(out[r:]).scatter_(0, place, value.flatten())
        return place, steps

    def slope(self, x: Tensor, grad: Tensor, kept: Any, rows: slice = ALL) -> Tensor:
        if kept is None:
            first, _, steps = self.basis.local(x, True, rows)
            kept = _places(first, grad), steps
        place, steps = kept
        total, rate = torch.zeros_like(x), self.basis.rate
        for r, step in enumerate(steps):
            total.addcmul_(step, _flat(grad[r:]).index_select(0, place).view_as(x))
        return total.mul_(rate[rows] if isinstance(rate, Tensor) else rate)


def _flat(planes: Tensor) -> Tensor:
    """From the first number of part of some planes to its last, with what lies between."""
    length = (len(planes) - 1) * planes.stride(0) + planes[0].numel()
    return planes.as_strided((length,), (1,))


def _places(first: Tensor, planes: Tensor) -> Tensor:
    """Where the first value of every point stands in flat planes."""
    count = torch.arange(first.numel(), device=first.device)
    return count.add_(first.flatten(), alpha=planes.stride(0))


class _Differences:
    """Ways that know s, functions of order k - 1 with B' = k (s_g - s_(g+1)), where B is wanted."""

    needs_zeros = False

    def __init__(self, basis: Basis) -> None:
        self.basis, self.k = basis, basis.k

    def _place(self, x: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        """Points in the unit that is computed with, and the nearest ones within the grid."""
        raise NotImplementedError

    def _values(self, held: Tensor, out: Tensor, rows: slice) -> Tensor | None:
        """Write all functions into ``out``; return `_shares` where they come with them."""
        raise NotImplementedError

    def _shares(self, held: Tensor, rows: slice) -> Tensor:
        """Return k times all s but the first and the last, which are zero in the grid."""
        raise NotImplementedError

    def fill(self, x: Tensor, out: Tensor, keep: bool, rows: slice = ALL) -> Any:
        place, held = self._place(x, rows)
        shares, inside = self._values(held, out, rows), None
        beyond = place - held
        outside = reaches_out(beyond)
        straight = outside and self.basis.linear
        if shares is None and (keep or straight):
            shares = self._shares(held, rows)
        if straight and shares is not None:
            reach = shares * beyond
            out[1:].add_(reach)
            out[:-1].sub_(reach)
        elif outside:
            inside = (beyond == 0).to(x.dtype)
            out.mul_(inside)
        return shares, inside

    def slope(self, x: Tensor, grad: Tensor, kept: Any, rows: slice = ALL) -> Tensor:
        if kept is None:
            place, held = self._place(x, rows)
            inside = None if self.basis.linear else (place == held).to(x.dtype)
            kept = self._shares(held, rows), inside
        shares, inside = kept
        slope = (grad[1:] - grad[:-1]).mul_(shares).sum(0)
        return slope if inside is None else slope.mul_(inside)


class Cardinal(_Differences):
    """Even knots: all functions are one shape, moved.

    With d the distance from the middle of a function of order k, in widths of an interval,

        M_k(d) = 1/k! Σ_i (-1)^i C(k+1, i) max(0, (k+1)/2 - i - |d|)^k

    (Schoenberg, Cardinal Spline Interpolation (1973), lecture 1).
    """

    def __init__(self, basis: Basis) -> None:
        super().__init__(basis)
        self._count = basis.size + 2 * basis.outer
        numbers = torch.arange(self._count).to(basis.knots)[:, None, None]
        self._shapes = [_Shape(order, numbers) for order in range(1, self.k + 1)]

    def _place(self, x: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        return self.basis.in_widths(x, rows)

    def _values(self, held: Tensor, out: Tensor, rows: slice) -> None:
        self._shapes[-1].write(held, out)

    def _shares(self, held: Tensor, rows: slice) -> Tensor:
        below = held.new_empty(self._count - 1, *held.shape)
        if self.k > 1:
            self._shapes[-2].write(held, below)
        else:  # 1 in the interval that begins at the point; at the upper end in the last
            interval = held.floor().clamp_(max=len(below) - 1)
            for number, plane in enumerate(below):
                torch.eq(interval, number, out=plane)
        return below

    def slope(self, x: Tensor, grad: Tensor, kept: Any, rows: slice = ALL) -> Tensor:
        return super().slope(x, grad, kept, rows).mul_(self.basis.per_width[rows])


class _Shape:
    """M_k in the places of all functions; numbers are tensors, which torch takes up more quickly."""

    def __init__(self, k: int, numbers: Tensor) -> None:
        self.k, self.middles = k, numbers + (1 - k) / 2
        self.terms = [
            (
                numbers.new_tensor((k + 1) / 2 - i),
                numbers.new_tensor((-1) ** i * math.comb(k + 1, i) / math.factorial(k)),
            )
            for i in range(k // 2 + 1)
        ]

    def write(self, place: Tensor, out: Tensor) -> None:
        """Values at points in widths of an interval, 0 at the lower end of the grid."""
        away = (place - self.middles[: len(out)]).abs_()
        last = len(self.terms) - 1
        for i, (edge, weight) in enumerate(self.terms):
            if i == 0:
                _to_power(torch.sub(edge, away, out=out).relu_(), self.k).mul_(weight)
            else:  # nobody needs the distances after the last term
                power = torch.sub(edge, away, out=away if i == last else None).relu_()
                out.addcmul_(_to_power(power, self.k), weight)


def _to_power(x: Tensor, k: int) -> Tensor:
    """X to the power of k, in place; torch is quick with 2 and 3 only."""
    if k < 4:
        return x.pow_(k) if k > 1 else x
    fourth = x.square().square_()
    return x.copy_(fourth) if k == 4 else x.mul_(fourth)


class Every(_Differences):
    """Uneven knots, none of them twice: the recursion of Cox and de Boor, begun with hats."""

    def __init__(self, basis: Basis) -> None:
        super().__init__(basis)
        k, knots, count = basis.k, basis.all_knots.T[..., None], basis.size + 2 * basis.outer
        self._hats = knots[k - 1 : count + 1].contiguous()
        self._per_gap = (1 / (knots[k : count + 2] - self._hats)).contiguous()
        # of the functions of orders 1 to k - 1: where they begin, and 1 / how far they reach
        self._starts = [knots[k - order : count].contiguous() for order in range(1, k)]
        self._per_reach = [
            1 / (knots[k + 1 : count + order + 1] - start)
            for order, start in enumerate(self._starts, 1)
        ]

    def _place(self, x: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        return x, self.basis.hold(x, rows)

    def _below(self, held: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        """Functions of order k - 1, and the same per reach."""
        e = (held - self._hats[:, rows]).mul_(self._per_gap[:, rows])
        values = torch.minimum(e[:-1], 1 - e[1:]).clamp_(min=0)
        shares = values * self._per_reach[0][:, rows]
        for order in range(2, self.k):
            above = held.new_empty(len(values) + 1, *held.shape)
            _raise(values, shares, held - self._starts[order - 2][:, rows], above)
            values, shares = above, above * self._per_reach[order - 1][:, rows]
        return values, shares

    def _values(self, held: Tensor, out: Tensor, rows: slice) -> Tensor:
        values, shares = self._below(held, rows)
        _raise(values, shares, held - self._starts[-1][:, rows], out)
        return shares.mul_(self.k)

    def _shares(self, held: Tensor, rows: slice) -> Tensor:
        return self._below(held, rows)[1].mul_(self.k)


def _raise(values: Tensor, shares: Tensor, away: Tensor, out: Tensor) -> None:
    """From functions of one order to those of the next: (x - t) s and, one place before, B - (x - t) s."""
    rising = away.mul_(shares)
    torch.sub(values, rising, out=out[:-1])
    out[-1].zero_()
    out[1:].add_(rising)
