"""A search for formulas beside the session's worker, and what a page is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.commands import Auto
from kanwidget.session.pacing import quick_turns
from kanwidget.session.view import finite
from kanwidget.session.worker import Task

if TYPE_CHECKING:
    from kanwidget.discovery.auto import Discovery
    from kanwidget.discovery.front import Entry
    from kanwidget.discovery.functions import Stage
    from kanwidget.discovery.search import Progress

MOST_NAMED = 5
"""Of the numbers that constants became, so many are in a label."""
LONGEST = 80
"""Characters of a formula in a label."""


class Searching(threading.Thread):
    """Looks for a formula on a thread of its own, so that the worker is free for other commands.

    Parameters
    ----------
    model : KAN
        Is copied; what is done to it meanwhile does not touch the search.
    dataset : Dataset
    task : Task
        Whose command is an `Auto`, and whose ``stop`` ends the search.

    Attributes
    ----------
    progress : Progress or None
        The last that was heard.
    over : threading.Event
        Set when there is a result.
    """

    def __init__(self, model: KAN, dataset: Dataset, task: Task) -> None:
        super().__init__(name="kanwidget search", daemon=True)
        self._model = model.still()
        self._dataset, self._task = dataset, task
        self.progress: Progress | None = None
        self.over = threading.Event()
        self._found: Discovery | None = None
        self._error: BaseException | None = None
        self._began = time.perf_counter()

    def seconds(self) -> float:
        """Since it began."""
        return time.perf_counter() - self._began

    def run(self) -> None:
        """Search; the thread's own."""
        try:
            with quick_turns():
                self._found = self._search()
        except BaseException as error:  # the worker raises it
            self._error = error
        finally:
            self.over.set()

    def result(self) -> Discovery | None:
        """What was found, when it is over; raises what the search met."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._found

    def _search(self) -> Discovery | None:
        from kanwidget.discovery.auto import discover

        command = self._task.work
        assert isinstance(command, Auto)
        stop = self._task.stop.is_set
        search = discover(
            self._model, self._dataset, command.lib, command.seconds, command.seed, stop
        )
        with closing(search):
            while not self._task.ended_by:
                try:
                    self.progress = next(search)
                except StopIteration as end:
                    found: Discovery | None = end.value
                    return found
        return None


def steps(road: Iterable[Stage]) -> list[Stage]:
    """The road with all constants that were made simple numbers as one step."""
    from kanwidget.discovery.functions import Stage

    road = list(road)
    snaps = [stage for stage in road if stage.command == "snap"]
    if not snaps:
        return road
    numbers = list(dict.fromkeys(n for stage in snaps for n in stage.arguments["numbers"]))
    named = ", ".join(numbers[:MOST_NAMED]).replace("pi", "π")
    more = ", …" if len(numbers) > MOST_NAMED else ""
    edges = list(dict.fromkeys(edge for stage in snaps for edge in stage.arguments["edges"]))
    one = Stage("snap", f"snap constants: {named}{more}", {"edges": edges}, snaps[-1].network)
    return [*(stage for stage in road if stage.command != "snap"), one]


def told(found: Discovery, dataset: Dataset, model: KAN) -> str:
    """What a person is told of a search, in one sentence.

    Parameters
    ----------
    found : Discovery
    dataset : Dataset
    model : KAN
        That has become what was found.
    """
    from kanwidget.formula.consistency import consistent

    if not found.exact:
        return consistent(found, dataset, model=model).sentence.removesuffix(".")
    formulas = "; ".join(
        f"{name} = {expression}"
        for name, expression in zip(
            dataset.output_names, _short(found, dataset, model), strict=True
        )
    )
    return f"found {formulas}: exact on the validation data"


def summary(found: Discovery, dataset: Dataset, model: KAN) -> dict[str, Any]:
    """What a search found as plain data: formulas as text and as LaTeX, and how well they do."""
    from kanwidget.formula.latex import latex

    written = _short(found, dataset, model)
    return {
        "expressions": [str(expression) for expression in written],
        "latex": [latex(expression) for expression in written],
        "exact": found.exact,
        "complexity": found.complexity,
        "val_loss": finite(found.val_loss),
        "seconds": found.seconds,
        "front": [_entry(entry) for entry in found.front],
        "runner_up": None if found.runner_up is None else _entry(found.runner_up),
        "sentence": told(found, dataset, model),
    }


def words(entry: Entry) -> str:
    """A formula of the front, short enough for a label."""
    text = "; ".join(map(str, entry.expressions))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _entry(entry: Entry) -> dict[str, Any]:
    from kanwidget.formula.latex import latex

    return {
        "complexity": entry.complexity,
        "val_loss": finite(entry.val_loss),
        "latex": ", ".join(latex(expression) for expression in entry.expressions),
    }


def _short(found: Discovery, dataset: Dataset, model: KAN) -> list[Any]:
    from kanwidget.formula.consistency import short

    names = [symbol.name for symbol in found.variables]
    points = dataset.val_input.double()
    return [short(each, names, points, model, digits=4) for each in found.expressions]
