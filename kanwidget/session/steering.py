"""What steers a training while it runs: pause, one step, slow motion, and on how many threads it computes."""

from __future__ import annotations

import os
from typing import Any

from kanwidget import checks
from kanwidget.session.commands import Train
from kanwidget.session.performing import Performer
from kanwidget.session.publishing import Publisher
from kanwidget.session.worker import Task, Worker

AUTO = "auto"
SLOWEST = 60.0
"""Seconds a step."""


def cores() -> int:
    """Threads that a training may have: as many as this process has processors."""
    count = getattr(os, "process_cpu_count", os.cpu_count)()
    return max(1, count or 1)


def check_slow(seconds: Any) -> float:
    """Seconds a step; ValueError for anything but a number from 0 to 60."""
    return checks.number("slow", seconds, least=0, most=SLOWEST)


def check_threads(threads: Any) -> str | int:
    """'auto' or how many; ValueError for anything else."""
    if isinstance(threads, str) and threads == AUTO:
        return AUTO
    try:
        number = checks.whole("threads", threads, 1)
    except ValueError:
        number = 0
    if not 1 <= number <= cores():
        raise ValueError(
            f"threads is {threads!r:.60}; 'auto' or a whole number from 1 to {cores()} is needed"
        )
    return number


class Steering:
    """How the trainings of a session run."""

    _performer: Performer
    _publisher: Publisher
    _worker: Worker

    @property
    def slow(self) -> float:
        """Seconds that a step of a training lasts at least, to watch it; 0 is as fast as it can.

        It may be set while a training runs, and is the same for all who look; `stop` is as quick as ever.
        """
        return self._performer.slow

    @slow.setter
    def slow(self, seconds: float) -> None:
        seconds = check_slow(seconds)
        if seconds != self.slow:
            self._performer.slow = seconds
            self._worker.nudge()
            self._publisher.change()

    @property
    def threads(self) -> str | int:
        """Threads that the next training computes on: a number, or 'auto' for as many as help it."""
        return self._performer.threads or AUTO

    @threads.setter
    def threads(self, threads: str | int) -> None:
        number = check_threads(threads)
        if number != self.threads:
            self._performer.threads = None if number == AUTO else int(number)
            self._publisher.change()

    def pause(self) -> None:
        """Let the running training wait until `resume`; other commands are done meanwhile.

        Raises
        ------
        RuntimeError
            If the session is not training.
        """
        self._training("pause").paused = True

    def resume(self) -> None:
        """Let a paused training go on."""
        for task in list(self._performer.running):
            task.paused = False
        self._worker.nudge()

    def step(self) -> None:
        """Let the running training do one more step, and wait then.

        Raises
        ------
        RuntimeError
            If the session is not training.
        """
        task = self._training("go on by a step")
        task.paused = True
        task.steps.release()
        self._worker.nudge()

    def _training(self, what: str) -> Task:
        running = [task for task in self._performer.running if isinstance(task.work, Train)]
        if not running:
            raise RuntimeError(
                f"there is no training of this session to {what}; stop ends whatever else runs"
            )
        return running[0]
