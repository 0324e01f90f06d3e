"""Whether a function sees a group of inputs only as one number made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.derivatives import Function, jacobian, which_inputs
from kanwidget.hypotheses.local import WEAK, bounded, joined, look, ratio, turned

SYMMETRIC = 0.08
"""Small KANs trained to 1 % of the spread on functions with a symmetry score below this."""


@dataclass(frozen=True, repr=False, eq=False)
class Symmetry:
    """Whether f depends on a group of inputs only through one number; true if so.

    Attributes
    ----------
    group : tuple of int
    scores : dict of int to float
        For every input outside the group: how much it turns the direction of the gradient within.
    threshold : float
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    group: tuple[int, ...]
    scores: dict[int, float]
    threshold: float
    names: tuple[str, ...]
    samples: str

    @property
    def score(self) -> float:
        """The largest of the scores; 0 if all inputs are in the group."""
        return max(self.scores.values(), default=0.0)

    @property
    def symmetric(self) -> bool:
        """Whether every score is below the threshold."""
        return self.score < self.threshold

    def __bool__(self) -> bool:
        return self.symmetric

    def __repr__(self) -> str:
        how = "through one number only" if self.symmetric else "through more than one number"
        scores = ", ".join(f"{self.names[i]} turns it by {s:.4f}" for i, s in self.scores.items())
        return (
            f"depends on {joined(self.names, [self.group], '')} {how} "
            f"({scores or 'there are no others'}; threshold {self.threshold:g}, {self.samples})"
        )


@dataclass(frozen=True, repr=False, eq=False)
class SymmetryVariable:
    """Whether f depends on some inputs only through a given number made of them; true if so.

    Attributes
    ----------
    group : tuple of int
        The inputs that the given number depends on.
    score : float
        From 0 to 1: mean sine of the angle between the gradients of f and of the number.
    threshold : float
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    group: tuple[int, ...]
    score: float
    threshold: float
    names: tuple[str, ...]
    samples: str

    @property
    def symmetric(self) -> bool:
        """Whether the score is below the threshold."""
        return self.score < self.threshold

    def __bool__(self) -> bool:
        return self.symmetric

    def __repr__(self) -> str:
        how = "only" if self.symmetric else "not only"
        return (
            f"depends on {joined(self.names, [self.group], '')} {how} through the given variable "
            f"(score {self.score:.4f}, threshold {self.threshold:g}, {self.samples})"
        )


def symmetry(
    f: Function, x: Tensor, group: Sequence[int], threshold: float = SYMMETRIC
) -> Symmetry:
    """Test whether f depends on a group of inputs only through one number: f(x) = F(g(x_A), x_B).

    It does if and only if the direction of the gradient in x_A does not depend on x_B.  The score of an
    input in x_B is the mean over the samples of α/(1 + α), with α the angle in radians by which that
    direction turns while the input moves by one standard deviation, inputs measured in standard
    deviations too.  Where the gradient in x_A is small, its median stands for it.

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.
    group : sequence of int
        The inputs x_A.  One input, or all, have this property always.
    threshold : float
        The property holds where all scores are below this.

    Returns
    -------
    Symmetry

    Raises
    ------
    TypeError, ValueError
        As for `separability`; ValueError also for an empty group or one of inputs that do not exist.
    """
    threshold = checks.number("threshold", threshold, above=0, most=1)
    seen = look(f, x, 2)
    inside = which_inputs("group", group, x.shape[1])
    if not inside:
        raise ValueError("group is empty; one input or more is needed")
    assert seen.bends is not None
    slopes = seen.slopes[..., inside]
    sizes = slopes.norm(dim=-1)
    least = sizes.median(0).values.maximum(WEAK * seen.typical)
    scores = {}
    for other in set(range(x.shape[1])) - set(inside):
        turn = turned(seen.bends[..., inside, other], slopes).norm(dim=-1) * sizes
        scores[other] = float(bounded(turn, sizes.maximum(least).square()).mean(0).amax())
    return Symmetry(tuple(inside), scores, threshold, seen.names, seen.samples)


def symmetry_variable(
    f: Function, x: Tensor, variable: Function, threshold: float = SYMMETRIC
) -> SymmetryVariable:
    """Test whether f depends on some inputs only through a given number: f(x) = F(v(x_A), x_B).

    It does if and only if the gradients of f and v in x_A are parallel.  The score is the mean over the
    samples of the sine of the angle between them, inputs measured in standard deviations; where the
    gradient of f in x_A is small, its median stands for it.

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.
    variable : callable
        v, of all inputs, (N, n_inputs) to (N,) or (N, 1), such as ``lambda x: x[:, 0] - x[:, 1]``.
        x_A are the inputs it depends on.
    threshold : float
        The property holds where the score is below this.

    Returns
    -------
    SymmetryVariable

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.derivatives.jacobian`, of f or of the variable; ValueError also for a variable
        of more than one number, or one that depends on no input.
    """
    threshold = checks.number("threshold", threshold, above=0, most=1)
    directions = jacobian(variable, x)
    if directions.shape[1] != 1:
        raise ValueError(f"variable gives {directions.shape[1]} numbers a sample; one is needed")

    seen = look(f, x, 1, where=directions.flatten(1).isfinite().all(1))
    directions = directions[seen.used].double() * seen.spread
    group = (directions != 0).any(0).flatten().nonzero().flatten().tolist()
    if not group:
        raise ValueError(
            "variable depends on no input on these samples; a number made of some is needed"
        )
    slopes, directions = seen.slopes[..., group], directions[..., group]
    sizes = slopes.norm(dim=-1)
    least = sizes.median(0).values.maximum(WEAK * seen.typical)
    apart = turned(slopes, torch.broadcast_to(directions, slopes.shape)).norm(dim=-1)
    score = float(ratio(apart, sizes.maximum(least)).mean(0).amax())
    return SymmetryVariable(tuple(group), score, threshold, seen.names, seen.samples)
