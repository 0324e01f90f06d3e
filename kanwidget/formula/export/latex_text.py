"""A formula as LaTeX."""

from __future__ import annotations

from typing import Any

import sympy

from kanwidget.formula import expression as formulas
from kanwidget.formula.export.program import checked, output_names, pair
from kanwidget.formula.latex import aligned, latex_name
from kanwidget.formula.latex import latex as written
from kanwidget.network import Network


def latex(source: Any, digits: int | None = 4) -> str:
    """LaTeX of a formula, for the amsmath package; several outputs stand in one aligned environment.

    Numeric edges are written as φ with the index of their edge.

    Parameters
    ----------
    source : Network, or (expressions, variables)
        The pair is what `kanwidget.formula.symbolic_formula` returns, or one's own.
    digits : int, optional
        Of a network's numbers, 1 to 12, by what each does on its training inputs; more where so few
        would change the formula.  None writes every number in full, as expressions always are.

    Returns
    -------
    str
        No command in it comes from a name.

    Raises
    ------
    ValueError
        If the formula is too long to read, or digits is not from 1 to 12.
    TypeError
        If source is something else, or digits not an int.
    """
    if not isinstance(source, Network):
        results, _ = checked(*pair(source))
        return equations(results, output_names(len(results)))
    with source.exclusive:
        found = formulas.formula(source, source.calibration, digits=4 if digits is None else digits)
        if found.text:
            raise ValueError(found.text)
        exact = digits is None
        expressions = found.expressions if exact else found.shown_expressions
        definitions = found.definitions if exact else found.shown_definitions
        return equations(expressions, source.output_names, definitions)


def equations(
    expressions: list[sympy.Expr],
    outputs: list[str],
    definitions: list[tuple[sympy.Symbol, sympy.Expr]] | None = None,
) -> str:
    """One expression, or one equation a line where there are more, all numbers in full."""
    definitions = definitions or []
    names = {h: f"h_{{{h.name[2:].replace('_', ',')}}}" for h, _ in definitions}
    if len(expressions) == 1 and not definitions:
        return written(in_full(expressions[0]))
    lines = [
        (latex_name(name), written(in_full(each), names))
        for name, each in zip(outputs, expressions, strict=True)
    ]
    lines += [(names[h], written(in_full(each), names)) for h, each in definitions]
    return aligned(lines)


def in_full(expression: sympy.Expr) -> sympy.Expr:
    """The same with numbers that sympy prints so that reading them gives these very numbers."""
    finite = [f for f in expression.atoms(sympy.Float) if f.is_finite]
    return expression.xreplace({f: sympy.Float(repr(float(f)), 17) for f in finite})
