"""What the inspector of an edge asks for and does: all numbers of it, its constants, points and lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kanwidget import checks, inspecting
from kanwidget.constants import number_of
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.commands.base import Question
from kanwidget.session.commands.edges import EdgeEdit, triple
from kanwidget.tidying import check_constant


@dataclass(frozen=True)
class Inspect(Question):
    """Everything of an edge; see `kanwidget.inspecting.Inspection`."""

    name = "inspect"
    edge: Edge

    def check(self, model: KAN) -> None:
        model.check_edge(*triple(self.edge))

    def answer(self, model: KAN, dataset: Dataset) -> inspecting.Inspection:
        """Look at it on the training data."""
        return inspecting.inspect(model, self.edge, dataset)


@dataclass(frozen=True)
class ConstantEdit(EdgeEdit):
    """An edit of a constant a, b, c or d of a symbolic edge."""

    constant: str

    def check(self, model: KAN) -> None:
        super().check(model)
        check_constant(self.constant)

    @property
    def _of(self) -> str:
        return f"{self.constant} of ({', '.join(map(str, self.edge))})"


@dataclass(frozen=True)
class SetConstant(ConstantEdit):
    """Set a constant to a number, or to text such as pi/2; see `kanwidget.KAN.set_constant`."""

    name = "set_constant"
    value: float | str
    lock: bool = True

    def check(self, model: KAN) -> None:
        super().check(model)
        number_of(self.value)

    def apply(self, model: KAN, dataset: Dataset) -> float:
        return model.set_constant(*self.edge, self.constant, self.value, self.lock)

    @property
    def label(self) -> str:
        text = self.value if isinstance(self.value, str) else f"{self.value:.6g}"
        return f"{self._of} to {text.strip():.40}"


class LockConstant(ConstantEdit):
    """Keep a constant as it is, whatever trains the others."""

    name = "lock_constant"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.lock_constant(*self.edge, self.constant)

    @property
    def label(self) -> str:
        return f"lock {self._of}"


class UnlockConstant(ConstantEdit):
    """Let a constant be trained again."""

    name = "unlock_constant"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.unlock_constant(*self.edge, self.constant)

    @property
    def label(self) -> str:
        return f"unlock {self._of}"


@dataclass(frozen=True)
class MovePoint(EdgeEdit):
    """Move a control point of a spline to a height; see `kanwidget.KAN.move_point`."""

    name = "move_point"
    index: int
    value: float
    refit: bool = False

    def check(self, model: KAN) -> None:
        super().check(model)
        checks.whole("index", self.index, 0)
        checks.number("value", self.value)

    def apply(self, model: KAN, dataset: Dataset) -> None:
        data: Any = dataset if self.refit else None
        model.move_point(*self.edge, self.index, self.value, self.refit, data)

    @property
    def label(self) -> str:
        refit = ", the rest refitted" if self.refit else ""
        return f"point {self.index} of ({', '.join(map(str, self.edge))}) moved{refit}"
