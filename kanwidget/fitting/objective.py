"""The objective of a fit as an optimizer sees it: a number and a gradient for a vector of parameters."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from kanwidget.fitting.losses import Loss
from kanwidget.fitting.penalties import Penalty
from kanwidget.network import Network


class Batch(NamedTuple):
    """Inputs (N, n_inputs) and labels, as the loss takes them, of some samples."""

    x: Tensor
    y: Tensor


class Problem:
    """A network's parameters as one vector, and the objective on a batch.

    Parameters that the objective does not depend on are left out, and numbers of edges that are not
    there stay as they are whatever an optimizer does, weight decay too: an edge comes back as it was.

    Parameters
    ----------
    network : Network
    loss : Loss
    penalty : Penalty
    batch : Batch

    Attributes
    ----------
    batch : Batch
    parameters : list of Tensor
    start : Tensor
        The vector at the start.
    at : Tensor or None
        The vector that the network has now, as it was given to `assign`; None if it has another.
    loss_value, reg_value, prediction : Tensor
        Of the last evaluation; ``reg_value`` is None where the penalty was not looked at.
    """

    @torch.enable_grad()
    def __init__(self, network: Network, loss: Loss, penalty: Penalty, batch: Batch) -> None:
        self.network, self.batch = network, batch
        self._loss, self._penalty = loss, penalty
        self.reg_value: Tensor | None = None
        value = self._value()
        trained = [p for p in network.parameters() if p.requires_grad]
        found: tuple[Tensor | None, ...] = ()
        if value.requires_grad:
            found = torch.autograd.grad(value, trained, allow_unused=True)
        reached = [(p, g) for p, g in zip(trained, found, strict=False) if g is not None]
        self.parameters: list[Tensor] = [parameter for parameter, _ in reached]
        self._sizes = [p.numel() for p in self.parameters]
        self._orders = [_order_in_memory(p) for p in self.parameters]
        self._targets = [
            p.detach().permute(order)
            for p, order in zip(self.parameters, self._orders, strict=True)
        ]
        self.start = self.vector()
        self.at: Tensor | None = self.start
        masks = held_back(network, self.parameters)
        self._held: Tensor | None = None
        if any(mask is not None for mask in masks):
            self._held = self._joined(
                [
                    torch.zeros_like(p, dtype=torch.bool)
                    if mask is None
                    else mask.reshape(*mask.shape, *[1] * (p.ndim - mask.ndim)).expand(p.shape)
                    for p, mask in zip(self.parameters, masks, strict=True)
                ]
            )
        self._kept = self.start if self._held is None else self.start.clone()
        self._first: tuple[Tensor, list[Tensor]] | None = (
            value.detach(),
            [g for _, g in reached],
        )

    def vector(self) -> Tensor:
        """The parameters as they are now."""
        return self._joined([p.detach() for p in self.parameters])

    def _joined(self, tensors: list[Tensor]) -> Tensor:
        """Tensors like the parameters as one vector, in the order in which parameters lie in memory."""
        if not tensors:
            return torch.zeros(0, dtype=self.network.dtype, device=self.network.device)
        parts = zip(tensors, self._orders, strict=True)
        return torch.cat([tensor.permute(order).reshape(-1) for tensor, order in parts])

    @torch.no_grad()
    def assign(self, vector: Tensor) -> None:
        """Set the network to a vector of parameters."""
        values = vector if self._held is None else torch.where(self._held, self._kept, vector)
        if self.parameters:
            parts = zip(self._targets, values.split(self._sizes), strict=True)
            torch._foreach_copy_(self._targets, [part.view(p.shape) for p, part in parts])
        self.at, self._first = vector, None

    @torch.no_grad()
    def assign_all(self, values: Tensor) -> None:
        """Set all trained parameters, one after the other, to a vector."""
        trained = [p for p in self.network.parameters() if p.requires_grad]
        for parameter, part in zip(
            trained, values.split([p.numel() for p in trained]), strict=True
        ):
            parameter.copy_(part.view(parameter.shape))
        self.at = self._first = None

    def take(self, batch: Batch) -> None:
        """Go on with another batch."""
        self.batch, self._first = batch, None

    def __call__(self, vector: Tensor) -> tuple[float, Tensor]:
        """The objective at a vector of parameters, and its gradient; the network is set to it."""
        if vector is not self.at:
            self.assign(vector)
        value, gradients = self.differentiate()
        gradient = self._joined(gradients)
        if self._held is not None:
            gradient = gradient.masked_fill_(self._held, 0.0)
        return value.item(), gradient

    @torch.enable_grad()
    def differentiate(self) -> tuple[Tensor, list[Tensor]]:
        """The objective as the network is now, and its gradient, one tensor a parameter."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        self.network.heed()
        value = self._value()
        if not self.parameters:
            return value, []
        gradients = torch.autograd.grad(value, self.parameters, materialize_grads=True)
        return value.detach(), list(gradients)

    @torch.no_grad()
    def look(self) -> None:
        """Evaluate the objective where the network is, for what is told of it."""
        self._value()

    def _value(self) -> Tensor:
        x, y = self.batch
        if not self._penalty.lamb:
            prediction = self.network(x)
            value = loss = self._loss(prediction, y)
        else:
            prediction, statistics = self.network.forward_with_statistics(x)
            loss, reg = self._loss(prediction, y), self._penalty(self.network, statistics)
            value = loss + self._penalty.lamb * reg
            self.reg_value = reg.detach()
        self.prediction, self.loss_value = prediction.detach(), loss.detach()
        return value


def _order_in_memory(tensor: Tensor) -> list[int]:
    """The dimensions, from that of the largest stride to that of the smallest."""
    return sorted(range(tensor.ndim), key=tensor.stride, reverse=True)


def held_back(network: Network, parameters: list[Tensor]) -> list[Tensor | None]:
    """For each parameter a mask of what is locked or belongs to edges not there; None if nothing."""
    masks: dict[int, Tensor] = {}
    for layer in network.layers:
        spline = ~(layer.alive & layer.numeric) | layer.locked
        function = ~(layer.alive & layer.symbolic) | layer.locked
        masks |= {id(p): spline for p in (layer.coef, layer.scale_base, layer.scale_sp)}
        masks[id(layer.affine)] = function[..., None] | layer.held
    found = [masks.get(id(p)) for p in parameters]
    return [mask if mask is not None and bool(mask.any()) else None for mask in found]
