"""kanwidget: train, prune and read Kolmogorov-Arnold networks by hand in a notebook."""

import importlib
from typing import TYPE_CHECKING, Any

from kanwidget.adding import add_symbolic
from kanwidget.datasets import Dataset
from kanwidget.derivatives import hessian, jacobian, laplacian
from kanwidget.model import KAN
from kanwidget.sources import create_dataset, create_dataset_from_data, create_dataset_from_table
from kanwidget.symbolic.complexity import set_complexity
from kanwidget.symbolic.library import remove_symbolic
from kanwidget.version import __version__

if TYPE_CHECKING:
    from kanwidget.compiler import compile_expression, kanpiler
    from kanwidget.session import Session
    from kanwidget.widget import KANWidget

__all__ = [
    "KAN",
    "Dataset",
    "KANWidget",
    "Session",
    "__version__",
    "add_symbolic",
    "compile_expression",
    "create_dataset",
    "create_dataset_from_data",
    "create_dataset_from_table",
    "hessian",
    "jacobian",
    "kanpiler",
    "laplacian",
    "remove_symbolic",
    "set_complexity",
]

# the engine imports without Jupyter and sympy, and in a moment; these are loaded when first asked for
_LATER = {
    "KANWidget": "widget",
    "Session": "session",
    "compile_expression": "compiler",
    "kanpiler": "compiler",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"kanwidget.{_LATER[name]}"), name)
    raise AttributeError(f"module 'kanwidget' has no attribute {name!r}")
