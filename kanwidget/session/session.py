"""The session: a live model with its data and its history, and one queue for all that is done to it."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.fitting import fitting_dataset, name_after
from kanwidget.importance import check_metric
from kanwidget.model import KAN
from kanwidget.session.calls import same_data
from kanwidget.session.commands import Auto, Command, Move, TakeFormula, Train
from kanwidget.session.doing import Doing
from kanwidget.session.history import LIMIT, History
from kanwidget.session.keeping import Keeping
from kanwidget.session.opening import opened
from kanwidget.session.performing import ENDING, Performer
from kanwidget.session.publishing import Publisher, Subscriber
from kanwidget.session.recording import Recorder, counts
from kanwidget.session.reporting import Reporting
from kanwidget.session.steering import Steering
from kanwidget.session.view import View
from kanwidget.session.worker import Task

TAKEN_OVER = "the network is in a session with other data now; this one shows how it was, and follows no more"
CLOSED = "this session is closed; make a new one for the model"
_open: weakref.WeakSet[Session] = weakref.WeakSet()
_making = threading.RLock()


@atexit.register
def _close_all() -> None:
    """End the workers before Python ends: a thread cut off inside torch aborts the process."""
    for session in list(_open):
        session.close()


class Session(Doing, Steering, Keeping, Reporting):
    """A live model with its data and the history of what was done to it.

    Commands may come from any thread; each returns when it is done, or raises what was wrong.  What is
    done to the model directly is seen and becomes history too: ``model.fit(…)`` and all other actions
    when they are done, steps of an optimizer of your own when they pause.

    A model has one session, which lives as long as the model: `of` gives it.  What comes while a
    training or a search runs:

    ============================================  ===================================================
    an edit, a suggestion, a note                 is done between two iterations; it then goes on
    undo, redo, jump, `take`, `train`, `auto`     end it first; a training keeps what it did
    ``model.fit(…)`` of your own                  is refused while the session trains, and so is
                                                  `train` while your own fit runs
    undo, redo, jump, `take`, `stop`              end a fit of your own too, after its iteration
    ============================================  ===================================================

    Parameters
    ----------
    model : KAN, or one of pykan's in whose place comes ours, the live one
    dataset : Dataset or dict
    limit : int
        Bytes that the states of its history may take; see `kanwidget.session.history.History`.

    Attributes
    ----------
    model, dataset :
        The live ones.
    history : History
    view : View
        The last one published.
    path : str or None
        The file it was last saved to or loaded from.
    front : list of Entry
        What the last search found, from the simplest formula to the best; `take` makes it one of them.

    Raises
    ------
    TypeError, ValueError
        If model is no KAN, or the data do not fit it.
    """

    def __init__(
        self, model: Any, dataset: Any, limit: int = LIMIT, *, history: History | None = None
    ) -> None:
        checks.whole("limit", limit, 0)
        model, notice = opened(model, dataset)
        self.model: KAN = model
        self.dataset: Dataset = fitting_dataset(model, dataset)
        for other in _sessions(model):
            other._give_up()
        with model.exclusive:
            if history is None:
                model.calibration = self.dataset.train_input
                name_after(model, self.dataset)
                history = History(model.snapshot(), counts(model), limit)
            else:  # names that a person has given are in it
                model.known_names = {(self.dataset.input_names, self.dataset.output_names)}
            self.history = history
            self._recorder = Recorder(model, self.dataset, history)
            model.listeners.append(self._hear)
            model.beforehand.append(self._recorder.begin)
        self._publisher = Publisher(self._recorder)
        self._performer = Performer(model, self.dataset, self._recorder, self._publisher)
        self._recorder.changed = self._performer.changed
        self._performer.ask = lambda inquiry: inquiry.ask(self)
        self._worker = self._performer.worker
        self._closed = ""
        self._watch_optimizers()
        _open.add(self)
        if notice:
            self.say("info", notice)

    @classmethod
    def of(cls, model: Any, dataset: Any = None) -> Session:
        """The session that a model has; a new one where it has none, or one with other data.

        Parameters
        ----------
        model : KAN
        dataset : Dataset or dict, optional
            Not needed where there is a session.

        Raises
        ------
        TypeError, ValueError
            If there is no session and no data, or they do not fit.
        """
        with _making:
            there = _sessions(model) if isinstance(model, KAN) else []
            if there and (dataset is None or same_data(dataset, there[0].dataset)):
                return there[0]
            if dataset is None:
                raise TypeError("dataset is missing; a new session needs the data")
            return cls(model, dataset)

    def __repr__(self) -> str:
        return f"Session({self.model!r}, {len(self.history.nodes)} states)"

    @property
    def view(self) -> View:
        """The last one published."""
        return self._publisher.view

    @property
    def metric(self) -> str:
        """By which edges are scored."""
        return self._publisher.metric

    @property
    def digits(self) -> int | None:
        """Of the formula's numbers; None is all."""
        return self._publisher.digits

    @property
    def front(self) -> list[Any]:
        """What the last search found, the simplest formula first."""
        return self._performer.front

    # ------------------------------------------------------------------ what a person can do besides

    def stop(self) -> None:
        """End what runs or waits: a training after its present iteration, a search with its best."""
        self._end()
        self.model.stop_fit()

    def cancel(self) -> None:
        """End what runs or waits, and keep nothing of it: the state before it comes back.

        A training that was changed in its midst goes back to the last of these changes.
        """
        for task in list(self._performer.running):
            task.cancelled = True
            task.answer.cancel()
            task.end(by="cancel")
        self._worker.nudge()

    def set_metric(self, metric: str, wait: bool = True) -> None:
        """Score edges by another metric from now on: backward, forward_n or forward_u."""
        self._publisher.metric = check_metric(metric)
        shown = self._enqueue(lambda: self._publisher.whole(self._performer.status))
        if wait:
            shown.result()

    def set_digits(self, digits: int | None, wait: bool = True) -> None:
        """Show the formula's numbers with so many digits from now on, 1 to 12; None shows all."""
        from kanwidget.formula.arguments import checked_digits

        self._publisher.digits = None if digits is None else checked_digits(digits)
        written = self._enqueue(self._publisher.rewrite)
        if wait:
            written.result()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every new view, on the thread that made it; returns how to end it."""
        return self._publisher.subscribe(subscriber)

    def say(self, kind: str, text: str) -> None:
        """Publish a message ('info', 'warning' or 'error') with an otherwise unchanged view."""
        self._publisher.change(kind, text)

    @staticmethod
    def stop_all() -> None:
        """Stop what runs or waits in any session."""
        for session in list(_open):
            session.stop()

    def _give_up(self) -> None:
        """Leave the model to a session with other data."""
        self.close(TAKEN_OVER)
        self.say("warning", TAKEN_OVER)

    def close(self, because: str = CLOSED) -> None:
        """Stop what runs, save what is saved by itself, let go; refuse commands with ``because``."""
        self._closed = because
        self._end(by="closing the session")
        self._performer.end()
        self._performer.aside.end()
        with self.model.exclusive:
            if self._hear in self.model.listeners:
                self.model.listeners.remove(self._hear)
                self.model.beforehand.remove(self._recorder.begin)
        self._forget_optimizers()
        self._end_saving()

    # ------------------------------------------------------------------ queue

    def submit(self, command: Command) -> Future[Any]:
        """Put a command into the queue; its answer or its error comes with the future."""
        if isinstance(command, ENDING):
            self._end(by=command.label)
            if isinstance(command, Move | TakeFormula):
                self.model.stop_fit()
        return self._enqueue(command)

    def _end(self, by: str = "") -> None:
        for task in list(self._performer.running):
            task.end(by)
        self._worker.nudge()

    def _enqueue(self, work: Command | Callable[[], Any]) -> Future[Any]:
        if self._closed:
            raise RuntimeError(self._closed)
        task = Task(work)
        if isinstance(work, Train | Auto):
            self._performer.running.append(task)
        self._worker.put(task)
        return task.answer

    def _do(self, command: Command) -> Any:
        waits: Any = self.model.exclusive
        if self._worker.is_here or waits._is_owned():
            raise RuntimeError(
                f"{command.name} was called where the session would wait for the caller without end: by "
                "an observer of it, or under the model's lock; hand the command to submit"
            )
        answer = self.submit(command)
        try:
            return answer.result()
        except KeyboardInterrupt:
            self.stop()
            raise

    # ------------------------------------------------------------------ what others do to the model

    def _hear(self, event: str, details: dict[str, Any]) -> None:
        self._recorder.hear(event, details)
        if event == "step":
            self._publisher.frame(details["progress"].step, 0)

    def _watch_optimizers(self) -> None:
        """Hear of the steps of any optimizer of torch that has the model's parameters."""
        mine = weakref.ref(self)

        def stepped(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            session = mine()
            if session is None or session.model.fitting:
                return
            held = {id(each) for each in session.model.parameters()}
            groups = optimizer.param_groups
            if any(id(each) in held for group in groups for each in group["params"]):
                session._performer.stepped(type(optimizer).__name__)

        handle = register_optimizer_step_post_hook(stepped)
        self._forget_optimizers = weakref.finalize(self, handle.remove)


def _sessions(model: KAN) -> list[Session]:
    """The session of a model, if it has one."""
    owners = (getattr(listener, "__self__", None) for listener in model.listeners)
    return [owner for owner in owners if isinstance(owner, Session)]
