"""What stands for the widget where there is no kernel: a picture, the formula and a line of text.

GitHub, nbconvert and a notebook that is opened again show what was true when the cell ran.  Where no
page has ever shown the widget, as when nbclient or papermill executes a notebook, it is brought up to
date after every cell: nobody sees the output change, and the last state is the one that is kept.
"""

from __future__ import annotations

import contextlib
import weakref
from concurrent.futures import TimeoutError
from typing import TYPE_CHECKING, Any

from IPython import get_ipython

from kanwidget.plotting.svg import to_svg
from kanwidget.session.view import View
from kanwidget.texts import printable
from kanwidget.widget.plain_formula import plain

if TYPE_CHECKING:
    from kanwidget.widget.exporting import Exporting

DIGITS = 3
WAIT = 2.0
"""Seconds for which the end of a cell waits for what it has begun to be measured and drawn."""


def bundle(view: View) -> dict[str, str]:
    """A view by mime type, for any program that shows notebooks."""
    text = in_words(view)
    title, *formula = text.splitlines()
    data = {"text/plain": text, "image/svg+xml": to_svg(view.picture, title, formula)}
    if view.formula.latex:
        data["text/latex"] = f"$\\displaystyle {view.formula.latex}$"
    return data


def in_words(view: View) -> str:
    """The network, how good it is, and its formula, a line each."""
    summary, drawn = view.summary, view.picture
    parts = [f"{summary['alive']} of {summary['edges']} edges", f"{summary['symbolic']} symbolic"]
    losses = [("validation", "val_loss"), ("test", "test_loss")]
    parts += [
        f"{name} loss {summary[loss]:.{DIGITS}g}"
        for name, loss in losses
        if summary.get(loss) is not None
    ]
    nodes = ", ".join(map(str, drawn.width))
    formula = plain(view.formula.latex) or view.formula.text
    lines = [f"KANWidget of KAN [{nodes}]: {', '.join(parts)}", *formula.splitlines()]
    return "\n".join(printable(line) for line in lines)


class Output:
    """The output of a cell that shows a widget, brought up to date while no page has shown it.

    Parameters
    ----------
    widget : KANWidget
        It is not kept alive by this.
    """

    def __init__(self, widget: Exporting) -> None:
        from IPython.display import display

        self._widget = weakref.ref(widget)
        self._version = widget.session.view.version
        data, metadata = widget._repr_mimebundle_()
        self._handle: Any = display(data, metadata=metadata, raw=True, display_id=True)
        self._shell = get_ipython()
        self._shell.events.register("post_run_cell", self._follow)

    def _follow(self, result: Any = None) -> None:
        widget = self._widget()
        if widget is None or getattr(widget, "comm", None) is None or widget.was_seen:
            self._shell.events.unregister("post_run_cell", self._follow)
            return
        with contextlib.suppress(TimeoutError, RuntimeError):  # too long, or the session is over
            widget.session._enqueue(lambda: None).result(timeout=WAIT)
        version = widget.session.view.version
        if version != self._version:
            self._version = version
            data, metadata = widget._repr_mimebundle_()
            self._handle.update(data, metadata=metadata, raw=True)
