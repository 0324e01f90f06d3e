import threading
import time

import ipywidgets
import numpy as np
import pytest
import torch
from traitlets import TraitError

import kanwidget
from kanwidget.session import Session, commands
from kanwidget.session.session import TAKEN_OVER
from kanwidget.widget import KANWidget
from tests.networks import hello_data, same, state
from tests.widget.widgets import (
    DATA,
    LONG,
    assert_mirrors,
    look,
    scene_of,
    settle,
    wait_until,
)


@pytest.fixture
def kw():
    made = KANWidget(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()
    made.session.close()
    assert not made.session._worker.is_busy


@pytest.fixture(scope="module")
def steady():
    """A widget for what changes nothing."""
    made = KANWidget(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


@pytest.fixture
def session():
    made = Session(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


# ---------------------------------------------------------------------- traits


def test_a_new_widget_has_the_start_values_and_shows_its_session(kw):
    two_way = {
        **{"lamb": 0.01, "lamb_entropy": 2.0, "prune_threshold": 0.03, "steps": 20, "lr": 1.0},
        **{"optimizer": "LBFGS", "metric": "backward", "selected": None, "theme": "auto"},
    }
    assert {name: getattr(kw, name) for name in two_way} == two_way
    assert (kw.version, kw.status, kw.step, kw.total_steps) == (0, "idle", 0, 0)
    assert kw.losses == {
        "step": [],
        "train": [],
        "val": [],
        "penalty": [],
        "events": [],
        "burst": 0,
    }
    assert (kw.summary["edges"], kw.summary["alive"], kw.summary["symbolic"]) == (9, 9, 0)
    assert kw.message == {"kind": "", "text": "", "seq": 0}
    assert (kw.history["undo"], kw.history["current"]) == (None, 0)
    assert scene_of(kw)["width"] == (2, 3, 1)
    assert kw.dataset is kw.session.dataset
    assert_mirrors(kw)
    assert set(two_way) <= set(kw.keys)


def test_settings_are_start_values():
    kw = KANWidget(
        kanwidget.KAN([2, 1]), DATA, lamb=0.5, steps=7, metric="forward_u", selected=[0, 1, 0]
    )
    assert (kw.lamb, kw.steps, kw.selected) == (0.5, 7, [0, 1, 0])
    assert kw.session.metric == scene_of(kw)["metric"] == "forward_u"
    kw.close()


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.train(steps=2),
        lambda s: s.prune(0.05),
        lambda s: s.fix_symbolic(0, 0, 0, "sin"),
        lambda s: s.remove_node(1, 1),
        lambda s: (s.remove_edge(0, 0, 0), s.undo()),
        lambda s: s.suggest(0, 0, 0),
        lambda s: s.set_metric("forward_n"),
        lambda s: s.say("warning", "mind the gap"),
    ],
    ids=["train", "prune", "fix", "remove_node", "undo", "suggest", "set_metric", "say"],
)
def test_traits_follow_the_session(kw, call):
    call(kw.session)
    assert_mirrors(kw)


BAD = [
    *[(name, value) for name in ("lamb", "lamb_entropy", "prune_threshold") for value in (-1, "1", None)],
    *[("steps", value) for value in (0, -3, 2.5, "20", None)],
    *[("optimizer", value) for value in ("adam", "SGD", None, 3)],
    *[("metric", value) for value in ("best", "", None)],
    *[("lr", value) for value in ("fast", None)],
    *[("theme", "blue"), ("lang", "xx")],
    *[("selected", value) for value in ("abc", 3, [0], [0, 0], [0, 0, 0, 0], [9, 0, 0], [0, 0, 3])],
    *[("selected", value) for value in ([-1, 0, 0], [0, 0, "1"], [0.5, 0, 0], [True, 0, 0], [])],
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda part: str(part))
def test_a_bad_value_is_refused_and_changes_nothing(steady, name, value):
    before, view, shown = state(steady.model), steady.session.view, steady.get_state()
    with pytest.raises(TraitError) as told:
        setattr(steady, name, value)
    assert name in str(told.value)
    assert steady.get_state() == shown
    assert steady.session.view is view
    assert same(steady.model, before)


def test_selected_is_an_edge_or_nothing(kw):
    seen = []
    kw.observe(lambda change: seen.append(change["new"]), "selected")
    kw.selected = (0, 1, 2)
    assert kw.selected == [0, 1, 2]
    with pytest.raises(TraitError, match=r"edge \(1, 0, 1\) does not exist"):
        kw.selected = [1, 0, 1]
    kw.selected = None
    assert seen == [[0, 1, 2], None]


def test_optimizer_brings_its_usual_learning_rate(kw):
    kw.lr = 0.3
    kw.optimizer = "Adam"
    assert kw.lr == 0.01
    kw.lr = 0.5
    kw.optimizer = "LBFGS"
    assert kw.lr == 1.0
    for name in ("LM", "auto"):
        kw.optimizer = name
        assert kw.lr == 1.0


def test_metric_scores_the_edges_anew(kw):
    before = scene_of(kw)["score"]
    kw.metric = "forward_u"
    wait_until(lambda: scene_of(kw)["metric"] == "forward_u")
    expected = torch.cat([score.flatten() for score in kw.model.edge_scores("forward_u")])
    np.testing.assert_allclose(scene_of(kw)["score"], expected, rtol=1e-6)
    assert not np.allclose(before, expected)
    assert kw.session.metric == "forward_u"
    assert_mirrors(kw)


def test_lamb_can_be_linked_and_observed(kw):
    box, seen = ipywidgets.FloatText(0.25), []
    kw.observe(lambda change: seen.append((change["old"], change["new"])), "lamb")
    link = ipywidgets.link((box, "value"), (kw, "lamb"))
    assert kw.lamb == 0.25
    kw.lamb = 0.125
    assert box.value == 0.125
    box.value = 2
    assert kw.lamb == 2.0
    assert seen == [(0.01, 0.25), (0.25, 0.125), (0.125, 2.0)]
    link.unlink()
    box.close()


# ---------------------------------------------------------------------- views


def test_what_is_done_to_the_model_is_shown(kw):
    old = kw.scene
    kw.model.fix_symbolic(0, 0, 0, "sin")
    settle(kw.session)
    assert scene_of(kw)["functions"] == {(0, 0, 0): "sin"}
    assert kw.scene != old
    assert kw.summary["symbolic"] == 1
    assert kw.history["undo"].startswith("model.fix_symbolic(")
    assert_mirrors(kw)
    kw.model.fit(kw.dataset, steps=3, lamb=0.001)
    settle(kw.session)
    assert kw.losses["step"] == [1, 2, 3]
    assert kw.history["undo"].startswith("model.fit(")
    assert_mirrors(kw)


def test_a_prune_by_the_user_shows_a_narrower_network(kw):
    kw.session.train(steps=3, lamb=0.01)
    scores = kw.model.node_scores()[1]
    kw.model.prune(node_th=float(scores.min()), edge_th=0)
    settle(kw.session)
    assert scene_of(kw)["width"] == tuple(kw.model.width) != (2, 3, 1)
    assert_mirrors(kw)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.remove_edge(0, 0, 0),
        lambda m: m.fix_symbolic(1, 2, 0, "x^2"),
        lambda m: m.fit(DATA, steps=1),
    ],
    ids=["remove", "fix", "fit"],
)
def test_scene_changes_with_the_model_and_comes_back_with_undo(kw, change):
    before = kw.scene
    change(kw.model)
    settle(kw.session)
    assert kw.scene[12:] != before[12:]
    kw.session.undo()
    settle(kw.session)
    assert kw.scene[12:] == before[12:]


