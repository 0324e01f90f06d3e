"""What goes wrong outside the widget leaves the widget and its session whole."""

import gc
import logging
import threading
import weakref

import pytest
import torch
from traitlets import TraitError

import kanwidget
from kanwidget.session import Session
from kanwidget.widget import KANWidget
from tests.networks import hello_data
from tests.widget.widgets import DATA, assert_mirrors, scene_of, settle, wait_until


@pytest.fixture
def kw():
    made = KANWidget(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


def workers():
    return {t for t in threading.enumerate() if t.name == "kanwidget session"}


def test_an_observer_that_fails_is_logged_and_everything_else_is_shown(kw, caplog):
    kw.observe(lambda change: 1 / 0, ["version", "step", "message"])
    with caplog.at_level(logging.ERROR):
        kw.session.remove_edge(0, 0, 0)
        kw.session.train(steps=2)
    assert_mirrors(kw)
    assert kw.status == "idle"
    assert kw.summary["alive"] == 8
    assert "an observer of version failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_subscriber_that_fails_is_logged_and_ends_no_training(caplog):
    session = Session(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    seen = []
    session.subscribe(lambda view: 1 / 0)
    session.subscribe(seen.append)
    assert session.train(steps=2)["train_loss"] > 0
    assert seen[-1] is session.view
    assert not session.model.fitting
    assert "a subscriber of the session failed" in caplog.text
    session.close()


def test_an_error_inside_a_training_leaves_a_session_that_trains(kw, monkeypatch):
    def fail(*_):
        raise MemoryError("no memory is left")

    with monkeypatch.context() as patch:
        patch.setattr(kw.session._publisher._pace, "due", fail)
        with pytest.raises(MemoryError) as told:
            kw.session.train(steps=3)
    assert told.value.__traceback__
    assert (kw.status, kw.message["kind"]) == ("idle", "error")
    assert "(no memory is left)" in kw.message["text"]
    assert kw.session.train(steps=1)["train_loss"] > 0


def test_an_observer_may_say_something(kw):
    said = []

    def once(change):
        if not said:
            said.append(change)
            kw.session.say("info", "an edge is gone")

    kw.observe(once, "summary")
    kw.session.remove_edge(0, 0, 0)
    assert kw.message["text"] == "an edge is gone"
    assert_mirrors(kw)


def test_an_observer_that_would_wait_for_itself_is_told_so(kw, caplog):
    kw.observe(lambda change: kw.session.undo(), "history")
    kw.session.remove_edge(0, 0, 0)
    assert "undo was called where the session would wait" in caplog.text
    assert kw.summary["alive"] == 8


def test_what_an_observer_does_to_the_model_becomes_history(kw):
    def once(change):
        if len(kw.model.edges()) == 8:
            kw.model.remove_edge(0, 1, 1)

    kw.observe(once, "summary")
    kw.session.remove_edge(0, 0, 0)
    settle(kw.session)
    assert kw.summary["alive"] == 7
    assert kw.history["undo"].startswith("model.remove_edge")


def test_a_network_with_nan_can_be_shown():
    model = kanwidget.KAN([2, 3, 1])
    with torch.no_grad():
        model.layers[0].coef[0, 0, 0] = float("nan")
    kw = KANWidget(model, DATA)
    assert_mirrors(kw)
    assert set(scene_of(kw)["prune"].loss) == {None}
    kw.close()


def test_a_closed_widget_is_freed():
    kw = KANWidget(kanwidget.KAN([2, 2, 1]), DATA)
    kw.session.train(steps=1)
    freed = [weakref.ref(kw), weakref.ref(kw.session), weakref.ref(kw.model)]
    kw.close()
    del kw
    wait_until(lambda: (gc.collect(), all(ref() is None for ref in freed))[1])


def test_a_widget_that_cannot_be_made_leaves_no_thread_and_a_session_for_the_next():
    model, before = kanwidget.KAN([2, 2, 1]), workers()
    with pytest.raises(TraitError, match="steps is 0; a whole number of at least 1 is needed"):
        KANWidget(model, DATA, steps=0)
    assert workers() == before
    assert len(model.listeners) == 1
    left = Session.of(model)
    assert left._publisher._subscribers == []
    kw = KANWidget(model, DATA)
    assert kw.session is left
    kw.close()


def test_all_widgets_of_a_session_show_one_metric():
    session = Session(kanwidget.KAN([2, 3, 1]), DATA)
    first = KANWidget(session)
    session.set_metric("forward_u")
    assert first.metric == "forward_u"
    second = KANWidget(session)
    assert (first.metric, second.metric, session.metric) == ("forward_u",) * 3
    second.metric = "forward_n"
    settle(session)
    assert (first.metric, session.view.picture.metric) == ("forward_n", "forward_n")
    session.close()


def test_an_optimizer_begins_with_its_usual_learning_rate():
    for settings, lr in (({}, 0.01), ({"lr": 0.5}, 0.5)):
        kw = KANWidget(kanwidget.KAN([2, 1]), DATA, optimizer="Adam", **settings)
        assert kw.lr == lr
        kw.close()


@pytest.mark.parametrize("name", ["lamb", "lamb_entropy", "prune_threshold", "lr", "steps"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1])
def test_numbers_that_are_none_are_refused(kw, name, value):
    before = getattr(kw, name)
    with pytest.raises(TraitError, match=name):
        setattr(kw, name, value)
    assert getattr(kw, name) == before


def test_a_selected_edge_that_is_gone_is_no_longer_selected(kw):
    kw.selected = [0, 1, 2]
    kw.model.prune(node_th=1e9, edge_th=0)
    settle(kw.session)
    assert kw.model.width == [2, 1, 1]
    assert kw.selected is None


def test_a_cancelled_command_is_not_done():
    session = Session(kanwidget.KAN([2, 3, 1]), hello_data(60))
    from kanwidget.session import commands

    running = session.submit(commands.Train(steps=1))
    waiting = session._enqueue(commands.RemoveEdge((0, 0, 0)))
    waiting.cancel()
    running.result()
    settle(session)
    assert len(session.model.edges()) == (9 if waiting.cancelled() else 8)
    session.close()
