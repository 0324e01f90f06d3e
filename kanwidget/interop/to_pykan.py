"""A model of pykan's with our numbers."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kanwidget import grids, reshaping
from kanwidget.features import name_of_base
from kanwidget.layer import Layer
from kanwidget.saving import Saving
from kanwidget.symbolic.library import LIBRARY

NEEDED = "pip install pykan==0.2.8 pandas pyyaml scikit-learn"
"""What brings pykan and what it imports, which it does not declare."""


@torch.no_grad()
def write(model: Saving, dtype: torch.dtype) -> Any:
    """A model of pykan's with our numbers; see `kanwidget.KAN.to_pykan`.

    Raises
    ------
    ImportError
        If pykan is not installed.
    ValueError
        If outputs are products before sums, which pykan has no order for.
    """
    theirs_of = _pykan()
    ours = model.still()
    _sums_first(ours)
    _say_what_lies_outside(ours)
    products = [[each for each in layer.nodes.arity if each > 1] for layer in ours.layers]
    different = {factors for layer in products for factors in layer}
    arity: Any = different.pop() if len(different) == 1 else [[], *products] if different else 2
    widths = [len(each) for each in products]
    nodes = [[ours.width[0], 0]] + [
        [count - many, many] for count, many in zip(ours.width[1:], widths, strict=True)
    ]
    layers = ours.layers
    base = layers[0].base_fun
    theirs = theirs_of(
        width=nodes,
        grid=[layer.grid for layer in layers],
        k=[layer.k for layer in layers],
        mult_arity=arity,
        base_fun=name_of_base(base) or base,
        grid_eps=layers[0].grid_eps,
        affine_trainable=layers[0].nodes.affine_trainable,
        sp_trainable=layers[0].scale_sp.requires_grad,
        sb_trainable=layers[0].scale_base.requires_grad,
        auto_save=False,
        device=str(ours.device),
    ).type(dtype)
    for name in ("grid", "k"):  # one number for all, which more of pykan takes than a list
        values = getattr(theirs, name)
        setattr(theirs, name, values[0] if len(set(values)) == 1 else values)
    for l, layer in enumerate(layers):
        _write_layer(theirs, l, layer)
    _write_inputs(theirs, ours)
    return theirs


def _pykan() -> Any:
    """Makes models of pykan's as its class does, and leaves all global random numbers as they were."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of its own source are not ours to heed
            import kan
    except ImportError as error:
        raise ImportError(
            f"a model of pykan's needs pykan, which cannot be imported ({error}); {NEEDED} brings it"
        ) from error

    def make(**arguments: Any) -> Any:
        states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
        try:
            return kan.KAN(**arguments)
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002
            torch.set_rng_state(states[2])

    return make


def _sums_first(ours: Saving) -> None:
    """Order the nodes of every layer as pykan has them."""
    for l, layer in enumerate(ours.layers):
        order = sorted(range(layer.nodes.count), key=lambda node: layer.nodes.arity[node] > 1)
        if order == sorted(order):
            continue
        if l == ours.depth - 1:
            raise ValueError(
                "to_pykan: outputs that are products come before others that are sums; pykan has them "
                "after the sums only"
            )
        above = ours.layers[l + 1]
        reshaping.keep(layer, range(layer.n_in), order)
        reshaping.keep(above, order, range(above.nodes.count))


def _say_what_lies_outside(ours: Saving) -> None:
    """Warn where the data leave the grids: there pykan's splines are not ours."""
    if ours.calibration is None:
        return
    for l, (layer, values) in enumerate(
        zip(ours.layers, ours.node_values(ours.calibration), strict=False)
    ):
        points = grids.grid_points(layer.knots, layer.k)
        outside = int(((values < points[:, 0]) | (values > points[:, -1])).any(1).sum())
        if layer.extrapolation == "linear" and outside:
            warnings.warn(
                f"{outside} of {len(values)} training samples lie outside the grids of layer {l}, where "
                "pykan's splines decay to 0 and these go on straight; extend_grid(data) before to_pykan "
                "makes them equal there",
                stacklevel=4,
            )
            return


def _write_layer(theirs: Any, l: int, layer: Layer) -> None:
    act, symbolic = theirs.act_fun[l], theirs.symbolic_fun[l]
    numeric, functional = layer.alive & layer.numeric, layer.alive & layer.symbolic
    nodes = layer.nodes
    values = {
        "grid": layer.knots,
        "coef": layer.coef.transpose(0, 1),
        "scale_base": layer.scale_base.T,
        "scale_sp": layer.scale_sp.T,
        "mask": numeric.T,
    }
    for name, each in values.items():
        _put(getattr(act, name), each)
    act.grid_eps, act.base_fun = layer.grid_eps, _their_base(theirs, layer)
    _put(symbolic.mask, functional)
    _put(symbolic.affine, layer.affine)
    # what removed edges have left behind is a constant of the subnode there
    constant = nodes.subnode_bias + nodes.subnode_scale * layer.constant()
    _put(theirs.subnode_bias[l], constant)
    for name in ("subnode_scale", "node_scale", "node_bias"):
        _put(getattr(theirs, name)[l], getattr(nodes, name))
    for (i, j), function in layer.functions.items():
        if bool(layer.symbolic[j, i]):
            _write_function(symbolic, i, j, function)


def _put(parameter: Tensor, values: Tensor) -> None:
    parameter.data = values.detach().to(parameter).contiguous().clone()


def _their_base(theirs: Any, layer: Layer) -> Any:
    name = name_of_base(layer.base_fun)
    return theirs.act_fun[0].base_fun if name == theirs.base_fun_name else layer.base_fun


def _write_function(symbolic: Any, i: int, j: int, function: Any) -> None:
    """Give an edge of pykan's a function: theirs of that name, or ours where they have none."""
    from kan.utils import SYMBOLIC_LIB

    def avoiding(x: Tensor, y_th: float) -> tuple[tuple[()], Tensor]:
        return (), torch.nan_to_num(function(x), 0.0, y_th, -y_th)

    ours = function, function.sympy, 0, avoiding
    same = LIBRARY.get(function.name) is function  # else the name may mean something else there
    compute, write, _, careful = SYMBOLIC_LIB.get(function.name, ours) if same else ours
    symbolic.funs[j][i], symbolic.funs_avoid_singularity[j][i] = compute, careful
    symbolic.funs_name[j][i], symbolic.funs_sympy[j][i] = function.name, write


def _write_inputs(theirs: Any, ours: Saving) -> None:
    """The columns of the data that are its inputs, and the data it has seen."""
    columns = list(range(ours.width[0]))
    count = max(ours.columns, default=0)
    if count > len(columns):
        columns = ours.columns[count]
    theirs.input_id = torch.tensor(columns)
    seen = ours.calibration
    if seen is not None:
        data = ours.training_inputs()
        wide = data.new_zeros(len(data), max(count, len(columns)))
        wide[:, columns] = data  # the others are looked at by nobody
        theirs.cache_data = wide.to(theirs.act_fun[0].coef)
