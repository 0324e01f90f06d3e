"""Derivatives of any function of samples, by autograd: Jacobian, Hessian and Laplacian.

The rows of the samples must not touch each other: row n of f(x) depends on row n of x alone, as in a
KAN, an MLP or any formula.  Then the derivatives of one output on all rows take one backward pass, so
that a Jacobian takes as many passes as there are outputs, and a Hessian n_inputs times more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.ordinary import ordinary_tensors

Function = Callable[[Tensor], Tensor]


def jacobian(f: Function, x: Tensor, *, create_graph: bool = False) -> Tensor:
    """First derivatives of every output in every input; pykan's ``batch_jacobian``.

    Parameters
    ----------
    f : callable
        Takes (N, n_inputs) and returns (N, n_outputs), or (N,) for one output: a KAN, any
        ``nn.Module``, a lambda.
    x : Tensor, shape (N, n_inputs)
        Floating-point samples; they are not changed, nor is any gradient stored in them.
    create_graph : bool
        Whether the derivatives can be differentiated again, in the parameters of f for a loss, or in x
        where it requires a gradient.

    Returns
    -------
    Tensor, shape (N, n_outputs, n_inputs)
        Zero in an input that an output does not depend on.

    Raises
    ------
    TypeError
        If f cannot be called or does not return a tensor.
    ValueError
        If x or f(x) has another shape or is not floating point, or if an output varies over the samples
        in a way that autograd cannot follow to x (it went through numpy, ``detach`` or ``no_grad``).
    """
    return derivatives(f, x, 1, create_graph=create_graph)[1]


def hessian(f: Function, x: Tensor, *, create_graph: bool = False) -> Tensor:
    """Second derivatives of every output in every pair of inputs; pykan's ``batch_hessian``.

    Parameters
    ----------
    f, x, create_graph :
        As for `jacobian`.

    Returns
    -------
    Tensor, shape (N, n_outputs, n_inputs, n_inputs)
        Zero where f is linear, and wherever autograd says so of a kink: a ReLU network has a Hessian of
        zeros.

    Raises
    ------
    TypeError, ValueError
        As for `jacobian`.
    """
    return derivatives(f, x, 2, create_graph=create_graph)[2]


def laplacian(
    f: Function, x: Tensor, inputs: Sequence[int] | None = None, *, create_graph: bool = False
) -> Tensor:
    """Sum of the second derivatives ∂²f/∂x_i², as partial differential equations have it.

    Parameters
    ----------
    f, x, create_graph :
        As for `jacobian`.
    inputs : sequence of int, optional
        The inputs i to sum over, for instance those of space where another one is time; all where not
        given.

    Returns
    -------
    Tensor, shape (N, n_outputs)

    Raises
    ------
    TypeError, ValueError
        As for `jacobian`; ValueError also for an input that does not exist or is named twice.
    """
    with _recording():
        points = _points(x, create_graph)
        chosen = which_inputs("inputs", range(x.shape[1]) if inputs is None else inputs, x.shape[1])
        values = _values(f, points)
        slopes = _next(values, points, create_graph=True, first=True)
        total = torch.zeros_like(slopes[..., 0])
        for i in chosen:
            total = total + _next(slopes[..., i], points, create_graph)[..., i]
    return total if create_graph else total.detach()


def derivatives(
    f: Function, x: Tensor, order: int, *, create_graph: bool = False
) -> tuple[Tensor, ...]:
    """The values of f and all its derivatives up to an order, from one call of f.

    Parameters
    ----------
    f, x, create_graph :
        As for `jacobian`.
    order : int
        2 gives values, Jacobian and Hessian.

    Returns
    -------
    tuple of Tensor
        Shapes (N, n_outputs), (N, n_outputs, n_inputs), (N, n_outputs, n_inputs, n_inputs), …

    Raises
    ------
    TypeError, ValueError
        As for `jacobian`.
    """
    order = checks.whole("order", order, 0)
    with _recording():
        points = _points(x, create_graph)
        found = [_values(f, points)]
        for level in range(1, order + 1):
            again = create_graph or level < order
            found.append(_next(found[-1], points, create_graph=again, first=level == 1))
    return tuple(found) if create_graph else tuple(each.detach() for each in found)


def which_inputs(name: str, value: Any, n: int) -> list[int]:
    """One input of n or several different ones, as a list; ValueError with the argument's name otherwise."""
    found = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    whole = all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < n for i in found)
    if not whole or len(set(found)) < len(found):
        raise ValueError(
            f"{name} is {value!r}; a list of different inputs from 0 to {n - 1} is needed"
        )
    return found


@contextlib.contextmanager
def _recording() -> Iterator[None]:
    """Autograd works inside, whatever the caller has switched off."""
    with ordinary_tensors(), torch.enable_grad():
        yield


def _points(x: Tensor, create_graph: bool) -> Tensor:
    """The samples, ready to be differentiated in; still tied to x if it is to have a gradient too."""
    if not isinstance(x, Tensor):
        raise TypeError(f"x is a {type(x).__name__}; a tensor of samples (N, n_inputs) is needed")
    if x.ndim != 2 or not x.is_floating_point():
        raise ValueError(
            f"x is {x.dtype} of shape {tuple(x.shape)}; "
            "floating-point samples of the shape (N, n_inputs) are needed"
        )
    if create_graph and x.requires_grad:
        return x.view_as(x)
    return (x.clone() if x.is_inference() else x.detach()).requires_grad_()


def _values(f: Function, points: Tensor) -> Tensor:
    """f(x) of shape (N, n_outputs)."""
    if not callable(f):
        raise TypeError(f"f is a {type(f).__name__}; a function of samples (N, n_inputs) is needed")
    values = f(points)
    if not isinstance(values, Tensor):
        raise TypeError(f"f(x) is a {type(values).__name__}; a tensor is needed")
    if values.shape == (len(points),):
        values = values[:, None]
    if values.ndim != 2 or len(values) != len(points) or not values.is_floating_point():
        raise ValueError(
            f"f(x) is {values.dtype} of shape {tuple(values.shape)} for {len(points)} samples; "
            f"floating-point outputs of the shape ({len(points)}, n_outputs) are needed"
        )
    return values


def _next(values: Tensor, points: Tensor, create_graph: bool, first: bool = False) -> Tensor:
    """One more derivative: (N, …) to (N, …, n_inputs)."""
    columns = values.flatten(1).unbind(1)
    slopes = [_slopes(column, points, create_graph) for column in columns]
    if first:
        for output, (column, slope) in enumerate(zip(columns, slopes, strict=True)):
            if slope is None and bool((column != column[:1]).any()):
                raise ValueError(
                    f"output {output} of f varies over the samples but autograd cannot follow it to x:"
                    " f must be made of torch operations, without detach and no_grad"
                )
    rows = [torch.zeros_like(points) if slope is None else slope for slope in slopes]
    together = torch.stack(rows, 1) if rows else points.new_zeros(len(points), 0, points.shape[1])
    return together.unflatten(1, values.shape[1:])


def _slopes(column: Tensor, points: Tensor, create_graph: bool) -> Tensor | None:
    """Derivatives (N, n_inputs) of one number a row; None where autograd sees no way to the inputs."""
    if not column.requires_grad:
        return None
    (slopes,) = torch.autograd.grad(
        column,
        points,
        torch.ones_like(column),
        retain_graph=True,
        create_graph=create_graph,
        allow_unused=True,
    )
    return slopes
