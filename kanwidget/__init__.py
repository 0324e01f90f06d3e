"""kanwidget: train, prune and read Kolmogorov-Arnold networks by hand in a notebook."""

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from kanwidget.version import __version__

if TYPE_CHECKING:
    from kanwidget.adding import add_symbolic
    from kanwidget.compiler import compile_expression, kanpiler
    from kanwidget.datasets import Dataset
    from kanwidget.derivatives import hessian, jacobian, laplacian
    from kanwidget.model import KAN, MultKAN
    from kanwidget.session import Session
    from kanwidget.sources import (
        create_dataset,
        create_dataset_from_data,
        create_dataset_from_table,
    )
    from kanwidget.symbolic.complexity import set_complexity
    from kanwidget.symbolic.library import remove_symbolic
    from kanwidget.views import KANLayer, Symbolic_KANLayer
    from kanwidget.widget import KANWidget
    from kanwidget.widget.explorer import explorer

__all__ = [
    "KAN",
    "Dataset",
    "KANLayer",
    "KANWidget",
    "MultKAN",
    "Session",
    "Symbolic_KANLayer",
    "__version__",
    "add_symbolic",
    "compile_expression",
    "create_dataset",
    "create_dataset_from_data",
    "create_dataset_from_table",
    "explorer",
    "hessian",
    "jacobian",
    "kanpiler",
    "laplacian",
    "remove_symbolic",
    "set_complexity",
]

# loaded when first asked for: the shell answers without torch, the engine works without Jupyter and sympy
_MODULES = {
    "KAN": "model",
    "Dataset": "datasets",
    "KANLayer": "views",
    "KANWidget": "widget",
    "MultKAN": "model",
    "Session": "session",
    "Symbolic_KANLayer": "views",
    "add_symbolic": "adding",
    "compile_expression": "compiler",
    "create_dataset": "sources",
    "create_dataset_from_data": "sources",
    "create_dataset_from_table": "sources",
    "explorer": "widget.explorer",
    "hessian": "derivatives",
    "jacobian": "derivatives",
    "kanpiler": "compiler",
    "laplacian": "derivatives",
    "remove_symbolic": "symbolic.library",
    "set_complexity": "symbolic.complexity",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"kanwidget.{_MODULES[name]}"), name)
    module = f"kanwidget.{name}"
    if not name.startswith("_") and importlib.util.find_spec(module):
        return importlib.import_module(module)
    raise AttributeError(f"module 'kanwidget' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
