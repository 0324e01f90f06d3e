"""What a formula leaves of noisy data, where nobody knows the true one.

Data with noise prove no formula.  What can be said is whether anything is left to explain: where only
noise is left, the residuals of neighbouring points have nothing in common, and half the mean square of
their differences is the variance of the noise (von Neumann 1941 in one variable, the Gamma test of Evans
and Jones 2002 in several).  Residuals in a random order tell how far chance goes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch import Tensor

from kanwidget.datasets import as_dataset
from kanwidget.formula.evaluate import Evaluator
from kanwidget.formula.rounding import rounded
from kanwidget.formula.verdict import CLOSE, NO_MODEL, numeric_parts, values_at

SHUFFLES = 999
CHANCE = 0.01
"""A formula that leaves nothing but noise is doubted this often."""
MOST_ROWS = 2000
"""Neighbours among so many points show what is left."""
DIGITS = 3


@dataclass(frozen=True)
class Consistency:
    """What a formula leaves of the validation data.

    Attributes
    ----------
    rmse, noise : float
        The root mean square of what is left, and of the noise in it, in units of the label; of the output
        with most left to explain.
    consistent : bool
        Whether nothing but noise is left, of any output.
    runner_up_rmse : float or None
        Of the same output by the runner-up, None where there is none or some of its edges were numeric.
    sentence : str
    """

    rmse: float
    noise: float
    consistent: bool
    runner_up_rmse: float | None
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def consistent(found: Any, dataset: Any, *, model: Any = None, seed: int = 0) -> Consistency:
    """Say whether validation data are what a formula and noise would give.

    Parameters
    ----------
    found
        What `KAN.auto` returns: it has ``expressions``, ``variables`` and ``runner_up``.
    dataset : Dataset or mapping
        A dataset, or pykan's dictionary.
    model : KAN, optional
        Supplies the curves of φ placeholders and the functions of one's own.
    seed : int
        Of the random orders that what is left is compared with.

    Returns
    -------
    Consistency

    Raises
    ------
    ValueError
        If the formulas are not as many as the dataset's outputs, or its variables as the inputs.
    """
    data = as_dataset(dataset)
    points, labels = data.val_input.double(), data.val_label.double()
    names = [symbol.name for symbol in found.variables]
    if len(names) != points.shape[1] or len(found.expressions) != labels.shape[1]:
        raise ValueError(
            f"found has {len(found.expressions)} formulas in {len(names)} variables, and the dataset "
            f"{labels.shape[1]} outputs and {points.shape[1]} inputs; as many are needed"
        )
    left = [
        label - values_at(expression, names, points, model)
        for expression, label in zip(found.expressions, labels.unbind(1), strict=True)
    ]
    said = [_left(points, each, label, seed) for each, label in zip(left, labels.T, strict=True)]
    worst = min(range(len(said)), key=lambda output: said[output][2])
    rmse, noise, chance = said[worst]
    fits = chance >= CHANCE
    text = "; ".join(
        f"{name} = {short(expression, names, points, model)}"
        for name, expression in zip(data.output_names, found.expressions, strict=True)
    )
    begin = "consistent with" if fits else "not all of what is left is noise:"
    sentence = f"{begin} {text} (validation RMSE {rmse:.3g}, noise {noise:.3g})"
    other = None
    if found.runner_up is not None:
        second = found.runner_up.expressions[worst]
        if numeric_parts(second):  # it was of another state of the model, whose curves are gone
            sentence += f"; runner-up {second}"
        else:
            other = _rms(labels[:, worst] - values_at(second, names, points))
            written = short(second, names, points, None)
            sentence += f"; runner-up {written} (validation RMSE {other:.3g})"
    return Consistency(rmse, noise, fits, other, f"{sentence}.")


def _rms(values: Tensor) -> float:
    return float(values.square().mean().sqrt())


def _left(points: Tensor, left: Tensor, label: Tensor, seed: int) -> tuple[float, float, float]:
    """RMSE, noise, and how often a random order of the residuals looks as smooth as they do."""
    rmse = _rms(left)
    if not math.isfinite(rmse):
        return math.inf, math.nan, 0.0
    points, rest = points[:MOST_ROWS], left[:MOST_ROWS]
    scaled = points / points.std(0, correction=0).clamp_min(torch.finfo(points.dtype).tiny)
    nearest = torch.cdist(scaled, scaled).fill_diagonal_(math.inf).argmin(1)

    def variance(of: Tensor) -> Tensor:
        return 0.5 * (of - of[..., nearest]).square().mean(-1)

    noise = float(variance(rest).sqrt())
    # numbers of a few digits leave something too, of which nobody needs to hear
    if rmse <= CLOSE * float(label.std(correction=0)):
        return rmse, noise, 1.0
    generator = torch.Generator().manual_seed(seed)
    orders = torch.rand(SHUFFLES, len(rest), generator=generator).argsort(1).to(rest.device)
    smoother = int((variance(rest[orders]) <= variance(rest)).sum())
    return rmse, noise, (1 + smoother) / (1 + SHUFFLES)


def short(
    expression: sympy.Expr, names: Sequence[str], points: Tensor, model: Any, digits: int = DIGITS
) -> sympy.Expr:
    """The formula with a few digits, of which points (N, len(names)) tell how many are needed."""
    columns = dict(zip(names, points.unbind(1), strict=True))
    values = {symbol: columns[symbol.name] for symbol in expression.free_symbols}
    if not values:
        return expression.evalf(digits) if expression.has(sympy.Float) else expression
    evaluator = Evaluator(NO_MODEL if model is None else model, values)
    return rounded(expression, digits, evaluator)
