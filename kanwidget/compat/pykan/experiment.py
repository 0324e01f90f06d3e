"""pykan's experiment: a network trained, pruned and refined several times, and the best that came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from kanwidget import checks
from kanwidget.datasets import as_dataset
from kanwidget.model import KAN

Array = npt.NDArray[Any]


def runner1(
    width: Sequence[Any],
    dataset: Any,
    grids: Sequence[int] = (5, 10, 20),
    steps: int = 20,
    lamb: float = 0.001,
    prune_round: int = 3,
    refine_round: int = 3,
    edge_th: float = 1e-2,
    node_th: float = 1e-2,
    metrics: Sequence[Callable[[KAN, Any], Any]] | None = None,
    seed: int = 1,
) -> dict[str, Array]:
    """Train and prune a network some times, refine each of them; pykan's ``kan.experiment.runner1``.

    Every round goes on from what was pruned in the round before, with a penalty; its refined networks
    are trained without one.  Nothing is written to disk, where pykan keeps every state.

    Parameters
    ----------
    width, seed : as in `KAN`
    dataset : Dataset or dict
    grids : sequence of int
        Intervals at the start and in each refinement.
    steps, lamb : as in `KAN.fit`
    prune_round, refine_round : int
        How often; there must be as many ``grids`` as refinements.
    edge_th, node_th : as in `KAN.prune`
    metrics : list of callable, optional
        Of (model, dataset), a number each.

    Returns
    -------
    dict of arrays
        For every network ``test_loss`` (RMSE), ``c`` (live edges), ``G`` (intervals), ``id``
        ('round.state') and the metrics by their names.

    Raises
    ------
    ValueError
        Where there are fewer grids than refinements.
    """
    if len(grids) < checks.whole("refine_round", refine_round, 0) or not len(grids):
        raise ValueError(f"grids is {list(grids)}; one for each of {refine_round} rounds is needed")
    data, own = as_dataset(dataset), list(metrics or [])
    names = ["test_loss", "c", "G", "id", *(metric.__name__ for metric in own)]
    results: dict[str, list[Any]] = {name: [] for name in names}

    def collect(model: KAN, G: int, place: str) -> None:
        with torch.no_grad():
            error = model(data["test_input"]) - data["test_label"].to(model.device, model.dtype)
        values = [float(error.square().mean().sqrt()), len(model.edges()), G, place]
        values += [float(metric(model, dataset)) for metric in own]
        for name, value in zip(names, values, strict=True):
            results[name].append(value)

    pruned = KAN(width, grid=grids[0], seed=seed)
    for turn in range(checks.whole("prune_round", prune_round, 1)):
        pruned.fit(data, steps=steps, lamb=lamb)
        pruned.prune(node_th=node_th, edge_th=edge_th)
        collect(pruned, grids[0], f"{turn}.0")
        model = pruned.copy()
        for state, G in enumerate(grids[:refine_round], 1):
            model.refine(G)
            model.fit(data, steps=steps)
            collect(model, G, f"{turn}.{state}")
    return {name: np.array(values) for name, values in results.items()}


def pareto_frontier(x: Any, y: Any) -> tuple[Array, Array, Array]:
    """Points that no other one is at most as large as in both x and y; pykan's ``pareto_frontier``.

    Of points that are equal in both one is kept, where pykan drops all of them.

    Parameters
    ----------
    x, y : arrays, shape (N,)

    Returns
    -------
    x, y, index : arrays, shape (kept,)
    """
    first, second = np.asarray(x), np.asarray(y)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"x has the shape {first.shape} and y {second.shape}; one of (N,) is needed"
        )
    smaller = (first[:, None] <= first) & (second[:, None] <= second)
    equal = (first[:, None] == first) & (second[:, None] == second)
    earlier = np.tri(len(first), k=-1, dtype=bool).T
    index = np.flatnonzero(~(smaller & (~equal | earlier)).any(0))
    return first[index], second[index], index
