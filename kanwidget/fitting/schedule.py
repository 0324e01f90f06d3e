"""How the learning rate changes from epoch to epoch, or from step to step where there are none."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import torch

from kanwidget import checks


def check_scheduler(scheduler: Any) -> None:
    """ValueError if it is none of the forms that `Schedule` takes."""
    if scheduler is None or callable(scheduler):
        return
    if isinstance(scheduler, Real):
        checks.number("scheduler", scheduler, above=0)
        return
    raise ValueError(
        f"scheduler is {scheduler!r:.60}; a factor, a function from the epoch to a factor, or one from "
        "an optimizer to a scheduler of torch is needed"
    )


class Schedule:
    """Sets an optimizer's learning rate.

    Parameters
    ----------
    scheduler : float or callable
        A factor an epoch; a function from the epoch (0, 1, …) to a factor of the first rate; or one
        from an optimizer to a scheduler of torch: ``lambda o: ExponentialLR(o, 0.8)``.
    optimizer : optimizer
        With a rate ``lr``.  A scheduler of torch sees an optimizer of torch, ours or another in
        its place.

    Raises
    ------
    ValueError
        If the optimizer has no rate, or the function gives neither a factor nor a scheduler.
    """

    def __init__(self, scheduler: Any, optimizer: Any) -> None:
        if getattr(optimizer, "lr", None) is None:
            raise ValueError("scheduler is given, but the optimizer has no learning rate")
        self._first: float = optimizer.lr
        self._done = 0
        self._factor: Callable[[int], float] | None = None
        if isinstance(scheduler, Real):
            base = float(scheduler)
            self._factor = lambda epoch: base**epoch
        elif _is_factor(scheduler):
            self._factor = scheduler
        else:
            self._make = scheduler
            self._seen = _torchs(optimizer)
            self._scheduler = self._made()
        self.set(optimizer)

    def step(self, optimizer: Any, loss: float) -> None:
        """Go to the next epoch; ``loss`` is for a scheduler that looks at it."""
        self._done += 1
        if self._factor is None:
            if self._seen is not getattr(optimizer, "torchs", None):
                self._seen.step()  # nothing to step for the one in its place; torch asks for it
            plateau = isinstance(self._scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau)
            self._scheduler.step(loss) if plateau else self._scheduler.step()
        self.set(optimizer)

    def set(self, optimizer: Any) -> None:
        """Give the optimizer, perhaps a new one, the rate of this epoch."""
        if self._factor is not None:
            optimizer.lr = self._first * checks.number(
                "what scheduler gives", self._factor(self._done), least=0
            )
            return
        new = getattr(optimizer, "torchs", self._seen)
        if new is not self._seen:
            self._move_to(new)
        if not hasattr(optimizer, "torchs"):
            optimizer.lr = self._seen.param_groups[0]["lr"]

    def _move_to(self, new: torch.optim.Optimizer) -> None:
        """Go on with a new optimizer of torch where the old one was."""
        groups = [dict(group) for group in self._seen.param_groups]
        state = self._scheduler.state_dict()
        self._seen = new
        self._scheduler = self._made()
        self._scheduler.load_state_dict(state)
        for group, old in zip(new.param_groups, groups, strict=True):
            group.update({name: value for name, value in old.items() if name != "params"})

    def _made(self) -> Any:
        made = self._make(self._seen)
        if not hasattr(made, "step"):
            raise ValueError(
                f"scheduler gives {made!r:.60} for an optimizer; a scheduler of torch is needed"
            )
        return made


def _torchs(optimizer: Any) -> torch.optim.Optimizer:
    """An optimizer of torch: the one at work, or one in its place that has its rate."""
    own: torch.optim.Optimizer | None = getattr(optimizer, "torchs", None)
    if own is not None:
        return own
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=optimizer.lr, momentum=0.9)


def _is_factor(scheduler: Callable[[Any], Any]) -> bool:
    """Whether a function takes an epoch, and not an optimizer."""
    try:
        return isinstance(scheduler(0), Real)
    except (TypeError, AttributeError):
        # 0 is no optimizer; had the function failed for another reason, it would with one too
        return False
