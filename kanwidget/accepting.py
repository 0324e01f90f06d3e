"""Arguments that pykan's users give, and that there is nothing to say about here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

MEANT_NOTHING = {
    "log_history": "what is done is always told, to the history of a session too",
    "verbose": "nothing is printed: what was found is returned",
    "a_range": "constants are found wherever they are",
    "b_range": "constants are found wherever they are",
    "mode": "nodes are chosen by their score, or by active_neurons_id",
}
"""Names, and why they change nothing."""


def also_takes(*names: str) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Let a method take arguments by these names too, also without names after all of its own.

    Those of `MEANT_NOTHING` are left aside.
    """

    def accepting(method: Callable[Given, Returned]) -> Callable[Given, Returned]:
        own = inspect.signature(method).parameters.values()
        count = sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in own)

        @functools.wraps(method)
        def accepts(*args: Given.args, **options: Given.kwargs) -> Returned:
            values: Any = args
            if len(values) > count + len(names):
                return method(*args, **options)  # which says that these are too many
            told: Any = {**dict(zip(names, values[count:], strict=False)), **options}
            kept: Any = {
                name: value
                for name, value in told.items()
                if name not in names or name not in MEANT_NOTHING
            }
            return method(*values[:count], **kept)

        return accepts

    return accepting
