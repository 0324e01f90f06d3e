from contextvars import ContextVar
from types import SimpleNamespace

import ipywidgets
import pytest

import kanwidget
from kanwidget.session import publishing
from kanwidget.widget import KANWidget, comms
from kanwidget.widget.comms import without_parent
from tests.widget.widgets import DATA, wait_until


@pytest.fixture
def kw():
    made = KANWidget(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


def test_only_what_differs_is_sent_and_as_one_message(kw, monkeypatch):
    monkeypatch.setattr(publishing, "SOON", 60.0)
    sent = []
    kw._send = lambda msg, buffers=None: sent.append(msg)
    kw.session.say("info", "hello")
    kw.session.remove_edge(0, 0, 0)
    wait_until(lambda: len(sent) == 3)
    del kw._send
    said, removed, costs = sent
    assert set(said["state"]) == {"version", "message"}
    assert said["buffer_paths"] == []
    assert {"version", "message", "history", "summary"} <= set(removed["state"])
    assert not {"status", "step", "lamb", "metric"} & set(removed["state"])
    assert removed["buffer_paths"] == [["scene"]]
    assert set(costs["state"]) == {"version"}
    assert costs["buffer_paths"] == [["scene"]]


def test_outside_a_kernel_without_parent_simply_calls():
    assert without_parent(lambda *arguments: arguments, 1, "two") == (1, "two")
    assert without_parent(list) == []
    with pytest.raises(ZeroDivisionError):
        without_parent(lambda: 1 / 0)


def test_in_a_kernel_only_echoes_are_sent_with_a_parent(kw, monkeypatch):
    parent, parents = ContextVar("parent", default=None), []
    kernel = SimpleNamespace(_shell_parent=parent)
    monkeypatch.setattr(comms, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    monkeypatch.setattr(
        ipywidgets.Widget,
        "_send",
        lambda self, msg, buffers=None: parents.append((msg["method"], parent.get())),
    )
    parent.set({"of": "this cell"})
    kw.lamb = 0.5
    kw.session.remove_edge(0, 0, 0)
    nobody = ("update", {})
    wait_until(lambda: parents == [nobody] * 3)
    kw.send({"id": 1, "ok": True})
    kw._send({"method": "echo_update"})
    assert parents == [*[nobody] * 3, ("custom", {}), ("echo_update", {"of": "this cell"})]
    assert parent.get() == {"of": "this cell"}
