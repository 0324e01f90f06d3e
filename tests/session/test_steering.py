"""A training is watched step by step, in slow motion, on as many threads as a person wants."""

import time

import pytest
import torch

import kanwidget
from kanwidget.session import Session, commands
from kanwidget.session.history import LossCurve, RunningCurve
from kanwidget.session.steering import cores
from kanwidget.session.view import MOST_POINTS, loss_curves
from tests.networks import hello_data, same, state
from tests.session.test_session import settled, training, wait_until


@pytest.fixture
def session():
    made = Session(kanwidget.KAN([2, 3, 1], grid=3, seed=1), hello_data(60))
    yield made
    made.close()


def steps_done(session):
    return len(session._recorder.curve.train)


# ---------------------------------------------------------------------- step by step


def test_a_step_of_a_paused_training_is_one_step(session):
    running = training(session, optimizer="Adam")
    session.pause()
    wait_until(lambda: session.view.status == "paused")
    for _ in range(3):
        before, done = state(session.model), steps_done(session)
        session.step()
        wait_until(lambda n=done: steps_done(session) == n + 1)
        wait_until(lambda: session.view.status == "paused")
        assert steps_done(session) == done + 1
        assert not same(session.model, before)
    session.stop()
    running.result(timeout=5)
    assert len(session.history.current.curve.train) == done + 1


def test_a_step_of_a_running_training_pauses_it(session):
    running = training(session, optimizer="Adam")
    session.step()
    wait_until(lambda: session.view.status == "paused")
    session.resume()
    wait_until(lambda: session.view.status == "training")
    session.stop()
    running.result(timeout=5)


def test_there_must_be_a_training_to_step(session):
    with pytest.raises(RuntimeError, match="no training of this session to go on by a step"):
        session.step()


# ---------------------------------------------------------------------- slow motion


def test_slow_motion_is_slow_and_stop_stays_immediate(session):
    session.slow = 30
    running = training(session, optimizer="Adam")
    wait_until(lambda: steps_done(session) == 1)
    assert session.fix_symbolic(1, 0, 0, "exp") is not None
    assert not running.done()
    began = time.monotonic()
    session.stop()
    running.result(timeout=5)
    assert time.monotonic() - began < 3
    assert session.history.nodes[1].curve.train[1:] == ()


def test_slow_motion_can_be_ended_while_it_runs(session):
    session.slow = 30
    running = training(session, steps=4)
    wait_until(lambda: steps_done(session) == 1)
    session.slow = 0
    running.result(timeout=5)
    assert len(session.history.current.curve.train) == 4


def test_a_training_in_slow_motion_is_paused_and_ended_by_others(session):
    session.slow = 30
    running = training(session, optimizer="Adam")
    session.pause()
    wait_until(lambda: session.view.status == "paused")
    session.resume()
    session.undo()
    with pytest.raises(RuntimeError):
        session.pause()
    assert running.done()


def test_slow_motion_changes_no_result():
    results = []
    for slow in (0, 0.01):
        made = Session(kanwidget.KAN([2, 2, 1], grid=3, seed=1), hello_data(60))
        made.slow = slow
        results.append(made.train(steps=4))
        made.close()
    assert results[0] == results[1]


@pytest.mark.parametrize("wrong", [-1, 61, float("nan"), "1", None])
def test_other_paces_are_refused(session, wrong):
    with pytest.raises(ValueError, match="slow is"):
        session.slow = wrong
    assert session.slow == 0


# ---------------------------------------------------------------------- threads


def test_a_training_computes_on_the_threads_that_are_set(session):
    before, seen = torch.get_num_threads(), []
    session.subscribe(lambda view: seen.append(torch.get_num_threads()))
    session.threads = cores()
    session.train(steps=3)
    assert cores() in seen
    session.threads = "auto"
    assert session.threads == "auto"
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("wrong", [0, -1, 10**6, "two", 1.5, True, None])
def test_other_numbers_of_threads_are_refused(session, wrong):
    with pytest.raises(ValueError, match="threads is"):
        session.threads = wrong
    assert session.threads == "auto"


# ---------------------------------------------------------------------- what is shown


