"""How expressions become code: sums, products and powers as they stand, with holes where they have holes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.printer import Printer

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.export.names import identifier
from kanwidget.formula.export.program import program

HALF = sympy.S.Half
NUMBER = re.compile(r"[0-9.]+(e[+-]?[0-9]+)?|c\[[0-9]+\]")


class Plainly(Printer):
    """The code of a formula.  Goes before one of sympy's code printers, which then writes functions only.

    sympy's own sums and products are put in an order for which it asks, for minutes where functions
    are nested, what is real or zero; and its 1/x is infinite at 0, where the network has nan.

    Parameters
    ----------
    source : Network, or (expressions, variables)
    digits : int, optional
        See `kanwidget.formula.export.program` for both.
    name : str
        Of what the code defines.

    Attributes
    ----------
    program : Program
    steps : list of str
        Statements that compute the steps of the program, a line each.
    results : list of str
        Code for each output.

    Raises
    ------
    TypeError, ValueError
        If the name is none in this language, or the formula cannot be written in it.
    """

    language: str
    syntax: str
    """What messages call it: about what it cannot express, and about names in its code."""
    taken: frozenset[str]
    """Names that mean something already, those of `helpers` aside."""
    helpers: Mapping[str, str]
    """Code of functions that the formula may call, by their names.  Among them are ``positive``,
    ``nonzero`` and ``inside``: u where u > 0, u ≠ 0 and |u| < 1, nan elsewhere."""
    step, power = "{} = {}", "{}**{}"
    sqrt: str
    log: str
    atanh: str
    """How these are written; {} stands for what is given a name, the base, the argument, …"""
    infix = True
    """Whether `power` needs brackets around what it is given."""
    known_functions: ClassVar[dict[str, Any]] = {}
    """Names of functions by sympy's, where its printer has no methods of its own for them."""
    constants: ClassVar[dict[str, str]] = {}
    """pi and others by sympy's names; all else is written in digits."""
    nan, infinity, curve = "nan", "inf", "phi"
    printmethod = "_code"  # of no class: sympy asks expressions for it, and EdgeCurve has _sympystr

    def __init__(self, source: Any, digits: int | None, name: str) -> None:
        super().__init__({"strict": True, "order": "none"})
        identifier(name, self.taken.union(self.helpers), self.syntax)
        self.program = program(source, digits)
        self._called: set[str] = set()
        self.steps = [
            self.step.format(self.program.names[symbol], self.write(expression))
            for symbol, expression in self.program.steps
        ]
        self.results = [self.write(result) for result in self.program.results]

    def called_helpers(self) -> list[str]:
        """Code of those helpers that the formula calls."""
        return [self.helpers[name] for name in sorted(self._called)]

    def write(self, expression: sympy.Expr) -> str:
        """Code for an expression.

        Raises
        ------
        ValueError
            If it holds what the language does not know.
        """
        try:
            return self._print(expression)
        except (PrintMethodNotImplementedError, NotImplementedError):
            unknown = sorted({str(each.func) for each in expression.atoms(sympy.Function)})
            raise ValueError(
                f"{type(self).language} cannot express {_short(expression)}"
                + (f", one of the functions {', '.join(unknown)}" if unknown else "")
            ) from None

    # ------------------------------------------------------------------ what languages differ in

    def float_text(self, value: float) -> str:
        """A number, such that reading it gives this very number."""
        return repr(value)

    def whole_text(self, value: int) -> str:
        """A whole number."""
        return str(value)

    def call_helper(self, name: str, u: str) -> str:
        """A call of one of the helpers."""
        self._called.add(name)
        return f"{name}({u})"

    # ------------------------------------------------------------------ what they share

    def number(self, value: float) -> str:
        """Any number."""
        if math.isnan(value):
            return self.nan
        if math.isinf(value):
            return self.infinity if value > 0 else f"-{self.infinity}"
        return self.float_text(value)

    def _print(self, expr: Any, **options: Any) -> str:
        # one's own function may be called as one of sympy's
        if isinstance(expr, AppliedUndef):
            raise ValueError(
                f"the function {expr.func.__name__!r:.60} has no sympy form, so it cannot be written in "
                f"{type(self).language}; give it one when you make it"
            )
        return super()._print(expr, **options)

    def _print_Symbol(self, expr: Any) -> str:  # noqa: N802 (sympy finds these by their names)
        return self.program.names[expr]

    _print_Dummy = _print_Symbol  # noqa: N815

    def _print_Float(self, expr: Any) -> str:  # noqa: N802
        return self.number(float(expr))

    def _print_Integer(self, expr: Any) -> str:  # noqa: N802
        return self.whole_text(int(expr))

    _print_Zero = _print_One = _print_NegativeOne = _print_Integer  # noqa: N815

    def _print_Rational(self, expr: Any) -> str:  # noqa: N802
        sign = "-" if expr.p < 0 else ""
        return f"{sign}({self.whole_text(abs(int(expr.p)))}/{self.whole_text(int(expr.q))})"

    _print_Half = _print_Rational  # noqa: N815

    def _print_NumberSymbol(self, expr: Any) -> str:  # noqa: N802
        return self.constants.get(type(expr).__name__) or self.number(float(expr))

    _print_Pi = _print_Exp1 = _print_GoldenRatio = _print_NumberSymbol  # noqa: N815
    _print_EulerGamma = _print_Catalan = _print_NumberSymbol  # noqa: N815

    def _print_NaN(self, expr: Any) -> str:  # noqa: N802
        return self.nan

    def _print_Infinity(self, expr: Any) -> str:  # noqa: N802
        return self.infinity

    def _print_NegativeInfinity(self, expr: Any) -> str:  # noqa: N802
        return f"-{self.infinity}"

    def _print_Add(self, expr: Any, order: Any = None) -> str:  # noqa: N802
        parts = [self._print(each) for each in expr.args]
        signed = [f"- {part[1:]}" if part.startswith("-") else f"+ {part}" for part in parts[1:]]
        return " ".join([parts[0], *signed])

    def _print_Mul(self, expr: Any) -> str:  # noqa: N802
        sign, above, below = "", [], []
        for each in expr.args:
            if each == -1:
                sign = "" if sign else "-"
            elif each.is_Pow and each.exp.is_Number and each.exp < 0:
                below.append(self._denominator(each))
            else:
                text = self._print(each)
                if text.startswith("-") and (each.is_Number or each.is_Mul):
                    sign, text = "" if sign else "-", text[1:]
                elif each.is_Add or isinstance(each, sympy.Piecewise) or text.startswith("-"):
                    text = f"({text})"
                above.append(text)
        text = sign + ("*".join(above) or self.whole_text(1))
        if below:
            text += "/" + (below[0] if len(below) == 1 else f"({'*'.join(below)})")
        return text

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: N802
        base, exponent = expr.base, expr.exp
        if exponent.is_Number and exponent < 0:
            return f"{self.whole_text(1)}/{self._denominator(expr)}"
        if exponent == HALF:
            return self.sqrt.format(self._print(base))
        return self.power.format(self._tight(base), self._tight(exponent))

    def _tight(self, expression: sympy.Expr) -> str:
        """A base or an exponent, in brackets where it needs some."""
        text = self._print(expression)
        if not self.infix or expression.is_Function or expression.is_Symbol:
            return text
        return text if expression.is_Number and NUMBER.fullmatch(text) else f"({text})"

    def _denominator(self, power: Any) -> str:
        """What a negative power is one over."""
        base, exponent = self._print(power.base), -power.exp
        if not _is_never_zero(power.base):
            guard = "nonzero" if float(exponent).is_integer() else "positive"
            base = self.call_helper(guard, base)
        else:
            base = self._tight(power.base)
        if exponent == 1:
            return base if self.infix or power.base.is_Function else f"({base})"
        if exponent == HALF:
            return self.sqrt.format(base)
        return self.power.format(base, self._tight(exponent))

    def _print_log(self, expr: Any) -> str:
        if len(expr.args) != 1:
            raise NotImplementedError
        return self.log.format(self.call_helper("positive", self._print(expr.args[0])))

    def _print_atanh(self, expr: Any) -> str:
        return self.atanh.format(self.call_helper("inside", self._print(expr.args[0])))

    def _print_Function(self, expr: Any) -> str:  # noqa: N802
        if isinstance(expr, EdgeCurve):
            l, i, j = expr.args[1:]
            return f"{self.curve}_{l}_{i}_{j}({self._print(expr.args[0])})"
        return super()._print_Function(expr)

    def _print_EdgeCurve(self, expr: Any) -> str:  # noqa: N802
        return self._print_Function(expr)

    def _no_code(self, expr: Any) -> str:
        raise NotImplementedError

    _print_ImaginaryUnit = _print_ComplexInfinity = _no_code  # noqa: N815


