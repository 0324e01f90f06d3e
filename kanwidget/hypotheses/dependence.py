"""How much the outputs depend on every input."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from kanwidget import checks
from kanwidget.derivatives import Function
from kanwidget.hypotheses.local import WEAK, look, ratio


@dataclass(frozen=True, repr=False, eq=False)
class Dependence:
    """How much the outputs of a function depend on every input.

    Attributes
    ----------
    scores : Tensor, shape (n_outputs, n_inputs)
        Share of each input in the output's changes, from 0 to 1.
    changes : Tensor, shape (n_outputs, n_inputs)
        Median over the samples of ``|∂f/∂x_i|`` times the standard deviation of x_i: in units of f.
    threshold : float
    names : tuple of str
        Of the inputs.
    samples : str
        How many samples were used.
    """

    scores: Tensor
    changes: Tensor
    threshold: float
    names: tuple[str, ...]
    samples: str

    @property
    def inputs(self) -> list[int]:
        """Inputs that some output depends on: their score is at least the threshold."""
        return [i for i, score in enumerate(self.scores.amax(0)) if score >= self.threshold]

    def __repr__(self) -> str:
        inputs = ", ".join(self.names[i] for i in self.inputs) or "no input"
        width = max(map(len, self.names))
        lines = [
            f"  {name:{width}}  " + "  ".join(f"{score:6.4f}" for score in column)
            for name, column in zip(self.names, self.scores.T.tolist(), strict=True)
        ]
        head = f"depends on {inputs} (threshold {self.threshold:g}, {self.samples})"
        return "\n".join([head, *lines])


def dependence(f: Function, x: Tensor, threshold: float = WEAK) -> Dependence:
    """How much every output depends on every input.

    The score is the mean over the samples of ``|u_i| / |u|``, with u_i = ∂f/∂x_i · std(x_i); where ``|u|`` is
    less than its median, the median stands for it.  So units do not matter, neither does a pole take all,
    and an input that matters in a corner of the data is seen.

    Parameters
    ----------
    f : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
        Samples.  An input that does not vary in them scores 0.
    threshold : float
        An output depends on inputs that score at least this.

    Returns
    -------
    Dependence

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.derivatives.jacobian`; ValueError also for a threshold outside (0, 1), and
        where f and its slopes are finite on fewer than two samples.
    """
    threshold = checks.number("threshold", threshold, above=0, most=1)
    seen = look(f, x, 1)
    scores = ratio(seen.slopes.abs(), seen.sizes.maximum(seen.typical)[..., None]).mean(0)
    changes = seen.slopes.abs().median(0).values * seen.unit[:, None]
    return Dependence(scores, changes, threshold, seen.names, seen.samples)
