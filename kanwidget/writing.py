"""Numbers and masks of a layer written at once, as pykan's users write them; `kanwidget.views` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks, pruning
from kanwidget.accepting import also_takes
from kanwidget.layer import Layer
from kanwidget.network import Edge, Network
from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction

MODES = {
    "s": (False, True),
    "n": (True, False),
    "sn": (True, True),
    "ns": (True, True),
    "0": (False, False),
}
"""What an edge is made of then: its spline, its function."""
OF_EDGES, OF_NODES = (
    ("coef", "scale_base", "scale_sp", "grid", "affine"),
    ("node_bias", "node_scale", "subnode_bias", "subnode_scale"),
)
PLAIN = 10_000
"""So many numbers are told to listeners as plain lists."""


class Writing(Network):
    """A network whose layers can be written to; every write is one action, which is checked first."""

    def set_mode(self, l: int, i: int, j: int, mode: str, mask_n: float | None = None) -> None:
        """Say what edge (l, i, j) is made of, as in pykan.

        Parameters
        ----------
        mode : {'n', 's', 'ns', 'sn', '0'}
            Its spline, its function, both, or nothing: the edge is removed.
        mask_n : float, optional
            1, how much of the spline counts; there are no other shares here.

        Raises
        ------
        KeyError
            For an edge that does not exist.
        ValueError
            If the mode is none of these, the edge is locked, or has no function to be made of.
        """
        edge = self.check_edge(l, i, j)
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r:.60}; one of {', '.join(MODES)} is needed")
        if mask_n not in (None, 1):
            raise ValueError(
                f"mask_n is {mask_n!r:.60}; 1 is needed: write to scale_sp and scale_base of act_fun[{l}] "
                "for a weaker spline"
            )
        self.check_unlocked([edge])
        numeric, symbolic = MODES[mode]
        if symbolic:
            self._check_function(edge)
        with self.action("set_mode", l=l, i=i, j=j, mode=mode):
            layer = self.layers[l]
            if not numeric and not symbolic:
                pruning.remove(self, [edge])
                return
            if not symbolic:
                layer.set_numeric(i, j)
            for name, value in (("numeric", numeric), ("symbolic", symbolic)):
                mask = getattr(layer, name).clone()
                mask[j, i] = value
                layer.put(name, mask)
            pruning.restore(self, [edge])

    def set_function(
        self, l: int, i: int, j: int, fun_name: str | SymbolicFunction, params: Sequence[float]
    ) -> None:
        """Make edge (l, i, j) the function c·f(a·x + b) + d with these a, b, c and d; see `fix_symbolic`.

        Raises
        ------
        KeyError
            For an edge or a function that does not exist.
        ValueError
            If the edge is removed or locked, or the constants are not four finite numbers.
        """
        edge, function = self.check_edge(l, i, j), library.get(fun_name)
        self.check_unlocked([edge])
        constants = [
            checks.number("params[…]", each)
            for each in torch.as_tensor(params, dtype=torch.float64).tolist()
        ]
        if len(constants) != 4:
            raise ValueError(f"params is {params!r:.60}; a, b, c and d are needed")
        if not bool(self.layers[l].alive[j, i]):
            raise ValueError(
                f"edge ({l}, {i}, {j}) is removed; restore it before giving it a function"
            )
        with self.action("set_function", l=l, i=i, j=j, fun_name=function, params=constants):
            self.layers[l].set_symbolic(i, j, function, constants)

    def set_values(self, l: int, part: str, values: Any) -> None:
        """Give layer l other numbers, in pykan's order of axes.

        Parameters
        ----------
        l : int
            Layer of edges.
        part : str
            'coef' (n_in, n_out, G + k), 'scale_base' or 'scale_sp' (n_in, n_out), 'grid'
            (n_in, G + 2k + 1), 'affine' (n_out, n_in, 4): a, b, c, d of edges that are functions;
            'subnode_scale', 'subnode_bias', 'node_scale' or 'node_bias'.
        values : Tensor or nested lists

        Raises
        ------
        KeyError
            If there is no such layer.
        ValueError
            If the shape is another, a number is not finite, or one of a locked edge, a locked constant
            or of an edge without a function changes.
        """
        if type(l) is not int or not 0 <= l < self.depth:
            raise KeyError(f"layer {l!r} does not exist: layers are 0 to {self.depth - 1}")
        if part not in OF_EDGES + OF_NODES:
            raise ValueError(
                f"part is {part!r:.60}; one of {', '.join(OF_EDGES + OF_NODES)} is needed"
            )
        layer = self.layers[l]
        now = values_of(layer, part)
        new = torch.as_tensor(values, dtype=now.dtype, device=now.device).detach().clone()
        if new.shape != now.shape:
            raise ValueError(
                f"{part} has the shape {tuple(new.shape)}; {tuple(now.shape)} is needed"
            )
        if not bool(new.isfinite().all()):
            raise ValueError(f"{part} has numbers that are NaN or infinite; finite ones are needed")
        if part == "grid" and not bool((new.diff(dim=1) > 0).all()):
            raise ValueError(
                "grid has knots that do not ascend; every knot is to be above the one before"
            )
        if part in OF_EDGES:
            self._check_changed(l, part, new != now)
        told: Any = new.tolist() if new.numel() <= PLAIN else new
        with self.action("set_values", l=l, part=part, values=told):
            if part in OF_NODES:
                layer.nodes.put(part, new)
                layer.nodes.changed()
            elif part == "grid":
                layer.put("knots", new)
            else:
                layer.put(part, new if part == "affine" else new.transpose(0, 1))
            layer.structure_changed()
            layer.memory.forget()

    def _check_changed(self, l: int, name: str, changed: Tensor) -> None:
        """ValueError where numbers of edges may not change; a mask in pykan's shape says which would."""
        layer = self.layers[l]
        if name == "grid":
            found = (changed.any(1) & (layer.alive & layer.numeric & layer.locked).any(0)).nonzero()
            for (i,) in found.tolist():
                raise ValueError(f"input {i} of layer {l} has a locked spline, and keeps its grid")
            return
        by_edge = changed if name == "affine" else changed.transpose(0, 1)
        edges = by_edge.flatten(2).any(2) if by_edge.ndim == 3 else by_edge
        places = [(l, i, j) for j, i in edges.nonzero().tolist()]
        self.check_unlocked(places)
        if name == "affine":
            for edge in places:
                self._check_function(edge)
            for j, i, place in (changed & layer.held).nonzero().tolist():
                constant = "abcd"[place]
                raise ValueError(
                    f"{constant} of edge ({l}, {i}, {j}) is locked; unlock_constant({l}, {i}, {j}, "
                    f"{constant!r}) lets it be changed"
                )

    def _check_function(self, edge: Edge) -> None:
        l, i, j = edge
        if (i, j) not in self.layers[l].functions:
            raise ValueError(
                f"edge ({l}, {i}, {j}) has no function; fix_symbolic({l}, {i}, {j}, name) gives it one"
            )

    def set_masks(self, l: int, numeric: Tensor, symbolic: Tensor) -> None:
        """Set both of pykan's masks of layer l, (n_out, n_in) of bool: what every edge is made of.

        Edges that are made of nothing are removed, as `remove_edges` does it; others come back.
        """
        layer = self.layers[l]
        changed = (numeric != layer.alive & layer.numeric) | (
            symbolic != layer.alive & layer.symbolic
        )
        self.check_unlocked(_edges(l, changed))
        for edge in _edges(l, changed & symbolic):
            self._check_function(edge)
        gone = changed & ~numeric & ~symbolic
        back = changed & ~layer.alive & (numeric == layer.numeric) & (symbolic == layer.symbolic)
        if removed := _edges(l, gone):
            with self.action("remove_edges", edges=removed):
                pruning.remove(self, removed)
        if restored := _edges(l, back):
            with self.action("restore_edges", edges=restored):
                pruning.restore(self, restored)
        names = {made_of: mode for mode, made_of in MODES.items()}
        for edge in _edges(l, changed & ~gone & ~back):
            _, i, j = edge
            self.set_mode(*edge, names[bool(numeric[j, i]), bool(symbolic[j, i])])

    # ------------------------------------------------------------------ many edges

    @also_takes("log_history")
    def unfix_symbolic_all(self) -> None:
        """Make all functions splines again; removed edges stay removed, locked ones stay as they are."""
        for l, layer in enumerate(self.layers):
            edges = _edges(l, layer.symbolic & ~layer.locked)
            if edges:
                with self.action("unfix_edges", edges=edges):
                    for _, i, j in edges:
                        layer.set_numeric(i, j)

    def module(self, start_layer: int, chain: str) -> None:
        """Let groups of nodes be modules: remove the edges between them and all other nodes.

        Parameters
        ----------
        start_layer : int
            Layer of edges that the first two groups are of.
        chain : str
            Groups of nodes below and above a layer of edges, a layer after the other: '[0,1]->[0]'
            keeps what leads from nodes 0 and 1 to subnode 0 apart from the rest.  Negative numbers
            count from the end.

        Raises
        ------
        ValueError
            If the chain cannot be read, names nodes that are not there, or an edge is locked.
        """
        groups = _groups(chain)
        first = checks.whole("start_layer", start_layer, 0)
        if first + len(groups) // 2 > self.depth:
            raise ValueError(
                f"chain is {chain!r:.60}, {len(groups) // 2} layers of edges from layer {first} on; the "
                f"network has {self.depth}"
            )
        edges: list[Edge] = []
        for l, (below, above) in enumerate(zip(groups[::2], groups[1::2], strict=True), first):
            layer = self.layers[l]
            inside_in = _chosen(chain, below, layer.n_in)
            inside_out = _chosen(chain, above, layer.n_out)
            edges += [
                (l, i, j)
                for j in range(layer.n_out)
                for i in range(layer.n_in)
                if (i in inside_in) != (j in inside_out)
            ]
        self.check_unlocked(edges)
        if edges:
            with self.action("remove_edges", edges=edges):
                pruning.remove(self, edges)


