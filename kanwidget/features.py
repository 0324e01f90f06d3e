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


def base_function(base_fun: Any) -> Callable[[Tensor], Tensor]:
    """A base function by its name, or one's own."""
    if callable(base_fun):
        return base_fun
    if not isinstance(base_fun, str) or base_fun not in BASE_FUNCTIONS:
        raise ValueError(
            f"base_fun is {base_fun!r}; one of {', '.join(BASE_FUNCTIONS)} or a function is needed"
        )
    return BASE_FUNCTIONS[base_fun]


@dataclass(eq=False)
class Features:
    """Features of a batch of inputs, and what follows from them.

    Attributes
    ----------
    x : Tensor, shape (N, n_in)
    basis : splines.Basis
    changes : int
        How often x had been changed in place.
    values : Tensor, shape (N, n_in, G + k + 1)
    """

    x: Tensor
    basis: splines.Basis
    changes: int
    values: Tensor

    @cached_property
    def covariance(self) -> Tensor:
        """Of an input's features over the batch, shape (n_in, G + k + 1, G + k + 1)."""
        centred = (self.values - self.values.mean(0)).transpose(0, 1)
        return centred.transpose(1, 2) @ centred / (len(self.x) - 1)


class Memory:
    """Computes features; keeps the basis of the knots, and the features of the last ``size`` batches.

    A fit comes back to the same training data in every iteration.  Features that autograd has to
    follow, or that inference mode has made, are never kept.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._forget()

    def _forget(self) -> None:
        self._kept: list[Features] = []
        self._basis: splines.Basis | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"size": self.size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.size = state["size"]
        self._forget()

    def look(
        self,
        x: Tensor,
        knots: Tensor,
        k: int,
        extrapolation: str,
        base_fun: Callable[[Tensor], Tensor],
    ) -> Features:
        """The features of x (N, n_in)."""
        basis = self._basis
        if basis is None or not basis.is_of(knots):
            basis = self._basis = splines.Basis(knots, k, extrapolation)
        changes = splines.changes(x)
        for kept in self._kept:
            if kept.x is x and kept.basis is basis and kept.changes == changes:
                return kept
        values = torch.cat([basis(x), base_fun(x)[..., None]], dim=-1)
        found = Features(x, basis, changes, values)
        followed = x.requires_grad or values.requires_grad
        inference = x.is_inference() or values.is_inference()
        if self.size and not followed and not inference and values.numel() <= LARGEST_KEPT:
            self._kept = [found, *self._kept][: self.size]
        return found
