"""What a layer multiplies its weights with: the basis functions of every input and its base function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from kanwidget import splines
from kanwidget.planes import Way, way

ALL = slice(None)
BLOCK = 20_000
"""Points that a thread computes the features of at once."""
LARGEST_KEPT = 1_000_000
"""Features of a batch are kept for the next call when they are no more numbers than this."""


def silu(x: Tensor) -> Tensor:
    """X / (1 + e^-x)."""
    return torch.nn.functional.silu(x)


def identity(x: Tensor) -> Tensor:
    """X itself."""
    return x


def _blocks(x: Tensor) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of parts of x (n, N) that are in one piece in memory.

    What is computed on the way to a part's features stays in the processor's cache.
    """
    n, samples = x.shape
    most = x.numel() if x.is_cuda else BLOCK * torch.get_num_threads()
    if samples <= most:
        step = max(1, most // max(1, samples))
        for i in range(0, n, step):
            yield (ALL if step >= n else slice(i, i + step)), ALL
    else:
        for i in range(n):
            for begin in range(0, samples, most):
                yield slice(i, i + 1), slice(begin, begin + most)


class _Planes(torch.autograd.Function):
    """The basis functions of inputs (n, N) and their base function, with an analytic derivative."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, basis: splines.Basis, way: Way, base_fun: Callable[[Tensor], Tensor]
    ) -> Tensor:
        outer, size = basis.outer, basis.size
        every = x.new_zeros(size + outer + max(outer, 1), *x.shape)
        ctx.basis, ctx.way, ctx.base_fun, ctx.kept = basis, way, base_fun, None
        for rows, columns in _blocks(x):
            part = x[rows, columns]
            alone = ctx.needs_input_grad[0] and part.numel() == x.numel()
            kept = way.fill(part, every[: size + 2 * outer, rows, columns], alone, rows)
            every[outer + size, rows, columns] = base_fun(part)
            if alone:
                ctx.kept = kept
        ctx.save_for_backward(x)
        return every[outer : outer + size + 1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None, None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None, None, None
        (x,), (grad,), basis = ctx.saved_tensors, grads, ctx.basis
        if torch.is_grad_enabled():  # a derivative of this derivative will be asked for
            planes = _plainly(x, basis, ctx.base_fun)
            (slope,) = torch.autograd.grad(planes, x, grad, create_graph=True)
            return slope, None, None, None
        outer, size = basis.outer, basis.size
        spline = grad[:size].contiguous()
        if outer:
            spline = torch.nn.functional.pad(spline, (0, 0, 0, 0, outer, outer))
        slope = torch.empty_like(x)
        for rows, columns in _blocks(x):
            part = x[rows, columns]
            total = ctx.way.slope(part, spline[:, rows, columns], ctx.kept, rows)
            total += _base_gradient(ctx.base_fun, part, grad[size, rows, columns])
            slope[rows, columns] = total
        return slope, None, None, None


def _base_gradient(base_fun: Callable[[Tensor], Tensor], x: Tensor, grad: Tensor) -> Tensor:
    if base_fun is silu:
        return torch.ops.aten.silu_backward(grad, x)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        value = base_fun(x)
        if not value.requires_grad:
            return torch.zeros_like(x)
        return torch.autograd.grad(value, x, grad, materialize_grads=True)[0]


def _plainly(x: Tensor, basis: splines.Basis, base_fun: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.cat([basis(x), base_fun(x)[None]])


BASE_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "silu": silu,
    "identity": identity,
    "zero": torch.zeros_like,
}


def base_function(base_fun: Any) -> Callable[[Tensor], Tensor]:
    """A base function by its name, or one's own."""
    if callable(base_fun):
        return base_fun
    if not isinstance(base_fun, str) or base_fun not in BASE_FUNCTIONS:
        raise ValueError(
            f"base_fun is {base_fun!r}; one of {', '.join(BASE_FUNCTIONS)} or a function is needed"
        )
    return BASE_FUNCTIONS[base_fun]


@dataclass(eq=False)
class Features:
    """Features of a batch of inputs, and what follows from them.

    Attributes
    ----------
    x : Tensor, shape (N, n_in)
    basis : splines.Basis
    changes : int
        How often x had been changed in place.
    values : Tensor, shape (G + k + 1, n_in, N)
        Planes of the basis functions, and last that of the base function.
    """

    x: Tensor
    basis: splines.Basis
    changes: int
    values: Tensor

    @cached_property
    def covariance(self) -> Tensor:
        """Of an input's features over the batch, shape (n_in, G + k + 1, G + k + 1)."""
        centred = (self.values - self.values.mean(-1, keepdim=True)).transpose(0, 1)
        return centred @ centred.mT / (len(self.x) - 1)


class Memory:
    """Computes features; keeps the basis of the knots, and the features of the last ``size`` batches.

    A fit comes back to the same training data in every iteration.  Features that autograd has to
    follow, or that inference mode has made, are never kept.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._forget()

    def _forget(self) -> None:
        self._kept: list[Features] = []
        self._basis: splines.Basis | None = None
        self._way: Way | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"size": self.size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.size = state["size"]
        self._forget()

    def look(
        self,
        x: Tensor,
        knots: Tensor,
        k: int,
        extrapolation: str,
        base_fun: Callable[[Tensor], Tensor],
    ) -> Features:
        """The features of x (N, n_in)."""
        basis = self._basis
        if basis is None or not basis.is_of(knots):
            basis = self._basis = splines.Basis(knots, k, extrapolation)
            self._way = way(basis)
        changes = splines.changes(x)
        for kept in self._kept:
            if kept.x is x and kept.basis is basis and kept.changes == changes:
                return kept
        # a base function with parameters of its own is for autograd to follow
        if torch.compiler.is_compiling() or isinstance(base_fun, torch.nn.Module):
            values = _plainly(x.T, basis, base_fun)
        else:
            values = _Planes.apply(x.T.contiguous(), basis, self._way, base_fun)
        found = Features(x, basis, changes, values)
        followed = x.requires_grad or values.requires_grad
        inference = x.is_inference() or values.is_inference()
        if self.size and not followed and not inference and values.numel() <= LARGEST_KEPT:
            self._kept = [found, *self._kept][: self.size]
        return found
