"""What can be told of a session: as Python, as a notebook, as a comparison, as a verdict."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.history import History, Node, pareto
from kanwidget.session.view import history_view

if TYPE_CHECKING:
    from kanwidget.session.checking import Check
    from kanwidget.session.comparing import Comparison
    from kanwidget.session.looking import Sight
    from kanwidget.session.publishing import Publisher
    from kanwidget.session.recording import Recorder

Path = str | os.PathLike[str]


class Reporting(ABC):
    """What a session tells of itself; the model stays as it is."""

    model: KAN
    dataset: Dataset
    history: History
    path: str | None
    _recorder: Recorder
    _publisher: Publisher

    @abstractmethod
    def save(self, path: Path, data: bool = True) -> None:
        """Write it into a file."""

    def to_python(
        self, file: Path | None = None, path: Path | None = None, saving: bool = True
    ) -> str:
        """A script that does all of it again, by kanwidget's own names, and ends in the same formula.

        Parameters
        ----------
        file : str or path, optional
            Where to write it: ``"run.py"``.
        path : str or path, optional
            A file ``*.kan`` for what no call does again: data that no function gave, a model that was
            not new, steps of a search or of an optimizer of your own.  Where there is such a thing the
            session is saved there, and the script reads it; that of the last `save` where not given.
        saving : bool
            False where the session is not to be saved, whatever there is.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If such a file is needed and there is none; the sentence says for what.
        """
        from kanwidget.session.retelling.script import to_python

        return self._told(to_python, file, path, saving, str)

    def to_notebook(
        self, file: Path | None = None, path: Path | None = None, saving: bool = True
    ) -> dict[str, Any]:
        """The same as a notebook: a dictionary of nbformat 4; see `to_python`."""
        from kanwidget.session.retelling.notebook import to_notebook

        return self._told(to_notebook, file, path, saving, lambda made: json.dumps(made, indent=1))

    def _told(
        self, tell: Any, file: Path | None, path: Path | None, saving: bool, text: Any
    ) -> Any:
        with self.model.exclusive:
            history = self._recorder.with_unfinished()
        try:
            told = tell(self.model, self.dataset, history)
        except ValueError:
            path = self.path if path is None else path
            if path is None or not saving:
                raise
            self.save(path)
            if file is not None:  # which stands where the script is
                path = os.path.relpath(path, os.path.dirname(os.path.abspath(file)))
            told = tell(self.model, self.dataset, history, path)
        if file is not None:
            from kanwidget.session.storage import whole_file

            whole_file.replace(file, [text(told).encode()])
        return told

    def look(self, number: int) -> Sight:
        """How a step looks: its picture, its formula, its losses; the model stays where it is.

        Parameters
        ----------
        number : int
            Of the step in the history.

        Raises
        ------
        KeyError
            If there is no such step.
        ValueError
            If its state was let go to save memory.
        """
        from kanwidget.session.looking import look

        node = self.history.node(number)
        if self._publisher.measure(node):
            with self.model.exclusive:
                seen = history_view(self.history)
            self._publisher.change(history=seen)
        return look(node, self.model, self.dataset, self._publisher.metric)

    def compare(self, a: int, b: int | None = None) -> Comparison:
        """What differs between two steps: edges, functions, losses, formula; as data and as text.

        Parameters
        ----------
        a, b : int
            Their numbers in the history; b is the current one where not given.

        Raises
        ------
        KeyError
            If there is no such step.
        ValueError
            If a state was let go to save memory.
        """
        from kanwidget.session.comparing import compare

        return compare(self._step(a), self._step(b), self.model)

    def _step(self, number: int | None) -> Node:
        node = self.history.current if number is None else self.history.node(number)
        self._publisher.measure(node)
        return node

    def pareto(self) -> list[Node]:
        """The steps that no other beats in both complexity and validation loss, the simplest first."""
        nodes = list(self.history.nodes)
        for node in nodes:
            self._publisher.measure(node)
        return pareto(nodes)

    def check(self, target: Any = None, **goals: Any) -> Check:
        """Say whether goals were reached; see `kanwidget.session.check`."""
        from kanwidget.session.checking import check

        return check(self, target, **goals)

    def tree(self) -> str:
        """The history as text, a line a step."""
        from kanwidget.session.comparing.telling import tree

        for node in list(self.history.nodes):
            self._publisher.measure(node)
        return tree(self.history)
