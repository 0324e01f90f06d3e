"""Checks of single arguments: the value as plain Python has it, or a ValueError of one sentence."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from numbers import Real
from typing import Any


def whole(name: str, value: Any, least: int) -> int:
    """A whole number of at least ``least``; True and False are none."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f"{name} is {value!r}; a whole number of at least {least} is needed")
    return number


def number(
    name: str,
    value: Any,
    least: float = -math.inf,
    most: float = math.inf,
    above: float = -math.inf,
) -> float:
    """A finite number from ``least`` to ``most`` and larger than ``above``; True and False are none."""
    converted = math.nan
    if not isinstance(value, bool) and isinstance(value, Real):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.inf
    if math.isfinite(converted) and least <= converted <= most and converted > above:
        return converted
    if most < math.inf:
        needed = f"a number from {least:g} to {most:g}"
    elif above > -math.inf:
        needed = f"a number above {above:g}"
    elif least > -math.inf:
        needed = f"a number of at least {least:g}"
    else:
        needed = "a finite number"
    raise ValueError(f"{name} is {value!r:.60}; {needed} is needed")


def width(value: Any) -> list[int]:
    """Numbers of nodes of at least two layers, as a list of its own."""
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) < 2:
        raise ValueError(f"width is {value!r}; a list of at least two numbers of nodes is needed")
    return [whole(f"width[{n}]", nodes, 1) for n, nodes in enumerate(value)]


def interval(name: str, value: Any) -> tuple[float, float]:
    """Two finite numbers, the lower one first."""
    try:
        low, high = map(float, value)
    except (TypeError, ValueError):
        low = high = 0.0
    if not low < high or high - low == math.inf:
        raise ValueError(f"{name} is {value!r}; (low, high) with low < high is needed")
    return low, high
