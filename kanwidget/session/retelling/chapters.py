"""What a story is made of: chapters of passages, each some code and what is to be said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kanwidget.model import KAN
from kanwidget.texts import printable

MOST_EDGES = 200
"""Of networks with more live edges nobody reads the formula."""


@dataclass(frozen=True)
class Passage:
    """Lines of code, with what is to be said before them."""

    code: str
    before: str = ""


@dataclass
class Chapter:
    """Passages under a title; ``remarks`` says whether what is before them is for people alone."""

    title: str
    passages: list[Passage] = field(default_factory=list)
    remarks: bool = False

    def add(self, code: str, before: str = "") -> None:
        """Add a passage at the end."""
        self.passages.append(Passage(code, before))


@dataclass
class Story:
    """A session as chapters.

    Attributes
    ----------
    actions : int
        How many led to the end.
    formulas : list of str
        As `formulas_of` gives them.
    imports : set of str
        Lines, in no order.
    """

    actions: int
    formulas: list[str]
    chapters: list[Chapter] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)


def clean(text: str) -> str:
    """A text for people, without characters that could end a comment or a line of it unseen."""
    lines = re.split(r"\r\n|\r|\n", text.strip())
    return "\n".join(printable(line).rstrip() for line in lines)


def formulas_of(model: KAN) -> list[str]:
    """``y = …`` for every output, as one line each; none where the network is too large for them."""
    if len(model.edges()) > MOST_EDGES:
        return []
    try:
        found, _ = model.symbolic_formula(digits=4, exact=True)
    except ValueError:  # sums within sums within sums become too long
        return []
    return [clean(f"{name} = {each}") for name, each in zip(model.output_names, found, strict=True)]
