"""A session is saved when a person says so, or by itself; what was saved goes on where it was."""

import os
import re
import subprocess
import sys
import textwrap

import pytest

import kanwidget
from kanwidget.session import Session
from kanwidget.session.states import same_state
from tests.networks import hello_data, same, state
from tests.session.test_session import LONG, settled, training, wait_until


@pytest.fixture
def session():
    made = Session(kanwidget.KAN([2, 3, 1], grid=3, seed=1), hello_data(60))
    yield made
    made.close()


def worked_on(session):
    """Some actions, a branch, a name, a note and a pin."""
    session.train(steps=3)
    session.remove_edge(0, 0, 0)
    session.undo()
    session.fix_symbolic(0, 1, 1, "x^2")
    session.annotate(3, "a parabola, surely")
    session.rename(1, "trained")
    session.pin(2)
    session.set_metric("forward_u")


def test_what_was_saved_is_all_there_and_goes_on(session, tmp_path):
    worked_on(session)
    session.save(tmp_path / "x.kan")
    back = Session.load(tmp_path / "x.kan")
    assert same(back.model, state(session.model))
    assert back.metric == "forward_u"
    assert back.view.formula.latex == session.view.formula.latex
    assert back.view.summary == session.view.summary
    assert back.view.history["nodes"] == session.view.history["nodes"]
    for one, other in zip(back.history.nodes, session.history.nodes, strict=True):
        assert same_state(one.state, other.state)
    assert back.undo() == session.undo() == "fix (0, 1, 1) to x^2"
    assert same(back.model, state(session.model))
    for each in (back, session):
        each.train(steps=2)
    assert same(back.model, state(session.model))
    back.close()


def test_data_may_stay_out_of_the_file(session, tmp_path):
    session.save(tmp_path / "x.kan", data=False)
    with pytest.raises(ValueError, match=r"x\.kan"):
        Session.load(tmp_path / "x.kan")
    with pytest.raises(ValueError, match=r"x\.kan"):
        Session.load(tmp_path / "x.kan", hello_data(61))
    Session.load(tmp_path / "x.kan", hello_data(60)).close()


def test_a_training_goes_on_while_it_is_saved_as_if_it_were_not(session, tmp_path):
    other = Session(kanwidget.KAN([2, 3, 1], grid=3, seed=1), hello_data(60))
    running = session._enqueue(kanwidget.session.commands.Train(200, "Adam"))
    wait_until(lambda: session.view.step > 2)
    session.save(tmp_path / "x.kan")
    running.result(timeout=20)
    back = Session.load(tmp_path / "x.kan")
    assert back.history.current.label.startswith("train ")
    assert 0 < len(back.history.current.curve.train) < 200
    (call,) = back.history.current.action.calls
    again = kanwidget.KAN([2, 3, 1], grid=3, seed=1)
    again.get_act(back.dataset)
    call.do(again, back.dataset)
    assert same(again, state(back.model))
    assert [node.label for node in session.history.path()] == ["start", "train 200 steps"]
    other.train(200, "Adam")
    assert same(other.model, state(session.model))
    other.close()
    back.close()


def test_what_cannot_be_written_is_said(session, tmp_path):
    for path in (tmp_path, tmp_path / "none" / "x.kan", 3):
        with pytest.raises((OSError, TypeError, ValueError)):
            session.save(path)
        with pytest.raises((OSError, TypeError, ValueError)):
            session.autosave(path)
    assert list(tmp_path.iterdir()) == []
    session.remove_edge(0, 0, 0)


def test_autosave_keeps_up_with_actions_and_notes(session, tmp_path):
    path = tmp_path / "x.kan"
    session.autosave(path, every=0.05)
    assert path.exists()

    def saved():
        back = Session.load(path)
        back.close()
        return back.view.history["nodes"]

    session.remove_edge(0, 0, 0)
    wait_until(lambda: len(saved()) == 2)
    session.annotate(1, "gone")
    wait_until(lambda: saved()[1]["note"] == "gone")
    session.model.remove_edge(0, 0, 1)
    wait_until(lambda: len(saved()) == 3)
    running = training(session, optimizer="Adam")
    wait_until(lambda: len(saved()) == 4)
    session.stop()
    running.result(timeout=5)
    session.autosave(None)
    session.remove_edge(0, 0, 2)
    settled(session)
    assert len(saved()) == 4


def test_closing_a_session_saves_the_last_of_it(session, tmp_path):
    session.autosave(tmp_path / "x.kan", every=1000)
    session.remove_edge(0, 0, 0)
    session.close()
    assert len(Session.load(tmp_path / "x.kan").history.nodes) == 2


def test_an_autosave_that_fails_is_said_and_the_next_may_not(session, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    session.autosave(folder / "x.kan", every=0.05)
    os.remove(folder / "x.kan")
    folder.rmdir()
    session.remove_edge(0, 0, 0)
    wait_until(lambda: "could not be saved" in session.view.message.text)
    assert session.view.message.kind == "error"
    folder.mkdir()
    session.remove_edge(0, 0, 1)
    wait_until((folder / "x.kan").exists)
    with pytest.raises(ValueError, match=re.escape("every is -1")):
        session.autosave(folder / "x.kan", every=-1)


def test_the_end_of_python_saves_what_was_done_last(tmp_path):
    script = f"""
    import kanwidget
    from tests.networks import hello_data
    session = kanwidget.Session(kanwidget.KAN([2, 2, 1]), hello_data(20))
    session.autosave({str(tmp_path / "x.kan")!r}, every=1000)
    session.submit(kanwidget.session.commands.Train({LONG}, "Adam"))
    session.model.remove_edge(0, 0, 0)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=60)
    back = Session.load(tmp_path / "x.kan")
    assert (0, 0, 0) not in back.model.edges()
    back.close()
