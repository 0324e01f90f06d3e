"""Whether a function is one function of a sum of functions of fewer inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.derivatives import Function
from kanwidget.hypotheses.groups import partition
from kanwidget.hypotheses.local import WEAK, bounded, counted, joined, look, ratio, turned

SEPARABLE = 0.1
"""Small KANs trained to 1 % of the spread on functions that have this property score below this."""


@dataclass(frozen=True, repr=False, eq=False)
class GeneralSeparability:
    """Whether f(x) = F(g(x_A) + h(x_B) + …) for given groups of inputs; true if so.

    Attributes
    ----------
    groups : tuple of tuple of int
        Of all inputs.
    scores : tuple of float
        For every group, how far f is from F(g(x_A) + h(all others)), from 0 to 1.
    threshold : float
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    groups: tuple[tuple[int, ...], ...]
    scores: tuple[float, ...]
    threshold: float
    names: tuple[str, ...]
    samples: str

    @property
    def separable(self) -> bool:
        """Whether every score is below the threshold."""
        return max(self.scores) < self.threshold

    def __bool__(self) -> bool:
        return self.separable

    def __repr__(self) -> str:
        how = "a" if self.separable else "no"
        scores = ", ".join(f"{score:.4f}" for score in self.scores)
        return (
            f"{how} function of a sum: {joined(self.names, self.groups, '+')} "
            f"(scores {scores}, threshold {self.threshold:g}, {self.samples})"
        )


def general_separability(
    f: Function,
    x: Tensor,
    groups: Sequence[Sequence[int]],
    threshold: float = SEPARABLE,
    seed: int = 0,
) -> GeneralSeparability:
    """Test whether f(x) = F(g(x_A) + h(x_B) + …), with some F, for groups of inputs.

    If so, and only then, for every group A and B, all other inputs,

    - ∂f/∂x_a / ∂f/∂x_b is a product of a function of x_A and one of x_B, for all a in A and b in B,
    - the direction of the gradient in x_A does not depend on x_B, nor that in x_B on x_A.

    Second derivatives of such ratios would be third derivatives of f, which a trained network does not
    have right.  So both are tested on samples whose x_A is exchanged between two of them: from (x_A, x_B)
    and (x'_A, x'_B) come (x'_A, x_B) and (x_A, x'_B), and f is also looked at there, where data with
    correlated inputs have no samples.  A product r = u·v obeys r·r' = r''·r''', which is tested without a
    division and compared with the larger side; directions by the sine of the angle between them.  Inputs
    are measured in standard deviations.  The score of a group is the worst of these, each a mean over the
    samples.  (KAN 2.0 and pykan ask for the first property alone, which exp(-x_2 - x_3) - x_1 has for the
    groups {x_1, x_2} and {x_3}.)

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.
    groups : sequence of sequence of int
        Inputs that are not named are one more group.
    threshold : float
        The property holds where all scores are below this.
    seed : int
        Of the choice of pairs of samples.

    Returns
    -------
    GeneralSeparability

    Raises
    ------
    TypeError, ValueError
        As for `dependence`; ValueError also for groups that share an input, are empty or are fewer than
        two.
    """
    threshold = checks.number("threshold", threshold, above=0, most=1)
    generator = torch.Generator().manual_seed(checks.whole("seed", seed, 0))
    seen = look(f, x, 1)
    parts = partition(groups, x.shape[1])
    if len(parts) < 2:
        raise ValueError(
            f"groups is {groups!r}; two groups are needed, or one that leaves some inputs"
        )
    points = x.detach()[seen.used]
    order = torch.randperm(len(points), generator=generator).to(points.device)
    partner = torch.empty_like(order)
    partner[order] = order.roll(1)  # nobody is their own partner
    everything = set(range(x.shape[1]))
    scores, fewest = [], len(points)
    for group in parts if len(parts) > 2 else parts[:1]:
        rest = sorted(everything - set(group))
        score, used = _split(f, points, partner, group, rest)
        scores.append(score)
        fewest = min(fewest, used)
    if len(parts) == 2:
        scores = 2 * scores
    return GeneralSeparability(
        tuple(map(tuple, parts)), tuple(scores), threshold, seen.names, counted(fewest, len(x))
    )


def _split(
    f: Function, points: Tensor, partner: Tensor, group: list[int], rest: list[int]
) -> tuple[float, int]:
    """How far f is from F(g(x_A) + h(x_B)), and on how many samples that was seen."""
    other = points[partner]
    theirs, mine = points.clone(), other.clone()
    theirs[:, group], mine[:, group] = other[:, group], points[:, group]
    seen = look(f, torch.cat([points, other, theirs, mine]), 1)
    whole = seen.used.view(4, -1).all(0)  # no exchanged sample left its partners or f's domain
    if not bool(whole.any()):
        raise ValueError("f is finite on no samples whose groups of inputs are exchanged")
    filled = seen.slopes.new_zeros(len(seen.used), *seen.slopes.shape[1:])
    filled[seen.used] = seen.slopes
    here, there, theirs, mine = filled.view(4, len(points), *filled.shape[1:])[:, whole].unbind(0)

    a_sides = (here * there)[..., group], (theirs * mine)[..., group]
    b_sides = (theirs * mine)[..., rest], (here * there)[..., rest]
    left, right = (a[..., None] * b[..., None, :] for a, b in zip(a_sides, b_sides, strict=True))
    least = seen.slopes.abs().median(0).values.maximum(WEAK * seen.typical[:, None]).square()
    scale = left.abs().maximum(right.abs())
    scale = scale.maximum(least[:, group, None] * least[:, None, rest])
    ratios = bounded((left - right).abs(), scale).mean(0).amax()

    directions = []
    for inputs, moved in ((group, mine), (rest, theirs)):
        first, second = here[..., inputs], moved[..., inputs]
        small = seen.slopes[..., inputs].norm(dim=-1).median(0).values.maximum(WEAK * seen.typical)
        area = turned(first, second).norm(dim=-1) * second.norm(dim=-1)
        size = (first.norm(dim=-1) * second.norm(dim=-1)).maximum(small.square())
        directions.append(ratio(area, size).mean(0).amax())
    return float(torch.stack([ratios, *directions]).amax()), int(whole.sum())
