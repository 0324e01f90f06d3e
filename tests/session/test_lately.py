"""What was seen of a state lately is shown at once when it is come back to, and nothing else is."""

import dataclasses

import numpy as np
import pytest

import kanwidget
from kanwidget.session import Session, lately
from tests.networks import hello_data
from tests.widget.widgets import rest


@pytest.fixture
def session():
    model = kanwidget.KAN([2, 3, 1], grid=3, seed=1)
    model.fit(hello_data(), opt="LM", steps=5)
    made = Session(model, hello_data())
    yield made
    made.close()


def looks_of(view):
    """All that a view tells of its state, as comparable plain data."""
    arrays = dataclasses.asdict(view.picture)
    return {
        name: value.tobytes() if isinstance(value, np.ndarray) else value
        for name, value in arrays.items()
    } | {"formula": view.formula, "summary": view.summary}


def new_look(session):
    """The same of a session that has never seen the state."""
    other = Session(session.model.still(), session.dataset)
    try:
        return looks_of(other.view)
    finally:
        other.close()


def test_a_function_that_is_taken_back_leads_to_what_was_seen_with_its_costs(session):
    before = session.view
    session.fix_symbolic(0, 0, 1, "sin")
    session.unfix_symbolic(0, 0, 1)
    assert session.view.picture is before.picture
    assert session.view.formula is before.formula
    assert np.isfinite(session.view.picture.cost).all()
    assert looks_of(session.view) == new_look(session)


def test_back_and_forth_shows_what_a_new_session_would(session):
    session.fix_symbolic(0, 1, 0, "x^2")
    session.remove_edge(0, 0, 2)
    for go in (session.undo, session.undo, session.redo, session.redo):
        go()
        rest(session)
        assert looks_of(session.view) == new_look(session)


def test_a_model_that_differs_in_a_single_bit_is_looked_at_anew(session):
    before = session.view
    session.model.layers[0].coef.data[0, 0, 0] += 1e-12
    session.set_metric("forward_n")
    session.set_metric("backward")
    assert session.view.picture is not before.picture
    assert session.view.summary["train_loss"] != before.summary["train_loss"]


def test_few_states_are_kept(session):
    for node in range(2 * lately.KEPT):
        session.remove_edge(0, node % 2, node // 2 % 3)
        session.restore_edge(0, node % 2, node // 2 % 3)
    assert len(session._publisher._lately._kept) == lately.KEPT
