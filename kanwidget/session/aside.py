"""Work on a thread of its own, for which one waits as long as one likes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Aside(Generic[Result]):
    """Calls ``work`` at once on a thread of its own.

    Parameters
    ----------
    work : callable
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._found: list[Result] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="kanwidget aside", daemon=True)
        self._thread.start()

    def is_over(self, seconds: float) -> bool:
        """Whether it is done, after waiting so long at most."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> Result:
        """What the work gave, when it is done; raises what it met."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as error:  # whoever asks for the result gets it
            self._error = error
