"""A formula that a person typed, read without running any of it.

sympy's own parser evaluates text as Python.  Here numbers, names, the signs + - * / ** and functions of
a list are all there is.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from typing import Any

import sympy

LONGEST = 2000
DEEPEST = 150
LARGEST = 10**300
"""Of numerators and denominators; sympy works out whatever it can at once."""

CONSTANTS: dict[str, sympy.Expr] = {"pi": sympy.pi, "π": sympy.pi, "e": sympy.E, "E": sympy.E}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(sympy, name) for name in ("exp", "log", "sqrt", "sign", "erf")},
    **{name: getattr(sympy, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(sympy, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    **{f"arc{name}": getattr(sympy, f"a{name}") for name in ("sin", "cos", "tan")},
    **{f"arc{name}": getattr(sympy, f"a{name}") for name in ("sinh", "cosh", "tanh")},
    "abs": sympy.Abs,
    "Abs": sympy.Abs,
    "ln": sympy.log,
}
SIGNS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def parse(text: str, names: Iterable[str]) -> sympy.Expr:
    """An expression from text such as ``exp(sin(pi*x_1) + x_2**2)``; ^ stands for ** too.

    Parameters
    ----------
    text : str
        Decimals are taken to the last digit: 0.5 is 1/2.
    names : iterable of str
        Of the variables; they come before constants of the same name.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    TypeError
        If text is no string.
    ValueError
        If it is no such formula; the sentence quotes what is wrong.
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula is {text!r:.60}; text is needed")
    if len(text) > LONGEST:
        raise ValueError(f"a formula has {len(text)} characters; at most {LONGEST} are read")
    powers = text.replace("^", "**").strip()
    try:
        tree = ast.parse(powers, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"{text!r:.80} is no formula such as 'exp(sin(pi*x_1) + x_2**2)'"
        ) from None
    return _Reading(powers, list(names)).read(tree, 0)


class _Reading:
    def __init__(self, text: str, names: list[str]) -> None:
        self._text, self._names = text, names

    def read(self, node: ast.expr, depth: int) -> sympy.Expr:
        """A part of the formula."""
        if depth > DEEPEST:
            raise ValueError(f"a formula is nested more than {DEEPEST} deep")
        value = self._value(node, depth)
        if value.has(sympy.zoo, sympy.nan, sympy.oo):
            raise ValueError(f"a formula holds {self._quoted(node)}, which has no value")
        if value.is_Rational and max(abs(value.p), value.q) > LARGEST:
            raise ValueError(f"a formula holds {self._quoted(node)}, a number that is too long")
        return value

    def _value(self, node: ast.expr, depth: int) -> sympy.Expr:
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            inner = self.read(node.operand, depth + 1)
            return -inner if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return self._power(node, depth)
        if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
            left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
            return SIGNS[type(node.op)](left, right)
        if isinstance(node, ast.Call):
            return self._applied(node, depth)
        raise ValueError(
            f"a formula holds {self._quoted(node)}; numbers, {', '.join(self._names)}, + - * / ** and "
            f"the functions {', '.join(FUNCTIONS)} are read"
        )

    def _number(self, node: ast.Constant) -> sympy.Expr:
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return sympy.Integer(node.value)
        if isinstance(node.value, float) and math.isfinite(node.value):
            return sympy.Rational(repr(node.value))
        raise ValueError(f"a formula holds {self._quoted(node)}; finite real numbers are read")

    def _named(self, name: str) -> sympy.Expr:
        if name in self._names:
            return sympy.Symbol(name)
        if name in CONSTANTS:
            return CONSTANTS[name]
        raise ValueError(
            f"a formula holds the name {name!r:.60}; the inputs are {', '.join(self._names)}, and pi and e "
            "are known"
        )

    def _power(self, node: ast.BinOp, depth: int) -> sympy.Expr:
        base, exponent = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
        if exponent.is_Rational:
            parts = [abs(base.p), base.q] if base.is_Rational else [1]
            digits = max(len(str(part)) for part in parts)
            if max(abs(exponent.p), exponent.q) * digits > len(str(LARGEST)):
                raise ValueError(
                    f"a formula holds the power {self._quoted(node)}, which is too large"
                )
        return base**exponent

    def _applied(self, node: ast.Call, depth: int) -> sympy.Expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            raise ValueError(
                f"a formula holds {self._quoted(node)}; the functions are {', '.join(FUNCTIONS)}"
            )
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise ValueError(f"a formula holds {self._quoted(node)}; {name} takes one argument")
        return FUNCTIONS[name](self.read(node.args[0], depth + 1))

    def _quoted(self, node: ast.expr) -> str:
        return repr((ast.get_source_segment(self._text, node) or "")[:60])
