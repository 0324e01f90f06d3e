"""sympy expressions as pykan's users handle them: rounded, and computed on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import sympy
import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.datasets import PARTS, Dataset
from kanwidget.formula.evaluate import Evaluator


def ex_round(ex1: sympy.Expr, n_digit: int) -> sympy.Expr:
    """Round every decimal number of an expression to so many places; pykan's ``kan.utils.ex_round``.

    All numbers are rounded at once: pykan replaces one after the other, so that a number can be rounded
    that is only there because another one was.  ``KAN.symbolic_formula(digits=…)`` rounds by what each
    number does on the data, where 0.0004·(50x)² keeps its term.

    Parameters
    ----------
    ex1 : sympy expression
    n_digit : int
        Places after the decimal point.

    Raises
    ------
    TypeError
        If it is no expression.
    ValueError
        If the digits are no whole number.
    """
    if not isinstance(ex1, sympy.Basic):
        raise TypeError(f"ex1 is {ex1!r:.60}; a sympy expression is needed")
    places = checks.whole("n_digit", n_digit, 0)
    return ex1.xreplace({number: round(number, places) for number in ex1.atoms(sympy.Float)})


def values_of(expression: sympy.Expr, variables: Sequence[sympy.Symbol], x: Tensor) -> Tensor:
    """An expression on samples (N, n_variables), as a column (N, 1) that autograd can follow.

    Raises
    ------
    ValueError
        Where the expression has another variable, or there are not as many columns as variables.
    """
    unknown = expression.free_symbols - set(variables)
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise ValueError(f"{expression} has the variables {names}; {list(variables)} are known")
    if x.ndim != 2 or x.shape[1] != len(variables):
        raise ValueError(
            f"x has the shape {tuple(x.shape)}; a column for each of {list(variables)} is needed"
        )
    nothing: Any = SimpleNamespace(layers=[])
    columns = dict(zip(variables, x.unbind(1), strict=True))
    value = Evaluator(nothing, columns)(sympy.sympify(expression))
    return value.to(x.dtype).expand(len(x))[:, None]


def symbols_of(name: str, value: Any) -> list[sympy.Symbol]:
    """Symbols from one symbol or a sequence of them.

    Raises
    ------
    TypeError
        For anything else; text is never evaluated.
    """
    found = [value] if isinstance(value, sympy.Symbol) else value
    if not isinstance(found, Sequence) or not all(isinstance(s, sympy.Symbol) for s in found):
        raise TypeError(f"{name} is {value!r:.60}; a list of sympy symbols is needed")
    return list(found)


def augment_input(orig_vars: Any, aux_vars: Sequence[Any], x: Any) -> Any:
    """Put values of expressions in front of the inputs; pykan's ``kan.utils.augment_input``.

    Parameters
    ----------
    orig_vars : sequence of sympy.Symbol
        Names of the inputs in order.
    aux_vars : sequence of sympy expressions
        Of these symbols.
    x : Tensor, shape (N, n_inputs), Dataset, or dict of tensors

    Returns
    -------
    Tensor, shape (N, n_aux + n_inputs), or what was given with all its inputs so
        A dict is changed in place too, as in pykan; a `Dataset` is not.  In pykan inputs must be on the
        CPU and without a gradient, and become float64 in part.

    Raises
    ------
    TypeError, ValueError
        With a sentence that names the argument.
    """
    variables = symbols_of("orig_vars", orig_vars)
    added = [sympy.sympify(each) for each in aux_vars if not isinstance(each, str)]
    if len(added) < len(aux_vars):
        raise TypeError(f"aux_vars is {aux_vars!r:.60}; sympy expressions are needed, no text")
    if isinstance(x, Tensor):
        return torch.cat([*(values_of(each, variables, x) for each in added), x], dim=1)
    if not isinstance(x, Mapping):
        raise TypeError(f"x is a {type(x).__name__}; a tensor or a dataset is needed")
    wider = {
        key: augment_input(variables, added, x[key])
        for key in (f"{part}_input" for part in PARTS)
        if key in x
    }
    if isinstance(x, Dataset):
        changes: dict[str, Any] = wider
        names = (*map(str, added), *x.input_names)
        return replace(x, **changes, input_names=names, input_scale=None, recipe=None)
    x.update(wider)  # type: ignore[attr-defined]
    return x
