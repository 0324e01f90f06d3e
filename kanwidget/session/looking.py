"""How a state of the history looks, on a copy of the model: the live one stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kanwidget import picture
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.history import Node
from kanwidget.session.view import finite, most_rows


@dataclass(frozen=True)
class Sight:
    """A state of the history to be looked at.

    Attributes
    ----------
    number : int
        Of the state.
    label : str
    picture : kanwidget.picture.Picture
        Without what removing edges would cost.
    latex : str
        Its formula; empty where it has none that can be read.
    losses : dict of str to float or None
    """

    number: int
    label: str
    picture: picture.Picture
    latex: str
    losses: dict[str, float | None]


def look(node: Node, model: KAN, dataset: Dataset, metric: str) -> Sight:
    """Draw a state that has been measured.

    Raises
    ------
    ValueError
        If it was let go to save memory.
    """
    state = node.state  # taken once: a session may let states go meanwhile
    if state is None:
        raise ValueError(
            f"the state of step {node.id} ({node.label}) was let go to save memory; its losses are "
            "all that is left of it"
        )
    still = model.still()
    still.restore(state)
    rows: Any = slice(most_rows(still))
    return Sight(
        number=node.id,
        label=node.label,
        picture=picture.draw(still, dataset.train_input[rows], metric),
        latex=node.metrics.get("formula") or "",
        losses={
            name: finite(value) for name, value in node.metrics.items() if name.endswith("_loss")
        },
    )
