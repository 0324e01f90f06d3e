"""A session tells of itself: a script, a notebook, what differs, what is best, whether a goal is reached."""

import json
import os
import subprocess
import sys

import pytest
import torch

import kanwidget
from kanwidget.session import Session, commands, replay
from tests.networks import hello_data, same, state
from tests.session.test_session import wait_until


def opened(dataset):
    return Session(kanwidget.KAN([2, 2, 1], seed=3), dataset)


@pytest.fixture
def session():
    data = kanwidget.create_dataset(lambda x: torch.sin(x[:, [0]]) + x[:, [1]] ** 2, train_num=50)
    made = opened(data)
    yield made
    made.close()


def worked_on(session):
    session.train(4, lamb=0.001)
    session.remove_edge(0, 0, 0)
    session.undo()
    session.fix_symbolic(0, 1, 1, "x^2")
    session.model.fit(session.dataset, steps=2, opt="LM")
    session.annotate(3, "as the data were made")
    session.act("refine", new_grid=4)


def run(file):
    done = subprocess.run(
        [sys.executable, file],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=os.path.dirname(file),
        env=os.environ | {"PYTHONPATH": os.path.dirname(os.path.dirname(kanwidget.__file__))},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_does_the_session_again_and_writes_nothing_else(session, tmp_path):
    worked_on(session)
    text = session.to_python(tmp_path / "run.py")
    assert (tmp_path / "run.py").read_text() == text
    assert "# as the data were made" in text
    assert [path.name for path in tmp_path.iterdir()] == ["run.py"]
    assert "The losses are those of the session." in run(tmp_path / "run.py")
    assert replay(tmp_path / "run.py").ok


def test_a_script_of_a_running_training_does_what_it_has_done_and_does_not_disturb_it(
    session, tmp_path
):
    running = session.submit(commands.Train(300, "Adam"))
    wait_until(lambda: session.view.step > 2)
    text = session.to_python(tmp_path / "run.py")
    assert "stop_at=(" in text
    assert "The losses are those of the session." in run(tmp_path / "run.py")
    running.result(timeout=20)
    assert [node.label for node in session.history.path()] == ["start", "train 300 steps"]


def test_what_no_call_does_again_comes_from_a_file_beside(tmp_path):
    session = opened(hello_data(40).choose_inputs([0, 1]))
    object.__setattr__(session.dataset, "recipe", None)
    session.train(2)
    optimizer = torch.optim.SGD(session.model.parameters(), lr=0.01)
    optimizer.zero_grad()
    (
        session.model(session.dataset.train_input) - session.dataset.train_label
    ).square().mean().backward()
    optimizer.step()
    session.remove_edge(0, 0, 1)
    with pytest.raises(ValueError, match="give its file as path"):
        session.to_python(tmp_path / "run.py")
    (tmp_path / "saved").mkdir()
    text = session.to_python(tmp_path / "run.py", tmp_path / "saved" / "run.kan")
    assert "1 step of SGD" in text
    assert f'"{os.path.join("saved", "run.kan")}"' in text
    assert "The losses are those of the session." in run(tmp_path / "run.py")
    done = replay(tmp_path / "saved" / "run.kan")
    assert done.ok, done.text
    session.remove_edge(0, 1, 1)
    session.to_python(tmp_path / "run.py")
    assert "The losses are those of the session." in run(tmp_path / "run.py")
    session.close()


def test_a_notebook_does_it_again_too(session, tmp_path):
    worked_on(session)
    made = session.to_notebook(tmp_path / "run.ipynb")
    assert json.loads((tmp_path / "run.ipynb").read_text()) == made
    assert replay(tmp_path / "run.ipynb").ok


def test_two_steps_are_compared(session):
    worked_on(session)
    before = state(session.model)
    found = session.compare(0)
    assert "validation loss" in str(found)
    assert "unknown" not in str(found)
    json.dumps(found.as_dict())
    assert session.compare(2, 2).same
    assert "edge (0, 0, 0): removed" in str(session.compare(1, 2))
    with pytest.raises(KeyError, match="there is no step 77"):
        session.compare(0, 77)
    assert same(session.model, before)


def test_the_front_is_of_all_steps_and_branches(session):
    worked_on(session)
    front = session.pareto()
    assert all("val_loss" in node.metrics for node in session.history.nodes)
    assert [node.metrics["complexity"] for node in front] == sorted(
        {node.metrics["complexity"] for node in front}
    )
    wait_until(
        lambda: (
            {node["id"] for node in session.view.history["nodes"] if node["best"]}
            == {node.id for node in front}
        )
    )


def test_goals_are_checked(session):
    session.fix_symbolic(0, 0, 0, "sin")
    checked = session.check(edges=6, symbolic=True)
    assert not checked.reached
    assert [goal.reached for goal in checked.goals] == [True, False]
    with pytest.raises(ValueError, match="nothing is asked for"):
        session.check()


def test_the_history_as_text_marks_where_it_is(session):
    worked_on(session)
    session.undo()
    assert "fix (0, 1, 1) to x^2" in session.tree()
