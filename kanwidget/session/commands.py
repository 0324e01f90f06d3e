"""What a person can do, as plain data: every command is checked before it changes anything.

The page sends a name and arguments, Python calls a method of the session; both become the same object.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.fitting import FitOptions
from kanwidget.fitting.penalties import Penalty
from kanwidget.importance import check_metric
from kanwidget.model import KAN
from kanwidget.symbolic import library
from kanwidget.symbolic.library import Names
from kanwidget.symbolic.suggest import Candidate
from kanwidget.tidying import check_constant

Edge = tuple[int, int, int]

LONGEST_SEARCH = 3600.0
"""Seconds."""


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


@dataclass(frozen=True)
class EdgeEdit(Edit):
    """An edit of one edge (l, i, j)."""

    edge: Edge

    def check(self, model: KAN) -> None:
        model.check_edge(*_triple(self.edge))

    @property
    def label(self) -> str:
        return f"{super().label} ({', '.join(map(str, self.edge))})"


def _triple(edge: Any) -> Edge:
    if not isinstance(edge, tuple) or len(edge) != 3:
        raise ValueError(f"edge is {edge!r}; (layer, input node, output node) is needed")
    return edge


@dataclass(frozen=True)
class Train(Command):
    """Train for some steps; what is left out is as in `kanwidget.KAN.fit`.

    The optimizer is one of `kanwidget.fitting.families.NAMES`, or of torch's.
    """

    name = "train"
    steps: int = 20
    optimizer: str = "LBFGS"
    lr: float | None = None
    lamb: float = 0.0
    lamb_entropy: float = 2.0
    update_grid: bool = True

    def options(self) -> FitOptions:
        """The options of the fit; ValueError where they are not valid."""
        penalty = Penalty(lamb=self.lamb, lamb_entropy=self.lamb_entropy)
        return FitOptions(
            self.optimizer, self.steps, self.lr, penalty, update_grid=self.update_grid
        )

    def check(self, model: KAN) -> None:
        if not isinstance(self.update_grid, bool):
            raise TypeError(f"update_grid is {self.update_grid!r}; True or False is needed")
        checks.whole("steps", self.steps, 1)
        self.options()


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


class Tidy(Edit):
    """Give each number of symbolic edges one place."""

    name = "tidy"

    def apply(self, model: KAN, dataset: Dataset) -> None:
        model.tidy_symbolic()


@dataclass(frozen=True)
class Snap(EdgeEdit):
    """Set a constant of an edge to p/q · base and fit the others again; see `Proposals`."""

    name = "snap"
    constant: str
    p: int
    q: int = 1
    base: str = "1"

    def check(self, model: KAN) -> None:
        super().check(model)
        check_constant(self.constant)
        self._number()

    def _number(self) -> Any:
        from kanwidget.discovery.guesses import number

        return number(self.p, self.q, self.base)

    def apply(self, model: KAN, dataset: Dataset) -> dict[str, Any]:
        return as_data(model.snap_constant(*self.edge, self.constant, self._number(), dataset))

    @property
    def label(self) -> str:
        edge = ", ".join(map(str, self.edge))
        return f"{self.constant} of ({edge}) to {_written(self.p, self.q, self.base)}"

    def told(self, result: dict[str, Any]) -> str:
        before, after = (math.sqrt(result[key]) for key in ("loss_before", "loss_after"))
        return f"{self.label}: validation loss {before:.3g} → {after:.3g}"


class SnapAll(Edit):
    """Set all constants to simple numbers, as far as the data leave room for it."""

    name = "snap_all"

    def apply(self, model: KAN, dataset: Dataset) -> list[dict[str, Any]]:
        return [as_data(snap) for snap in model.snap(dataset)]

    @property
    def label(self) -> str:
        return "snap all constants"

    def told(self, result: list[dict[str, Any]]) -> str:
        return f"{self.label}: {len(result)} set"


def as_data(snap: Any) -> dict[str, Any]:
    """A `kanwidget.discovery.snap.Snap` as plain data; the first entries are arguments of `Snap`."""
    from kanwidget.discovery.guesses import parts

    p, q, base = parts(snap.guess.expr)
    return {
        "edge": snap.edge, "constant": snap.name, "p": p, "q": q, "base": base,
        "before": snap.before, "value": snap.guess.value, "loss_before": snap.loss_before,
        "loss_after": snap.loss_after, "holds": snap.holds,
    }  # fmt: skip


def _written(p: int, q: int, base: str) -> str:
    number = f"{p}" if q == 1 else f"{p}/{q}"
    return number if base == "1" else base if number == "1" else f"{number}·{base}"


@dataclass(frozen=True)
class Auto(Command):
    """Search for a formula; every step of the way to it becomes one of the history."""

    name = "auto"
    seconds: float = 30.0
    lib: Names | None = None
    seed: int = 0

    def check(self, model: KAN) -> None:
        checks.number("seconds", self.seconds, above=0, most=LONGEST_SEARCH)
        library.resolve(self.lib)
        if checks.whole("seed", self.seed, 0) >= 2**63:
            raise ValueError(f"seed is {self.seed}; a whole number below 2**63 is needed")

    @property
    def label(self) -> str:
        return "search for a formula"


@dataclass(frozen=True)
class TakeFormula(Command):
    """Become another formula of the front of the last search, the simplest is 0."""

    name = "take_formula"
    index: int

    def check(self, model: KAN) -> None:
        checks.whole("index", self.index, 0)


class Undo(Command):
    """Go back to the state before the last action."""

    name = "undo"


class Redo(Command):
    """Do again what was undone."""

    name = "redo"


class Question(Command, ABC):
    """A command that changes nothing and has an answer."""

    @abstractmethod
    def answer(self, model: KAN, dataset: Dataset) -> Any:
        """The answer."""


@dataclass(frozen=True)
class Suggest(Question):
    """Rank the library's functions for an edge; changes nothing."""

    name = "suggest"
    edge: Edge

    def check(self, model: KAN) -> None:
        model.check_edge(*_triple(self.edge))

    def answer(self, model: KAN, dataset: Dataset) -> list[Candidate]:
        """All functions of the library, with what each would do to the loss on validation data."""
        return model.suggest_symbolic(*self.edge, topk=None, dataset=dataset)


