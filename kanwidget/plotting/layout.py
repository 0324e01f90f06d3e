"""Where everything of a plot lies, in inches: inputs at the bottom, outputs on top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kanwidget.picture import Picture

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]

LARGEST, SMALLEST = 0.9, 0.42
"""Side of a frame: one row holds them while they are not smaller than this; then there are more."""
FILLED = 0.84
"""Share of its place that a frame fills."""
NARROWEST, WIDEST, HIGHEST = 4.5, 11.0, 3.6
"""Width of the figure, and height of the frames of a layer."""
DROP, GAP = 0.34, 0.24
"""How far the factors of a product lie below it, and from each other, at most."""


@dataclass(frozen=True)
class Layout:
    """Places of nodes, of subnodes and of the frames of edges.

    Attributes
    ----------
    width, height : float
        From the inputs to the outputs.
    nodes : list of (n, 2) arrays
        One a node layer.
    subnodes : list of (m, 2) arrays
        One an edge layer, what its edges lead to: the place of the node itself, or below a product.
    centres : (E, 2) array
        Of the frames.
    side : (E,) array
        Of the frames, which are square.
    lower, upper : (E, 4, 2) arrays
        Ways of the rods from the input node to the frame, and from the frame to the subnode.
    """

    width: float
    height: float
    nodes: list[Array]
    subnodes: list[Array]
    centres: Array
    side: Array
    lower: Array
    upper: Array

    def spacing(self, layer: int) -> float:
        """How far apart the nodes of a layer are."""
        return self.width / len(self.nodes[layer])


def layout_of(drawn: Picture) -> Layout:
    """The layout of a picture.

    The frames of a layer stand in the order of the middle between their ends, in one row or in columns
    of several; rods then run between the columns, each on a line of its own.
    """
    counts = np.bincount(drawn.layer, minlength=len(drawn.width) - 1)
    widest = max(0.6 * counts.max(), 0.6 * max(drawn.width), NARROWEST)
    width = min(widest, WIDEST)
    reach = min(0.085 * width, 0.8)
    y, total = 0.0, len(drawn.layer)
    nodes, subnodes = [_row(drawn.width[0], width, y)], []
    centres, side = np.zeros((total, 2)), np.zeros(total)
    lower, upper = np.zeros((total, 4, 2)), np.zeros((total, 4, 2))
    for l, count in enumerate(counts.tolist()):
        block = _Block(count, width, y + reach)
        owner, n = drawn.owner(l), drawn.width[l + 1]
        y = block.top + reach + (DROP if len(owner) > n else 0.0)
        nodes.append(_row(n, width, y))
        subnodes.append(_subnodes(nodes[-1], owner, width / n))
        edges = np.flatnonzero(drawn.layer == l)
        source, target = drawn.source[edges], drawn.target[edges]
        start, end = nodes[l][source], subnodes[l][target]
        rank = np.argsort(np.lexsort((target, source, (start + end)[:, 0].round(9))))
        centres[edges], side[edges] = block.centres(rank), block.size
        lower[edges], upper[edges] = block.ways(rank, start, -1), block.ways(rank, end, 1)
    return Layout(width, y, nodes, subnodes, centres, side, lower, upper)


class _Block:
    """The frames of one layer, column by column, from the top down in each."""

    def __init__(self, count: int, width: float, bottom: float) -> None:
        self.rows, self.size = _best_rows(count, width)
        self.pitch = np.array([width / max(1, -(-count // self.rows)), self.size / FILLED])
        self.bottom, self.top = bottom, bottom + self.rows * self.pitch[1]

    def centres(self, rank: Ints) -> Array:
        column, row = np.divmod(rank, self.rows)
        places: Array = np.column_stack([column + 0.5, self.rows - row - 0.5]) * self.pitch
        return places + np.array([0, self.bottom])

    def ways(self, rank: Ints, ends: Array, up: int) -> Array:
        """From the ends, above (1) or below (-1), to the frames, (n, 4, 2).

        The way to a frame behind others runs beside its column, upward on the right of it.
        """
        door = self.centres(rank) + np.array([0, up * self.size / 2])
        row = rank % self.rows
        hidden = (row > 0) if up > 0 else (row < self.rows - 1)
        line = (row + 0.5 + 0.25 * up) / self.rows - 0.5
        beside = door + 0.5 * up * np.array([self.pitch[0], self.pitch[1] - self.size])
        beside[:, 0] += line * (self.pitch[0] - self.size)
        outside = beside.copy()
        outside[:, 1] = self.top if up > 0 else self.bottom
        outside[~hidden] = beside[~hidden] = door[~hidden]
        return np.stack([ends, outside, beside, door], 1)


def _row(n: int, width: float, y: float) -> Array:
    return np.column_stack([(np.arange(n) + 0.5) * width / n, np.full(n, y)])


def _subnodes(nodes: Array, owner: Ints, spacing: float) -> Array:
    """Places of the factors, side by side below their product; a sum is its own."""
    arity = np.bincount(owner)[owner]
    factor = np.arange(len(owner)) - np.searchsorted(owner, owner)
    places: Array = nodes[owner].copy()
    places[:, 0] += (factor - (arity - 1) / 2) * np.minimum(GAP, 0.8 * spacing / arity)
    places[arity > 1, 1] -= DROP
    return places


def _best_rows(count: int, width: float) -> tuple[int, float]:
    """As few rows as leave the frames large enough, else the number that makes them largest."""
    best, largest = 1, 0.0
    for rows in range(1, count + 1):
        columns = -(-count // rows)
        size = min(LARGEST, FILLED * width / columns, FILLED * HIGHEST / rows)
        if size > largest:
            best, largest = rows, size
        if largest >= SMALLEST or FILLED * HIGHEST / rows < largest:
            break
    return best, largest
