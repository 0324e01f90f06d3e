"""A thread that does one thing after the other, and is there only while there is something to do."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from kanwidget.session.commands import Command

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Task:
    """A piece of work, where its answer goes, and whether it is to stop: by a person, or for what else.

    Attributes
    ----------
    cancelled : bool
        Whether nothing of it is to be kept when it stops.
    paused : bool
        Whether it waits until it is not.
    steps : Semaphore
        Of single steps that it is to do while it is paused; ``stepping`` while it does one.
    """

    work: Command | Callable[[], Any]
    answer: Future[Any] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    ended_by: str = ""
    cancelled: bool = False
    paused: bool = False
    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    stepping: bool = False

    def end(self, by: str = "") -> None:
        """Let it stop; ``by`` names the command that takes its place."""
        if not self.stop.is_set():
            self.ended_by = by
            self.stop.set()


class Dropped(RuntimeError):
    """Work that was ended by somebody, with nothing kept."""


class Worker:
    """Hands tasks to ``do`` in the order they came, on a thread that ends when there are none.

    Parameters
    ----------
    name : str
        Of the thread.
    do : callable
    idle : callable
        What there is to do while no task waits: it is called again after as many seconds as it
        returns, or not until `wake` or the next task where it returns None.
    """

    def __init__(
        self, name: str, do: Callable[[Task], None], idle: Callable[[], float | None] = lambda: None
    ) -> None:
        self._name, self._do, self._idle = name, do, idle
        self._tasks: deque[Task] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._woken = False

    @property
    def is_here(self) -> bool:
        """Whether the caller is on its thread."""
        return threading.current_thread() is self._thread

    @property
    def is_busy(self) -> bool:
        """Whether its thread is there."""
        return self._thread is not None

    def put(self, task: Task) -> None:
        """Add a task after those that wait."""
        with self._changed:
            self._tasks.append(task)
            self._rouse()

    def wake(self) -> None:
        """Let it look for something to do."""
        with self._changed:
            self._rouse()

    def nudge(self) -> None:
        """Let its thread look again, if it is there."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def _rouse(self) -> None:
        self._woken = True
        self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def first(self) -> Task | None:
        """The task that waits longest, if there is one; it goes on waiting."""
        with self._changed:
            return self._tasks[0] if self._tasks else None

    def take(self) -> Task:
        """The task that waits longest, which waits no longer; the thread's own."""
        with self._changed:
            return self._tasks.popleft()

    def wait(self, seconds: float) -> None:
        """Wait until a task comes, or it is woken, or so long; the thread's own."""
        with self._changed:
            if not self._tasks and not self._woken:
                self._changed.wait(seconds)
            self._woken = False

    def end(self, seconds: float = 10.0) -> None:
        """Wait until everything is done, so long at most."""
        thread = self._thread
        if thread is not None and not self.is_here:
            thread.join(seconds)

    def _run(self) -> None:
        while True:
            task, again = self._next(), None
            try:
                if task is not None:
                    self._do(task)
                    continue
                again = self._idle()
            except Exception as error:  # those who wait for later tasks must not wait for ever
                log.exception("%s met an error", self._name)
                if task is not None and not task.answer.done():
                    task.answer.set_exception(error)
            with self._changed:
                if self._tasks or self._woken:
                    continue
                if again is None:
                    self._thread = None
                    return
                self._changed.wait(again)

    def _next(self) -> Task | None:
        with self._changed:
            self._woken = False
            return self._tasks.popleft() if self._tasks else None
