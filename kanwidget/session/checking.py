"""Whether a goal was reached: a formula, a loss, a number of edges. For exercises and their grading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from kanwidget import checks
from kanwidget.datasets import Dataset, as_dataset
from kanwidget.edges import SYMBOLIC
from kanwidget.fitting import fitting_dataset, root_mean_squares
from kanwidget.model import KAN
from kanwidget.scales import in_units

if TYPE_CHECKING:
    import sympy

LOSSES = {"train_loss": "training loss", "val_loss": "validation loss", "test_loss": "test loss"}
HOW = {
    "numeric": ("is", "is not"),
    "snapped": ("is, with exact numbers,", "is not, with exact numbers,"),
    "exact": ("is proved to be", "is not proved to be"),
}
"""How a formula may be asked for, each harder than the one before; see `kanwidget.formula.verdict`."""


@dataclass(frozen=True)
class Goal:
    """One thing that was asked for.

    Attributes
    ----------
    name : str
        The argument of `check`; for one of several formulas with the output's name.
    reached : bool
    text : str
        A sentence with the values.
    """

    name: str
    reached: bool
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Check:
    """All that was asked for; true where all of it was reached.

    Attributes
    ----------
    goals : tuple of Goal
    """

    goals: tuple[Goal, ...]

    @property
    def reached(self) -> bool:
        """Whether all goals were."""
        return all(goal.reached for goal in self.goals)

    @property
    def text(self) -> str:
        """A line a goal."""
        return "\n".join(f"{'✓' if goal.reached else '✗'} {goal.text}" for goal in self.goals)

    def __bool__(self) -> bool:
        return self.reached

    def __str__(self) -> str:
        return self.text


def check(
    session: Any,
    target: Any = None,
    dataset: Any = None,
    *,
    how: str = "numeric",
    train_loss: float | None = None,
    val_loss: float | None = None,
    test_loss: float | None = None,
    edges: int | None = None,
    symbolic: bool | None = None,
    seconds: float = 10.0,
) -> Check:
    """Say whether goals were reached: ``check(session, "exp(sin(pi*x_1) + x_2**2)", edges=3)``.

    Parameters
    ----------
    session : Session or KAN
    target : str or sympy expression, or a list of one an output, optional
        The formula to find, in the data's names of the inputs and in their units.  Text is read as a
        formula and never run as code; see `kanwidget.formula.parsing.parse`.
    dataset : Dataset or dict, optional
        Needed with a network alone.
    how : {'numeric', 'snapped', 'exact'}
        What makes a formula the target: that no point of the data's range is off by more than 1e-4
        standard deviations; that all its numbers are exact too; or that sympy proves the two equal.
    train_loss, val_loss, test_loss : float, optional
        Root mean squared errors that are to be reached, at most.
    edges : int, optional
        Live edges, at most.
    symbolic : bool, optional
        True asks that no edge be numeric.
    seconds : float
        What a proof may take.

    Returns
    -------
    Check

    Raises
    ------
    TypeError, ValueError
        If nothing is asked for, or a goal is none; the sentence names it.
    """
    model, data = _model_and_data(session, dataset)
    given = {"train_loss": train_loss, "val_loss": val_loss, "test_loss": test_loss}
    limits = {
        name: checks.number(name, most, least=0) for name, most in given.items() if most is not None
    }
    if how not in HOW:
        raise ValueError(f"how is {how!r:.60}; one of {', '.join(HOW)} is needed")
    if edges is not None:
        checks.whole("edges", edges, 0)
    if symbolic not in (None, True):
        raise ValueError(f"symbolic is {symbolic!r:.60}; True is needed, or nothing")
    checks.number("seconds", seconds, above=0)
    truths = [] if target is None else _targets(target, data, model.width[-1])
    if not truths and not limits and edges is None and symbolic is None:
        raise ValueError(
            "nothing is asked for; give a formula as target, or one of train_loss, val_loss, test_loss, "
            "edges and symbolic"
        )
    goals = _formula_goals(model, data, truths, how, seconds) if truths else []
    if limits:
        losses = root_mean_squares(model, fitting_dataset(model, data))
        goals += [_at_most(name, LOSSES[name], losses[name], most) for name, most in limits.items()]
    if edges is not None:
        goals.append(_at_most("edges", "number of live edges", len(model.edges()), edges))
    if symbolic:
        goals.append(_symbolic(model))
    return Check(tuple(goals))


def _model_and_data(session: Any, dataset: Any) -> tuple[KAN, Dataset]:
    """A copy that nobody trains meanwhile, and the data with all their inputs."""
    model = session if isinstance(session, KAN) else getattr(session, "model", None)
    if not isinstance(model, KAN):
        raise TypeError(f"session is a {type(session).__name__}; a Session or a KAN is needed")
    if dataset is None:
        dataset = getattr(session, "dataset", None)
    if dataset is None:
        raise TypeError("dataset is None; with a KAN alone the data are needed")
    still, whole = model.copy(), as_dataset(dataset)
    still.get_act(fitting_dataset(still, whole))
    return still, whole


def _at_most(name: str, what: str, value: float, most: float) -> Goal:
    reached = value <= most
    says = "at most" if reached else "more than"
    return Goal(name, reached, f"The {what} is {value:.4g}, {says} {most:.4g}.")


def _symbolic(model: KAN) -> Goal:
    numeric = sum(int((layer.alive & (layer.kinds() != SYMBOLIC)).sum()) for layer in model.layers)
    if not numeric:
        return Goal("symbolic", True, "All edges are functions with a name.")
    count = "One edge is" if numeric == 1 else f"{numeric} edges are"
    return Goal("symbolic", False, f"{count} still numeric.")


# ---------------------------------------------------------------------- formulas


def _targets(target: Any, data: Dataset, outputs: int) -> list[sympy.Expr]:
    """One expression an output."""
    import sympy

    from kanwidget.formula.parsing import parse

    given = (
        list(target) if isinstance(target, Sequence) and not isinstance(target, str) else [target]
    )
    if len(given) != outputs:
        raise ValueError(
            f"target has {len(given)} formulas and the network {outputs} outputs; one each is needed"
        )
    names = data.input_names
    truths = []
    for each in given:
        if not isinstance(each, str | sympy.Expr):
            raise TypeError(
                f"target is {each!r:.60}; a formula as text or of sympy is needed, for several outputs a "
                "list of them"
            )
        truth = parse(each, names) if isinstance(each, str) else each
        others = sorted({symbol.name for symbol in truth.free_symbols} - set(names))
        if others:
            raise ValueError(
                f"target depends on {', '.join(others)}; inputs are {', '.join(names)}"
            )
        truths.append(truth)
    return truths


def _formula_goals(
    model: KAN, data: Dataset, truths: list[sympy.Expr], how: str, seconds: float
) -> list[Goal]:
    from kanwidget.formula.verdict import verdict

    names = data.input_names
    columns = model.columns_of(len(names)) or ()
    names_left = [names[column] for column in columns]
    found, _ = model.symbolic_formula(var=names_left, digits=None, exact=True)
    values = in_units(data.train_input, data.input_scale)
    ranges = {name: _range(column) for name, column in zip(names, values.T, strict=True)}
    goals = []
    for name, formula, truth in zip(model.output_names, found, truths, strict=True):
        proof = seconds if how == "exact" else 0.0
        said = verdict(formula, truth, ranges, model=model, seconds=proof)
        reached = {"numeric": said.numeric, "snapped": said.snapped, "exact": bool(said.exact)}[how]
        told = f"{name} {HOW[how][0 if reached else 1]} {truth}: {said.sentence}"
        goals.append(Goal("target" if len(truths) == 1 else f"target of {name}", reached, told))
    return goals


def _range(column: Tensor) -> tuple[float, float]:
    """Where an input lies; next to nothing around one that does not vary."""
    low, high = float(column.min()), float(column.max())
    return (low, high) if low < high else (low, low + max(1e-9, abs(low) * 1e-9))
