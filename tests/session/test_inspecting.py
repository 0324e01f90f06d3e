"""What the inspector of an edge does to a session: every step is undone, stored, and done again."""

import pytest
import torch

import kanwidget
from kanwidget.session import Session, replay, storage
from kanwidget.session.retelling.script import to_python
from kanwidget.shaping import control_points
from kanwidget.symbolic.library import LIBRARY
from tests.networks import hello_data, same, state

DATA = hello_data()


@pytest.fixture
def session():
    model = kanwidget.KAN([2, 1, 1], seed=1)
    made = Session(model, DATA)
    made.train(5)
    made.fix_symbolic(0, 0, 0, "sin")
    yield made
    made.close()


def held(session):
    return session.model.layers[0].held[0, 0].tolist()


def all_of_it(session):
    """Every command of the inspector; returns the states after each."""
    point = control_points(session.model.layers[0], 1, 0)[1][3].item()
    steps = [
        lambda: session.set_constant(0, 0, 0, "a", "pi"),
        lambda: session.lock_constant(0, 0, 0, "b"),
        lambda: session.unlock_constant(0, 0, 0, "b"),
        lambda: session.move_point(0, 1, 0, 3, point + 0.1),
        lambda: session.move_point(0, 1, 0, 3, point + 0.2, refit=True),
        lambda: session.lock_edges([(0, 1, 0)]),
        lambda: session.unlock_edges([(0, 1, 0)]),
        lambda: session.train(2),
    ]
    states = []
    for step in steps:
        step()
        states.append(state(session.model))
    return states


def test_each_step_is_a_node_that_can_be_undone_and_done_again(session):
    nodes = len(session.history.nodes)
    states = all_of_it(session)
    assert len(session.history.nodes) == nodes + len(states)
    labels = [node.label for node in session.history.nodes[nodes:]]
    assert labels[:5] == [
        *("a of (0, 0, 0) to pi", "lock b of (0, 0, 0)", "unlock b of (0, 0, 0)"),
        *("point 3 of (0, 1, 0) moved", "point 3 of (0, 1, 0) moved, the rest refitted"),
    ]
    for before in reversed(states[:-1]):
        session.undo()
        assert same(session.model, before)
    for after in states[1:]:
        session.redo()
        assert same(session.model, after)


def test_training_in_the_session_keeps_what_was_typed(session):
    session.set_constant(0, 0, 0, "a", "pi")
    for optimizer in ("LBFGS", "LM", "Adam", "AdamW"):
        session.train(2, optimizer)
    assert session.model.layers[0].affine[0, 0, 0].item() == torch.pi


def test_a_file_holds_the_locks_and_is_done_again_to_the_same(session, tmp_path):
    all_of_it(session)
    session.lock_constant(0, 0, 0, "d")
    path = tmp_path / "run.kan"
    storage.write(path, session.model, session.dataset, session.history)
    read = storage.read(path)
    assert read.model.layers[0].held[0, 0].tolist() == [True, False, False, True]
    assert replay(path).ok


def test_a_script_says_it_as_a_person_would(session):
    all_of_it(session)
    text = to_python(session.model, session.dataset, session.history)
    assert "model.set_constant(0, 0, 0, 'a', 'pi')" in text.replace('"', "'")
    assert "model.lock_constant(0, 0, 0, 'b')" in text.replace('"', "'")
    assert "refit=True" in text


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (lambda s: s.set_constant(0, 0, 0, "a", "x"), "pi/2, 1/3 or sqrt"),
        (lambda s: s.set_constant(0, 0, 0, "z", 1), "constant is 'z'"),
        (lambda s: s.lock_constant(0, 1, 0, "a"), "is a spline"),
        (lambda s: s.move_point(0, 0, 0, 0, 1.0), "no spline"),
        (lambda s: s.move_point(0, 1, 0, 99, 1.0), "has the points"),
        (lambda s: s.define_function("sin"), "a name and a formula"),
        (lambda s: s.define_function("f = __import__('os')"), "__import__"),
        (lambda s: s.define_function("sin = x^2"), "sin"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(session, step, sentence):
    before, nodes, known = state(session.model), len(session.history.nodes), set(LIBRARY)
    with pytest.raises((ValueError, KeyError), match=sentence):
        step(session)
    assert same(session.model, before)
    assert len(session.history.nodes) == nodes
    assert set(LIBRARY) == known


def test_a_function_from_a_line_can_be_taken_and_is_shown_in_the_formula(session):
    try:
        assert session.define_function(" wave = sin(x) + cos(2*x)/10") == "wave"
        assert "wave" in [each.name for each in session.suggest(0, 1, 0)]
        session.fix_symbolic(0, 1, 0, "wave")
        assert session.inspect(0, 1, 0).function.name == "wave"
        (formula,), _ = session.model.symbolic_formula()
        assert "cos" in str(formula)
    finally:
        LIBRARY.pop("wave", None)
