"""Sessions are done again from their file, their script and their notebook."""

import dataclasses
import json
import os

import pytest
import torch

import kanwidget
from kanwidget.fitting import root_mean_squares
from kanwidget.session import replay, storage
from kanwidget.session.calls import ARGUMENTS_OF, METHODS, Call
from kanwidget.session.retelling.notebook import to_notebook
from kanwidget.session.retelling.script import to_python
from tests.networks import hello, hello_data
from tests.session.recorded import random_session
from tests.session.recorder import Recorder


def session_of_four():
    session = Recorder(kanwidget.KAN([2, 2, 1], seed=3), hello_data(60))
    session.model.fit(session.dataset, steps=3, lamb=0.001)
    session.model.lock_edge(0, 0, 0)
    session.undo()
    session.model.remove_edge(0, 0, 1)
    session.model.fix_symbolic(0, 0, 0, "sin")
    session.history.rename(3, "one less")
    return session


def saved(session, folder, **options):
    path = folder / "run.kan"
    storage.write(path, session.model, session.dataset, session.history, **options)
    return path


def formula(session):
    (found,), _ = session.model.symbolic_formula(digits=4, exact=True)
    return f"y = {found}"


def test_a_saved_session_comes_out_the_same(tmp_path):
    session, shown = session_of_four(), []
    done = replay(saved(session, tmp_path), show=shown.append)
    assert (done.ok, done.same_bits, done.formula) == (True, True, formula(session))
    assert [step.number for step in done.steps] == [0, 1, 3, 4]
    assert [step.label for step in done.steps] == [
        *("start", "model.fit(data, steps=3, lamb=0.001)", "one less"),
        "model.fix_symbolic(0, 0, 0, 'sin')",
    ]
    for step, node in zip(done.steps, session.history.path(), strict=True):
        assert step.same
        assert step.stored == step.replayed == node.metrics["val_loss"]
        assert step.from_file == ""
    assert done.text.splitlines() == shown
    assert shown[2] == f"   3  one less: validation loss {done.steps[2].stored:.4g}, the same"
    assert shown[-1] == "run.kan was done again and came out the same, to the last bit."


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_recorded_sessions_come_out_the_same_from_their_files(seed, tmp_path):
    session = random_session(seed)
    done = replay(saved(session, tmp_path))
    assert done.ok, done.text
    assert done.same_bits
    assert len(done.steps) == len(session.history.path())


def test_a_session_that_comes_out_differently_says_where(tmp_path):
    session = session_of_four()
    node = session.history.nodes[1]
    call = Call("fit", {**node.action.calls[0].arguments, "lamb": 0.002})
    node.action = dataclasses.replace(node.action, calls=(call,))
    done = replay(saved(session, tmp_path))
    assert (done.ok, done.same_bits) == (False, False)
    assert [step.same for step in done.steps] == [True, False, False, False]
    assert done.sentence == "run.kan was done again and came out differently, first at step 1."
    assert f"now {done.steps[1].replayed:.4g}" in done.text


def test_equal_losses_of_another_formula_are_not_the_same(tmp_path):
    session = session_of_four()
    with session.model.action("tidy_symbolic"):
        session.model.input_names = ["a", "b"]
    done = replay(saved(session, tmp_path))
    assert all(step.same for step in done.steps)
    assert not done.ok
    assert done.sentence.endswith("its losses came out the same, but not its formula.")


def test_what_no_call_does_again_is_taken_from_the_file_and_said(tmp_path):
    session = session_of_four()
    with torch.no_grad():
        session.model.layers[0].coef.mul_(1.1)
    session.model.fit(session.dataset, steps=1)
    done = replay(saved(session, tmp_path))
    assert done.ok
    assert done.steps[4].from_file == "this was no action of the model"
    assert "the same; taken from the file: this was no action of the model" in str(done.steps[4])


def test_a_session_is_done_again_with_data_that_its_file_does_not_hold(tmp_path):
    path = saved(session_of_four(), tmp_path, data=False)
    with pytest.raises(ValueError, match="data"):
        replay(path)
    assert replay(path, hello_data(60)).ok


def with_calls(tmp_path, *calls):
    """A file whose first step has these calls, whoever may have written it."""
    session = session_of_four()
    node = session.history.nodes[1]
    node.action = dataclasses.replace(node.action, calls=calls)
    return session, saved(session, tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        Call("fix_symbolic", {"l": 0, "i": 0, "j": 0, "fun_name": "no such function"}),
        Call("remove_edge", {"l": 7, "i": 0, "j": 0}),
        Call("refine", {"new_grid": "many"}),
        Call("fit", {"dataset": {"$": "dataset"}, "opt": "os.system"}),
    ],
)
def test_a_step_that_cannot_be_done_again_ends_it_with_a_sentence(call, tmp_path):
    _, path = with_calls(tmp_path, call)
    with pytest.raises(
        ValueError, match=r"^step 1 \(model\.fit.*\) cannot be done again: "
    ) as error:
        replay(path)
    assert len(str(error.value)) < 500


