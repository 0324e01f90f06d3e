"""All states of a history as they look, for a page that steps through them without a kernel."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from kanwidget import costs
from kanwidget.datasets import Dataset
from kanwidget.inspecting import Inspection, inspect
from kanwidget.model import KAN
from kanwidget.network import Edge, Snapshot
from kanwidget.picture import passage, with_costs
from kanwidget.session import view
from kanwidget.session.history import History, Node, RunningCurve
from kanwidget.session.view import Message, View

MOST_BYTES = 20_000_000
"""Of pictures in an album."""
INSPECTED = 250
"""Edges of all states together that are inspected, state by state."""


@dataclass(frozen=True)
class Album:
    """Views of states.

    Attributes
    ----------
    current : int
        The state that is shown first.
    views : dict of int to View
        By the number of the state; their versions are 1, 2, ….
    left_out : int
        States that are not among them, since there would be too many or they were let go.
    inspections : dict of int to dict of (l, i, j) to Inspection
        The live edges of the nearest states.
    """

    current: int
    views: dict[int, View]
    left_out: int
    inspections: dict[int, dict[Edge, Inspection]]


def album(
    model: KAN,
    dataset: Dataset,
    history: History,
    metric: str,
    current: int | None = None,
    most: int | None = None,
) -> Album:
    """Draw the states of a history, those nearest to one of them first, until there are enough.

    Parameters
    ----------
    model : KAN
        It stays as it is: a copy goes from state to state.
    current : int, optional
        The state to be shown first; that of the history where it is not given.
    most : int, optional
        No more than so many states.

    Raises
    ------
    KeyError
        If there is no such state.
    ValueError
        If it was let go to save memory.
    """
    first = history.current if current is None else history.node(current)
    if first.state is None:
        raise ValueError(f"the state of step {first.id} ({first.label}) was let go to save memory")
    seen_from = copy.copy(history)
    seen_from.nodes, seen_from.current = list(history.nodes), first
    with model.exclusive:
        still = model.still()
    views: dict[int, View] = {}
    inspections: dict[int, dict[Edge, Inspection]] = {}
    size, inspected = 0, 0
    for node in seen_from.outward():
        state = node.state  # taken once: a session may let states go meanwhile
        if state is None or size > MOST_BYTES or len(views) == most:
            continue
        views[node.id] = _view(still, state, node, dataset, seen_from, metric, len(views) + 1)
        edges = still.edges()
        if inspected + len(edges) <= INSPECTED and most is None:
            inspected += len(edges)
            inspections[node.id] = {edge: inspect(still, edge, dataset) for edge in edges}
        drawn = views[node.id].picture
        size += drawn.curve.nbytes + drawn.histogram.nbytes + 60 * len(drawn.layer)
    return Album(first.id, views, len(seen_from.nodes) - len(views), inspections)


def _view(
    still: KAN,
    state: Snapshot,
    node: Node,
    dataset: Dataset,
    history: History,
    metric: str,
    version: int,
) -> View:
    still.restore(state)
    here = copy.copy(history)
    here.current = node
    through = passage(still, dataset.train_input)
    look = view.look(still, dataset, metric, through)
    seen = view.whole(
        still, look, here, RunningCurve(), version=version, status="idle", message=Message(),
        formula=view.write_formula(still, dataset, through=through),
    )  # fmt: skip
    return seen.but(picture=with_costs(look.picture, costs.measure(still, dataset, metric)))
