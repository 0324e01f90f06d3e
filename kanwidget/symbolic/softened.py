"""Functions that stay finite: around their poles, beyond their domains and where they are very large.

Each takes values x and y_th, the largest value, or slope, that it keeps, and gives where it begins to differ
and the values.  Networks do not use them by themselves; pykan's users know them by these names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction

Softened = Callable[[Tensor, Any], tuple[Any, Tensor]]
"""From values x and the largest value y_th to (where it begins to matter, softened values)."""


def _pole(power: int) -> Softened:
    def softened(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
        edge = 1 / y_th ** (1 / power)
        inside = y_th / edge * x if power % 2 else torch.full_like(x, float(y_th))
        return edge, torch.where(x.abs() < edge, inside, x**-power)

    softened.__doc__ = f"1/x^{power} up to y_th: a straight line or a plateau around its pole."
    return softened


f_inv, f_inv2, f_inv3, f_inv4, f_inv5 = map(_pole, range(1, 6))


def f_sqrt(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """√|x|·sign(x), straight around 0 where its slope is above y_th; pykan's jumps there."""
    edge = 1 / y_th**2
    return edge, torch.where(x.abs() < edge, y_th * x, x.abs().sqrt() * x.sign())


def f_power1d5(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """|x|^1.5; pykan's gives the values alone, which its network cannot use."""
    return (), x.abs() ** 1.5


def f_invsqrt(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """1/√|x|, at most y_th."""
    edge = 1 / y_th**2
    return edge, torch.where(x.abs() < edge, float(y_th), x.abs().rsqrt())


def f_log(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Log |x|, at least -y_th."""
    edge = math.exp(-y_th)
    return edge, torch.where(x.abs() < edge, -float(y_th), x.abs().log())


def f_tan(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Tan x, straight across its poles from y_th to -y_th; pykan's takes no plain number y_th."""
    width = math.pi / 2 - math.atan(y_th)
    turn = x % math.pi
    beside = turn - math.pi / 2
    line = -y_th / width * beside
    return (turn, width), torch.where(beside.abs() < width, line, torch.tan(turn))


def f_arctanh(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Artanh x between -y_th and y_th, also beyond -1 and 1; pykan's takes no plain number y_th."""
    edge = math.tanh(y_th)
    inside = torch.atanh(x.clamp(-edge, edge))
    return 1 - edge, torch.where(x.abs() > edge, y_th * x.sign(), inside)


def f_arcsin(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Arcsin x, beyond -1 and 1 what it is there."""
    return (), torch.asin(x.clamp(-1, 1))


def f_arccos(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Arccos x, beyond -1 and 1 what it is there."""
    return (), torch.acos(x.clamp(-1, 1))


def f_exp(x: Tensor, y_th: Any) -> tuple[Any, Tensor]:
    """Exp x, at most y_th; pykan's takes no plain number y_th."""
    edge = math.log(y_th)
    return edge, torch.where(x > edge, float(y_th), x.clamp(max=edge).exp())


SOFTENED: dict[str, Softened] = {
    "1/x": f_inv, "1/x^2": f_inv2, "1/x^3": f_inv3, "1/x^4": f_inv4, "1/x^5": f_inv5,
    "sqrt": f_sqrt, "x^1.5": f_power1d5, "1/sqrt(x)": f_invsqrt, "log": f_log, "tan": f_tan,
    "arctanh": f_arctanh, "arcsin": f_arcsin, "arccos": f_arccos, "exp": f_exp,
}  # fmt: skip


def softened(function: SymbolicFunction) -> Softened:
    """What a function is near its poles and beyond its domain, as pykan's ``singularity_avoiding`` has it."""
    return SOFTENED.get(function.name, lambda x, y_th: ((), function(x)))
