"""Commands as they are done, on the session's worker: one after the other, or in the midst of a fit."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.fitting import Trainer
from kanwidget.model import KAN
from kanwidget.session.commands import (
    Auto,
    Command,
    Edit,
    Inquiry,
    Move,
    Question,
    TakeFormula,
    Train,
    Writing,
    explain,
)
from kanwidget.session.pacing import quick_turns
from kanwidget.session.publishing import Publisher
from kanwidget.session.recording import Recorder
from kanwidget.session.searching import Searching, steps, told, words
from kanwidget.session.view import history_view
from kanwidget.session.worker import Dropped, Task, Worker

if TYPE_CHECKING:
    from kanwidget.discovery.front import Entry

ENDING = (Auto, Move, TakeFormula, Train)
"""Commands that end a training or a search that is running; all others are done in the midst of it."""
LOOK = 0.02
"""Seconds after which the worker looks again for other commands while a search runs."""
QUIET = 0.3
"""Seconds without a step of somebody's own optimizer, after which what it did is made a node."""
BECAUSE = "a search for a formula led there"


class Performer:
    """Does what is in the worker's queue.

    Attributes
    ----------
    front : list of Entry
        What the last search found.
    running : list of Task
        Trainings and searches that run or wait.
    worker : Worker
    aside : Worker
        Answers questions that take long.
    ask : callable
        What answers an inquiry: the session.
    slow : float
        Seconds that a step of a training lasts at least.
    threads : int or None
        On which a training computes; as many as fit where None.
    """

    ask: Callable[[Inquiry], Callable[[], Any]]

    def __init__(
        self, model: KAN, dataset: Dataset, recorder: Recorder, publisher: Publisher
    ) -> None:
        self.model, self.dataset = model, dataset
        self.recorder, self.publisher = recorder, publisher
        self.front: list[Entry] = []
        self.slow: float = 0.0
        self.threads: int | None = None
        self.running: list[Task] = []
        self.worker = Worker("kanwidget session", self._run, self._idle)
        self.aside = Worker("kanwidget questions", self._reply)
        self._searching = self._paused = False
        self._unseen = ""
        self._last_step = 0.0

    @property
    def status(self) -> str:
        """What is going on: idle, training, paused or searching."""
        if self.model.fitting:
            return "paused" if self._paused else "training"
        return "searching" if self._searching else "idle"

    # ------------------------------------------------------------------ what others do to the model

    def changed(self) -> None:
        """Know of a new node; it is shown soon where the worker did not make it itself."""
        if not self.worker.is_here or self.publisher.handing_out:
            self._unseen = self.recorder.history.current.label
            self.worker.wake()

    def stepped(self, optimizer: str) -> None:
        """Know of a step of somebody's own optimizer."""
        recorder = self.recorder
        recorder.steps, recorder.optimizer = recorder.steps + 1, optimizer
        self._last_step = time.monotonic()
        if not self.worker.is_busy:
            self.worker.wake()
        self.publisher.frame(recorder.steps, 0)

    def _look(self) -> bool:
        """Show what somebody else has done, if there is any."""
        text, self._unseen = self._unseen, ""
        if text:
            self.publisher.whole(self.status, "info", text)
        return bool(text)

    def _idle(self) -> float | None:
        if self._look():
            return 0
        if self.recorder.steps:
            if (quiet := self._last_step + QUIET - time.monotonic()) > 0:
                return quiet
            with self.model.exclusive:
                done = self.recorder.settle()
            self.publisher.whole(self.status, "info", self._label if done else "")
        if (left := self.publisher.rests_in) > 0:
            return left
        return 0 if self.publisher.measure_costs() or self.publisher.measure_one() else None

    def end(self) -> None:
        """Wait until the worker has done everything; it takes no rest meanwhile."""
        self.publisher.rested_by = 0.0
        self.worker.nudge()
        self.worker.end()

    @property
    def _label(self) -> str:
        return self.recorder.history.current.label

    # ------------------------------------------------------------------ the queue

    def _run(self, task: Task) -> None:
        try:
            if not task.answer.set_running_or_notify_cancel():
                return
            self._look()
            if isinstance(task.work, Question) and task.work.takes_long:
                self._ask(task, task.work)
            elif isinstance(task.work, Inquiry):
                self._inquire(task, task.work)
            else:
                task.answer.set_result(self._answer(task))
        except BaseException as error:  # the caller gets it, whatever it is; the worker lives on
            kind = "warning" if isinstance(error, Dropped) else "error"
            if self.publisher.view.status == "busy":
                self.publisher.whole(self.status, kind, explain(error))
            else:
                self.publisher.change(kind, explain(error))
            task.answer.set_exception(error)
        finally:
            if task in self.running:
                self.running.remove(task)

    def _answer(self, task: Task) -> Any:
        work = task.work
        if not isinstance(work, Command):
            return work()
        work.check(self.model)
        if isinstance(work, Train):
            return self._train(task, work)
        if isinstance(work, Auto):
            return self._search(task, work)
        if isinstance(work, Question):
            return work.answer(self.model, self.dataset)
        if isinstance(work, TakeFormula):
            return self._take(work)
        if isinstance(work, Move):
            return self._move(work)
        if isinstance(work, Writing):
            with self.model.exclusive:
                work.write(self.recorder.history)
                seen = history_view(self.recorder.history)
            self.publisher.change(history=seen)
            return None
        assert isinstance(work, Edit)
        with self.recorder.one(work.label, work.name):
            result = work.apply(self.model, self.dataset)
        self.publisher.whole(self.status, "info", work.told(result))
        return result

    def _ask(self, task: Task, question: Question) -> None:
        """Have a question answered aside, of the model as it is now."""
        question.check(self.model)
        still = self.model.still()
        self.aside.put(Task(lambda: question.answer(still, self.dataset), task.answer))

    def _inquire(self, task: Task, inquiry: Inquiry) -> None:
        """Have the session answer, aside as far as that takes long."""
        inquiry.check(self.model)
        rest = self.ask(inquiry)
        if inquiry.takes_long:
            self.aside.put(Task(rest, task.answer))
        else:
            task.answer.set_result(rest())

    def _reply(self, task: Task) -> None:
        assert not isinstance(task.work, Command)
        try:
            task.answer.set_result(task.work())
        except BaseException as error:  # the caller gets it, whatever it is
            self.publisher.change("error", explain(error))
            task.answer.set_exception(error)

    def _move(self, move: Move) -> str:
        before = self.recorder.go(move.to)
        after = self.recorder.history.current
        text = move.told(before, after)
        self.publisher.whole(self.status, "info", text)
        return text.partition(": ")[2]

    def _interleave(self, running: Task) -> None:
        """Do what came in meanwhile, unless it has to wait for the end of what runs."""
        while not running.stop.is_set():
            self._look()
            task = self.worker.first()
            if task is None:
                if not running.paused or running.stepping:
                    break
                if running.steps.acquire(blocking=False):
                    running.stepping = True
                    break
                self._pause()
            elif isinstance(task.work, ENDING):  # it came before it could know of what runs
                running.end(by=task.work.label)
            else:
                self._run(self.worker.take())
        self._paused = False

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.publisher.whole(self.status, "info", "paused")
        if not self.publisher.measure_costs():
            self.worker.wait(QUIET)

    def _linger(self, running: Task) -> None:
        """Let a step be seen for as long as slow motion wants; what comes in meanwhile is done at once."""
        began = time.monotonic()
        while (left := began + self.slow - time.monotonic()) > 0 and not running.stop.is_set():
            if running.paused or self.model.stopping:
                return
            if self.worker.first() is not None:
                self._interleave(running)
            else:
                self.worker.wait(min(left, QUIET))

    # ------------------------------------------------------------------ training

    def _train(self, task: Task, command: Train) -> dict[str, Any]:
        """Run a fit; between two iterations other commands have their turn."""
        if task.stop.is_set():
            raise Dropped("the training was stopped before it began")
        trainer = Trainer(self.model, self.dataset, command.options())
        trainer.threads = self.threads
        self.recorder.expect(trainer)
        done, cancelled = 0, False
        try:
            with quick_turns(), contextlib.closing(trainer.steps()) as iterations:
                for progress in iterations:
                    done = progress.step
                    self.recorder.note(progress)
                    self.publisher.frame(done, command.steps)
                    if progress.whole:
                        task.stepping = False
                        self._linger(task)
                    self._interleave(task)
                    if task.stop.is_set():
                        self.recorder.discarding = cancelled = task.cancelled
                        break
        finally:
            # it has stopped: say so before what it led to is measured and written
            self.publisher.change(status="busy")
        if cancelled:
            raise Dropped("the training was cancelled; the network is as it was before it")
        stopped = "stopped" if task.stop.is_set() or self.model.stopping else ""
        parts = [
            f"trained {done} step{'' if done == 1 else 's'}",
            trainer.stopped_because or stopped,
            trainer.explanation if command.optimizer == "auto" else "",
        ]
        kind = "warning" if trainer.diverged else "info"
        self.publisher.whole(self.status, kind, "; ".join(filter(None, parts)))
        return dict(self.recorder.history.current.metrics)

    # ------------------------------------------------------------------ searching

    def _search(self, task: Task, command: Auto) -> Any:
        """Search beside the worker, which does other commands meanwhile; then go the road found."""
        search = Searching(self.model, self.dataset, task)
        self._searching = True
        search.start()
        try:
            while not search.over.wait(LOOK) and not task.stop.is_set():
                self._tell(search, command)
                self._interleave(task)
                self.publisher.measure_costs()
            found = search.result()
        finally:
            self._searching = False
            self.publisher.change(status="busy")
        if task.ended_by:
            raise Dropped(f"the search was ended by: {task.ended_by}; nothing of it is kept")
        stopped = task.stop.is_set()
        if found is None:
            when = "before it was stopped" if stopped else f"in {command.seconds:g} seconds"
            raise RuntimeError(f"no formula was found {when}; the network is as it was")
        self.recorder.road(steps(found.road), BECAUSE)
        self.front = found.front
        text = told(found, self.dataset, self.model)
        self.publisher.whole(
            self.status, "info", f"{text}; the search was stopped" if stopped else text
        )
        return found

    def _tell(self, search: Searching, command: Auto) -> None:
        """Publish what a search does, when that or its second is another."""
        if (progress := search.progress) is None:
            return
        shown, text = self.publisher.view, f"looking for a formula: {progress.text}"
        if progress.best is not None and math.isfinite(progress.best.error):
            text += f"; the best so far is off by {100 * progress.best.error:.3g} %"
        second, total = int(search.seconds()), math.ceil(command.seconds)
        new = shown.status != "searching" or shown.message.text != text
        if new or shown.step != second:
            said = text if shown.message.text != text else ""
            self.publisher.change("info", said, status="searching", step=second, total_steps=total)

    def _take(self, command: TakeFormula) -> dict[str, Any]:
        from kanwidget.discovery.functions import Stage

        if command.index >= len(self.front):
            there = f"formulas 0 to {len(self.front) - 1}" if self.front else "none yet; call auto"
            raise ValueError(f"index is {command.index}; the last search found {there}")
        entry = self.front[command.index]
        label = f"take {words(entry)}"
        stage = Stage(command.name, label, command.arguments(), entry.network)
        self.recorder.road([stage], BECAUSE)
        self.publisher.whole(self.status, "info", f"{label}: validation loss {entry.val_loss:.3g}")
        return dict(self.recorder.history.current.metrics)
