"""Training."""

from __future__ import annotations

from dataclasses import dataclass

from kanwidget import checks
from kanwidget.fitting import FitOptions
from kanwidget.fitting.penalties import Penalty
from kanwidget.model import KAN
from kanwidget.session.commands.base import Command


@dataclass(frozen=True)
class Train(Command):
    """Train for some steps; what is left out is as in `kanwidget.KAN.fit`.

    The optimizer is one of `kanwidget.fitting.families.NAMES`, or of torch's.
    """

    name = "train"
    steps: int = 20
    optimizer: str = "LBFGS"
    lr: float | None = None
    lamb: float = 0.0
    lamb_entropy: float = 2.0
    update_grid: bool = True
    batch: int = -1

    def options(self) -> FitOptions:
        """The options of the fit; ValueError where they are not valid."""
        penalty = Penalty(lamb=self.lamb, lamb_entropy=self.lamb_entropy)
        return FitOptions(
            self.optimizer,
            self.steps,
            self.lr,
            penalty,
            update_grid=self.update_grid,
            batch=self.batch,
        )

    def check(self, model: KAN) -> None:
        if not isinstance(self.update_grid, bool):
            raise TypeError(f"update_grid is {self.update_grid!r}; True or False is needed")
        checks.whole("steps", self.steps, 1)
        self.options()