def test_the_penalty_is_recorded_with_the_losses(session):
    session.train(steps=3, lamb=0.01)
    curve = session.history.current.curve
    assert len(curve.penalty) == 3
    assert all(value > 0 for value in curve.penalty)
    assert session.view.losses["penalty"] == list(curve.penalty)
    session.train(steps=2)
    assert session.history.current.curve.penalty == ()
    assert session.view.losses["penalty"] == [*curve.penalty, 0.0, 0.0]
    assert session.view.losses["burst"] == 4


def test_the_test_loss_of_before_is_not_shown_while_training(session):
    before = session.view.summary["test_loss"]
    seen = []
    session.subscribe(lambda view: seen.append((view.status, view.summary["test_loss"])))
    session.train(steps=30)
    during = [loss for status, loss in seen if status == "training"]
    assert during
    assert before not in during
    assert session.view.summary["test_loss"] < before


def test_the_grid_is_told(session):
    assert session.view.summary["grid"] == [3, 3]
    session.act("refine", new_grid=6)
    assert session.view.summary["grid"] == [6, 6]


class Path:
    """A history of bursts of so many steps."""

    def __init__(self, *bursts):
        self.nodes = [commands_node(count) for count in bursts]

    def path(self):
        return self.nodes


def commands_node(count):
    class Action:
        command = "train"

    class Node:
        action, parent, label, id = Action(), 0, "train", 1
        curve = LossCurve(tuple(map(float, range(1, count + 1))), (1.0,) * count)

    return Node()


@pytest.mark.parametrize(
    "bursts", [(1,), (599,), (5000, 20), (20, 5000), (70000, 70000), (3,) * 900]
)
def test_points_are_few_and_the_last_burst_keeps_its_own(bursts):
    curves = loss_curves(Path(*bursts), RunningCurve())
    total, last = sum(bursts), bursts[-1]
    assert len(curves["step"]) <= MOST_POINTS + 2
    assert curves["step"] == sorted(set(curves["step"]))
    assert curves["step"][-1] == total
    assert curves["burst"] == total - last + 1
    own = [step for step in curves["step"] if step >= curves["burst"]]
    assert len(own) >= min(last, MOST_POINTS // 4)
    assert curves["train"][-1] == last


# ---------------------------------------------------------------------- a finer grid


def test_a_finer_grid_is_looked_at_before_it_is_made(session):
    session.train(steps=3)
    before, nodes, view = state(session.model), len(session.history.nodes), settled(session)
    told = session.submit(commands.PreviewRefine(6)).result(timeout=10)
    assert same(session.model, before)
    assert len(session.history.nodes) == nodes
    assert session.view is view
    assert told["grid"] == [3, 3]
    session.act("refine", new_grid=6)
    trained = sum(p.numel() for p in session.model.parameters() if p.requires_grad)
    assert told["parameters"][1] == trained
    assert told["parameters"][0] == trained - 9 * 3
    assert told["difference"] <= 1e-5 * told["size"]
    assert (len(told["old"]), len(told["new"])) == (4, 7)
    assert set(told["old"]) <= set(told["new"])
    assert all(seconds > 0 for seconds in told["seconds"])
    l, i, j = told["edge"]
    x = torch.tensor(told["x"], dtype=session.model.layers[l].knots.dtype)
    shown = torch.tensor(told["y"], dtype=x.dtype)
    torch.testing.assert_close(shown, session.model.layers[l].edge_output(i, j, x))


def test_a_grid_that_is_too_large_to_try_is_still_counted():
    made = Session(kanwidget.KAN([20, 160, 1], grid=3, seed=1), hello_many(20))
    told = made.submit(commands.PreviewRefine(1000, (0, 3, 4))).result(timeout=10)
    made.close()
    assert told["parameters"][1] - told["parameters"][0] == (20 * 160 + 160) * 997
    assert told["difference"] is told["seconds"] is told["new"] is None
    assert told["edge"] == [0, 3, 4]


def hello_many(inputs):
    return kanwidget.create_dataset(
        lambda x: x[:, :1], n_var=inputs, train_num=20, test_num=20, seed=1
    )


@pytest.mark.parametrize(
    ("new_grid", "edge", "because"),
    [
        (2, None, "new_grid is 2; the network has 3 intervals"),
        (1001, None, "at most 1000"),
        (5.5, None, "new_grid is 5.5"),
        (5, (9, 0, 0), "edge"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(session, new_grid, edge, because):
    with pytest.raises((ValueError, KeyError), match=because):
        session.submit(commands.PreviewRefine(new_grid, edge)).result(timeout=10)
