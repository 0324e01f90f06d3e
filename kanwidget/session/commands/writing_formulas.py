"""The formula in another language, for whoever wants to take it along."""

from __future__ import annotations

from dataclasses import dataclass

from kanwidget.datasets import Dataset
from kanwidget.model import KAN
from kanwidget.session.commands.base import Question


@dataclass(frozen=True)
class Export(Question):
    """The network's formula as text in a language; see `kanwidget.KAN.export`.

    Attributes
    ----------
    target : {'c', 'javascript', 'latex', 'numpy', 'sympy', 'torch'}
    digits : int or None
        1 to 12 of every number; None keeps all.
    """

    name = "export"
    target: str
    digits: int | None = None

    def check(self, model: KAN) -> None:
        from kanwidget.formula.arguments import checked_digits
        from kanwidget.formula.export import TARGETS

        if not isinstance(self.target, str) or self.target not in TARGETS:
            raise ValueError(
                f"target is {self.target!r:.60}; one of {', '.join(TARGETS)} is needed"
            )
        if self.digits is not None:
            checked_digits(self.digits)

    def answer(self, model: KAN, dataset: Dataset) -> str:
        """The text."""
        return model.export(self.target, digits=self.digits)
