"""What is exported: a formula as short steps, with the curves of its numeric edges and its error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sympy
import torch

from kanwidget.formula import expression as formulas
from kanwidget.formula.building import build
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.export.curves import Curve, curves_of
from kanwidget.formula.export.steps import Step, Steps, needed
from kanwidget.formula.measuring import Measure
from kanwidget.formula.rounding import rounded
from kanwidget.formula.structure import Structure
from kanwidget.network import Edge, Network

MOST_EDGES = 10_000
MOST_NESTED_TERMS, MOST_NESTED_LAYERS = 200, 6


@dataclass(frozen=True)
class Program:
    """A formula as code computes it, one step after the other.

    Attributes
    ----------
    inputs, outputs : list of str
        Names of columns; they may hold any characters.
    names : dict of sympy.Symbol to str
        What each symbol is called in code: x0, x1, … for inputs, h_… for nodes, t0, t1, … for parts.
    steps : list of (sympy.Symbol, sympy.Expr)
        What is computed on the way, in order.
    results : list of sympy.Expr
        One for each output.
    curves : dict of (l, i, j) to Curve
        Of the numeric edges, called ``phi_l_i_j`` in code.
    error : float or None
        max |formula - network| / max |network| on the training inputs, None where not measured.
    samples : int
        On how many samples.
    """

    inputs: list[str]
    outputs: list[str]
    names: dict[sympy.Symbol, str]
    steps: list[Step]
    results: list[sympy.Expr]
    curves: dict[Edge, Curve] = field(default_factory=dict)
    error: float | None = None
    samples: int = 0

    def curve_code(
        self,
        pieces: str,
        silu: str,
        tables: Callable[[str, Curve], str],
        function: Callable[[str, str, Curve], str],
    ) -> list[str]:
        """Code of the curves: what all call, the breaks and origins of every input, and each curve.

        Parameters
        ----------
        pieces, silu : str
            Functions that evaluate polynomials between breaks, and x/(1 + e^(-x)).
        tables, function : callable
            Code of an input ``l_i`` with one of its curves, and of ``l_i``, an edge ``l_i_j`` and its curve.
        """
        if not self.curves:
            return []
        has_silu = any(curve.base == "silu" for curve in self.curves.values())
        inputs = {f"{l}_{i}": curve for (l, i, _), curve in self.curves.items()}
        return [
            pieces,
            *([silu] if has_silu else []),
            *(tables(name, curve) for name, curve in inputs.items()),
            *(
                function(f"{l}_{i}", f"{l}_{i}_{j}", curve)
                for (l, i, j), curve in self.curves.items()
            ),
        ]

    def about(self) -> list[str]:
        """Lines of text about the formula, for a comment; names may hold any characters."""
        lines = [f"x[{n}]: {name}" for n, name in enumerate(self.inputs)]
        lines += [f"y[{n}]: {name}" for n, name in enumerate(self.outputs)]
        if self.error is not None:
            lines.append(
                f"Largest difference from the network on its {self.samples} training inputs: "
                f"{self.error:.2g} of its largest output."
            )
        return lines


def program(source: Any, digits: int | None = None) -> Program:
    """Prepare a network, or expressions, to be written as code.

    Where a network's data were normalised, the code takes and gives them as they were before.

    Parameters
    ----------
    source : Network, or (expressions, variables)
        The pair is what `kanwidget.formula.symbolic_formula` returns, or one's own.
    digits : int, optional
        Round a network's numbers to so many digits, by what each does on its training inputs; None
        keeps all.  Curves of numeric edges are not rounded.

    Raises
    ------
    TypeError
        If source is something else, or digits not an int.
    ValueError
        If the network is too large, a base function is one's own, or digits is given for expressions
        or is not from 1 to 12.
    """
    if isinstance(source, Network):
        with source.exclusive, torch.no_grad():
            return _of_network(source, digits)
    expressions, variables = pair(source)
    if digits is not None:
        raise ValueError(
            "digits is for a network; symbolic_formula(digits=…) gives rounded expressions"
        )
    return _of_expressions(expressions, variables)


def pair(source: Any) -> tuple[Any, Any]:
    """(expressions, variables), or a TypeError."""
    if not isinstance(source, tuple) or len(source) != 2:
        raise TypeError(
            f"source is a {type(source).__name__}; a network, or (expressions, variables) as "
            "symbolic_formula() returns them, is needed"
        )
    return source


def _of_network(model: Network, digits: int | None) -> Program:
    network = Structure(model)
    if network.edges > MOST_EDGES:
        raise ValueError(
            f"the network has {network.edges} edges; at most {MOST_EDGES} are written as code: "
            "prune it first"
        )
    symbols = [sympy.Dummy(f"x{n}") for n in range(model.width[0])]
    nested = network.terms <= MOST_NESTED_TERMS and model.depth <= MOST_NESTED_LAYERS
    scales = model.input_scale, model.output_scale
    outputs, hidden = build(model, network, symbols, nested, scales)
    results = [node.expression() for node in outputs]
    definitions = needed([(symbol, node.expression()) for _, symbol, node in hidden], results)
    curves = _curves(model, [*results, *(each for _, each in definitions)])
    seen = model.calibration is not None and len(model.calibration) > 0
    measure = Measure(model, model.training_inputs() if seen else None, symbols, scales)
    if digits is not None:
        shown = formulas.formula(model, model.calibration if seen else None, symbols, digits)
        if shown.shown_expressions:
            results = shown.shown_expressions
            definitions = needed(shown.shown_definitions, results)
        else:  # too long to be shown
            values = measure.evaluator(definitions, curves)
            results = [rounded(result, digits, values) for result in results]
            few = [(symbol, rounded(each, digits, values)) for symbol, each in definitions]
            definitions = needed(few, results)
        remaining = _edges([*results, *(each for _, each in definitions)])
        curves = {edge: curve for edge, curve in curves.items() if edge in remaining}
    error = measure.error(measure.evaluator(definitions, curves), results)
    samples = len(measure.data) if seen else 0
    names = {symbol: symbol.name for symbol in (*symbols, *(symbol for symbol, _ in definitions))}
    return _in_steps(
        Program(
            list(model.input_names), list(model.output_names), names, definitions, results,
            curves, error, samples,
        )
    )  # fmt: skip


def _of_expressions(expressions: Any, variables: Any) -> Program:
    results, variables = checked(expressions, variables)
    placeholder = next(iter(set().union(*(each.atoms(EdgeCurve) for each in results))), None)
    if placeholder is not None:
        raise ValueError(
            f"the expressions hold the numeric edge {placeholder.args[1:]}, whose curve only the "
            "network knows; export the network itself"
        )
    names = {variable: f"x{n}" for n, variable in enumerate(variables)}
    return _in_steps(
        Program([v.name for v in variables], output_names(len(results)), names, [], results)
    )


def output_names(count: int) -> list[str]:
    """Names of outputs that have none."""
    return ["y"] if count == 1 else [f"y_{n + 1}" for n in range(count)]


def checked(expressions: Any, variables: Any) -> tuple[list[sympy.Expr], list[sympy.Symbol]]:
    """Expressions and variables as lists, if they are sympy's and no variable is missing."""
    single = isinstance(expressions, sympy.Expr)
    results = [expressions] if single else list(expressions)
    variables = list(variables)
    for name, given, kind in (
        ("expressions", results, sympy.Expr),
        ("variables", variables, sympy.Symbol),
    ):
        for each in given:
            if not isinstance(each, kind):
                raise TypeError(f"{name} must hold sympy {kind.__name__}s, not {each!r}")
    if not results or not variables:
        raise ValueError("at least one expression and one variable are needed")
    free = set().union(*(each.free_symbols for each in results)) - set(variables)
    if free:
        raise ValueError(
            f"the expressions hold {', '.join(sorted(map(str, free)))}, which is no variable"
        )
    return results, variables


