"""From a sympy expression to a network that equals it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy
import torch

from kanwidget import reshaping
from kanwidget.compiler import layering
from kanwidget.compiler.behind import Data, fit_behind
from kanwidget.compiler.reading import Reader, expressions_of, variables_of
from kanwidget.layer import Layer
from kanwidget.model import KAN
from kanwidget.symbolic.function import SymbolicFunction


def compile_expression(
    expression: Any,
    variables: Sequence[sympy.Symbol] | None = None,
    *,
    grid: int | Sequence[int] = 5,
    k: int | Sequence[int] = 3,
    ranges: Any = None,
    dataset: Any = None,
    seed: int = 1,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float64,
    **options: Any,
) -> KAN:
    """Make the network that equals an expression: the compiler of KAN 2.0 (arXiv 2408.10205, section 3.2).

    Every edge is c·f(a·x + b) + d or removed; products are multiplication nodes.  The network has as
    few layers as the expression, as it is written, allows, and few nodes: numbers go into the edges
    they meet, what occurs twice is computed once, and see ``kanwidget.compiler.layering`` for when.
    It can then be expanded, perturbed and trained.

    Parameters
    ----------
    expression : sympy expression, or list of them
        One output each.  Numbers are expressions too; strings are not evaluated.
    variables : list of sympy.Symbol, optional
        The inputs in order; sorted by name where not given.  Some may be unused.
    grid, k : int, or a list with one number a layer of edges
        Of the splines behind the functions, as in `KAN`.
    ranges : (low, high), or one such pair a variable, optional
        Where the inputs will be.  Samples from there become the network's ``calibration``, all grids
        cover what they reach, and behind every function lies a spline fitted to it, so that
        `KAN.unfix_symbolic` hardly changes the network.
    dataset : Dataset, dict or array, optional
        The same with training inputs of one's own in place of samples.
    seed : int
        Of the samples, and of the splines where there are none.
    device, dtype, **options
        As in `KAN`; float32 keeps seven digits of the expression.

    Returns
    -------
    KAN
        Its ``input_names`` are those of the variables.  A removed edge has a spline that is 0.

    Raises
    ------
    TypeError, ValueError
        With a sentence that names the part of the expression that cannot be compiled: functions of
        two arguments that both vary, cases, unevaluated integrals, complex numbers, poles of constants.

    Notes
    -----
    Variables count as real.  x**y is exp(y·log x), for x > 0; so is every power but integer ones.
    Declare variables positive where they are, and sympy splits √(x·y), which saves a layer.

    Functions that the library lacks (Bessel functions, erf, x**6, …) become functions of the edge's
    own; torch computes them where it can, otherwise scipy, or slowly mpmath.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> compile_expression(sympy.exp(sympy.sin(sympy.pi * x) + y**2))
    KAN(width=[2, 1, 1], grid=5, k=3, 3 live edges)
    """
    try:
        expressions = expressions_of(expression)
        symbols = variables_of(expressions, variables)
        reader = Reader(symbols)
        outputs = [reader.read(each) for each in expressions]
    except RecursionError:
        raise ValueError("expression is nested too deeply to be read") from None
    layers = [_Numbers(layer) for layer in layering.Layering(reader.graph, outputs).layers()]
    model = KAN(
        [len(symbols), *(layer.width for layer in layers)],
        grid,
        k,
        mult_arity=[2, *(layer.products for layer in layers)],
        seed=seed,
        device=device,
        dtype=dtype,
        **options,
    )
    model.input_names = [str(symbol) for symbol in symbols]
    data = Data.of(model, ranges, dataset, seed)
    for layer, numbers in zip(model.layers, layers, strict=True):
        numbers.fill(layer)
    if data is not None:
        fit_behind(model, data)
    return model


def kanpiler(
    input_variables: Sequence[sympy.Symbol],
    expr: Any,
    grid: int = 5,
    k: int = 3,
    auto_save: bool = False,
) -> KAN:
    """`compile_expression` under the name and with the arguments that pykan's users know."""
    return compile_expression(expr, input_variables, grid=grid, k=k, auto_save=auto_save)


class _Numbers:
    """One layer with its numbers as floats, its sums before its products as in every new network."""

    def __init__(self, nodes: layering.Layer) -> None:
        self.order = sorted(range(len(nodes)), key=lambda place: len(nodes[place]) > 1)
        factors = [len(nodes[place]) for place in self.order]
        self.products = [count for count in factors if count > 1]
        sums = len(nodes) - len(self.products)
        self.width = [sums, len(self.products)] if self.products else sums
        subnodes = [subnode for place in self.order for subnode in nodes[place]]
        self.constants = [_float(subnode.constant) for subnode in subnodes]
        self.edges: list[tuple[int, int, SymbolicFunction, list[float]]] = [
            (
                edge.source,
                j,
                edge.term.function,
                [_float(edge.term.a), _float(edge.term.b), _float(edge.coefficient)],
            )
            for j, subnode in enumerate(subnodes)
            for edge in subnode.edges
        ]

    def fill(self, layer: Layer) -> None:
        """Give a layer these functions; what else it has is removed and 0."""
        live = torch.zeros_like(layer.alive)
        constants = list(self.constants)
        for i, j, function, numbers in self.edges:
            layer.set_symbolic(i, j, function, [*numbers, constants[j]])
            constants[j] = 0.0  # one edge of a sum has its constant
            live[j, i] = True
        layer.put("bias", torch.tensor(constants, dtype=layer.bias.dtype, device=layer.bias.device))
        layer.restore(live)
        layer.remove(~live, torch.zeros_like(layer.left))
        layer.put("coef", layer.coef * live[..., None])
        layer.put("scale_base", layer.scale_base * live)
        if self.order != sorted(self.order):
            order = [self.order.index(n) for n in range(len(self.order))]
            reshaping.keep(layer, range(layer.n_in), order)


def _float(value: sympy.Expr) -> float:
    number = float(value.evalf(20))
    if not math.isfinite(number):
        raise ValueError(f"expression holds {value!s:.80}, which is too large for a float")
    return number