def _short(expression: sympy.Expr) -> str:
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _is_never_zero(expression: sympy.Expr) -> bool:
    """Whether an expression is plainly above 0, such as 1 + exp(-u)."""
    if expression.is_Add:
        return all(map(_is_never_zero, expression.args))
    return isinstance(expression, (sympy.exp, sympy.cosh)) or bool(
        expression.is_Number and expression.is_positive
    )


# ---------------------------------------------------------------------- text that is no code


def harmless(name: str) -> str:
    """A name on one line; characters that do not show, such as new lines, by their number."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in name)


def block_comment(lines: list[str]) -> str:
    """Lines in a comment of C or JavaScript, which no name can end."""
    shown = [harmless(line) for line in lines]
    for mark in ("*/", "/*", "</", "<!--", "-->"):
        shown = [line.replace(mark, " ".join(mark)) for line in shown]
    return "\n".join(["/*", *(f" * {line}".rstrip() for line in shown), " */"])


def docstring(title: str, lines: list[str], indent: str) -> str:
    r"""Title and lines as a docstring, which no name can end; a backslash in a name becomes two."""
    shown = [harmless(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    body = f"\n{indent}".join([title, "", *shown])
    return f'{indent}"""{body}\n{indent}"""'.replace(f"\n{indent}\n", "\n\n")
