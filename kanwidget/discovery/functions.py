"""From splines to functions: edge after edge, all constants fitted together, with second thoughts."""

from __future__ import annotations

import copy
import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.refit import refit
from kanwidget.network import Edge, Network
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.function import SymbolicFunction
from kanwidget.symbolic.suggest import Candidate, rank

CLOSE = 0.97
"""R² that a function needs to be tried at all."""
DECADES, MOST = 2.0, 5
"""Functions that score so much worse than the best one are not tried, nor more than so many."""
SETTLING, FINISHING = 12, 60
"""Iterations after a substitution, and at the end."""

Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Choice:
    """An edge and the functions that may stand for it, best first."""

    edge: Edge
    candidates: list[Candidate]
    share: float

    @property
    def certainty(self) -> float:
        """Decades between the first candidate and the next, and how close the first one is."""
        first = self.candidates[0]
        gap = self.candidates[1].score - first.score if len(self.candidates) > 1 else 3.0
        return min(gap, 3.0) - math.log10(max(1 - first.r2, 1e-9))


@torch.no_grad()
def choices(
    network: Network, data: Evidence, lib: list[SymbolicFunction], closest: float = CLOSE
) -> list[Choice]:
    """For every numeric edge what may stand for it; those that nothing follows have no candidates."""
    found, values = [], data.x
    for l, layer in enumerate(network.layers):
        outputs, j, i = layer.live_outputs(values)
        numeric = (layer.numeric & ~layer.locked)[j, i]
        if bool(numeric.any()):
            outputs, j, i = outputs[:, numeric], j[numeric], i[numeric]
            sums = layer.sums(values)[:, j].std(0)
            fits = affine_fit(values[:, i].T, outputs.T, lib)
            ranked = rank(fits, sums.tolist())
            for row, candidates in enumerate(ranked):
                near = [c for c in candidates if c.r2 >= closest or c.name == "0"]
                if near:
                    limit = near[0].score + DECADES
                    near = [c for c in near if c.score <= limit][:MOST]
                edge = (l, int(i[row]), int(j[row]))
                share = float(outputs[:, row].std() / sums[row]) if float(sums[row]) > 0 else 0.0
                found.append(Choice(edge, near, share))
        values = layer(values)
    return found


def substitute(network: Network, edge: Edge, candidate: Candidate) -> None:
    """Make an edge the function of a candidate; `0` removes it and leaves its constant."""
    l, i, j = edge
    layer = network.layers[l]
    if candidate.name == "0":
        mask = torch.zeros_like(layer.alive)
        mask[j, i] = True
        layer.remove(mask, torch.full_like(layer.left, candidate.params[3]))
    else:
        layer.set_symbolic(i, j, candidate.function, candidate.params)


@dataclass(frozen=True, eq=False)
class Stage:
    """A step on the way to a formula: the command, its label and arguments, and the network after it."""

    command: str
    label: str
    arguments: dict[str, Any]
    network: Network


Road = tuple[Stage, ...]


@dataclass(frozen=True, eq=False)
class Found:
    """A network with functions on some or all edges, its error on the validation data, and the way to it."""

    network: Network
    error: float
    road: Road = ()

    @property
    def numeric(self) -> int:
        """Edges that are still splines, without those that are locked."""
        layers = self.network.layers
        return sum(int((one.alive & one.numeric & ~one.locked).sum()) for one in layers)


def all_at_once(network: Network, data: Evidence, lib: list[SymbolicFunction]) -> Found | None:
    """Every edge its best function at once; None where one has none."""
    options = choices(network, data, lib)
    if not all(option.candidates for option in options):
        return None
    tried, road = copy.deepcopy(network), []
    for option in options:
        substitute(tried, option.edge, option.candidates[0])
        road.append(fixed(option.edge, option.candidates[0], copy.deepcopy(tried)))
    refit(tried, data.x, data.y, FINISHING)
    return Found(tried, data.error(tried), (*road, refitted(tried)))


def fixed(edge: Edge, candidate: Candidate, network: Network) -> Stage:
    """The stage at which an edge got a function."""
    label = f"fix ({', '.join(map(str, edge))}) to {candidate.name}"
    return Stage("fix_symbolic", label, {"edge": edge, "function": candidate.name}, network)


def refitted(network: Network) -> Stage:
    """The stage at which all constants were fitted together."""
    return Stage("refit", "refit all constants", {}, network)


def search(
    network: Network,
    data: Evidence,
    lib: list[SymbolicFunction],
    give_up: Stop,
    closest: float = CLOSE,
) -> Iterator[Found]:
    """Give the edges of a network functions, the most certain first; yield what is reached.

    After every substitution all constants and splines are fitted together.  What raises the error much
    is put aside, and taken up again, the least harmful first, as long as no formula is exact.

    Parameters
    ----------
    network : Network
        Of splines, well fitted.  It is not changed.
    data : Evidence
    lib : list of SymbolicFunction
    give_up : callable
        Asked before every substitution; True ends the search.
    closest : float
        R² that a function needs to be tried.

    Yields
    ------
    Found
        Networks in which no edge is left that a function follows; the exact one ends the search.
    """
    count = itertools.count()
    start = data.error(network)
    waiting: list[tuple[float, int, Network, float, Road]] = [
        (0.0, next(count), network, start, ())
    ]
    seen: set[tuple[tuple[Edge, str], ...]] = set()
    while waiting and not give_up():
        regret, _, state, error, road = heapq.heappop(waiting)
        while not give_up():
            options = [o for o in choices(state, data, lib, closest) if o.candidates]
            if not options:
                final = copy.deepcopy(state)
                refit(final, data.x, data.y, FINISHING)
                yield (found := Found(final, data.error(final), (*road, refitted(final))))
                if found.error < data.round_off and not found.numeric:
                    return
                break
            option = max(options, key=lambda o: o.certainty)
            tried = []
            for candidate in option.candidates:
                if give_up():
                    return
                after = copy.deepcopy(state)
                substitute(after, option.edge, candidate)
                if (key := signature(after)) in seen:
                    continue
                seen.add(key)
                refit(after, data.x, data.y, SETTLING, tolerance=1e-3)
                stage = fixed(option.edge, candidate, after)
                tried.append((data.error(after), (*road, stage), after))
                if tried[-1][0] <= 1.2 * error + data.round_off:
                    break
            tried = [one for one in tried if math.isfinite(one[0])]
            if not tried:
                break
            tried.sort(key=lambda one: one[0])
            for later in tried[1:]:
                loss = math.log10((later[0] + data.round_off) / (error + data.round_off))
                heapq.heappush(
                    waiting, (regret + max(loss, 0), next(count), later[2], later[0], later[1])
                )
            rise = math.log10((tried[0][0] + data.round_off) / (error + data.round_off))
            regret, state, error = regret + max(rise, 0.0), tried[0][2], tried[0][0]
            road = tried[0][1]
            if waiting and regret > waiting[0][0] + 1.0:
                heapq.heappush(waiting, (regret, next(count), state, error, road))
                break


def signature(network: Network) -> tuple[tuple[Edge, str], ...]:
    """Which edges have which functions, and which are gone."""
    return tuple(
        ((l, i, j), layer.functions[i, j].name if bool(layer.symbolic[j, i]) else "")
        for l, layer in enumerate(network.layers)
        for j, i in (~layer.alive | layer.symbolic).nonzero().tolist()
    )
