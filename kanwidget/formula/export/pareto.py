"""A Pareto front of formulas as a table for a paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import sympy

from kanwidget import checks
from kanwidget.formula.export.latex_text import in_full
from kanwidget.formula.latex import latex
from kanwidget.formula.rounding import few_digits

HEAD = r"""\begin{tabular}{rrl}
\toprule
Complexity & Loss & Formula \\
\midrule
"""
FOOT = r"""\bottomrule
\end{tabular}
"""


def pareto_table(rows: Iterable[Any], digits: int | None = 4) -> str:
    r"""LaTeX of a table of formulas, for the packages booktabs and amsmath.

    Parameters
    ----------
    rows : iterable
        Of (complexity, loss, expression), or of objects or mappings with ``complexity``, ``val_loss`` or
        ``loss``, and ``expression`` or ``expressions``.  An expression is a sympy expression, or a list
        of them where there are several outputs.
    digits : int, optional
        Of the numbers in formulas and of the loss, 1 to 17; None writes numbers in formulas in full.

    Returns
    -------
    str
        A ``tabular`` environment, rows in the order given.

    Raises
    ------
    ValueError
        If there are no rows, or a row lacks one of these or has numbers that are not finite.
    TypeError
        If an expression is something else; text is never taken for one.
    """
    if digits is not None and not 1 <= checks.whole("digits", digits, 1) <= 17:
        raise ValueError(f"digits is {digits!r}; a whole number from 1 to 17, or None, is needed")
    lines = [_line(n, row, digits) for n, row in enumerate(rows)]
    if not lines:
        raise ValueError("rows is empty; give at least one formula")
    return HEAD + "".join(lines) + FOOT


def _line(n: int, row: Any, digits: int | None) -> str:
    complexity, loss, expressions = _parts(n, row)
    if isinstance(expressions, sympy.Expr):
        expressions = [expressions]
    if not isinstance(expressions, Sequence) or not expressions or isinstance(expressions, str):
        expressions = [expressions]
    for each in expressions:
        if not isinstance(each, sympy.Expr):
            raise TypeError(
                f"rows[{n}] has the expression {each!r:.60}; a sympy expression is needed"
            )
    cells = ", ".join(
        f"${latex(in_full(each) if digits is None else few_digits(each, digits))}$"
        for each in expressions
    )
    shown = _scientific(_finite(n, "loss", loss), digits or 4)
    return f"{_finite(n, 'complexity', complexity):g} & ${shown}$ & {cells} \\\\\n"


def _parts(n: int, row: Any) -> tuple[Any, Any, Any]:
    if isinstance(row, tuple) and not hasattr(row, "complexity"):
        if len(row) == 3:
            return row
    else:
        lookup = row.get if isinstance(row, Mapping) else lambda name: getattr(row, name, None)
        found = [
            next((v for name in names if (v := lookup(name)) is not None), None)
            for names in (("complexity",), ("val_loss", "loss"), ("expression", "expressions"))
        ]
        if all(each is not None for each in found):
            return found[0], found[1], found[2]
    raise ValueError(
        f"rows[{n}] is {row!r:.60}; (complexity, loss, expression) or an object with these is needed"
    )


def _finite(n: int, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"rows[{n}] has the {name} {value!r:.60}; a finite number is needed")
    return float(value)


def _scientific(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa
