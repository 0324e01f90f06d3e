"""What a layer multiplies its weights with: the basis functions of every input and its base function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from kanwidget import splines
from kanwidget.planes import Way, way

ALL = slice(None)
BLOCK = 40_000
"""Points that a thread computes the features of at once."""
LARGEST_KEPT = 1_000_000
"""Features of a batch are kept for the next call when they are no more numbers than this."""


def silu(x: Tensor) -> Tensor:
    """X / (1 + e^-x)."""
    return torch.nn.functional.silu(x)


def identity(x: Tensor) -> Tensor:
    """X itself."""
    return x


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


def name_of_base(function: Any) -> str | None:
    """The name of a base function; None for one's own."""
    return next((name for name, each in BASE_FUNCTIONS.items() if each is function), None)


Block = tuple[slice, slice] | None
"""Rows and columns of a part of (n, N); None is all of it."""


def _blocks(x: Tensor, size: int) -> Iterator[Block]:
    """Parts of x (n, N) of about so many points, each in one piece in memory.

    What is computed on the way to a part's features stays in the processor's cache.
    """
    n, samples = x.shape
    most = x.numel() if x.is_cuda else size * torch.get_num_threads()
    if x.numel() <= most:
        yield None
    elif samples <= most:
        step = most // samples
        for i in range(0, n, step):
            yield slice(i, i + step), ALL
    else:
        for i in range(n):
            for begin in range(0, samples, most):
                yield slice(i, i + 1), slice(begin, begin + most)


def _part(tensor: Tensor, block: Block) -> Tensor:
    return tensor if block is None else tensor[..., block[0], block[1]]


@dataclass(eq=False)
class Features:
    """Features of a batch of inputs, and what follows from them.

    Attributes
    ----------
    x : Tensor, shape (N, n_in)
    basis : splines.Basis
    way : planes.Way
        How the basis functions are computed.
    base_fun : callable
    changes : int
        How often x had been changed in place.
    of : int or None
        The input that the only column of x is; else they are all inputs.
    values : Tensor, shape (G + k + 1, n_in, N)
        Planes of the basis functions, and last that of the base function; autograd does not follow them.
    """

    x: Tensor
    basis: splines.Basis
    way: Way
    base_fun: Callable[[Tensor], Tensor]
    changes: int
    of: int | None = None

    def __post_init__(self) -> None:
        with torch.no_grad():
            self._compute(self.x.detach().T.contiguous())

    def _compute(self, x: Tensor) -> None:
        outer, size, way = self.basis.outer, self.basis.size, self.way
        fresh = x.new_zeros if way.needs_zeros else x.new_empty
        every = fresh(size + outer + max(outer, 1), *x.shape)
        self._columns, self._kept = x, None
        functions, keep = every[: size + 2 * outer], self.x.requires_grad
        for block in _blocks(x, BLOCK):
            part, rows = _part(x, block), self._rows(block)
            alone = keep and block is None
            kept = way.fill(part, _part(functions, block), alone, rows)
            if alone:
                self._kept = kept
            _part(every[outer + size], block).copy_(self.base_fun(part))
        self.values = every[outer : outer + size + 1]

    def _rows(self, block: Block) -> slice:
        """Which inputs a part is of."""
        if self.of is not None:
            return slice(self.of, self.of + 1)
        return block[0] if block else ALL

    def gradient(self, grad: Tensor) -> Tensor:
        """Gradient by x (N, n_in) from that by the values."""
        return self._gradient(lambda block: _part(grad, block), BLOCK)

    def gradient_through(self, weights: Tensor, grad: Tensor) -> Tensor:
        """The same from weights (n_out, G + k + 1, n_in) and the gradient (n_out, N) by their sums."""

        def by_values(block: Block) -> Tensor:
            rows, columns = block or (ALL, ALL)
            chosen = weights[:, :, rows].flatten(1)
            return (chosen.T @ grad[:, columns]).unflatten(0, (weights.shape[1], -1))

        return self._gradient(by_values, BLOCK)

    def _gradient(self, by_values: Callable[[Block], Tensor], points: int) -> Tensor:
        x, outer, size = self._columns, self.basis.outer, self.basis.size
        slope = torch.empty_like(x)
        for block in _blocks(x, points):
            part, rows, grad = _part(x, block), self._rows(block), by_values(block)
            kept = self._kept if block is None else None
            spline = grad[:size]
            if outer:
                spline = pad(spline, (0, 0, 0, 0, outer, outer))
            total = self.way.slope(part, spline, kept, rows)
            by_base = _base_gradient(self.base_fun, part, grad[size])
            torch.add(total, by_base, out=_part(slope, block))
        return slope.T

    def followed(self) -> Tensor:
        """The values for autograd to follow."""
        return _Followed.apply(self.x, self) if self.x.requires_grad else self.values

    @cached_property
    def covariance(self) -> Tensor:
        """Of an input's features over the batch, shape (n_in, G + k + 1, G + k + 1)."""
        return covariance(self.values)


