"""A formula output by output: each with the hidden nodes it is made of, and an error of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.latex import aligned, latex_name
from kanwidget.formula.measuring import Definitions


@dataclass(frozen=True)
class Output:
    """What is shown of one output.

    Attributes
    ----------
    name : str
        As it is called, not as LaTeX.
    latex : str
        With a tag around every edge's term, see `kanwidget.formula.tags`; where it refers to hidden
        nodes, these follow in one aligned environment.
    shown_error, full_error : float or None
        max |formula - network| / max |network| over the data and this output, as shown and at full
        precision; None without data.
    numeric_edges : int
        Edges that appear in it as φ placeholders.
    """

    name: str
    latex: str
    shown_error: float | None
    full_error: float | None
    numeric_edges: int


def by_output(
    names: Sequence[str],
    expressions: Sequence[sympy.Expr],
    definitions: Definitions,
    equations: Sequence[tuple[str, str]],
    shown_errors: Sequence[float | None],
    full_errors: Sequence[float | None],
) -> list[Output]:
    """The outputs of a formula.

    Parameters
    ----------
    names : sequence of str
        Of the outputs.
    expressions, definitions
        As shown.
    equations : sequence of (left, right)
        The LaTeX of the expressions, then that of the definitions.
    shown_errors, full_errors : sequence of float or None
        Of each output.
    """
    found = []
    for n, name in enumerate(names):
        used = _used(expressions[n], definitions)
        parts = [expressions[n], *(definitions[d][1] for d in used)]
        lines = [equations[n], *(equations[len(names) + d] for d in used)]
        latex = written(lines, name_one=len(names) > 1)
        found.append(Output(name, latex, shown_errors[n], full_errors[n], curves(parts)))
    return found


def written(equations: Sequence[tuple[str, str]], name_one: bool = False) -> str:
    """LaTeX of equations; of a single one the right side alone, unless it is to be named."""
    if len(equations) == 1 and not name_one:
        return equations[0][1]
    if len(equations) == 1:
        return " = ".join(equations[0])
    return aligned(list(equations))


def left_sides(names: Sequence[str], hidden: Sequence[str]) -> list[str]:
    """What stands before the equals signs: the outputs' names, and the hidden nodes' LaTeX."""
    return [*map(latex_name, names), *hidden]


def curves(expressions: Sequence[sympy.Expr]) -> int:
    """How many edges appear in them as φ: one before a function that is constant does not."""
    found = set[sympy.Basic]().union(*(each.atoms(EdgeCurve) for each in expressions))
    return len({curve.args[1:] for curve in found})


def _used(expression: sympy.Expr, definitions: Definitions) -> list[int]:
    """The places of the definitions that an expression refers to, also by way of others."""
    place = {symbol: n for n, (symbol, _) in enumerate(definitions)}
    used: set[int] = set()
    waiting = [expression]
    while waiting:
        new = {place[each] for each in waiting.pop().free_symbols if each in place} - used
        used |= new
        waiting += [definitions[n][1] for n in new]
    return sorted(used)
