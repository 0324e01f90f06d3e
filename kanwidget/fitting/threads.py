"""How many threads torch computes on while a network is trained."""

from __future__ import annotations

import torch

SMALL = 20_000_000
"""Up to so many multiplications an iteration, more threads than one only get in each other's way."""


class Threads:
    """One thread while an iteration is little work; torch's own number else.

    Parameters
    ----------
    work : int
        Multiplications in an iteration.

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
