"""A session in a file: saved when a person says so, or by itself from then on."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kanwidget import checks
from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.history import History
from kanwidget.session.view import View
from kanwidget.session.worker import Worker

if TYPE_CHECKING:
    from torch import Tensor
    from typing_extensions import Self

    from kanwidget.edges import EdgeFunction
    from kanwidget.session.recording import Recorder

Path = str | os.PathLike[str]


class Saver:
    """Writes a session into a file, soon after it was told to and not more often than asked for.

    Parameters
    ----------
    session : Keeping
    path : str or path
    data : bool
        Whether the data are in the file.
    every : float
        Seconds between two savings at least.
    """

    def __init__(self, session: Keeping, path: Path, data: bool, every: float) -> None:
        self._session, self.path, self._data, self._every = session, path, data, every
        self._worker = Worker("kanwidget saving", lambda task: None, self._idle)
        self._due, self._next = False, 0.0
        self._seen = session.view.history
        self._unsubscribe = session.subscribe(self._see)

    def _see(self, view: View) -> None:
        """Save soon what has changed."""
        if view.status == "training" or view.history is not self._seen:
            self._seen = view.history
            if not self._due:
                self._due = True
                self._worker.wake()

    def end(self) -> None:
        """Save now what has not been saved, and no more."""
        self._unsubscribe()
        self._next = 0.0
        if self._due:
            self._worker.wake()
        self._worker.end()

    def _idle(self) -> float | None:
        if not self._due:
            return None
        if (wait := self._next - time.monotonic()) > 0:
            return wait
        self._due = False
        try:
            self._session.save(self.path, self._data)
        except (OSError, ValueError) as error:
            self._session.say("error", f"the session could not be saved: {error}")
        self._next = time.monotonic() + self._every
        return 0


class Keeping(ABC):
    """What a session does with files."""

    model: KAN
    dataset: Dataset
    history: History
    _recorder: Recorder
    path: str | None = None
    _saver: Saver | None = None

    @property
    @abstractmethod
    def view(self) -> View:
        """What was published last."""

    @property
    @abstractmethod
    def metric(self) -> str:
        """By which edges are scored."""

    @abstractmethod
    def say(self, kind: str, text: str) -> None:
        """Publish a message."""

    @abstractmethod
    def subscribe(self, subscriber: Callable[[View], None]) -> Callable[[], None]:
        """Hear of views."""

    @abstractmethod
    def set_metric(self, metric: str, wait: bool = True) -> None:
        """Score edges by another metric."""

    def save(self, path: Path, data: bool = True) -> None:
        """Write model, history with its notes, and data into one file; `load` brings all back.

        It replaces a file that is there as a whole, or not at all.  A training goes on meanwhile; what
        it has done so far is in the file.

        Parameters
        ----------
        path : str or path
            ``"x.kan"``.
        data : bool
            Whether the data are in it; without them `load` has to be given the same.

        Raises
        ------
        OSError, ValueError
            If it cannot be written there.
        """
        from kanwidget.session.storage import collect, put

        with self.model.exclusive:
            history = self._recorder.with_unfinished()
            contents = collect(self.model, self.dataset, history, {"metric": self.metric}, data)
        put(contents, path)
        self.path = os.path.abspath(path)

    @classmethod
    def load(
        cls,
        path: Path,
        dataset: Any = None,
        base_fun: Callable[[Tensor], Tensor] | None = None,
        functions: Mapping[str, EdgeFunction] | None = None,
    ) -> Self:
        """A session from a file: its model, its data, its history; nothing in the file is run.

        Parameters
        ----------
        path : str or path
        dataset : Dataset or dict, optional
            Where the file was written without data: the same ones.
        base_fun : callable, optional
            The base function, where it was one of your own.
        functions : dict, optional
            Functions of edges that are not in the library, by their names.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is no session, is damaged, or was written by a later version; or the data are missing
            or others.
        """
        from kanwidget.session.storage import read

        saved = read(path, dataset, base_fun, functions)
        made: Any = cls
        session: Self = made(saved.model, saved.dataset, history=saved.history)
        session.path = os.path.abspath(path)
        session.set_metric(saved.settings.get("metric", session.metric))
        return session

    def autosave(self, path: Path | None, data: bool = True, every: float = 5.0) -> None:
        """Save now, and by itself after every action from now on; a running training every so often.

        Parameters
        ----------
        path : str, path or None
            None ends it.
        data : bool
            Whether the data are in the file.
        every : float
            Seconds between two savings at least.

        Raises
        ------
        OSError, ValueError
            If it cannot be written there.
        """
        checks.number("every", every, least=0)
        if path is not None:
            self.save(path, data)
        self._end_saving()
        self._saver = None if path is None else Saver(self, path, data, every)

    def _end_saving(self) -> None:
        saver, self._saver = self._saver, None
        if saver is not None:
            saver.end()
