import dataclasses
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import kanwidget
from kanwidget.session import Session, commands
from kanwidget.session import session as module
from tests.networks import finite, hello_data, points, same, state
from tests.widget.widgets import rest

LONG = 5000
"""Steps of a training that is still running when a test is done with it."""


@pytest.fixture
def session():
    made = Session(kanwidget.KAN([2, 3, 1], grid=3, seed=1), hello_data())
    yield made
    made.close()
    assert not made._worker.is_busy


def training(session, steps=LONG, **options):
    """A training that runs: its future."""
    running = session.submit(commands.Train(steps, **options))
    wait_until(lambda: session.view.status == "training" or running.done())
    return running


def wait_until(true, seconds=5):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def settled(session):
    """The view when everything asked for so far is done, and what edges cost is measured where it rests."""
    session._enqueue(lambda: None).result(timeout=5)
    rest(session)
    return session.view


# ---------------------------------------------------------------------- each command


def test_every_command_works_on_products_and_the_formula_stays_exact():
    model = kanwidget.KAN([2, [1, 2], [0, 1]], mult_arity=[2, [2, 3], 2], seed=1)
    session = Session(model, hello_data(60))
    try:
        actions = [
            lambda: session.remove_edge(0, 1, 5),
            lambda: session.fix_symbolic(0, 0, 2, "sin"),
            lambda: session.remove_node(1, 2),
            lambda: session.restore_node(1, 2),
            lambda: session.train(steps=3),
            lambda: session.prune(threshold=0.02),
            lambda: session.undo(),
        ]
        alive = []
        for act in actions:
            act()
            view = settled(session)
            alive.append(int(view.picture.node_alive.sum()))
            assert view.formula.full <= 1e-9
            assert view.picture.arity.tolist() == [0, 0, 1, 2, 3, 2]
        assert alive[:4] == [6, 6, 5, 6]
    finally:
        session.close()


def test_a_new_session_shows_its_model(session):
    view = session.view
    assert (view.status, view.version, view.message.text) == ("idle", 0, "")
    assert view.picture.width == (2, 3, 1)
    assert (view.summary["edges"], view.summary["alive"], view.summary["symbolic"]) == (9, 9, 0)
    error = session.model(session.dataset.test_input).detach() - session.dataset.test_label
    assert view.summary["test_loss"] == pytest.approx(float(error.square().mean().sqrt()))
    assert view.history["undo"] is None
    assert view.history["nodes"][0]["label"] == "start"
    assert view.losses == {
        "step": [],
        "train": [],
        "val": [],
        "penalty": [],
        "events": [],
        "burst": 0,
    }
    assert "Session(KAN(width=[2, 3, 1]" in repr(session)


def test_train_fits_the_live_model_and_tells_its_losses(session):
    before = session.view.summary["train_loss"]
    metrics = session.train(steps=4, lamb=0.001)
    view = session.view
    assert metrics["train_loss"] < before
    assert view.summary["train_loss"] == metrics["train_loss"]
    assert view.losses["step"] == [1, 2, 3, 4]
    assert view.losses["train"][-1] == pytest.approx(metrics["train_loss"])
    assert len(view.losses["val"]) == 4
    assert view.history["undo"] == "train 4 steps"
    assert view.message.text == "trained 4 steps"
    session.train(steps=30, optimizer="Adam", lr=0.01)
    assert session.view.losses["step"][-1] == 34


@pytest.mark.parametrize("optimizer", ["LM", "AdamW", "SGD", "auto"])
def test_every_optimizer_trains(session, optimizer):
    before = session.view.losses["train"] or [session.history.current.metrics["train_loss"]]
    session.train(steps=15, optimizer=optimizer)
    assert session.history.current.metrics["train_loss"] < before[-1]
    (call,) = session.history.current.action.calls
    assert call.arguments["opt"] == optimizer
    assert ("few enough" in session.view.message.text) == (optimizer == "auto")


