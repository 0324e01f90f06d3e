"""What is seen of a session: measured, drawn and written beside the model, and handed to whoever looks."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from kanwidget import costs
from kanwidget.fitting.threads import Threads, multiplications
from kanwidget.model import KAN
from kanwidget.picture import Passage, passage, with_costs
from kanwidget.session import view
from kanwidget.session.aside import Aside
from kanwidget.session.history import Node
from kanwidget.session.lately import Lately, Seen
from kanwidget.session.pacing import Pace
from kanwidget.session.recording import Recorder
from kanwidget.session.states import same_state
from kanwidget.session.view import FormulaView, Look, Message, View

SOON = 0.05
"""Seconds that a picture waits for the formula; one that takes longer follows it."""
REST = 0.1
"""Seconds after a picture in which the page draws it, and nothing else is measured."""

Subscriber = Callable[[View], None]
log = logging.getLogger(__name__)


class Publisher:
    """Makes views of a model and its history, one at a time, each with a higher version.

    Parameters
    ----------
    recorder : Recorder

    Attributes
    ----------
    view : View
        The last one.
    metric : str
        By which edges are scored.
    digits : int or None
        Of the formula's numbers; None is all.
    handing_out : bool
        Whether subscribers are being called: what is done to the model then is theirs.
    rested_by : float
        The monotonic clock's seconds until which the page has time to draw, and costs wait.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._model, self._dataset = recorder, recorder.model, recorder.dataset
        self.metric = "backward"
        self.digits: int | None = view.DIGITS
        self._subscribers: list[Subscriber] = []
        self._one_at_a_time = threading.RLock()
        self.handing_out = False
        self._pace = Pace(1 / 30)
        self._unmeasured: deque[Node] = deque()
        self._untold = False
        self._uncosted: tuple[Look, KAN, Seen] | None = None
        self.rested_by = 0.0
        self._lately = Lately()
        self._known, self._gone = -1, recorder.history.gone
        still, node, seen = self._still()
        look, through = self._look(still, node, seen)
        look = self._costed(look, still, seen)
        formula = self._written(still, node, seen, through)
        self.view = self._whole(still, look, 0, "idle", Message(), formula)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every new view, on the thread that made it; returns how to end it."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(subscriber)

        return unsubscribe

    def publish(self, new: View) -> None:
        """Hand a view to all that look; its version becomes higher than that of the last."""
        with self._one_at_a_time:
            self.view = new.but(version=max(new.version, self.view.version + 1))
            before, self.handing_out = self.handing_out, True
            for subscriber in list(self._subscribers):
                try:
                    subscriber(self.view)
                except Exception:  # it is somebody else's, and must not end what is going on here
                    log.exception("a subscriber of the session failed")
            self.handing_out = before

    def change(self, kind: str = "", text: str = "", **changes: object) -> None:
        """Publish the last view with some parts replaced, and a message where there is a text."""
        with self._one_at_a_time:
            message = self._message(kind, text) if text else self.view.message
            self.publish(self.view.but(message=message, **changes))

    def whole(self, status: str, kind: str = "", text: str = "") -> None:
        """Publish everything drawn and written anew; a formula that takes long comes after it.

        What the edges cost is left to `measure_costs`.
        """
        gone, self._gone = self._recorder.history.gone - self._gone, self._recorder.history.gone
        if gone > 0:
            text += (
                f"; {gone} state{'' if gone == 1 else 's'} far from here went to save memory (pin or "
                "name what is to stay)"
            )
        with self._one_at_a_time:
            message = self._message(kind, text) if text else self.view.message
        still, node, seen = self._still()
        look, through = self._look(still, node, seen)
        old = self.view.formula
        drawn = self._whole(still, look, self.view.version + 1, status, message, old)
        costs_come = look.picture.unmeasured_above is None and not look.with_costs
        self._uncosted = (look, still, seen) if costs_come else None
        self.rested_by = time.monotonic() + REST
        writing = Aside(lambda: self._written(still, node, seen, through))
        if writing.is_over(SOON):
            self.publish(drawn.but(formula=writing.result()))
            return
        meanwhile = "busy" if status == "idle" else status
        self.publish(drawn.but(status=meanwhile, formula=replace(old, pending=True)))
        try:
            formula = writing.result()
        except BaseException:
            self.change(status=status)
            raise
        self.change(status=status, formula=formula)

    def measure_costs(self) -> bool:
        """Publish what the edges of the last whole picture cost, if that is unknown and it is still shown.

        Nobody waits for it, and it is not measured of a picture that is gone meanwhile.
        """
        waiting, self._uncosted = self._uncosted, None
        if waiting is None or self.view.picture is not waiting[0].picture:
            return False
        look, still, seen = waiting
        known = self._costed(look, still, seen)
        with self._one_at_a_time:
            if self.view.picture is look.picture:
                self.change(picture=known.picture)
        return True

    @property
    def rests_in(self) -> float:
        """Seconds until there is time for `measure_costs`; 0 where there is, or nothing to measure."""
        return max(0.0, self.rested_by - time.monotonic()) if self._uncosted else 0.0

    def rewrite(self) -> None:
        """Publish the formula written anew, with the digits that are asked for now."""
        still, node, seen = self._still()
        self.change(formula=self._written(still, node, seen))

    def frame(self, step: int, total: int) -> None:
        """Publish how far the running fit is, when it is time for it."""
        if not self._pace.due():
            return
        recorder = self._recorder
        with self._pace:
            drawn = view.frame(
                self.view, self._model, self._dataset, self.metric, recorder.history, recorder.curve
            )
            with self._one_at_a_time:
                self.publish(
                    self.view.but(**drawn, status="training", step=step, total_steps=total)
                )

    def _message(self, kind: str, text: str) -> Message:
        return Message(kind, text, self.view.message.number + 1)

    def _still(self) -> tuple[KAN, Node | None, Seen]:
        """The model as it is now, the node of that state where there is one, what was seen of it."""
        recorder = self._recorder
        with self._model.exclusive:
            still, node = self._model.still(), recorder.history.current
            assert node.state is not None
            settled = same_state(still.snapshot(), node.state)
            self._note_new()
        return still, node if settled else None, self._lately.of(node.state if settled else None)

    def _look(self, still: KAN, node: Node | None, seen: Seen) -> tuple[Look, Passage | None]:
        """How the model looks, noted on its node; and the training data's passage, if it took one."""
        data, metric = self._dataset, self.metric
        look, through = seen.looks.get(metric), None
        if look is None:
            with self._threads(still):
                through = passage(still, data.train_input)
                look = view.look(still, data, metric, through)
            seen.looks[metric] = look
        if node is not None:
            node.metrics = node.metrics | look.losses
        return look, through

    def _costed(self, look: Look, still: KAN, seen: Seen) -> Look:
        """The same look with what its edges cost."""
        metric = look.picture.metric
        with self._threads(still):
            measured = costs.measure(still, self._dataset, metric)
        known = replace(look, picture=with_costs(look.picture, measured), with_costs=True)
        seen.looks[metric] = known
        return known

    def _whole(
        self, still: KAN, look: Look, version: int, status: str, message: Message,
        formula: FormulaView,
    ) -> View:  # fmt: skip
        recorder = self._recorder
        return view.whole(
            still, look, recorder.history, recorder.curve,
            version=version, status=status, message=message, formula=formula,
        )  # fmt: skip

    def _written(
        self, still: KAN, node: Node | None, seen: Seen, through: Passage | None = None
    ) -> FormulaView:
        """The formula, noted on the node of its state."""
        digits = self.digits
        if digits not in seen.formulas:
            with self._threads(still):
                written = view.write_formula(still, self._dataset, digits, through)
            seen.formulas[digits] = written
        formula = seen.formulas[digits]
        if node is not None:
            node.metrics = node.metrics | {"formula": formula.latex}
        return formula

    def _threads(self, still: KAN) -> Threads:
        """What a look at the model is computed on: the worker is new, and so would its other threads be."""
        return Threads(multiplications(still, len(self._dataset.train_input)))

    # ------------------------------------------------------------------ nodes that were passed by

    def _note_new(self) -> None:
        """Know of the nodes that have come since the last time; under the model's lock."""
        nodes = self._recorder.history.nodes
        self._unmeasured.extend(node for node in nodes[self._known + 1 :] if not _measured(node))
        self._known = len(nodes) - 1

    def measure_one(self) -> bool:
        """Measure a node that nobody has seen; whether there was one."""
        while self._unmeasured:
            if self.measure(self._unmeasured.popleft()):
                self._untold = True
                return True
        if self._untold:
            self._untold = False
            self.change(history=view.history_view(self._recorder.history))
        return False

    def measure(self, node: Node) -> bool:
        """See that a node has its losses and its formula; whether it had none, and has them now."""
        state = node.state
        if _measured(node) or state is None:
            return False
        still = self._model.still()
        still.restore(state)
        view.measure(node, still, self._dataset, self.digits)
        return True


def _measured(node: Node) -> bool:
    return "train_loss" in node.metrics
