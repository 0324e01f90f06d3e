"""A network of somebody else's in plain numbers, checked, and a KAN made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks, splines
from kanwidget.layer import Layer
from kanwidget.symbolic.function import SymbolicFunction

AFFINES = ("subnode_scale", "subnode_bias", "node_scale", "node_bias")


@dataclass
class ForeignLayer:
    """One layer of edges.

    Attributes
    ----------
    knots : Tensor, shape (n_in, G + 2k + 1)
    coef : Tensor, shape (n_out, n_in, G + k)
    scale_base, scale_sp : Tensor, shape (n_out, n_in)
    numeric, symbolic : Tensor, shape (n_out, n_in)
        What the splines and the symbolic functions are multiplied with; 0 where there is none.
    affine : Tensor, shape (n_out, n_in, 4)
        a, b, c, d of symbolic edges.
    arity : list of int
        Factors of every node above, 1 for a sum; sums come first.
    affines : dict of str to Tensor
        Scales and biases of nodes and subnodes.
    functions : dict of (i, j) to SymbolicFunction
    grid_eps : float
    base_fun : callable, optional
        Where the layer has another one than the network.
    """

    knots: Tensor
    coef: Tensor
    scale_base: Tensor
    scale_sp: Tensor
    numeric: Tensor
    symbolic: Tensor
    affine: Tensor
    arity: list[int]
    affines: Mapping[str, Tensor]
    functions: Mapping[tuple[int, int], SymbolicFunction] = field(default_factory=dict)
    grid_eps: float = 0.02
    base_fun: Callable[[Tensor], Tensor] | None = None

    @property
    def k(self) -> int:
        """Order of the splines, from the shapes."""
        return self.knots.shape[1] - self.coef.shape[2] - 1

    @property
    def grid(self) -> int:
        """Grid intervals, from the shapes."""
        return self.coef.shape[2] - self.k

    def tensors(self) -> dict[str, Tensor]:
        """All tensors by name."""
        held = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        return held | dict(self.affines)

    def check(self, l: int, n_in: int, called: Mapping[str, str]) -> None:
        """Raise ValueError where shapes do not fit together, or a value is NaN or infinite.

        ``called`` says what the source calls a tensor.
        """
        n_out, size = sum(self.arity), self.coef.shape[-1]
        edges = (n_out, n_in)
        expected: dict[str, tuple[int, ...]] = dict.fromkeys(
            ("scale_base", "scale_sp", "numeric", "symbolic"), edges
        )
        expected |= {"coef": (*edges, size), "affine": (*edges, 4)}
        expected |= {"knots": (n_in, *self.knots.shape[1:2])}
        expected |= dict.fromkeys(AFFINES[:2], (n_out,))
        expected |= {name: (len(self.arity),) for name in AFFINES[2:]}
        for name, values in self.tensors().items():
            if tuple(values.shape) != expected[name]:
                raise ValueError(
                    f"{called.get(name, name)} of layer {l} has the shape {tuple(values.shape)}; from "
                    f"{n_in} inputs to {n_out} subnodes (out, in, …) {expected[name]} is needed"
                )
            if not values.is_floating_point() or not bool(values.isfinite().all()):
                raise ValueError(
                    f"{called.get(name, name)} of layer {l} holds values that are NaN, infinite or no "
                    "real numbers; such a network cannot be opened"
                )
        if self.k < 1 or self.grid < 1:
            raise ValueError(
                f"layer {l} has {self.knots.shape[1]} knots and {size} coefficients an edge; G + 2k + 1 "
                "and G + k are needed, with G and k of at least 1"
            )
        if bool((self.knots.diff() < 0).any()):
            raise ValueError(f"{called.get('knots', 'knots')} of layer {l} does not ascend")


@dataclass
class Foreign:
    """A network.

    Attributes
    ----------
    layers : list of ForeignLayer
    base_fun : str or callable
    options : dict
        Of `kanwidget.KAN`: what is trainable.
    columns : list of int or None
        Which columns of the data are its inputs; None for as many columns as inputs.
    counts : set of int
        Numbers of columns that its data may have, beside as many as inputs.
    seen : Tensor or None
        Inputs it has seen last.
    """

    layers: list[ForeignLayer]
    base_fun: str | Callable[[Tensor], Tensor]
    options: dict[str, Any] = field(default_factory=dict)
    columns: list[int] | None = None
    counts: set[int] = field(default_factory=set)
    seen: Tensor | None = None

    def check(self, called: Mapping[str, str]) -> None:
        """Check all layers, one after the other; see `ForeignLayer.check`."""
        n_in = self.layers[0].knots.shape[0]
        for l, layer in enumerate(self.layers):
            layer.check(l, n_in, called)
            n_in = len(layer.arity)


@torch.no_grad()
def build(kind: Any, source: Foreign, dtype: torch.dtype | None, **options: Any) -> Any:
    """A network of ours with these numbers.

    Parameters
    ----------
    kind : type
        `kanwidget.KAN`, or a class made from it, which is returned.
    source : Foreign
        It has been checked.
    dtype : torch.dtype or None
        None is float64, and for more than 10,000 edges float32 unless the source has float64.
    **options
        Of `kanwidget.KAN`: device, extrapolation.
    """
    layers = source.layers
    model = kind(
        [layers[0].knots.shape[0], *(_nodes(layer.arity) for layer in layers)],
        [layer.grid for layer in layers],
        [layer.k for layer in layers],
        [2, *([factors for factors in layer.arity if factors > 1] for layer in layers)],
        noise_scale=0.0,
        base_fun=source.base_fun,
        grid_eps=checks.number("grid_eps", layers[0].grid_eps, least=0, most=1),
        dtype=dtype or (torch.float64 if layers[0].coef.dtype == torch.float64 else None),
        **source.options,
        **options,
    )
    for layer, numbers in zip(model.layers, layers, strict=True):
        _fill(layer, numbers)
    if source.columns is not None:
        model.input_names = [f"x_{column + 1}" for column in source.columns]
        model.columns = {
            count: list(source.columns)
            for count in sorted(source.counts)
            if max(source.columns) < count != len(source.columns)
        }
    seen = source.seen
    if seen is not None and seen.ndim == 2 and model.columns_of(seen.shape[1]) is not None:
        model.calibration = model.as_input(seen.detach())
    return model


def _nodes(arity: Sequence[int]) -> int | list[int]:
    sums = list(arity).count(1)
    return sums if sums == len(arity) else [sums, len(arity) - sums]


def _fill(layer: Layer, numbers: ForeignLayer) -> None:
    """Put the numbers into a layer of their shape."""
    to: Any = {"dtype": layer.coef.dtype, "device": layer.coef.device}
    held = {name: value.detach().to(**to) for name, value in numbers.tensors().items()}
    # a mask may be any number: what it multiplies takes it over
    factor = torch.where(held["numeric"] == 0, 1.0, held["numeric"])
    held["scale_base"], held["scale_sp"] = held["scale_base"] * factor, held["scale_sp"] * factor
    factor = torch.where(held["symbolic"] == 0, 1.0, held["symbolic"])[..., None]
    inner, outer = held["affine"].split(2, dim=-1)
    held["affine"] = torch.cat([inner, factor * outer], -1)
    flat = held["knots"][:, :1] == held["knots"][:, -1:]
    if bool(flat.any()):  # half-open intervals of width 0 hold no point: the spline is 0 there
        around = splines.uniform_knots(-1.0, 1.0, numbers.grid, numbers.k, 1, **to)
        held["knots"] = torch.where(flat, held["knots"][:, :1] + around, held["knots"])
        held["coef"] = torch.where(flat, 0.0, held["coef"])
    for name in ("coef", "scale_base", "scale_sp", "affine", "knots"):
        layer.put(name, held[name])
    numeric, symbolic = held["numeric"] != 0, held["symbolic"] != 0
    layer.put("alive", numeric | symbolic)
    layer.put("numeric", numeric | ~symbolic)  # a removed edge is restored as a spline
    layer.put("symbolic", symbolic)
    layer.functions = {
        edge: f for edge, f in numbers.functions.items() if bool(symbolic[edge[::-1]])
    }
    if numbers.base_fun is not None:
        layer.base_fun = numbers.base_fun
    layer.grid_eps = checks.number("grid_eps", numbers.grid_eps, least=0, most=1)
    for name in AFFINES:
        layer.nodes.put(name, held[name])
    layer.nodes.changed()
    layer.structure_changed()
