"""What becomes of a model is recorded while it is done: history and model change together.

Whoever changes the model holds its lock, on whatever thread, and tells its listeners within it.  So
the history needs no lock of its own: it is read and changed under the model's.
"""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kanwidget.datasets import Dataset
from kanwidget.edges import SYMBOLIC
from kanwidget.fitting import Progress, Trainer
from kanwidget.model import KAN
from kanwidget.network import Snapshot
from kanwidget.session.calls import Call, NotPlain, short
from kanwidget.session.history import NO_LOSSES, Action, History, LossCurve, Node, RunningCurve
from kanwidget.session.states import same_state
from kanwidget.symbolic.complexity import network_complexity

if TYPE_CHECKING:
    from kanwidget.discovery.functions import Stage

Told = list[tuple[str, Mapping[str, Any]]]
"""Methods and their arguments, as a model tells them."""


@dataclass
class Part:
    """A part of a running fit: from the point ``since`` on, which it was at ``began`` seconds."""

    trainer: Trainer
    since: tuple[int, int]
    began: float
    own: bool = False


class Recorder:
    """Makes a node of the history of everything that is done to a model.

    Parameters
    ----------
    model : KAN
    dataset : Dataset
        That of the session, which calls name as such.
    history : History
        Whose current state is that of the model.

    Attributes
    ----------
    changed : callable
        Is called, under the model's lock, after every new node.
    curve : RunningCurve
        Losses of the fit that runs, since the last node.
    steps : int
        Of an optimizer of somebody's own, since the last node; ``optimizer`` is its name.
    discarding : bool
        Whether the fit that runs is taken back when it ends.
    """

    def __init__(self, model: KAN, dataset: Dataset, history: History) -> None:
        self.model, self.dataset, self.history = model, dataset, history
        self.curve = RunningCurve()
        self.steps, self.optimizer = 0, ""
        self.discarding = False
        self.changed: Callable[[], None] = lambda: None
        self._part: Part | None = None
        self._expected: Trainer | None = None
        self._gathered: Told | None = None
        self._began = 0.0

    # ------------------------------------------------------------------ what the model tells

    def hear(self, event: str, details: Mapping[str, Any]) -> None:
        """Take what the model tells its listeners."""
        if event == "step":
            self.note(details["progress"])
        elif event == "fit":
            self._end_fit()
        elif self._gathered is not None:
            self._gathered.append((event, details))
        else:
            calls, because = self._calls([(event, details)])
            label = f"model.{short(calls[0])}" if calls else f"model.{event}(…)"
            self._commit(Action(label, event, calls, because))

    def note(self, progress: Progress) -> None:
        """Take the losses at the end of a step."""
        if progress.whole:
            lamb = self._part.trainer.options.penalty.lamb if self._part else 0.0
            penalty = lamb * progress.reg if lamb else 0.0
            self.curve.add(progress.train_loss, progress.val_loss, penalty, progress.test_loss)

    def begin(self, trainer: Trainer | None) -> None:
        """Know that an action, or the fit of a trainer, is about to change something."""
        if self._gathered is None:
            self.settle()
            self._began = time.perf_counter()
        if trainer is not None:
            self.curve.take()
            own = trainer is self._expected
            self._part = Part(trainer, trainer.at, self._began, own)

    def _end_fit(self) -> None:
        if self.discarding:
            self.curve.take()
            self.discarding = False
            assert self.history.current.state is not None
            self.model.restore(self.history.current.state)
        else:
            self.settle()
        self._part = self._expected = None

    # ------------------------------------------------------------------ what the session does

    def expect(self, trainer: Trainer) -> None:
        """Know that the next fit is one of the session's own commands."""
        self._expected = trainer

    @contextlib.contextmanager
    def one(self, label: str, command: str) -> Iterator[None]:
        """Everything that is done to the model within is one action: one node, all of it or nothing."""
        with self.model.exclusive:
            self.settle()
            before, self._began, self._gathered = self.history.current, time.perf_counter(), []
            try:
                yield
            except BaseException:
                if self._gathered:
                    assert before.state is not None
                    self.model.restore(before.state)
                raise
            finally:
                gathered, self._gathered = self._gathered, None
            if gathered:
                self._commit(Action(label, command, *self._calls(gathered)))

    def road(self, stages: Sequence[Stage], because: str) -> None:
        """Become what a search has found: every stage a node, all of them or none."""
        from kanwidget.discovery.auto import adopt

        with self.model.exclusive:
            self.settle()
            reached: list[tuple[Snapshot, dict[str, Any]]] = []
            self._gathered = []
            try:
                with self.model.action("auto"):
                    for stage in stages:
                        adopt(self.model, stage.network)
                        reached.append((self.model.snapshot(), counts(self.model)))
            finally:
                self._gathered = None
            for stage, (state, metrics) in zip(stages, reached, strict=True):
                action = Action(stage.label, stage.command, None, because)
                self.history.commit(action, state, metrics)
            self.changed()

    def go(self, to: Callable[[History], Node]) -> Node:
        """Go to another node of the history; returns the one before."""
        with self.model.exclusive:
            self.settle()
            before = self.history.current
            node = to(self.history)
            assert node.state is not None
            self.model.restore(node.state)
            return before

    def settle(self) -> bool:
        """Make a node of what has been done to the model since the last one; whether there was any.

        To be called under the model's lock.
        """
        state, part = self.model.snapshot(), self._part
        assert self.history.current.state is not None
        changed = not same_state(state, self.history.current.state)
        if changed:
            curve = self.curve.take()
            action, seconds = self._uncommitted(curve)
            self._add(action, state, curve, seconds)
        if part is not None:
            part.since, part.began = part.trainer.at, time.perf_counter()
        self.steps = 0
        return changed

    def with_unfinished(self) -> History:
        """A copy of the history, with a node more for what `settle` would make one of.

        So it can be read while a fit runs: a node in its midst would be where it starts afresh when it
        is done again.
        """
        state, current, curve = self.model.snapshot(), self.history.current, self.curve.so_far()
        assert current.state is not None
        if same_state(state, current.state):
            return self.copy()
        number, (action, _) = len(self.history.nodes), self._uncommitted(curve)
        node = Node(number, current.id, action, state, counts(self.model), curve)
        history = self.copy()
        history.nodes, history.current = [*history.nodes, node], node
        return history

    def copy(self) -> History:
        """The history as it is now, to be read when the lock is free again."""
        history = copy.copy(self.history)
        history.nodes = list(history.nodes)
        return history

    # ------------------------------------------------------------------ nodes

    def _commit(self, action: Action) -> None:
        self._add(action, self.model.snapshot(), NO_LOSSES, time.perf_counter() - self._began)

    def _add(self, action: Action, state: Snapshot, curve: LossCurve, seconds: float) -> None:
        self.history.commit(action, state, counts(self.model), curve, seconds)
        self.changed()

    def _uncommitted(self, curve: LossCurve) -> tuple[Action, float]:
        """What has been done since the last node, and in how many seconds."""
        part = self._part
        if part is None or part.trainer.at == part.since:
            return self._directly(), 0.0
        return self._trained(part, curve), time.perf_counter() - part.began

    def _trained(self, part: Part, curve: LossCurve) -> Action:
        arguments = part.trainer.arguments
        if part.since > (0, 0):
            arguments |= {"resume_at": part.since}
        calls, because = self._calls([("fit", arguments)])
        count, unit = len(curve.train), part.trainer.options.unit
        if part.own:
            many = f"{count} {unit}{'' if count == 1 else 's'}" if count else f"part of a {unit}"
            return Action(f"train {many}", "train", calls, because)
        return Action(
            f"model.{short(calls[0])}" if calls else "model.fit(…)", "fit", calls, because
        )

    def _directly(self) -> Action:
        if self.steps:
            label = f"{self.steps} step{'' if self.steps == 1 else 's'} of {self.optimizer}"
            return Action(label, "optimizer", None, "an optimizer of one's own did this")
        return Action("changed directly", "changed", None, "this was no action of the model")

    def _calls(self, told: Told) -> tuple[tuple[Call, ...] | None, str]:
        """The calls that do it again, or None and why there are none."""
        try:
            return tuple(Call.of(name, values, self.dataset) for name, values in told), ""
        except NotPlain as error:
            return None, str(error)


def counts(model: KAN) -> dict[str, Any]:
    """How many edges there are, live ones, symbolic ones; and how complex the network is."""
    kinds = [layer.kinds() for layer in model.layers]
    return {
        "edges": sum(kind.numel() for kind in kinds),
        "alive": sum(int((kind > 0).sum()) for kind in kinds),
        "symbolic": sum(int((kind == SYMBOLIC).sum()) for kind in kinds),
        "complexity": network_complexity(model),
    }
