"""The session: one worker thread that owns a live model, its data and its history.

Whoever wants something done puts a command into the queue; the worker takes one after the other,
commits what changed to the history, and publishes a new `View`.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.fitting import Progress, Trainer, fitting_dataset, name_after, root_mean_squares
from kanwidget.importance import check_metric
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.session import commands, view
from kanwidget.session.commands import (
    Auto,
    Command,
    Edit,
    Question,
    Redo,
    TakeFormula,
    Train,
    Undo,
)
from kanwidget.session.doing import Doing
from kanwidget.session.history import NO_LOSSES, History, LossCurve, RunningCurve
from kanwidget.session.pacing import Pace, quick_turns
from kanwidget.session.searching import Searching, steps, told, words
from kanwidget.session.view import Message, View
from kanwidget.session.worker import Dropped, Task, Worker

if TYPE_CHECKING:
    from kanwidget.discovery.front import Entry
    from kanwidget.discovery.functions import Stage

Subscriber = Callable[[View], None]
ENDING = (Auto, Redo, TakeFormula, Train, Undo)
"""Commands that end a training or a search that is running; all others are done in the midst of it."""
LOOK = 0.02
"""Seconds after which the worker looks again for other commands while a search runs."""
log = logging.getLogger(__name__)
_open: weakref.WeakSet[Session] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """End the workers before Python ends: a thread cut off inside torch aborts the process."""
    for session in list(_open):
        session.close()


class Session(Doing):
    """A live model with its data and the history of what was done to it.

    Commands may come from any thread; each returns when it is done, or raises what was wrong.
    What is done to the model directly, ``model.fit(…)`` say, is seen and becomes history too.

    Parameters
    ----------
    model : KAN
    dataset : Dataset or dict

    Attributes
    ----------
    model, dataset :
        The live ones.
    history : History
    view : View
        The last one published.
    front : list of Entry
        What the last search found, from the simplest formula to the best; `take` makes it one of them.

    Raises
    ------
    TypeError, ValueError
        If model is no KAN, or the data do not fit it.
    """

    def __init__(self, model: KAN, dataset: Any) -> None:
        if not isinstance(model, KAN):
            raise TypeError(f"model is a {type(model).__name__}; a kanwidget.KAN is needed")
        self.model = model
        self.dataset: Dataset = fitting_dataset(model, dataset)
        with model.exclusive:
            model.calibration = self.dataset.train_input
            name_after(model, self.dataset)
        self.history = History(*self._state())
        self.metric = "backward"
        self._subscribers: list[Subscriber] = []
        self._publishing = threading.RLock()
        self.front: list[Entry] = []
        self._running: list[Task] = []
        self._searching = False
        self._pace = Pace(1 / 30)
        self._curve = RunningCurve()
        self._uncommitted = self._editing = False
        self.view = self._full_view(0, Message())
        self._worker = Worker(self._run)
        self._worker.start()
        _open.add(self)
        weak = weakref.WeakMethod(self._model_did)

        def listen(event: str, details: dict[str, Any]) -> None:
            method = weak()
            if method is not None:
                method(event, details)

        self._listen = listen
        model.listeners.append(listen)

    def __repr__(self) -> str:
        return f"Session({self.model!r}, {len(self.history.nodes)} states)"

    # ------------------------------------------------------------------ what a person can do besides

    def stop(self) -> None:
        """End what runs or waits: a training after its present iteration, a search with its best."""
        self._end()

    def _end(self, by: str = "") -> None:
        for task in list(self._running):
            task.end(by)

    def set_metric(self, metric: str, wait: bool = True) -> None:
        """Score edges by another metric from now on: backward, forward_n or forward_u."""
        self.metric = check_metric(metric)

        def show() -> None:
            self._publish(self._full_view(self.view.version + 1, self.view.message))

        shown = self._enqueue(show)
        if wait:
            shown.result()

    # ------------------------------------------------------------------ queue

    def submit(self, command: Command) -> Future[Any]:
        """Put a command into the queue; its answer or its error comes with the future.

        Undo, redo, `take`, another training and another search end what is running; any other command
        is done between two iterations of a training, and beside a search.
        """
        if isinstance(command, ENDING):
            self._end(by=command.label)
        return self._enqueue(command)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every new view, on the thread that made it; returns how to end it."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def say(self, kind: str, text: str) -> None:
        """Publish a message ('info', 'warning' or 'error') with an otherwise unchanged view."""
        with self._publishing:
            message = Message(kind, text, self.view.message.number + 1)
            self._publish(self.view.but(message=message, version=self.view.version + 1))

    def close(self) -> None:
        """Stop training, end the worker and let go of the model."""
        self._end(by="closing the session")
        if self._listen in self.model.listeners:
            self.model.listeners.remove(self._listen)
        self._worker.end()

    def _enqueue(self, work: Command | Callable[[], None]) -> Future[Any]:
        if not self._worker.is_alive():
            raise RuntimeError("this session is closed; make a new one for the model")
        task = Task(work)
        if isinstance(work, Train | Auto):
            self._running.append(task)
        self._worker.put(task)
        return task.answer

    def _do(self, command: Command) -> Any:
        if self._worker.is_here:
            raise RuntimeError(
                f"{command.name} was called by an observer of the session, which it would wait for "
                "without end; hand the command to submit"
            )
        answer = self.submit(command)
        try:
            return answer.result()
        except KeyboardInterrupt:
            self.stop()
            raise

    # ------------------------------------------------------------------ the worker

    def _run(self, task: Task) -> None:
        try:
            if not task.answer.set_running_or_notify_cancel():
                return
            if not isinstance(task.work, Command):
                task.answer.set_result(task.work())
                return
            task.work.check(self.model)
            if isinstance(task.work, Train):
                self._train(task, task.work)
            elif isinstance(task.work, Auto):
                self._search(task, task.work)
            else:
                task.answer.set_result(self._apply(task.work))
        except BaseException as error:  # the caller gets it, whatever it is; the worker lives on
            kind = "warning" if isinstance(error, Dropped) else "error"
            if self.view.status == "busy":
                self._changed(kind, commands.explain(error))
            else:
                self.say(kind, commands.explain(error))
            task.answer.set_exception(error)
        finally:
            if task in self._running:
                self._running.remove(task)

    def _apply(self, command: Command) -> Any:
        if isinstance(command, Question):
            return command.answer(self.model, self.dataset)
        if isinstance(command, Undo | Redo):
            undoing = isinstance(command, Undo)
            label = self.history.undo_label if undoing else self.history.redo_label
            node = self.history.undo() if undoing else self.history.redo()
            with self.model.exclusive:
                self.model.restore(node.state)
            self._changed("info", f"{'undid' if undoing else 'did again'}: {label}")
            return label
        if isinstance(command, TakeFormula):
            return self._take(command)
        assert isinstance(command, Edit)
        self._editing = True
        try:
            result = command.apply(self.model, self.dataset)
        finally:
            self._editing = False
        self._commit(command.label, command.name, command.arguments())
        self._changed("info", command.told(result))
        return result

    def _train(self, task: Task, command: Train) -> None:
        """Run a fit; between two iterations other commands have their turn."""
        trainer = Trainer(self.model, self.dataset, command.options())
        done = 0
        try:
            with quick_turns(), contextlib.closing(trainer.steps()) as steps:
                for progress in steps:
                    done = progress.step
                    self._uncommitted = True
                    self._note_losses(progress)
                    if self._pace.due():
                        self._frame(done, command.steps)
                    self._interleave(task, lambda: self._burst(command))
                    if task.stop.is_set():
                        break
        finally:
            # it has stopped: say so before what it led to is measured and written
            self._publish(self.view.but(status="busy"))
            self._burst(command)
        stopped = "stopped" if task.stop.is_set() else ""
        parts = [
            f"trained {done} step{'s' if done != 1 else ''}",
            trainer.stopped_because or stopped,
            trainer.explanation if command.optimizer == "auto" else "",
        ]
        self._changed("warning" if trainer.diverged else "info", "; ".join(filter(None, parts)))
        task.answer.set_result(dict(self.history.current.metrics))

    def _note_losses(self, progress: Progress) -> None:
        if progress.whole:
            self._curve.add(progress.train_loss, progress.val_loss)

    def _interleave(self, running: Task, before_edit: Callable[[], None]) -> None:
        """Do what came in meanwhile, unless it has to wait for the end of what runs."""
        while not running.stop.is_set() and (task := self._worker.first()) is not None:
            if isinstance(task.work, ENDING):  # it came before it could know of what runs
                running.end(by=task.work.label)
                return
            self._worker.take()
            if isinstance(task.work, Edit):
                before_edit()
            self._run(task)

    def _search(self, task: Task, command: Auto) -> None:
        """Search beside the worker, which does other commands meanwhile; then go the road found."""
        search = Searching(self.model, self.dataset, task)
        self._searching = True
        search.start()
        try:
            while not search.over.wait(LOOK) and not task.stop.is_set():
                self._tell(search, command)
                self._interleave(task, lambda: None)
            found = search.result()
        finally:
            self._searching = False
            self._publish(self.view.but(status="busy"))
        if task.ended_by:
            raise Dropped(f"the search was ended by: {task.ended_by}; nothing of it is kept")
        stopped = task.stop.is_set()
        if found is None:
            when = "before it was stopped" if stopped else f"in {command.seconds:g} seconds"
            raise RuntimeError(f"no formula was found {when}; the network is as it was")
        self._adopt(steps(found.road))
        self.front = found.front
        text = told(found, self.dataset, self.model)
        self._changed("info", f"{text}; the search was stopped" if stopped else text)
        task.answer.set_result(found)

    def _tell(self, search: Searching, command: Auto) -> None:
        """Publish what a search does, when that or its second is another."""
        if (progress := search.progress) is None:
            return
        shown, text = self.view, f"looking for a formula: {progress.text}"
        if progress.best is not None and math.isfinite(progress.best.error):
            text += f"; the best so far is off by {100 * progress.best.error:.3g} %"
        second, total = int(search.seconds()), math.ceil(command.seconds)
        new = shown.status != "searching" or shown.message.text != text
        if not new and shown.step == second:
            return
        with self._publishing:
            last = self.view.message
            message = Message("info", text, last.number + 1) if last.text != text else last
            self._publish(
                self.view.but(
                    version=self.view.version + 1, status="searching", message=message,
                    step=second, total_steps=total,
                )
            )  # fmt: skip

    def _take(self, command: TakeFormula) -> dict[str, Any]:
        from kanwidget.discovery.functions import Stage

        if command.index >= len(self.front):
            there = f"formulas 0 to {len(self.front) - 1}" if self.front else "none yet; call auto"
            raise ValueError(f"index is {command.index}; the last search found {there}")
        entry = self.front[command.index]
        label = f"take {words(entry)}"
        self._adopt([Stage(command.name, label, command.arguments(), entry.network)])
        self._changed("info", f"{label}: validation loss {entry.val_loss:.3g}")
        return dict(self.history.current.metrics)

    def _adopt(self, road: list[Stage]) -> None:
        """Go a road, every stage a node of the history; all of it or nothing."""
        from kanwidget.discovery.auto import adopt

        self._editing, states = True, []
        try:
            with self.model.action("auto"):
                for stage in road:
                    adopt(self.model, stage.network)
                    states.append(self._state())
        finally:
            self._editing = False
        for stage, state in zip(road, states, strict=True):
            self.history.commit(stage.label, stage.command, stage.arguments, *state)

    def _burst(self, training: Train) -> None:
        """Make a node of the history of what was trained since the last one."""
        if not self._uncommitted:
            return
        self._uncommitted = False
        curve = self._curve.take()
        steps = len(curve.train)
        label = f"train {steps} step{'s' if steps > 1 else ''}" if steps else "train part of a step"
        self._commit(label, "train", training.arguments() | {"steps": steps}, curve)

    def _commit(
        self, label: str, name: str, arguments: dict[str, Any], curve: LossCurve = NO_LOSSES
    ) -> None:
        self.history.commit(label, name, arguments, *self._state(), curve)

    # ------------------------------------------------------------------ what others do to the model

    def _model_did(self, event: str, details: dict[str, Any]) -> None:
        if self._editing and self._worker.is_here:
            return
        if event == "step":
            progress: Progress = details["progress"]
            self._note_losses(progress)
            if self._pace.due():
                self._frame(progress.step, 0)
            return
        state, metrics = self._state()
        curve = self._curve.take() if event == "fit" else NO_LOSSES
        label = f"model.{event}({', '.join(f'{k}={v}' for k, v in details.items())})"

        def record() -> None:
            self.history.commit(label, event, details, state, metrics, curve)
            self._changed("info", label)

        self._enqueue(record)

    # ------------------------------------------------------------------ views

    def _state(self) -> tuple[Snapshot, dict[str, Any]]:
        with self.model.exclusive:
            losses = root_mean_squares(self.model, self.dataset)
            return self.model.snapshot(), view.metrics(self.model, losses)

    def _changed(self, kind: str, text: str) -> None:
        with self._publishing:
            message = Message(kind, text, self.view.message.number + 1)
        self._publish(self._full_view(self.view.version + 1, message))

    def _full_view(self, version: int, message: Message) -> View:
        quiet = "searching" if self._searching else "idle"
        status = "training" if self.model.fitting else quiet
        return view.whole(
            self.model, self.dataset, self.metric, self.history, self._curve,
            version=version, status=status, message=message,
        )  # fmt: skip

    def _frame(self, step: int, total: int) -> None:
        """Publish how far the running fit is."""
        with self._pace:
            drawn = view.frame(
                self.view, self.model, self.dataset, self.metric, self.history, self._curve
            )
            with self._publishing:
                self._publish(
                    self.view.but(
                        **drawn,
                        version=self.view.version + 1,
                        status="training",
                        step=step,
                        total_steps=total,
                    )
                )

    def _publish(self, new: View) -> None:
        with self._publishing:
            self.view = new.but(version=max(new.version, self.view.version + 1))
            for subscriber in list(self._subscribers):
                try:
                    subscriber(self.view)
                except Exception:  # it is somebody else's, and must not end what is going on here
                    log.exception("a subscriber of the session failed")
