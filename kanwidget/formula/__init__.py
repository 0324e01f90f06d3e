"""The network as a formula: sympy expressions, LaTeX, and the measured error of both.

Nothing here is loaded before it is used: sympy takes longer to import than the rest of kanwidget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.formula.consistency import consistent
    from kanwidget.formula.expression import Formula, formula, symbolic_formula
    from kanwidget.formula.unit_rules import UnitWarning
    from kanwidget.formula.units import check_units

__all__ = ["Formula", "UnitWarning", "check_units", "consistent", "formula", "symbolic_formula"]

_MODULES = {"UnitWarning": "unit_rules", "check_units": "units", "consistent": "consistency"}


def __getattr__(name: str) -> Any:
    if name in __all__:
        module = _MODULES.get(name, "expression")
        return getattr(importlib.import_module(f"kanwidget.formula.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
