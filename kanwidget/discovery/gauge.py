"""One form of a network among the many that are the same function.

A hidden node h may as well be s·h + t, if the edges out of it take that up.  So the constants of a
network are more than those of its formula, and none of them is the number a person would write.  Here
each number gets one place.
"""

from __future__ import annotations

import copy
import math

import torch

from kanwidget.discovery.forms import MOSTLY_SHIFT, Affine, simplest
from kanwidget.discovery.kept import move_knots, without_means
from kanwidget.edges import NUMERIC, SYMBOLIC, EdgeFunction
from kanwidget.network import Network

Rows = list[list[list[float]]]

NEARLY_LARGEST = 0.999
"""Of coefficients that are equal up to this, the first becomes 1."""


@torch.no_grad()
def canonical(network: Network) -> None:
    """Change constants of symbolic edges so that each stands in one place; the function stays.

    A node keeps one constant, in the d of one edge into it.  Where a single edge leaves it, that has
    a = 1 and b = 0; a shift goes through exp and lines, a scale through powers, logarithms and ``|·|``.  Else
    the largest coefficient in the node is 1, as in the factors of a product.  Edges take the forms of
    ``forms.simplest``.  A node whose edges out are not all symbolic stays, and edges do that are locked or
    have a locked constant.

    Parameters
    ----------
    network : Network
        Changed in place; the caller holds its action.
    """
    gauge = _Gauge(network)
    gauge.run()
    gauge.write()


