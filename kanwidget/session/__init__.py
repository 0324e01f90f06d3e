"""A live model, its data and its history, and the commands that act on them."""

from kanwidget.session.checking import check
from kanwidget.session.retelling.replaying import replay
from kanwidget.session.session import Session

__all__ = ["Session", "check", "replay"]
