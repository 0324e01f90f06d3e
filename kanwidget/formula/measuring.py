"""How far a formula is from its network, in the units of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sympy
import torch
from torch import Tensor

from kanwidget.formula.evaluate import Evaluator, Splines, relative_error
from kanwidget.scales import Scale, in_units

if TYPE_CHECKING:
    from kanwidget.network import Network

SAME = 1e-10
"""Relative difference up to which another form of an expression is the same on the data."""
Definitions = list[tuple[sympy.Symbol, sympy.Expr]]


class Measure:
    """Values of formulas of one network on its data.

    Parameters
    ----------
    model : Network
    data : Tensor or None, shape (N, n_inputs)
        Inputs as the network takes them; None stands for a curve through the box from -1 to 1, on
        which expressions have values but are not compared with the network.
    symbols : list of sympy.Symbol
        The inputs, in the units from before they were normalised.
    scales : (Scale or None, Scale or None)
        What inputs and outputs were normalised by.
    outputs : Tensor, shape (N, n_outputs), optional
        Of the network on the data, where they are known already.
    """

    def __init__(
        self,
        model: Network,
        data: Tensor | None,
        symbols: list[sympy.Symbol],
        scales: tuple[Scale | None, Scale | None],
        outputs: Tensor | None = None,
    ) -> None:
        self.model, self.symbols, self.scales = model, symbols, scales
        self.measures = data is not None
        if data is None:
            line = torch.linspace(-1, 1, 256, dtype=torch.float64)
            data = torch.stack([line.roll(37 * n) for n in range(len(symbols))], 1)
        self.data = data
        self._outputs = outputs
        self._truth: Tensor | None = None
        self._splines = Splines(model)

    @property
    def truth(self) -> Tensor:
        """Outputs of the network in the units of the data, shape (N, n_outputs)."""
        if self._truth is None:
            with torch.no_grad():
                outputs = self.model(self.data) if self._outputs is None else self._outputs
                self._truth = in_units(outputs, self.scales[1])
        return self._truth

    def evaluator(
        self,
        definitions: Definitions | None = None,
        curves: Mapping[Any, Callable[[Tensor], Tensor]] | None = None,
    ) -> Evaluator:
        """Values on the data, with those of the definitions; curves may take the network's place."""
        columns = in_units(self.data, self.scales[0]).T
        known = dict(zip(self.symbols, columns, strict=True))
        values = Evaluator(self.model, known, curves, self._splines)
        for symbol, expression in definitions or []:
            values.known[symbol] = values(expression)
        return values

    def error(self, values: Evaluator, expressions: Sequence[sympy.Expr]) -> float | None:
        """Max |formula - network| / max |network| over the data and all outputs; None without data."""
        if not self.measures:
            return None
        return relative_error(self._columns(values, expressions), self.truth)

    def errors(self, values: Evaluator, expressions: Sequence[sympy.Expr]) -> list[float | None]:
        """The same of each output by itself."""
        if not self.measures:
            return [None] * len(expressions)
        columns = self._columns(values, expressions)
        return [relative_error(columns[:, n], self.truth[:, n]) for n in range(len(expressions))]

    def _columns(self, values: Evaluator, expressions: Sequence[sympy.Expr]) -> Tensor:
        return torch.stack([values(each).expand(len(self.data)) for each in expressions], 1)

    def same(self, values: Evaluator, old: sympy.Expr, new: sympy.Expr) -> bool:
        """Whether another form has the same values; without data, wherever the old one has any."""
        before, after = torch.broadcast_tensors(values(old), values(new))
        if not self.measures:
            defined = before.isfinite()
            before, after = before[defined], after[defined]
        return before.numel() == 0 or relative_error(after, before) <= SAME
