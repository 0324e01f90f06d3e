"""What the page asks for: {id, command, args}, answered once by {id, ok, result} or {id, ok, error}.

Messages arrive on whatever thread the kernel uses for them, and only enqueue.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any

import torch

from kanwidget.formula.single import candidate_latex
from kanwidget.session import Session, commands
from kanwidget.session.commands import Command, explain
from kanwidget.session.searching import summary
from kanwidget.session.view import finite
from kanwidget.symbolic.suggest import Candidate

SUGGESTION_POINTS = 64
log = logging.getLogger(__name__)

ORDERS: dict[str, Callable[[Session], None]] = {
    "stop": Session.stop,
    "cancel": Session.cancel,
    "pause": Session.pause,
    "resume": Session.resume,
}
"""What is done at once, whatever waits in the queue."""
Send = Callable[[dict[str, Any]], None]


def receive(session: Session, content: Any, send: Send) -> None:
    """Do what a message asks for; ``send`` takes the one answer, now or when it is done."""
    number = content.get("id") if isinstance(content, dict) else None
    try:
        if not isinstance(content, dict) or isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"the page sent {content!r:.200}; {{id, command, args}} is needed")
        name, arguments = content.get("command"), content.get("args", {})
        if isinstance(name, str) and name in ORDERS:
            _order(session, name, arguments)
            send({"id": number, "ok": True})
            return
        command = commands.parse(name, arguments)
        answer = session.submit(command)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        _refuse(session, number, error, send)
        return
    answer.add_done_callback(lambda future: _answer(session, number, command, future, send))


def _order(session: Session, name: str, arguments: Any) -> None:
    if arguments != {}:
        raise TypeError(f"{name} got {arguments!r:.60}; it takes nothing")
    ORDERS[name](session)


def _refuse(session: Session, number: Any, error: Exception, send: Send) -> None:
    sentence = explain(error)
    session.say("error", sentence)
    send({"id": number if _is_sendable(number) else None, "ok": False, "error": sentence})


def _is_sendable(number: Any) -> bool:
    """Whether a page can know its message by this."""
    return isinstance(number, bool | int | str) or (
        isinstance(number, float) and math.isfinite(number)
    )


def _answer(
    session: Session, number: int, command: Command, future: Future[Any], send: Send
) -> None:
    try:
        result = as_data(session, command, future.result())
    except CancelledError:
        send({"id": number, "ok": False, "error": f"{command.label} was cancelled"})
    except Exception as error:  # somebody waits for an answer, whatever went wrong
        if not future.exception():
            log.exception("the answer to %s could not be made", command.name)
        send({"id": number, "ok": False, "error": explain(error)})
    else:
        send({"id": number, "ok": True} | ({} if result is None else {"result": result}))


def as_data(session: Session, command: Command, result: Any) -> Any:
    """What the page is told besides that a command was done."""
    if isinstance(command, commands.Suggest):
        return _suggestions(session, command, result)
    if isinstance(command, commands.Proposals):
        return [{name: _plain(value) for name, value in each.items()} for each in result]
    if isinstance(command, commands.Auto):
        return summary(result, session.dataset, session.model)
    return None


def _suggestions(
    session: Session, command: commands.Suggest, found: list[Candidate]
) -> dict[str, Any]:
    """What the edge menu shows: the edge's curve, and every candidate's over the same inputs."""
    l, i, j = command.edge
    model = session.model
    with torch.no_grad(), model.exclusive:
        model.check_edge(l, i, j)
        column = model.node_values(model.training_inputs())[l][:, i]
        x = torch.linspace(
            float(column.min()), float(column.max()), SUGGESTION_POINTS, dtype=column.dtype
        ).to(column.device)
        y = model.layers[l].edge_output(i, j, x)
    return {
        "edge": list(command.edge),
        "x": _numbers(x),
        "y": _numbers(y),
        "candidates": [
            {
                "function": candidate.name,
                "r2": candidate.r2,
                "complexity": candidate.complexity,
                "latex": candidate_latex(candidate),
                "curve": _numbers(candidate.curve(x)),
                "warning": candidate.warning,
                "loss_change": finite(candidate.loss_change),
            }
            for candidate in found
        ],
    }


def _numbers(values: torch.Tensor) -> list[float | None]:
    """Plain numbers; None where a function has no value."""
    return [v if math.isfinite(v) else None for v in values.double().tolist()]


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return finite(value) if isinstance(value, float) else value


def is_of_a_view(content: Any) -> bool:
    """Whether a message is what a view of the page says of itself; see `kanwidget.widget.frames`."""
    return isinstance(content, Mapping) and "view" in content and "command" not in content
