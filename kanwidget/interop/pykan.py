"""Live models of pykan in numbers.

They are recognized by the name of their class and read by the names of their attributes: pykan itself
is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from kanwidget.features import BASE_FUNCTIONS
from kanwidget.interop.foreign import AFFINES, Foreign, ForeignLayer
from kanwidget.interop.functions import Functions

CALLED = {
    "knots": "grid",
    "numeric": "act_fun's mask",
    "symbolic": "symbolic_fun's mask",
}
"""What pykan calls our tensors, where it has another name."""
NEEDED = ("act_fun", "symbolic_fun", "width", "mult_arity", *AFFINES)
MISSING = (
    "pykan is not installed, and a model of its own needs it; pip install pykan==0.2.8 brings it"
)


def is_pykan(model: Any) -> bool:
    """Whether it is a model of pykan's, or of a class made from theirs."""
    return any(
        kind.__module__.partition(".")[0] == "kan" and kind.__name__ in ("MultKAN", "KAN")
        for kind in type(model).__mro__
    )


def arities(width: Any, mult_arity: Any) -> list[list[int]]:
    """Factors of every node, 1 for sums, from pykan's width and mult_arity: a list a layer of edges.

    Raises
    ------
    ValueError
        If a product has fewer than 2 factors.
    """
    found = []
    for l, (sums, products) in list(enumerate(width))[1:]:
        factors = mult_arity if isinstance(mult_arity, int) else list(mult_arity[l])
        factors = [factors] * products if isinstance(factors, int) else factors[:products]
        if any(int(each) < 2 for each in factors):
            raise ValueError(f"mult_arity is {mult_arity!r:.60}; products have at least 2 factors")
        found.append([1] * int(sums) + [int(each) for each in factors])
    return found


def layer_of(
    held: Mapping[str, Tensor],
    arity: list[int],
    affines: Mapping[str, Tensor],
    symbolic_enabled: bool,
) -> ForeignLayer:
    """One layer from pykan's tensors: those of ``act_fun`` and the ``symbolic`` mask and affine."""
    coef, symbolic = held["coef"], held["symbolic"]
    return ForeignLayer(
        knots=held["grid"],
        coef=coef.transpose(0, 1) if coef.ndim == 3 else coef,
        scale_base=held["scale_base"].T,
        scale_sp=held["scale_sp"].T,
        numeric=held["mask"].T,
        symbolic=symbolic if symbolic_enabled else torch.zeros_like(symbolic),
        affine=held["affine"],
        arity=arity,
        affines=affines,
    )


def base_of(named: Any, function: Any) -> Any:
    """The base function as we call it: by name where it is one of ours."""
    if isinstance(named, str) and named in BASE_FUNCTIONS:
        return named
    if isinstance(function, nn.SiLU):
        return "silu"
    return "identity" if isinstance(function, nn.Identity) else function


def read(model: Any, functions: Functions, n_inputs: int | None = None) -> Foreign:
    """What a live model of pykan's is made of; nothing of it is shared or changed.

    Raises
    ------
    ValueError
        If it is of a pykan before 0.2, or its parts do not fit together.
    """
    missing = [name for name in NEEDED if not hasattr(model, name)]
    if missing:
        raise ValueError(
            f"the {type(model).__name__} of pykan has no {missing[0]}; models of pykan 0.2 are opened"
        )
    layers = []
    for l, arity in enumerate(arities(model.width, model.mult_arity)):
        act, symbolic = model.act_fun[l], model.symbolic_fun[l]
        names = ("grid", "coef", "scale_base", "scale_sp", "mask")
        held = {name: getattr(act, name).detach() for name in names}
        held |= {"symbolic": symbolic.mask.detach(), "affine": symbolic.affine.detach()}
        affines = {name: getattr(model, name)[l].detach() for name in AFFINES}
        layer = layer_of(held, arity, affines, bool(getattr(model, "symbolic_enabled", True)))
        layer.grid_eps = float(act.grid_eps)
        layer.functions = {
            (i, j): functions.live(
                symbolic.funs_name[j][i], symbolic.funs[j][i], symbolic.funs_sympy[j][i]
            )
            for j, i in layer.symbolic.nonzero().tolist()
        }
        layers.append(layer)
    first = model.act_fun[0]
    options = {
        "sp_trainable": bool(first.scale_sp.requires_grad),
        "sb_trainable": bool(first.scale_base.requires_grad),
        "affine_trainable": bool(model.node_scale[0].requires_grad),
    }
    base = base_of(getattr(model, "base_fun_name", None), first.base_fun)
    source = Foreign(layers, base, options, seen=getattr(model, "cache_data", None))
    _read_columns(source, getattr(model, "input_id", None), n_inputs)
    source.check(CALLED)
    return source


def _read_columns(source: Foreign, input_id: Any, n_inputs: int | None) -> None:
    """Which columns of the data are inputs, after pykan's ``prune_input``."""
    count = len(source.layers[0].knots)
    columns = list(range(count)) if input_id is None else [int(each) for each in input_id]
    if len(columns) != count or len(set(columns)) < count or min(columns) < 0:
        raise ValueError(f"input_id is {columns}; {count} different columns are needed")
    source.columns = columns
    if columns != list(range(count)):
        source.counts.add(max(columns) + 1)
    if source.seen is not None:
        source.counts.add(source.seen.shape[-1])
    if n_inputs is not None:
        source.counts.add(n_inputs)
