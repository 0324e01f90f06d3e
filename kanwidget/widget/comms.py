"""Sending to the page so that what it sends back is never left waiting behind a running cell.

JupyterLab sends a widget's messages to a subshell, a thread of the kernel beside that of the cells.
But ipykernel (7.4) routes what a page sends next to the thread that last spoke on the widget's comm,
judged by the parent of that message: a trait set by a cell, or by a thread that a cell began, would
lead the next click to the cells' thread, where it waits until they are done.  Messages without a
parent leave the route as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any

from IPython import get_ipython


def without_parent(send: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``send`` so that no message counts as the parent of what it sends."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = getattr(kernel, "_shell_parent", None)
    if not isinstance(parent, ContextVar):
        return send(*arguments)
    context = copy_context()
    context.run(parent.set, {})
    return context.run(send, *arguments)
