"""pykan's tests of what a function is made of, answered by `kanwidget.hypotheses`.

pykan compares medians of second derivatives with absolute thresholds, so that its answers change with the
units of the output.  Scores here are from 0 to 1 whatever the units.  The defaults are pykan's numbers,
which functions that are exactly so pass; networks trained to 1 % need 0.03 to 0.1, the defaults of
`kanwidget.hypotheses`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from kanwidget import checks, derivatives, hypotheses
from kanwidget.compat.pykan.expressions import symbols_of, values_of
from kanwidget.derivatives import which_inputs
from kanwidget.hypotheses.groups import connected

Function = Callable[[Tensor], Tensor]


def detect_separability(
    model: Function,
    x: Tensor,
    mode: str = "add",
    score_th: float = 1e-2,
    res_th: float = 1e-2,
    n_clusters: int | None = None,
    bias: float = 0.0,
    verbose: bool = False,
) -> dict[str, Any]:
    """Find groups of inputs whose functions add up, or multiply; pykan's ``detect_separability``.

    Parameters
    ----------
    model : callable
        (N, n_inputs) to (N, n_outputs): a KAN, another network or a formula.
    x : Tensor, shape (N, n_inputs)
    mode : {'add', 'mul'}
    score_th : float
        Inputs that score at least this interact.
    res_th :
        Not needed: groups are what is linked by interactions.  pykan tries all numbers of clusters, and
        raises KeyError where none leaves so small a rest.
    n_clusters : int, optional
        Make so many groups, by a higher or a lower threshold than ``score_th``; at most so many
        can be made where pairs interact equally.
    bias : float
        With 'mul', model + bias is tested.
    verbose : bool
        Print the scores too.

    Returns
    -------
    dict
        ``hessian``: scores (n_inputs, n_inputs); ``n_groups``, ``groups``: lists of inputs; ``labels``:
        for every input the number of its group.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.separability`.
    """
    found = hypotheses.separability(model, x, mode, score_th, bias)
    groups = found.groups
    if n_clusters is not None:
        groups = _so_many(found.scores, checks.whole("n_clusters", n_clusters, 1))
    labels = [next(n for n, g in enumerate(groups) if i in g) for i in range(x.shape[1])]
    if verbose:
        print(found)
    print(f"{mode} separability {'detected' if len(groups) > 1 else 'not detected'}")
    return {
        "hessian": found.scores,
        "n_groups": len(groups),
        "labels": labels,
        "groups": [list(group) for group in groups],
    }


def _so_many(scores: Tensor, wanted: int) -> tuple[tuple[int, ...], ...]:
    """The most groups up to a wanted number that some threshold makes."""
    levels = [0.0, *scores.unique().tolist(), 2.0]
    made = [connected(scores >= level) for level in levels]
    return max((groups for groups in made if len(groups) <= wanted), key=len)


def batch_grad_normgrad(
    model: Function, x: Tensor, group: Sequence[int], create_graph: bool = False
) -> Tensor:
    """How the direction of the gradient in a group turns with the other inputs, a derivative.

    Parameters
    ----------
    model : callable
        With one output.
    x : Tensor, shape (N, n_inputs)
    group : sequence of int

    Returns
    -------
    Tensor, shape (N, len(group), n_inputs - len(group))
        Of ∂f/∂x_A / |∂f/∂x_A| by x_B, the others in order.
    """
    inside = which_inputs("group", group, x.shape[1])
    others = [i for i in range(x.shape[1]) if i not in inside]

    def direction(points: Tensor) -> Tensor:
        slopes = derivatives.jacobian(model, points, create_graph=True)[:, 0][:, inside]
        return slopes / (slopes.norm(dim=1, keepdim=True) + 1e-6)

    return derivatives.jacobian(direction, x, create_graph=create_graph)[..., others]


def get_dependence(model: Function, x: Tensor, group: Sequence[int]) -> Tensor:
    """Medians of `batch_grad_normgrad` in standard deviations of the inputs, (len(group), others)."""
    inside = which_inputs("group", group, x.shape[1])
    others = [i for i in range(x.shape[1]) if i not in inside]
    spread = x.std(0)
    turns = batch_grad_normgrad(model, x, inside) * spread[inside, None] * spread[None, others]
    return turns.abs().median(0).values


def test_symmetry(
    model: Function, x: Tensor, group: Sequence[int], dependence_th: float = 1e-3
) -> bool:
    """Whether a function sees a group of inputs only as one number; pykan's ``test_symmetry``.

    Returns
    -------
    bool
        `kanwidget.hypotheses.symmetry` has the scores too.  True for no input, and for all.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.symmetry`.
    """
    return not len(group) or bool(hypotheses.symmetry(model, x, group, dependence_th))


def test_separability(
    model: Function,
    x: Tensor,
    groups: Sequence[Sequence[int]],
    mode: str = "add",
    threshold: float = 1e-2,
    bias: float = 0,
) -> bool:
    """Whether a function is a sum, or a product, over these groups; inputs not named are one more.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.separability`.
    """
    return hypotheses.separability(model, x, mode, threshold, bias).holds(groups)


def test_general_separability(
    model: Function, x: Tensor, groups: Sequence[Sequence[int]], threshold: float = 1e-2
) -> bool:
    """Whether a function is F of a sum over these groups; inputs not named are one more.

    pykan asks for less than that: of exp(-x_2 - x_3) - x_1 it says so for {x_1, x_2} and {x_3}.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.general_separability`.
    """
    return bool(hypotheses.general_separability(model, x, groups, threshold))


def test_symmetry_var(
    model: Function, x: Tensor, input_vars: Sequence[Any], symmetry_var: Any
) -> hypotheses.SymmetryVariable:
    """Whether a function sees some inputs only as a given expression of them; prints what it finds.

    Parameters
    ----------
    model : callable
    x : Tensor, shape (N, n_inputs)
    input_vars : sequence of sympy.Symbol
        One an input.
    symmetry_var : sympy expression

    Returns
    -------
    SymmetryVariable
        True if so, with a score; pykan only prints a share of samples.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.symmetry_variable`.
    """
    variables = symbols_of("input_vars", input_vars)
    found = hypotheses.symmetry_variable(
        model, x, lambda points: values_of(symmetry_var, variables, points)
    )
    print(found)
    print("suggesting symmetry" if found else "not suggesting symmetry")
    return found


_tests: tuple[Any, ...] = (
    test_symmetry,
    test_separability,
    test_general_separability,
    test_symmetry_var,
)
for _test in _tests:
    _test.__test__ = False  # none of pytest's
