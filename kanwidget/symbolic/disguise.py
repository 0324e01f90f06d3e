"""Functions that are a straight line or a parabola on the data, and pay for it with absurd numbers.

Of a nearly straight edge c·sin(a·x + b) + d follows every bend with a = 1e-4 and c = 1e8, of which d takes
nearly all away again: such a fit says nothing that the line does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kanwidget.symbolic.canonical import values_of
from kanwidget.symbolic.function import SymbolicFunction

Flags = npt.NDArray[np.bool_]

CANCELLING = 1e3
"""c·f so many times larger than its change over the data is nearly all taken away by d."""
FLAT = 1e-13
"""Relative to its values; a function that changes less over the data is constant but for rounding."""


@dataclass(frozen=True)
class Disguises:
    """What fits of F functions to E edges are in truth; all of shape (E, F).

    Attributes
    ----------
    straight, parabola : array of bool
        Whether the curve over the data cannot be told from a straight line, or from a parabola.
    cancelling : array of bool
        Whether the constants nearly cancel.
    """

    straight: Flags
    parabola: Flags
    cancelling: Flags

    def word(self, e: int, f: int) -> str:
        """What to mind of a fit, or nothing."""
        if self.straight[e, f]:
            return "is a straight line on these data: x says the same"
        if self.cancelling[e, f] and self.parabola[e, f]:
            return "is a parabola on these data, its numbers nearly cancel: x^2 says the same"
        return "has numbers that nearly cancel" if self.cancelling[e, f] else ""


@torch.no_grad()
def disguises(
    functions: Sequence[SymbolicFunction], params: Tensor, x: Tensor, resolution: float
) -> Disguises:
    """See through fits.

    Parameters
    ----------
    functions : sequence of SymbolicFunction, length F
    params : Tensor, shape (E, F, 4)
        a, b, c, d; nan where there is no fit.
    x : Tensor, shape (E, P)
        Inputs, in ascending order.
    resolution : float
        Relative error up to which two curves are the same.
    """
    a, b = params[..., 0].numpy(), params[..., 1].numpy()
    values = values_of(list(functions), a, b, x)
    size = values.abs().amax(2)
    change = values.amax(2) - values.amin(2)
    varies = change > FLAT * size
    shape = values - values.mean(2, keepdim=True)
    shape = shape / shape.norm(dim=2, keepdim=True)
    line = _unit(x - x.mean(1, keepdim=True))
    bow = line.square() - line.square().mean(1, keepdim=True)
    bow = _unit(bow - (bow * line).sum(1, keepdim=True) * line)
    left = 1 - (shape @ line[:, :, None])[..., 0].square()
    bent = left - (shape @ bow[:, :, None])[..., 0].square()
    own = np.array([function.name in ("x", "0") for function in functions])
    square = np.array([function.name == "x^2" for function in functions])
    return Disguises(
        (varies & (left <= resolution**2)).numpy() & ~own,
        (varies & (bent <= resolution**2)).numpy() & ~own & ~square,
        (size > CANCELLING * change).numpy() & varies.numpy() & ~own,
    )


def _unit(rows: Tensor) -> Tensor:
    return torch.nn.functional.normalize(rows, dim=1)
