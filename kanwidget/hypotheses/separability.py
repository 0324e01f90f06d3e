"""Whether a function is a sum or a product of functions of fewer inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from kanwidget import checks
from kanwidget.derivatives import Function
from kanwidget.hypotheses.groups import connected, partition
from kanwidget.hypotheses.local import Local, bounded, joined, look

SIGNS = {"add": "+", "mul": "·"}
SEPARABLE = 0.03
"""Small KANs trained to 1 % of the spread on separable functions score below this; x + y + 0.1·x·y above."""


@dataclass(frozen=True, repr=False, eq=False)
class Separability:
    """How inputs interact, and the groups into which a function separates; true if more than one.

    Attributes
    ----------
    mode : {'add', 'mul'}
    scores : Tensor, shape (n_inputs, n_inputs)
        Interaction of every pair of inputs, from 0 to 1, symmetric, with a diagonal of 0.
    threshold : float
    groups : tuple of tuple of int
        Inputs that interact, directly or through others, are in one group.
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    mode: str
    scores: Tensor
    threshold: float
    groups: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    samples: str

    @property
    def separable(self) -> bool:
        """Whether there is more than one group."""
        return len(self.groups) > 1

    def __bool__(self) -> bool:
        return self.separable

    def between(self, groups: Sequence[Sequence[int]]) -> float:
        """The largest score of two inputs in different groups; inputs not named are one more group."""
        parts = partition(groups, len(self.scores))
        pairs = [self.scores[a][:, b].max() for n, a in enumerate(parts) for b in parts[:n]]
        return max(map(float, pairs), default=0.0)

    def holds(self, groups: Sequence[Sequence[int]]) -> bool:
        """Whether the function separates into these groups; inputs not named are one more."""
        return self.between(groups) < self.threshold

    def __repr__(self) -> str:
        of = "a sum" if self.mode == "add" else "a product"
        limits = f"threshold {self.threshold:g}, {self.samples}"
        if not self.separable:
            weakest = min((float(self.scores[i].max()), i) for i in range(len(self.scores)))
            return (
                f"no {of[2:]} of functions of fewer inputs: the input that interacts least, "
                f"{self.names[weakest[1]]}, scores {weakest[0]:.4f} ({limits})"
            )
        return (
            f"{of}: {joined(self.names, self.groups, SIGNS[self.mode])} "
            f"(largest score between groups {self.between(self.groups):.4f}, {limits})"
        )


def separability(
    f: Function, x: Tensor, mode: str = "add", threshold: float = SEPARABLE, bias: float = 0.0
) -> Separability:
    """Find the groups of inputs into which a function separates, as a sum or as a product.

    f(x) = g(x_A) + h(x_B) if and only if ∂²f/∂x_a∂x_b = 0 for all a in A and b in B.  The score of a pair
    is the mean over the samples of ``q/(q + |u|)`` with ``q = |∂²f/∂x_a∂x_b| · std(x_a) · std(x_b)`` and
    u_i = ∂f/∂x_i · std(x_i): what a change of one input does to the effect of the other, against f's
    change.  Where ``|u|`` is less than its median, the median stands for it.

    f(x) = g(x_A) · h(x_B) if and only if this holds of ``log|f|`` wherever f is not 0, that is if
    f · ∂²f/∂x_a∂x_b = ∂f/∂x_a · ∂f/∂x_b, which asks for no logarithm: f may change its sign and be 0.
    Its q is the difference of both sides and is compared with ``|f|·|u| + |u|²``.

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.  An input that does not vary in them interacts with none.
    mode : {'add', 'mul'}
    threshold : float
        Inputs that score at least this interact.
    bias : float
        With 'mul', f + bias is tested.

    Returns
    -------
    Separability

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.derivatives.jacobian`; ValueError also for another mode, a threshold outside
        (0, 1), where f and its derivatives are finite on fewer than two samples, and for a function of
        flat pieces, such as a ReLU network, whose second derivatives say nothing.
    """
    if mode not in SIGNS:
        raise ValueError(f"mode is {mode!r}; 'add' or 'mul' is needed")
    threshold = checks.number("threshold", threshold, above=0, most=1)
    bias = checks.number("bias", bias)
    seen = look(f, x, 2)
    scores = _sum_scores(seen) if mode == "add" else _product_scores(seen, bias)
    scores.fill_diagonal_(0.0)
    groups = connected(scores >= threshold)
    return Separability(mode, scores, threshold, groups, seen.names, seen.samples)


def _sum_scores(seen: Local) -> Tensor:
    assert seen.bends is not None
    scale = seen.sizes.maximum(seen.typical)
    return bounded(seen.bends.abs(), scale[..., None, None]).mean(0).amax(0)


def _product_scores(seen: Local, bias: float) -> Tensor:
    assert seen.bends is not None
    values = seen.values + bias / seen.unit
    products = seen.slopes[..., None] * seen.slopes[..., None, :]
    uneven = values[..., None, None] * seen.bends - products
    scale = values.abs() * seen.sizes + seen.sizes.square()
    scale = scale.maximum(scale.median(0).values.maximum(seen.typical.square()))
    return bounded(uneven.abs(), scale[..., None, None]).mean(0).amax(0)
