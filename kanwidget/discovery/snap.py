"""Constants of a network set, one by one, to the numbers that a person would have written.

A fitted constant is known up to its standard error.  The cheapest p/q · {1, π, e, √2, …} within a few of
these is tried, the surest first: it is set, all others are fitted again, and it stays unless the loss
shows that the data know better.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kanwidget.discovery.attempts import Attempts, Snap
from kanwidget.discovery.guesses import Guess, closest
from kanwidget.discovery.refit import Constant
from kanwidget.network import Network

if TYPE_CHECKING:
    import sympy

__all__ = ["Snap", "accept", "propose", "set_constant", "snap_all", "snapping"]


def propose(network: Network, data: Any, tolerance: float | None = None) -> list[Snap]:
    """For every constant of the network's tidy form the first number that would do, surest first.

    Nothing is changed.  Each is measured alone, from where the network is.

    Parameters
    ----------
    network : Network
    data : Dataset, dict or (x, y)
        The training part is fitted, the validation part decides; of a pair both are the same.
    tolerance : float, optional
        Largest relative change of a constant; None takes that from its standard error.

    Returns
    -------
    list of Snap
        Those that do not hold come last.
    """
    with _kept(network):
        work = Attempts(network, data, tolerance)
        found = []
        for known, numbers in work.ranked():
            found.append(work.first(known, numbers))
            work.back()
    return sorted(found, key=lambda snap: not snap.holds)


def accept(network: Network, proposal: Snap, data: Any) -> Snap:
    """Do what was proposed: tidy the network, set the constant, fit the others again.

    Constants that are such numbers already stay as they are.  The caller holds the action.

    Raises
    ------
    ValueError
        If the edge has no such constant any more, or the network no value with it.
    """
    work = Attempts(network, data)
    return work.put((*proposal.edge, proposal.name), proposal.guess)


def set_constant(network: Network, key: Constant, expr: sympy.Expr, data: Any) -> Snap:
    """Set a constant of the tidy network to a number, whether it holds or not; see `accept`."""
    work = Attempts(network, data)
    same = (
        guess
        for _, numbers in work.ranked()
        for guess in numbers
        if guess.values[0][0] == key and guess.expr == expr
    )
    value = closest(expr)
    plain = Guess(expr, value, math.nan, math.nan, math.nan, ((key, value),))
    return work.put(key, next(same, plain))


def snap_all(
    network: Network,
    data: Any,
    tolerance: float | None = None,
) -> list[Snap]:
    """Set one constant after the other, as long as the data leave room for it; return what was set.

    Parameters are those of `propose`.  The caller holds the action.
    """
    return [snap for step in snapping(network, data, tolerance) for snap in step]


def snapping(
    network: Network,
    data: Any,
    tolerance: float | None = None,
    give_up: Callable[[], bool] = lambda: False,
) -> Iterator[list[Snap]]:
    """Set constants as `snap_all` does; yields after every step what it set.

    ``give_up`` is asked before each; True leaves the others as they are.
    Where the fit is exact and stays so with all constants set, they are set in one step.
    """
    work = Attempts(network, data, tolerance)
    done = work.all_at_once()
    if done:
        yield done
    refused: set[Constant] = set()
    while True:
        waiting = [one for one in work.ranked() if one[0].key not in refused and not give_up()]
        if not waiting:
            return
        known, numbers = waiting[0]
        snap = work.first(known, numbers)
        if snap.holds:
            work.settle()
            work.set |= {key for key, _ in snap.guess.values}
            refused = set()
            yield [snap]
        else:
            work.back()
            refused.add(known.key)


@contextlib.contextmanager
def _kept(network: Network) -> Iterator[None]:
    """Leaves a network as it was before."""
    state, version = network.snapshot(), network.version
    try:
        yield
    finally:
        network.restore(state)
        network.version = version
