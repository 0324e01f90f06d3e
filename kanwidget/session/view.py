"""What a session shows: immutable, numbered, and complete, so that any view can be drawn from it alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from kanwidget import formula as formulas
from kanwidget import picture
from kanwidget.datasets import Dataset
from kanwidget.fitting import root_mean_squares
from kanwidget.model import KAN
from kanwidget.session.history import History, Node, RunningCurve, pareto
from kanwidget.session.recording import counts

MOST_POINTS = 600
AT_ONCE = 5_000_000
"""Edges times samples that a frame is drawn of; no fit stops while it is."""
FEWEST_ROWS = 50
LOSSES = ("train_loss", "val_loss", "test_loss")


@dataclass(frozen=True)
class FormulaView:
    """The formula as LaTeX, and how far it is from the network on the training data.

    Attributes
    ----------
    latex : str
        Empty where ``text`` says why there is none.
    shown, full : float or None
        Largest difference relative to the largest output, as shown and with all digits.
    digits : int
    numeric_edges : int
        Edges that appear as φ placeholders.
    """

    latex: str = ""
    shown: float | None = None
    full: float | None = None
    digits: int = 4
    numeric_edges: int = 0
    text: str = ""


@dataclass(frozen=True)
class Message:
    """A sentence for the person; ``number`` grows, so that the same one said twice is seen twice."""

    kind: str = ""
    text: str = ""
    number: int = 0


@dataclass(frozen=True)
class View:
    """Everything there is to see at one moment; a later one has a higher version."""

    version: int
    status: str
    step: int
    total_steps: int
    picture: picture.Picture
    losses: dict[str, Any]
    summary: dict[str, Any]
    formula: FormulaView
    history: dict[str, Any]
    message: Message

    def but(self, **changes: Any) -> View:
        """The same view with some parts replaced."""
        return replace(self, **changes)


def measure(node: Node | None, still: KAN, dataset: Dataset) -> tuple[dict[str, Any], FormulaView]:
    """Losses and formula of a model that nobody changes; they are those of a node, where one is given."""
    losses = {name: finite(loss) for name, loss in root_mean_squares(still, dataset).items()}
    written = write_formula(still, dataset)
    if node is not None:
        node.metrics = node.metrics | losses | {"formula": written.latex}
    return losses, written


def whole(
    still: KAN,
    node: Node | None,
    dataset: Dataset,
    metric: str,
    history: History,
    running: RunningCurve,
    version: int,
    status: str,
    message: Message,
) -> View:
    """Everything measured and written anew, of a model that nobody changes meanwhile.

    ``node`` is the one whose state it is in, where there is one.
    """
    costs = picture.measure_costs(still, dataset, metric)
    losses, written = measure(node, still, dataset)
    return View(
        version=version,
        status=status,
        step=0,
        total_steps=0,
        picture=picture.draw(still, dataset.train_input, metric, costs),
        losses=loss_curves(history, running),
        summary=counts(still) | losses | {"outside": picture.outside(still, dataset.train_input)},
        formula=written,
        history=history_view(history),
        message=message,
    )


def frame(
    shown: View,
    model: KAN,
    dataset: Dataset,
    metric: str,
    history: History,
    running: RunningCurve,
) -> dict[str, Any]:
    """What changes in a view while a fit runs: curves and losses; the formula stays as it was."""
    edges = sum(layer.alive.numel() for layer in model.layers)
    rows = max(FEWEST_ROWS, AT_ONCE // edges)
    with model.exclusive:
        drawn = picture.draw(model, dataset.train_input[:rows], metric)
    summary = dict(shown.summary)
    if running.train:
        summary |= {"train_loss": running.train[-1], "val_loss": running.val[-1]}
    return {"picture": drawn, "losses": loss_curves(history, running), "summary": summary}


def write_formula(model: KAN, dataset: Dataset, digits: int = 4) -> FormulaView:
    """The formula of a model that nobody else changes meanwhile."""
    written = formulas.formula(model, dataset.train_input, digits=digits)
    return FormulaView(
        latex=written.latex,
        shown=finite(written.shown_error),
        full=finite(written.full_error),
        digits=written.digits,
        numeric_edges=written.numeric_edges,
        text=written.text,
    )


def loss_curves(history: History, running: RunningCurve) -> dict[str, Any]:
    """Losses from the start to here, thinned to 600 points, with the actions that came between."""
    losses: list[tuple[float, float]] = []
    events: list[dict[str, Any]] = []
    for node in history.path():
        losses += zip(node.curve.train, node.curve.val, strict=True)
        if node.parent is not None and node.action.command not in ("train", "fit"):
            events.append({"step": len(losses), "label": node.label})
    losses += zip(running.train, running.val, strict=True)
    every = max(1, math.ceil(len(losses) / MOST_POINTS))
    kept = [n for n in range(len(losses)) if n % every == 0 or n == len(losses) - 1]
    return {
        "step": [n + 1 for n in kept],
        "train": [finite(losses[n][0]) for n in kept],
        "val": [finite(losses[n][1]) for n in kept],
        "events": events,
    }


def history_view(history: History) -> dict[str, Any]:
    """The history as plain data: its nodes, where it is, and what undo and redo would do."""
    front = {node.id for node in pareto(history.nodes)}

    def node_view(node: Node) -> dict[str, Any]:
        return {
            "id": node.id,
            "parent": node.parent,
            "label": node.label,
            "command": node.action.command,
            "train": node.metrics.get("train_loss"),
            "val": node.metrics.get("val_loss"),
            "edges": node.metrics.get("alive"),
            "complexity": node.metrics.get("complexity"),
            "note": node.note,
            "pinned": node.pinned,
            "kept": node.state is not None,
            "best": node.id in front,
            "made": node.made,
            "seconds": node.seconds,
        }

    return {
        "undo": history.undo_label,
        "redo": history.redo_label,
        "current": history.current.id,
        "nodes": [node_view(node) for node in list(history.nodes)],
        "gone": history.gone,
        "bytes": history.memory.bytes,
    }


def finite(value: float | None) -> float | None:
    """A number that JSON can carry: NaN and infinity become None."""
    return value if value is not None and math.isfinite(value) else None
