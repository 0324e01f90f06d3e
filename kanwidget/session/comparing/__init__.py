"""What differs between two states of a session, and a history as text."""

from kanwidget.session.comparing.comparison import Comparison, compare, formula_of

__all__ = ["Comparison", "compare", "formula_of"]