def test_views_come_from_the_worker_thread_while_the_main_thread_is_busy(kw):
    seen = []
    kw.observe(lambda change: seen.append((threading.current_thread(), change["new"])), "version")
    kw.session.submit(commands.Train(LONG, "Adam"))
    look(kw)
    wait_until(lambda: len(seen) > 3 and kw.status == "training")
    assert (kw.step > 0, kw.total_steps) == (True, LONG)
    kw.session.stop()
    settle(kw.session)
    assert {thread.name for thread, _ in seen} == {"kanwidget session"}
    versions = [version for _, version in seen]
    assert versions == sorted(set(versions))
    assert kw.status == "idle"
    assert_mirrors(kw)


def test_an_older_view_that_comes_late_is_not_shown(kw):
    old = kw.session.view
    kw.session.remove_edge(0, 0, 0)
    shown = kw.get_state()
    kw._show(old)
    assert kw.get_state() == shown


# ---------------------------------------------------------------------- sessions


def test_two_widgets_on_a_session_keep_in_step(session):
    a, b = KANWidget(session), KANWidget(session, lamb=0.5)
    assert a.session is b.session is session
    assert a.model is session.model
    a.session.train(steps=2)
    b.session.prune(0.05)
    session.model.remove_edge(0, 0, 0)
    settle(session)
    for kw in (a, b):
        assert_mirrors(kw)
    assert (a.scene, a.history, a.losses) == (b.scene, b.history, b.losses)
    assert len(a.history["nodes"]) == 4
    assert (a.lamb, b.lamb) == (0.01, 0.5)
    late = KANWidget(session)
    assert_mirrors(late)
    assert late.scene[12:] == a.scene[12:]


