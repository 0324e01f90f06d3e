"""A formula in other languages: sympy, LaTeX, numpy, torch, C and JavaScript.

    model.export("c")
    kanwidget.formula.export.javascript(model, digits=4)

One target a module, loaded when it is asked for.  Names of columns stand in comments only, escaped:
code calls its variables x0, x1, …; no text of a name ever becomes code.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.formula.export.c_code import c
    from kanwidget.formula.export.javascript_code import javascript
    from kanwidget.formula.export.latex_text import latex
    from kanwidget.formula.export.numpy_code import numpy
    from kanwidget.formula.export.pareto import pareto_table
    from kanwidget.formula.export.sympy_code import sympy
    from kanwidget.formula.export.torch_code import torch

__all__ = ["c", "export", "javascript", "latex", "numpy", "pareto_table", "sympy", "torch"]

_MODULES = {
    "c": "c_code",
    "javascript": "javascript_code",
    "latex": "latex_text",
    "numpy": "numpy_code",
    "pareto_table": "pareto",
    "sympy": "sympy_code",
    "torch": "torch_code",
}
TARGETS = ("c", "javascript", "latex", "numpy", "sympy", "torch")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        module = importlib.import_module(f"kanwidget.formula.export.{_MODULES[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def export(source: Any, target: str, **options: Any) -> str:
    """Write a formula in another language.

    Parameters
    ----------
    source : Network, or (expressions, variables)
        The pair is what `kanwidget.formula.symbolic_formula` returns, or sympy expressions and symbols
        of one's own.
    target : {'c', 'javascript', 'latex', 'numpy', 'sympy', 'torch'}
    digits : int, optional
        Of a network's numbers, 1 to 12, by what each does on its training inputs; None keeps all, and
        so do all targets but LaTeX by default.  Curves of numeric edges are not rounded.
    name : str
        Of what the code defines; not of LaTeX, which defines nothing.  Without it, the functions are
        called ``f``, the torch module ``Formula`` and sympy's list ``expressions``.

    Returns
    -------
    str
        See the function of the target's name in `kanwidget.formula.export`.

    Raises
    ------
    ValueError
        If the target is unknown, the name is none in its language, digits is not from 1 to 12 or is
        given for expressions, the network is too large, or the formula holds what the target cannot
        express.
    TypeError
        If source is something else, or an option is unknown or of the wrong type.
    """
    if not isinstance(target, str) or target not in TARGETS:
        raise ValueError(f"target is {target!r:.60}; one of {', '.join(TARGETS)} is needed")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[target]}"), target)(
        source, **options
    )
