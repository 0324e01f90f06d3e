"""The widget beside figures of the selected edge, residuals, predictions and losses, linked both ways."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets
from IPython import get_ipython

from kanwidget.model import KAN
from kanwidget.session import Session
from kanwidget.session.view import View
from kanwidget.widget.figures import DRAWINGS, Drawing, Shown, edge_curve, predictions, rows_of
from kanwidget.widget.holding import weakly
from kanwidget.widget.widget import KANWidget

WITHOUT_FIGURES = "The figures need ipympl; <code>pip install ipympl</code> brings it."
PACE = 0.5
"""Seconds between two drawings while a training runs."""
LISTED = 400
"""Edges in the list: those that are there, the first ones."""


class Explorer(ipywidgets.HBox):
    """A `KANWidget` and figures beside it; `explorer` makes one.

    Attributes
    ----------
    widget : KANWidget
    selected : (l, i, j) or None
        The edge whose figure is shown: that of the widget.  A trait.
    sample : int or None
        The row of the training data that was clicked in a figure.  A trait.
    drawings : list of Drawing
        Empty where ipympl is missing.
    """

    selected = traitlets.Any(None)
    sample = traitlets.Int(None, allow_none=True)

    # ipywidgets closes what Python forgets, also what could not be made whole
    _unsubscribe: Callable[[], None] = staticmethod(lambda: None)
    widget: Any = None

    def __init__(self, model: KAN | Session, dataset: Any = None, **settings: Any) -> None:
        self.widget = KANWidget(model, dataset, **settings)
        self.drawings: list[Drawing] = []
        self._session = self.widget.session
        self._drawing = threading.RLock()
        self._waiting = False
        self._last = 0.0
        self._edges = ipywidgets.Dropdown(description="edge", options=[("none", ())])
        self._output = ipywidgets.Dropdown(
            description="output",
            options=[(name, n) for n, name in enumerate(self._session.dataset.output_names)],
        )
        self._told = ipywidgets.HTML()
        super().__init__([self.widget, self._beside()])
        self.add_class("kanwidget-explorer")
        self.widget.layout.flex = "3 1 0"
        traitlets.link((self.widget, "selected"), (self, "selected"))
        self._list_edges()
        self._edges.observe(lambda change: self._choose(change["new"]), "value")
        self._output.observe(lambda change: self.refresh(), "value")
        self.observe(lambda change: self._follow_selection(), "selected")
        self.observe(lambda change: self.refresh(), "sample")
        self._unsubscribe = self._session.subscribe(weakly(self._changed))
        self.refresh()

    def _beside(self) -> ipywidgets.Widget:
        """The figures in tabs; one sentence where they cannot be drawn."""
        try:
            from ipympl.backend_nbagg import Canvas, FigureManager
        except ImportError:
            return ipywidgets.HTML(WITHOUT_FIGURES)
        from matplotlib.figure import Figure

        for kind in DRAWINGS:
            figure = Figure(figsize=(4.6, 3.6), layout="constrained")
            canvas = Canvas(figure)
            FigureManager(canvas, 0)
            canvas.header_visible = canvas.footer_visible = False
            drawing = kind(figure, self._pick)
            canvas.mpl_connect("button_press_event", drawing.click)
            self.drawings.append(drawing)
        self._tabs = ipywidgets.Tab(
            [each.figure.canvas for each in self.drawings],
            titles=[each.title for each in self.drawings],
        )
        self._tabs.observe(lambda change: self.refresh(), "selected_index")
        rows = [self._edges, *([self._output] if len(self._output.options) > 1 else [])]
        return ipywidgets.VBox(
            [*rows, self._tabs, self._told],
            layout=ipywidgets.Layout(flex="2 1 0", min_width="380px"),
        )

    @property
    def session(self) -> Session:
        """The widget's."""
        return self._session

    def close(self) -> None:
        """Take all of it away; the session goes on."""
        self._unsubscribe()
        if self.widget is not None:
            self.widget.close()
        super().close()

    # ------------------------------------------------------------------ links

    def _pick(self, row: int) -> None:
        self.sample = row

    def _choose(self, edge: tuple[int, ...]) -> None:
        self.selected = list(edge) or None

    def _follow_selection(self) -> None:
        edge = tuple(self.selected or ())
        if edge in [value for _, value in self._edges.options]:
            self._edges.value = edge
        self.refresh()

    def _list_edges(self) -> None:
        edges = self._session.model.edges()[:LISTED]
        options = [("none", ()), *((f"({l}, {i}, {j})", (l, i, j)) for l, i, j in edges)]
        if list(self._edges.options) != options:
            chosen = tuple(self.selected or ())
            self._edges.options = options
            self._edges.value = chosen if chosen in edges else ()

    # ------------------------------------------------------------------ drawing

    def _changed(self, view: View) -> None:
        """Draw what has changed, on the main thread: it may come from the session's."""
        now = time.monotonic()
        if self._waiting or (view.status == "training" and now - self._last < PACE):
            return
        self._waiting = True
        kernel = getattr(get_ipython(), "kernel", None)
        if kernel is None or threading.current_thread() is threading.main_thread():
            self._draw_changed()
        else:
            kernel.io_loop.add_callback(self._draw_changed)

    def _draw_changed(self) -> None:
        self._waiting = False
        if self._session.view.status != "training":
            self._list_edges()
        self.refresh()

    def refresh(self) -> None:
        """Draw the figure that is in front, of what is so now."""
        if not self.drawings:
            return
        with self._drawing:
            self._last = time.monotonic()
            shown = self._shown()
            self._told.value = self._sentence(shown)
            drawing = self.drawings[self._tabs.selected_index or 0]
            session = self._session
            edge = shown.edge
            curve = None if edge is None else edge_curve(session.model, session.dataset, edge)
            drawing.draw(shown, curve)
            drawing.figure.canvas.draw_idle()

    def _shown(self) -> Shown:
        session = self._session
        truth, predicted = predictions(session.model, session.dataset, self._output.value or 0)
        edge = None
        if self.selected is not None and session.model.has_edge(*self.selected):
            l, i, j = self.selected
            edge = (l, i, j)
        return Shown(session.view, rows_of(session.dataset), truth, predicted, edge, self.sample)

    def _sentence(self, shown: Shown) -> str:
        """The chosen sample in words."""
        where = [n for n, row in enumerate(shown.samples.tolist()) if row == shown.sample]
        if not where:
            return "Click a point to see which sample it is."
        data, (n,) = self._session.dataset, where
        values = data.train_input[shown.samples[n]].tolist()
        inputs = ", ".join(
            f"{escape(name)} = {value:.4g}"
            for name, value in zip(data.input_names, values[:8], strict=False)
        )
        more = ", …" if len(values) > 8 else ""
        return (
            f"sample {shown.sample}: {inputs}{more}; truth {shown.truth[n]:.4g}, "
            f"prediction {shown.predicted[n]:.4g}"
        )


def explorer(model: KAN | Session, dataset: Any = None, **settings: Any) -> Explorer:
    """Show the widget beside figures of the selected edge, residuals, predictions and losses.

    An edge that is selected in the widget or in the list is the one whose curve is drawn; a click on a
    point of a figure tells which sample it is.  The figures follow every action; during a training they
    are drawn twice a second at most, between cells.  They need ipympl, and are left out without it.

    Parameters
    ----------
    model : KAN, Session or pykan model
    dataset : Dataset or dict, optional
        As for `KANWidget`.
    **settings
        Starting values of the widget's traits.

    Returns
    -------
    Explorer
        With the traits ``selected`` and ``sample``, and the ``widget``.

    Raises
    ------
    TypeError, ValueError
        If model or dataset are none, or do not fit together.
    """
    return Explorer(model, dataset, **settings)
