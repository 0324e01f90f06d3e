"""What notebooks import from pykan 0.2.8, with its arguments, shapes and return values, on our engine.

``from kanwidget.compat.pykan import *`` stands in for ``from kan import *``: beside ``KAN`` and
``create_dataset`` it brings ``torch``, ``np``, ``plt``, ``nn`` and ``sympy``, which pykan's notebooks use
without importing them.  Names of pykan's modules (``kan.utils``, ``kan.spline``, ``kan.hypothesis``, …)
are all found here.  Where pykan's own behaviour is a fault, ours is right and the docstring says so.
"""

from __future__ import annotations

import importlib
from typing import Any

# loaded when first asked for, each from the module that has it
_MODULES = {
    "KAN": "kanwidget.model",
    "MultKAN": "kanwidget.model:KAN",
    "B_batch": "kanwidget.compat.pykan.splines",
    "coef2curve": "kanwidget.compat.pykan.splines",
    "create_dataset": "kanwidget.sources",
    "create_dataset_from_data": "kanwidget.sources",
    "curve2coef": "kanwidget.compat.pykan.splines",
    "extend_grid": "kanwidget.compat.pykan.splines",
    "kanpiler": "kanwidget.compiler",
    "nn": "torch.nn:",
    "np": "numpy:",
    "plt": "matplotlib.pyplot:",
    "sparse_mask": "kanwidget.compat.pykan.splines",
    "sympy": "sympy:",
    "torch": "torch:",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place, whole, other = _MODULES[name].partition(":")
    module = importlib.import_module(place)
    return module if whole and not other else getattr(module, other or name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
