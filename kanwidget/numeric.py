"""The numeric part of a layer: features times weights, with analytic derivatives.

y = W F + constant,  W = (coef · scale_sp, scale_base),  F = (basis functions, base function)
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kanwidget.features import Features, plainly

Masks = tuple[Tensor | None, Tensor | None]
"""Of active edges, and of those that are trained, (n_out, n_in) in numbers; None stands for all."""


def plain_weights(
    coef: Tensor, scale_base: Tensor, scale_sp: Tensor, active: Tensor | None
) -> Tensor:
    """Weights of all features (n_out, G + k + 1, n_in), by operations that autograd can follow."""
    if active is not None:
        scale_base, scale_sp = scale_base * active, scale_sp * active
    spline = coef.transpose(1, 2) * scale_sp[:, None]
    return torch.cat([spline, scale_base[:, None]], 1)


def _weights(coef: Tensor, scale_base: Tensor, scale_sp: Tensor, active: Tensor | None) -> Tensor:
    """The same, written in place."""
    if active is not None:
        scale_base, scale_sp = scale_base * active, scale_sp * active
    n_out, n_in, size = coef.shape
    weights = coef.new_empty(n_out, size + 1, n_in)
    torch.mul(coef.transpose(1, 2), scale_sp[:, None], out=weights[:, :size])
    weights[:, size] = scale_base
    return weights


def _by_parameters(
    grad: Tensor, coef: Tensor, scale_sp: Tensor, free: Tensor | None, needed: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Gradients by coef, scale_base and, if needed, scale_sp from that by the weights."""
    spline, base = grad[:, :-1], grad[:, -1]
    by_scale = None
    if needed:  # plane after plane, which takes no more memory than the result
        planes = zip(spline.unbind(1), coef.unbind(2), strict=True)
        by_scale = torch.zeros_like(scale_sp)
        for grads, values in planes:
            by_scale.addcmul_(grads, values)
    if free is not None:
        scale_sp, base = scale_sp * free, base * free
        by_scale = None if by_scale is None else by_scale * free
    return (spline * scale_sp[:, None]).transpose(1, 2), base, by_scale


class Weights(torch.autograd.Function):
    """Weights from coefficients and scales."""

    @staticmethod
    def forward(
        ctx: Any, coef: Tensor, scale_base: Tensor, scale_sp: Tensor, masks: Masks
    ) -> Tensor:
        active, free = masks
        ctx.save_for_backward(coef, scale_sp, free)
        return _weights(coef, scale_base, scale_sp, active)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        coef, scale_sp, free = ctx.saved_tensors
        return *_by_parameters(grads[0], coef, scale_sp, free, ctx.needs_input_grad[2]), None


class Sums(torch.autograd.Function):
    """W F + constant, (N, n_out), in one piece."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        coef: Tensor,
        scale_base: Tensor,
        scale_sp: Tensor,
        constant: Tensor,
        masks: Masks,
        seen: Features,
    ) -> Tensor:
        weights = _weights(coef, scale_base, scale_sp, masks[0])
        ctx.seen, ctx.masks = seen, masks
        ctx.save_for_backward(x, coef, scale_base, scale_sp, weights if x.requires_grad else None)
        return torch.addmm(constant[:, None], weights.flatten(1), seen.values.flatten(0, 1)).T

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, coef, scale_base, scale_sp, weights = ctx.saved_tensors
        needs, seen, grad = ctx.needs_input_grad, ctx.seen, grads[0].T
        if torch.is_grad_enabled():  # derivatives of these derivatives will be asked for
            return _again(ctx, grads[0], x, coef, scale_base, scale_sp)
        features = seen.values.flatten(0, 1)
        by_x = by_coef = by_base = by_scale = None
        if needs[0]:
            by_x = seen.gradient_through(weights, grad)
        if any(needs[1:4]):
            by_weights = (grad @ features.T).view(len(coef), -1, coef.shape[1])
            by_coef, by_base, by_scale = _by_parameters(
                by_weights, coef, scale_sp, ctx.masks[1], needs[3]
            )
        return by_x, by_coef, by_base, by_scale, None, None, None


def _again(ctx: Any, grad: Tensor, *inputs: Tensor) -> tuple[Tensor | None, ...]:
    x, coef, scale_base, scale_sp = inputs
    active, free = ctx.masks
    weights = plain_weights(coef, scale_base, scale_sp, active)
    if free is not None:
        fixed = weights.detach()
        weights = torch.where(free[:, None] > 0, weights, fixed)
    features = plainly(x, ctx.seen.basis, ctx.seen.base_fun)
    sums = (weights.flatten(1) @ features.flatten(0, 1)).T
    wanted = [each for each, need in zip(inputs, ctx.needs_input_grad, strict=False) if need]
    found = iter(torch.autograd.grad(sums, wanted, grad, create_graph=True, materialize_grads=True))
    return *(next(found) if need else None for need in ctx.needs_input_grad[:4]), None, None, None
