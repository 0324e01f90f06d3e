"""Symbolic functions of pykan's edges: those of our library, or the very ones taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from kanwidget.symbolic.function import SymbolicFunction, own_function
from kanwidget.symbolic.library import LIBRARY

POINTS = torch.linspace(-3.7, 4.3, 57, dtype=torch.float64)
"""Two functions that agree here are the same one."""


class Functions:
    """Finds what a function is by its name, and by what it does where it is at hand.

    Parameters
    ----------
    given : mapping of str to callable or SymbolicFunction, optional
        What names mean that the library lacks.

    Raises
    ------
    TypeError
        If it is no such mapping.
    """

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        named = {} if given is None else given
        if not isinstance(named, Mapping) or not all(callable(each) for each in named.values()):
            raise TypeError(
                f"functions is {given!r:.60}; a dictionary of names and functions of a tensor is needed"
            )
        self._given = {
            str(name): each if isinstance(each, SymbolicFunction) else own_function(str(name), each)
            for name, each in named.items()
        }
        self._taken: dict[int, SymbolicFunction] = {}

    def named(self, name: Any, where: str) -> SymbolicFunction:
        """The function of a name.

        Raises
        ------
        ValueError
            If neither the library nor what was given knows it.
        """
        if isinstance(name, str) and name in self._given:
            return self._given[name]
        if isinstance(name, str) and name in LIBRARY:
            return LIBRARY[name]
        raise ValueError(
            f"{where} is the function {name!r:.60}, which the library lacks; pass "
            "functions={name: function}, or make it known by kanwidget.add_symbolic"
        )

    def live(
        self, name: Any, function: Callable[[Tensor], Tensor], sympy: Any = None
    ) -> SymbolicFunction:
        """The one of a live edge: its name may be wrong there, what it computes is not."""
        key = id(function)
        if key not in self._taken:
            self._taken[key] = self._recognized(name, function) or self._own(name, function, sympy)
        return self._taken[key]

    def _recognized(
        self, name: Any, function: Callable[[Tensor], Tensor]
    ) -> SymbolicFunction | None:
        if isinstance(name, str) and name in self._given:
            return self._given[name]
        likely = [LIBRARY[name]] if isinstance(name, str) and name in LIBRARY else []
        values = function(POINTS)
        return next((f for f in (*likely, *LIBRARY.values()) if _agree(values, f(POINTS))), None)

    def _own(self, name: Any, function: Callable[[Tensor], Tensor], sympy: Any) -> SymbolicFunction:
        """A function of somebody's own; pykan calls those that came without a name anonymous."""
        called = name if isinstance(name, str) and name != "anonymous" else ""
        called = called or getattr(function, "__name__", "").removeprefix("special_")
        called = called if called.isidentifier() else "f"
        others = {each.name for each in self._taken.values()} | LIBRARY.keys()
        free = (called, *(f"{called}_{n}" for n in range(2, len(others) + 3)))
        unused = next(each for each in free if each not in others)
        return own_function(unused, function, None if sympy is function else sympy)


def _agree(a: Any, b: Tensor) -> bool:
    """Whether values are the same where both are finite, and both are finite at the same points."""
    if not isinstance(a, Tensor) or a.shape != b.shape:
        return False
    finite = b.isfinite()
    return bool(torch.equal(a.isfinite(), finite)) and torch.allclose(
        a[finite].to(b.dtype), b[finite], rtol=1e-6, atol=1e-9
    )
