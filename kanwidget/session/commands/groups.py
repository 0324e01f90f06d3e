"""Changes of several edges at once, names, and what taking something out would cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kanwidget import pruning
from kanwidget.datasets import Dataset
from kanwidget.fitting import root_mean_squares
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.commands.base import Edit, Question
from kanwidget.symbolic import library
from kanwidget.symbolic.edges import suggestions

MOST_FITTED = 300
"""Edges that functions are ranked for at once."""


def these(edges: Sequence[Any]) -> str:
    """Edges in words: the one there is, or how many."""
    if len(edges) == 1:
        return f"({', '.join(map(str, edges[0]))})"
    return f"{len(edges)} edges"


@dataclass(frozen=True)
class GroupEdit(Edit):
    """An edit of several edges, all of them or none; one node of the history."""

    edges: Sequence[Edge]

    def check(self, model: KAN) -> None:
        model.check_edges(self.edges)

    @property
    def label(self) -> str:
        return f"{self.name.removesuffix('_edges')} {these(self.edges)}"

    def apply(self, model: KAN, dataset: Dataset) -> Any:
        return getattr(model, self.name)(self.edges)


class RemoveEdges(GroupEdit):
    """Take edges out of their sums."""

    name = "remove_edges"


class RestoreEdges(GroupEdit):
    """Bring edges back as they were."""

    name = "restore_edges"


class LockEdges(GroupEdit):
    """Keep edges as they are."""

    name = "lock_edges"


class UnlockEdges(GroupEdit):
    """Let edges be trained and changed again."""

    name = "unlock_edges"


class UnfixEdges(GroupEdit):
    """Make edges their splines again."""

    name = "unfix_edges"


@dataclass(frozen=True)
class FixEdges(GroupEdit):
    """Make edges one function, each with constants of its own."""

    name = "fix_edges"
    function: str

    def check(self, model: KAN) -> None:
        super().check(model)
        library.get(self.function)

    def apply(self, model: KAN, dataset: Dataset) -> dict[Edge, float]:
        return model.fix_edges(self.edges, self.function)

    @property
    def label(self) -> str:
        return f"{super().label} to {self.function}"

    def told(self, result: dict[Edge, float]) -> str:
        lowest = min(result.values())
        return f"{self.label}: R² {'at least ' if len(result) > 1 else ''}{lowest:.6f}"


@dataclass(frozen=True)
class NameNode(Edit):
    """Call an input (node layer 0) or an output (the last node layer) by another name."""

    name = "name_node"
    layer: int
    node: int
    text: str

    def check(self, model: KAN) -> None:
        model.check_name(self.layer, self.node, self.text)

    def apply(self, model: KAN, dataset: Dataset) -> None:
        rename = model.rename_input if self.layer == 0 else model.rename_output
        rename(self.node, self.text)

    @property
    def label(self) -> str:
        return f"call ({self.layer}, {self.node}) {self.text.strip()}"


# ---------------------------------------------------------------------- what it would cost


@dataclass(frozen=True)
class CostOfRemoving(Question):
    """What the validation loss would be if edges were taken out together; changes nothing."""

    name = "cost_of_removing"
    edges: Sequence[Edge]

    def check(self, model: KAN) -> None:
        model.check_edges(self.edges)

    def answer(self, model: KAN, dataset: Dataset) -> dict[str, Any]:
        """``loss_before``, ``loss_after``, and ``removed``: how many edges there are to go."""
        with model.exclusive:
            still = model.still()
        edges = _alive(still, still.check_edges(self.edges))
        before = _validation_loss(still, dataset)
        pruning.remove(still, edges)
        after = _validation_loss(still, dataset)
        return {"removed": len(edges), "loss_before": before, "loss_after": after}


@dataclass(frozen=True)
class CostOfNode(Question):
    """What the validation loss would be without a node, and with all its edges; changes nothing."""

    name = "cost_of_node"
    layer: int
    node: int

    def check(self, model: KAN) -> None:
        model.check_node(self.layer, self.node)

    def answer(self, model: KAN, dataset: Dataset) -> dict[str, Any]:
        """``loss_before``, ``loss_without``, ``loss_with``; and ``edges`` and ``live`` of the node.

        Each of both counts is [into it, out of it].
        """
        with model.exclusive:
            still = model.still()
        still.check_node(self.layer, self.node)
        both = [pruning.node_edges(still, self.layer, self.node, way) for way in ("down", "up")]
        live = [_alive(still, edges) for edges in both]
        losses = {"loss_before": _validation_loss(still, dataset)}
        pruning.remove(still, live[0] + live[1])
        losses["loss_without"] = _validation_loss(still, dataset)
        pruning.restore(still, both[0] + both[1])
        losses["loss_with"] = _validation_loss(still, dataset)
        counts = {"edges": [len(edges) for edges in both], "live": [len(edges) for edges in live]}
        return losses | counts


@dataclass(frozen=True)
class FunctionsFor(Question):
    """Rank the library's functions for several edges together; changes nothing."""

    name = "functions_for"
    edges: Sequence[Edge]

    def check(self, model: KAN) -> None:
        edges = model.check_edges(self.edges)
        model.check_living(edges, "giving a function to")
        if len(edges) > MOST_FITTED:
            raise ValueError(
                f"edges are {len(edges)}; functions are ranked for at most {MOST_FITTED} at once"
            )

    def answer(self, model: KAN, dataset: Dataset) -> list[dict[str, Any]]:
        """``function``, and ``r2`` of the edge it fits worst; functions that fit no edge are left out."""
        with model.exclusive:
            found = suggestions(model, model.check_edges(self.edges))
        r2: dict[str, list[float]] = {}
        for candidates in found.values():
            for candidate in candidates:
                r2.setdefault(candidate.name, []).append(candidate.r2)
        worst = {name: min(each) for name, each in r2.items() if len(each) == len(found)}
        return [
            {"function": name, "r2": worst[name]}
            for name in sorted(worst, key=lambda name: (-worst[name], name))
        ]


def _alive(model: KAN, edges: Sequence[Edge]) -> list[Edge]:
    return [(l, i, j) for l, i, j in edges if bool(model.layers[l].alive[j, i])]


def _validation_loss(model: KAN, dataset: Dataset) -> float | None:
    loss = root_mean_squares(model, dataset, ["val"])["val_loss"]
    return loss if math.isfinite(loss) else None
