"""Plain values as Python, and data made once more from their recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kanwidget.datasets import Dataset
from kanwidget.session.retelling.function_source import NoSource
from kanwidget.sources import create_dataset


def made_again(dataset: Dataset) -> Dataset:
    """Data by their recipe; what their function does to the global seeds is undone."""
    recipe = dataset.recipe
    assert recipe is not None
    before = np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        made = create_dataset(recipe.function, **recipe.arguments)
    np.random.set_state(before)  # noqa: NPY002
    for method, arguments in recipe.changes:
        made = getattr(made, method)(*arguments)
    return made


def keywords(arguments: Mapping[str, Any]) -> list[str]:
    """Arguments as Python, ``name=value`` each."""
    return [f"{name}={written(value)}" for name, value in arguments.items()]


def written(value: Any) -> str:
    """A plain value as Python; NoSource for others."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, bool | int | str | torch.dtype | None):
        return repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    raise NoSource(f"{value!r:.60} was given, which is no plain value")


def words(value: Any) -> Iterator[str]:
    """All texts in the arguments of a call."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from words(each)


def differs(before: Any, now: Any) -> bool:
    """Whether a loss is another to three digits."""
    return now is not None and (before is None or f"{before:.3g}" != f"{now:.3g}")
