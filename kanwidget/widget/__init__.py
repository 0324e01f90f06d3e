"""The session in a notebook."""

from kanwidget.widget.widget import KANWidget

__all__ = ["KANWidget"]
