"""From a network to its formula: exact expressions, the shown ones with few digits, and the error of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
import torch
from torch import Tensor

from kanwidget.formula.evaluate import EdgeCurve, Evaluator, relative_error
from kanwidget.formula.latex import aligned, latex, latex_name
from kanwidget.formula.rounding import rounded
from kanwidget.formula.structure import MOST_SHOWN, Structure
from kanwidget.formula.tidy import Sum, product, symbolic_edge

if TYPE_CHECKING:
    from kanwidget.network import Network
    from kanwidget.nodes import Nodes

MOST_NESTED = 400
MOST_NESTED_NUMERIC = 6
MOST_EXPANDED = 20_000
MOST_DIGITS = 12

Definitions = list[tuple[sympy.Symbol, sympy.Expr]]


@dataclass(frozen=True)
class Formula:
    """The formula of a network.

    Attributes
    ----------
    variables : list of sympy.Symbol
        The inputs.
    expressions : list of sympy.Expr
        One for each output, at full precision; empty where the network is too large for one.
    definitions : list of (sympy.Symbol, sympy.Expr)
        Hidden nodes h that the expressions refer to, in order; empty where everything is nested.
        A node that multiplies is one h, the sums it multiplies stand in its brackets.
    shown_expressions, shown_definitions
        The same with few digits; empty where `text` is not.
    latex : str
        The shown form; several equations in one aligned environment. Empty where `text` is not.
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

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$" if self.latex else self.text


def formula(
    model: Network,
    x: Any = None,
    var: Sequence[str | sympy.Symbol] | None = None,
    digits: int = 4,
) -> Formula:
    """Write a network as a formula.

    Parameters
    ----------
    model : Network
    x : Tensor, shape (N, n_inputs), optional
        Data on which numbers are rounded and errors measured; None measures nothing.
    var : list of str or sympy.Symbol, optional
        Names of the inputs; None takes the model's own.
    digits : int
        Digits of the shown form, 1 to 12; see `rounding.rounded`.

    Returns
    -------
    Formula

    Raises
    ------
    TypeError
        If `var` holds something else than names and symbols, or digits is not an int.
    ValueError
        If `var` has the wrong length or a name twice, digits or the shape of x is wrong, or x is empty.
    """
    digits = _checked_digits(digits)
    symbols = _variables(model, var)
    network = Structure(model)
    if network.numeric == 0:
        nested, possible = network.terms <= MOST_NESTED, True
    else:
        nested = network.numeric <= MOST_NESTED_NUMERIC and network.terms <= MOST_SHOWN
        possible = nested or network.edges <= MOST_SHOWN
    readable = network.terms <= MOST_SHOWN if nested else possible and network.edges <= MOST_SHOWN
    text = "" if readable else network.sentence()
    if not possible:
        return Formula(symbols, [], [], [], [], "", text, None, None, digits, network.numeric)

    outputs, hidden = _build(model, network, symbols, nested)
    expressions = [node.expression() for node in outputs]
    definitions = [(symbol, node.expression()) for _, symbol, node in hidden]
    data = None if x is None else model.as_input(x)
    if data is not None and len(data) == 0:
        raise ValueError("x has no rows; give at least one, or None to measure nothing")
    values = _evaluator(model, data, symbols, definitions)
    full_error = None if data is None else _error(values, expressions, data)
    if not readable:
        return Formula(
            symbols,
            expressions,
            definitions,
            [],
            [],
            "",
            text,
            full_error,
            None,
            digits,
            network.numeric,
        )
    shown_error = full_error
    for used in range(digits, MOST_DIGITS + 1):
        shown = [rounded(expression, used, values) for expression in expressions]
        shown_definitions = [
            (name, rounded(expression, used, values)) for name, expression in definitions
        ]
        if data is None or full_error is None:
            break
        changed = shown_definitions != definitions
        seen = _evaluator(model, data, symbols, shown_definitions) if changed else values
        shown_error = _error(seen, shown, data)
        if shown_error <= max(10.0 ** (1 - digits), 2 * full_error):
            break
    names = {symbol: f"h_{{{place}}}" for place, symbol, _ in hidden}
    written = _latex(model, shown, shown_definitions, names)
    return Formula(
        symbols, expressions, definitions, shown, shown_definitions, written, text,
        full_error, shown_error, used, network.numeric,
    )  # fmt: skip


