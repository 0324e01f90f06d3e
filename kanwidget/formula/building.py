"""From the layers of a network to sums of terms, its hidden nodes nested or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.structure import Structure
from kanwidget.formula.tidy import Sum, product, symbolic_edge
from kanwidget.scales import Scale

if TYPE_CHECKING:
    from kanwidget.network import Network
    from kanwidget.nodes import Nodes

Hidden = list[tuple[str, sympy.Symbol, Sum]]


def build(
    model: Network,
    network: Structure,
    symbols: list[sympy.Symbol],
    nested: bool,
    scales: tuple[Scale | None, Scale | None] = (None, None),
) -> tuple[list[Sum], Hidden]:
    """The outputs as sums, and unless nested the hidden nodes as (index, symbol, sum).

    Parameters
    ----------
    model : Network
    network : Structure
        Of this model.
    symbols : list of sympy.Symbol
        The inputs.
    nested : bool
        Whether hidden nodes are written out where they are used.
    scales : (Scale or None, Scale or None)
        What inputs and outputs were normalised by: symbols and sums are in the units before that.
    """
    nodes = [Sum(0.0, {symbol: 1.0}) for symbol in symbols]
    if scales[0] is not None:
        pairs = zip(nodes, *scales[0], strict=True)
        nodes = [node.affine(1.0, -mean).over(std) for node, mean, std in pairs]
    hidden: Hidden = []
    last = len(network.kinds) - 1
    for l, kinds in enumerate(network.kinds):
        layer: Any = model.layers[l]
        affine, constant = layer.affine.tolist(), layer.constant().tolist()
        arguments = [node.expression() for node in nodes] if any(map(any, kinds)) else []
        sums = []
        for j, row in enumerate(kinds):
            total = Sum(constant[j])
            for i, kind in enumerate(row):
                if kind & 1:
                    curve = EdgeCurve(arguments[i], l, i, j)
                    found = Sum(0.0, {curve: 1.0}, inside={curve: (nodes[i],)})
                    total.add(found.of_edge((l, i, j)))
                if kind & 2:
                    function = layer.symbolic_function(i, j)
                    found = symbolic_edge(function, affine[j][i], nodes[i])
                    total.add(found.of_edge((l, i, j)))
            sums.append(total)
        nodes = _nodes(layer.nodes, sums)
        if not nested and l < last:
            for j, node in enumerate(nodes):
                if network.used[l + 1][j] and node.terms:
                    place = f"{j}" if last == 1 else f"{l + 1},{j}"
                    symbol = sympy.Dummy(f"h_{place.replace(',', '_')}")
                    hidden.append((place, symbol, node))
                    nodes[j] = Sum(0.0, {symbol: 1.0})
    if scales[1] is not None:
        pairs = zip(nodes, *scales[1], strict=True)
        nodes = [node.affine(std, mean) for node, mean, std in pairs]
    return nodes, hidden


def _nodes(nodes: Nodes, sums: list[Sum]) -> list[Sum]:
    """Nodes from the sums of edges in their subnodes; see `kanwidget.nodes`."""
    numbers = zip(nodes.subnode_scale.tolist(), nodes.subnode_bias.tolist(), strict=True)
    factors = [total.affine(*affine) for total, affine in zip(sums, numbers, strict=True)]
    numbers = zip(nodes.node_scale.tolist(), nodes.node_bias.tolist(), strict=True)
    return [
        product(factors[subnode] for subnode in nodes.subnodes(node)).affine(*affine)
        for node, affine in enumerate(numbers)
    ]
