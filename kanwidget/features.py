"""What a layer multiplies its weights with: the basis functions of every input and its base function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from kanwidget import splines

LARGEST_KEPT = 1_000_000
"""Features of a batch are kept for the next call when they are no more numbers than this."""


def silu(x: Tensor) -> Tensor:
    """X / (1 + e^-x)."""
    return torch.nn.functional.silu(x)


def identity(x: Tensor) -> Tensor:
    """X itself."""
    return x


BASE_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "silu": silu,
    "identity": identity,
    "zero": torch.zeros_like,
}


@dataclass(eq=False)
class Features:
    """Features of a batch of inputs, and what follows from them.

    Attributes
    ----------
    x : Tensor, shape (N, n_in)
    knots : Tensor, shape (n_in, G + 2k + 1)
    changes : (int, int) or None
        How often x and the knots had been changed in place.
    values : Tensor, shape (N, n_in, G + k + 1)
    """

    x: Tensor
    knots: Tensor
    changes: tuple[int, int] | None
    values: Tensor

    def are_of(self, x: Tensor, knots: Tensor) -> bool:
        """Whether these are still the features of x on these knots."""
        return self.x is x and self.knots is knots and self.changes == (x._version, knots._version)

    @cached_property
    def covariance(self) -> Tensor:
        """Of an input's features over the batch, shape (n_in, G + k + 1, G + k + 1)."""
        centred = (self.values - self.values.mean(0)).transpose(0, 1)
        return centred.transpose(1, 2) @ centred / (len(self.x) - 1)


class Memory:
    """Computes features, and keeps those of the last ``size`` batches of plain data.

    A fit comes back to the same training data in every iteration; what autograd has to follow, or
    inference mode has made, is never kept.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._kept: list[Features] = []

    def __getstate__(self) -> dict[str, Any]:
        return {"size": self.size, "_kept": []}

    def look(
        self,
        x: Tensor,
        knots: Tensor,
        k: int,
        extrapolation: str,
        base_fun: Callable[[Tensor], Tensor],
    ) -> Features:
        """The features of x (N, n_in)."""
        plain = self.size > 0 and not x.requires_grad and not torch.is_inference_mode_enabled()
        plain = plain and not x.is_inference()
        if plain:
            for kept in self._kept:
                if kept.are_of(x, knots):
                    return kept
        bases = splines.basis(x, knots, k, extrapolation)
        values = torch.cat([bases, base_fun(x)[..., None]], dim=-1)
        changes = (x._version, knots._version) if plain else None
        found = Features(x, knots, changes, values)
        if plain and values.numel() <= LARGEST_KEPT:
            self._kept = [found, *self._kept][: self.size]
        return found
