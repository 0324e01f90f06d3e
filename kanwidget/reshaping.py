"""The shape of a layer: fewer, more or other inputs and nodes, and its whole state as one dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget.layer import Layer

OVER_EDGES = (
    *("coef", "scale_base", "scale_sp", "affine"),
    *("left", "alive", "numeric", "symbolic", "locked", "held"),
)
"""Tensors of a layer whose first two dimensions are outputs and inputs."""
TENSORS = (*OVER_EDGES, "knots", "bias")
SETTINGS = ("k", "grid_eps", "extrapolation", "base_fun")


def state(layer: Layer) -> dict[str, Any]:
    """A copy of everything that an action or a fit can change, for `put_state`."""
    return (
        {name: getattr(layer, name).detach().clone() for name in TENSORS}
        | {name: getattr(layer, name) for name in SETTINGS}
        | {"functions": dict(layer.functions), "nodes": layer.nodes.snapshot()}
    )


@torch.no_grad()
def put_state(layer: Layer, state: dict[str, Any]) -> None:
    """Make a layer what the `state` of one says, whatever shape it has now."""
    for name in TENSORS:
        layer.put(name, state[name])
    for name in SETTINGS:
        setattr(layer, name, state[name])
    layer.functions = dict(state["functions"])
    layer.nodes.restore(state["nodes"])
    layer.structure_changed()


def another(
    layer: Layer,
    n_in: int = 1,
    arity: Sequence[int] = (1,),
    grid: int = 1,
    k: int | None = None,
) -> Layer:
    """A layer with the settings of this one, of the order too where none is given, that is zero."""
    made = Layer(
        n_in,
        sum(arity),
        arity=arity,
        affine_trainable=layer.nodes.affine_trainable,
        grid=grid,
        k=layer.k if k is None else k,
        base_fun=layer.base_fun,
        noise_scale=0.0,
        scale_base_mu=0.0,
        scale_base_sigma=0.0,
        grid_eps=layer.grid_eps,
        grid_range=(-1.0, 1.0),
        sp_trainable=layer.scale_sp.requires_grad,
        sb_trainable=layer.scale_base.requires_grad,
        sparse_init=False,
        extrapolation=layer.extrapolation,
        generator=torch.Generator(),
        dtype=layer.coef.dtype,
    )
    return made.to(layer.coef.device).train(layer.training)


@torch.no_grad()
def keep(layer: Layer, inputs: Sequence[int], nodes: Sequence[int]) -> None:
    """Keep only these inputs and nodes, renumbered in the order given.

    What removed edges of inputs that go had left behind stays.
    """
    inputs, outputs = list(inputs), layer.nodes.choose(nodes)
    dropped = [i for i in range(layer.n_in) if i not in set(inputs)]
    gone = torch.where(layer.alive, 0.0, layer.left)[:, dropped].sum(1)
    layer.bias = (layer.bias + gone)[outputs].clone()
    for name in OVER_EDGES:
        layer.put(name, getattr(layer, name)[outputs][:, inputs])
    layer.knots = layer.knots[inputs].clone()
    new_i = {old: new for new, old in enumerate(inputs)}
    new_j = {old: new for new, old in enumerate(outputs)}
    layer.functions = {
        (new_i[i], new_j[j]): function
        for (i, j), function in layer.functions.items()
        if i in new_i and j in new_j
    }
    layer.structure_changed()


@torch.no_grad()
def widen(layer: Layer, arity: Sequence[int] = (), knots: Tensor | None = None) -> None:
    """Add nodes of these arities, and inputs with these knots (n, G + 2k + 1), after all others.

    The new edges are zero, and can be trained.
    """
    old_in, old_out = layer.n_in, layer.n_out
    n_in, n_out = old_in + (0 if knots is None else len(knots)), old_out + sum(arity)
    begin = {"alive": 1, "numeric": 1, "scale_sp": n_in**-0.5}
    for name in OVER_EDGES:
        held: Tensor = getattr(layer, name)
        wider = held.new_full((n_out, n_in, *held.shape[2:]), begin.get(name, 0))
        wider[:old_out, :old_in] = held
        layer.put(name, wider)
    layer.bias = torch.cat([layer.bias, layer.bias.new_zeros(sum(arity))])
    layer.nodes.add(arity)
    if knots is not None:
        layer.knots = torch.cat([layer.knots, knots.to(layer.knots)])
    layer.structure_changed()
