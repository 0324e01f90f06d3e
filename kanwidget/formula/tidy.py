"""A node as a constant plus weighted terms, and how a symbolic edge acts on it.

Everything here keeps the value: constants are merged, factors are pulled out of powers, a shift inside
exp becomes a factor, signs and phases take one form. Rounding is elsewhere (`rounding`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

import sympy
import torch

from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.library import plain

INTEGER_POWERS = (
    {f"x^{n}": n for n in range(2, 6)} | {"1/x": -1} | {f"1/x^{n}": -n for n in range(2, 6)}
)
LARGEST_SHIFT = 50.0


@dataclass
class Sum:
    """const + Σ weight · term, each term a sympy expression without a numeric factor of its own."""

    const: float = 0.0
    terms: dict[sympy.Expr, float] = field(default_factory=dict)

    def add(self, other: Sum) -> None:
        """Add another sum to this one; equal terms are merged."""
        self.const += other.const
        for term, weight in other.terms.items():
            total = self.terms.pop(term, 0.0) + weight
            if total != 0.0:
                self.terms[term] = total

    def affine(self, factor: float, shift: float) -> Sum:
        """Return factor · self + shift, distributed."""
        terms = {
            term: factor * weight for term, weight in self.terms.items() if factor * weight != 0.0
        }
        return Sum(factor * self.const + shift, terms)

    def expression(self) -> sympy.Expr:
        """The sum as a sympy expression; weights of exactly 1 and a constant of exactly 0 are left out."""
        parts: list[Any] = [times(sympy.Float(weight), term) for term, weight in self.terms.items()]
        if self.const != 0.0 or not parts:
            parts.append(sympy.Float(self.const) if self.const != 0.0 else sympy.Integer(0))
        return plus(parts)


def times(weight: sympy.Number, term: sympy.Expr) -> sympy.Expr:
    """Return weight · term; sympy is kept from asking a nested term whether it is zero or infinite."""
    if float(weight) == 1.0:
        return term
    return sympy.Mul(weight, term, evaluate=term.is_Mul or plain(term))


def plus(parts: list[sympy.Expr]) -> sympy.Expr:
    """Return the sum, as sympy.Add orders it; nested terms are looked into only where two may merge."""
    bases = [part.as_coeff_Mul()[1] for part in parts]
    if len(parts) < 2 or len(set(bases)) < len(bases) or any(part.is_Add for part in parts):
        return sympy.Add(*parts)
    numbers = [part for part in parts if part.is_Number and part != 0]
    others = sorted(
        (part for part in parts if not part.is_Number), key=cmp_to_key(sympy.Basic.compare)
    )
    parts = numbers + others
    return parts[0] if len(parts) == 1 else sympy.Add(*parts, evaluate=False)


def symbolic_edge(function: SymbolicFunction, params: Iterable[float], node: Sum) -> Sum:
    """c·f(a·node + b) + d in its readable form.

    Parameters
    ----------
    function : SymbolicFunction
    params : iterable of float
        a, b, c, d.
    node : Sum
        The value of the input node.

    Returns
    -------
    Sum
    """
    a, b, c, d = params
    inner = node.affine(a, b)
    if c == 0.0 or function.name == "0":
        return Sum(d)
    if function.name == "x":
        return inner.affine(c, d)
    if not inner.terms:
        value = function(torch.tensor(inner.const, dtype=torch.float64))
        return Sum(c * float(value) + d)
    inner, c, d = _readable(function, inner, c, d)
    term = function.sympy(inner.expression())
    if term.is_number:
        return Sum(c * float(term) + d)
    weight, term = _without_factor(term)
    return Sum(d, {term: c * weight})


def _without_factor(term: sympy.Expr) -> tuple[float, sympy.Expr]:
    """Split a numeric factor off that sympy may have pulled out, as in sqrt(4.0*x)."""
    factor, rest = term.as_coeff_Mul()
    return float(factor), rest


def _readable(
    function: SymbolicFunction, inner: Sum, c: float, d: float
) -> tuple[Sum, float, float]:
    """The same c·f(inner) + d with inner, c and d in one chosen form."""
    name = function.name
    leading = max(inner.terms.values(), key=abs)
    if name in INTEGER_POWERS:
        factor = leading ** INTEGER_POWERS[name]
        if abs(inner.const) <= 100 * abs(leading) and 1e-100 < abs(factor) < 1e100:
            return inner.affine(1 / leading, 0.0), c * factor, d
        return inner, c, d
    if name in ("abs", "sgn"):
        factor = abs(leading) if name == "abs" else math.copysign(1.0, leading)
        return inner.affine(1 / leading, 0.0), c * factor, d
    if name == "log" and leading > 0 and len(inner.terms) == 1:
        return inner.affine(1 / leading, 0.0), c, d + c * math.log(leading)
    if name == "exp" and abs(inner.const) <= LARGEST_SHIFT:
        return Sum(0.0, inner.terms), c * math.exp(inner.const), d
    if function.mirror is not None and next(iter(inner.terms.values())) < 0:
        sign, shift = function.mirror
        inner, d, c = inner.affine(-1.0, 0.0), d + c * shift, c * sign
    if function.period is not None:
        phase = inner.const - function.period * round(inner.const / function.period)
        if name in ("sin", "cos"):
            phase, c = _phase(phase, c)
        inner = Sum(phase, inner.terms)
    return inner, c, d


def _phase(phase: float, c: float) -> tuple[float, float]:
    """Positive amplitude with |phase| ≤ 3π/4, or else the sign in front: -sin(x), not sin(x + 3.1416)."""
    if c < 0:
        phase, c = phase - math.copysign(math.pi, phase), -c
    if abs(phase) > 0.75 * math.pi:
        phase, c = phase - math.copysign(math.pi, phase), -c
    return phase, c
