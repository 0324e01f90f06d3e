"""What is suggested for an edge: the ranked functions, which unpack as pykan's tuple of the best one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kanwidget.symbolic.suggest import Candidate


class Suggestions(tuple[Any, ...]):
    """Name, functions, R² and complexity of the best function, as pykan's users unpack them.

    The functions are f on tensors, f on sympy's expressions, and the complexity.  Empty where there is no
    function that can follow the edge.

    Attributes
    ----------
    candidates : list of Candidate
        All that are suggested, best first.
    """

    candidates: list[Candidate]

    def __new__(cls, candidates: Sequence[Candidate]) -> Suggestions:
        """Take the ranked candidates."""
        best = [
            (
                each.name,
                (each.function.torch, each.function.sympy, each.complexity),
                each.r2,
                each.complexity,
            )
            for each in candidates[:1]
        ]
        made = super().__new__(cls, best[0] if best else ())
        made.candidates = list(candidates)
        return made

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.candidates))

    def __reduce__(self) -> Any:
        return type(self), (self.candidates,)
