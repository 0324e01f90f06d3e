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
from kanwidget.formula.tidy import Sum, symbolic_edge

if TYPE_CHECKING:
    from kanwidget.network import Network

MOST_SHOWN = 60
MOST_NESTED = 400
MOST_NESTED_NUMERIC = 6
MOST_EXPANDED = 20_000
MOST_DIGITS = 12
ROUNDING_ROWS = 256

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
    shown_expressions, shown_definitions
        The same with few digits.
    latex : str
        The shown form; several equations in one aligned environment. Empty where `text` is not.
    text : str
        A sentence for the place of a formula that is too large to read.
    full_error, shown_error : float or None
        max |formula - network| / max |network| over the data and all outputs, at full precision and as
        shown; None without data or without expressions.
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
        If `var` has the wrong length or a name twice, or digits or the shape of x is wrong.
    """
    digits = _checked_digits(digits)
    symbols = _variables(model, var)
    network = _Structure(model)
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
    full_error = None if data is None else _error(model, data, symbols, expressions, definitions)
    shown, shown_definitions, shown_error = expressions, definitions, full_error
    for used in range(digits, MOST_DIGITS + 1):
        values = _rounding_values(model, data, symbols, definitions)
        shown = [rounded(expression, used, values) for expression in expressions]
        shown_definitions = [
            (name, rounded(expression, used, values)) for name, expression in definitions
        ]
        if data is None or full_error is None:
            break
        shown_error = _error(model, data, symbols, shown, shown_definitions)
        if shown_error <= max(10.0 ** (1 - digits), 2 * full_error):
            break
    names = {symbol: f"h_{{{place}}}" for place, symbol, _ in hidden}
    written = _latex(model, shown, shown_definitions, names) if readable else ""
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
    network = _Structure(model)
    if network.terms > MOST_EXPANDED:
        raise ValueError(
            f"the formula would have {network.terms} terms; at most {MOST_EXPANDED} are written out:"
            " prune the network first"
        )
    outputs, _ = _build(model, network, symbols, nested=True)
    expressions = [node.expression() for node in outputs]
    if digits is not None:
        values = _rounding_values(model, model.calibration, symbols, [])
        expressions = [
            rounded(expression, _checked_digits(digits), values) for expression in expressions
        ]
    return expressions, symbols


class _Structure:
    """Which edges reach an output, and how large the formula would be."""

    def __init__(self, model: Network) -> None:
        layers: Any = model.layers
        kinds = [layer.kinds().tolist() for layer in layers]
        used = [[False] * width for width in model.width[:-1]] + [[True] * model.width[-1]]
        for l in reversed(range(len(kinds))):
            for j, row in enumerate(kinds[l]):
                for i, kind in enumerate(row):
                    used[l][i] |= kind > 0 and used[l + 1][j]
        self.kinds = [
            [[kind if used[l + 1][j] else 0 for kind in row] for j, row in enumerate(layer)]
            for l, layer in enumerate(kinds)
        ]
        self.used = used
        flat = [kind for layer in self.kinds for row in layer for kind in row]
        self.edges = sum(kind > 0 for kind in flat)
        self.numeric = sum(kind & 1 for kind in flat)
        counts = [1] * model.width[0]
        for layer in self.kinds:
            counts = [
                sum(count * kind.bit_count() for count, kind in zip(counts, row, strict=True))
                for row in layer
            ]
            counts = [max(count, 1) for count in counts]
        self.terms = sum(counts)

    def sentence(self) -> str:
        """What to say instead of a formula."""
        if self.numeric == 0:
            return f"The formula has {self.terms} terms, too many to show; symbolic_formula() returns it."
        return (
            f"The network has {self.edges} edges, {self.numeric} of them numeric: too many for a formula."
            f" It is shown from {MOST_SHOWN} edges down."
        )


Hidden = list[tuple[str, sympy.Symbol, Sum]]


def _build(
    model: Network, network: _Structure, symbols: list[sympy.Symbol], nested: bool
) -> tuple[list[Sum], Hidden]:
    """The outputs as sums, and unless nested the hidden nodes as (index, symbol, sum)."""
    nodes = [Sum(0.0, {symbol: 1.0}) for symbol in symbols]
    hidden: Hidden = []
    last = len(network.kinds) - 1
    for l, kinds in enumerate(network.kinds):
        layer: Any = model.layers[l]
        affine = layer.affine.tolist()
        arguments = [node.expression() for node in nodes] if any(map(any, kinds)) else []
        sums = []
        for j, row in enumerate(kinds):
            total = Sum()
            for i, kind in enumerate(row):
                if kind & 1:
                    total.add(Sum(0.0, {EdgeCurve(arguments[i], l, i, j): 1.0}))
                if kind & 2:
                    total.add(symbolic_edge(layer.symbolic_function(i, j), affine[j][i], nodes[i]))
            sums.append(total)
        nodes = sums
        if not nested and l < last:
            for j, node in enumerate(sums):
                if network.used[l + 1][j] and node.terms:
                    place = f"{j}" if last == 1 else f"{l + 1},{j}"
                    symbol = sympy.Dummy(f"h_{place.replace(',', '_')}")
                    hidden.append((place, symbol, node))
                    nodes[j] = Sum(0.0, {symbol: 1.0})
    return nodes, hidden


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
    model: Network, data: Tensor, symbols: list[sympy.Symbol], definitions: Definitions
) -> Evaluator:
    values = Evaluator(model, dict(zip(symbols, data.double().T, strict=True)))
    for symbol, expression in definitions:
        values.known[symbol] = values(expression)
    return values


def _rounding_values(
    model: Network, data: Tensor | None, symbols: list[sympy.Symbol], definitions: Definitions
) -> Evaluator:
    """Values on a few rows; without data on inputs between -1 and 1."""
    if data is None:
        line = torch.linspace(-1, 1, ROUNDING_ROWS, dtype=torch.float64)
        data = torch.stack([line.roll(37 * n) for n in range(len(symbols))], 1)
    rows = torch.linspace(0, len(data) - 1, min(ROUNDING_ROWS, len(data))).round().long()
    return _evaluator(model, data[rows], symbols, definitions)


@torch.no_grad()
def _error(
    model: Network,
    data: Tensor,
    symbols: list[sympy.Symbol],
    expressions: list[sympy.Expr],
    definitions: Definitions,
) -> float:
    values = _evaluator(model, data, symbols, definitions)
    columns = [values(expression).expand(len(data)) for expression in expressions]
    return relative_error(torch.stack(columns, 1), model(data).double())


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
