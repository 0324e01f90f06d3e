"""From sympy expressions to networks that equal them.

Nothing here is loaded before it is used: sympy takes longer to import than the rest of kanwidget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kanwidget.compiler.compile import compile_expression, kanpiler

__all__ = ["compile_expression", "kanpiler"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("kanwidget.compiler.compile"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
