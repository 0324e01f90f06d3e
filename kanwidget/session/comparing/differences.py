"""Which edges of two networks do something else, by how much, and what else is not the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from kanwidget.edges import NUMERIC
from kanwidget.layer import Layer
from kanwidget.network import Edge, Network
from kanwidget.session.states import same_bits
from kanwidget.session.view import finite

MOST_INPUTS = 500
"""Training inputs that edges are compared on; of more, as many evenly spread."""
AT_ONCE = 2_000_000
"""Outputs of edges that may be in memory at once."""

_SETTINGS = {
    "base_fun": "the base function",
    "extrapolation": "how splines go on outside the grid",
    "grid_eps": "how the grid follows data",
}


@dataclass(frozen=True)
class EdgeChange:
    """An edge that is live in both states, and does something else.

    Attributes
    ----------
    edge : (l, i, j)
    function : (str, str)
        ``numeric``, the name of its function, or both such as ``sin + numeric``, before and after.
    constants : pair of (a, b, c, d) or None
        Before and after; None where it has no function.
    change : float or None
        The largest change of its output, on what its input node is on the training inputs in either
        state; None where it is not finite.
    """

    edge: Edge
    function: tuple[str, str]
    constants: tuple[tuple[float | None, ...] | None, tuple[float | None, ...] | None]
    change: float | None


Changes = tuple[EdgeChange, ...]


def edge_changes(before: Network, after: Network) -> tuple[Changes, Changes, Changes]:
    """Live edges with another function, with the same one and other constants, with another spline.

    Those that change most come first.
    """
    functions: list[EdgeChange] = []
    constants: list[EdgeChange] = []
    curves: list[EdgeChange] = []
    for l, (layers, change) in enumerate(_largest_changes(before, after)):
        here = _common(*layers)
        kinds = [layer.kinds()[here] for layer in layers]
        numeric = (kinds[0] == kinds[1]) & (kinds[0].bitwise_and(NUMERIC) > 0)
        splines = numeric & _other_splines(*layers) & (change != 0)
        live, plain = (kinds[0] > 0) & (kinds[1] > 0), (kinds[0] == NUMERIC) & (kinds[1] == NUMERIC)
        other = (layers[0].affine[here] != layers[1].affine[here]).any(-1)
        for j, i in (live & (~plain | splines)).nonzero().tolist():
            made = [_made(layer, i, j) for layer in layers]
            (old, was), (new, now) = made
            found = EdgeChange((l, i, j), (old, new), (was, now), finite(float(change[j, i])))
            if old != new:
                functions.append(found)
                continue
            if was is not None and other[j, i]:
                constants.append(found)
            if splines[j, i]:
                curves.append(found)
    return _most_first(functions), _most_first(constants), _most_first(curves)


def others(before: Network, after: Network) -> tuple[str, ...]:
    """What is not the same beside widths, names, grids and live edges, in words."""
    found = []
    for l, (old, new) in enumerate(zip(before.layers, after.layers, strict=False)):
        found += [f"{what} in layer {l}" for what in _other_parts(old, new)]
    scales = (before.input_scale, before.output_scale), (after.input_scale, after.output_scale)
    seen = before.calibration, after.calibration
    if scales[0] != scales[1]:
        found.append("what the data were normalised by")
    if before.columns != after.columns:
        found.append("which columns of data are the inputs")
    if seen[0] is not seen[1] and (None in seen or not same_bits(*seen)):  # type: ignore[arg-type]
        found.append("the inputs that edges are looked at on")
    return tuple(found)


# ---------------------------------------------------------------------- how much


@torch.no_grad()
def _largest_changes(
    before: Network, after: Network
) -> Iterator[tuple[tuple[Layer, Layer], Tensor]]:
    """Pairs of layers, and the largest change of every edge's output that is in both."""
    values = [network.node_values(_inputs(network)) for network in (before, after)]
    for l, layers in enumerate(zip(before.layers, after.layers, strict=False)):
        here = _common(*layers)
        seen = [each[l][:, here[1]] for each in values]
        if same_bits(*seen):
            del seen[1]
        change = torch.zeros_like(layers[0].left[here])
        rows = max(1, AT_ONCE // max(layer.alive.numel() for layer in layers))
        for part in (part for x in seen for part in x.split(rows)):
            old, new = (_outputs(layer, part)[:, here[0], here[1]] for layer in layers)
            change = torch.maximum(change, (new - old).abs().amax(0))
        yield layers, change


def _inputs(network: Network) -> Tensor:
    """Training inputs, not all where they are many; points all over the grid where there are none."""
    if network.calibration is None:
        first = network.layers[0]
        low, high = first.knots[:, first.k], first.knots[:, -first.k - 1]
        steps = torch.linspace(0, 1, MOST_INPUTS, dtype=low.dtype, device=low.device)
        return torch.lerp(low, high, steps[:, None])
    x = network.training_inputs()
    if len(x) <= MOST_INPUTS:
        return x
    return x[torch.linspace(0, len(x) - 1, MOST_INPUTS, device=x.device).long()]


def _outputs(layer: Layer, x: Tensor) -> Tensor:
    """Outputs of edges on values of the first inputs."""
    return layer.edge_outputs(pad(x, (0, layer.n_in - x.shape[1])))


# ---------------------------------------------------------------------- of one layer


def _common(old: Layer, new: Layer) -> tuple[slice, slice]:
    """Outputs and inputs that are in both."""
    return slice(min(old.n_out, new.n_out)), slice(min(old.n_in, new.n_in))


def _other_splines(old: Layer, new: Layer) -> Tensor:
    """Which of the common edges have another numeric part, a mask."""
    here = _common(old, new)
    other = (old.scale_base[here] != new.scale_base[here]) | (
        old.scale_sp[here] != new.scale_sp[here]
    )
    rules = any(
        getattr(old, name) != getattr(new, name) for name in ("k", "base_fun", "extrapolation")
    )
    if rules or old.grid != new.grid:
        return torch.ones_like(other)
    knots = (old.knots[here[1]] != new.knots[here[1]]).any(-1)
    return other | (old.coef[here] != new.coef[here]).any(-1) | knots


def _made(layer: Layer, i: int, j: int) -> tuple[str, tuple[float | None, ...] | None]:
    """What an edge is made of, and a, b, c, d where it has a function."""
    function = layer.symbolic_function(i, j)
    if function is None:
        return "numeric", None
    name = f"{function.name} + numeric" if bool(layer.numeric[j, i]) else function.name
    return name, tuple(map(finite, layer.affine[j, i].tolist()))


def _other_parts(old: Layer, new: Layer) -> Iterator[str]:
    """What differs between two layers that no edge's function tells."""
    here = _common(old, new)
    yield from (
        words for name, words in _SETTINGS.items() if getattr(old, name) != getattr(new, name)
    )
    knots = [layer.knots[here[1]] for layer in (old, new)]
    if (old.grid, old.k) == (new.grid, new.k) and not same_bits(*knots):
        yield "the places of the knots"
    removed = ~old.alive[here] & ~new.alive[here]
    left = [layer.left[here][removed] for layer in (old, new)]
    bias = [layer.bias[here[0]] for layer in (old, new)]
    if not same_bits(*left) or not same_bits(*bias):
        yield "constants that removed edges left behind"
    if old.nodes.arity[: new.nodes.count] != new.nodes.arity[: old.nodes.count]:
        yield "how many sums the nodes multiply"
    else:
        nodes, sums = min(old.nodes.count, new.nodes.count), here[0]
        parts: list[tuple[str, Any]] = [("node_scale", slice(nodes)), ("node_bias", slice(nodes))]
        parts += [("subnode_scale", sums), ("subnode_bias", sums)]
        for name, places in parts:
            values = [getattr(layer.nodes, name).detach()[places] for layer in (old, new)]
            if not same_bits(*values):
                yield "scales and biases of the nodes"
                break


def _most_first(changes: list[EdgeChange]) -> Changes:
    """In descending order, those that are not finite before all others."""
    return tuple(
        sorted(
            changes, key=lambda each: (each.change is not None, -(each.change or 0.0), each.edge)
        )
    )
