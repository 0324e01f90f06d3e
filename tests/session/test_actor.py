"""What runs is paused, stopped, cancelled or taken back; what others do to the model is seen."""

import gc
import re
import threading
import weakref

import pytest
import torch

import kanwidget
from kanwidget.session import Session, commands
from tests.networks import finite, hello_data, same, state
from tests.session.test_session import LONG, settled, training, wait_until


@pytest.fixture
def session():
    made = Session(kanwidget.KAN([2, 3, 1], grid=3, seed=1), hello_data(60))
    yield made
    made.close()


def labels(session):
    return [node.label for node in session.history.path()]


def user_fit(session, **options):
    """A fit of the user's own on a thread: the thread, and a list that gets its results."""
    results = []

    def fit():
        results.append(session.model.fit(session.dataset, **options))

    thread = threading.Thread(target=fit)
    thread.start()
    wait_until(lambda: session.view.status == "training")
    return thread, results


# ---------------------------------------------------------------------- pause, cancel, stop


def test_a_paused_training_waits_while_others_act_and_then_goes_on(session):
    running = training(session, optimizer="Adam")
    session.pause()
    wait_until(lambda: session.view.status == "paused")
    before = state(session.model)
    session.fix_symbolic(1, 0, 0, "exp")
    assert session.view.status == "paused"
    session.restore_edge(0, 0, 0)
    assert not same(session.model, before)
    held = state(session.model)
    assert not running.done()
    assert same(session.model, held)
    session.resume()
    wait_until(lambda: session.view.status == "training" and not same(session.model, held))
    session.stop()
    running.result(timeout=5)
    assert [node.action.command for node in session.history.path()] == [
        "start", "train", "fix_symbolic", "restore_edge", "train",
    ]  # fmt: skip


def test_a_paused_training_can_be_stopped_and_taken_back(session):
    before = state(session.model)
    running = training(session, optimizer="Adam")
    session.pause()
    wait_until(lambda: session.view.status == "paused")
    session.undo()
    assert running.done()
    assert session.view.status == "idle"
    assert same(session.model, before)


def test_there_must_be_a_training_to_pause(session):
    with pytest.raises(RuntimeError, match="there is no training of this session to pause"):
        session.pause()
    session.resume()


def test_a_cancelled_training_leaves_the_state_before_it(session):
    session.train(steps=2)
    before, nodes = state(session.model), len(session.history.nodes)
    running = training(session, optimizer="Adam")
    wait_until(lambda: session.view.step > 3)
    session.cancel()
    with pytest.raises(RuntimeError, match="the training was cancelled; the network is as it was"):
        running.result(timeout=5)
    assert same(session.model, before)
    assert len(session.history.nodes) == nodes
    assert session.view.status == "idle"
    assert session.view.losses["step"] == [1, 2]
    session.train(steps=1)
    assert session.view.losses["step"] == [1, 2, 3]


def test_what_was_done_in_the_midst_of_a_cancelled_training_stays(session):
    running = training(session, optimizer="Adam")
    session.remove_edge(0, 0, 0)
    after = state(session.model)
    with session.model.exclusive:
        session.cancel()
        edited = session.history.current
    with pytest.raises(RuntimeError, match="cancelled"):
        running.result(timeout=5)
    assert session.history.current is edited
    assert same(session.model, after) or labels(session)[-1] == "remove edge (0, 0, 0)"
    assert (0, 0, 0) not in session.model.edges()


def test_what_waits_is_cancelled_too(session):
    running = training(session, optimizer="Adam")
    waiting = session._enqueue(commands.Train(LONG))
    session.cancel()
    for each in (running, waiting):
        wait_until(each.done)
    assert waiting.cancelled() or isinstance(waiting.exception(), RuntimeError)
    assert labels(session) == ["start"]


def test_stop_ends_a_fit_of_the_users_own(session):
    thread, results = user_fit(session, steps=LONG, opt="Adam")
    session.stop()
    thread.join(timeout=5)
    assert results[0].stopped_because == "stopped"
    settled(session)
    (call,) = session.history.current.action.calls
    assert call.arguments["stop_at"]["items"][0] >= len(results[0]["train_loss"])
    again = kanwidget.KAN([2, 3, 1], grid=3, seed=1)
    again.get_act(session.dataset)
    call.do(again, session.dataset)
    assert same(again, state(session.model))


