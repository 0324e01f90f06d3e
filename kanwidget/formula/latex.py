"""LaTeX of expressions whose names may be anything a column of a table is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

# fmt: off
GREEK = frozenset([
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta",
    "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau",
    "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
    "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "hbar", "ell",
])
# fmt: on
LONG = 25
"""Symbols, numbers and operations in an argument that sympy does not look into when it sorts terms."""
ESCAPES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: "\\" + character for character in "{}$&#_%"},
}
SYMBOL = re.compile(
    r"(?:(?P<letter>[A-Za-z])|\\?(?P<greek>[A-Za-z]{2,}))"
    r"(?:_?(?P<number>[0-9]+)|_\{?(?P<index>[A-Za-z0-9]+)\}?)?"
)


def latex_name(name: str) -> str:
    r"""A name as LaTeX: letters and Greek letters with an index as mathematics, all else as escaped text.

    Parameters
    ----------
    name : str
        Such as ``x_1``, ``alpha``, ``\alpha``, ``T_max`` or ``semi_major axis``.

    Returns
    -------
    str
        LaTeX in which no command comes from the name, apart from that of a Greek letter.
    """
    match = SYMBOL.fullmatch(name)
    if match is None or not (match["greek"] in GREEK or match["letter"]):
        words = " ".join(name.split())
        return r"\text{" + "".join(ESCAPES.get(character, character) for character in words) + "}"
    base = match["letter"] or "\\" + match["greek"]
    index = match["number"] or match["index"] or ""
    if len(index) > 1 and not index.isdigit():
        index = rf"\text{{{index}}}"
    return f"{base}_{{{index}}}" if index else base


class Printer(LatexPrinter):
    """sympy's printer, with our names for symbols and for functions that sympy does not know."""

    def __init__(self, names: Mapping[Any, str]) -> None:
        super().__init__({"mul_symbol": None})
        self.names = dict(names)
        self.short_forms: dict[sympy.Expr, sympy.Expr] = {}

    def short(self, expr: sympy.Expr) -> sympy.Expr:
        """The expression with a symbol for every long argument of a function or root, printed as it is.

        To sort terms sympy asks of all powers in them whether they are real, zero or infinite, for
        minutes where functions are nested.
        """
        if expr.args and expr not in self.short_forms:
            root = expr.is_Pow and not expr.exp.is_Integer
            args = [
                self._sealed(arg, brackets=root and abs(expr.exp) != sympy.S.Half)
                if (root or expr.is_Function) and _is_long(arg)
                else self.short(arg)
                for arg in expr.args
            ]
            changed = any(new is not old for new, old in zip(args, expr.args, strict=True))
            self.short_forms[expr] = expr.func(*args, evaluate=False) if changed else expr
        return self.short_forms.get(expr, expr)

    def _sealed(self, expr: sympy.Expr, brackets: bool) -> sympy.Symbol:
        symbol, written = sympy.Dummy(), self.doprint(self.short(expr))
        brackets = brackets and not expr.is_Function
        self.names[symbol] = rf"\left({written}\right)" if brackets else written
        return symbol

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:  # noqa: N802 (sympy finds it by its name)
        return self.names.get(expr) or latex_name(expr.name)

    _print_Dummy = _print_Symbol  # noqa: N815

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:  # noqa: N802
        if isinstance(expr, sympy.core.function.AppliedUndef):
            arguments = ", ".join(self._print(argument) for argument in expr.args)
            power = "" if exp is None else f"^{{{exp}}}"
            return rf"{latex_name(expr.func.__name__)}{power}\left({arguments}\right)"
        return super()._print_Function(expr, exp)


def latex(expression: sympy.Expr, names: Mapping[Any, str] | None = None) -> str:
    """LaTeX of an expression; `names` gives the LaTeX of symbols that are not called what they show."""
    printer = Printer(names or {})
    return printer.doprint(printer.short(expression))


def _is_long(expression: sympy.Expr) -> bool:
    nodes = sympy.preorder_traversal(expression)
    return next(islice(nodes, LONG, None), None) is not None


def aligned(equations: list[tuple[str, str]]) -> str:
    """Equations (left, right), one a line, aligned at their equals signs."""
    lines = [f"{left} &= {right}" for left, right in equations]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
