"""What several tests of the widget need: data, waiting for the worker, and what a widget shows."""

import json
import struct
import time

from kanwidget.widget.scene import encode
from tests.networks import hello_data
from tests.widget import scenes

LONG = 5000
"""Steps of a training that is still running when a test is done with it."""

DATA = hello_data(60)


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def settle(session):
    """Wait until everything asked for so far is done, and what edges cost is measured where it rests."""
    session._enqueue(lambda: None).result(timeout=10)
    rest(session)


def rest(session):
    """Wait until nothing goes on in it, not even measuring, unless it trains or searches."""
    wait_until(lambda: session.view.status != "idle" or not session._performer.worker.is_busy)


def look(kw, view="a", draws=True):
    """Be a page that looks at the widget, and draws every picture as soon as it comes."""
    if draws:
        kw.observe(lambda change: say(kw, view, seen=kw.version), "scene")
    say(kw, view, looks=True)


def say(kw, view="a", **told):
    """Say what a view of a page says of itself."""
    kw._receive(kw, {"view": view} | told, [])


def scene_of(kw):
    return scenes.read(kw.scene)[1]


def assert_mirrors(kw):
    """That every trait shows what the session's last view says, in numbers that JSON can carry."""
    rest(kw.session)
    view = kw.session.view
    for name in ("version", "status", "step", "total_steps", "losses", "summary", "history"):
        assert getattr(kw, name) == getattr(view, name), name
    assert kw.formula_latex == view.formula.latex
    assert kw.formula_error == {
        name: getattr(view.formula, name)
        for name in ("shown", "full", "digits", "numeric_edges", "text", "pending")
    }
    assert kw.formula_outputs == list(view.formula.outputs)
    message = view.message
    assert kw.message == {"kind": message.kind, "text": message.text, "seq": message.number}
    (version,) = struct.unpack_from("<I", kw.scene, 8)
    assert version <= view.version
    assert kw.scene == encode(view.picture, version)
    shown = {name: value for name, value in kw.get_state().items() if name != "scene"}
    json.dumps(shown, allow_nan=False)