def covariance(values: Tensor) -> Tensor:
    """Of each input's features (G + k + 1, n_in, N): shape (n_in, G + k + 1, G + k + 1)."""
    centred = (values - values.mean(-1, keepdim=True)).transpose(0, 1)
    return centred @ centred.mT / (values.shape[-1] - 1)


def plainly(
    x: Tensor, basis: splines.Basis, base_fun: Callable[[Tensor], Tensor], inputs: slice = ALL
) -> Tensor:
    """Features, or those of some inputs, by operations that autograd can follow any number of times."""
    return torch.cat([basis(x.T, inputs), base_fun(x.T)[None]])


class _Followed(torch.autograd.Function):
    """Values of features, with their analytic derivative."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, seen: Features) -> Tensor:
        ctx.seen = seen
        ctx.save_for_backward(x)
        return seen.values.detach()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None]:
        (x,), seen = ctx.saved_tensors, ctx.seen
        if not torch.is_grad_enabled():
            return seen.gradient(grads[0].contiguous()), None
        # a derivative of this derivative will be asked for
        values = plainly(x, seen.basis, seen.base_fun, seen._rows(None))
        return torch.autograd.grad(values, x, grads[0], create_graph=True)[0], None


def _base_gradient(base_fun: Callable[[Tensor], Tensor], x: Tensor, grad: Tensor) -> Tensor:
    if base_fun is silu:
        return torch.ops.aten.silu_backward(grad, x)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        value = base_fun(x)
        if not value.requires_grad:
            return torch.zeros_like(x)
        return torch.autograd.grad(value, x, grad, materialize_grads=True)[0]


class Memory:
    """Computes features; keeps the basis of the knots, and the features of the last ``size`` batches.

    A fit comes back to the same training data in every iteration.  Features that autograd has to
    follow, or that inference mode has made, are never kept.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self.forget()

    def forget(self) -> None:
        """Keep nothing."""
        self._kept: list[Features] = []
        self._basis: splines.Basis | None = None
        self._way: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {"size": self.size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.size = state["size"]
        self.forget()

    def basis(self, knots: Tensor, k: int, extrapolation: str) -> splines.Basis:
        """The basis of knots, prepared."""
        if torch.compiler.is_compiling() and self._basis is not None:
            return self._basis  # tensors cannot be asked there whether they changed
        if self._basis is None or not self._basis.is_of(knots):
            basis = splines.Basis(knots, k, extrapolation)
            # both at once: an interrupt must not leave the one without the other
            self._way, self._basis = way(basis), basis
        return self._basis

    def look(
        self,
        x: Tensor,
        knots: Tensor,
        k: int,
        extrapolation: str,
        base_fun: Callable[[Tensor], Tensor],
        keep: bool = True,
        of: int | None = None,
    ) -> Features:
        """The features of x (N, n_in), kept if they may be; or of one input alone, x (N, 1)."""
        basis = self.basis(knots, k, extrapolation)
        if of is not None:
            return Features(x, basis, self._way, base_fun, splines.changes(x), of)
        changes = splines.changes(x)
        for kept in self._kept:
            if kept.x is x and kept.basis is basis and kept.changes == changes:
                return kept
        found = Features(x, basis, self._way, base_fun, changes)
        followed = x.requires_grad or x.is_inference() or torch.is_inference_mode_enabled()
        if keep and self.size and not followed and found.values.numel() <= LARGEST_KEPT:
            self._kept = [found, *self._kept][: self.size]
        return found