def test_close_leaves_a_shared_session_and_the_other_widget_alone(session):
    a, b = KANWidget(session), KANWidget(session)
    a.close()
    a.close()
    session.remove_edge(0, 0, 0)
    assert (a.version, b.version) == (0, session.view.version)
    assert_mirrors(b)
    b.close()
    assert session.prune(0) >= 0


def test_a_training_goes_on_when_the_widget_is_closed_and_the_next_one_sees_it():
    first = KANWidget(kanwidget.KAN([2, 3, 1]), DATA)
    model, session = first.model, first.session
    running = session.submit(commands.Train(LONG))
    wait_until(lambda: model.fitting)
    first.close()
    first.close()
    assert session._publisher._subscribers == []
    second = KANWidget(model, DATA)
    assert second.session is session
    wait_until(lambda: second.step > 0)
    assert (second.status, running.done()) == ("training", False)
    session.stop()
    wait_until(running.done)
    settle(session)
    assert_mirrors(second)
    assert second.history["undo"].startswith("train ")
    second.close()


def test_a_widget_of_a_model_finds_its_session_by_equal_data_or_none():
    kw = KANWidget(kanwidget.KAN([2, 3, 1]), DATA)
    same = hello_data(60)
    again = [KANWidget(kw.model), KANWidget(kw.model, DATA), KANWidget(kw.model, same)]
    assert {each.session for each in again} == {kw.session}
    again[0].metric = "forward_u"
    settle(kw.session)
    assert {each.metric for each in (kw, *again)} == {"forward_u"}
    for each in (kw, *again):
        each.close()


def test_a_session_with_other_data_takes_over_and_the_old_widget_says_so():
    old = KANWidget(kanwidget.KAN([2, 3, 1]), DATA)
    running = old.session.submit(commands.Train(LONG))
    wait_until(lambda: old.model.fitting)
    began = time.monotonic()
    new = KANWidget(old.model, hello_data(50))
    assert time.monotonic() - began < 5
    assert running.done()
    assert not old.model.fitting
    assert new.session is not old.session
    assert (old.message["kind"], old.message["text"]) == ("warning", TAKEN_OVER)
    assert old.status == "idle"
    new.session.remove_edge(0, 0, 0)
    assert (new.summary["alive"], old.summary["alive"]) == (8, 9)
    with pytest.raises(RuntimeError, match="in a session with other data now"):
        old.session.undo()
    old.metric = "forward_u"
    assert TAKEN_OVER in old.message["text"]
    new.close()
    old.close()


def test_pykan_data_are_taken():
    x = torch.linspace(-1, 1, 50)[:, None]
    data = {"train_input": x, "train_label": x**2, "test_input": x, "test_label": x**2}
    kw = KANWidget(kanwidget.KAN([1, 1]), data)
    assert kw.dataset["val_input"].shape == (50, 1)
    assert_mirrors(kw)
    kw.close()


X, Y = torch.zeros(5, 2), torch.zeros(5, 1)
PARTS = {"train_input": X, "train_label": Y, "test_input": X, "test_label": Y}
LACKING = {name: part for name, part in PARTS.items() if name != "test_label"}


@pytest.mark.parametrize(
    ("kind", "sentence", "model", "data"),
    [
        (TypeError, "dataset is missing", kanwidget.KAN([2, 1]), None),
        (TypeError, "model is a Linear; a kanwidget.KAN is needed", torch.nn.Linear(2, 1), DATA),
        (TypeError, "model is a str; a kanwidget.KAN is needed", "KAN", DATA),
        (TypeError, "model is a list; a kanwidget.KAN is needed", [2, 5, 1], DATA),
        (TypeError, "dataset is a list", kanwidget.KAN([2, 1]), [1, 2]),
        (ValueError, "dataset lacks test_label", kanwidget.KAN([2, 1]), LACKING),
        (ValueError, "train_input has the shape", kanwidget.KAN([2, 1]), PARTS | {"train_label": Y[1:]}),
        (ValueError, "the dataset has 2 inputs and 1 outputs", kanwidget.KAN([3, 1]), DATA),
        (ValueError, "the dataset has 2 inputs and 1 outputs", kanwidget.KAN([2, 2]), PARTS),
    ],
    ids=["no data", "Linear", "str", "list", "data", "part", "rows", "inputs", "outputs"],
)  # fmt: skip
def test_model_and_data_must_fit_together(kind, sentence, model, data):
    threads = threading.active_count()
    with pytest.raises(kind) as told:
        KANWidget(model, data)
    assert sentence in str(told.value)
    assert threading.active_count() <= threads
