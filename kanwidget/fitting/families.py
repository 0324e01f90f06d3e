"""Families of optimizers: how iterations are made from a network, a batch and an objective.

One of our own optimizers sees the parameters as one vector (`OnVector`) or the network and its data
(`OnData`); one of torch's changes the parameters itself (`FromTorch`).  All give one point after the
other, and the network is set to each.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.fitting.levenberg import LevenbergMarquardt
from kanwidget.fitting.losses import Loss
from kanwidget.fitting.objective import Problem
from kanwidget.fitting.optimizers import CONVERGED, LBFGS, NOT_FINITE, Adam, AdamW, Point, Points
from kanwidget.fitting.penalties import Penalty
from kanwidget.fitting.threads import multiplications
from kanwidget.network import Network


class Family(ABC):
    """Optimizers of one kind.

    Parameters
    ----------
    kind : class or callable
        What makes the optimizer.  It can say how many ``iterations`` are a step of a fit, and
        whether it is ``stochastic``: takes another batch at every iteration.
    name : str, optional
        That of ``kind`` where not given.

    Attributes
    ----------
    squares_only : bool
        Whether it minimizes the mean square and no other loss.
    """

    squares_only = False

    def __init__(self, kind: Callable[..., Any], name: str | None = None) -> None:
        self.kind = kind
        self.name: str = name or str(getattr(kind, "__name__", type(kind).__name__))
        self.iterations: int = getattr(kind, "iterations", 1)
        self.stochastic: bool = getattr(kind, "stochastic", False)

    @abstractmethod
    def make(self, network: Network, penalty: Penalty, settings: Mapping[str, Any]) -> Any:
        """An optimizer; a rate ``lr``, if it has one, may be changed between two iterations."""

    @abstractmethod
    def points(self, optimizer: Any, problem: Problem) -> Points:
        """Its iterations; the reason why they end is returned."""

    def settings(self) -> list[str]:
        """Names of what can be set."""
        return [
            name
            for name, each in inspect.signature(self.kind).parameters.items()
            if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        ]

    def work(self, network: Network, samples: int) -> int:
        """About how many multiplications an iteration takes."""
        return multiplications(network, samples)

    @property
    def usual_lr(self) -> float | None:
        """The learning rate where none is given; None if it has none."""
        lr = inspect.signature(self.kind).parameters.get("lr")
        return float(lr.default) if lr else None


class OnVector(Family):
    """Optimizers that have ``iterate(objective, start)``."""

    def make(self, network: Network, penalty: Penalty, settings: Mapping[str, Any]) -> Any:
        """An optimizer of parameters alone."""
        return self.kind(**settings)

    def points(self, optimizer: Any, problem: Problem) -> Points:
        """Its iterations from where the network is."""
        points: Points = optimizer.iterate(problem, problem.start)
        return points


class OnData(Family):
    """Optimizers of a network and a penalty that have ``iterate(x, y, assign)``.

    They minimize the mean square, and set all trained parameters, one after the other, to a vector.
    """

    squares_only = True

    def make(self, network: Network, penalty: Penalty, settings: Mapping[str, Any]) -> Any:
        """An optimizer of this network."""
        return self.kind(network, penalty, **settings)

    def points(self, optimizer: Any, problem: Problem) -> Points:
        """Its iterations from where the network is; the problem is evaluated at each for the record."""
        x, y = problem.batch
        points = optimizer.iterate(problem.network.as_input(x), y, problem.assign_all)
        while True:
            try:
                point = next(points)
            except StopIteration as end:
                return end.value or CONVERGED
            problem.assign_all(point.x)
            problem.look()
            yield Point(problem.vector(), point.value, point.gradient)

    def settings(self) -> list[str]:
        """Names of what can be set."""
        return super().settings()[2:]

    def work(self, network: Network, samples: int) -> int:
        """About how many multiplications an iteration takes: all parameters with each other."""
        return super().work(network, samples) * sum(layer.coef.numel() for layer in network.layers)


class FromTorch(Family):
    """A class of `torch.optim`, or a function from a list of parameters to an optimizer."""

    def __init__(self, kind: Callable[..., Any], name: str | None = None) -> None:
        super().__init__(kind, name)
        self.iterations, self.stochastic = 1, True

    def make(self, network: Network, penalty: Penalty, settings: Mapping[str, Any]) -> Any:
        """An optimizer of the network's parameters."""
        made = self.kind([p for p in network.parameters() if p.requires_grad], **settings)
        if not isinstance(made, torch.optim.Optimizer):
            raise ValueError(f"opt gives {made!r:.60}; an optimizer of torch is needed")
        return OfTorch(made)

    def points(self, optimizer: OfTorch, problem: Problem) -> Points:
        """Its steps from where the network is."""
        return optimizer.iterate(problem)

    def settings(self) -> list[str]:
        """Names of what can be set: of a class, all; a function has set them itself."""
        return super().settings()[1:] if isinstance(self.kind, type) else []


