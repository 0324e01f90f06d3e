"""From a network to its formula: exact expressions, the shown ones with few digits, and the error of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sympy

from kanwidget.formula.arguments import checked_digits, scales_of, variables
from kanwidget.formula.building import build
from kanwidget.formula.exact import exact as made_exact
from kanwidget.formula.latex import latex
from kanwidget.formula.measuring import Definitions, Measure
from kanwidget.formula.outputs import Output, by_output, curves, left_sides, written
from kanwidget.formula.rewriting import Rewriting
from kanwidget.formula.rounding import rounded
from kanwidget.formula.showing import shorter, shown_form
from kanwidget.formula.structure import MOST_SHOWN, NOT_FINITE, Structure, is_finite
from kanwidget.formula.tags import TagPrinter, Term, untagged

if TYPE_CHECKING:
    from torch import Tensor

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
        The same with few digits, numbers such as π/4 exact; empty where ``text`` is not.
    latex : str
        The shown form; several equations in one aligned environment. Empty where ``text`` is not.
    tagged_latex : str
        Where asked for, `latex` with a tag around every edge's term; see `kanwidget.formula.tags`.
    terms : list of tuple of Term
        Where asked for, the terms of every equation of `latex` in their order, as trees.
    outputs : list of Output
        Where asked for, the same output by output.
    text : str
        A sentence for the place of a formula that is too large to read.
    full_error, shown_error : float or None
        ``max |formula - network| / max |network|`` over the data and all outputs, at full precision and as
        shown; None without data or without such expressions.
    digits : int or None
        Digits of the shown form; more than asked for where so few would change the formula by more
        than 10^(1 - digits). None is all.
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
    digits: int | None
    numeric_edges: int
    exact_expressions: list[sympy.Expr] = field(default_factory=list)
    exact_definitions: Definitions = field(default_factory=list)
    tagged_latex: str = ""
    terms: list[tuple[Term, ...]] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)

    def parts(self) -> list[sympy.Expr]:
        """What is shown: the expressions, then those of the definitions."""
        return [*self.shown_expressions, *(each for _, each in self.shown_definitions)]

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$" if self.latex else self.text


def formula(
    model: Network,
    x: Any = None,
    var: Sequence[str | sympy.Symbol] | None = None,
    digits: int | None = 4,
    normalizer: Any = None,
    output_normalizer: Any = None,
    tagged: bool = False,
    outputs: Tensor | None = None,
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
    digits : int or None
        Digits of the shown form, 1 to 12, see ``kanwidget.formula.rounding``; None shows all.
    normalizer, output_normalizer : (means, standard deviations), optional
        What inputs and outputs were normalised by, to be undone; None takes the model's own.
    tagged : bool
        Whether to say which term comes from which edge; see ``tagged_latex`` and ``outputs`` of `Formula`.
    outputs : Tensor, shape (N, n_outputs), optional
        Of the network on x, where they are known already.

    Returns
    -------
    Formula

    Raises
    ------
    TypeError
        If ``var`` holds something else than names and symbols, or digits is not an int.
    ValueError
        If ``var`` has the wrong length or a name twice, digits, a normalizer or the shape of x is wrong,
        or x is empty.
    """
    digits = None if digits is None else checked_digits(digits)
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

    sums, hidden = build(model, network, symbols, nested, scaled)
    expressions = [node.expression() for node in sums]
    definitions = [(symbol, node.expression()) for _, symbol, node in hidden]
    data = None if x is None else model.as_input(x)
    if data is not None and len(data) == 0:
        raise ValueError("x has no rows; give at least one, or None to measure nothing")
    measure = Measure(model, data, symbols, scaled, outputs)
    values = measure.evaluator(definitions)
    if readable:
        rewrite = Rewriting()
        expressions = [shorter(rewrite, measure, values, each) for each in expressions]
        definitions = [
            (name, shorter(rewrite, measure, values, each)) for name, each in definitions
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
        curves([*expressions, *(each for _, each in definitions)]),
        [made_exact(each) for each in expressions],
        [(name, made_exact(each)) for name, each in definitions],
    )
    if not readable:
        return found
    form = shown_form(expressions, definitions, digits, measure, values, found.full_error)
    shown = replace(
        found,
        shown_expressions=form.expressions,
        shown_definitions=form.definitions,
        shown_error=form.error,
        digits=form.digits,
    )
    names = {symbol: f"h_{{{place}}}" for place, symbol, _ in hidden}
    lefts = left_sides(model.output_names, list(names.values()))
    if not tagged:
        rights = [latex(each, names) for each in shown.parts()]
        return replace(shown, latex=written(list(zip(lefts, rights, strict=True))))
    printer = TagPrinter(names, lambda term: form.of(rewrite(term)))
    nodes = [*sums, *(node for _, _, node in hidden)]
    pairs = [printer.tagged(*each) for each in zip(shown.parts(), nodes, strict=True)]
    equations = [(left, right) for left, (right, _) in zip(lefts, pairs, strict=True)]
    with_tags = written(equations)
    return replace(
        shown,
        latex=untagged(with_tags),
        tagged_latex=with_tags,
        terms=[each for _, each in pairs],
        outputs=by_output(
            model.output_names,
            form.expressions,
            form.definitions,
            equations,
            measure.errors(form.values, form.expressions),
            measure.errors(values, expressions),
        ),
    )


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
        Numbers that are π/4 or 1/3 to their last digits become these.

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
        expressions = [shorter(rewrite, measure, values, each) for each in expressions]
    if exact:
        expressions = [made_exact(each) for each in expressions]
    if digits is not None:
        expressions = [rounded(each, digits, values) for each in expressions]
    return expressions, symbols
