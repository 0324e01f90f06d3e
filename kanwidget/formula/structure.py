"""What of a network reaches its outputs, and how long its formula would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.network import Network

MOST_SHOWN = 60
"""Edges or terms beyond which a formula is not worth reading."""


NOT_FINITE = (
    "The network holds numbers that are NaN or infinite, so there is no formula; undo goes back to a "
    "state without them."
)


def is_finite(model: Network) -> bool:
    """Whether all numbers are finite that a formula of the network would hold."""
    layers: Any = model.layers
    return all(
        bool(numbers.isfinite().all())
        for layer in layers
        for numbers in (
            layer.affine[layer.symbolic & layer.alive],
            layer.constant(),
            *layer.nodes.parameters(),
        )
    )


class Structure:
    """Which edges reach an output, and how large the formula would be.

    Attributes
    ----------
    kinds : list of list of list of int
        What the edges [l][j][i] are, see `Edges.kinds`; 0 for those that no output depends on.
    used : list of list of bool
        Whether an output depends on node [l][i].
    edges, numeric : int
        How many edges, and edges with a numeric part, the outputs depend on.
    terms : int
        At most so many terms has the formula when everything is nested, products left in brackets.
    """

    def __init__(self, model: Network) -> None:
        layers: Any = model.layers
        kinds = [layer.kinds().tolist() for layer in layers]
        used = [[False] * width for width in model.width[:-1]] + [[True] * model.width[-1]]
        for l in reversed(range(len(kinds))):
            passed = _passed_on(layers[l], kinds[l])
            for j, node in enumerate(layers[l].nodes.owner.tolist()):
                if not (passed[j] and used[l + 1][node]):
                    kinds[l][j] = [0] * len(kinds[l][j])
                for i, kind in enumerate(kinds[l][j]):
                    used[l][i] |= kind > 0
        self.kinds, self.used = kinds, used
        flat = [kind for layer in kinds for row in layer for kind in row]
        self.edges = sum(kind > 0 for kind in flat)
        self.numeric = sum(kind & 1 for kind in flat)
        counts = [1] * model.width[0]
        for layer, rows in zip(layers, kinds, strict=True):
            sums = [
                max(1, sum(n * kind.bit_count() for n, kind in zip(counts, row, strict=True)))
                for row in rows
            ]
            counts = [sum(sums[j] for j in nodes) for nodes in _subnodes(layer)]
        self.terms = sum(counts)

    def sentence(self) -> str:
        """What to say instead of a formula."""
        if self.numeric == 0:
            return f"The formula has {self.terms} terms, too many to show; symbolic_formula() returns it."
        return (
            f"The network has {self.edges} edges, {self.numeric} of them numeric: too many for a formula."
            f" It is shown from {MOST_SHOWN} edges down."
        )


def _subnodes(layer: Any) -> list[range]:
    return [layer.nodes.subnodes(node) for node in range(layer.nodes.count)]


def _passed_on(layer: Any, kinds: list[list[int]]) -> list[bool]:
    """Whether the node of each subnode depends on it: no scale is 0, and no factor of the product."""
    scale, shift = layer.nodes.subnode_scale.tolist(), layer.nodes.subnode_bias.tolist()
    constant = layer.constant().tolist()
    varies = [any(row) and factor != 0 for row, factor in zip(kinds, scale, strict=True)]
    passed = []
    for node, weight in zip(_subnodes(layer), layer.nodes.node_scale.tolist(), strict=True):
        zero = weight == 0 or any(
            not varies[j] and scale[j] * constant[j] + shift[j] == 0 for j in node
        )
        passed += [varies[j] and not zero for j in node]
    return passed
