"""Where the affine fit may start: for each function a table of (α, β) on the input interval [-1, 1].

The tables depend on the function alone, so that comparing an edge with all of them is one product of
matrices. They are made at first use and kept.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction

POINTS = 256
CHUNKS = 12
MAX_SLOPE = 200.0


@functools.lru_cache(maxsize=256)
def start_table(function: SymbolicFunction) -> tuple[Tensor, Tensor]:
    """Starting points of one function and the curves they stand for.

    Parameters
    ----------
    function : SymbolicFunction

    Returns
    -------
    parameters : Tensor, shape (K, 2)
        α and β of u = α·t + β, float64, neighbours beside each other.
    curves : Tensor, shape (K, POINTS)
        f(α·t + β) on equally spaced t in [-1, 1], centred and scaled to norm 1, float32.
        A curve that is constant or leaves the domain is all zero, and so never chosen.
    """
    parameters = torch.tensor(_parameters(function), dtype=torch.float64)
    t = torch.linspace(-1, 1, POINTS, dtype=torch.float64)
    with torch.no_grad():
        curves = function(parameters[:, :1] * t + parameters[:, 1:])
    curves = curves - curves.mean(1, keepdim=True)
    norm = curves.norm(dim=1, keepdim=True)
    usable = torch.isfinite(norm) & (norm > 1e-12)
    return parameters, torch.where(usable, curves / norm, 0.0).float()


def _parameters(function: SymbolicFunction) -> list[tuple[float, float]]:
    low, high = function.interval
    bounded = math.isfinite(low), math.isfinite(high)
    if function.absorbs == "both":
        return [(1.0, 0.0)]
    if function.absorbs == "shift":
        return [(sign * size, 0.0) for sign in (-1, 1) for size in _geometric(1e-2, 300, 40)]
    if all(bounded):
        return _between(function, low, high)
    if any(bounded):
        return _beside(function, low if bounded[0] else high, 1 if bounded[0] else -1)
    if function.absorbs == "scale":
        inside = [-1 + 2 * (n + 0.5) / 128 for n in range(128)]
        outside = [1 + gap for gap in _geometric(1e-2, 100, 16)]
        shifts = [-s for s in reversed(outside)] + inside + outside
        return [(1.0, -shift) for shift in shifts]
    if function.period is not None:
        return _periodic(function, function.period)
    return _everywhere(function)


def _beside(function: SymbolicFunction, end: float, side: int) -> list[tuple[float, float]]:
    """The domain has one end: it lies outside the data, on either side, at log-spaced distances."""
    gaps = _geometric(1e-5, 300, 60)
    gaps = [0.0, *gaps] if function.closed else gaps
    scales = [1.0] if function.absorbs == "scale" else _geometric(0.05, 50, 10)
    return [
        (slope * scale, end + side * scale * (1 + gap))
        for scale in scales
        for slope in (1, -1)
        for gap in gaps
    ]


def _between(function: SymbolicFunction, low: float, high: float) -> list[tuple[float, float]]:
    """The domain has two ends: the data's ends lie at log-spaced distances from them."""
    gaps = [0.0] if function.closed else []
    gaps += [1e-5, 1e-4, 1e-3, 4e-3, 0.015, 0.04, 0.08, 0.14, 0.22, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9]
    found = []
    for left in gaps:
        for right in gaps:
            first, last = low + left * (high - low), high - right * (high - low)
            if last - first > 1e-3 * (high - low):
                slope, middle = (last - first) / 2, (last + first) / 2
                found.append((slope, middle))
                if function.mirror is None:
                    found.append((-slope, middle))
    return found


def _periodic(function: SymbolicFunction, period: float) -> list[tuple[float, float]]:
    """Every slope that the points can resolve; half a period of shifts where f is even or odd."""
    unit = period / (2 * math.pi)
    steps = MAX_SLOPE / 0.6
    slopes = _geometric(0.05, 0.8, 5) + [0.6 * n for n in range(2, int(steps))]
    count = 8 if function.mirror is not None else 16
    span = period / 2 if function.mirror is not None else period
    return [(slope * unit, span * n / count) for slope in slopes for n in range(count)]


def _everywhere(function: SymbolicFunction) -> list[tuple[float, float]]:
    """No end and no period: widths times places of the centre, the places as dense as the width asks."""
    found = []
    for slope in _geometric(0.1, MAX_SLOPE, 26):
        count = 5 + int(min(slope, 128))
        inside = [-1 + 2 * (n + 0.5) / count for n in range(count)]
        outside = [1.0 + reach / slope for reach in (0.1, 1.0, 2.5, 5.0)]
        for centre in [-c for c in outside] + inside + outside:
            found.append((slope, -slope * centre))
            if function.mirror is None:
                found.append((-slope, slope * centre))
    return found


def _geometric(first: float, last: float, count: int) -> list[float]:
    ratio = (last / first) ** (1 / (count - 1))
    return [first * ratio**n for n in range(count)]