def test_prune_removes_and_tells_how_many(session):
    session.train(steps=3)
    scores = torch.cat([s.flatten() for s in session.model.edge_scores()])
    threshold = float(scores.median())
    gone = session.prune(threshold)
    assert gone == 9 - len(session.model.edges()) >= 5
    assert session.view.summary["alive"] == 9 - gone
    assert session.view.message.text == f"prune at {threshold:.3g} removed {gone} edges"
    assert session.view.losses["events"] == [
        {"step": 3, "label": f"prune at {threshold:.3g}", "command": "prune"}
    ]


def measured(session):
    """The picture when it is known what its edges cost."""
    wait_until(lambda: len(session.view.picture.prune.loss) > 0)
    return session.view.picture


def test_prune_costs_what_the_picture_said(session):
    session.train(steps=3, lamb=0.01)
    curve = measured(session).prune
    at = len(curve.threshold) // 2
    assert session.prune(curve.threshold[at]) == curve.removed[at]
    assert session.view.summary["val_loss"] == pytest.approx(curve.loss[at], rel=1e-5)


def test_removing_an_edge_costs_what_the_picture_said(session):
    session.train(steps=3)
    picture, before = measured(session), session.view.summary["val_loss"]
    for e in range(4):
        edge = tuple(int(n[e]) for n in (picture.layer, picture.source, picture.target))
        session.remove_edge(*edge)
        now = session.view.summary["val_loss"]
        assert now - before == pytest.approx(float(picture.cost[e]), abs=1e-5)
        session.undo()


def test_edges_are_removed_restored_fixed_and_made_numeric(session):
    model = session.model
    session.remove_edge(0, 1, 2)
    assert (0, 1, 2) not in model.edges()
    session.restore_edge(0, 1, 2)
    assert (0, 1, 2) in model.edges()
    r2 = session.fix_symbolic(0, 1, 2, "sin")
    assert model.layers[0].symbolic_function(1, 2).name == "sin"
    assert session.view.picture.functions == {(0, 1, 2): "sin"}
    assert session.view.message.text == f"fix (0, 1, 2) to sin: R² {r2:.6f}"
    assert session.view.summary["symbolic"] == 1
    session.unfix_symbolic(0, 1, 2)
    assert model.layers[0].symbolic_function(1, 2) is None
    assert [node.action.command for node in session.history.path()] == [
        "start", "remove_edge", "restore_edge", "fix_symbolic", "unfix_symbolic",
    ]  # fmt: skip


def test_nodes_are_removed_and_restored(session):
    session.remove_node(1, 0)
    assert not [edge for edge in session.model.edges() if edge[0] == 1 and edge[1] == 0]
    assert session.view.summary["alive"] == 6
    session.restore_node(1, 0)
    assert session.view.summary["alive"] == 9


def test_suggestions_change_nothing(session):
    before, view, nodes = state(session.model), settled(session), len(session.history.nodes)
    found = session.suggest(0, 0, 0)
    assert len(found) > 20
    assert found[0].r2 > 0
    assert same(session.model, before)
    assert len(session.history.nodes) == nodes
    assert session.view.version == view.version


def test_metric_changes_the_scores_that_are_shown(session):
    before = session.view.picture.score
    session.set_metric("forward_u")
    assert session.view.picture.metric == "forward_u"
    expected = torch.cat([s.flatten() for s in session.model.edge_scores("forward_u")])
    torch.testing.assert_close(torch.tensor(session.view.picture.score), expected.float())
    assert not (session.view.picture.score == before).all()
    with pytest.raises(ValueError, match="metric is 'best'"):
        session.set_metric("best")


def test_formula_follows_every_action(session):
    first = session.view.formula
    assert first.numeric_edges == 9
    assert "phi" in first.latex
    session.model.get_act(session.dataset)
    for l, i, j in session.model.edges():
        session.fix_symbolic(l, i, j, "x")
    formula = session.view.formula
    assert formula.numeric_edges == 0
    assert "x_{1}" in formula.latex
    assert formula.full < 1e-9
    assert formula.shown < 0.01
    session.undo()
    assert session.view.formula.numeric_edges == 1


