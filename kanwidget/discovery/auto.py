"""From data to a formula: the search, the choice among what it found, and constants made exact."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy
from kanwidget import reshaping
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.front import Entry, chosen, complexity, joint, pareto, second, together
from kanwidget.discovery.functions import EXACT, Stage
from kanwidget.discovery.gauge import canonical
from kanwidget.discovery.search import Progress, Search
from kanwidget.discovery.snap import snap_all
from kanwidget.formula import symbolic_formula
from kanwidget.network import Network, Snapshot
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
    whole = Evidence.of(dataset)
    outputs = whole.y.shape[1]
    fronts: list[list[Entry]] = []
    for output in range(outputs):
        data = whole.of_output(output)
        search = Search(
            data,
            network.layers[0],
            library.resolve(lib),
            widest=max(network.width[1:-1], default=1),
            seconds=(seconds - (time.perf_counter() - began)) / (outputs - output),
            seed=seed,
            cancelled=cancelled,
        )
        for progress in search.run():
            words = f"{progress.text}, output {output + 1}" if outputs > 1 else progress.text
            yield Progress(time.perf_counter() - began, words, progress.best)
        fronts.append(pareto(search.found, data))
        if not fronts[-1]:
            return None
    picked = [chosen(front, whole.of_output(n)) for n, front in enumerate(fronts)]
    best = together([entry for entry in picked if entry is not None])
    front = fronts[0] if outputs == 1 else joint(fronts)
    runner_up = second(front, best)
    final = named(copy.deepcopy(best.network), network)
    canonical(final)
    raw, variables = symbolic_formula(final, digits=None)
    yield Progress(time.perf_counter() - began, "making constants exact", None)
    road = [*best.road, Stage("tidy", "tidy", {}, copy.deepcopy(final))]
    for snap in snap_all(final, (whole.x, whole.y)):
        road.append(Stage("snap", str(snap), {"edge": snap.edge}, copy.deepcopy(final)))
    road[-1] = dataclasses.replace(road[-1], network=final)
    expressions, _ = symbolic_formula(final, digits=None, exact=True)
    error = whole.error(final)
    return Discovery(
        expressions, raw, variables, complexity(expressions), error * whole.spread, front, runner_up,
        error < 10 * EXACT, road, time.perf_counter() - began,
    )  # fmt: skip


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
