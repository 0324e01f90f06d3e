"""The session: one worker thread that owns a live model, its data and its history.

Whoever wants something done puts a command into the queue; the worker takes one after the other,
commits what changed to the history, and publishes a new `View`.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kanwidget.datasets import Dataset
from kanwidget.fitting import Progress, Trainer, fitting_dataset, name_after, root_mean_squares
from kanwidget.importance import check_metric
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.session import commands, view
from kanwidget.session.commands import Command, Edit, Redo, Suggest, Train, Undo
from kanwidget.session.history import NO_LOSSES, History, LossCurve, RunningCurve
from kanwidget.session.pacing import Pace, quick_turns
from kanwidget.session.view import Message, View
from kanwidget.session.worker import Task, Worker
from kanwidget.symbolic.suggest import Candidate

Subscriber = Callable[[View], None]
log = logging.getLogger(__name__)
_open: weakref.WeakSet[Session] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """End the workers before Python ends: a thread cut off inside torch aborts the process."""
    for session in list(_open):
        session.close()


class Session:
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
        self._trainings: list[Task] = []
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

    # ------------------------------------------------------------------ what a person can do

    def train(
        self,
        steps: int = 20,
        optimizer: str = "LBFGS",
        lr: float | None = None,
        lamb: float = 0.0,
        lamb_entropy: float = 2.0,
        update_grid: bool = True,
    ) -> dict[str, Any]:
        """Train; returns the losses when all steps are done or `stop` was called."""
        return self._do(Train(steps, optimizer, lr, lamb, lamb_entropy, update_grid))

    def stop(self) -> None:
        """End every running or waiting training after its present iteration."""
        for task in list(self._trainings):
            task.stop.set()

    def prune(self, threshold: float, metric: str | None = None) -> int:
        """Remove edges that score at most ``threshold``; returns how many went."""
        return self._do(commands.Prune(threshold, metric or self.metric))

    def fix_symbolic(self, l: int, i: int, j: int, function: str) -> float:
        """Give edge (l, i, j) a function; returns R² of its fit."""
        return self._do(commands.FixSymbolic((l, i, j), function))

    def unfix_symbolic(self, l: int, i: int, j: int) -> None:
        """Make edge (l, i, j) its spline again."""
        self._do(commands.UnfixSymbolic((l, i, j)))

    def remove_edge(self, l: int, i: int, j: int) -> None:
        """Take edge (l, i, j) out of the sum."""
        self._do(commands.RemoveEdge((l, i, j)))

    def restore_edge(self, l: int, i: int, j: int) -> None:
        """Bring edge (l, i, j) back as it was."""
        self._do(commands.RestoreEdge((l, i, j)))

    def remove_node(self, layer: int, node: int) -> None:
        """Remove all edges of a node."""
        self._do(commands.RemoveNode(layer, node))

    def restore_node(self, layer: int, node: int) -> None:
        """Bring all edges of a node back."""
        self._do(commands.RestoreNode(layer, node))

    def suggest(self, l: int, i: int, j: int) -> list[Candidate]:
        """Functions for edge (l, i, j), best first."""
        return self._do(Suggest((l, i, j)))

    def undo(self) -> str:
        """Go back before the last action; returns its label."""
        return self._do(Undo())

    def redo(self) -> str:
        """Do again what was undone; returns its label."""
        return self._do(Redo())

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

        Undo, redo and another training end one that is running; any other command is done between
        two of its iterations.
        """
        if isinstance(command, Undo | Redo | Train):
            self.stop()
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
        self.stop()
        if self._listen in self.model.listeners:
            self.model.listeners.remove(self._listen)
        self._worker.end()

    def _enqueue(self, work: Command | Callable[[], None]) -> Future[Any]:
        if not self._worker.is_alive():
            raise RuntimeError("this session is closed; make a new one for the model")
        task = Task(work)
        if isinstance(work, Train):
            self._trainings.append(task)
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
            else:
                task.answer.set_result(self._apply(task.work))
        except BaseException as error:  # the caller gets it, whatever it is; the worker lives on
            if self.view.status == "busy":
                self._changed("error", commands.explain(error))
            else:
                self.say("error", commands.explain(error))
            task.answer.set_exception(error)
        finally:
            if task in self._trainings:
                self._trainings.remove(task)

    def _apply(self, command: Command) -> Any:
        if isinstance(command, Suggest):
            return command.answer(self.model)
        if isinstance(command, Undo | Redo):
            undoing = isinstance(command, Undo)
            label = self.history.undo_label if undoing else self.history.redo_label
            node = self.history.undo() if undoing else self.history.redo()
            with self.model.exclusive:
                self.model.restore(node.state)
            self._changed("info", f"{'undid' if undoing else 'did again'}: {label}")
            return label
        assert isinstance(command, Edit)
        self._editing = True
        try:
            result = command.apply(self.model)
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
                    self._interleave(task, command)
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

    def _interleave(self, running: Task, training: Train) -> None:
        """Do what came in meanwhile, unless it has to wait for the end of the training."""
        while not running.stop.is_set() and (task := self._worker.waiting()) is not None:
            if isinstance(task.work, Edit):
                self._burst(training)
            self._run(task)

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
        status = "training" if self.model.fitting else "idle"
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
