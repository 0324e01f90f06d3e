"""Functions for a network of splines, two for every edge that no single one follows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

from kanwidget.discovery import functions
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.expressions import Composite, composites
from kanwidget.discovery.functions import Found, Stage
from kanwidget.discovery.numeric import Fit
from kanwidget.discovery.refit import refit
from kanwidget.discovery.unfold import unfold
from kanwidget.symbolic.edges import curves
from kanwidget.symbolic.function import SymbolicFunction

NEAR = 10
"""A function is close enough whose error is so many times that of the fit of splines."""
BETTER = 1.0
"""Decades of the score by which two functions must be better than one."""


def with_composites(
    one: Fit, data: Evidence, lib: list[SymbolicFunction], give_up: Callable[[], bool]
) -> Found | None:
    """Give every edge a function, or two that are a sum, a chain or a product; None if it gave up.

    Parameters
    ----------
    one : Fit
    data : Evidence
    lib : list of SymbolicFunction
    give_up : callable
        Asked before every edge that needs two.
    """
    network, best, road = one.network, copy.deepcopy(one.network), []
    options = functions.choices(network, data, lib, closest=-math.inf)
    for l in reversed(range(network.depth)):
        doubles: dict[tuple[int, int], Composite] = {}
        for option in (option for option in options if option.edge[0] == l):
            first = option.candidates[0] if option.candidates else None
            close = (NEAR * one.error / max(option.share, 1e-9)) ** 2
            if first is None or 1 - first.r2 >= close:
                if give_up():
                    return None
                seen = curves(network, [option.edge], data.x)
                found = composites(seen.x[0], seen.y[0], lib, network.layers[l], give_up, close)
                if not found:
                    return None
                if first is None or found[0].score < first.score - BETTER:
                    doubles[option.edge[1:]] = found[0]
                    continue
            functions.substitute(best, option.edge, first)
            road.append(functions.fixed(option.edge, first, copy.deepcopy(best)))
        if doubles:
            best = unfold(best, l, doubles)
            words = ", ".join(f"({l}, {i}, {j}) is {two}" for (i, j), two in doubles.items())
            road.append(Stage("unfold", words, {"layer": l}, copy.deepcopy(best)))
    refit(best, data.x, data.y, functions.FINISHING)
    road.append(functions.refitted(best))
    return Found(best, data.error(best), tuple(road))
