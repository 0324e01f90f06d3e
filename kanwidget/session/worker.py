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
    """A piece of work, where its answer goes, and whether it is to stop: by a person, or for what else."""

    work: Command | Callable[[], None]
    answer: Future[Any] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    ended_by: str = ""

    def end(self, by: str = "") -> None:
        """Let it stop; ``by`` names the command that takes its place."""
        if not self.stop.is_set():
            self.ended_by = by
            self.stop.set()


class Dropped(RuntimeError):
    """A search that was ended by another command, with nothing kept."""


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

    def first(self) -> Task | None:
        """The task that waits longest, if there is one; it goes on waiting."""
        with self._tasks.mutex:
            return self._tasks.queue[0] if self._tasks.queue else None

    def take(self) -> None:
        """Let the first task wait no longer; the thread's own."""
        self._tasks.get_nowait()

    def end(self) -> None:
        """Let it end after the tasks that wait, and wait for it."""
        self._tasks.put(None)
        if not self.is_here:
            self.join(timeout=10)

    def run(self) -> None:
        """Do tasks; the thread's own."""
        while (task := self._tasks.get()) is not None:
            self._do(task)
