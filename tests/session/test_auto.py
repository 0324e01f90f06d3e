"""The search for a formula as a command: step by step in the history, beside other commands."""

import re
import time

import pytest
import sympy
import torch

import kanwidget
from kanwidget.session import Session, commands
from tests.networks import hello_data, same, state
from tests.session.test_session import settled, wait_until

UNENDING = 600.0
"""Seconds of a search that is still going on when a test is done with it."""


def opened(data, width=(2, 3, 1), seed=1):
    return Session(kanwidget.KAN(list(width), grid=3, seed=seed), data)


@pytest.fixture
def session():
    made = opened(hello_data(100))
    yield made
    made.close()
    assert not made._worker.is_busy


@pytest.fixture
def hard():
    """A session whose data no short formula follows."""

    def bessel(x):
        product = x[:, [0]] * x[:, [1]]
        return torch.special.bessel_j0(9 * product) + torch.sin(2 * x[:, [0]] + 3 * x[:, [1]] ** 2)

    made = opened(kanwidget.create_dataset(bessel, n_var=2, train_num=200, test_num=200))
    yield made
    made.close()
    assert not made._worker.is_busy


def searching(session, until="looking for a formula"):
    """A search that runs, and says what is waited for: its future."""
    running = session.submit(commands.Auto(UNENDING))
    wait_until(lambda: until in session.view.message.text, seconds=20)
    assert session.view.status == "searching"
    return running


def labels(session):
    return [node.label for node in session.history.path()]


# ---------------------------------------------------------------------- what it finds


@pytest.mark.parametrize("seed", [0, 1])
def test_hello_world_is_found_and_said(seed):
    session = opened(hello_data(100), seed=seed)
    try:
        found = session.auto(seconds=20, seed=seed)
        x_1, x_2 = found.variables
        assert found.exact
        assert found.expressions == [sympy.exp(x_2**2 + sympy.sin(sympy.pi * x_1))]
        view = session.view
        assert view.status == "idle"
        assert view.message.kind == "info"
        sentence = "found y = exp(x_2**2 + sin(pi*x_1)): exact on the validation data"
        assert view.message.text == sentence
        assert view.formula.latex == r"e^{x_{2}^{2} + \sin{\left(\pi x_{1} \right)}}"
        assert view.summary["val_loss"] < 1e-9
        assert view.picture.width == (2, 1, 1)
    finally:
        session.close()


def test_every_step_is_undone_and_done_again_to_the_bit(session):
    before = state(session.model)
    session.auto(seconds=20)
    road = labels(session)
    assert road[:2] == ["start", "fit splines: function of a sum"]
    assert {"fix (0, 0, 0) to sin", "fix (0, 1, 0) to x^2", "fix (1, 0, 0) to exp"} <= set(road)
    assert [label for label in road if label.startswith("snap constants: ")] == road[-1:]
    assert road[-3:-1] == ["refit all constants", "tidy"]
    states, losses = [state(session.model)], [session.view.summary["val_loss"]]
    for label in reversed(road[1:]):
        assert session.undo() == label
        states.append(state(session.model))
        losses.append(session.view.summary["val_loss"])
    assert same(session.model, before)
    assert session.view.picture.width == (2, 3, 1)
    for label, after, loss in zip(road[1:], states[-2::-1], losses[-2::-1], strict=True):
        assert session.redo() == label
        assert same(session.model, after)
        assert session.view.summary["val_loss"] == loss


def test_noisy_data_are_called_consistent_and_another_formula_can_be_taken():
    data, random = hello_data(300), torch.Generator().manual_seed(5)
    noisy = {
        name: values + 0.01 * torch.randn(values.shape, generator=random, dtype=values.dtype)
        for name, values in dict(data).items()
        if name.endswith("label")
    }
    session = opened(kanwidget.datasets.as_dataset(dict(data) | noisy))
    try:
        found = session.auto(seconds=30)
        assert not found.exact
        assert session.view.message.text.startswith("consistent with y = ")
        assert "runner-up" in session.view.message.text
        assert len(session.front) == len(found.front) > 1
        after, nodes = state(session.model), len(session.history.nodes)
        for index, entry in enumerate(session.front):
            metrics = session.take(index)
            assert metrics["val_loss"] == pytest.approx(entry.val_loss, rel=1e-6)
            assert session.view.history["undo"].startswith("take ")
            session.undo()
            assert same(session.model, after)
        assert len(session.history.nodes) == nodes + len(session.front)
        with pytest.raises(ValueError, match=r"index is 99; the last search found formulas 0 to"):
            session.take(99)
        assert same(session.model, after)
    finally:
        session.close()


# ---------------------------------------------------------------------- while it runs


def test_a_stop_keeps_the_best_within_a_second(hard):
    running = searching(hard, until="the best so far")
    began = time.process_time()  # what other processes do meanwhile does not count
    hard.stop()
    found = running.result(timeout=5)
    assert time.process_time() - began < 1
    assert hard.view.status == "idle"
    assert hard.view.message.text.endswith("; the search was stopped")
    assert labels(hard)[1].startswith(("fit splines: ", "plane of least squares"))
    assert hard.view.summary["val_loss"] == pytest.approx(found.val_loss, rel=1e-6)


