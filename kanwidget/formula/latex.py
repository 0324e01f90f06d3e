"""LaTeX of expressions whose names may be anything a column of a table is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


class _Printer(LatexPrinter):
    """sympy's printer, with our names for symbols and for functions that sympy does not know."""

    def __init__(self, names: Mapping[Any, str]) -> None:
        super().__init__({"mul_symbol": None})
        self.names = names

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
    return _Printer(names or {}).doprint(expression)


def aligned(equations: list[tuple[str, str]]) -> str:
    """Equations (left, right), one a line, aligned at their equals signs."""
    lines = [f"{left} &= {right}" for left, right in equations]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
