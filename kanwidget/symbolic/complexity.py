"""How much a person has to read for each function, which a person can change, and for a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from kanwidget import checks
from kanwidget.network import Network
from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction

USUAL_WEIGHT = 0.8
"""Of simplicity in pykan's score of a function."""


def set_complexity(name: str, complexity: float | None) -> None:
    """Make suggestions weigh a function otherwise for this process; None brings its own weight back.

    Parameters
    ----------
    name : str
        Of a function of the library.
    complexity : float or None
        At least 0; the library's own are 0 for ``0``, 1 for ``x``, 2 for ``sin`` and so on.

    Raises
    ------
    KeyError
        If the name is unknown.
    ValueError
        If the complexity is negative or no finite number.
    """
    function = library.get(name)
    if complexity is None:
        library.CHANGED.pop(function.name, None)
    else:
        library.CHANGED[function.name] = checks.number("complexity", complexity, least=0)


def complexities(weights: Mapping[str, float] | None = None) -> dict[SymbolicFunction, float]:
    """Complexities that differ from the functions' own: those of a call, then those of the process.

    Raises
    ------
    KeyError
        If a name is unknown.
    TypeError
        If `weights` is no mapping.
    ValueError
        If a weight is negative or no finite number.
    """
    if weights is not None and not isinstance(weights, Mapping):
        raise TypeError(f"weights is {weights!r:.60}; a dictionary such as {{'sin': 1}} is needed")
    known = {
        library.LIBRARY[name]: value
        for name, value in library.CHANGED.items()
        if name in library.LIBRARY
    }
    for name, value in (weights or {}).items():
        known[library.get(name)] = checks.number(f"weights[{name!r}]", value, least=0)
    return known


def weighed(
    weight_simple: float, weights: Mapping[str, float] | None = None
) -> Mapping[str, float] | None:
    """Complexities for pykan's ``weight_simple``, which weighs them against 1 - R²; 0.8 leaves them.

    ValueError where it is not from 0, which leaves complexity out, to less than 1.
    """
    share = checks.number("weight_simple", weight_simple, least=0, most=1)
    if share == 1:
        raise ValueError(
            "weight_simple is 1, with which nothing but complexity counts; less is needed"
        )
    if share == USUAL_WEIGHT:
        return weights
    factor = share / (1 - share) * (1 - USUAL_WEIGHT) / USUAL_WEIGHT
    changed = complexities(weights)
    return {
        name: factor * changed.get(function, function.complexity)
        for name, function in library.LIBRARY.items()
    }


@torch.no_grad()
def network_complexity(network: Network) -> float:
    """How much a person has to read of a network: what its live edges add up to.

    A symbolic edge counts what its function does for suggestions, changes by `set_complexity`
    included; its four numbers are free.  A spline counts G + k + 1, its coefficients and the weight
    of the base function, so that any function of the library is simpler than a curve.  An edge that
    is both counts both.  Removed edges and nodes, sums and products, count nothing.

    Parameters
    ----------
    network : Network

    Returns
    -------
    float
    """
    changed = complexities()
    total = 0.0
    for layer in network.layers:
        splines = int((layer.alive & layer.numeric).sum())
        total += splines * (layer.grid + layer.k + 1)
        for function, outputs, _ in layer.symbolic_groups():
            of_function: Any = function  # edges keep functions of the library, or made like these
            total += len(outputs) * changed.get(of_function, of_function.complexity)
    return total
