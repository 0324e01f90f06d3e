"""What is seen of a session: measured, drawn and written beside the model, and handed to whoever looks."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable

from kanwidget.session import view
from kanwidget.session.history import Node
from kanwidget.session.pacing import Pace
from kanwidget.session.recording import Recorder
from kanwidget.session.states import same_state
from kanwidget.session.view import Message, View

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
    handing_out : bool
        Whether subscribers are being called: what is done to the model then is theirs.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._model, self._dataset = recorder, recorder.model, recorder.dataset
        self.metric = "backward"
        self._subscribers: list[Subscriber] = []
        self._one_at_a_time = threading.RLock()
        self.handing_out = False
        self._pace = Pace(1 / 30)
        self._unmeasured: deque[Node] = deque()
        self._seen, self._gone = -1, recorder.history.gone
        self.view = self._whole(0, "idle", Message())

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
        """Publish everything measured and drawn anew."""
        gone, self._gone = self._recorder.history.gone - self._gone, self._recorder.history.gone
        if gone > 0:
            text += (
                f"; {gone} state{'' if gone == 1 else 's'} far from here went to save memory (pin or "
                "name what is to stay)"
            )
        with self._one_at_a_time:
            message = self._message(kind, text) if text else self.view.message
        self.publish(self._whole(self.view.version + 1, status, message))

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

    def _whole(self, version: int, status: str, message: Message) -> View:
        recorder = self._recorder
        with self._model.exclusive:
            still, node = self._model.still(), recorder.history.current
            assert node.state is not None
            settled = same_state(still.snapshot(), node.state)
            self._note_new()
        return view.whole(
            still, node if settled else None, self._dataset, self.metric, recorder.history,
            recorder.curve, version=version, status=status, message=message,
        )  # fmt: skip

    # ------------------------------------------------------------------ nodes that were passed by

    def _note_new(self) -> None:
        """Know of the nodes that have come since the last time; under the model's lock."""
        nodes = self._recorder.history.nodes
        self._unmeasured.extend(node for node in nodes[self._seen + 1 :] if not _measured(node))
        self._seen = len(nodes) - 1

    def measure_one(self) -> bool:
        """Measure a node that nobody has seen; whether there was one."""
        while self._unmeasured:
            if self.measure(self._unmeasured.popleft()):
                if not self._unmeasured:
                    self.change(history=view.history_view(self._recorder.history))
                return True
        return False

    def measure(self, node: Node) -> bool:
        """See that a node has its losses and its formula; whether it had none, and has them now."""
        state = node.state
        if _measured(node) or state is None:
            return False
        still = self._model.still()
        still.restore(state)
        view.measure(node, still, self._dataset)
        return True


def _measured(node: Node) -> bool:
    return "train_loss" in node.metrics
