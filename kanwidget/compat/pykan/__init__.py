"""What notebooks import from pykan 0.2.8, with its arguments, shapes and return values, on our engine.

``from kanwidget.compat.pykan import *`` stands in for ``from kan import *``.  As there, ``torch``, ``np``,
``plt``, ``nn``, ``tqdm`` and all of sympy come along, which notebooks use without importing them.  The
names of all of pykan's modules (``kan.utils``, ``kan.spline``, ``kan.hypothesis``, …) are found here.
Where pykan's own behaviour is a fault, ours is right and the docstring says so.
"""

from __future__ import annotations

import importlib
from typing import Any

# where each name is, to be loaded when it is first asked for
_OURS = {
    "compiling": ("expr2kan", "kanpiler", "next_nontrivial_operation", "sf2kan"),
    "data": ("create_dataset", "create_dataset_from_data"),
    "derivatives": ("batch_hessian", "batch_jacobian", "get_derivative", "model2param"),
    "experiment": ("pareto_frontier", "runner1"),
    "expressions": ("augment_input", "ex_round"),
    "feynman": ("get_feynman_dataset",),
    "hypotheses": (
        *("batch_grad_normgrad", "detect_separability", "get_dependence"),
        *("test_general_separability", "test_separability", "test_symmetry", "test_symmetry_var"),
    ),
    "library": ("SYMBOLIC_LIB", "add_symbolic", "fit_params"),
    "mlp": ("MLP",),
    "optimizer": ("LBFGS",),
    "splines": ("B_batch", "coef2curve", "curve2coef", "extend_grid", "sparse_mask"),
}
_MODULES = {name: f"{__name__}.{place}" for place, names in _OURS.items() for name in names}
_MODULES |= {"KAN": "kanwidget.model", "MultKAN": "kanwidget.model"}
_MODULES |= {"KANLayer": "kanwidget.views", "Symbolic_KANLayer": "kanwidget.views"}
_MODULES |= dict.fromkeys(("get_molecule", "get_tree_node", "plot_tree"), "kanwidget.trees")
_MODULES |= dict.fromkeys(
    (
        *("f_arccos", "f_arcsin", "f_arctanh", "f_exp", "f_inv", "f_inv2", "f_inv3", "f_inv4"),
        *("f_inv5", "f_invsqrt", "f_log", "f_power1d5", "f_sqrt", "f_tan"),
    ),
    "kanwidget.symbolic.softened",
)
# what else pykan's star brings along
_BORROWED = {
    "copy": "copy",
    "glob": "glob",
    "nn": "torch.nn",
    "np": "numpy",
    "os": "os",
    "plt": "matplotlib.pyplot",
    "random": "random",
    "re": "re",
    "sympy": "sympy",
    "torch": "torch",
}


def __getattr__(name: str) -> Any:
    if name == "__all__":  # of a star only: sympy takes half a second
        of_sympy = {each for each in importlib.import_module("sympy").__all__ if each[0] != "_"}
        return sorted({*_MODULES, *_BORROWED, "tqdm", *of_sympy})
    if name in _MODULES:
        found = "KAN" if name == "MultKAN" else name
        return getattr(importlib.import_module(_MODULES[name]), found)
    if name in _BORROWED:
        return importlib.import_module(_BORROWED[name])
    if name == "tqdm":
        return importlib.import_module("tqdm").tqdm
    if not name.startswith("_") and name in (sympy := importlib.import_module("sympy")).__all__:
        return getattr(sympy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_BORROWED})
