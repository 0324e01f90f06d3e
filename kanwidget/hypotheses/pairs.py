"""Simple symmetries of pairs of inputs: translation, scaling, exchange."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.derivatives import Function, derivatives
from kanwidget.hypotheses.local import WEAK, Local, bounded, look, ratio

SYMMETRIC = 0.1
"""Small KANs trained to 1 % of the spread on functions with a symmetry score below this; others about 0.5."""
KINDS = ("x_i - x_j", "x_i + x_j", "x_i * x_j", "x_i / x_j", "exchange")


@dataclass(frozen=True, repr=False, eq=False)
class PairSymmetries:
    """Simple symmetries of all pairs of inputs.

    Attributes
    ----------
    scores : dict of str to Tensor, shape (n_inputs, n_inputs)
        By kind, from 0 to 1, symmetric; NaN on the diagonal and where nothing can be said: f depends on
        neither input, one does not vary, or, for an exchange, there are no samples to see it on.
    threshold : float
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    scores: dict[str, Tensor]
    threshold: float
    names: tuple[str, ...]
    samples: str

    @property
    def found(self) -> list[tuple[str, int, int]]:
        """Kind and inputs i < j of every symmetry that scores below the threshold, the best first."""
        below = [
            (float(scores[i, j]), kind, i, j)
            for kind, scores in self.scores.items()
            for i, j in (scores < self.threshold).triu(1).nonzero().tolist()
        ]
        return [(kind, i, j) for _, kind, i, j in sorted(below, key=lambda each: each[0])]

    def __repr__(self) -> str:
        names = self.names
        pairs = [(i, j) for j in range(len(names)) for i in range(j)]
        width = max([len(f"{names[i]}, {names[j]}") for i, j in pairs], default=0)
        lines = [f"symmetries of pairs (below {self.threshold:g} they hold; {self.samples})"]
        lines.append(" " * width + "".join(f"{kind:>12}" for kind in self.scores))
        for i, j in pairs:
            values = (float(scores[i, j]) for scores in self.scores.values())
            cells = (
                "–" if s != s else f"{s:.4f}{'*' if s < self.threshold else ' '}" for s in values
            )
            lines.append(
                f"{names[i] + ', ' + names[j]:{width}}" + "".join(f"{c:>12}" for c in cells)
            )
        return "\n".join(lines)


def pair_symmetries(f: Function, x: Tensor, threshold: float = SYMMETRIC) -> PairSymmetries:
    """Test simple symmetries of every pair of inputs, which AI Feynman looks for first.

    ========= ========================== ===========================================
    kind      f sees of x_i and x_j only if and only if
    ========= ========================== ===========================================
    x_i - x_j their difference           ∂f/∂x_i + ∂f/∂x_j = 0
    x_i + x_j their sum                  ∂f/∂x_i - ∂f/∂x_j = 0
    x_i * x_j their product              x_i·∂f/∂x_i - x_j·∂f/∂x_j = 0
    x_i / x_j their ratio                x_i·∂f/∂x_i + x_j·∂f/∂x_j = 0
    exchange  both, not which is which   f(…, x_i, …, x_j, …) = f(…, x_j, …, x_i, …)
    ========= ========================== ===========================================

    The score is the mean over the samples of ``|p + q|/(|p| + |q|)``, for the two terms p and q of an
    equation; where ``|p| + |q|`` is less than its median, the median stands for it.  The units of f do not
    matter, nor do those of the inputs, which for a sum must be the same.  An exchange compares the
    difference of the two values with the median deviation of f, on those samples where both inputs are in
    the range that the data have of the other.

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.
    threshold : float
        A symmetry holds where the score is below this.

    Returns
    -------
    PairSymmetries

    Raises
    ------
    TypeError, ValueError
        As for `dependence`.
    """
    threshold = checks.number("threshold", threshold, above=0, most=1)
    seen = look(f, x, 1)
    n = x.shape[1]
    scores = {kind: torch.full((n, n), torch.nan, dtype=torch.float64) for kind in KINDS}
    for j in range(n):
        for i in range(j):
            both = seen.slopes[..., [i, j]].norm(dim=-1)
            matters = ratio(both, seen.sizes.maximum(seen.typical)).mean(0) >= WEAK
            if bool(matters.any()):
                for kind, score in zip(KINDS, _scores(f, x, seen, i, j), strict=True):
                    scores[kind][i, j] = scores[kind][j, i] = score[matters].amax()
    return PairSymmetries(scores, threshold, seen.names, seen.samples)


def _scores(f: Function, x: Tensor, seen: Local, i: int, j: int) -> list[Tensor]:
    """Scores (n_outputs,) of all kinds for one pair."""
    spread = seen.spread[[i, j]]
    unit = spread.prod().sqrt()  # as one: what is added has one unit
    p, q = (seen.slopes[..., [i, j]] / spread * unit).unbind(-1)
    u, v = (seen.slopes[..., [i, j]] / spread * seen.x[:, None, [i, j]]).unbind(-1)
    found = []
    for first, second in ((p, q), (p, -q), (u, -v), (u, v)):
        terms = first.abs() + second.abs()
        least = terms.median(0).values.maximum(WEAK * seen.typical)
        found.append(ratio((first + second).abs(), terms.maximum(least)).mean(0))
    return [*found, _exchange(f, x, seen, i, j)]


def _exchange(f: Function, x: Tensor, seen: Local, i: int, j: int) -> Tensor:
    points = x.detach()[seen.used]
    (low_i, low_j), (high_i, high_j) = points[:, [i, j]].aminmax(dim=0)
    within = (points[:, i] >= low_j) & (points[:, i] <= high_j)
    within &= (points[:, j] >= low_i) & (points[:, j] <= high_i)
    swapped = points[within].clone()
    swapped[:, [i, j]] = swapped[:, [j, i]]
    after = derivatives(f, swapped, 0)[0].double() / seen.unit
    finite = after.isfinite().all(1)
    if not bool(finite.any()):
        return seen.typical.new_full(seen.typical.shape, torch.nan)
    before = seen.values[within][finite]
    middle = (seen.values.median(0).values - (-seen.values).median(0).values) / 2
    deviation = (seen.values - middle).abs().median(0).values
    return bounded((after[finite] - before).abs(), deviation).mean(0)