def test_a_stop_before_anything_is_found_changes_nothing(hard):
    before = state(hard.model)
    running = searching(hard)
    hard.stop()
    with pytest.raises(RuntimeError, match="no formula was found before it was stopped"):
        running.result(timeout=5)
    assert same(hard.model, before)
    assert labels(hard) == ["start"]
    assert (hard.view.status, hard.view.message.kind) == ("idle", "error")


def test_nothing_found_in_time_changes_nothing(hard):
    before = state(hard.model)
    with pytest.raises(RuntimeError, match=re.escape("no formula was found in 1e-09 seconds")):
        hard.auto(seconds=1e-9)
    assert same(hard.model, before)
    assert labels(hard) == ["start"]


@pytest.mark.parametrize("ending", ["train", "undo", "auto"])
def test_a_search_is_dropped_by_what_cannot_be_beside_it(hard, ending):
    hard.remove_edge(0, 0, 0)
    said = []
    hard.subscribe(lambda view: said.append((view.message.kind, view.message.text)))
    running = searching(hard)
    act = {
        "train": lambda: hard.train(steps=2),
        "undo": hard.undo,
        "auto": lambda: hard.submit(commands.Auto(UNENDING)),
    }[ending]
    act()
    with pytest.raises(RuntimeError, match=r"ended by: .*; nothing of it is kept"):
        running.result(timeout=5)
    assert ("warning", str(running.exception())) in said
    hard.stop()
    after = {"train": ["start", "remove edge (0, 0, 0)", "train 2 steps"], "undo": ["start"]}
    if ending in after:
        assert labels(hard) == after[ending]


def test_a_search_ends_a_training(session):
    training = session.submit(commands.Train(5000, "Adam"))
    wait_until(lambda: session.view.status == "training")
    assert session.auto(seconds=20).exact
    assert training.done()
    assert labels(session)[1].startswith("train ")


def test_other_commands_have_their_turn_and_the_road_follows_them(hard):
    running = searching(hard)
    began = time.perf_counter()
    hard.remove_edge(0, 1, 2)
    assert hard.view.status == "searching"
    assert hard.fix_symbolic(0, 0, 0, "sin") <= 1
    with pytest.raises(KeyError, match="unknown function"):
        hard.fix_symbolic(0, 0, 0, "sine")
    assert hard.suggest(0, 0, 1)
    assert time.perf_counter() - began < 3
    assert not running.done()
    wait_until(lambda: "the best so far" in hard.view.message.text, seconds=20)
    edited = state(hard.model)
    hard.stop()
    running.result(timeout=5)
    road = labels(hard)
    assert road[:3] == ["start", "remove edge (0, 1, 2)", "fix (0, 0, 0) to sin"]
    assert len(road) > 4
    for _ in road[3:]:
        hard.undo()
    assert same(hard.model, edited)


def test_progress_is_published_with_seconds_at_most_ten_times_a_second(hard):
    seen = []
    hard.subscribe(lambda view: seen.append((time.perf_counter(), view)))
    searching(hard)
    wait_until(lambda: hard.view.step >= 1, seconds=5)
    hard.stop()
    settled(hard)
    frames = [(at, view) for at, view in seen if view.status == "searching"]
    assert all(view.total_steps == UNENDING for _, view in frames)
    assert len(frames) <= 10 * (frames[-1][0] - frames[0][0]) + 2
    assert [view.version for _, view in seen] == sorted({view.version for _, view in seen})
    assert seen[-1][1].status == "idle"


def test_a_session_that_is_closed_ends_its_search(hard):
    running = searching(hard)
    began = time.perf_counter()
    hard.close()
    assert time.perf_counter() - began < 2
    with pytest.raises(RuntimeError, match="closing the session"):
        running.result(timeout=1)


# ---------------------------------------------------------------------- what is wrong

BAD = [
    (ValueError, "seconds is 0; a number above 0, at most 3600", lambda s: s.auto(seconds=0)),
    (ValueError, "seconds is inf", lambda s: s.auto(seconds=float("inf"))),
    (ValueError, "seconds is 3601", lambda s: s.auto(seconds=3601)),
    (ValueError, "seed is -1", lambda s: s.auto(seed=-1)),
    (ValueError, "seed is 0.5", lambda s: s.auto(seed=0.5)),
    (KeyError, "unknown function 'sine'", lambda s: s.auto(lib=["sin", "sine"])),
    (TypeError, "lib must be a list", lambda s: s.auto(lib="sin")),
    (ValueError, "lib is empty", lambda s: s.auto(lib=iter(()))),
    (ValueError, "index is 0; the last search found none yet", lambda s: s.take(0)),
    (ValueError, "index is -1", lambda s: s.take(-1)),
]


@pytest.mark.parametrize(("kind", "sentence", "call"), BAD, ids=[case[1] for case in BAD])
def test_what_cannot_be_searched_for_changes_nothing_and_is_said(session, kind, sentence, call):
    before, view = state(session.model), session.view
    with pytest.raises(kind, match=re.escape(sentence)):
        call(session)
    assert same(session.model, before)
    assert labels(session) == ["start"]
    assert session.view.message.kind == "error"
    assert sentence in session.view.message.text
    assert session.view.status == view.status == "idle"
