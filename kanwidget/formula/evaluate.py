"""Values of a formula on data, computed with torch, φ placeholders from the network's own curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
import torch
from torch import Tensor

from kanwidget.symbolic.library import get

TORCH: dict[Any, Any] = {
    sympy.exp: torch.exp,
    sympy.log: get("log"),
    sympy.sin: torch.sin,
    sympy.cos: torch.cos,
    sympy.tan: torch.tan,
    sympy.tanh: torch.tanh,
    sympy.sinh: torch.sinh,
    sympy.cosh: torch.cosh,
    sympy.asin: torch.asin,
    sympy.acos: torch.acos,
    sympy.atan: torch.atan,
    sympy.atanh: get("arctanh"),
    sympy.Abs: torch.abs,
    sympy.sign: get("sgn"),
}
"""Those that torch has other values for than the network, as log(0), are the network's."""


class EdgeCurve(sympy.Function):
    """φ_{l,i,j}(u): the numeric part of edge (l, i, j) applied to u, a name for a spline."""

    nargs = 4
    is_number = False  # sympy knows no value of it, also where u is one

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        argument, l, i, j = self.args
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\varphi_{{{l},{i},{j}}}{power}\left({printer._print(argument)}\right)"

    def _sympystr(self, printer: Any) -> str:
        argument, l, i, j = self.args
        return f"phi_{l}_{i}_{j}({printer._print(argument)})"


class Splines:
    """The splines of a network; those of one input are computed once for the same values.

    Parameters
    ----------
    model : Network
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._known: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}

    @torch.no_grad()
    def __call__(self, l: int, i: int, j: int, u: Tensor) -> Tensor:
        """Output of the spline of edge (l, i, j) on values u (N,), in float64; 0 where it is removed."""
        layer = self.model.layers[l]
        live = layer.alive[:, i]
        if not bool(live[j]):
            return torch.zeros_like(u)
        known = self._known.get((l, i))
        if known is None or not torch.equal(known[0], u):
            given = u.to(self.model.device, self.model.dtype)
            outputs = layer.spline_outputs(i, live.nonzero()[:, 0], given).double().cpu()
            known = self._known[l, i] = u, outputs
        return known[1][int(live[:j].sum())]


class Evaluator:
    """Evaluates expressions on rows of data; what two expressions share is computed once.

    At a pole, and outside where a function is defined, there is nan, as in the network.

    Parameters
    ----------
    model : Network
        Supplies the curves of φ placeholders and the functions of one's own.
    values : mapping of sympy.Symbol to Tensor, shape (N,), float64
        The values of the variables.
    curves : mapping of (l, i, j) to callable, optional
        Curves of φ placeholders in place of the network's.
    splines : Splines, optional
        Those of the network, where others use them too.
    """

    def __init__(
        self,
        model: Any,
        values: Mapping[Any, Tensor],
        curves: Mapping[Any, Callable[[Tensor], Tensor]] | None = None,
        splines: Splines | None = None,
    ) -> None:
        self.curves, self.splines = curves, splines or Splines(model)
        self.known: dict[Any, Tensor] = dict(values)
        self.rows = len(next(iter(values.values())))
        self.own = {f.name: f for layer in model.layers for f in layer.functions.values()}

    def __call__(self, expression: sympy.Expr) -> Tensor:
        """Values of the expression, shape (N,), or () where it is constant."""
        if expression not in self.known:
            self.known[expression] = self._compute(expression)
        return self.known[expression]

    def _compute(self, expression: sympy.Expr) -> Tensor:
        if expression.is_Number or expression.is_NumberSymbol:
            return torch.tensor(float(expression), dtype=torch.float64)
        if isinstance(expression, EdgeCurve):
            return self._edge(expression)
        arguments = [self(argument) for argument in expression.args]
        if expression.is_Add:
            return sum(arguments[1:], arguments[0])
        if expression.is_Mul:
            product = arguments[0]
            for factor in arguments[1:]:
                product = product * factor
            return product
        if expression.is_Pow:
            base, exponent = arguments[0], expression.exp
            if not exponent.is_Number:
                return base ** arguments[1]
            if exponent < 0:
                base = base.masked_fill(base == 0, torch.nan)
            return base ** float(exponent)
        if expression.func in TORCH:
            return TORCH[expression.func](*arguments)
        name = getattr(expression.func, "__name__", "")
        if isinstance(expression, sympy.core.function.AppliedUndef) and name in self.own:
            return self.own[name](*arguments)
        places = sympy.symbols(f"u:{len(arguments)}")
        compiled = sympy.lambdify(places, expression.func(*places))
        return torch.as_tensor(compiled(*(a.numpy() for a in arguments)), dtype=torch.float64)

    def _edge(self, expression: EdgeCurve) -> Tensor:
        l, i, j = (int(index) for index in expression.args[1:])
        u = self(expression.args[0]).expand(self.rows)
        if self.curves is not None:
            return self.curves[l, i, j](u)
        return self.splines(l, i, j, u)


def relative_error(values: Tensor, truth: Tensor) -> float:
    """Return max |values - truth| / max |truth| over all rows and outputs; inf where only one is a number.

    Where the truth is 0 everywhere, the largest |values| itself.
    """
    difference = (values - truth).abs()
    difference[values.isnan() & truth.isnan()] = 0.0
    worst = torch.nan_to_num(difference, nan=torch.inf).max()
    size = torch.nan_to_num(truth, nan=0.0).abs().max()
    return float(worst / size) if size > 0 else float(worst)
