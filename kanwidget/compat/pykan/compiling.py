"""pykan's compiler from formulas to networks."""

from __future__ import annotations

from typing import Any

import sympy

from kanwidget.compiler import kanpiler

expr2kan = sf2kan = kanpiler
"""pykan has three names for it."""


def next_nontrivial_operation(
    expr: sympy.Expr, scale: Any = 1, bias: Any = 0
) -> tuple[sympy.Expr, Any, Any]:
    """Take numbers off an expression: expr = scale · inner + bias.

    Of 2·(sin x + 1), as it is written, it is sin x with 2 and 2; pykan, whose inner numbers do not meet
    the outer ones, gives 2 and 1.

    Parameters
    ----------
    expr : sympy expression
    scale, bias : number
        Around it already.

    Returns
    -------
    inner : sympy expression
    scale, bias : number
    """
    if not isinstance(expr, sympy.Expr):
        raise TypeError(f"expr is {expr!r:.60}; a sympy expression is needed")
    while expr.is_Add or expr.is_Mul:
        numbers = [each for each in expr.args if each.is_number]
        if not numbers or len(numbers) == len(expr.args):
            break
        number = expr.func(*numbers)
        if expr.is_Add:
            bias = bias + scale * number
        else:
            scale = scale * number
        expr = expr.func(*(each for each in expr.args if not each.is_number))
    return expr, scale, bias
