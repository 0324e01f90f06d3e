"""What makes a formula: suggestions, constants, and the search for one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.network import Edge
from kanwidget.session.commands.base import Command, Edit, Question
from kanwidget.session.commands.edges import EdgeEdit, triple
from kanwidget.symbolic import library
from kanwidget.symbolic.library import Names
from kanwidget.symbolic.suggest import Candidate
from kanwidget.tidying import check_constant

LONGEST_SEARCH = 3600.0
"""Seconds."""


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


@dataclass(frozen=True)
class Suggest(Question):
    """Rank the library's functions for an edge; changes nothing."""

    name = "suggest"
    edge: Edge

    def check(self, model: KAN) -> None:
        model.check_edge(*triple(self.edge))

    def answer(self, model: KAN, dataset: Dataset) -> list[Candidate]:
        """All functions of the library, with what each would do to the loss on validation data."""
        return model.suggest_symbolic(*self.edge, topk=None, dataset=dataset).candidates


@dataclass(frozen=True)
class DefineFunction(Question):
    """Add a function to the library, for this process, from a line such as ``sinc2 = sin(x)/x``.

    The line is read as a formula in x and never run as code; the answer is the function's name.
    """

    name = "define_function"
    text: str

    def check(self, model: KAN) -> None:
        if not isinstance(self.text, str) or self.text.count("=") != 1:
            raise ValueError(
                f"text is {self.text!r:.60}; a name and a formula in x are needed: sinc2 = sin(x)/x"
            )

    def answer(self, model: KAN, dataset: Dataset) -> str:
        """Add it, tried out as `kanwidget.add_symbolic` does."""
        from kanwidget.adding import add_symbolic
        from kanwidget.formula.parsing import parse

        called, formula = self.text.split("=")
        return add_symbolic(called.strip(), sympy=parse(formula, ["x"])).name


class Proposals(Question):
    """Numbers that constants may be snapped to, surest first; see `as_data`."""

    name = "proposals"
    takes_long = True

    def answer(self, model: KAN, dataset: Dataset) -> list[dict[str, Any]]:
        return [as_data(snap) for snap in model.snap_proposals(dataset)]
