"""What of a network reaches its outputs, and how long its formula would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.network import Network

MOST_SHOWN = 60
"""Edges or terms beyond which a formula is not worth reading."""


class Structure:
    """Which edges reach an output, and how large the formula would be."""

    def __init__(self, model: Network) -> None:
        layers: Any = model.layers
        kinds = [layer.kinds().tolist() for layer in layers]
        used = [[False] * width for width in model.width[:-1]] + [[True] * model.width[-1]]
        for l in reversed(range(len(kinds))):
            for j, row in enumerate(kinds[l]):
                for i, kind in enumerate(row):
                    used[l][i] |= kind > 0 and used[l + 1][j]
        self.kinds = [
            [[kind if used[l + 1][j] else 0 for kind in row] for j, row in enumerate(layer)]
            for l, layer in enumerate(kinds)
        ]
        self.used = used
        flat = [kind for layer in self.kinds for row in layer for kind in row]
        self.edges = sum(kind > 0 for kind in flat)
        self.numeric = sum(kind & 1 for kind in flat)
        counts = [1] * model.width[0]
        for layer in self.kinds:
            counts = [
                sum(count * kind.bit_count() for count, kind in zip(counts, row, strict=True))
                for row in layer
            ]
            counts = [max(count, 1) for count in counts]
        self.terms = sum(counts)

    def sentence(self) -> str:
        """What to say instead of a formula."""
        if self.numeric == 0:
            return f"The formula has {self.terms} terms, too many to show; symbolic_formula() returns it."
        return (
            f"The network has {self.edges} edges, {self.numeric} of them numeric: too many for a formula."
            f" It is shown from {MOST_SHOWN} edges down."
        )
