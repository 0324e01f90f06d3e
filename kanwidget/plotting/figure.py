"""The figure of a plot: pyplot's current one, that a notebook shows once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from kanwidget.plotting.layout import Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WITHOUT_WINDOW = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template"}
MARGIN = 0.12
TITLE = 0.4
"""In inches."""


class NetworkFigure(Figure):
    """A figure that is not shown twice when it is both pyplot's current one and the value of a cell."""

    def _ipython_display_(self) -> None:
        """Have IPython show the figure as it shows any, and pyplot no more when the cell ends."""
        if hasattr(self.canvas, "_repr_mimebundle_"):
            return self.reshow()
        if "inline" in plt.get_backend():
            plt.close(self)
        raise NotImplementedError("IPython goes on to show it as it shows any figure")

    def reshow(self) -> None:
        """Show the canvas, where it is a widget of its own; for pyplot it is shown then."""
        if not plt.fignum_exists(getattr(self, "number", -1)):
            raise NotImplementedError(
                "the canvas was closed: IPython shows a picture of the figure"
            )
        plt.figure(self)
        plt.show()


def new_figure(
    layout: Layout, below: float, above: float, scale: float, title: str | None
) -> tuple[Figure, Axes]:
    """A figure, and an axes in it whose unit is the inch; it fills all but the title.

    Parameters
    ----------
    below, above : float
        Room for the names beyond the nodes, in inches.
    """
    low, high = -below - MARGIN, layout.height + above + MARGIN
    wide, tall = layout.width + 2 * MARGIN, high - low
    room = TITLE if title else 0.0
    _forget_former()
    with _without_warning_of_many():
        figure = plt.figure(
            FigureClass=NetworkFigure,
            figsize=(wide * scale, (tall + room) * scale),
            layout="none",
        )
    if isinstance(figure, NetworkFigure) and hasattr(figure.canvas, "_repr_mimebundle_"):
        # IPython asks the manager to show a figure whose canvas is a widget
        manager: Any = figure.canvas.manager
        manager.reshow = figure.reshow
    axes = figure.add_axes(
        (0, 0, 1, tall / (tall + room)), xlim=(-MARGIN, wide - MARGIN), ylim=(low, high)
    )
    axes.set_aspect("equal")
    axes.axis("off")
    if title:
        axes.set_title(title, size=12 * scale)
    return figure, axes


@contextlib.contextmanager
def _without_warning_of_many() -> Iterator[None]:
    """Let there be many figures.

    The first of a notebook loads its backend, which makes pyplot interactive: `rc_context` would undo
    that too, and no further figure would be shown.
    """
    before = mpl.rcParams["figure.max_open_warning"]
    mpl.rcParams["figure.max_open_warning"] = 0
    try:
        yield
    finally:
        mpl.rcParams["figure.max_open_warning"] = before


def _forget_former() -> None:
    """Where no window shows them, pyplot keeps only the last plot; who holds another still has it."""
    if plt.get_backend().lower() in WITHOUT_WINDOW:
        for figure in map(plt.figure, plt.get_fignums()):
            if isinstance(figure, NetworkFigure):
                plt.close(figure)
