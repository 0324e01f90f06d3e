"""How many threads torch computes on while a network is trained or looked at."""

from __future__ import annotations

import torch

from kanwidget.network import Network

SMALL = 20_000_000
"""Up to so many multiplications at a time, more threads than one only get in each other's way."""


def multiplications(network: Network, samples: int) -> int:
    """About how many it takes to send so many samples through a network."""
    return samples * sum(layer.coef.numel() for layer in network.layers)


class Threads:
    """One thread while there is little work; torch's own number else.

    As a context, it computes on the number that fits within it.

    Parameters
    ----------
    work : int
        Multiplications in an iteration, or in a look.

    Attributes
    ----------
    number : int
        That fits; may be set before `choose`.
    """

    def __init__(self, work: int) -> None:
        self._before = torch.get_num_threads()
        self.number = 1 if work <= SMALL else self._before

    def choose(self) -> None:
        """Compute on the number that fits."""
        if self.number != self._before:
            torch.set_num_threads(self.number)

    def restore(self) -> None:
        """Compute on as many as before."""
        if self.number != self._before:
            torch.set_num_threads(self._before)

    def __enter__(self) -> None:
        self.choose()

    def __exit__(self, *error: object) -> None:
        self.restore()
