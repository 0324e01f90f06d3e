"""One layer of edges made two, so that an edge can be more than one function."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from kanwidget import reshaping
from kanwidget.discovery.expressions import Composite
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic.edges import hand_on


@torch.no_grad()
def unfold(network: Network, l: int, composites: Mapping[tuple[int, int], Composite]) -> Network:
    """A network in which edges (i, j) of layer l are composites; the others stay, followed by lines.

    The layer is replaced by two.  Between them every edge has a node of its own, a product where it is
    one, and several where it is a sum.

    Parameters
    ----------
    network : Network
        Not changed.
    l : int
    composites : mapping of (i, j) to Composite

    Returns
    -------
    Network
    """
    layer: Layer = network.layers[l]
    edges = [(i, j) for j, i in layer.alive.nonzero().tolist()]
    arity: list[int] = []
    for edge in edges:
        one = composites.get(edge)
        arity += [1] * len(one.parts) if one and one.kind == "sum" else [_factors(one)]
    below = reshaping.another(layer, layer.n_in, arity, grid=layer.grid)
    above = reshaping.another(layer, len(arity), layer.nodes.arity)
    below.put_splines(layer.knots, below.coef)
    below.alive.fill_(False)
    above.alive.fill_(False)
    above.bias.copy_(layer.constant())
    above.nodes.restore(layer.nodes.snapshot())
    node = subnode = 0
    for i, j in edges:
        one = composites.get((i, j))
        if one is None:
            for name in reshaping.OVER_EDGES:
                getattr(below, name).data[subnode, i] = getattr(layer, name).data[j, i]
            if (i, j) in layer.functions:
                below.functions[i, subnode] = layer.functions[i, j]
        elif one.kind == "chain":
            below.set_symbolic(i, subnode, *one.parts[0])
            above.set_symbolic(node, j, *one.parts[1])
        else:
            for n, part in enumerate(one.parts):
                below.set_symbolic(i, subnode + n, *part)
        count = 1 if one is None or one.kind == "chain" else len(one.parts)
        nodes = count if one is not None and one.kind == "sum" else 1
        for n in range(nodes):
            above.alive[j, node + n] = True
            if one is None or one.kind != "chain":
                hand_on(above, node + n, j)
        for n in range(count):
            below.alive[subnode + n, i] = True
        subnode, node = subnode + count, node + nodes
    for made in (below, above):
        made.structure_changed()
    layers = [network.layers[n] for n in range(network.depth)]
    return Network([*layers[:l], below, above, *layers[l + 1 :]])


def _factors(one: Composite | None) -> int:
    return len(one.parts) if one is not None and one.kind == "product" else 1