# ---------------------------------------------------------------------- bad arguments

BAD = [
    (ValueError, "steps is 0", lambda s: s.train(steps=0)),
    (ValueError, "opt is 'adam'", lambda s: s.train(optimizer="adam")),
    (ValueError, "lr is 0.1; LM takes damping", lambda s: s.train(optimizer="LM", lr=0.1)),
    (ValueError, "lr is 0.1; opt='auto'", lambda s: s.train(optimizer="auto", lr=0.1)),
    (ValueError, "lamb is -1", lambda s: s.train(lamb=-1)),
    (ValueError, "lr is 'x'", lambda s: s.train(lr="x")),
    (ValueError, "threshold is -1", lambda s: s.prune(-1)),
    (ValueError, "threshold is None", lambda s: s.prune(None)),
    (ValueError, "metric is 'best'", lambda s: s.prune(0.1, "best")),
    (KeyError, "edge (7, 0, 0) does not exist", lambda s: s.fix_symbolic(7, 0, 0, "sin")),
    (KeyError, "unknown function 'sine'", lambda s: s.fix_symbolic(0, 0, 0, "sine")),
    (ValueError, "edge (0, 1, 1) is removed", lambda s: s.fix_symbolic(0, 1, 1, "sin")),
    (ValueError, "edge (0, 1, 1) is removed", lambda s: s.suggest(0, 1, 1)),
    (KeyError, "edge (0, 2, 0) does not exist", lambda s: s.unfix_symbolic(0, 2, 0)),
    (KeyError, "edge (0, 0, '1') does not exist", lambda s: s.remove_edge(0, 0, "1")),
    (KeyError, "does not exist", lambda s: s.restore_edge(0, 0, -1)),
    (KeyError, "node (2, 0) does not exist", lambda s: s.remove_node(2, 0)),
    (KeyError, "node (1, 3) does not exist", lambda s: s.restore_node(1, 3)),
    (KeyError, "edge (None, 0, 0) does not exist", lambda s: s.suggest(None, 0, 0)),
    (ValueError, "there is nothing to redo", lambda s: s.redo()),
]


@pytest.mark.parametrize(("kind", "sentence", "call"), BAD, ids=[case[1] for case in BAD])
def test_what_cannot_be_done_changes_nothing_and_is_said(session, kind, sentence, call):
    session.remove_edge(0, 1, 1)
    before, view, nodes = state(session.model), session.view, len(session.history.nodes)
    with pytest.raises(kind, match=re.escape(sentence)):
        call(session)
    assert same(session.model, before)
    assert len(session.history.nodes) == nodes
    now = session.view
    assert now.message.kind == "error"
    assert sentence in now.message.text
    assert not now.message.text.startswith(("'", '"'))
    assert now.message.number > view.message.number
    assert (now.summary, now.formula, now.history) == (view.summary, view.formula, view.history)


def test_undo_at_the_start_is_an_error(session):
    with pytest.raises(ValueError, match="there is nothing to undo"):
        session.undo()
    assert session.view.message.kind == "error"


def test_session_needs_a_kan_and_data_that_fit():
    with pytest.raises(TypeError, match=r"model is a Linear; a kanwidget\.KAN is needed"):
        Session(torch.nn.Linear(2, 1), hello_data())
    with pytest.raises(ValueError, match="the network of width"):
        Session(kanwidget.KAN([3, 1]), hello_data())
    with pytest.raises(TypeError, match="dataset is a list"):
        Session(kanwidget.KAN([2, 1]), [1, 2])


# ---------------------------------------------------------------------- undo and redo


