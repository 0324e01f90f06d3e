"""What the page asks for: {id, command, args}, answered once by {id, ok, result} or {id, ok, error}.

Messages arrive on whatever thread the kernel uses for them, and only enqueue.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any

from kanwidget.session import Session, commands
from kanwidget.session.commands import Command, explain
from kanwidget.session.looking import Sight
from kanwidget.session.searching import summary
from kanwidget.session.view import finite
from kanwidget.widget.edge_data import inspection, suggestions
from kanwidget.widget.scene import encode

log = logging.getLogger(__name__)

ORDERS: dict[str, Callable[[Session], None]] = {
    "stop": Session.stop,
    "cancel": Session.cancel,
    "pause": Session.pause,
    "resume": Session.resume,
    "step": Session.step,
    "ping": lambda session: None,
}
"""What is done at once, whatever waits in the queue."""
Send = Callable[..., None]
"""Takes an answer, and the buffers that go with it, if there are any."""


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
        buffers = pictures(session, command, future.result())
    except CancelledError:
        send({"id": number, "ok": False, "error": f"{command.label} was cancelled"})
    except Exception as error:  # somebody waits for an answer, whatever went wrong
        if not future.exception():
            log.exception("the answer to %s could not be made", command.name)
        send({"id": number, "ok": False, "error": explain(error)})
    else:
        answer = {"id": number, "ok": True} | ({} if result is None else {"result": result})
        send(answer, buffers) if buffers else send(answer)


def as_data(session: Session, command: Command, result: Any) -> Any:
    """What the page is told besides that a command was done."""
    if isinstance(command, commands.Suggest):
        return suggestions(session, command.edge, result)
    if isinstance(command, commands.Inspect):
        return inspection(result)
    if isinstance(command, commands.CostOfRemoving | commands.CostOfNode | commands.FunctionsFor):
        return result
    if isinstance(command, commands.Proposals):
        return [{name: _plain(value) for name, value in each.items()} for each in result]
    if isinstance(command, commands.Export | commands.PreviewRefine | commands.DefineFunction):
        return result
    if isinstance(command, commands.Auto):
        return summary(result, session.dataset, session.model)
    if isinstance(command, commands.Look):
        return _sight(result)
    if isinstance(command, commands.Compare):
        found, *ends = result
        return found.as_dict() | {"text": str(found), "ends": [_sight(each) for each in ends]}
    if isinstance(command, commands.Script | commands.Save):
        return result
    if isinstance(command, commands.ExportPage):
        from kanwidget.widget.standalone import html

        return html(result, {"metric": session.metric} | command.settings)
    return None


def pictures(session: Session, command: Command, result: Any) -> list[bytes]:
    """What an answer brings to be drawn, each as `kanwidget.widget.scene.encode` makes it."""
    sights: list[Sight] = []
    if isinstance(command, commands.Look):
        sights = [result]
    elif isinstance(command, commands.Compare):
        sights = list(result[1:])
    return [encode(each.picture, session.view.version) for each in sights]


def _sight(sight: Sight) -> dict[str, Any]:
    return {
        "number": sight.number,
        "label": sight.label,
        "latex": sight.latex,
        "losses": sight.losses,
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return finite(value) if isinstance(value, float) else value


def is_of_a_view(content: Any) -> bool:
    """Whether a message is what a view of the page says of itself; see `kanwidget.widget.frames`."""
    return isinstance(content, Mapping) and "view" in content and "command" not in content
