"""Networks of the same inputs side by side, as one of all their outputs."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from kanwidget import reshaping
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.edges import hand_on


@torch.no_grad()
def beside(networks: Sequence[Network]) -> Network:
    """One network with the outputs of all; those that are not as deep hand their outputs on through lines."""
    if len(networks) == 1:
        return networks[0]
    depth = max(network.depth for network in networks)
    stacks = [[*network.layers, *_lines(network, depth)] for network in networks]
    return Network([_joined(layers, l > 0) for l, layers in enumerate(zip(*stacks, strict=True))])


def _lines(network: Network, depth: int) -> list[Layer]:
    last = network.layers[-1]
    made = []
    for _ in range(depth - network.depth):
        layer = reshaping.another(last, last.nodes.count, [1] * last.nodes.count)
        layer.alive.fill_(False)
        for n in range(layer.n_in):
            layer.alive[n, n] = True
            hand_on(layer, n, n)
        layer.structure_changed()
        made.append(layer)
    return made


def _joined(layers: Sequence[Layer], apart: bool) -> Layer:
    """The edges of several layers in one: from the same inputs, or each from inputs of its own."""
    grid = max(layer.grid for layer in layers)
    arity = [count for layer in layers for count in layer.nodes.arity]
    n_in = sum(layer.n_in for layer in layers) if apart else layers[0].n_in
    made = reshaping.another(layers[0], n_in, arity, grid)
    made.alive.fill_(False)
    if not apart:
        made.knots.copy_(_knots(layers))
    i0 = j0 = node0 = 0
    for layer in layers:
        inputs, outputs = slice(i0, i0 + layer.n_in), slice(j0, j0 + layer.n_out)
        for name in reshaping.OVER_EDGES:
            if name != "coef":
                getattr(made, name).data[outputs, inputs] = getattr(layer, name).data
        made.bias[outputs] = layer.bias
        for (i, j), function in layer.functions.items():
            made.functions[i0 + i, j0 + j] = function
        nodes = slice(node0, node0 + layer.nodes.count)
        for name in ("subnode_scale", "subnode_bias"):
            getattr(made.nodes, name).data[outputs] = getattr(layer.nodes, name)
        for name in ("node_scale", "node_bias"):
            getattr(made.nodes, name).data[nodes] = getattr(layer.nodes, name)
        i0, j0 = (i0 + layer.n_in if apart else 0), j0 + layer.n_out
        node0 += layer.nodes.count
    made.nodes.changed()
    made.structure_changed()
    return made


def _knots(layers: Sequence[Layer]) -> torch.Tensor:
    """Knots of the finest of the layers."""
    return max(layers, key=lambda layer: layer.grid).knots