class OfTorch:
    """An optimizer of torch that gives points."""

    def __init__(self, torchs: torch.optim.Optimizer) -> None:
        self.torchs, self.name = torchs, type(torchs).__name__
        self._rates = [float(group["lr"]) for group in torchs.param_groups]

    @property
    def lr(self) -> float:
        """The learning rate of the first group of parameters; the others keep their ratio to it."""
        return float(self.torchs.param_groups[0]["lr"])

    @lr.setter
    def lr(self, value: float) -> None:
        for group, rate in zip(self.torchs.param_groups, self._rates, strict=True):
            group["lr"] = value * rate / self._rates[0] if self._rates[0] else value

    def iterate(self, problem: Problem) -> Points:
        """Yield the point after every step; stop at a value that is not finite."""
        values: list[Tensor] = []
        flat = isinstance(self.torchs, torch.optim.LBFGS)  # which views gradients as vectors

        def closure() -> Tensor:
            value, gradients = problem.differentiate()
            for parameter, gradient in zip(problem.parameters, gradients, strict=True):
                parameter.grad = gradient.contiguous() if flat else gradient
            values.append(value)
            return value

        try:
            while True:
                values.clear()
                self.torchs.step(closure)  # type: ignore[arg-type]
                value = float(values[0])
                if not math.isfinite(value):
                    return NOT_FINITE
                yield Point(problem.vector(), value, torch.empty(0))
        finally:
            for parameter in problem.parameters:
                parameter.grad = None


# ---------------------------------------------------------------------- by name

OPTIMIZERS: dict[str, Family] = {
    "LBFGS": OnVector(LBFGS),
    "LM": OnData(LevenbergMarquardt, "LM"),
    "Adam": OnVector(Adam),
    "AdamW": OnVector(AdamW),
}
"""Optimizers of our own by name."""
NAMES = (*OPTIMIZERS, "auto")
"""What a person is offered."""


def find(opt: Any) -> Family:
    """The family of an optimizer by its name, class or maker.

    Raises
    ------
    ValueError
        With the names that are known.
    """
    if isinstance(opt, str):
        if opt in OPTIMIZERS:
            return OPTIMIZERS[opt]
        kind = getattr(torch.optim, opt, None) if not opt.startswith("_") else None
        if _is_torchs(kind):
            return FromTorch(kind)  # type: ignore[arg-type]
    elif _is_torchs(opt) or (callable(opt) and not isinstance(opt, type)):
        return FromTorch(opt)
    raise ValueError(
        f"opt is {opt!r:.60}; one of {', '.join(NAMES)}, the name or class of an optimizer "
        "of torch ('SGD', 'RMSprop', …) or a function from parameters to one is needed"
    )


def _is_torchs(kind: Any) -> bool:
    return (
        isinstance(kind, type)
        and issubclass(kind, torch.optim.Optimizer)
        and kind is not torch.optim.Optimizer
    )


def check(opt: Any, lr: Any, weight_decay: Any, opt_options: Any, loss: Loss) -> None:
    """ValueError unless there is such an optimizer, and it takes these settings and the loss."""
    if lr is not None:
        checks.number("lr", lr, above=0)
    if weight_decay is not None:
        checks.number("weight_decay", weight_decay, least=0)
    if not isinstance(opt_options, Mapping):
        raise ValueError(f"opt_options is {opt_options!r:.60}; a dictionary is needed")
    auto = isinstance(opt, str) and opt == "auto"
    family = None if auto else find(opt)
    if family and family.squares_only and loss.name != "mse":
        raise ValueError(f"loss_fn is {loss.name!r}; {family.name} minimizes 'mse' and no other")
    known = family.settings() if family else []
    for name, value in settings(lr, weight_decay, opt_options).items():
        if name not in known:
            who = family.name if family else "opt='auto'"
            raise ValueError(
                f"{name} is {value!r:.60}; {who} takes {', '.join(known) or 'no settings'}"
            )


def settings(lr: Any, weight_decay: Any, opt_options: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, by name."""
    given = {"lr": lr, "weight_decay": weight_decay, **opt_options}
    return {name: value for name, value in given.items() if value is not None}
