"""What a fitted function does near and beyond the ends of the data: poles, domain, growth."""

from __future__ import annotations

import math

import torch

from kanwidget.symbolic.function import SymbolicFunction

NEAR, FAR = 0.05, 0.2
"""Shares of the data's range: an end of the domain so near is warned of; so far one looks outside."""
GROWTH = 5.0
"""Going so many times further from the mean than on the data is worth a word."""


def ends(function: SymbolicFunction, a: float, b: float) -> tuple[float, ...]:
    """Where a·x + b reaches the ends of the domain, in ascending order."""
    finite = [end for end in function.interval if math.isfinite(end)]
    return tuple(sorted((end - b) / a for end in finite)) if a != 0 else ()


def warning(
    function: SymbolicFunction, a: float, b: float, r2: float, low: float, high: float
) -> str:
    """Empty, or a sentence: the fit is poor, or the end of the domain is near the data [low, high]."""
    if r2 < 0.9:
        return f"does not follow the curve: R² is {r2:.3g}"
    width = high - low
    for place in ends(function, a, b):
        gap = max(low - place, place - high) / width if width > 0 else math.inf
        if gap < NEAR:
            what = "is undefined beyond" if function.closed else "has no finite value at"
            return f"{what} x = {place:.4g}, {max(gap, 0.0):.1%} of the range away from the data"
    return ""


@torch.no_grad()
def outside(function: SymbolicFunction, params: tuple[float, ...], low: float, high: float) -> str:
    """How c·f(a·x + b) + d leaves the range [low, high]: a few words, or none."""
    a, b, c, d = params
    width = high - low
    if c == 0 or width <= 0:
        return ""
    for place in ends(function, a, b):
        if max(low - place, place - high) <= FAR * width:
            if not function.closed:
                return f"goes to infinity at x = {place:.4g}"
            return f"undefined {'below' if place <= low else 'above'} x = {place:.4g}"
    x = torch.linspace(low - FAR * width, high + FAR * width, 141, dtype=torch.float64)
    y = c * function(a * x + b) + d
    inside = (x >= low) & (x <= high)
    middle = y[inside].mean()
    apart = (y - middle).abs()
    worst = int(apart.nan_to_num(torch.inf).argmax())
    if not math.isfinite(float(y[worst])):
        return f"undefined at x = {float(x[worst]):.4g}"
    if float(apart[worst]) > GROWTH * float(apart[inside].max()):
        return f"grows to {float(y[worst]):.2g} within 20 % beyond the range"
    return ""