def test_undo_and_redo_bring_every_state_back_to_the_bit(session):
    states = [state(session.model)]
    for act in (
        lambda: session.train(steps=3),
        lambda: session.prune(0.05),
        lambda: session.fix_symbolic(*session.model.edges()[0], "x^2"),
        lambda: session.train(steps=12, optimizer="Adam", lr=0.01, lamb=0.01),
        lambda: session.remove_edge(*session.model.edges()[-1]),
    ):
        act()
        states.append(state(session.model))
    losses = [session.view.summary["train_loss"]]
    for before in states[-2::-1]:
        session.undo()
        assert same(session.model, before)
        losses.append(session.view.summary["train_loss"])
    assert session.view.history["undo"] is None
    for after, loss in zip(states[1:], losses[-2::-1], strict=True):
        session.redo()
        assert same(session.model, after)
        assert session.view.summary["train_loss"] == loss
    assert session.view.history["redo"] is None


def test_undo_returns_what_it_took_back(session):
    session.remove_edge(0, 0, 0)
    assert session.view.history["undo"] == "remove edge (0, 0, 0)"
    assert session.undo() == "remove edge (0, 0, 0)"
    assert session.view.message.text == "undid: remove edge (0, 0, 0)"
    assert session.view.history["redo"] == "remove edge (0, 0, 0)"
    assert session.redo() == "remove edge (0, 0, 0)"
    assert session.view.message.text == "did again: remove edge (0, 0, 0)"


def test_branches_are_kept(session):
    session.remove_edge(0, 0, 0)
    session.undo()
    session.remove_edge(0, 1, 1)
    with pytest.raises(ValueError, match="nothing to redo"):
        session.redo()
    history = session.view.history
    assert [(n["label"], n["parent"]) for n in history["nodes"]] == [
        ("start", None), ("remove edge (0, 0, 0)", 0), ("remove edge (0, 1, 1)", 0),
    ]  # fmt: skip
    assert history["current"] == 2
    assert (0, 0, 0) in session.model.edges()


def test_curve_of_losses_follows_undo(session):
    session.train(steps=3)
    session.remove_edge(0, 0, 0)
    session.train(steps=2)
    curve = session.view.losses
    assert curve["step"] == [1, 2, 3, 4, 5]
    assert curve["events"] == [
        {"step": 3, "label": "remove edge (0, 0, 0)", "command": "remove_edge"}
    ]
    session.undo()
    session.undo()
    assert session.view.losses["step"] == [1, 2, 3]
    assert session.view.losses["events"] == []
    assert session.view.losses["train"] == curve["train"][:3]
    session.train(steps=1)
    assert session.view.losses["step"] == [1, 2, 3, 4]
    session.undo()
    session.undo()
    assert session.view.losses["step"] == []


def test_a_long_curve_is_thinned_and_keeps_its_end(session):
    session.train(steps=1500, optimizer="Adam")
    curve = session.view.losses
    assert len(curve["step"]) <= 601
    assert curve["step"][-1] == 1500
    assert curve["train"][-1] == pytest.approx(session.view.summary["train_loss"])


# ---------------------------------------------------------------------- while training


def test_stop_takes_effect_within_300_ms(session):
    running = training(session)
    began = time.perf_counter()
    session.stop()
    metrics = running.result(timeout=2)
    assert time.perf_counter() - began < 0.3
    assert session.view.status == "idle"
    assert "stopped" in session.view.message.text
    assert metrics["train_loss"] == session.view.summary["train_loss"]
    assert not session.model.fitting


def test_frames_of_a_training_are_published(session):
    seen = []
    session.subscribe(seen.append)
    training(session, optimizer="Adam")
    wait_until(lambda: len(seen) > 5)
    session.stop()
    settled(session)
    frames = [view for view in seen if view.status == "training"]
    assert [view.version for view in seen] == sorted({view.version for view in seen})
    assert all(view.total_steps == LONG for view in frames)
    steps = [view.step for view in frames]
    assert steps == sorted(steps)
    assert frames[-1].losses["step"][-1] <= frames[-1].step
    assert frames[-1].picture is not frames[0].picture
    assert seen[-1].status == "idle"


