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
from kanwidget.session.history import History, LossCurve, Node, RunningCurve, pareto
from kanwidget.session.recording import counts

MOST_POINTS = 600
DIGITS = 4
"""Of a formula, unless a person asks for others."""
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
    digits : int or None
        Those that are shown; None is all.
    numeric_edges : int
        Edges that appear as φ placeholders.
    outputs : tuple of dict
        The same of every output: name, latex with a tag around each edge's term (see
        `kanwidget.formula.tags`), shown, full and numeric.
    pending : bool
        Whether this is the formula of before, because the new one takes long to write.
    """

    latex: str = ""
    shown: float | None = None
    full: float | None = None
    digits: int | None = DIGITS
    numeric_edges: int = 0
    text: str = ""
    outputs: tuple[dict[str, Any], ...] = ()
    pending: bool = False


@dataclass(frozen=True)
class Look:
    """How a state of the model looks.

    Attributes
    ----------
    picture : Picture
    losses : dict of str to float or None
        On all parts of the data, by the names of `LOSSES`.
    outside : str
        What is said of data outside the grid.
    with_costs : bool
        Whether the picture has what its edges cost.
    """

    picture: picture.Picture
    losses: dict[str, float | None]
    outside: str
    with_costs: bool = False


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


def measure(node: Node, still: KAN, dataset: Dataset, digits: int | None = DIGITS) -> None:
    """Give a node its losses and its formula, those of a model that is in its state and stays so."""
    written = write_formula(still, dataset, digits)
    node.metrics = node.metrics | losses_of(still, dataset) | {"formula": written.latex}


def losses_of(
    still: KAN, dataset: Dataset, through: picture.Passage | None = None
) -> dict[str, float | None]:
    """Losses on all parts of the data, by the names of `LOSSES`.

    ``through`` is the passage of the training data through the model, where it is known already.
    """
    known = {} if through is None else {"train": through.values[-1]}
    losses = root_mean_squares(still, dataset, known=known)
    return {name: finite(loss) for name, loss in losses.items()}


def look(still: KAN, dataset: Dataset, metric: str, through: picture.Passage) -> Look:
    """Measure and draw a model that nobody changes meanwhile, all but what its edges cost.

    ``through`` is the passage of the training data through it.
    """
    x = dataset.train_input
    return Look(
        picture.draw(still, x, metric, through),
        losses_of(still, dataset, through),
        picture.outside(still, x, through),
    )


def whole(
    still: KAN,
    look: Look,
    history: History,
    running: RunningCurve,
    version: int,
    status: str,
    message: Message,
    formula: FormulaView,
) -> View:
    """A view of a model that looks so and that nobody changes meanwhile."""
    grids = [layer.grid for layer in still.layers]
    return View(
        version=version,
        status=status,
        step=0,
        total_steps=0,
        picture=look.picture,
        losses=loss_curves(history, running),
        summary=counts(still) | look.losses | {"outside": look.outside, "grid": grids},
        formula=formula,
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
    rows = most_rows(model)
    with model.exclusive:
        drawn = picture.draw(model, dataset.train_input[:rows], metric)
    summary = dict(shown.summary)
    # what is not known of the network as it is now is not shown
    summary["test_loss"] = finite(running.test)
    if running.train:
        summary |= {"train_loss": finite(running.train[-1]), "val_loss": finite(running.val[-1])}
    return {"picture": drawn, "losses": loss_curves(history, running), "summary": summary}


def most_rows(model: KAN) -> int:
    """Samples that a picture is drawn of where it has to be quick."""
    return max(FEWEST_ROWS, AT_ONCE // sum(layer.alive.numel() for layer in model.layers))


def write_formula(
    model: KAN,
    dataset: Dataset,
    digits: int | None = DIGITS,
    through: picture.Passage | None = None,
) -> FormulaView:
    """The formula of a model that nobody else changes meanwhile.

    ``through`` is the passage of the training data through the model, where it is known already.
    """
    known = None if through is None else through.values[-1]
    x = dataset.train_input
    written = formulas.formula(model, x, digits=digits, tagged=True, outputs=known)
    return FormulaView(
        latex=written.latex,
        shown=finite(written.shown_error),
        full=finite(written.full_error),
        digits=written.digits,
        numeric_edges=written.numeric_edges,
        text=written.text,
        outputs=tuple(
            {
                "name": each.name,
                "latex": each.latex,
                "shown": finite(each.shown_error),
                "full": finite(each.full_error),
                "numeric": each.numeric_edges,
            }
            for each in written.outputs
        ),
    )


def loss_curves(history: History, running: RunningCurve) -> dict[str, Any]:
    """Losses from the start to here, thinned to about 600 points, with the actions that came between.

    The last training keeps at least half of the points, so that it can be looked at alone; ``burst`` is
    its first step.
    """
    curves: list[tuple[int, LossCurve | RunningCurve]] = []
    events: list[dict[str, Any]] = []
    total = 0
    for node in history.path():
        if node.curve.train:
            curves.append((total, node.curve))
            total += len(node.curve.train)
        if node.parent is not None and node.action.command not in ("train", "fit"):
            what = {"label": node.label, "command": node.action.command}
            events.append({"step": total} | what)
    if running.train:
        curves.append((total, running))
        total += len(running.train)
    burst = curves[-1][0] if curves else 0
    every, every_last = _strides(burst, total - burst)
    points: list[tuple[int, float, float, float]] = []
    for first, curve in curves:
        stride = every_last if first == burst else every
        for n in _kept(first, len(curve.train), stride, first == burst):
            penalty = curve.penalty[n] if curve.penalty else 0.0
            points.append((first + n + 1, curve.train[n], curve.val[n], penalty))
    return {
        "step": [point[0] for point in points],
        "train": [finite(point[1]) for point in points],
        "val": [finite(point[2]) for point in points],
        "penalty": [finite(point[3]) for point in points] if any(p[3] for p in points) else [],
        "events": events,
        "burst": burst + 1 if curves else 0,
    }


def _strides(before: int, last: int) -> tuple[int, int]:
    """Every how many steps a point is kept: before the last training, and in it."""
    room = max(MOST_POINTS // 2, MOST_POINTS - before)
    every_last = max(1, math.ceil(last / room))
    left = max(MOST_POINTS // 2, MOST_POINTS - last)
    return max(1, math.ceil(before / left)), every_last


def _kept(first: int, count: int, stride: int, with_end: bool) -> list[int]:
    """Which of a curve's steps are kept: the same ones of all steps however it grows."""
    kept = list(range(-first % stride, count, stride))
    return [*kept, count - 1] if with_end and (count - 1) not in kept[-1:] else kept


def history_view(history: History) -> dict[str, Any]:
    """The history as plain data: its nodes, where it is, and what undo and redo would do."""
    front = {node.id for node in pareto(history.nodes)}

    def node_view(node: Node) -> dict[str, Any]:
        return {
            "id": node.id,
            "parent": node.parent,
            "label": node.label,
            "name": node.name,
            "action": node.action.label,
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
            "redo": node.redo,
            "spark": node.curve.spark,
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
