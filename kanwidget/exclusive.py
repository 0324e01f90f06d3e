"""A lock for a live model: many threads act on it, one at a time, and a long fit lets others in."""

from __future__ import annotations

import threading
import time
from types import TracebackType


class Exclusive:
    """A re-entrant lock whose holder can see that others wait and step aside for them.

    A plain lock that is released and taken again at once starves those who wait; a fit calls
    `give_way` between two steps instead.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._count = threading.Lock()
        self._waiting = 0

    def __enter__(self) -> Exclusive:
        if not self._lock.acquire(blocking=False):
            with self._count:
                self._waiting += 1
            try:
                self._lock.acquire()
            finally:
                with self._count:
                    self._waiting -= 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def give_way(self) -> None:
        """Let every waiting thread have its turn; call it without holding the lock."""
        while self._waiting:
            time.sleep(2e-4)