def test_fix_and_prune_in_the_middle_of_a_training_are_done_and_it_goes_on(session):
    session.train(steps=3)
    running = training(session, optimizer="Adam")
    r2 = session.fix_symbolic(1, 0, 0, "exp")
    assert r2 <= 1
    assert session.model.layers[1].symbolic_function(0, 0).name == "exp"
    gone = session.prune(0.02)
    session.restore_node(1, 2)
    assert not running.done()
    count = len(session.view.losses["step"])
    wait_until(lambda: len(session.view.losses["step"]) > count or session.view.step > count)
    session.stop()
    running.result(timeout=2)
    labels = [node.action.command for node in session.history.path()]
    assert [label for label in labels if label not in ("start", "train")] == [
        "fix_symbolic", "prune", "restore_node",
    ]  # fmt: skip
    assert labels[-1] == "train"
    assert gone >= 0
    assert session.model.layers[1].symbolic_function(0, 0).name == "exp"
    assert finite(session.model)


def test_error_in_the_middle_of_a_training_leaves_it_running(session):
    running = training(session, optimizer="Adam")
    with pytest.raises(KeyError, match="unknown function"):
        session.fix_symbolic(0, 0, 0, "sine")
    assert session.view.message.kind == "error"
    assert not running.done()
    session.stop()
    running.result(timeout=2)


def test_undo_ends_a_training_and_takes_it_back(session):
    before = state(session.model)
    running = training(session)
    label = session.undo()
    assert running.done()
    assert label.startswith("train ")
    assert same(session.model, before)
    assert session.redo() == label


def test_another_training_ends_the_one_that_runs(session):
    running = training(session, optimizer="Adam")
    session.train(steps=2)
    assert running.done()
    assert session.view.history["undo"] == "train 2 steps"


def test_suggestions_can_be_asked_for_while_training(session):
    running = training(session, optimizer="Adam")
    assert session.suggest(0, 0, 0)
    assert not running.done()
    session.stop()


def test_a_training_that_diverges_warns_and_keeps_the_last_good_state(session):
    session.train(steps=2)
    session.train(steps=20, optimizer="Adam", lr=1e200)
    assert session.view.message.kind == "warning"
    assert "last good state" in session.view.message.text
    assert finite(session.model)


def test_commands_from_many_threads_are_all_answered(session):
    versions = []
    session.subscribe(lambda view: versions.append(view.version))
    running = training(session, optimizer="Adam")

    def act(n):
        edge = (0, n % 2, n % 3)
        return [
            session.remove_edge(*edge),
            session.restore_edge(*edge),
            session.suggest(1, n % 3, 0),
            session.fix_symbolic(1, n % 3, 0, "x"),
        ]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(act, range(6)))
    session.stop()
    running.result(timeout=5)
    settled(session)
    assert all(answer[0] is None and answer[2] for answer in answers)
    assert (
        len([n for n in session.history.path() if n.action.command not in ("start", "train")]) == 18
    )
    assert versions == sorted(set(versions))
    assert session.view.summary["symbolic"] == 3


# ---------------------------------------------------------------------- what others do to the model


def test_what_is_done_to_the_model_becomes_history_and_a_view(session):
    session.model.fit(session.dataset, steps=3, lamb=0.01)
    view = settled(session)
    assert view.losses["step"] == [1, 2, 3]
    assert "model.fit(" in view.history["undo"]
    session.model.fix_symbolic(0, 0, 0, "sin")
    view = settled(session)
    assert view.picture.functions == {(0, 0, 0): "sin"}
    assert "model.fix_symbolic(" in view.history["undo"]
    assert "fix_symbolic" in view.message.text
    session.undo()
    assert session.model.layers[0].symbolic_function(0, 0) is None
    assert session.view.losses["step"] == [1, 2, 3]
    session.undo()
    assert session.view.losses["step"] == []


def test_the_user_may_act_from_another_thread_while_a_training_runs(session):
    running = training(session, optimizer="Adam")
    user = threading.Thread(target=session.model.fix_symbolic, args=(0, 0, 0, "sin"))
    user.start()
    user.join(timeout=5)
    assert not user.is_alive()
    session.stop()
    running.result(timeout=5)
    view = settled(session)
    assert view.picture.functions == {(0, 0, 0): "sin"}
    assert any("model.fix_symbolic" in node["label"] for node in view.history["nodes"])


