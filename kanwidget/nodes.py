"""From the sums of edges to nodes: a node is one sum, or the product of several.

::

    node = scale · Π (subnode_scale · sum + subnode_bias) + bias

(Liu et al., KAN 2.0, arXiv 2408.10205, section 2.1).  A node takes as many sums as its arity, one after
the other; a sum that an edge leads to is called a subnode.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn

_SUBNODES, _NODES = ("subnode_scale", "subnode_bias"), ("node_scale", "node_bias")


class Nodes(nn.Module):
    """Nodes above a layer of edges.

    Parameters
    ----------
    arity : sequence of int
        For every node, how many subnodes it multiplies; 1 is a plain sum.
    affine_trainable : bool
        Whether scales and biases are trained.

    Attributes
    ----------
    subnode_scale, subnode_bias : Parameter, shape (n_subnodes,)
    node_scale, node_bias : Parameter, shape (n_nodes,)
    owner : Tensor of int, shape (n_subnodes,)
        The node of every subnode.
    plain : bool
        Whether nodes are just the sums, as in most networks.
    """

    subnode_scale: nn.Parameter
    subnode_bias: nn.Parameter
    node_scale: nn.Parameter
    node_bias: nn.Parameter
    owner: Tensor
    _factors: Tensor

    def __init__(
        self, arity: Sequence[int], affine_trainable: bool = False, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        self.affine_trainable = affine_trainable
        for names, size in ((_SUBNODES, sum(arity)), (_NODES, len(arity))):
            for name, start in zip(names, (torch.ones, torch.zeros), strict=True):
                values = start(size, dtype=dtype)
                setattr(self, name, nn.Parameter(values, requires_grad=affine_trainable))
        self._set_arity(arity)

    def _set_arity(self, arity: Sequence[int]) -> None:
        self.arity, self.count = tuple(arity), len(arity)
        device = self.node_scale.device
        owner = [node for node, factors in enumerate(arity) for _ in range(factors)]
        # the factors of every node; where there are no more, the 1 that stands after the last subnode
        factors = [
            [start + m if m < own else len(owner) for m in range(max(arity))]
            for start, own in zip(accumulate(arity, initial=0), arity, strict=False)
        ]
        self.register_buffer("owner", torch.tensor(owner, device=device), persistent=False)
        self.register_buffer("_factors", torch.tensor(factors, device=device).T, persistent=False)
        self.changed()

    def changed(self) -> None:
        """See again whether the nodes are plain; call it after changing scales or biases."""
        with torch.no_grad():
            self._affine = self.affine_trainable or not (
                bool((self.subnode_scale == 1).all() & (self.node_scale == 1).all())
                and not bool(self.subnode_bias.any() | self.node_bias.any())
            )
        self._multiplies = self.count < len(self.owner)
        self.plain = not self._affine and not self._multiplies

    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self.changed()

    def subnodes(self, node: int) -> range:
        """The subnodes of a node."""
        start = sum(self.arity[:node])
        return range(start, start + self.arity[node])

    def fed(self, subnodes: Tensor) -> Tensor:
        """Which nodes have a subnode in a mask over them: (n_subnodes,) to (n_nodes,)."""
        if not self._multiplies:
            return subnodes
        found = torch.zeros(self.count, dtype=torch.long, device=subnodes.device)
        return found.index_add(0, self.owner, subnodes.long()) > 0

    def forward(self, sums: Tensor) -> Tensor:
        """Values of the nodes: (…, n_subnodes) to (…, n_nodes)."""
        if self.plain:
            return sums
        if self._affine:
            sums = torch.addcmul(self.subnode_bias, self.subnode_scale, sums)
        if self._multiplies:
            padded = torch.cat([sums, sums.new_ones(*sums.shape[:-1], 1)], -1)
            product = padded[..., self._factors[0]]
            for factor in self._factors[1:]:
                product = product * padded[..., factor]
            sums = product
        if self._affine:
            sums = torch.addcmul(self.node_bias, self.node_scale, sums)
        return sums

    def slopes(self, sums: Tensor) -> Tensor:
        """Slope of every subnode's node by the subnode, on sums of the shape (…, n_subnodes)."""
        if self.plain:
            return torch.ones_like(sums)
        scaled = torch.addcmul(self.subnode_bias, self.subnode_scale, sums)
        padded = torch.cat([scaled, scaled.new_ones(*sums.shape[:-1], 1)], -1)
        here = torch.arange(sums.shape[-1], device=sums.device)
        slope = (self.node_scale[self.owner] * self.subnode_scale).expand_as(sums)
        for factor in self._factors:
            others = factor[self.owner]
            slope = slope * torch.where(others == here, 1.0, padded[..., others])
        return slope

    @torch.no_grad()
    def choose(self, nodes: Sequence[int]) -> list[int]:
        """Keep only these nodes, in this order; return the former places of the subnodes that stay."""
        subnodes = [subnode for node in nodes for subnode in self.subnodes(node)]
        for names, places in ((_SUBNODES, subnodes), (_NODES, list(nodes))):
            for name in names:
                self.put(name, getattr(self, name)[places])
        self._set_arity([self.arity[node] for node in nodes])
        return subnodes

    @torch.no_grad()
    def add(self, arity: Sequence[int]) -> None:
        """Add nodes of these arities after all others, with scale 1 and bias 0."""
        for names, size in ((_SUBNODES, sum(arity)), (_NODES, len(arity))):
            for name, start in zip(names, (1.0, 0.0), strict=True):
                held: Tensor = getattr(self, name)
                self.put(name, torch.cat([held, held.new_full((size,), start)]))
        self._set_arity([*self.arity, *arity])

    @torch.no_grad()
    def put(self, name: str, values: Tensor) -> None:
        """Give a scale or bias new values, of any length."""
        held: nn.Parameter = getattr(self, name)
        if held.shape == values.shape:
            held.copy_(values)
        else:
            setattr(self, name, nn.Parameter(values.clone(), requires_grad=held.requires_grad))

    def snapshot(self) -> dict[str, Any]:
        """A copy of arity, scales and biases, to `restore`."""
        state: dict[str, Any] = {
            name: getattr(self, name).detach().clone() for name in _SUBNODES + _NODES
        }
        return state | {"arity": self.arity}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Bring back the state of a `snapshot`."""
        for name in _SUBNODES + _NODES:
            self.put(name, snapshot[name])
        if self.arity != snapshot["arity"]:
            self._set_arity(snapshot["arity"])
        self.changed()