class Proposals(Question):
    """Numbers that constants may be snapped to, surest first; see `as_data`."""

    name = "proposals"

    def answer(self, model: KAN, dataset: Dataset) -> list[dict[str, Any]]:
        return [as_data(snap) for snap in model.snap_proposals(dataset)]


COMMANDS: dict[str, type[Command]] = {
    command.name: command
    for command in (
        Train,
        Prune,
        FixSymbolic,
        UnfixSymbolic,
        RemoveEdge,
        RestoreEdge,
        RemoveNode,
        RestoreNode,
        Tidy,
        Snap,
        SnapAll,
        Auto,
        TakeFormula,
        Undo,
        Redo,
        Suggest,
        Proposals,
    )
}


def parse(name: object, arguments: object) -> Command:
    """A command from its name and arguments as JSON brings them.

    Raises
    ------
    KeyError
        If there is no such command.
    TypeError
        If arguments are missing, unknown, or no dictionary.
    """
    if not isinstance(name, str) or name not in COMMANDS:
        raise KeyError(f"there is no command {name!r}; there are {', '.join(COMMANDS)}")
    if not isinstance(arguments, Mapping):
        raise TypeError(f"the arguments of {name} are {arguments!r}; a dictionary is needed")
    kind = COMMANDS[name]
    fields = dataclasses.fields(kind)
    known = [field.name for field in fields]
    needed = [field.name for field in fields if field.default is dataclasses.MISSING]
    unknown = [key for key in arguments if key not in known]
    missing = [key for key in needed if key not in arguments]
    if unknown or missing:
        came = ", ".join(map(str, arguments)) or "nothing"
        raise TypeError(f"{name} got {came}; it takes {', '.join(known) or 'nothing'}")
    values = dict(arguments)
    if isinstance(values.get("edge"), list):
        values["edge"] = tuple(values["edge"])
    return kind(**values)


def explain(error: BaseException) -> str:
    """An error as one sentence; KeyError's quotes are taken off."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text or type(error).__name__
