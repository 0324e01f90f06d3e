"""Derivatives in samples and in parameters, with pykan's arguments and shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from kanwidget import derivatives
from kanwidget.fitting.penalties import REG_METRICS, Penalty
from kanwidget.network import Network
from kanwidget.ordinary import ordinary_tensors

Function = Callable[[Tensor], Tensor]
LOSSES = ("pred", "reg", "all")


def batch_jacobian(
    func: Function, x: Tensor, create_graph: bool = False, mode: str = "scalar"
) -> Tensor:
    """First derivatives of a function of samples; pykan's ``kan.utils.batch_jacobian``.

    Parameters
    ----------
    func : callable
        (N, n_inputs) to (N, n_outputs); see `kanwidget.derivatives.jacobian`.
    x : Tensor, shape (N, n_inputs)
    create_graph : bool
    mode : {'scalar', 'vector'}
        For one output, or for any number of them.

    Returns
    -------
    Tensor, shape (N, n_inputs) or (N, n_outputs, n_inputs)

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.derivatives.jacobian`; ValueError also for another mode, and for 'scalar' with
        several outputs, of which pykan gives the first and says nothing.
    """
    if mode not in ("scalar", "vector"):
        raise ValueError(f"mode is {mode!r}; 'scalar' or 'vector' is needed")
    found = derivatives.jacobian(func, x, create_graph=create_graph)
    return found if mode == "vector" else _only(found, "; mode='vector' gives all")


def batch_hessian(model: Function, x: Tensor, create_graph: bool = False) -> Tensor:
    """Second derivatives of a function with one output; pykan's ``kan.utils.batch_hessian``.

    Returns
    -------
    Tensor, shape (N, n_inputs, n_inputs)

    Raises
    ------
    TypeError, ValueError
        As for `batch_jacobian`.
    """
    found = derivatives.hessian(model, x, create_graph=create_graph)
    return _only(found, "; kanwidget.hessian gives all")


def _only(found: Tensor, otherwise: str) -> Tensor:
    if found.shape[1] != 1:
        raise ValueError(f"the function has {found.shape[1]} outputs; one is needed{otherwise}")
    return found[:, 0]


def model2param(model: nn.Module) -> Tensor:
    """All parameters of a model in one vector (P,); pykan's ``kan.utils.model2param``.

    Of a KAN here these are fewer than in pykan, where knots and masks are parameters too.
    """
    return torch.cat([parameter.reshape(-1) for parameter in model.parameters()])


def get_derivative(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    derivative: str = "hessian",
    loss_mode: str = "pred",
    reg_metric: str = "w",
    lamb: float = 0.0,
    lamb_l1: float = 1.0,
    lamb_entropy: float = 0.0,
) -> Tensor:
    """Derivatives of a loss in all parameters; pykan's ``kan.utils.get_derivative``.

    Parameters
    ----------
    model : KAN, or pykan's MLP as `kanwidget.compat.pykan.MLP`
        Is not changed; pykan writes a copy to disk.
    inputs, labels : Tensor, shapes (N, n_inputs) and (N, n_outputs)
    derivative : {'hessian', 'jacobian'}
    loss_mode : {'pred', 'reg', 'all'}
        Mean squared error, penalty, or error + lamb · penalty.
    reg_metric, lamb_l1, lamb_entropy :
        Of the penalty.  A KAN has those of ``KAN.fit`` (the first of them where this is 'w'), with
        which pykan raises for lack of two arguments.

    Returns
    -------
    Tensor, shape (1, P) or (1, P, P)
        In the order of `model2param`.

    Raises
    ------
    ValueError
        For another derivative or loss_mode, or labels that do not fit.
    """
    if derivative not in ("hessian", "jacobian"):
        raise ValueError(f"derivative is {derivative!r}; 'hessian' or 'jacobian' is needed")
    if loss_mode not in LOSSES:
        raise ValueError(f"loss_mode is {loss_mode!r}; one of {', '.join(LOSSES)} is needed")
    with ordinary_tensors(), torch.enable_grad():
        parameters = list(model.parameters())
        trained = [parameter.requires_grad for parameter in parameters]
        for parameter in parameters:
            parameter.requires_grad_()
        try:
            loss = _loss(model, inputs, labels, loss_mode, reg_metric, lamb, lamb_l1, lamb_entropy)
            slopes = _gradient(loss, parameters, derivative == "hessian")
            if derivative == "jacobian":
                return slopes.detach()[None]
            rows = [_gradient(slope, parameters, False, keep=True) for slope in slopes]
            return torch.stack(rows).detach()[None]
        finally:
            for parameter, was in zip(parameters, trained, strict=True):
                parameter.requires_grad_(was)


def _loss(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    mode: str,
    metric: str,
    lamb: float,
    lamb_l1: float,
    lamb_entropy: float,
) -> Tensor:
    predicted = model(inputs)
    if predicted.shape != labels.shape:
        raise ValueError(
            f"labels have the shape {tuple(labels.shape)}; {tuple(predicted.shape)} is needed"
        )
    error = (predicted - labels.to(predicted)).square().mean()
    if mode == "pred":
        return error
    if isinstance(model, Network):
        known = REG_METRICS[0] if metric == "w" else metric
        if known not in REG_METRICS:
            raise ValueError(f"reg_metric is {metric!r}; one of {', '.join(REG_METRICS)} is needed")
        weights = Penalty(1.0, lamb_l1, lamb_entropy, reg_metric=known)
        penalty = weights(model, model.forward_with_statistics(inputs)[1])
    else:
        own: Any = model
        penalty = own.get_reg(metric, lamb_l1, lamb_entropy)
    return penalty if mode == "reg" else error + lamb * penalty


def _gradient(
    value: Tensor, parameters: list[nn.Parameter], again: bool, keep: bool = False
) -> Tensor:
    """Derivatives of a number in all parameters (P,); 0 in those that it does not depend on."""
    if not value.requires_grad:
        return torch.cat([torch.zeros_like(each).reshape(-1) for each in parameters])
    slopes = torch.autograd.grad(
        value, parameters, create_graph=again, retain_graph=again or keep, allow_unused=True
    )
    filled = (
        torch.zeros_like(p) if s is None else s for p, s in zip(parameters, slopes, strict=True)
    )
    return torch.cat([each.reshape(-1) for each in filled])
