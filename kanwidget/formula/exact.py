"""Numbers of a formula that are π/4 or 1/3 to their last digits, as the exact numbers."""

from __future__ import annotations

import sympy

from kanwidget.formula.constants import Constant, recognise
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.rewriting import rebuilt

TOLERANCE = 4e-15
"""About twenty roundings of a double: what is so near a simple number by chance is one in a million."""
DEAREST_SHOWN = 10.0
"""What a person may have to pay for reading an exact number; 53/11 would be more."""


def exact(expression: sympy.Expr, digits: int | None = None) -> sympy.Expr:
    """The expression with exact numbers for those that are one to about 4e-15.

    Parameters
    ----------
    expression : sympy.Expr
    digits : int, optional
        Only for the numbers that are better read so: not those that so many decimals write in full,
        such as 0.25, nor such as 53/11.

    Returns
    -------
    sympy.Expr
    """
    return _Exact(digits)(expression)


class _Exact:
    def __init__(self, digits: int | None) -> None:
        self.digits = digits
        self.done: dict[sympy.Expr, sympy.Expr] = {}

    def __call__(self, expression: sympy.Expr) -> sympy.Expr:
        if expression.is_Float:
            return self._number(expression)
        if not expression.args or expression.is_Number:
            return expression
        if expression not in self.done:
            if isinstance(expression, EdgeCurve):
                new = EdgeCurve(self(expression.args[0]), *expression.args[1:])
            else:
                args = [self(argument) for argument in expression.args]
                changed = any(
                    new is not old for new, old in zip(args, expression.args, strict=True)
                )
                new = rebuilt(expression, args) if changed else expression
            self.done[expression] = new
        return self.done[expression]

    def _number(self, number: sympy.Float) -> sympy.Expr:
        value = float(number)
        for constant in recognise(value, TOLERANCE):
            if value != 0 and constant.value != 0 and self._wanted(constant):
                return constant.expr
        return number

    def _wanted(self, constant: Constant) -> bool:
        if self.digits is None:
            return True
        if constant.expr.is_Rational and (10**self.digits * constant.expr).is_Integer:
            return False
        return constant.cost <= DEAREST_SHOWN
