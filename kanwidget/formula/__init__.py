"""The network as a formula: sympy expressions, LaTeX, and the measured error of both.

Nothing here is loaded before it is used: sympy takes longer to import than the rest of kanwidget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.formula.expression import Formula, formula, symbolic_formula

__all__ = ["Formula", "formula", "symbolic_formula"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("kanwidget.formula.expression"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
