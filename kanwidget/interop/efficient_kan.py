"""Networks of efficient-kan: state_dicts of theirs in numbers, and ours as one of theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from kanwidget.interop.foreign import Foreign, ForeignLayer
from kanwidget.interop.pykan import base_of
from kanwidget.layer import Layer
from kanwidget.network import Network

CALLED = {
    "knots": "grid",
    "coef": "spline_weight",
    "scale_base": "base_weight",
    "scale_sp": "spline_scaler",
}
"""What efficient-kan calls our tensors."""
NAMES = ("grid", "base_weight", "spline_weight", "spline_scaler")
KEY = re.compile(rf"(?P<before>.*?)(?:layers\.(?P<layer>\d+)\.)?(?P<name>{'|'.join(NAMES)})")


def read(source: Any, base_fun: Any = None) -> Foreign:
    """The network of a state_dict, or of a live model that has one.

    Raises
    ------
    TypeError
        If source is neither.
    ValueError
        If tensors are missing, are too many, or do not fit together.
    """
    state = source.state_dict() if isinstance(source, torch.nn.Module) else source
    if not isinstance(state, Mapping):
        raise TypeError(
            f"state_dict is a {type(source).__name__}; that of an efficient-kan network, or the "
            "network, is needed"
        )
    layers = [_layer(l, tensors) for l, tensors in enumerate(_by_layer(state))]
    if base_fun is None and isinstance(source, torch.nn.Module):
        used = [
            each.base_activation for each in source.modules() if hasattr(each, "base_activation")
        ]
        base_fun = base_of(None, used[0]) if used else None
    found = Foreign(layers, "silu" if base_fun is None else base_fun)
    found.check(CALLED)
    return found


def _by_layer(state: Mapping[str, Any]) -> list[dict[str, Tensor]]:
    """The tensors of every layer by name, the first layer first; a layer alone is a network too."""
    found: dict[int, dict[str, Tensor]] = {}
    prefixes = set()
    for key, values in state.items():
        match = KEY.fullmatch(str(key))
        if match is None or not isinstance(values, Tensor):
            raise ValueError(
                f"state_dict has the entry {str(key)[:60]!r}, which no network of efficient-kan has; it "
                f"has {', '.join(NAMES)} of every layer"
            )
        prefixes.add(match["before"])
        found.setdefault(int(match["layer"] or 0), {})[match["name"]] = values
    if len(prefixes) > 1 or sorted(found) != list(range(len(found))) or not found:
        raise ValueError(
            f"state_dict has tensors of {len(prefixes)} networks and of the layers {sorted(found)}; one "
            "network with the layers 0, 1, … is needed"
        )
    return [found[l] for l in range(len(found))]


def _layer(l: int, tensors: Mapping[str, Tensor]) -> ForeignLayer:
    missing = [name for name in NAMES[:3] if name not in tensors]
    if missing:
        raise ValueError(f"state_dict lacks {missing[0]} of layer {l}")
    grid, base, coef = (tensors[name] for name in NAMES[:3])
    if coef.ndim != 3 or grid.ndim != 2 or base.ndim != 2:
        raise ValueError(
            f"layer {l} has spline_weight of the shape {tuple(coef.shape)}, grid {tuple(grid.shape)} and "
            f"base_weight {tuple(base.shape)}; (out, in, G + k), (in, G + 2k + 1) and (out, in) are "
            "needed"
        )
    ones, n_out = torch.ones_like(base), len(coef)
    return ForeignLayer(
        knots=grid,
        coef=coef,
        scale_base=base,
        scale_sp=tensors.get("spline_scaler", ones),
        numeric=ones,
        symbolic=torch.zeros_like(base),
        affine=base.new_zeros(*base.shape, 4),
        arity=[1] * n_out,
        affines={
            f"{kind}_{what}": base.new_full((n_out,), value)
            for kind in ("subnode", "node")
            for what, value in (("scale", 1.0), ("bias", 0.0))
        },
    )


@torch.no_grad()
def write(model: Network, standalone_scale: bool = True) -> dict[str, Tensor]:
    """The state_dict of a network of theirs; see `kanwidget.KAN.to_efficient_kan`.

    Raises
    ------
    ValueError
        If the network has what theirs cannot express; the sentence says what and where.
    """
    first = model.layers[0]
    state: dict[str, Tensor] = {}
    for l, layer in enumerate(model.layers):
        hindrance = _hindrance(l, layer, first)
        if hindrance:
            raise ValueError(
                f"to_efficient_kan: {hindrance}; efficient-kan has splines on all edges, sums in all "
                "nodes, and one grid size, order and base function"
            )
        there = layer.alive.to(layer.coef.dtype)
        scale, coef = layer.scale_sp * there, layer.coef
        tensors = {
            "grid": layer.knots,
            "base_weight": layer.scale_base * there,
            "spline_weight": coef if standalone_scale else coef * scale[..., None],
        }
        if standalone_scale:
            tensors["spline_scaler"] = scale
        state |= {
            f"layers.{l}.{name}": values.detach().clone(memory_format=torch.contiguous_format)
            for name, values in tensors.items()
        }
    return state


def _hindrance(l: int, layer: Layer, first: Layer) -> str:
    """What of a layer efficient-kan cannot express; nothing where there is no such thing."""
    for j, i in (layer.alive & layer.symbolic).nonzero().tolist():
        return f"edge ({l}, {i}, {j}) is symbolic"
    if not layer.nodes.plain:
        return f"layer {l} has multiplication nodes, or scales and biases of nodes"
    if bool(layer.constant().any()):
        return f"removed edges of layer {l} have left constants behind"
    if (layer.grid, layer.k) != (first.grid, first.k):
        return (
            f"layer {l} has grid {layer.grid} and k {layer.k}, layer 0 {first.grid} and {first.k}"
        )
    if layer.base_fun is not first.base_fun:
        return f"layer {l} has another base function than layer 0"
    return ""
