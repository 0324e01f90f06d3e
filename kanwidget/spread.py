"""How much the values of a layer vary over a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class EdgeStatistics:
    """Spread of a layer's values over a batch, as standard deviations (n - 1 in the denominator).

    Attributes
    ----------
    spline : Tensor, shape (n_out, n_in)
        Of the numeric part of every edge's output.
    edge : Tensor, shape (n_out, n_in)
        Of every edge's whole output.
    inputs : Tensor, shape (n_in,)
    outputs : Tensor, shape (n_out,)
    owner : Tensor of int, shape (n_out,), or None
        The node of every output, where nodes multiply several; else each is a node.
    """

    spline: Tensor
    edge: Tensor
    inputs: Tensor
    outputs: Tensor
    owner: Tensor | None = None


class _Root(torch.autograd.Function):
    """Square root with slope 0, not infinity, where an edge does not vary at all."""

    @staticmethod
    def forward(ctx: Any, variance: Tensor) -> Tensor:
        root = variance.clamp_min(0).sqrt()
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (root,) = ctx.saved_tensors
        varies = root > 0
        return torch.where(varies, 0.5 * grads[0] / torch.where(varies, root, 1.0), 0.0)


def root(variance: Tensor) -> Tensor:
    """Standard deviations of variances; their slope is 0 where there is no variance."""
    return _Root.apply(variance)
