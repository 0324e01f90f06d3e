"""How often frames are made, and how threads take turns while a fit runs."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Iterator


class Pace:
    """One frame every ``least`` seconds on average, and no more than half of the time on frames."""

    def __init__(self, least: float) -> None:
        self.least = least
        self._next = 0.0
        self._began = 0.0

    def due(self) -> bool:
        """Whether it is time for the next frame."""
        return time.perf_counter() >= self._next

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        now = time.perf_counter()
        self._next = max(self._next + self.least, now + (now - self._began))


SHORT = 2e-5
"""Seconds to wait for a turn: with 1 µs a waiting thread spins, and keeps the other from giving way."""


class _Turns:
    """The interval after which threads take turns, shorter while some thread wants it to be."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._wanted, self._usual = 0, 0.0

    def want(self) -> None:
        with self._changing:
            if not self._wanted:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(self._usual, SHORT))
            self._wanted += 1

    def leave(self) -> None:
        with self._changing:
            self._wanted -= 1
            if not self._wanted:
                sys.setswitchinterval(self._usual)


_TURNS = _Turns()


@contextlib.contextmanager
def quick_turns() -> Iterator[None]:
    """Let the calling thread, when it waits for its turn, have it at once instead of after 5 ms.

    A fit gives up its turn at every tensor operation; beside a busy cell of the notebook it would
    wait the full interval to get it back each time.
    """
    _TURNS.want()
    _set_timer_slack(1)
    try:
        yield
    finally:
        _set_timer_slack(0)
        _TURNS.leave()


def _set_timer_slack(nanoseconds: int) -> None:
    """How much later than asked for Linux may wake this thread; 0 stands for its usual 50 µs."""
    if sys.platform == "linux":
        pr_set_timerslack = 29  # from <linux/prctl.h>
        ctypes.CDLL(None).prctl(pr_set_timerslack, ctypes.c_ulong(nanoseconds), 0, 0, 0)
