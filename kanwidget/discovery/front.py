"""What a search found, from the simplest formula to the best: each better than all that are simpler."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy
import torch
from torch import Tensor

from kanwidget.datasets import Dataset
from kanwidget.discovery.beside import beside
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.functions import Found, Stage
from kanwidget.discovery.topology import additive, build
from kanwidget.formula import symbolic_formula
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.function import SymbolicFunction

DIGITS = 6
"""Numbers that differ in no more count as the same when formulas are compared."""
MOST = 40
"""Of what was found, so many of the best are written out."""
MUCH = 0.05
"""Part of the mean square by which it must be better besides."""
DOUBT = 2.0
"""Standard errors by which a formula must be better than a simpler one to be preferred."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A formula on the front.

    Attributes
    ----------
    complexity : int
        How much there is to read: symbols, numbers and operations of the expressions.
    val_loss : float
        Root mean squared error on the validation data, in units of the labels.
    expressions : list of sympy.Expr
        One an output.
    network : Network
        That has this formula.
    road : tuple of Stage
        How it came about.
    """

    complexity: int
    val_loss: float
    expressions: list[sympy.Expr]
    network: Network
    road: tuple[Stage, ...]


def complexity(expressions: Iterable[sympy.Expr]) -> int:
    """Symbols, numbers and operations there are to read."""
    return sum(_size(each) for each in expressions)


def _size(expression: sympy.Expr) -> int:
    if expression.is_Rational:
        return 1
    return 1 + sum(map(_size, expression.args))


@torch.no_grad()
def baselines(data: Evidence, like: Layer, lib: Sequence[SymbolicFunction]) -> list[Found]:
    """The mean of the labels, and the plane of least squares where lines are in the library.

    They are what every other formula has to be better than.
    """
    shape = additive(data.x.shape[1])
    nets = [build(shape, like, data.x, torch.Generator().manual_seed(0)) for _ in range(2)]
    constant, plane = (net.layers[0] for net in nets)
    constant.alive.fill_(False)
    constant.bias.copy_(data.y.mean(0))
    constant.structure_changed()
    names = ["mean of the labels"]
    line = next((function for function in lib if function.name == "x"), None)
    if line is not None:
        names.append("plane of least squares")
        middle, scale = data.x.mean(0), data.x.std(0, correction=0)
        scale = torch.where(scale > 0, scale, 1.0)
        table = (data.x - middle) / scale
        solved = torch.linalg.lstsq(table, data.y - data.y.mean(0), driver="gelsd").solution
        slopes = solved[:, 0] / scale
        for i, slope in enumerate(slopes.tolist()):
            plane.set_symbolic(i, 0, line, (1.0, 0.0, slope, 0.0))
        plane.bias.copy_(data.y.mean(0) - middle @ slopes)
    return [
        Found(net, data.error(net), (Stage("shape", name, {"shape": name}, net),))
        for name, net in zip(names, nets, strict=False)
    ]


def written(
    found: Sequence[Found], data: Evidence, dataset: Dataset, output: int = 0
) -> list[Entry]:
    """The best of what was found as formulas, the simplest first."""
    entries = []
    for one in sorted(found, key=lambda one: one.error)[:MOST]:
        if one.error == float("inf"):
            continue
        one.network.input_names = list(dataset.input_names)
        one.network.output_names = [dataset.output_names[output]]
        one.network.calibration = data.x
        formula, _ = symbolic_formula(one.network, digits=DIGITS)
        loss = one.error * data.spread
        entries.append(Entry(complexity(formula), loss, formula, one.network, one.road))
    return sorted(entries, key=lambda one: (one.complexity, one.val_loss))


def pareto(entries: Sequence[Entry], data: Evidence) -> list[Entry]:
    """Formulas of which each is better than all that are simpler, the simplest first."""
    front: list[Entry] = []
    least = data.round_off * data.spread
    for entry in entries:
        if not front or max(entry.val_loss, least) < 0.999 * front[-1].val_loss:
            front.append(entry)
    return front


def chosen(front: Sequence[Entry], data: Evidence) -> Entry | None:
    """The simplest formula that no other is surely better than, on the same validation samples."""
    if not front:
        return None
    best = _squares(front[-1], data)
    for entry in front:
        worse = _squares(entry, data) - best
        error = float(worse.std(correction=min(1, len(worse) - 1))) / len(worse) ** 0.5
        mean, least = float(worse.mean()), (data.round_off * data.spread) ** 2
        if mean <= max(DOUBT * error, least) and mean <= MUCH * float(best.mean()) + least:
            return entry
    return front[-1]


def second(entries: Sequence[Entry], best: Entry) -> Entry | None:
    """What follows the data best of all that are not the one chosen with other numbers."""
    others = [entry for entry in entries if _skeleton(entry) != _skeleton(best)]
    return min(others, key=lambda entry: entry.val_loss, default=None)


def _skeleton(entry: Entry) -> list[sympy.Expr]:
    """The expressions with one symbol for all numbers."""
    number = sympy.Symbol("number")
    return [e.xreplace(dict.fromkeys(e.atoms(sympy.Number), number)) for e in entry.expressions]


def together(entries: Sequence[Entry]) -> Entry:
    """Formulas of single outputs as one of all of them."""
    if len(entries) == 1:
        return entries[0]
    network = beside([entry.network for entry in entries])
    loss = (sum(entry.val_loss**2 for entry in entries) / len(entries)) ** 0.5
    read = sum(entry.complexity for entry in entries)
    stage = Stage("shape", "formulas of all outputs beside one another", {}, network)
    return Entry(read, loss, [e for entry in entries for e in entry.expressions], network, (stage,))


def joint(fronts: Sequence[Sequence[Entry]]) -> list[Entry]:
    """A front for all outputs: from the simplest formulas on, the step that gains most comes first."""
    at = [0] * len(fronts)
    found = [together([front[n] for front, n in zip(fronts, at, strict=True)])]
    while any(n + 1 < len(front) for front, n in zip(fronts, at, strict=True)):
        steps = [k for k, front in enumerate(fronts) if at[k] + 1 < len(front)]
        gains = [fronts[k][at[k]].val_loss - fronts[k][at[k] + 1].val_loss for k in steps]
        at[steps[gains.index(max(gains))]] += 1
        found.append(together([front[n] for front, n in zip(fronts, at, strict=True)]))
    return found


@torch.no_grad()
def _squares(entry: Entry, data: Evidence) -> Tensor:
    """Squared errors of the validation samples, shape (N,)."""
    return (entry.network(data.x_val) - data.y_val).square().mean(1)