class _Gauge:
    """Constants of a network as Python floats, and the moves that keep its function."""

    def __init__(self, network: Network) -> None:
        self.layers = network.layers
        self.affine = [layer.affine.double().tolist() for layer in self.layers]
        self.before = copy.deepcopy(self.affine)
        self.constant = [layer.constant().double().tolist() for layer in self.layers]
        self.kinds = [layer.kinds().tolist() for layer in self.layers]
        self.locked = [layer.bound.tolist() for layer in self.layers]
        self.scaled = [[1.0] * layer.n_out for layer in self.layers]
        self.moved = [[(1.0, 0.0)] * width for width in network.width]
        self.depth = network.depth

    # ------------------------------------------------------------------ what there is

    def incoming(self, l: int, j: int) -> list[int]:
        return [i for i, kind in enumerate(self.kinds[l][j]) if kind]

    def symbolic(self, l: int, j: int) -> list[int]:
        """Inputs of purely symbolic edges to a subnode that are free."""
        row = zip(self.kinds[l][j], self.locked[l][j], strict=True)
        return [i for i, (kind, locked) in enumerate(row) if kind == SYMBOLIC and not locked]

    def outgoing(self, l: int, node: int) -> list[tuple[int, int]] | None:
        """Edges (input, subnode) of layer l + 1 out of a node; None where one cannot take a change up."""
        if l + 1 == self.depth:
            return None
        found = []
        for j, kinds in enumerate(self.kinds[l + 1]):
            if kinds[node] & NUMERIC or (kinds[node] and self.locked[l + 1][j][node]):
                return None
            if kinds[node]:
                found.append((node, j))
        return found or None

    def may_scale(self, l: int, j: int) -> bool:
        return not any(self.locked[l][j][i] for i in self.incoming(l, j))

    def function(self, l: int, i: int, j: int) -> EdgeFunction:
        return self.layers[l].functions[i, j]

    def edge(self, l: int, i: int, j: int) -> Affine:
        return Affine(*self.affine[l][j][i])

    # ------------------------------------------------------------------ moves

    def simplify(self, l: int, i: int, j: int) -> None:
        function, affine = simplest(self.function(l, i, j), self.edge(l, i, j))
        self.affine[l][j][i] = list(affine)
        if function is not self.function(l, i, j):
            self.layers[l].functions[i, j] = function

    def scale(self, l: int, j: int, factor: float) -> None:
        """Multiply all that goes into a subnode."""
        if factor != 1.0:
            for constants in self.affine[l][j]:
                constants[2] *= factor
                constants[3] *= factor
            self.constant[l][j] *= factor
            self.scaled[l][j] *= factor

    def shift(self, l: int, j: int, by: float) -> None:
        """Add a constant to a subnode: to the d of its first symbolic edge, if it has one."""
        edges = self.symbolic(l, j)
        if edges:
            self.affine[l][j][edges[0]][3] += by
        else:
            self.constant[l][j] += by

    def collect(self, l: int, j: int) -> float:
        """Take all constants out of a subnode and return their sum."""
        edges = self.symbolic(l, j)
        if not edges:
            return 0.0
        total = self.constant[l][j] + math.fsum(self.affine[l][j][i][3] for i in edges)
        self.constant[l][j] = 0.0
        for i in edges:
            self.affine[l][j][i][3] = 0.0
        return total

    def leading(self, l: int, j: int) -> float:
        """The coefficient in a subnode that is to be 1; 1.0 where none can be."""
        if not self.may_scale(l, j) or self.symbolic(l, j) != self.incoming(l, j):
            return 1.0
        edges = [self.affine[l][j][i] for i in self.symbolic(l, j)]
        numbers, constant = [c for _, _, c, _ in edges], math.fsum(d for _, _, _, d in edges)
        largest = max(map(abs, numbers), default=0.0)
        if not 1e-100 < largest < 1e100:
            return 1.0
        if abs(constant) > MOSTLY_SHIFT * largest:
            return constant
        return next(number for number in numbers if abs(number) >= NEARLY_LARGEST * largest)

    def take_up(self, l: int, node: int, s: float, t: float) -> None:
        """Let the edges out of a node see s·h + t in place of h."""
        for rows in self.affine[l + 1]:
            a, b, _, _ = rows[node]
            rows[node][:2] = a / s, b - a * t / s
        scale, shift = self.moved[l + 1][node]
        self.moved[l + 1][node] = s * scale, s * shift + t

    # ------------------------------------------------------------------ all of it

    def run(self) -> None:
        """Node by node, again where a line has carried a scale to the nodes before."""
        for _ in range(self.depth + 1):
            before = copy.deepcopy(self.affine)
            self._pass()
            if _close(before, self.affine):
                break

    def _pass(self) -> None:
        for l, layer in enumerate(self.layers):
            self._plain_nodes(l)
            for j in range(layer.n_out):
                self._simplify_row(l, j)
            for node in range(layer.nodes.count):
                if not self._is_plain(l, node):
                    continue
                if layer.nodes.arity[node] > 1:
                    self._product(l, node)
                else:
                    self._sum(l, node, layer.nodes.subnodes(node)[0])

    def _simplify_row(self, l: int, j: int) -> None:
        for i in self.symbolic(l, j):
            self.simplify(l, i, j)
        self.shift(l, j, self.collect(l, j))

    def _sum(self, l: int, node: int, j: int) -> None:
        edges = self.outgoing(l, node)
        if edges is None:
            return
        free = bool(self.symbolic(l, j)) and self.may_scale(l, j)
        if free:
            constant, leading = self.collect(l, j), self.leading(l, j)
            self.scale(l, j, 1 / leading)
            self.take_up(l, node, 1 / leading, -constant / leading)
        for i, k in edges:
            if not self.locked[l + 1][k][i]:
                self.simplify(l + 1, i, k)
        if free and len(edges) == 1:
            self._take_back(l, node, j, *edges[0])
        self._simplify_row(l, j)

    def _take_back(self, l: int, node: int, j: int, i: int, k: int) -> None:
        """Give a node the a and b of the only edge out of it; of a line, the c."""
        a, b, c, _ = self.edge(l + 1, i, k)
        if self.function(l + 1, i, k).name == "x":
            if 1e-100 < abs(c) < 1e100:
                self.scale(l, j, c)
                self.take_up(l, node, c, 0.0)
                self.affine[l + 1][k][i][:3] = 1.0, 0.0, 1.0
        elif a != 0.0:
            self.scale(l, j, a)
            self.shift(l, j, b)
            self.take_up(l, node, a, b)
            self.affine[l + 1][k][i][:2] = 1.0, 0.0

    def _product(self, l: int, node: int) -> None:
        """The numbers before the factors go to the edge out of the node, or to one of the factors."""
        subnodes = list(self.layers[l].nodes.subnodes(node))
        numbers = {j: self.leading(l, j) for j in subnodes}
        edges, total = self.outgoing(l, node), math.prod(numbers.values())
        if not 1e-100 < abs(total) < 1e100:
            return
        for j in subnodes:
            self.scale(l, j, 1 / numbers[j])
        if edges is not None:
            bias = float(self.layers[l].nodes.node_bias[node])
            self.take_up(l, node, 1 / total, bias * (1 - 1 / total))
            for i, k in edges:
                self.simplify(l + 1, i, k)
        elif total != 1.0:
            shortest = min(
                (j for j in subnodes if numbers[j] != 1.0), key=lambda j: self._terms(l, j)
            )
            self.scale(l, shortest, total)
        for j in subnodes:
            self._simplify_row(l, j)

    def _terms(self, l: int, j: int) -> int:
        edges = self.incoming(l, j)
        return len(edges) + any(self.affine[l][j][i][3] != 0 for i in edges)

    def _plain_nodes(self, l: int) -> None:
        """Let edges take over the scales and biases of subnodes and sums."""
        nodes = self.layers[l].nodes
        if nodes.plain:
            return
        for node in range(nodes.count):
            subnodes = list(nodes.subnodes(node))
            for j in subnodes:
                if self.may_scale(l, j) and nodes.subnode_scale[j] != 0:
                    self._take_over(l, j, nodes.subnode_scale, nodes.subnode_bias, j)
            (j, *others) = subnodes
            if others or not self.may_scale(l, j) or nodes.node_scale[node] == 0:
                continue
            if nodes.subnode_scale[j] == 1 and nodes.subnode_bias[j] == 0:
                self._take_over(l, j, nodes.node_scale, nodes.node_bias, node)
        nodes.changed()

    def _is_plain(self, l: int, node: int) -> bool:
        """Whether no scale or bias of it is left that an edge could not take over."""
        nodes, subnodes = self.layers[l].nodes, list(self.layers[l].nodes.subnodes(node))
        if nodes.plain:
            return True
        scales, biases = nodes.subnode_scale[subnodes], nodes.subnode_bias[subnodes]
        left = [nodes.node_scale[node] - 1, nodes.node_bias[node]] if len(subnodes) == 1 else []
        return not any([bool((scales != 1).any()), bool(biases.any()), *map(bool, left)])

    def _take_over(
        self, l: int, j: int, scales: torch.Tensor, biases: torch.Tensor, place: int
    ) -> None:
        self.scale(l, j, scales[place].item())
        self.shift(l, j, biases[place].item())
        scales[place], biases[place] = 1.0, 0.0

    # ------------------------------------------------------------------ back to the network

    def write(self) -> None:
        for l, layer in enumerate(self.layers):
            factors = torch.tensor(self.scaled[l], dtype=torch.float64).to(layer.coef)
            left = torch.where(layer.alive, 0.0, layer.left) * factors[:, None]
            # what has only been to and fro keeps its last bits
            before = torch.tensor(self.before[l], dtype=torch.float64)
            affine = torch.tensor(self.affine[l], dtype=torch.float64)
            same = (affine - before).abs() <= 1e-14 * before.abs()
            layer.put("affine", torch.where(same, before, affine).to(layer.affine))
            layer.put("coef", layer.coef * factors[:, None, None])
            layer.put("scale_base", layer.scale_base * factors[:, None])
            for j in range(layer.n_out):
                if self.symbolic(l, j):
                    without_means(layer, j, left[j])
                    left[j] = 0.0
            layer.put("left", left)
            constant = torch.tensor(self.constant[l], dtype=torch.float64).to(layer.bias)
            layer.put("bias", constant - left.sum(1))
            for i, (s, t) in enumerate(self.moved[l]):
                if (s, t) != (1.0, 0.0):
                    move_knots(layer, i, s, t)
            layer.structure_changed()
            layer.memory.forget()


def _close(before: list[Rows], after: list[Rows]) -> bool:
    pairs = zip(_numbers(before), _numbers(after), strict=True)
    return all(abs(a - b) <= 1e-12 * abs(b) for a, b in pairs)


def _numbers(affine: list[Rows]) -> list[float]:
    return [n for layer in affine for row in layer for constants in row for n in constants]
