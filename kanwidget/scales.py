"""By what columns of data were normalised: value = mean + std · normalised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Scale = tuple[tuple[float, ...], tuple[float, ...]]
"""Means and standard deviations, one a column."""


def choose_columns(scale: Scale | None, columns: Sequence[int]) -> Scale | None:
    """The scale of these columns only."""
    if scale is None:
        return None
    mean, std = scale
    return tuple(mean[column] for column in columns), tuple(std[column] for column in columns)


def combined(first: Scale | None, second: Scale) -> Scale:
    """The one scale of data that were normalised by the first and then by the second."""
    if first is None:
        return second
    mean = tuple(m + s * n for m, s, n in zip(*first, second[0], strict=True))
    return mean, tuple(s * t for s, t in zip(first[1], second[1], strict=True))


def in_units(normalised: Tensor, scale: Scale | None) -> Tensor:
    """Columns (N, n) as they were before they were normalised, in float64 on the CPU."""
    columns = normalised.detach().double().cpu()
    if scale is None:
        return columns
    mean, std = (torch.tensor(part, dtype=torch.float64) for part in scale)
    return mean + std * columns


def checked(name: str, value: Any, columns: int) -> Scale | None:
    """A pair (means, standard deviations) of sequences, arrays or tensors as a Scale; None stays None.

    Raises
    ------
    ValueError
        If it is something else, has another number of columns, or a standard deviation is 0.
    """
    if value is None:
        return None
    try:
        mean, std = (tuple(_numbers(part)) for part in value)
    except (TypeError, ValueError):
        mean, std = (), ()
    good = len(mean) == len(std) == columns and all(map(math.isfinite, mean + std)) and all(std)
    if not good:
        raise ValueError(
            f"{name} is {value!r:.80}; a pair (means, standard deviations) of {columns} finite numbers "
            "each is needed, no deviation 0"
        )
    return mean, std


def _numbers(part: Any) -> list[float]:
    plain = part.tolist() if hasattr(part, "tolist") else part
    if isinstance(plain, Sequence) and len(plain) == 1 and isinstance(plain[0], list | tuple):
        plain = plain[0]  # pykan keeps rows of the shape (1, columns)
    return [float(each) for each in plain]