def _edges(expressions: Sequence[sympy.Expr]) -> set[Edge]:
    """The numeric edges in some expressions."""
    found = set()
    for expression in expressions:
        for each in sympy.preorder_traversal(expression):
            if isinstance(each, EdgeCurve):
                l, i, j = map(int, each.args[1:])
                found.add((l, i, j))
    return found


def _curves(model: Network, expressions: Sequence[sympy.Expr]) -> dict[Edge, Curve]:
    """The curves of all numeric edges in the expressions, in the order of their edges."""
    curves: dict[Edge, Curve] = {}
    for (l, i), edges in groupby(sorted(_edges(expressions)), key=lambda edge: edge[:2]):
        outputs = [j for _, _, j in edges]
        made = curves_of(model.layers[l], l, i, outputs)
        curves |= {(l, i, j): curve for j, curve in zip(outputs, made, strict=True)}
    return curves


def _in_steps(whole: Program) -> Program:
    """The same program; what is used twice, or too long to read, has become a step of its own."""
    names, steps = dict(whole.names), Steps([*(each for _, each in whole.steps), *whole.results])
    for symbol, expression in whole.steps:
        steps.done.append((symbol, steps.short(expression)))
    results = [steps.short(expression) for expression in whole.results]
    parts = [symbol for symbol, _ in steps.done if symbol not in names]
    names |= {symbol: f"t{n}" for n, symbol in enumerate(parts)}
    return Program(
        whole.inputs, whole.outputs, names, steps.done, results,
        whole.curves, whole.error, whole.samples,
    )  # fmt: skip