def symbolic_formula(
    model: Network, var: Sequence[str | sympy.Symbol] | None = None, digits: int | None = None
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

    Returns
    -------
    expressions : list of sympy.Expr
    variables : list of sympy.Symbol

    Raises
    ------
    ValueError
        If the expressions would have more than 20,000 terms; see also `formula`.
    """
    symbols = _variables(model, var)
    network = Structure(model)
    if network.terms > MOST_EXPANDED:
        raise ValueError(
            f"the formula would have {network.terms} terms; at most {MOST_EXPANDED} are written out:"
            " prune the network first"
        )
    outputs, _ = _build(model, network, symbols, nested=True)
    expressions = [node.expression() for node in outputs]
    if digits is not None:
        values = _evaluator(model, model.calibration, symbols, [])
        expressions = [
            rounded(expression, _checked_digits(digits), values) for expression in expressions
        ]
    return expressions, symbols


Hidden = list[tuple[str, sympy.Symbol, Sum]]


def _build(
    model: Network, network: Structure, symbols: list[sympy.Symbol], nested: bool
) -> tuple[list[Sum], Hidden]:
    """The outputs as sums, and unless nested the hidden nodes as (index, symbol, sum)."""
    nodes = [Sum(0.0, {symbol: 1.0}) for symbol in symbols]
    hidden: Hidden = []
    last = len(network.kinds) - 1
    for l, kinds in enumerate(network.kinds):
        layer: Any = model.layers[l]
        affine, constant = layer.affine.tolist(), layer.constant().tolist()
        arguments = [node.expression() for node in nodes] if any(map(any, kinds)) else []
        sums = []
        for j, row in enumerate(kinds):
            total = Sum(constant[j])
            for i, kind in enumerate(row):
                if kind & 1:
                    total.add(Sum(0.0, {EdgeCurve(arguments[i], l, i, j): 1.0}))
                if kind & 2:
                    total.add(symbolic_edge(layer.symbolic_function(i, j), affine[j][i], nodes[i]))
            sums.append(total)
        nodes = _nodes(layer.nodes, sums)
        if not nested and l < last:
            for j, node in enumerate(nodes):
                if network.used[l + 1][j] and node.terms:
                    place = f"{j}" if last == 1 else f"{l + 1},{j}"
                    symbol = sympy.Dummy(f"h_{place.replace(',', '_')}")
                    hidden.append((place, symbol, node))
                    nodes[j] = Sum(0.0, {symbol: 1.0})
    return nodes, hidden


def _nodes(nodes: Nodes, sums: list[Sum]) -> list[Sum]:
    """Nodes from the sums of edges in their subnodes; see `kanwidget.nodes`."""
    numbers = zip(nodes.subnode_scale.tolist(), nodes.subnode_bias.tolist(), strict=True)
    factors = [total.affine(*affine) for total, affine in zip(sums, numbers, strict=True)]
    numbers = zip(nodes.node_scale.tolist(), nodes.node_bias.tolist(), strict=True)
    return [
        product(factors[subnode] for subnode in nodes.subnodes(node)).affine(*affine)
        for node, affine in enumerate(numbers)
    ]


def _variables(model: Network, var: Sequence[str | sympy.Symbol] | None) -> list[sympy.Symbol]:
    names = list(model.input_names) if var is None else var
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"var must be a list of names or sympy symbols, not {names!r}")
    for name in names:
        if not isinstance(name, (str, sympy.Symbol)) or name == "":
            raise TypeError(f"var must hold names or sympy symbols, not {name!r}")
    if len(names) != model.width[0]:
        raise ValueError(f"var has {len(names)} names; the network has {model.width[0]} inputs")
    symbols = [name if isinstance(name, sympy.Symbol) else sympy.Symbol(name) for name in names]
    if len(set(symbols)) < len(symbols):
        raise ValueError(f"var names an input twice: {', '.join(map(str, symbols))}")
    return symbols


def _checked_digits(digits: int) -> int:
    if isinstance(digits, bool) or not isinstance(digits, int):
        raise TypeError(f"digits must be an int, not {digits!r}")
    if not 1 <= digits <= MOST_DIGITS:
        raise ValueError(f"digits must be from 1 to {MOST_DIGITS}, not {digits}")
    return digits


def _evaluator(
    model: Network, data: Tensor | None, symbols: list[sympy.Symbol], definitions: Definitions
) -> Evaluator:
    """Values on the data; without data on inputs between -1 and 1."""
    if data is None:
        line = torch.linspace(-1, 1, 256, dtype=torch.float64)
        data = torch.stack([line.roll(37 * n) for n in range(len(symbols))], 1)
    values = Evaluator(model, dict(zip(symbols, data.double().T, strict=True)))
    for symbol, expression in definitions:
        values.known[symbol] = values(expression)
    return values


@torch.no_grad()
def _error(values: Evaluator, expressions: list[sympy.Expr], data: Tensor) -> float:
    columns = [values(expression).expand(len(data)) for expression in expressions]
    return relative_error(torch.stack(columns, 1), values.model(data).double())


def _latex(
    model: Network,
    expressions: list[sympy.Expr],
    definitions: Definitions,
    names: dict[sympy.Symbol, str],
) -> str:
    if len(expressions) == 1 and not definitions:
        return latex(expressions[0], names)
    equations = [
        (latex_name(name), latex(expression, names))
        for name, expression in zip(model.output_names, expressions, strict=True)
    ]
    equations += [(names[symbol], latex(expression, names)) for symbol, expression in definitions]
    return aligned(equations)