def values_of(layer: Layer, name: str) -> Tensor:
    """Numbers of a layer in pykan's order of axes, on the layer's own memory; see `Writing.set_values`."""
    if name in OF_NODES:
        found: Tensor = getattr(layer.nodes, name)
        return found
    if name == "grid":
        return layer.knots
    return layer.affine if name == "affine" else getattr(layer, name).transpose(0, 1)


def _edges(l: int, mask: Tensor) -> list[Edge]:
    """Edges of layer l by their mask (n_out, n_in), in order."""
    return sorted((l, i, j) for j, i in mask.nonzero().tolist())


def _groups(chain: Any) -> list[list[int]]:
    try:
        groups = [[int(n) for n in group.strip()[1:-1].split(",")] for group in chain.split("->")]
    except (AttributeError, ValueError):
        groups = []
    if not groups or len(groups) % 2:
        raise ValueError(
            f"chain is {chain!r:.60}; groups of nodes in pairs, such as '[0,1]->[0]', are needed"
        )
    return groups


def _chosen(chain: str, group: list[int], count: int) -> set[int]:
    for n in group:
        if not -count <= n < count:
            raise ValueError(
                f"chain is {chain!r:.60} and names {n}; there are {count} nodes, from 0 on"
            )
    return {n % count for n in group}
