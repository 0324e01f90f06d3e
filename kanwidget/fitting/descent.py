"""An optimizer at work on a network, which is whole at every moment."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from kanwidget.fitting.families import Family
from kanwidget.fitting.losses import Loss
from kanwidget.fitting.objective import Batch, Problem
from kanwidget.fitting.optimizers import NOT_FINITE, Point
from kanwidget.fitting.penalties import Penalty
from kanwidget.network import Network


class Descent:
    """Iterations of an optimizer, each on a batch.

    Parameters
    ----------
    network : Network
    family : Family
    make : callable
        Makes the optimizer.
    loss : Loss
    penalty : Penalty

    Attributes
    ----------
    optimizer : optimizer
    problem : Problem or None
        None until the first iteration after a change.
    ended : str
        Why there was no further iteration.
    """

    def __init__(
        self,
        network: Network,
        family: Family,
        make: Callable[[], Any],
        loss: Loss,
        penalty: Penalty,
    ) -> None:
        self._network, self._family, self._make = network, family, make
        self._loss, self._penalty = loss, penalty
        self.optimizer = make()
        self.problem: Problem | None = None
        self.ended = ""
        self._points: Generator[Point, None, None] | None = None

    def afresh(self) -> None:
        """Begin with a new optimizer, from where the network is."""
        self.optimizer = self._make()
        self.problem = None

    def again(self) -> None:
        """Begin from where the network is, with what the optimizer knows."""
        self.problem = None

    def advance(self, batch: Batch) -> bool:
        """Do an iteration on a batch; False if there is none, and ``ended`` says why."""
        problem = self.problem
        if problem is not None and problem.batch is not batch and self._family.stochastic:
            problem.take(batch)
        elif problem is None or problem.batch is not batch:
            # closed by hand: an interrupt would be lost in what Python closes where it drops it
            self.close()
            self.problem = problem = Problem(self._network, self._loss, self._penalty, batch)
            self.ended, self._points = "", self._run(problem)
        assert self._points is not None
        return next(self._points, None) is not None

    def close(self) -> None:
        """Let go of what an optimizer keeps while it works."""
        if self._points is not None:
            self._points.close()

    def _run(self, problem: Problem) -> Generator[Point, None, None]:
        """Iterations; the network is set to each point before it is handed on.

        Whatever breaks an iteration off leaves the network at the point before it.
        """
        at = before = problem.start
        points = self._family.points(self.optimizer, problem)
        try:
            while True:
                try:
                    point = next(points)
                except StopIteration as end:
                    self.ended = end.value
                    break
                if point.x is not problem.at:
                    problem.assign(point.x)
                before, at = at, point.x
                yield point
            # where the objective is no number, the point before was the last at which it was one
            problem.assign(before if self.ended == NOT_FINITE else at)
        except GeneratorExit:
            raise
        except BaseException:
            problem.assign(at)
            raise
        finally:
            points.close()
