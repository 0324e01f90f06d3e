"""A formula as the source of a torch module whose numbers can be trained."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.codeprinter import CodePrinter

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.export.curves import Curve
from kanwidget.formula.export.names import PYTHON
from kanwidget.formula.export.printing import Plainly, docstring

GUARD = """def {}(u):
    return torch.where({}, u, float("nan"))
"""
DOMAINS = {"positive": "u > 0", "nonzero": "u != 0", "inside": "u.abs() < 1"}
FUNCTIONS = {
    **{name: name for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("asin", "acos", "atan", "asinh", "acosh", "floor", "erf")},
    **{"Abs": "abs", "ceiling": "ceil", "erfc": "erfc", "loggamma": "lgamma", "atan2": "atan2"},
}
SIGN = """def sign(u):
    return torch.where(u == u, torch.sign(u), u)  # torch's own is 0 for nan
"""
HELPERS = {name: GUARD.format(name, where) for name, where in DOMAINS.items()} | {"sign": SIGN}
SPLINE = '''def spline(u, knots, coefficients, k):
    """A spline by the recursion of Cox and de Boor; 0 outside its knots."""
    u = u[..., None]
    basis = ((u >= knots[:-1]) & (u < knots[1:])).to(u.dtype)
    for n in range(1, k + 1):
        up, down = knots[n:-1] - knots[: -n - 1], knots[n + 1 :] - knots[1:-n]
        up = torch.where(up > 0, (u - knots[: -n - 1]) / up, 0.0)
        down = torch.where(down > 0, (knots[n + 1 :] - u) / down, 0.0)
        basis = up * basis[..., :-1] + down * basis[..., 1:]
    return basis @ coefficients
'''
STRAIGHT = '''def straight_on(u, knots, coefficients, k):
    """A spline that goes on along its tangents outside its grid."""
    held = u.clamp(knots[k], torch.nextafter(knots[-k - 1], knots[k]))
    width = knots[k + 1 : -1] - knots[1 : -k - 1]
    steps = torch.where(width > 0, k * coefficients.diff() / width, 0.0)
    slope = spline(held, knots[1:-1], steps, k - 1)
    return spline(held, knots, coefficients, k) + slope * (u - held)
'''
TAKEN = PYTHON | {"torch", "spline", "straight_on", "float", "range", "super"}


class _Code(Plainly, CodePrinter):
    language, syntax = "torch", "Python"
    taken, helpers = TAKEN, HELPERS
    sqrt, log, atanh = "torch.sqrt({})", "torch.log({})", "torch.atanh({})"
    nan, infinity, curve = "float('nan')", "float('inf')", "self.phi"

    def __init__(self, source: Any, digits: int | None, name: str) -> None:
        self.values: list[float] = []
        super().__init__(source, digits, name)

    def float_text(self, value: float) -> str:
        self.values.append(abs(value))
        return f"{'-' if value < 0 else ''}c[{len(self.values) - 1}]"

    def _print(self, expr: Any, **kwargs: Any) -> str:
        # torch's functions take no plain number such as 2: what is exact is computed here
        exact = isinstance(expr, sympy.Expr) and not expr.is_Rational and not expr.has(sympy.Float)
        if exact and not expr.free_symbols and not expr.has(EdgeCurve) and expr.is_real:
            return repr(float(expr))
        return super()._print(expr, **kwargs)

    def _print_Function(self, expr: Any) -> str:  # noqa: N802
        name = FUNCTIONS.get(type(expr).__name__)
        if name is None:
            return super()._print_Function(expr)
        return f"torch.{name}({', '.join(map(self._print, expr.args))})"

    def _print_sign(self, expr: Any) -> str:
        return self.call_helper("sign", self._print(expr.args[0]))

    def _print_gamma(self, expr: Any) -> str:
        raise NotImplementedError

    def _print_besselj(self, expr: Any) -> str:
        order, u = expr.args
        if order not in (0, 1):
            raise NotImplementedError
        return f"torch.special.bessel_j{order}({self._print(u)})"


def torch(source: Any, digits: int | None = None, name: str = "Formula") -> str:
    """Source of a ``torch.nn.Module`` that computes the formula and can be trained on.

    Its parameters are every decimal number of the formula, in one vector, and the coefficients of every
    numeric edge, which stays a spline.  Whole numbers, exponents and snapped constants are structure
    and stay as they are.

    It takes and raises what `kanwidget.formula.export.export` does; ``name`` is that of the class.

    Returns
    -------
    str
        Of a class; ``name()(x)`` maps (…, n_inputs) to (…, n_outputs), in float64 unless it is moved to
        another dtype.  Where the network gives nan, it gives nan.
    """
    code = _Code(source, digits, name)
    curves, n_in = code.program.curves, len(code.program.inputs)
    title = f"Map a tensor (..., {n_in}) to (..., {len(code.results)})."
    helpers = code.called_helpers()
    if curves:
        helpers.append(SPLINE)
    if any(curve.linear for curve in curves.values()):
        helpers.append(STRAIGHT)
    start = [
        "super().__init__()",
        f"self.constants = torch.nn.Parameter(torch.tensor({code.values}, dtype=torch.float64))",
        *dict.fromkeys(line for edge, curve in curves.items() for line in _state(edge, curve)),
    ]
    steps = [
        "c = self.constants",
        "x = torch.as_tensor(x, dtype=c.dtype, device=c.device)",
        *(f"x{n} = x[..., {n}]" for n in range(n_in)),
        *code.steps,
        f"y = [{', '.join(code.results)}]",
        "y = [torch.as_tensor(each, dtype=c.dtype, device=c.device) for each in y]",
        "return torch.stack([each.expand(x.shape[:-1]) for each in y], -1)",
    ]
    parts = [
        f"class {name}(torch.nn.Module):\n{docstring(title, code.program.about(), '    ')}\n",
        _method("__init__(self)", start),
        *(_method(f"phi_{l}_{i}_{j}(self, u)", _curve((l, i, j), curve))
          for (l, i, j), curve in curves.items()),
        _method("forward(self, x)", steps),
    ]  # fmt: skip
    return "\n\n".join(["import torch\n", *helpers, "\n".join(parts)])


def _method(head: str, lines: list[str]) -> str:
    return "\n".join([f"    def {head}:", *(f"        {line}" for line in lines)]) + "\n"


def _state(edge: tuple[int, int, int], curve: Curve) -> list[str]:
    l, i, j = edge
    made = {
        "coefficients": curve.coefficients,
        **({"base": (curve.weight,)} if curve.weight else {}),
    }
    return [
        f"self.register_buffer('knots_{l}_{i}', torch.tensor({list(curve.knots)}, dtype=torch.float64))",
        *(
            f"self.{kind}_{l}_{i}_{j} = torch.nn.Parameter(torch.tensor({list(values)}, "
            "dtype=torch.float64))"
            for kind, values in made.items()
        ),
    ]


def _curve(edge: tuple[int, int, int], curve: Curve) -> list[str]:
    l, i, j = edge
    function = "straight_on" if curve.linear else "spline"
    value = f"{function}(u, self.knots_{l}_{i}, self.coefficients_{l}_{i}_{j}, {curve.k})"
    if curve.weight:
        base = "torch.nn.functional.silu(u)" if curve.base == "silu" else "u"
        value += f" + self.base_{l}_{i}_{j} * {base}"
    return ["u = torch.as_tensor(u).to(self.constants)", f"return {value}"]
