"""The tree of states: every action is a node; undo walks up, redo walks down again, a jump goes anywhere."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kanwidget.network import Snapshot
from kanwidget.session.calls import Call
from kanwidget.session.states import Memory, sharing

LIMIT = 2**30
"""Bytes of states that are kept unless told otherwise."""
MOST_SPARKS = 24
LONGEST_NAME, LONGEST_NOTE = 200, 20_000


@dataclass(frozen=True)
class LossCurve:
    """Losses of one training burst, one entry a step.

    ``penalty`` is what regularisation added to the loss that was made small; empty where it was none.
    """

    train: tuple[float, ...] = ()
    val: tuple[float, ...] = ()
    penalty: tuple[float, ...] = ()

    @cached_property
    def spark(self) -> list[float]:
        """Up to 24 of them, in three digits: those on validation data where there are any."""
        losses = self.val or self.train
        count = min(MOST_SPARKS, len(losses))
        places = (round(n * (len(losses) - 1) / max(1, count - 1)) for n in range(count))
        seen = (losses[place] for place in places)
        return [float(f"{loss:.3g}") for loss in seen if math.isfinite(loss)]


NO_LOSSES = LossCurve()


class RunningCurve:
    """Losses of a burst that is still going on; ``test`` is the last one on test data."""

    def __init__(self) -> None:
        self.train: list[float] = []
        self.val: list[float] = []
        self.penalty: list[float] = []
        self.test = math.nan

    def add(self, train: float, val: float, penalty: float = 0.0, test: float = math.nan) -> None:
        """Add what a step ended at."""
        self.train.append(train)
        self.val.append(val)
        self.penalty.append(penalty)
        self.test = test

    def so_far(self) -> LossCurve:
        """The curve so far."""
        penalty = tuple(self.penalty) if any(self.penalty) else ()
        return LossCurve(tuple(self.train), tuple(self.val), penalty)

    def take(self) -> LossCurve:
        """The curve so far; a new one begins."""
        curve = self.so_far()
        self.train, self.val, self.penalty, self.test = [], [], [], math.nan
        return curve


@dataclass(frozen=True)
class Action:
    """What led to a state.

    Attributes
    ----------
    label : str
        What a person reads.
    command : str
        Its name: of the session's commands, or the model's method.
    calls : tuple of Call, or None
        What does it again, in this order; None where nothing does, and ``because`` says why.
    """

    label: str
    command: str
    calls: tuple[Call, ...] | None = ()
    because: str = ""


@dataclass
class Node:
    """A state, the action that led to it, and what a person has written on it.

    Attributes
    ----------
    state : Snapshot or None
        None where it was let go to save memory.
    metrics : dict
        Losses, complexity, and counts of edges.
    curve : LossCurve
        Of a training burst.
    made, seconds : float
        When, in seconds since 1970, and how long it took.
    redo : int or None
        The child that was left last.
    """

    id: int
    parent: int | None
    action: Action
    state: Snapshot | None
    metrics: dict[str, Any]
    curve: LossCurve = NO_LOSSES
    made: float = field(default_factory=time.time)
    seconds: float = 0.0
    redo: int | None = None
    name: str = ""
    note: str = ""
    pinned: bool = False

    @property
    def label(self) -> str:
        """What a person reads: the name it was given, or the action."""
        return self.name or self.action.label


class History:
    """Nodes by their number, and the one the model is at.

    Parameters
    ----------
    state : Snapshot
        At the start.
    metrics : dict
    limit : int
        Bytes that states may take.  Beyond it those farthest from the current one are let go; the
        nodes stay, and so do the start and all states that are named or pinned.

    Attributes
    ----------
    nodes : list of Node
    current : Node
    memory : Memory
    """

    def __init__(self, state: Snapshot, metrics: dict[str, Any], limit: int = LIMIT) -> None:
        self.limit = limit
        self.memory = Memory()
        self.nodes = [Node(0, None, Action("start", "start"), state, metrics)]
        self.current = self.nodes[0]
        self.memory.add(state)

    def commit(
        self,
        action: Action,
        state: Snapshot,
        metrics: dict[str, Any],
        curve: LossCurve = NO_LOSSES,
        seconds: float = 0.0,
    ) -> Node:
        """Add a node under the current one and go there."""
        if self.current.state is not None:
            state = sharing(state, self.current.state)
        node = Node(
            len(self.nodes), self.current.id, action, state, metrics, curve, seconds=seconds
        )
        self.nodes.append(node)
        self.memory.add(state)
        self.current.redo = node.id
        self.current = node
        self.let_go()
        return node

    # ------------------------------------------------------------------ where to

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return None if self.current.parent is None else self.current.label

    @property
    def redo_label(self) -> str | None:
        """What redo would do again, or None."""
        return None if self.current.redo is None else self.nodes[self.current.redo].label

    def undo(self) -> Node:
        """Go to the next node upward that has a state; ValueError at the start."""
        if self.current.parent is None:
            raise ValueError("there is nothing to undo")
        node = self.current
        while node.parent is not None:
            self.nodes[node.parent].redo, node = node.id, self.nodes[node.parent]
            if node.state is not None:
                break
        self.current = node
        return node

    def redo(self) -> Node:
        """Go to the next node downward that was undone last and has a state; ValueError for none."""
        if self.current.redo is None:
            raise ValueError("there is nothing to redo")
        node: Node | None = self._below(self.current)
        while node is not None and node.state is None:
            node = self._below(node)
        if node is None:
            raise ValueError(
                "what redo would do again was let go to save memory; train or prune once more"
            )
        self.current = node
        return node

    def _below(self, node: Node) -> Node | None:
        return None if node.redo is None else self.nodes[node.redo]

    def jump(self, number: int) -> Node:
        """Go to any node.

        Raises
        ------
        KeyError
            If there is no such node.
        ValueError
            If its state was let go.
        """
        node = self.node(number)
        if node.state is None:
            raise ValueError(
                f"the state of step {number} ({node.label}) was let go to keep the history under "
                f"{_size(self.limit)}; steps that are pinned or named are kept"
            )
        for upper in self.path(node)[1:]:
            assert upper.parent is not None
            self.nodes[upper.parent].redo = upper.id
        self.current = node
        return node

    def node(self, number: Any) -> Node:
        """A node by its number; KeyError where there is none."""
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole or not 0 <= number < len(self.nodes):
            raise KeyError(f"there is no step {number!r:.60}; steps are 0 to {len(self.nodes) - 1}")
        return self.nodes[number]

    def path(self, node: Node | None = None) -> list[Node]:
        """Nodes from the start to one, the current one where none is given."""
        path = [node or self.current]
        while path[-1].parent is not None:
            path.append(self.nodes[path[-1].parent])
        return path[::-1]

    # ------------------------------------------------------------------ what a person writes

    def rename(self, number: int, name: str) -> None:
        """Give a node a name; the empty one takes it away."""
        self.node(number).name = _text("name", name, LONGEST_NAME)

    def annotate(self, number: int, note: str) -> None:
        """Write a note on a node."""
        self.node(number).note = _text("note", note, LONGEST_NOTE)

    def pin(self, number: int, pinned: bool = True) -> None:
        """Keep a node's state whatever memory it takes, or no longer."""
        if not isinstance(pinned, bool):
            raise TypeError(f"pinned is {pinned!r:.60}; True or False is needed")
        self.node(number).pinned = pinned

    # ------------------------------------------------------------------ memory

    def let_go(self) -> None:
        """Let states go, those farthest from here first, until all others are within the limit."""
        if self.memory.bytes <= self.limit:
            return
        for node in reversed(list(self.outward())):
            if (
                node is self.current
                or not node.id
                or node.pinned
                or node.name
                or node.state is None
            ):
                continue
            self.memory.drop(node.state)
            node.state = None
            if self.memory.bytes <= self.limit:
                return

    @property
    def gone(self) -> int:
        """How many states were let go."""
        return sum(node.state is None for node in self.nodes)

    def outward(self) -> Iterator[Node]:
        """All nodes, the nearest to the current one first."""
        near: dict[int, list[int]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            if node.parent is not None:
                near[node.id].append(node.parent)
                near[node.parent].append(node.id)
        seen, waiting = {self.current.id}, deque([self.current.id])
        while waiting:
            number = waiting.popleft()
            yield self.nodes[number]
            for other in near[number]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)


def pareto(nodes: Sequence[Node], loss: str = "val_loss") -> list[Node]:
    """Of all nodes those that no other beats in both complexity and loss, the simplest first.

    Of equal ones the first counts.
    """
    front: list[Node] = []
    measured = [node for node in nodes if node.metrics.get(loss) is not None]
    for node in sorted(measured, key=lambda node: (_complexity(node), node.metrics[loss], node.id)):
        if not front or node.metrics[loss] < front[-1].metrics[loss]:
            front.append(node)
    return front


_complexity: Callable[[Node], float] = lambda node: node.metrics["complexity"]  # noqa: E731


def _text(name: str, value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(
            f"{name} is {value!r:.60}; a text of at most {longest} characters is needed"
        )
    return value


def _size(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} GB"


__all__ = ["LIMIT", "Action", "History", "LossCurve", "Node", "RunningCurve", "pareto"]
