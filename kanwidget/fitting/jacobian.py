"""How the outputs of a network change with every parameter: analytic, without autograd.

An output is linear in the coefficients of the last layer, with the basis functions as slopes; through a
layer it changes by the slopes of its edges.  Rows are parameters and columns samples, so that the normal
equations are one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate

import torch
from torch import Tensor, nn

from kanwidget.edges import EdgeFunction
from kanwidget.layer import Layer
from kanwidget.network import Network

Rows = tuple[Tensor, Tensor]
"""Places of some parameters in the vector of all, (P,), and the slopes by them, (P, outputs · N)."""


class Jacobian:
    """Slopes of a network's outputs by its trained parameters.

    ``scale_sp`` is left out: what it does, the coefficients can do too.

    Attributes
    ----------
    size : int
        Length of the vector of all trained parameters.
    places : list of dict
        For every layer, where its parameters are in that vector.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        trained = [p for p in network.parameters() if p.requires_grad]
        starts = list(accumulate((p.numel() for p in trained), initial=0))
        self.size = starts[-1]
        place = {
            id(p): torch.arange(start, start + p.numel(), device=p.device).view(p.shape)
            for p, start in zip(trained, starts, strict=False)
        }
        self.places: list[dict[str, Tensor]] = [
            {
                name: place[id(parameter)]
                for name, parameter in layer.named_parameters()
                if id(parameter) in place
            }
            for layer in network.layers
        ]

    @torch.no_grad()
    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """On inputs x (N, n_inputs).

        Returns
        -------
        outputs : Tensor, shape (N, n_outputs)
        places : Tensor of int, shape (P,)
            Parameters that have slopes, by their places in the vector of all.
        slopes : Tensor, shape (P, n_outputs · N)
            Of all samples of the first output, then of the next.
        """
        layers, values, sums = self.network.layers, [x], []
        for layer in layers:
            sums.append(layer.sums(values[-1]))
            values.append(layer.nodes(sums[-1]))
        outputs = values[-1].shape[1]
        # slopes of every output by the nodes of a layer, (outputs, nodes, N)
        by_node = torch.eye(outputs).to(x)[:, :, None].expand(-1, -1, len(x))
        rows: list[Rows] = []
        for l in reversed(range(len(layers))):
            layer, places = layers[l], self.places[l]
            rows += _node_rows(layer, places, sums[l], by_node)
            by_sum = by_node[:, layer.nodes.owner] * layer.nodes.slopes(sums[l]).T
            rows += _numeric_rows(layer, places, values[l], by_sum)
            by_node = _by_inputs(layer, values[l], by_sum) if l else by_node
            for chained, found in _symbolic_rows(layer, places, values[l], by_sum):
                rows += found
                if l:
                    source, slope = chained
                    by_node.index_add_(1, source, slope)
        if not rows:  # no edge is left that trains
            return (
                values[-1],
                torch.zeros(0, dtype=torch.long, device=x.device),
                x.new_zeros(0, outputs * len(x)),
            )
        where = torch.cat([place.flatten() for place, _ in rows])
        slopes = torch.cat([slope.reshape(-1, outputs * len(x)) for _, slope in rows])
        return values[-1], where, slopes


def _numeric_rows(
    layer: Layer, places: dict[str, Tensor], x: Tensor, by_sum: Tensor
) -> Iterator[Rows]:
    """By the coefficients and base weights of numeric edges."""
    j, i = (layer.alive & layer.numeric & ~layer.locked).nonzero(as_tuple=True)
    if not len(j):
        return
    features = layer.features(x)
    if "coef" in places:
        scaled = by_sum[:, j] * layer.scale_sp[j, i, None]
        yield places["coef"][j, i].T, features[:-1, i][:, :, None] * scaled.transpose(0, 1)
    if "scale_base" in places:
        yield places["scale_base"][j, i], features[-1, i][:, None] * by_sum[:, j].transpose(0, 1)


def _by_inputs(layer: Layer, x: Tensor, by_sum: Tensor) -> Tensor:
    """From slopes by sums (outputs, n_out, N) to those by inputs, through the numeric edges."""
    if layer.symbolic_only:
        return by_sum.new_zeros(len(by_sum), layer.n_in, len(x))
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        sums = layer.numeric_sums(x)
        return torch.stack(
            [torch.autograd.grad(sums, x, each.T, retain_graph=True)[0].T for each in by_sum]
        )


def _symbolic_rows(
    layer: Layer, places: dict[str, Tensor], x: Tensor, by_sum: Tensor
) -> Iterator[tuple[Rows, list[Rows]]]:
    """For each function, slopes by the inputs of its edges, and those by a, b, c and d."""
    for function, j, i in layer.symbolic_groups():
        a, b, c, _ = layer.affine[j, i].T[..., None]
        inputs = x.T[i]
        value, slope = _with_slope(function, a * inputs + b)
        outer = by_sum[:, j]
        inner = outer * (c * slope)
        found: list[Rows] = []
        if "affine" in places:
            free = ~(layer.locked[j, i, None] | layer.held[j, i]).T
            by_affine = torch.stack([inner * inputs, inner, outer * value, outer])
            found = [(places["affine"][j, i].T[free], by_affine.transpose(1, 2)[free])]
        yield (i, a * inner), found


def _with_slope(function: EdgeFunction, u: Tensor) -> tuple[Tensor, Tensor]:
    """A function and its slope; by autograd where it does not tell its derivative."""
    derivative: Callable[[Tensor], Tensor] | None = getattr(function, "derivative", None)
    if derivative is not None:
        return function(u), derivative(u)
    with torch.enable_grad():
        u = u.detach().requires_grad_()
        value = function(u)
        slope = torch.zeros_like(u)
        if value.requires_grad:
            (slope,) = torch.autograd.grad(value.sum(), u)
    return value.detach(), slope


def _node_rows(
    layer: Layer, places: dict[str, Tensor], sums: Tensor, by_node: Tensor
) -> Iterator[Rows]:
    """By scales and biases of nodes and subnodes, where they are trained."""
    names = [name for name in places if name.startswith("nodes.")]
    if not names:
        return
    outputs = len(by_node)
    with torch.enable_grad():
        wide = {  # every sample gets a copy of its own, whose slope is that sample's
            name: dict(layer.named_parameters())[name]
            .detach()
            .expand(len(sums), -1)
            .clone()
            .requires_grad_()
            for name in names
        }
        nodes = torch.func.functional_call(
            layer.nodes, {name.removeprefix("nodes."): each for name, each in wide.items()}, (sums,)
        )
        for name, each in wide.items():
            slopes = [
                torch.autograd.grad(nodes, each, by_node[o].T, retain_graph=True)[0].T
                for o in range(outputs)
            ]
            yield places[name], torch.stack(slopes, 1)


def count(network: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
