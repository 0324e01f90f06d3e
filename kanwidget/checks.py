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
    if most < math.inf and above > -math.inf:
        needed = f"a number above {above:g}, at most {most:g},"
    elif most < math.inf:
        needed = f"a number from {least:g} to {most:g}"
    elif above > -math.inf:
        needed = f"a number above {above:g}"
    elif least > -math.inf:
        needed = f"a number of at least {least:g}"
    else:
        needed = "a finite number"
    raise ValueError(f"{name} is {value!r:.60}; {needed} is needed")


def width(value: Any, mult_arity: Any = 2) -> list[list[int]]:
    """Arities of the nodes of at least two layers: 1 for a sum, else the number of factors.

    Parameters
    ----------
    value : sequence
        For every layer a number of nodes, or [sum nodes, multiplication nodes].
    mult_arity : int or sequence
        Factors of the multiplication nodes; or for every layer such a number, or one a node.
    """
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) < 2:
        raise ValueError(f"width is {value!r}; a list of at least two numbers of nodes is needed")
    factors = list(mult_arity) if _is_list(mult_arity) else [mult_arity] * len(value)
    if len(factors) != len(value):
        raise ValueError(
            f"mult_arity is {mult_arity!r}; a number, or one entry for each of the {len(value)} layers "
            "of width is needed"
        )
    return [
        _layer_width(n, nodes, each)
        for n, (nodes, each) in enumerate(zip(value, factors, strict=True))
    ]


def _layer_width(n: int, nodes: Any, factors: Any) -> list[int]:
    if not _is_list(nodes):
        return [1] * whole(f"width[{n}]", nodes, 1)
    if len(nodes) != 2:
        raise ValueError(
            f"width[{n}] is {nodes!r}; a number, or [sum nodes, multiplication nodes] is needed"
        )
    sums, products = (whole(f"width[{n}][{m}]", each, 0) for m, each in enumerate(nodes))
    if not sums + products or (n == 0 and products):
        raise ValueError(
            f"width[{n}] is {nodes!r}; "
            + ("inputs are no products" if products else "at least one node is needed")
        )
    if not _is_list(factors):
        factors = [factors] * products
    if len(factors) != products:
        raise ValueError(
            f"mult_arity[{n}] is {list(factors)!r}; one number for each of {products} multiplication "
            "nodes is needed"
        )
    return [1] * sums + [whole(f"mult_arity[{n}]", each, 2) for each in factors]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def per_layer(name: str, value: Any, layers: int, least: int) -> list[int]:
    """A whole number for each layer of edges, from one for all or a list."""
    if not _is_list(value):
        return [whole(name, value, least)] * layers
    if len(value) != layers:
        raise ValueError(
            f"{name} is {list(value)!r}; a whole number, or one for each of the {layers} layers of edges "
            "is needed"
        )
    return [whole(f"{name}[{l}]", each, least) for l, each in enumerate(value)]


def indices(name: str, value: Any, count: int) -> list[int]:
    """Different whole numbers from 0 to count - 1, at least one, in ascending order."""
    chosen = sorted({whole(f"{name}[…]", each, 0) for each in value}) if _is_list(value) else []
    if not chosen or chosen[-1] >= count or len(chosen) < len(value):
        raise ValueError(
            f"{name} is {value!r}; a list of different whole numbers from 0 to {count - 1} is needed"
        )
    return chosen


def interval(name: str, value: Any) -> tuple[float, float]:
    """Two finite numbers, the lower one first."""
    try:
        low, high = map(float, value)
    except (TypeError, ValueError):
        low = high = 0.0
    if not low < high or high - low == math.inf:
        raise ValueError(f"{name} is {value!r}; (low, high) with low < high is needed")
    return low, high
