"""Changes of edges and nodes."""

from __future__ import annotations

from dataclasses import dataclass

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.importance import check_metric
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.commands.base import Edit
from kanwidget.symbolic import library


@dataclass(frozen=True)
class EdgeEdit(Edit):
    """An edit of one edge (l, i, j)."""

    edge: Edge

    def check(self, model: KAN) -> None:
        model.check_edge(*triple(self.edge))

    @property
    def label(self) -> str:
        return f"{super().label} ({', '.join(map(str, self.edge))})"


def triple(edge: object) -> Edge:
    """An edge as (l, i, j); ValueError for anything else."""
    if not isinstance(edge, tuple) or len(edge) != 3:
        raise ValueError(f"edge is {edge!r}; (layer, input node, output node) is needed")
    return edge


@dataclass(frozen=True)
class Prune(Edit):
    """Remove edges that score at most ``threshold``, and those that then lead nowhere."""

    name = "prune"
    threshold: float
    metric: str = "backward"

    def check(self, model: KAN) -> None:
        checks.number("threshold", self.threshold, least=0)
        check_metric(self.metric)

    def apply(self, model: KAN, dataset: Dataset) -> int:
        before = len(model.edges())
        model.prune_edge(self.threshold, self.metric)
        return before - len(model.edges())

    @property
    def label(self) -> str:
        return f"prune at {self.threshold:.3g}"

    def told(self, result: int) -> str:
        return f"{self.label} removed {result} edge{'' if result == 1 else 's'}"


@dataclass(frozen=True)
class FixSymbolic(EdgeEdit):
    """Give an edge a function of the library."""

    name = "fix_symbolic"
    function: str

    def check(self, model: KAN) -> None:
        super().check(model)
        library.get(self.function)

    def apply(self, model: KAN, dataset: Dataset) -> float:
        return model.fix_symbolic(*self.edge, self.function)

    @property
    def label(self) -> str:
        return f"fix ({', '.join(map(str, self.edge))}) to {self.function}"

    def told(self, result: float) -> str:
        return f"{self.label}: R² {result:.6f}"


class UnfixSymbolic(EdgeEdit):
    """Make an edge its spline again."""

    name = "unfix_symbolic"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.unfix_symbolic(*self.edge)


class RemoveEdge(EdgeEdit):
    """Take an edge out of the sum."""

    name = "remove_edge"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.remove_edge(*self.edge)


class RestoreEdge(EdgeEdit):
    """Bring an edge back as it was."""

    name = "restore_edge"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.restore_edge(*self.edge)


@dataclass(frozen=True)
class NodeEdit(Edit):
    """An edit of all edges of an input or hidden node."""

    layer: int
    node: int

    def check(self, model: KAN) -> None:
        model.check_node(self.layer, self.node)

    @property
    def label(self) -> str:
        return f"{super().label} ({self.layer}, {self.node})"


class RemoveNode(NodeEdit):
    """Remove all edges of a node."""

    name = "remove_node"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.remove_node(self.layer, self.node)


class RestoreNode(NodeEdit):
    """Bring all edges of a node back."""

    name = "restore_node"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.restore_node(self.layer, self.node)
