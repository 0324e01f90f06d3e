"""From data to a formula: the search, the choice among what it found, and constants made exact."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy
import torch

from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.front import Entry, chosen, complexity, pareto
from kanwidget.discovery.functions import Found, Stage
from kanwidget.discovery.gauge import canonical
from kanwidget.discovery.search import Progress, Search
from kanwidget.discovery.snap import snap_all
from kanwidget.formula import symbolic_formula
from kanwidget.network import Network, Snapshot
from kanwidget import reshaping
from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction


@dataclass(frozen=True, eq=False)
class Discovery:
    """What `KAN.auto` found.

    Attributes
    ----------
    expressions : list of sympy.Expr
        One an output, with constants that the data allow to be exact, such as π or 1/2.
    raw : list of sympy.Expr
        The same before, all numbers as they were fitted.
    variables : list of sympy.Symbol
    complexity : int
        Symbols, numbers and operations in ``expressions``.
    val_loss : float
        Root mean squared error on the validation data.
    front : list of Entry
        The Pareto front of complexity against validation loss, the simplest first.
    runner_up : Entry or None
        The one on the front that follows the data best beside the one chosen.
    exact : bool
        Whether only round-off is left of the validation data.
    road : list of Stage
        Every step that led there, each with the network after it.
    seconds : float
    """

    expressions: list[sympy.Expr]
    raw: list[sympy.Expr]
    variables: list[sympy.Symbol]
    complexity: int
    val_loss: float
    front: list[Entry]
    runner_up: Entry | None
    exact: bool
    road: list[Stage] = field(repr=False)
    seconds: float = 0.0


def discover(
    network: Network,
    dataset: Any,
    lib: Iterable[str | SymbolicFunction] | None = None,
    seconds: float = 30.0,
    seed: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> Generator[Progress, None, Discovery | None]:
    """Search for formulas of a dataset; yields how far it is, and returns what was found.

    The network is not changed: each `Stage` of the road has a network of its own, of which `adopt`
    makes this one.  None where no formula was found in time.

    Parameters
    ----------
    network : Network
        Whose width bounds the hidden layers that are tried.
    dataset : Dataset
    lib : list of names or SymbolicFunction, optional
    seconds : float
        Time to search; what was found until then is compared after it.
    seed : int
    cancelled : callable
        Asked often; True ends the search with what there is.
    """
    began = time.perf_counter()
    data = Evidence.of(dataset)
    search = Search(
        data,
        network.layers[0],
        library.resolve(lib),
        widest=max(network.width[1:-1], default=1),
        seconds=seconds,
        seed=seed,
        cancelled=cancelled,
    )
    yield from search.run()
    front = pareto(search.found, data)
    best = chosen(front, data)
    if best is None:
        return None
    final = named(copy.deepcopy(best.network), network)
    canonical(final)
    raw, variables = symbolic_formula(final, digits=None)
    yield Progress(search.elapsed(), "making constants exact", search.best)
    road = list(best.road)
    with torch.no_grad():
        for snap in snap_all(final, (data.x, data.y)):
            road.append(Stage("snap", str(snap), {"edge": snap.edge}, copy.deepcopy(final)))
    road.append(Stage("tidy", "tidy", {}, copy.deepcopy(final)))
    expressions, _ = symbolic_formula(final, digits=None, exact=True) if 'exact' in symbolic_formula.__code__.co_varnames else symbolic_formula(final)
    error = data.error(final)
    others = [entry for entry in front if entry is not best]
    return Discovery(
        expressions,
        raw,
        variables,
        complexity(expressions),
        error * data.spread,
        front,
        min(others, key=lambda entry: entry.val_loss, default=None),
        error < 1e-8,
        road,
        time.perf_counter() - began,
    )


def named(found: Network, network: Network) -> Network:
    """The network found, with the names and data of the one it was searched for."""
    found.input_names, found.output_names = list(network.input_names), list(network.output_names)
    found.calibration = network.calibration
    return found


def adopt(network: Network, found: Network) -> None:
    """Make a network what was found; it keeps its names, data, dtype and device.

    The caller holds its action.
    """
    like = network.layers[0]
    found = copy.deepcopy(found).to(device=network.device, dtype=network.dtype)
    for layer in found.layers:
        layer.base_fun = like.base_fun
    network.restore(
        Snapshot(
            tuple(map(reshaping.state, found.layers)),
            tuple(network.input_names),
            tuple(network.output_names),
            dict(network.columns),
            network.calibration,
        )
    )