def test_undo_takes_a_running_fit_of_the_users_own_back(session):
    before = state(session.model)
    thread, _ = user_fit(session, steps=LONG, opt="Adam")
    label = session.undo()
    thread.join(timeout=5)
    assert label.startswith("model.fit(")
    assert same(session.model, before)
    assert labels(session) == ["start"]


# ---------------------------------------------------------------------- history


def test_a_jump_goes_to_any_branch(session):
    states = [state(session.model)]
    session.remove_edge(0, 0, 0)
    states.append(state(session.model))
    session.undo()
    session.train(steps=2)
    states.append(state(session.model))
    for number in (1, 2, 0, 1):
        label = session.jump(number)
        assert same(session.model, states[number])
        assert label == session.history.nodes[number].label
        assert session.view.history["current"] == number
        assert session.view.message.text == f"went to step {number}: {label}"
    with pytest.raises(KeyError, match="there is no step 9; steps are 0 to 2"):
        session.jump(9)


def test_names_and_notes_are_shown(session):
    session.remove_edge(0, 0, 0)
    session.rename(1, "without the first")
    session.annotate(1, "it was never needed")
    session.pin(0)
    nodes = session.view.history["nodes"]
    assert (nodes[1]["label"], nodes[1]["note"]) == ("without the first", "it was never needed")
    assert (nodes[0]["pinned"], nodes[1]["pinned"]) == (True, False)
    assert session.undo() == "without the first"
    with pytest.raises(KeyError, match="there is no step 5"):
        session.annotate(5, "x")
    with pytest.raises(ValueError, match="note is 3"):
        session.annotate(1, 3)


def test_every_node_has_its_metrics_in_the_end(session):
    for n in range(3):
        session.model.remove_edge(0, 0, n)
    session.train(steps=2)
    session.model.fit(session.dataset, steps=2)
    wait_until(lambda: all("formula" in node.metrics for node in session.history.nodes))
    for node in session.history.nodes:
        assert {"train_loss", "val_loss", "test_loss", "alive", "complexity"} <= set(node.metrics)
        assert node.metrics["formula"]
    wait_until(lambda: all(node["val"] is not None for node in session.view.history["nodes"]))
    shown = session.view.history["nodes"]
    assert [node["complexity"] for node in shown] == sorted(
        (node["complexity"] for node in shown), reverse=True
    )


def test_any_action_of_the_model_can_be_given_as_a_command(session):
    session.act("refine", new_grid=6)
    assert session.model.layers[0].grid == 6
    assert labels(session)[-1] == "refine(6)"
    session.act("lock_edge", l=0, i=0, j=0)
    session.act("update_grid", x=session.dataset)
    assert session.undo() == "update_grid(data)"
    for kind, sentence, call in (
        (KeyError, "there is no action 'close'", lambda: session.act("close")),
        (KeyError, "there is no action 'fit'", lambda: session.act("fit", dataset=session.dataset)),
        (TypeError, "refine: got an unexpected", lambda: session.act("refine", new_grid=3, why=1)),
        (
            ValueError,
            "x of update_grid is a Tensor",
            lambda: session.act("update_grid", x=torch.ones(2)),
        ),
        (
            ValueError,
            "new_grid is 2000; at most 1000",
            lambda: session.act("refine", new_grid=2000),
        ),
    ):
        with pytest.raises(kind, match=re.escape(sentence)):
            call()
    assert labels(session) == ["start", "refine(6)", "lock_edge(0, 0, 0)"]


# ---------------------------------------------------------------------- an optimizer of one's own


def steps_of(model, data, optimizer, count):
    for _ in range(count):
        optimizer.zero_grad()
        (model(data.train_input) - data.train_label).square().mean().backward()
        optimizer.step()


def test_steps_of_an_optimizer_of_ones_own_become_one_node(session):
    before = state(session.model)
    optimizer = torch.optim.SGD(session.model.parameters(), lr=0.01)
    steps_of(session.model, session.dataset, optimizer, 12)
    trained = state(session.model)
    wait_until(lambda: "12 steps of SGD" in labels(session))
    node = session.history.current
    assert node.action.calls is None
    assert node.action.because
    wait_until(lambda: session.view.message.text == "12 steps of SGD")
    assert session.undo() == "12 steps of SGD"
    assert same(session.model, before)
    session.redo()
    assert same(session.model, trained)


