"""Any action of the model as a command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.calls import METHODS, Call, short
from kanwidget.session.commands.base import Edit

ACTIONS = METHODS - {"fit"}
"""A fit is the command `Train`."""
MOST = 1000
"""Intervals, nodes or factors that one command may ask for."""


@dataclass(frozen=True)
class Act(Edit):
    """Call a method of the model: ``Act("refine", {"new_grid": 10})``.

    Values are as a `Call` holds them: the session's data are ``{"$": "dataset"}``.
    """

    name = "act"
    method: str
    values: Mapping[str, Any]

    def check(self, model: KAN) -> None:
        if not isinstance(self.method, str) or self.method not in ACTIONS:
            raise KeyError(
                f"there is no action {self.method!r:.60}; there are {', '.join(sorted(ACTIONS))}"
            )
        if not isinstance(self.values, Mapping):
            raise TypeError(f"values are {self.values!r:.60}; arguments by name are needed")
        try:
            inspect.signature(getattr(model, self.method)).bind(**self.values)
        except TypeError as error:
            raise TypeError(f"{self.method}: {error}") from None
        for name in ("new_grid", "n_added_nodes", "mult_arity"):
            for number in _numbers(self.values.get(name)):
                if number > MOST:
                    raise ValueError(f"{name} is {number}; at most {MOST} is needed")

    def apply(self, model: KAN, dataset: Dataset) -> Any:
        return Call(self.method, self.values).do(model, dataset)

    @property
    def label(self) -> str:
        return short(Call(self.method, self.values))


def _numbers(value: Any) -> Iterator[float]:
    """All numbers in a value as JSON has it."""
    if isinstance(value, int | float):
        yield value
    for each in value if isinstance(value, list | tuple) else ():
        yield from _numbers(each)