HOSTILE = [
    Call("__reduce__", {}),
    Call("load_state_dict", {"state_dict": {}}),
    Call("plot", {"folder": "."}),
    Call("fit(dataset); import os; os.abort() #", {}),
    Call("fit", {"dataset": {"$": "dataset"}, "steps": 1, "save_fig": True, "img_folder": "."}),
    Call("fit", {"dataset": {"$": "dataset"}, "steps=1); import os; os.abort() #": 1}),
    Call("fit", {"dataset": {"$": "dataset"}, "progress": True}),
    Call("remove_edge", {"self": 0, "l": 0, "i": 0, "j": 0}),
]


@pytest.mark.parametrize("call", HOSTILE)
def test_calls_that_the_package_would_not_write_are_neither_done_nor_written(
    call, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    session = session_of_four()
    before = sorted(tmp_path.rglob("*"))
    for deed in (
        lambda: call.do(session.model, session.dataset),
        lambda: call.code(),
        lambda: replay(with_calls(tmp_path, call)[1]),
    ):
        with pytest.raises(
            ValueError, match=r"no action of a model|does not take|cannot be|step 1"
        ):
            deed()
    assert [path for path in sorted(tmp_path.rglob("*")) if path.suffix != ".kan"] == before


def test_every_method_knows_what_it_may_be_given():
    assert set(ARGUMENTS_OF) == METHODS
    for method, names in ARGUMENTS_OF.items():
        assert not names & {"self", "save_fig", "img_folder", "progress", "val_loader"}, method


# ---------------------------------------------------------------------- programs


def test_a_script_is_run_where_it_lies_and_its_lines_are_shown(tmp_path):
    session, shown = session_of_four(), []
    path = tmp_path / "my script.py"
    path.write_text(to_python(session.model, session.dataset, session.history), encoding="utf-8")
    done = replay(path, show=shown.append)
    assert done.ok
    assert formula(session) in done.output.splitlines()
    assert shown == [*done.output.splitlines(), "my script.py ran to its end."]
    path.write_text("import os\nprint('so far', os.getcwd())\nraise SystemExit('bad φ')\n", "utf-8")
    done = replay(path)
    assert not done.ok
    assert done.output.splitlines() == [f"so far {os.path.realpath(tmp_path)}", "bad φ"]
    assert done.text == "my script.py ended with an error."


def test_a_script_has_no_input_to_wait_for(tmp_path):
    path = tmp_path / "asks.py"
    path.write_text("input('well? ')")
    assert "EOFError" in replay(path).output


def test_a_notebook_is_run_cell_by_cell(tmp_path):
    session = session_of_four()
    notebook = to_notebook(session.model, session.dataset, session.history)
    notebook["cells"][1]["source"] = "%matplotlib inline\n" + notebook["cells"][1]["source"]
    last = {**notebook["cells"][-1], "source": ["6 *\\\n", " 7"], "id": "last"}
    silent = {**last, "source": "6 * 8;", "id": "silent"}
    notebook["cells"] += [silent, last]
    path = tmp_path / "run.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = replay(path)
    assert done.ok, done.output
    assert formula(session) in done.output.splitlines()
    assert done.output.splitlines()[-1] == "42"
    assert "48" not in done.output.splitlines()
    notebook["cells"] = [{**last, "source": "1 / 0"}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = replay(path)
    assert not done.ok
    assert "ZeroDivisionError" in done.output


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("run.txt", "", ValueError, r"a file \.kan, \.py, \.ipynb is needed"),
        ("run.kan", "nothing", ValueError, "run.kan"),
        ("run.ipynb", "nothing", ValueError, "run.ipynb is no notebook"),
        ("run.ipynb", '{"cells": [{"cell_type": "code"}]}', ValueError, "is no notebook"),
        ("run.ipynb", "[]", ValueError, "is no notebook"),
        ("run.py", None, FileNotFoundError, "there is no file"),
    ],
)
def test_other_files_are_refused(name, content, error, says, tmp_path):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(error, match=says):
        replay(tmp_path / name)


def test_the_data_of_a_session_are_its_own(tmp_path):
    path = saved(session_of_four(), tmp_path, data=False)
    other = kanwidget.create_dataset(hello, train_num=60, test_num=60, seed=9)
    with pytest.raises(ValueError, match="data"):
        replay(path, other)


def test_losses_that_nobody_measured_are_measured_from_the_states(tmp_path):
    session = session_of_four()
    for node in session.history.nodes:
        node.metrics = {name: node.metrics[name] for name in node.metrics if "loss" not in name}
    done = replay(saved(session, tmp_path))
    assert done.ok
    losses = root_mean_squares(session.model, session.dataset)
    assert done.steps[-1].stored == losses["val_loss"]
    text = to_python(session.model, session.dataset, session.history, "run.kan")
    assert f'"test_loss": {losses["test_loss"]!r},' in text
    session.history.nodes[1].state = None
    done = replay(saved(session, tmp_path))
    assert done.ok
    assert "validation loss unknown, now 0." in str(done.steps[1])
