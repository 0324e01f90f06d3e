"""From a network to its formula: exact expressions, the shown ones with few digits, and the error of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sympy

from kanwidget.formula.arguments import MOST_DIGITS, checked_digits, scales_of, variables
from kanwidget.formula.building import build
from kanwidget.formula.evaluate import EdgeCurve, Evaluator
from kanwidget.formula.exact import exact as made_exact
from kanwidget.formula.latex import aligned, latex, latex_name
from kanwidget.formula.measuring import Definitions, Measure
from kanwidget.formula.rewriting import Rewriting
from kanwidget.formula.rounding import rounded
from kanwidget.formula.structure import MOST_SHOWN, NOT_FINITE, Structure, is_finite
from kanwidget.formula.tags import TagPrinter, Term

if TYPE_CHECKING:
    from kanwidget.network import Network

MOST_NESTED = 400
MOST_NESTED_NUMERIC = 6
MOST_EXPANDED = 20_000


@dataclass(frozen=True)
class Formula:
    """The formula of a network.

    Attributes
    ----------
    variables : list of sympy.Symbol
        The inputs, in the units of the data: where they were normalised, from before that.
    expressions : list of sympy.Expr
        One for each output, at full precision; empty where the network is too large for one.
    definitions : list of (sympy.Symbol, sympy.Expr)
        Hidden nodes h that the expressions refer to, in order; empty where everything is nested.
        A node that multiplies is one h, the sums it multiplies stand in its brackets.
    exact_expressions, exact_definitions
        The same with exact numbers, such as π/4 and 1/3, for those that are one to their last digits.
    shown_expressions, shown_definitions
        The same with few digits, numbers such as π/4 exact; empty where `text` is not.
    latex : str
        The shown form; several equations in one aligned environment. Empty where `text` is not.
    tagged_latex : str
        Where asked for, `latex` with a tag around every edge's term; see `kanwidget.formula.tags`.
    terms : list of tuple of Term
        Where asked for, the terms of every equation of `latex` in their order, as trees.
    text : str
        A sentence for the place of a formula that is too large to read.
    full_error, shown_error : float or None
        max |formula - network| / max |network| over the data and all outputs, at full precision and as
        shown; None without data or without such expressions.
    digits : int
        Digits of the shown form; more than asked for where so few would change the formula by more
        than 10^(1 - digits).
    numeric_edges : int
        Edges that appear as φ placeholders.
    """

    variables: list[sympy.Symbol]
    expressions: list[sympy.Expr]
    definitions: Definitions
    shown_expressions: list[sympy.Expr]
    shown_definitions: Definitions
    latex: str
    text: str
    full_error: float | None
    shown_error: float | None
    digits: int
    numeric_edges: int
    exact_expressions: list[sympy.Expr] = field(default_factory=list)
    exact_definitions: Definitions = field(default_factory=list)
    tagged_latex: str = ""
    terms: list[tuple[Term, ...]] = field(default_factory=list)

    def parts(self) -> list[sympy.Expr]:
        """What is shown: the expressions, then those of the definitions."""
        return [*self.shown_expressions, *(each for _, each in self.shown_definitions)]

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$" if self.latex else self.text


def formula(
    model: Network,
    x: Any = None,
    var: Sequence[str | sympy.Symbol] | None = None,
    digits: int = 4,
    normalizer: Any = None,
    output_normalizer: Any = None,
    tagged: bool = False,
) -> Formula:
    """Write a network as a formula.

    Parameters
    ----------
    model : Network
    x : Tensor, shape (N, n_inputs), optional
        Data as the network takes them, on which numbers are rounded, shorter forms compared and errors
        measured; None measures nothing.
    var : list of str or sympy.Symbol, optional
        Names of the inputs; None takes the model's own.
    digits : int
        Digits of the shown form, 1 to 12; see `rounding.rounded`.
    normalizer, output_normalizer : (means, standard deviations), optional
        What inputs and outputs were normalised by, to be undone; None takes the model's own.
    tagged : bool
        Whether to say which term comes from which edge; see `Formula.tagged_latex`.

    Returns
    -------
    Formula

    Raises
    ------
    TypeError
        If `var` holds something else than names and symbols, or digits is not an int.
    ValueError
        If `var` has the wrong length or a name twice, digits, a normalizer or the shape of x is wrong,
        or x is empty.
    """
    digits = checked_digits(digits)
    symbols = variables(model, var)
    scaled = scales_of(model, normalizer, output_normalizer)
    network = Structure(model)
    if network.numeric == 0:
        nested, possible = network.terms <= MOST_NESTED, True
    else:
        nested = network.numeric <= MOST_NESTED_NUMERIC and network.terms <= MOST_SHOWN
        possible = nested or network.edges <= MOST_SHOWN
    readable = network.terms <= MOST_SHOWN if nested else possible and network.edges <= MOST_SHOWN
    text = "" if readable else network.sentence()
    if not is_finite(model):
        possible, text = False, NOT_FINITE
    if not possible:
        return Formula(symbols, [], [], [], [], "", text, None, None, digits, network.numeric)

    outputs, hidden = build(model, network, symbols, nested, scaled)
    expressions = [node.expression() for node in outputs]
    definitions = [(symbol, node.expression()) for _, symbol, node in hidden]
    data = None if x is None else model.as_input(x)
    if data is not None and len(data) == 0:
        raise ValueError("x has no rows; give at least one, or None to measure nothing")
    measure = Measure(model, data, symbols, scaled)
    values = measure.evaluator(definitions)
    if readable:
        rewrite = Rewriting()
        expressions = [_shorter(rewrite, measure, values, each) for each in expressions]
        definitions = [
            (name, _shorter(rewrite, measure, values, each)) for name, each in definitions
        ]
    found = Formula(
        symbols,
        expressions,
        definitions,
        [],
        [],
        "",
        text,
        measure.error(values, expressions),
        None,
        digits,
        _curves([*expressions, *(each for _, each in definitions)]),
        [made_exact(each) for each in expressions],
        [(name, made_exact(each)) for name, each in definitions],
    )
    if not readable:
        return found
    names = {symbol: f"h_{{{place}}}" for place, symbol, _ in hidden}
    shown, form = _shown(found, measure, values)
    written = _written(model, shown, names, [latex(each, names) for each in shown.parts()])
    if not tagged:
        return replace(shown, latex=written)
    printer = TagPrinter(names, lambda term: form(rewrite(term)))
    nodes = [*outputs, *(node for _, _, node in hidden)]
    pairs = [printer.tagged(*each) for each in zip(shown.parts(), nodes, strict=True)]
    with_tags = _written(model, shown, names, [each for each, _ in pairs])
    return replace(shown, latex=written, tagged_latex=with_tags, terms=[each for _, each in pairs])


def _curves(expressions: list[sympy.Expr]) -> int:
    """How many edges appear in them as φ: one before a function that is constant does not."""
    found = set[sympy.Basic]().union(*(each.atoms(EdgeCurve) for each in expressions))
    return len({curve.args[1:] for curve in found})


Form = Callable[[sympy.Expr], sympy.Expr]


def _shown(found: Formula, measure: Measure, values: Evaluator) -> tuple[Formula, Form]:
    """The formula with as many digits as asked for, or as it needs, and how it got its shown form."""
    for digits in range(found.digits, MOST_DIGITS + 1):
        bound = max(10.0 ** (1 - digits), 2 * (found.full_error or 0.0))
        few = partial(_few, digits=digits, values=values)
        for form in (partial(few, rewrite=Rewriting()), few):
            shown = [form(each) for each in found.expressions]
            definitions = [(name, form(each)) for name, each in found.definitions]
            seen = values
            if measure.measures and definitions != found.definitions:
                seen = measure.evaluator(definitions)
            error = measure.error(seen, shown)
            if error is None or error <= bound or digits == MOST_DIGITS:
                changes: dict[str, Any] = {
                    "shown_expressions": shown,
                    "shown_definitions": definitions,
                }
                return replace(found, shown_error=error, digits=digits, **changes), form
    raise AssertionError("the last of all forms is always taken")


def _few(
    expression: sympy.Expr, digits: int, values: Evaluator, rewrite: Rewriting | None = None
) -> sympy.Expr:
    """The expression with few digits, and in the shorter form that rounding may have made possible."""
    few = rounded(made_exact(expression, digits), digits, values)
    new = few if rewrite is None else rewrite(few)
    return few if new == few else rounded(new, digits, values)


def _shorter(
    rewrite: Rewriting, measure: Measure, values: Evaluator, expression: sympy.Expr
) -> sympy.Expr:
    """The shorter form of an expression, where it has the same values on the data."""
    new = rewrite(expression)
    return new if new == expression or measure.same(values, expression, new) else expression


def symbolic_formula(
    model: Network,
    var: Sequence[str | sympy.Symbol] | None = None,
    digits: int | None = None,
    normalizer: Any = None,
    output_normalizer: Any = None,
    exact: bool = False,
) -> tuple[list[sympy.Expr], list[sympy.Symbol]]:
    """The formula as (one expression per output, variables); numeric edges appear as phi_l_i_j(...).

    Parameters
    ----------
    model : Network
    var : list of str or sympy.Symbol, optional
        Names of the inputs; None takes the model's own.
    digits : int, optional
        Round to so many digits, by what each number does on the model's training inputs; None keeps
        full precision.
    normalizer, output_normalizer : (means, standard deviations), optional
        What inputs and outputs were normalised by, to be undone; None takes the model's own.
    exact : bool
        Numbers that are π/4 or 1/3 to their last digits become these; see `exact.exact`.

    Returns
    -------
    expressions : list of sympy.Expr
    variables : list of sympy.Symbol

    Raises
    ------
    ValueError
        If the expressions would have more than 20,000 terms; see also `formula`.
    """
    symbols = variables(model, var)
    digits = None if digits is None else checked_digits(digits)
    scaled = scales_of(model, normalizer, output_normalizer)
    network = Structure(model)
    if network.terms > MOST_EXPANDED:
        raise ValueError(
            f"the formula would have {network.terms} terms; at most {MOST_EXPANDED} are written out:"
            " prune the network first"
        )
    if not is_finite(model):
        raise ValueError(NOT_FINITE)
    outputs, _ = build(model, network, symbols, True, scaled)
    expressions = [node.expression() for node in outputs]
    data = None if model.calibration is None else model.training_inputs()
    measure = Measure(model, data, symbols, scaled)
    short = network.terms <= MOST_SHOWN
    if not short and digits is None:
        return [made_exact(each) for each in expressions] if exact else expressions, symbols
    values = measure.evaluator()
    if short:
        rewrite = Rewriting()
        expressions = [_shorter(rewrite, measure, values, each) for each in expressions]
    if exact:
        expressions = [made_exact(each) for each in expressions]
    if digits is not None:
        expressions = [rounded(each, digits, values) for each in expressions]
    return expressions, symbols


def _written(
    model: Network, shown: Formula, names: dict[sympy.Symbol, str], parts: list[str]
) -> str:
    """LaTeX of the whole from that of each expression and definition."""
    if len(parts) == 1:
        return parts[0]
    lefts = [latex_name(name) for name in model.output_names]
    lefts += [names[symbol] for symbol, _ in shown.shown_definitions]
    return aligned(list(zip(lefts, parts, strict=True)))
