"""Ways through the history, and what a person writes into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from kanwidget.session.commands.base import Command
from kanwidget.session.history import History, Node


class Move(Command, ABC):
    """A command that goes to another state."""

    @abstractmethod
    def to(self, history: History) -> Node:
        """Where it leads: the history is there then; ValueError or KeyError where there is no such way."""

    @abstractmethod
    def told(self, before: Node, after: Node) -> str:
        """What a person is told when it has led from one node to another."""


class Undo(Move):
    """Go back to the state before the last action."""

    name = "undo"

    def to(self, history: History) -> Node:
        return history.undo()

    def told(self, before: Node, after: Node) -> str:
        return f"undid: {before.label}"


class Redo(Move):
    """Do again what was undone."""

    name = "redo"

    def to(self, history: History) -> Node:
        return history.redo()

    def told(self, before: Node, after: Node) -> str:
        return f"did again: {after.label}"


@dataclass(frozen=True)
class Jump(Move):
    """Go to any state, by its number in the history."""

    name = "jump"
    number: int

    def to(self, history: History) -> Node:
        return history.jump(self.number)

    def told(self, before: Node, after: Node) -> str:
        return f"went to step {after.id}: {after.label}"


class Writing(Command, ABC):
    """A command that writes something into the history and leaves the model as it is."""

    @abstractmethod
    def write(self, history: History) -> None:
        """Do it; ValueError, TypeError or KeyError where it cannot be."""


@dataclass(frozen=True)
class Rename(Writing):
    """Give a state a name; the empty one takes it away."""

    name = "rename"
    number: int
    text: str

    def write(self, history: History) -> None:
        history.rename(self.number, self.text)


@dataclass(frozen=True)
class Annotate(Writing):
    """Write a note on a state."""

    name = "annotate"
    number: int
    note: str

    def write(self, history: History) -> None:
        history.annotate(self.number, self.note)


@dataclass(frozen=True)
class Pin(Writing):
    """Keep a state whatever memory it takes, or no longer."""

    name = "pin"
    number: int
    pinned: bool = True

    def write(self, history: History) -> None:
        history.pin(self.number, self.pinned)
