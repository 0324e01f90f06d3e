"""Widgets that no page shows any more and nobody refers to are closed.

ipywidgets keeps every widget until somebody closes it, and IPython every result of a cell: whoever runs
the cell ``KANWidget(model, data)`` again and again would pile them up.  So when a new one is made, those
whose last view has left the page are let go: they live on only as long as somebody refers to them, and
are held again when a page shows them again.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from ipywidgets import Widget
from ipywidgets.widgets import widget as ipywidgets_widget


def weakly(method: Callable[[Any], None]) -> Callable[[Any], None]:
    """Call a method of an object as long as the object is there, which this does not keep alive."""
    held = weakref.WeakMethod(method)

    def call(argument: Any) -> None:
        there = held()
        if there is not None:
            there(argument)

    return call


def let_go(widget: Widget) -> None:
    """Leave a widget to those who refer to it; when there is nobody left it is closed."""
    if widget.comm is None:
        return
    ipywidgets_widget._instances.pop(widget.model_id, None)
    widget.comm.on_msg(weakly(widget._handle_msg))
    _forget_result(widget)


def hold(widget: Widget) -> None:
    """Keep a widget until it is closed, as ipywidgets does with all."""
    if widget.comm is not None:
        ipywidgets_widget._instances[widget.model_id] = widget


def _forget_result(widget: Widget) -> None:
    """Take a widget out of ``Out``, where IPython keeps up to a thousand results."""
    shell = get_ipython()
    for names in (getattr(shell, "user_ns", {}), getattr(shell, "user_ns_hidden", {})):
        results = names.get("_oh", {})
        for number in [number for number, result in results.items() if result is widget]:
            del results[number]
        for name in [name for name, value in names.items() if value is widget]:
            if re.fullmatch(r"_\d+", name):
                del names[name]
