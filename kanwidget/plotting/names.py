"""The names beside a row of nodes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kanwidget.plotting.layout import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 2.0
"""In inches; a longer name is cut."""
DISTANCE = 0.14
"""Of a name from the middle of its node, in inches."""
INDEXED = re.compile(r"[A-Za-z]_[A-Za-z0-9]+")


class Row:
    """Names side by side, or upright where they are too long, or none where there is no room.

    Parameters
    ----------
    names : sequence
        Texts, or sympy expressions.
    size : float
        Of the letters, in points.
    room : float
        For each name, in inches.

    Attributes
    ----------
    height : float
        What the row needs beyond its nodes, in inches.
    """

    def __init__(self, names: Sequence[Any], size: float, room: float) -> None:
        em = size / 72
        self.size = size
        self.texts = [_written(name, LONGEST / em) for name in names]
        longest = em * max(_length(text) for text, _ in self.texts)
        self.upright = longest > room
        self.shown = not self.upright or 1.1 * em <= room
        room_needed = longest if self.upright else 1.3 * em
        self.height = DISTANCE + room_needed if self.shown else 0.0

    def write(self, axes: Axes, places: Array, side: int, scale: float) -> None:
        """Write the names below (side -1) or above (side 1) the nodes."""
        if not self.shown:
            return
        for (x, y), (text, mathematics) in zip(places, self.texts, strict=True):
            axes.text(
                x,
                y + side * DISTANCE,
                text,
                size=self.size * scale,
                ha="center",
                va="top" if side < 0 else "bottom",
                rotation=90 if self.upright else 0,
                parse_math=mathematics,
            )


def _written(name: Any, longest: float) -> tuple[str, bool]:
    """A name as matplotlib sets it, and whether that is mathematics: x_1 has its index lowered."""
    if not isinstance(name, str) and hasattr(name, "free_symbols"):
        import sympy

        name = f"${sympy.latex(name)}$"
    name = str(name)
    if INDEXED.fullmatch(name):
        letter, index = name.split("_")
        return f"${letter}_{{{index}}}$", True
    text = _with_lower_index(name)
    if "$" in text and _can_be_set(text):
        return text, True
    return _cut(name, longest), False


def _with_lower_index(name: str) -> str:
    letter, _, index = name.partition("_")
    if name.startswith("\\") and "$" not in name:
        return f"${letter}_{{{index}}}$" if index else f"${name}$"
    return name


def _can_be_set(text: str) -> bool:
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True


def _length(text: str) -> float:
    """About how long a text is, in units of its size."""
    if text.startswith("$"):
        text = re.sub(r"\\[A-Za-z]+", "x", text)
        text = re.sub(r"[${}^_\s]", "", text)
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.62 for c in text)


def _cut(text: str, longest: float) -> str:
    if _length(text) <= longest:
        return text
    kept = len(text) - 1
    while kept > 1 and _length(text[:kept]) + 1 > longest:
        kept -= 1
    return text[:kept] + "…"
