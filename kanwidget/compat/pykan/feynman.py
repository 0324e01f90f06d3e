"""The equations of the Feynman Symbolic Regression Database, with pykan's numbers, names and ranges.

Udrescu and Tegmark, AI Feynman (arXiv 1905.11481): 100 equations of the Feynman lectures and 20 more.  They
are written in ``feynman.txt`` beside this file: name | formula | variables in their order and where each is
sampled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import sympy
from torch import Tensor

from kanwidget.compat.pykan.expressions import values_of
from kanwidget.formula.parsing import parse

OTHER_NAMES = {
    "I.8.4": "I.8.14",
    "I.10.9": "II.10.9",
    "I.18.14": "I.18.16",
    "Rutherforld scattering": "Rutherford scattering",
}
"""What pykan calls some of them, and what the database calls I.18.16."""
TRIAL = "test | (x+y)*sin(exp(2*y)) | x y in -1 1"

Equation = tuple[list[sympy.Symbol], sympy.Expr, Callable[[Tensor], Tensor], list[list[float]]]


def get_feynman_dataset(name: str | int) -> Equation:
    """An equation of physics, and where to sample it; pykan's ``kan.feynman.get_feynman_dataset``.

    Four of pykan's functions are not their equations.  I.16.6 (20), the sum of velocities, computes u·v
    for u + v.  I.32.5 (32), the radiated power, lacks 1/(6π).  Goldstein 12.80 (113) has α·y/x in its
    formula and α·x/y, which is right, in its function.  Jackson 2.11 (114) raises an error.  And three
    have another equation's name: 'I.18.4' is given twice, so that the centre of mass (21) is not to be
    had by name (the torque, 22, is I.18.12); 'I.8.4' is I.8.14 and 'I.10.9' is II.10.9.  Here all are
    right; pykan's names are accepted where they say which one is meant.

    Parameters
    ----------
    name : str or int
        Such as 'I.6.20a', or its number, from 1 to 120; 'test' for pykan's own trial.

    Returns
    -------
    variables : list of sympy.Symbol
    expression : sympy expression
    f : callable
        From samples (N, n_variables) to (N, 1), for ``create_dataset(f, n_var=…, ranges=…)``.
    ranges : list of [low, high]
        One a variable; pykan gives one pair for all of some equations.

    Raises
    ------
    KeyError
        If there is no such equation; pykan fails for lack of a value.
    """
    rows = _rows()
    if isinstance(name, int) and not isinstance(name, bool) and 1 <= name <= len(rows) - 1:
        return _equation(list(rows.values())[name])
    known = OTHER_NAMES.get(name, name) if isinstance(name, str) else name
    if known not in rows:
        raise KeyError(
            f"there is no equation {name!r}; names such as 'I.6.20a' and numbers 1 to "
            f"{len(rows) - 1} are known"
        )
    return _equation(rows[known])


@cache
def _rows() -> dict[Any, str]:
    text = resources.files(__package__).joinpath("feynman.txt").read_text(encoding="utf-8")
    return {row.split(" | ")[0]: row for row in (TRIAL, *text.splitlines())}


def _equation(row: str) -> Equation:
    _, formula, sampled = row.split(" | ")
    ranges = {}
    for part in sampled.split("; "):
        names, _, limits = part.partition(" in ")
        for each in names.split():
            ranges[each] = [_number(limit) for limit in limits.split()]
    variables = [sympy.Symbol(each) for each in ranges]
    expression = parse(formula, list(ranges))

    def f(x: Tensor) -> Tensor:
        return values_of(expression, variables, x)

    return variables, expression, f, list(ranges.values())


def _number(text: str) -> float:
    factor, multiple, _ = text.partition("pi")
    return float(factor or 1) * (math.pi if multiple else 1)
