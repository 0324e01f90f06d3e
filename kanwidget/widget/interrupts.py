"""Interrupting the kernel stops what a page has begun.

While a cell runs, an interrupt raises KeyboardInterrupt in it.  Between two cells ipykernel ignores it:
it puts the handler that is there between cells back after each message, from ``saved_sigint_handler``.
That one is ours from the first widget on; where it has nothing to stop it does what was done before.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

from IPython import get_ipython

from kanwidget.session import Session


def stop_on_interrupt() -> None:
    """Let an interrupt between two cells stop what sessions do."""
    kernel: Any = getattr(get_ipython(), "kernel", None)
    if not hasattr(kernel, "saved_sigint_handler"):
        return
    if threading.current_thread() is threading.main_thread():
        _install(kernel)
    else:  # only the main thread may change handlers
        kernel.io_loop.add_callback(_install, kernel)


class _Stop:
    """Stops all sessions; one in which nothing runs is left as it is."""

    def __init__(self, kernel: Any, before: Any) -> None:
        self._kernel, self._before = kernel, before

    def __call__(self, number: int, frame: Any) -> None:
        # not here: the main thread may hold any lock at this moment
        self._kernel.io_loop.add_callback(Session.stop_all)
        if callable(self._before):
            self._before(number, frame)


def _install(kernel: Any) -> None:
    now = signal.getsignal(signal.SIGINT)
    if now is signal.SIG_IGN:  # between two cells
        signal.signal(signal.SIGINT, _Stop(kernel, now))
    elif not isinstance(now, _Stop):
        before = getattr(kernel, "saved_sigint_handler", None)
        if before is signal.SIG_IGN:
            kernel.saved_sigint_handler = _Stop(kernel, before)
