"""The tree of states: every action is a node, undo walks up, redo walks down again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from kanwidget.network import Snapshot


@dataclass(frozen=True)
class LossCurve:
    """Losses of one training burst, one entry a step."""

    train: tuple[float, ...] = ()
    val: tuple[float, ...] = ()


NO_LOSSES = LossCurve()


class RunningCurve:
    """Losses of a burst that is still going on."""

    def __init__(self) -> None:
        self.train: list[float] = []
        self.val: list[float] = []

    def add(self, train: float, val: float) -> None:
        """Add what a step ended at."""
        self.train.append(train)
        self.val.append(val)

    def take(self) -> LossCurve:
        """The curve so far; a new one begins."""
        curve = LossCurve(tuple(self.train), tuple(self.val))
        self.train, self.val = [], []
        return curve


@dataclass
class Node:
    """A state, and the action that led to it."""

    id: int
    parent: int | None
    label: str
    command: str
    arguments: dict[str, Any]
    state: Snapshot
    metrics: dict[str, Any]
    curve: LossCurve
    made: float = field(default_factory=time.time)
    redo: int | None = None


class History:
    """Nodes by their number, and the one the model is at."""

    def __init__(self, state: Snapshot, metrics: dict[str, Any]) -> None:
        self.nodes = [Node(0, None, "start", "start", {}, state, metrics, LossCurve())]
        self.current = self.nodes[0]

    def commit(
        self,
        label: str,
        command: str,
        arguments: dict[str, Any],
        state: Snapshot,
        metrics: dict[str, Any],
        curve: LossCurve = NO_LOSSES,
    ) -> Node:
        """Add a node under the current one and go there."""
        node = Node(
            len(self.nodes), self.current.id, label, command, arguments, state, metrics, curve
        )
        self.nodes.append(node)
        self.current.redo = node.id
        self.current = node
        return node

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return None if self.current.parent is None else self.current.label

    @property
    def redo_label(self) -> str | None:
        """What redo would do again, or None."""
        return None if self.current.redo is None else self.nodes[self.current.redo].label

    def undo(self) -> Node:
        """Go to the parent; ValueError at the start."""
        if self.current.parent is None:
            raise ValueError("there is nothing to undo")
        parent = self.nodes[self.current.parent]
        parent.redo = self.current.id
        self.current = parent
        return parent

    def redo(self) -> Node:
        """Go to the child that was undone last; ValueError where there is none."""
        if self.current.redo is None:
            raise ValueError("there is nothing to redo")
        self.current = self.nodes[self.current.redo]
        return self.current

    def path(self) -> list[Node]:
        """Nodes from the start to the current one."""
        path = [self.current]
        while path[-1].parent is not None:
            path.append(self.nodes[path[-1].parent])
        return path[::-1]