def test_prune_by_the_user_renumbers_and_can_be_undone(session):
    session.train(steps=4, lamb=0.01)
    before = state(session.model)
    session.model.prune(node_th=0.05)
    view = settled(session)
    assert view.picture.width == tuple(session.model.width)
    session.undo()
    assert same(session.model, before)
    assert session.view.picture.width == (2, 3, 1)


def test_two_fits_at_once_are_refused(session):
    running = training(session, optimizer="Adam")
    with pytest.raises(RuntimeError, match="being trained already"):
        session.model.fit(session.dataset, steps=1)
    session.stop()
    running.result(timeout=2)
    session.model.fit(session.dataset, steps=1)


def test_training_while_the_user_fits_is_refused(session):
    errors = []

    def during(event, details):
        if event == "step" and not errors:
            with pytest.raises(RuntimeError, match="being trained already"):
                session.train(steps=1)
            errors.append(session.view.message)

    session.model.listeners.append(during)
    session.model.fit(session.dataset, steps=2)
    assert errors[0].kind == "error"
    assert settled(session).losses["step"] == [1, 2]


def test_interrupting_a_training_stops_it(session, monkeypatch):
    class Interrupted(module.Future):
        def result(self, timeout=None):
            wait_until(lambda: session.view.status == "training")
            raise KeyboardInterrupt

    enqueue = session._enqueue

    def slow(work):
        running.append(enqueue(work))
        return Interrupted()

    running = []
    monkeypatch.setattr(session, "_enqueue", slow)
    with pytest.raises(KeyboardInterrupt):
        session.train(steps=LONG)
    running[0].result(timeout=2)
    assert "stopped" in session.view.message.text
    assert finite(session.model)


# ---------------------------------------------------------------------- end, and what is shown


def test_close_ends_the_thread_also_while_training():
    session = Session(kanwidget.KAN([2, 3, 1]), hello_data(50))
    running = training(session, optimizer="Adam")
    session.close()
    assert not session._worker.is_busy
    assert running.done()
    assert session.model.listeners == []
    assert not session.model.fitting
    for call in (lambda: session.train(steps=1), session.undo):
        with pytest.raises(RuntimeError, match="this session is closed"):
            call()
    session.close()
    session.model.fit(hello_data(50), steps=1)


def test_subscribers_hear_until_they_leave(session):
    heard = []
    leave = session.subscribe(heard.append)
    session.remove_edge(0, 0, 0)
    count = len(heard)
    assert heard[-1] is session.view
    leave()
    session.restore_edge(0, 0, 0)
    assert len(heard) == count > 0


def test_data_outside_the_grid_are_reported():
    x = 3 * points(200, 1)
    data = {"train_input": x, "train_label": x.sin(), "test_input": x, "test_label": x.sin()}
    session = Session(kanwidget.KAN([1, 1]), {**data, "input_names": ["height"]})
    told = session.view.summary["outside"]
    session.train(steps=2)
    after = session.view.summary["outside"]
    session.close()
    assert re.match(r"\d\d% of the data at input height lie outside its grid", told)
    assert after == ""


def test_views_cannot_be_changed(session):
    view = session.view
    for part, name in (
        (view, "version"),
        (view.picture, "kind"),
        (view.formula, "latex"),
        (view.message, "text"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, 1)
    curve, summary = view.picture.curve.copy(), dict(view.summary)
    session.train(steps=2)
    session.remove_edge(0, 0, 0)
    assert (view.picture.curve == curve).all()
    assert view.summary == summary
    assert view.losses["step"] == []


def test_losses_that_are_no_number_are_none():
    data = hello_data(50)
    model = kanwidget.KAN([2, 2, 1])
    with torch.no_grad():
        model.layers[0].coef[0, 0, 0] = float("nan")
    session = Session(model, data)
    assert session.view.summary["train_loss"] is None
    session.close()
