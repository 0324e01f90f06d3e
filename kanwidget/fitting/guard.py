"""States of a network that a fit can go back to."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kanwidget.network import Network, Snapshot


def bring_back(network: Network, state: Snapshot) -> None:
    """Restore a state, whole also when interrupted."""
    try:
        network.restore(state)
    except BaseException:
        network.restore(state)
        raise


class Guard:
    """Keeps the last good state, and with patience the best one.

    A state is good where losses are finite; those that are not when it begins are not looked at: a
    function may be undefined on unseen data from the start.

    Parameters
    ----------
    network : Network
    patience : int or None
        After so many states without a lower validation loss `is_tired`.

    Attributes
    ----------
    best_at : int
        The step or epoch of the best state; 0 is where it began.
    """

    def __init__(self, network: Network, patience: int | None) -> None:
        self._network, self._patience = network, patience

    def begin(self, losses: Mapping[str, float], at: int) -> None:
        """Take the network as it is for good."""
        self._watched = {name for name, loss in losses.items() if math.isfinite(loss)}
        self._watched.add("train_loss")
        self._good = self._best = self._network.snapshot()
        self._lowest, self._last, self.best_at = math.inf, at, at
        if self._patience:
            self._compare(losses, at)

    def keep(self, losses: Mapping[str, float], at: int) -> bool:
        """Keep the state after step ``at`` if it is good, and say whether it is."""
        if not all(math.isfinite(losses[name]) for name in self._watched & losses.keys()):
            return False
        self._good, self._last = self._network.snapshot(), at
        if self._patience:
            self._compare(losses, at)
        return True

    def back_to_good(self) -> None:
        """Bring back the last good state."""
        bring_back(self._network, self._good)

    def back_to_best(self) -> bool:
        """Bring back the best state; False if the network is there already."""
        if not self._patience or self.best_at == self._last:
            return False
        bring_back(self._network, self._best)
        return True

    @property
    def is_tired(self) -> bool:
        """Whether the validation loss has not been lower for too long."""
        return self._patience is not None and self._last - self.best_at >= self._patience

    def _compare(self, losses: Mapping[str, float], at: int) -> None:
        loss = losses["val_loss"]
        if loss < self._lowest:
            self._lowest, self.best_at, self._best = loss, at, self._good