def test_what_an_optimizer_did_is_kept_when_a_command_follows_at_once(session):
    optimizer = torch.optim.Adam(session.model.parameters(), lr=0.01)
    steps_of(session.model, session.dataset, optimizer, 3)
    trained = state(session.model)
    session.remove_edge(0, 0, 0)
    assert labels(session) == ["start", "3 steps of Adam", "remove edge (0, 0, 0)"]
    session.undo()
    assert same(session.model, trained)


def test_other_peoples_optimizers_are_not_looked_at(session):
    other = kanwidget.KAN([2, 3, 1])
    steps_of(other, session.dataset, torch.optim.SGD(other.parameters(), lr=0.01), 2)
    assert session._recorder.steps == 0


def test_a_change_by_hand_is_a_node_when_something_follows(session):
    with torch.no_grad():
        session.model.layers[0].coef[0, 0, 0] += 1
    changed = state(session.model)
    session.remove_edge(0, 0, 0)
    assert labels(session)[1] == "changed directly"
    session.undo()
    assert same(session.model, changed)


# ---------------------------------------------------------------------- one session a model


def test_a_model_has_one_session(session):
    model, data = session.model, session.dataset
    assert Session.of(model) is session
    assert Session.of(model, data) is session
    assert Session.of(model, hello_data(60)) is session
    other = Session.of(model, hello_data(30))
    assert other is not session
    assert model.listeners == [other._hear]
    with pytest.raises(RuntimeError, match="in a session with other data now"):
        session.train(steps=1)
    other.train(steps=1)
    other.close()
    with pytest.raises(TypeError, match="dataset is missing"):
        Session.of(model)
    with pytest.raises(TypeError, match="is a Linear"):
        Session.of(torch.nn.Linear(2, 1), data)


def test_a_session_lives_as_long_as_its_model():
    model = kanwidget.KAN([2, 2, 1])
    seen = weakref.ref(Session(model, hello_data(20)))
    gc.collect()
    assert seen() is Session.of(model)
    Session.of(model).remove_edge(0, 0, 0)
    del model
    wait_until(lambda: gc.collect() is not None and seen() is None)


def test_no_thread_waits_for_work(session):
    before = set(threading.enumerate())
    session.train(steps=3)
    session.suggest(0, 0, 0)
    wait_until(lambda: set(threading.enumerate()) <= before)


# ---------------------------------------------------------------------- what goes wrong


def test_running_out_of_memory_is_one_sentence_and_the_last_good_state(session, monkeypatch):
    from kanwidget.fitting.descent import Descent

    advance, count = Descent.advance, []

    def scarce(self, batch):
        count.append(1)
        if len(count) == 5:
            raise torch.OutOfMemoryError("Tried to allocate 20.00 GiB")
        return advance(self, batch)

    monkeypatch.setattr(Descent, "advance", scarce)
    with pytest.raises(torch.OutOfMemoryError):
        session.train(steps=20, optimizer="Adam")
    assert session.view.message.kind == "error"
    assert "not enough memory" in session.view.message.text
    assert session.view.status == "idle"
    assert labels(session) == ["start", "train 4 steps"]
    assert finite(session.model)
    session.train(steps=2)
    assert labels(session)[-1] == "train 2 steps"


def test_states_that_are_let_go_are_told_of():
    one = Session(kanwidget.KAN([2, 3, 1]), hello_data(20)).history.memory.bytes
    session = Session(kanwidget.KAN([2, 3, 1]), hello_data(20), limit=4 * one)
    for _ in range(12):
        session.train(steps=1)
    assert session.history.gone
    assert session.view.history["gone"] == session.history.gone
    assert session.history.memory.bytes <= 4 * one
    nodes = session.view.history["nodes"]
    assert [node["id"] for node in nodes if not node["kept"]]
    with pytest.raises(ValueError, match="was let go to keep the history under"):
        session.jump(next(node["id"] for node in nodes if not node["kept"]))
    session.close()
