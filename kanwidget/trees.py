"""How a function combines its inputs, level by level, and a drawing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget import derivatives, hypotheses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Function = Callable[[Tensor], Tensor]
Levels = list[list[list[int]]]


def get_molecule(model: Function, x: Tensor, sym_th: float = 1e-3, verbose: bool = True) -> Levels:
    """Groups of inputs that a function combines into one number each; pykan's ``get_molecule``.

    On every level those groups of the level below are joined that the function sees as one number,
    all of them together and any two: F(x_1 + x_2 + x_3) joins three at once, F((x_1 + x_2)² + x_3)
    first two and then the third, which pykan joins at once too.

    Parameters
    ----------
    model : callable
        (N, n_inputs) to (N, n_outputs).
    x : Tensor, shape (N, n_inputs)
    sym_th : float
        See `kanwidget.hypotheses.symmetry`; a trained network needs more than an exact function.
    verbose : bool
        Print every level.

    Returns
    -------
    list of list of list of int
        Levels from single inputs to all of them in one group; on each its groups, in the order in
        which the levels above have them.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.hypotheses.symmetry`.
    """
    n = x.shape[1]
    known: dict[frozenset[int], bool] = {}

    def one_number(group: Sequence[int]) -> bool:
        key = frozenset(group)
        if key not in known:
            known[key] = len(key) in (1, n) or bool(
                hypotheses.symmetry(model, x, sorted(key), sym_th)
            )
        return known[key]

    def fits(group: list[list[int]], other: list[int]) -> bool:
        return all(one_number(member + other) for member in group) and one_number(
            [i for member in group for i in member] + other
        )

    levels: Levels = [[[i] for i in range(n)]]
    while len(levels[-1]) > 1:
        waiting, groups = list(levels[-1]), []
        while waiting:
            group = [waiting.pop(0)]
            for other in list(waiting):
                if fits(group, other):
                    group.append(other)
                    waiting.remove(other)
            groups.append([i for member in group for i in member])
        joined = groups if len(groups) < len(levels[-1]) else [[i for g in groups for i in g]]
        levels.append(joined)
    if verbose:
        for level in levels:
            print(level)
    for upper, level in zip(levels[:0:-1], levels[-2::-1], strict=True):
        order = [i for group in upper for i in group]
        level.sort(key=lambda group: order.index(group[0]))
    return levels


def get_tree_node(
    model: Function,
    x: Tensor,
    moleculess: Levels,
    sep_th: float = 1e-2,
    skip_test: bool = True,
) -> tuple[list[list[int]], list[list[str]]]:
    """What the groups of `get_molecule` are made of; pykan's ``get_tree_node``.

    Parameters
    ----------
    model, x : as in `get_molecule`
    moleculess : levels of groups
    sep_th : float
        Of `kanwidget.hypotheses.separability` and `kanwidget.hypotheses.general_separability`.
    skip_test : bool
        Only count.

    Returns
    -------
    arities : list of list of int
        For every group from the second level on, how many of the level below it joins.
    properties : list of list of str
        'Id' for one; 'GS' where it is a function of their sum, and for all inputs 'Add' or 'Mul' where it
        is their sum or product; '' otherwise.
    """
    arities, properties = [], []
    for below, level in pairwise(moleculess):
        parts = [[group for group in below if set(group) <= set(whole)] for whole in level]
        arities.append([len(groups) for groups in parts])
        properties.append([_property(model, x, groups, sep_th, skip_test) for groups in parts])
    return arities, properties


def _property(
    model: Function, x: Tensor, groups: list[list[int]], threshold: float, skip: bool
) -> str:
    if len(groups) == 1:
        return "Id"
    inputs = sorted(i for group in groups for i in group)
    if skip:
        return ""
    if len(inputs) == x.shape[1]:
        for mode, name in (("add", "Add"), ("mul", "Mul")):
            if hypotheses.separability(model, x, mode, threshold).holds(groups):
                return name
    places = [[inputs.index(i) for i in group] for group in groups]
    part = _alone(model, x, inputs)
    return "GS" if hypotheses.general_separability(part, x[:, inputs], places, threshold) else ""


def _alone(model: Function, x: Tensor, inputs: list[int]) -> Function:
    """The function of some inputs, the others held where it depends on these as it typically does."""
    sizes = derivatives.jacobian(model, x)[:, :, inputs].flatten(1).norm(dim=1)
    held = x[int((sizes - sizes.nanmedian()).abs().nan_to_num(torch.inf).argmin())].detach()

    def part(points: Tensor) -> Tensor:
        columns = list(held.expand(len(points), -1).unbind(1))
        for place, i in enumerate(inputs):
            columns[i] = points[:, place]
        return model(torch.stack(columns, 1))

    return part


def plot_tree(
    model: Function,
    x: Tensor,
    in_var: Sequence[Any] | None = None,
    style: str = "tree",
    sym_th: float = 1e-3,
    sep_th: float = 0.1,
    skip_sep_test: bool = False,
    verbose: bool = False,
) -> Figure:
    """Draw how a function combines its inputs; pykan's ``plot_tree``, also the method ``tree``.

    Parameters
    ----------
    model, x, sym_th, verbose : as in `get_molecule`
    in_var : sequence of str or sympy expression, optional
        Names of the inputs; pykan raises where they are given.
    style : {'tree', 'box'}
        Lines that meet where groups are joined, with + and × where all inputs are a sum or a product, and
        boxes where nothing more is known; or a box with its property for each group.
    sep_th, skip_sep_test : as in `get_tree_node`

    Returns
    -------
    matplotlib.figure.Figure
    """
    if style not in ("tree", "box"):
        raise ValueError(f"style is {style!r}; 'tree' or 'box' is needed")
    names = _names(in_var, x.shape[1])
    levels = get_molecule(model, x, sym_th, verbose)
    _, properties = get_tree_node(model, x, levels, sep_th, skip_sep_test)
    return _drawn(levels, properties, names, style)


def _names(given: Sequence[Any] | None, n: int) -> list[str]:
    if given is None:
        return [f"$x_{{{i + 1}}}$" for i in range(n)]
    if len(given) != n:
        raise ValueError(f"in_var has {len(given)} names; {n} inputs need one each")
    from sympy import Basic, latex

    return [f"${latex(each)}$" if isinstance(each, Basic) else str(each) for each in given]


def _drawn(levels: Levels, properties: list[list[str]], names: list[str], style: str) -> Figure:
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    figure, axes = plt.subplots(figsize=(1 + 0.8 * len(names), 1 + 1.2 * len(levels)))
    place = {group[0]: float(n) for n, group in enumerate(levels[0])}
    for group in levels[0]:
        axes.text(place[group[0]], -0.15, names[group[0]], ha="center", va="top", fontsize=14)
    for height, (below, level) in enumerate(pairwise(levels)):
        above = {}
        for group, kind in zip(level, properties[height], strict=True):
            feet = [place[part[0]] for part in below if set(part) <= set(group)]
            middle = sum(feet) / len(feet)
            if style == "box" or not kind:
                for foot in feet:
                    axes.plot([foot, foot], [height, height + 0.3], color="0.3")
                left, width = min(feet) - 0.3, max(feet) - min(feet) + 0.6
                axes.add_patch(Rectangle((left, height + 0.3), width, 0.4, fill=False))
                axes.text(middle, height + 0.5, kind, ha="center", va="center")
                axes.plot([middle, middle], [height + 0.7, height + 1], color="0.3")
            else:
                for foot in feet:
                    axes.plot([foot, middle], [height, height + 1], color="tab:blue")
                sign = {"Add": "+", "Mul": "×"}.get(kind, "")
                axes.text(
                    middle, height + 1, sign, ha="center", va="center", fontsize=20, color="tab:red"
                )
            above[group[0]] = middle
        place = above
    axes.set_axis_off()
    return figure
