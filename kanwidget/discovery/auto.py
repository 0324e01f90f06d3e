"""From data to a formula: the search, the choice among what it found, and constants made exact."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field

import sympy
import torch

from kanwidget import reshaping
from kanwidget.datasets import Dataset
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.front import (
    MOST,
    Entry,
    baselines,
    chosen,
    complexity,
    joint,
    pareto,
    second,
    together,
    written,
)
from kanwidget.discovery.functions import Stage
from kanwidget.discovery.gauge import canonical
from kanwidget.discovery.search import Progress, Search
from kanwidget.discovery.snap import Snap, snapping
from kanwidget.discovery.snap_expression import snap_expression
from kanwidget.formula import symbolic_formula
from kanwidget.network import Network
from kanwidget.scales import Scale
from kanwidget.symbolic import library
from kanwidget.symbolic.function import SymbolicFunction

WIDE = 5
"""Hidden nodes of a network that shows which inputs act together, however narrow the one given is."""
KNOWN = 1.5
"""A formula whose error is that of splines, up to this factor, may have constants that are exact."""
LONGER = 1.3
"""Part of the time to search after which no more constants are made exact."""
EXPRESSION = 2.0
"""Seconds that there are at least for numbers that are plain only in the expression written out."""
LONG = 200
"""Complexity from which an expression is left as its network has it."""


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
        What follows the data best of all that were found, beside the one chosen.
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
    dataset: Dataset,
    lib: Iterable[str | SymbolicFunction] | None = None,
    seconds: float = 30.0,
    seed: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> Generator[Progress, None, Discovery | None]:
    """Search for formulas of a dataset; yields how far it is, and returns what was found.

    The network is not changed: each `Stage` of the road has a network of its own, of which `adopt`
    makes this one.  The mean of the labels and the plane of least squares
    are formulas too; None where there was no time for a single fit.

    Parameters
    ----------
    network : Network
        As wide as it is, or five nodes, are the hidden layers that are tried.
    dataset : Dataset
    lib : list of names or SymbolicFunction, optional
    seconds : float
        Time to search; what was found until then is compared after it.
    seed : int
    cancelled : callable
        Asked often; True ends the search with what there is, its constants as they are.
    """
    began = time.perf_counter()
    whole = Evidence.of(dataset)
    outputs = whole.y.shape[1]
    own, locked = None, any(bool(layer.bound.any()) for layer in network.layers)
    if outputs == 1 and dataset.input_scale is None and dataset.output_scale is None:
        own = Network([copy.deepcopy(layer) for layer in network.layers]).double().cpu()
    if locked and own is None:
        raise ValueError(
            "auto keeps locked edges only in a network of one output whose data are not normalised; "
            "unlock them first"
        )
    functions, like = library.resolve(lib), network.layers[0]
    entries: list[list[Entry]] = []
    fronts: list[list[Entry]] = []
    floors: list[float] = []
    for output in range(outputs):
        data = whole.of_output(output)
        search = Search(
            data,
            like,
            functions,
            widest=max([WIDE, *network.width[1:-1]]),
            seconds=(seconds - (time.perf_counter() - began)) / (outputs - output),
            seed=seed,
            cancelled=cancelled,
            own=own,
            keep_shape=locked,
        )
        for progress in search.run():
            words = f"{progress.text}, output {output + 1}" if outputs > 1 else progress.text
            yield Progress(time.perf_counter() - began, words, progress.best)
        if not search.fits or (cancelled() and not search.found):
            return None
        best_found = sorted(search.found, key=lambda one: one.error)[: MOST - 2]
        found = [*best_found, *baselines(data, like, functions)]
        entries.append(written(found, data, dataset, output))
        fronts.append(pareto(entries[-1], data))
        floors.append(search.floor)
    picked = [chosen(front, whole.of_output(n)) for n, front in enumerate(fronts)]
    best = together([entry for entry in picked if entry is not None])
    front = fronts[0] if outputs == 1 else joint(fronts)
    runner_up = second(entries[0] if outputs == 1 else front, best)
    final = named(copy.deepcopy(best.network), dataset)
    canonical(final)
    raw, variables = symbolic_formula(final, digits=None)
    yield Progress(time.perf_counter() - began, "making constants exact", None)
    road = [*best.road, Stage("tidy", "tidy", {}, copy.deepcopy(final))]

    def given_up() -> bool:
        return cancelled() or time.perf_counter() - began > LONGER * seconds

    # what splines follow better is no formula that has numbers to be known
    plain = (
        best.val_loss <= KNOWN * max(floors) * whole.spread
        or whole.error(final) < 10 * whole.round_off
    )
    for snaps in snapping(final, (whole.x, whole.y), give_up=given_up) if plain else ():
        road.append(snapped(snaps, final))
    road[-1] = dataclasses.replace(road[-1], network=final)
    expressions, _ = symbolic_formula(final, digits=None, exact=True)
    end = time.perf_counter() + max(EXPRESSION, (LONGER - 1) * seconds)
    for output, expression in enumerate(expressions):
        if plain and expression.has(sympy.Float) and complexity([expression]) < LONG:
            y = whole.y[:, output]
            expressions[output] = snap_expression(
                expression,
                variables,
                whole.x,
                y,
                give_up=lambda: cancelled() or time.perf_counter() > end,
            )
    error = whole.error(final)
    return Discovery(
        expressions, raw, variables, complexity(expressions), error * whole.spread, front, runner_up,
        error < 10 * whole.round_off, road, time.perf_counter() - began,
    )  # fmt: skip


def snapped(snaps: list[Snap], network: Network) -> Stage:
    """The stage at which constants became exact."""
    numbers = list(dict.fromkeys(str(snap.guess.expr) for snap in snaps))
    label = f"snap constants: {', '.join(numbers)}" if len(snaps) > 1 else str(snaps[0])
    arguments = {"edges": [snap.edge for snap in snaps], "numbers": numbers}
    return Stage("snap", label, arguments, copy.deepcopy(network))


def named(found: Network, dataset: Dataset) -> Network:
    """The network found, with the names of the data."""
    found.input_names, found.output_names = list(dataset.input_names), list(dataset.output_names)
    return found


@torch.no_grad()
def adopt(network: Network, found: Network) -> None:
    """Make a network what was found in the data's own units; it keeps its names, data, dtype and device.

    The caller holds its action.
    """
    like = network.layers[0]
    found = copy.deepcopy(found)
    _normalise(found, network.input_scale, network.output_scale)
    found.to(device=network.device, dtype=network.dtype)
    for layer in found.layers:
        layer.base_fun = like.base_fun
    layers = tuple(map(reshaping.state, found.layers))
    network.restore(dataclasses.replace(network.snapshot(), layers=layers))


def _normalise(network: Network, inputs: Scale | None, outputs: Scale | None) -> None:
    """Let a network take and give normalised data in place of data in their own units."""
    if inputs is not None:
        first = network.layers[0]
        mean, std = (torch.tensor(each, dtype=first.knots.dtype) for each in inputs)
        first.put("knots", (first.knots - mean[:, None]) / std[:, None])
        first.affine[:, :, 1] += first.affine[:, :, 0] * mean
        first.affine[:, :, 0] *= std
        first.structure_changed()
    if outputs is not None:
        nodes = network.layers[-1].nodes
        mean, std = (torch.tensor(each, dtype=nodes.node_bias.dtype) for each in outputs)
        nodes.node_scale.div_(std)
        nodes.node_bias.copy_((nodes.node_bias - mean) / std)
        nodes.changed()
