"""A function an edge can be turned into, and what the fit and the formula need to know of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from kanwidget.symbolic.differentiable import Elementwise, Followed, autograd_follows

INF = math.inf


@dataclass(frozen=True, eq=False)
class SymbolicFunction:
    """A function of one variable, as torch evaluates it and as sympy writes it.

    Parameters
    ----------
    name : str
        What a person types and reads, for example ``"x^2"``.
    torch : callable
        Elementwise f(u) on a tensor of any shape; nan outside the domain, never a clipped value.
    derivative : callable
        Elementwise f'(u).
    sympy : callable
        Maps a sympy expression u to the sympy expression f(u).
    complexity : float
        How much a person has to read; smaller is preferred when two functions fit equally well.
    domain : str
        The domain in words, for messages.
    interval : tuple of float
        One interval (low, high) on which f is smooth. Data mapped by u = a·x + b must lie inside it.
    closed : bool
        Whether f is finite at the finite ends of ``interval``.
    absorbs : {"nothing", "scale", "shift", "both"}
        What of u = a·x + b the outer c and d take over: "scale" means f(λu) is affine in f(u) for λ > 0
        (powers, log), "shift" that f(u + t) is (exp), "both" that a and b are free (x, 0).
    mirror : tuple of float or None
        (s, t) where f(-u) = s·f(u) + t; None where there is no such law.
    period : float or None
        The period of f.
    """

    name: str
    torch: Elementwise
    derivative: Elementwise
    sympy: Callable[[Any], Any]
    complexity: float
    domain: str = "all"
    interval: tuple[float, float] = (-INF, INF)
    closed: bool = False
    absorbs: Literal["nothing", "scale", "shift", "both"] = "nothing"
    mirror: tuple[float, float] | None = None
    period: float | None = None

    def __call__(self, u: Tensor) -> Tensor:
        """f(u), elementwise."""
        return self.torch(u)

    def __reduce__(self) -> Any:
        # lambdas do not pickle: a library function travels as its name
        from kanwidget.symbolic.library import LIBRARY, get

        return (get, (self.name,)) if LIBRARY.get(self.name) is self else super().__reduce__()

    def __deepcopy__(self, memo: Any) -> SymbolicFunction:
        return self

    def __repr__(self) -> str:
        return (
            f"SymbolicFunction({self.name!r}, complexity={self.complexity}, domain={self.domain!r})"
        )


def own_function(
    name: str,
    torch_function: Elementwise,
    sympy_function: Callable[[Any], Any] | None = None,
    complexity: int = 3,
    interval: tuple[float, float] = (-INF, INF),
) -> SymbolicFunction:
    """Make a function of one's own, its derivative taken by autograd, or by differences.

    Parameters
    ----------
    name : str
        The name under which it is shown.
    torch_function : callable
        Elementwise f(u); where torch cannot differentiate it, differences do.
    sympy_function : callable, optional
        Maps a sympy expression to f of it. Without one the formula shows ``name(u)``.
    complexity : int
        See `SymbolicFunction`.
    interval : tuple of float
        The open interval on which f is defined and smooth.

    Returns
    -------
    SymbolicFunction

    Raises
    ------
    TypeError
        If the name is not a string or a function is not callable.
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"name must be a non-empty string, not {name!r}.")
    if not callable(torch_function):
        raise TypeError(f"torch_function must be callable, not {torch_function!r}.")

    follows = autograd_follows(torch_function, interval)
    kept = follows or isinstance(torch_function, Followed)
    values = torch_function if kept else Followed(torch_function, interval)

    def derivative(u: Tensor) -> Tensor:
        if isinstance(values, Followed):
            return values.derivative(u)
        with torch.enable_grad():
            point = u.detach().requires_grad_()
            (slope,) = torch.autograd.grad(values(point).sum(), point)
        return slope

    def undefined(u: Any) -> Any:
        import sympy

        return sympy.Function(name)(u)

    everywhere = interval == (-INF, INF)
    return SymbolicFunction(
        name,
        values,
        derivative,
        sympy_function or undefined,
        complexity,
        domain="all" if everywhere else f"{interval[0]:g} < u < {interval[1]:g}",
        interval=interval,
    )
