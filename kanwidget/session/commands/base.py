"""What all commands are: plain data, checked before anything changes."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from kanwidget.datasets import Dataset
from kanwidget.model import KAN

LONGEST = 290
"""Letters of a sentence that says what was wrong."""


@dataclass(frozen=True)
class Command:
    """A command; subclasses name its arguments, check them, and apply them to the model."""

    name: ClassVar[str]

    def check(self, model: KAN) -> None:
        """Raise ValueError, TypeError or KeyError with one sentence if this cannot be done."""

    @property
    def label(self) -> str:
        """What history calls it."""
        return self.name.replace("_", " ")

    def arguments(self) -> dict[str, Any]:
        """What it was given, by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


@dataclass(frozen=True)
class Edit(Command, ABC):
    """A command that changes the model at once and makes a node of the history."""

    @abstractmethod
    def apply(self, model: KAN, dataset: Dataset) -> Any:
        """Do it; what it returns is the answer to whoever gave the command."""

    def told(self, result: Any) -> str:
        """What a person is told when `apply` has given this result."""
        return self.label


class Question(Command, ABC):
    """A command that changes nothing and has an answer.

    One that ``takes_long`` is asked of the model as it is then, on a thread of its own: what else is
    done to the model does not wait for the answer.
    """

    takes_long: ClassVar[bool] = False

    @abstractmethod
    def answer(self, model: KAN, dataset: Dataset) -> Any:
        """The answer."""


def explain(error: BaseException) -> str:
    """An error as one sentence; KeyError's quotes are taken off, and the middle of what is long."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    text = text or type(error).__name__
    if out_of_memory(error):
        return f"there is not enough memory for this; nothing of it is kept ({text})"
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has run out, of the machine or of its GPU."""
    if isinstance(error, RuntimeError) and "can't allocate memory" in str(error):
        return True
    return isinstance(error, MemoryError | torch.OutOfMemoryError)
