"""The formula as a session shows it: its digits, its time, and what it is in other languages."""

import threading

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import costs
from kanwidget.session import Session, publishing, view
from tests.session.test_session import settled, wait_until

DATA = kanwidget.create_dataset(
    lambda x: torch.sin(3 * x[:, [0]]) + x[:, [1]] ** 2, n_var=2, train_num=100, seed=0
)


@pytest.fixture
def session():
    model = kanwidget.KAN([2, 1, 1], seed=1)
    made = Session(model, DATA)
    for edge, name in {(0, 0, 0): "sin", (0, 1, 0): "x^2", (1, 0, 0): "x"}.items():
        made.fix_symbolic(*edge, name)
    settled(made)
    yield made
    made.close()


def hold(monkeypatch):
    """Let no formula be written before the event that is returned is set."""
    go, write = threading.Event(), view.write_formula

    def slow(*arguments):
        assert go.wait(20)
        return write(*arguments)

    monkeypatch.setattr(view, "write_formula", slow)
    monkeypatch.setattr(publishing, "SOON", 0.01)
    return go


def test_a_picture_does_not_wait_for_a_formula_that_takes_long(session, monkeypatch):
    go, seen = hold(monkeypatch), []
    before = session.view
    came = threading.Event()
    session.subscribe(lambda new: (seen.append(new), came.set()))
    answer = session.submit(kanwidget.session.commands.UnfixSymbolic((0, 0, 0)))
    assert came.wait(20)
    first = seen[0]
    assert first.picture is not before.picture
    assert first.formula.pending
    assert first.formula.latex == before.formula.latex
    assert first.status == "busy"
    assert not answer.done()
    go.set()
    answer.result(20)
    last = seen[-1]
    assert last.status == "idle"
    assert last.version > first.version
    assert last.picture.curve is first.picture.curve
    assert not last.formula.pending
    assert last.formula.numeric_edges == 1


def test_picture_and_formula_do_not_wait_for_what_the_edges_cost(session, monkeypatch):
    go, seen, measure = threading.Event(), [], costs.measure

    def slow(*arguments):
        assert go.wait(20)
        return measure(*arguments)

    monkeypatch.setattr(costs, "measure", slow)
    session.subscribe(seen.append)
    session.unfix_symbolic(0, 0, 0)
    (first,) = seen
    assert first.status == "idle"
    assert first.formula.numeric_edges == 1
    assert np.isnan(first.picture.cost).all()
    assert first.picture.prune == costs.PruneCurve()
    go.set()
    wait_until(lambda: len(seen) == 2)
    assert seen[1] == first.but(version=seen[1].version, picture=seen[1].picture)
    assert seen[1].picture.curve is first.picture.curve
    assert np.isfinite(seen[1].picture.cost).all()
    assert len(seen[1].picture.prune.loss) > 2


def test_of_a_picture_that_is_gone_nobody_measures_the_costs(session, monkeypatch):
    measured, measure = [], costs.measure
    monkeypatch.setattr(costs, "measure", lambda *given: measured.append(given) or measure(*given))
    commands = kanwidget.session.commands
    with session.model.exclusive:  # so that both wait in one queue
        for command in (commands.UnfixSymbolic((0, 0, 0)), commands.UnfixSymbolic((0, 1, 0))):
            last = session.submit(command)
    last.result(20)
    wait_until(lambda: np.isfinite(session.view.picture.cost).all())
    assert len(measured) == 1


def test_costs_that_cannot_be_measured_leave_the_session_usable(session, monkeypatch, caplog):
    def broken(*arguments):
        raise ValueError("no money")

    with monkeypatch.context() as while_broken:
        while_broken.setattr(costs, "measure", broken)
        session.unfix_symbolic(0, 0, 0)
        wait_until(lambda: "no money" in caplog.text)
    session.undo()
    wait_until(lambda: np.isfinite(session.view.picture.cost).all())


def test_a_formula_that_cannot_be_written_leaves_the_session_usable(session, monkeypatch):
    def broken(*arguments):
        raise ValueError("no ink")

    go = hold(monkeypatch)
    monkeypatch.setattr(view, "write_formula", lambda *arguments: go.wait(0.1) or broken())
    with pytest.raises(ValueError, match="no ink"):
        session.unfix_symbolic(0, 0, 0)
    assert session.view.status == "idle"
    monkeypatch.undo()
    session.undo()
    assert session.view.formula.numeric_edges == 0


def test_digits_are_the_sessions_and_change_nothing_else(session):
    nodes, picture = len(session.history.nodes), session.view.picture
    session.set_digits(2)
    few = session.view.formula
    session.set_digits(None)
    everything = session.view.formula
    assert (few.digits, everything.digits) == (2, None)
    assert len(few.latex) < len(everything.latex)
    assert everything.shown <= 1e-12
    assert len(session.history.nodes) == nodes
    assert session.view.picture is picture


@pytest.mark.parametrize("digits", [0, 13, 2.5, True, "4"])
def test_digits_that_there_are_not_are_refused(session, digits):
    with pytest.raises((TypeError, ValueError), match="digits must be"):
        session.set_digits(digits)
    assert session.digits == 4


def test_an_export_is_what_the_model_gives_and_changes_nothing(session):
    nodes = len(session.history.nodes)
    for target in ("latex", "numpy", "sympy", "torch", "c", "javascript"):
        assert session.export(target) == session.model.export(target, digits=None)
    assert session.export("numpy", digits=3) == session.model.export("numpy", digits=3)
    assert len(session.history.nodes) == nodes


@pytest.mark.parametrize(("target", "digits"), [("fortran", None), (3, None), ("c", 0), ("c", 2.5)])
def test_an_export_that_there_is_not_is_refused(session, target, digits):
    with pytest.raises((TypeError, ValueError), match=r"target is|digits must be"):
        session.export(target, digits)


def test_proposals_do_not_keep_other_commands_waiting(session, monkeypatch):
    go = threading.Event()

    def slow(model, dataset, tolerance=None):
        assert go.wait(20)
        return []

    monkeypatch.setattr(kanwidget.KAN, "snap_proposals", slow)
    answer = session.submit(kanwidget.session.commands.Proposals())
    session.unfix_symbolic(0, 0, 0)
    assert not answer.done()
    go.set()
    assert answer.result(20) == []


def test_proposals_that_fail_say_so_and_the_next_are_answered(session, monkeypatch):
    def broken(model, dataset, tolerance=None):
        raise RuntimeError("no numbers")

    monkeypatch.setattr(kanwidget.KAN, "snap_proposals", broken)
    with pytest.raises(RuntimeError, match="no numbers"):
        session.proposals()
    assert session.view.message.text == "no numbers"
    monkeypatch.undo()
    assert isinstance(session.proposals(), list)
