"""A lock for a live model: many threads act on it, one at a time, and a long fit lets others in."""

from __future__ import annotations

import threading
import time
from typing import Any

# of C, so that an interrupt finds it taken or free, never half released
_Lock: Any = type(threading.RLock())


class Exclusive(_Lock):
    """A re-entrant lock whose holder can see that others wait and step aside for them.

    A plain lock that is released and taken again at once starves those who wait; a fit calls
    `give_way` between two steps instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self._count = threading.Lock()
        self._waiting = 0

    def __enter__(self) -> Exclusive:
        taken = False
        try:
            taken = self.acquire(blocking=False)
            if not taken:
                with self._count:
                    self._waiting += 1
                try:
                    taken = self.acquire()
                finally:
                    with self._count:
                        self._waiting -= 1
            return self
        except BaseException:
            if taken:
                self.release()
            raise

    def give_way(self) -> None:
        """Let every waiting thread have its turn; call it without holding the lock."""
        while self._waiting:
            time.sleep(2e-4)
