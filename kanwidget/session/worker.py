"""A thread that does one thing after the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from kanwidget.session.commands import Command


@dataclass
class Task:
    """A piece of work, where its answer goes, and whether it is to stop."""

    work: Command | Callable[[], None]
    answer: Future[Any] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)


class Worker(threading.Thread):
    """Hands tasks to ``do`` in the order they came, until it is told to `end`."""

    def __init__(self, do: Callable[[Task], None]) -> None:
        super().__init__(name="kanwidget session", daemon=True)
        self._do = do
        self._tasks: queue.Queue[Task | None] = queue.Queue()

    @property
    def is_here(self) -> bool:
        """Whether the caller is on this thread."""
        return threading.current_thread() is self

    def put(self, task: Task) -> None:
        """Add a task after those that wait."""
        self._tasks.put(task)

    def waiting(self) -> Task | None:
        """Take the next task that waits, if there is one."""
        try:
            task = self._tasks.get_nowait()
        except queue.Empty:
            return None
        if task is None:
            self._tasks.put(None)
        return task

    def end(self) -> None:
        """Let it end after the tasks that wait, and wait for it."""
        self._tasks.put(None)
        if not self.is_here:
            self.join(timeout=10)

    def run(self) -> None:
        """Do tasks; the thread's own."""
        while (task := self._tasks.get()) is not None:
            self._do(task)
