"""What a fit is told, checked before anything changes."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kanwidget import checks
from kanwidget.fitting import families
from kanwidget.fitting.losses import Loss, as_loss
from kanwidget.fitting.metrics import Metric, as_metrics
from kanwidget.fitting.penalties import REG_METRICS, Penalty
from kanwidget.fitting.schedule import check_scheduler

STEPS = 100
"""Of a fit that is told neither steps nor epochs."""


@dataclass(frozen=True)
class FitOptions:
    """What a fit is told; names and defaults are pykan's where pykan has them.

    Attributes
    ----------
    opt : str, class or callable
        A name of `kanwidget.fitting.families.OPTIMIZERS`, 'auto', the name or the class of one of
        torch's optimizers, or a function from a list of parameters to an optimizer.
    steps : int, optional
        A step is 20 iterations of L-BFGS (as in torch's), or one of the others.  100 where neither
        steps nor epochs are given.
    lr : float, optional
        Learning rate; the optimizer's own where not given: 1 for L-BFGS, 0.01 for Adam, 0.001 for
        AdamW.
    penalty : Penalty
    batch : int
        Samples a step, drawn with ``seed``; -1 takes all.
    update_grid : bool
        Move the knots to the data ``grid_update_num`` times before ``stop_grid_update_step``.
    grid_update_num, start_grid_update_step, stop_grid_update_step : int
        Steps are epochs where epochs are given.
    seed : int
        Of the order in which samples are drawn.
    epochs : int, optional
        Train for so many passes over all samples, in batches, instead of for steps.
    weight_decay : float, optional
        For optimizers that have one.
    opt_options : dict
        Further arguments of the optimizer: ``{"betas": (0.9, 0.99)}``.
    loss_fn : str or callable
        A name of `kanwidget.fitting.losses.LOSSES`, or a function from predictions and labels to a
        scalar.
    metrics : str, callable, or a list or dict of them
        See `kanwidget.fitting.metrics`.
    scheduler : float or callable, optional
        See `kanwidget.fitting.schedule`.
    patience : int, optional
        Stop after so many steps or epochs without a lower validation loss.
    resume_at, stop_at : (int, int), optional
        Do only a part of this fit, from one point to another: so many whole steps or epochs, and so
        many iterations of the next.  A fit that was stopped, or broken up by other changes of the
        network, can be done again with these.
    """

    opt: Any = "LBFGS"
    steps: int | None = None
    lr: float | None = None
    penalty: Penalty = field(default_factory=Penalty)
    batch: int = -1
    update_grid: bool = True
    grid_update_num: int = 10
    start_grid_update_step: int = -1
    stop_grid_update_step: int = 50
    seed: int = 0
    epochs: int | None = None
    weight_decay: float | None = None
    opt_options: Mapping[str, Any] = field(default_factory=dict)
    loss_fn: Any = "mse"
    metrics: Any = ()
    scheduler: Any = None
    patience: int | None = None
    resume_at: tuple[int, int] | None = None
    stop_at: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for name in ("steps", "epochs", "patience"):
            if getattr(self, name) is not None:
                checks.whole(name, getattr(self, name), 1)
        if self.steps is not None and self.epochs is not None:
            raise ValueError(
                f"steps is {self.steps} and epochs is {self.epochs}; one of the two is needed"
            )
        checks.whole("grid_update_num", self.grid_update_num, 0)
        checks.whole("start_grid_update_step", self.start_grid_update_step, -1)
        checks.whole("stop_grid_update_step", self.stop_grid_update_step, 0)
        checks.whole("seed", self.seed, 0)
        for name in ("resume_at", "stop_at"):
            if getattr(self, name) is not None:
                _check_point(name, getattr(self, name), self.length)
        if not isinstance(self.update_grid, bool):
            raise ValueError(f"update_grid is {self.update_grid!r}; True or False is needed")
        if self.batch != -1:
            checks.whole("batch", self.batch, 2)
        for name in ("lamb", "lamb_l1", "lamb_entropy", "lamb_coef", "lamb_coefdiff"):
            checks.number(name, getattr(self.penalty, name), least=0)
        if self.penalty.reg_metric not in REG_METRICS:
            raise ValueError(
                f"reg_metric is {self.penalty.reg_metric!r}; one of {', '.join(REG_METRICS)} is needed"
            )
        families.check(self.opt, self.lr, self.weight_decay, self.opt_options, self.loss)
        check_scheduler(self.scheduler)
        as_metrics(self.metrics, self.loss)

    @classmethod
    def of(cls, **arguments: Any) -> FitOptions:
        """From arguments by name, those of the penalty among them, as `kanwidget.KAN.fit` has them.

        Raises
        ------
        TypeError
            For a name that is none of them.
        """
        wrong = [name for name in arguments if name not in ARGUMENTS]
        if wrong:
            raise TypeError(
                f"fit has no argument {wrong[0]!r}; it takes {', '.join(ARGUMENTS)}, and what its "
                "docstring names"
            )
        weights = {name: arguments.pop(name) for name in _PENALTY if name in arguments}
        return cls(penalty=Penalty(**weights), **arguments)

    def arguments(self) -> dict[str, Any]:
        """Those of a fit that differ from what they are when left out, by name."""
        values = {**vars(self.penalty), **vars(self)}
        return {
            name: values[name]
            for name, each in ARGUMENTS.items()
            if values[name] != ({} if each.default is dataclasses.MISSING else each.default)
        }

    @functools.cached_property
    def loss(self) -> Loss:
        """The loss that ``loss_fn`` names."""
        return as_loss(self.loss_fn)

    @functools.cached_property
    def measures(self) -> tuple[Metric, ...]:
        """The metrics, each with the name of its column."""
        return as_metrics(self.metrics, self.loss)

    @property
    def length(self) -> int:
        """Number of epochs, or of steps."""
        return self.epochs or self.steps or STEPS

    @property
    def unit(self) -> str:
        """What is counted: steps or epochs."""
        return "step" if self.epochs is None else "epoch"

    def moves_grid(self, step: int) -> bool:
        """Whether the knots are moved before this step (counted from 0)."""
        if not self.update_grid or not self.grid_update_num:
            return False
        every = max(1, self.stop_grid_update_step // self.grid_update_num)
        return (
            self.start_grid_update_step <= step < self.stop_grid_update_step and step % every == 0
        )

    def moves_grid_after(self, step: int) -> bool:
        """Whether the knots will be moved after this step."""
        return any(self.moves_grid(later) for later in range(step + 1, self.length))


def _check_point(name: str, point: Any, length: int) -> None:
    if not isinstance(point, tuple | list) or len(point) != 2:
        raise ValueError(f"{name} is {point!r:.60}; (steps, iterations) is needed")
    for count in point:
        checks.whole(name, count, 0)
    if point[0] > length:
        raise ValueError(f"{name} is {point!r}, but the fit has only {length}")


_PENALTY = {each.name: each for each in dataclasses.fields(Penalty)}
_FIRST, _REST = dataclasses.fields(FitOptions)[:3], dataclasses.fields(FitOptions)[3:]
ARGUMENTS: dict[str, Any] = {
    each.name: each for each in (*_FIRST, *_PENALTY.values(), *_REST) if each.name != "penalty"
}
"""Fields of the options and of the penalty by name: the arguments of a fit."""

Method = TypeVar("Method", bound=Callable[..., Any])


def spelled_out(method: Method) -> Method:
    """Let help and completion see every argument of a fit where a method has ``**options``."""
    own = inspect.signature(method)
    known = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
    taken = {each.name for each in known}
    added = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default={} if each.default is dataclasses.MISSING else each.default,
            annotation=each.type,
        )
        for each in ARGUMENTS.values()
        if each.name not in taken
    ]
    method.__signature__ = own.replace(parameters=[*known, *added])  # type: ignore[attr-defined]
    return method
