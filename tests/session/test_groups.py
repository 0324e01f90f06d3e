"""Several edges in one step, names, and what it would cost to take something out."""

import math

import pytest

import kanwidget
from kanwidget import pruning
from kanwidget.fitting import root_mean_squares
from kanwidget.session import Session
from kanwidget.session.commands import FunctionsFor
from kanwidget.session.states import same_state
from tests.networks import hello_data

GROUP = [(1, 1, 0), (0, 0, 1)]


@pytest.fixture
def session():
    session = Session(kanwidget.KAN([2, 3, 1], seed=1), hello_data(60))
    session.train(5)
    yield session
    session.close()


def test_several_edges_are_one_step_that_is_undone_and_done_again(session):
    start = session.model.snapshot()
    session.remove_edges(GROUP)
    assert session.view.message.text == "remove 2 edges"
    assert len(session.model.edges()) == 7
    session.restore_edges(GROUP)
    session.lock_edges([GROUP[0]])
    assert session.undo() == "lock (1, 1, 0)"
    session.unlock_edges(GROUP)
    r2 = session.fix_edges(GROUP, "x^2")
    assert session.view.message.text == (f"fix 2 edges to x^2: R² at least {min(r2.values()):.6f}")
    session.unfix_edges(GROUP)
    assert len(session.history.nodes) == 8
    end = session.model.snapshot()
    session.jump(1)
    assert same_state(session.model.snapshot(), start)
    session.jump(7)
    assert same_state(session.model.snapshot(), end)


def test_the_session_as_python_does_the_same_to_the_same_edges(session):
    session.remove_edges(GROUP)
    session.name_node(0, 1, "speed")
    session.name_node(2, 0, "drag")
    session.train(2)
    code = session.to_python()
    assert "model.remove_edges([(0, 0, 1), (1, 1, 0)])" in code
    assert 'model.rename_input(1, "speed")' in code
    assert session.model.input_names == ["x_1", "speed"]


def test_names_last_through_training_undo_and_a_file(session, tmp_path):
    session.name_node(0, 0, "speed")
    assert session.view.history["undo"] == "call (0, 0) speed"
    session.train(1)
    session.save(tmp_path / "named.kan")
    again = Session.load(tmp_path / "named.kan")
    again.train(1)
    assert again.model.input_names == ["speed", "x_2"]
    again.close()
    session.undo()
    session.undo()
    assert session.model.input_names == ["x_1", "x_2"]


def test_the_cost_of_removing_edges_is_what_removing_them_costs(session):
    before = session.model.snapshot()
    told = session.cost_of_removing([*GROUP, GROUP[0]])
    assert told["removed"] == 2
    assert same_state(session.model.snapshot(), before)
    assert told["loss_before"] == session.view.summary["val_loss"]
    session.remove_edges(GROUP)
    assert told["loss_after"] == session.view.summary["val_loss"]
    assert session.cost_of_removing(GROUP)["removed"] == 0


def test_the_cost_of_a_node_is_told_for_both_ways(session):
    session.remove_edge(0, 1, 2)
    told = session.cost_of_node(1, 2)
    assert told["edges"] == [2, 1]
    assert told["live"] == [1, 1]
    still = session.model.still()
    pruning.restore(still, [(0, 1, 2)])
    assert told["loss_with"] == root_mean_squares(still, session.dataset)["val_loss"]
    session.remove_node(1, 2)
    assert told["loss_without"] == session.view.summary["val_loss"]
    assert told["loss_before"] != told["loss_without"]
    assert session.cost_of_node(0, 0)["edges"] == [0, 3]


def test_functions_for_a_group_are_ranked_by_the_edge_they_fit_worst(session):
    ranked = session._do(FunctionsFor(GROUP))
    assert [each["r2"] for each in ranked] == sorted((e["r2"] for e in ranked), reverse=True)
    best = ranked[0]
    r2 = session.fix_edges(GROUP, best["function"])
    assert math.isclose(best["r2"], min(r2.values()), rel_tol=1e-9)
    session.remove_edge(1, 0, 0)
    with pytest.raises(ValueError, match="is removed; restore it before giving a function to it"):
        session._do(FunctionsFor([(1, 0, 0)]))


def test_too_many_edges_are_not_ranked_at_once():
    model = kanwidget.KAN([31, 10, 1])
    with pytest.raises(ValueError, match="edges are 310; functions are ranked for at most 300"):
        FunctionsFor(model.edges()[:310]).check(model)
