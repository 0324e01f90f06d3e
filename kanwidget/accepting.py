"""Arguments that pykan's users give, and that there is nothing to say about here."""

from __future__ import annotations

import functools
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
    """Let a method take arguments by these names of `MEANT_NOTHING`, and leave them aside."""

    def accepting(method: Callable[Given, Returned]) -> Callable[Given, Returned]:
        @functools.wraps(method)
        def accepts(*args: Given.args, **options: Given.kwargs) -> Returned:
            kept: Any = {name: value for name, value in options.items() if name not in names}
            return method(*args, **kept)

        return accepts

    return accepting
