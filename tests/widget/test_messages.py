import dataclasses
import itertools
import json
import math
import threading
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.session.commands import COMMANDS
from kanwidget.widget import KANWidget, messages
from tests.networks import hello_data, same, state
from tests.widget import scenes
from tests.widget.widgets import DATA, LONG, assert_mirrors, rest, scene_of, settle, wait_until

NUMBERS = itertools.count(1)


def listening(model, data):
    """A widget whose replies are kept; edge (1, 1, 0) is removed, edge (0, 0, 0) is a sine."""
    made = KANWidget(model, data)
    made.session.remove_edge(1, 1, 0)
    made.session.fix_symbolic(0, 0, 0, "sin")
    made.replies = []
    made.pictures = []

    def send(answer, buffers=()):
        made.pictures.append(buffers)
        made.replies.append(answer)

    made.send = send
    return made


@pytest.fixture
def kw():
    made = listening(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


@pytest.fixture(scope="module")
def steady():
    """A widget for what changes nothing."""
    made = listening(kanwidget.KAN([2, 3, 1], seed=1), DATA)
    yield made
    made.close()


def reply(kw, content):
    """The one reply to what a page sends."""
    count = len(kw.replies)
    kw._receive(kw, content, [])
    wait_until(lambda: len(kw.replies) > count)
    (answer,) = kw.replies[count:]
    json.dumps(answer, allow_nan=False)
    return answer


def command(kw, name, **arguments):
    return reply(kw, {"id": next(NUMBERS), "command": name, "args": arguments})


# ---------------------------------------------------------------------- commands

EDITS = [
    ("train", {"steps": 2, "optimizer": "LBFGS", "lr": 1, "lamb": 0.01, "lamb_entropy": 2},
     lambda kw: kw.losses["step"] == [1, 2]),
    ("train", {"steps": 3, "optimizer": "Adam", "lr": 0.1}, lambda kw: len(kw.losses["val"]) == 3),
    ("prune", {"threshold": 1e9, "metric": "forward_u"}, lambda kw: kw.model.edges() == []),
    ("fix_symbolic", {"edge": [0, 1, 2], "function": "x^2"},
     lambda kw: scene_of(kw)["functions"].get((0, 1, 2)) == "x^2"),
    ("unfix_symbolic", {"edge": [0, 0, 0]},
     lambda kw: scene_of(kw)["functions"] == {}),
    ("remove_edge", {"edge": [1, 2, 0]}, lambda kw: (1, 2, 0) not in kw.model.edges()),
    ("restore_edge", {"edge": [1, 1, 0]}, lambda kw: (1, 1, 0) in kw.model.edges()),
    ("remove_node", {"layer": 0, "node": 1}, lambda kw: {i for l, i, _ in kw.model.edges() if l == 0} == {0}),
    ("restore_node", {"layer": 1, "node": 1}, lambda kw: len(kw.model.edges()) == 9),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "fact"), EDITS, ids=[case[0] for case in EDITS])
def test_a_command_is_done_answered_undone_and_done_again(kw, name, arguments, fact):
    before, nodes = state(kw.model), len(kw.history["nodes"])
    assert not fact(kw)
    assert reply(kw, {"id": 77, "command": name, "args": arguments}) == {"id": 77, "ok": True}
    after = state(kw.model)
    assert fact(kw)
    assert not same(kw.model, before)
    assert len(kw.history["nodes"]) == nodes + 1
    assert kw.message["kind"] == "info"
    assert_mirrors(kw)
    assert reply(kw, {"id": 78, "command": "undo"}) == {"id": 78, "ok": True}
    assert same(kw.model, before)
    assert_mirrors(kw)
    assert reply(kw, {"id": 79, "command": "redo", "args": {}}) == {"id": 79, "ok": True}
    assert same(kw.model, after)
    assert_mirrors(kw)


def test_prune_takes_the_metric_it_is_sent(kw):
    scores = {metric: kw.model.edge_scores(metric) for metric in ("backward", "forward_u")}
    alive = set(kw.model.edges())
    flat = torch.cat([score.flatten() for score in scores["forward_u"]])
    threshold = float(flat[flat > 0].median())
    gone = {(l, i, j) for l, i, j in alive if scores["forward_u"][l][j, i] <= threshold}
    assert gone != {(l, i, j) for l, i, j in alive if scores["backward"][l][j, i] <= threshold}
    assert command(kw, "prune", threshold=threshold, metric="forward_u")["ok"]
    assert gone <= alive - set(kw.model.edges())


def test_suggest_answers_with_curves_and_changes_nothing(kw):
    settle(kw.session)
    before, view = state(kw.model), kw.session.view
    answer = command(kw, "suggest", edge=[0, 1, 2])
    assert answer["ok"]
    found = answer["result"]
    assert found["edge"] == [0, 1, 2]
    x, y = (torch.tensor(found[n], dtype=torch.float64) for n in "xy")
    column = kw.model.training_inputs()[:, 1]
    ends = float(column.min()), float(column.max())
    assert (found["x"][0], found["x"][-1]) == pytest.approx(ends, abs=1e-6)
    torch.testing.assert_close(kw.model.layers[0].edge_output(1, 2, x), y, rtol=1e-5, atol=1e-6)
    expected = kw.model.suggest_symbolic(0, 1, 2, topk=None).candidates
    assert [c["function"] for c in found["candidates"]] == [c.name for c in expected]
    assert [c["r2"] for c in found["candidates"]] == [c.r2 for c in expected]
    best = found["candidates"][0]
    assert set(best) == {
        *("function", "r2", "complexity", "latex", "curve", "warning", "outside", "loss_change"),
    }
    assert best["curve"] == pytest.approx(expected[0].curve(x).tolist())
    assert same(kw.model, before)
    assert kw.session.view is view


def test_a_look_at_a_state_brings_its_picture_and_formula_and_goes_nowhere(kw):
    at, latex = kw.history["current"], kw.formula_latex
    command(kw, "unfix_symbolic", edge=[0, 0, 0])
    before, nodes = state(kw.model), len(kw.history["nodes"])
    answer = command(kw, "look", number=at)
    assert answer["ok"]
    assert (answer["result"]["number"], answer["result"]["latex"]) == (at, latex)
    (drawn,) = kw.pictures[-1]
    assert scenes.read(drawn)[1]["functions"] == {(0, 0, 0): "sin"}
    assert (0, 0, 0) not in scene_of(kw)["functions"]
    assert same(kw.model, before)
    assert (len(kw.history["nodes"]), kw.history["current"]) == (nodes, nodes - 1)


def test_a_look_at_a_state_that_was_let_go_is_refused_in_a_sentence(kw):
    kw.session.history.nodes[1].state = None
    answer = command(kw, "look", number=1)
    assert not answer["ok"]
    assert answer["error"].startswith("the state of step 1 (remove edge (1, 1, 0)) was let go")


def test_two_states_are_compared_with_both_their_pictures(kw):
    answer = command(kw, "compare", a=0)
    assert answer["ok"]
    found = answer["result"]
    assert found["steps"] == [0, 2]
    assert found["removed"] == [[1, 1, 0]]
    assert found["text"] == str(kw.session.compare(0, 2))
    assert [end["number"] for end in found["ends"]] == [0, 2]
    before, after = (scenes.read(drawn)[1] for drawn in kw.pictures[-1])
    assert (before["functions"], after["functions"]) == ({}, {(0, 0, 0): "sin"})


def test_a_look_while_a_training_runs_is_answered_in_its_midst(kw):
    begin(kw)
    answer = command(kw, "look", number=0)
    assert answer["ok"]
    assert kw.session.view.status == "training"
    kw.session.stop()
    settle(kw.session)


def test_the_session_is_told_as_python_and_as_a_notebook_and_nothing_is_written(
    kw, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    kw.model.layers[0].coef.data += 0.1  # which no call does again
    refused = command(kw, "script")
    assert not refused["ok"]
    assert "save the session" in refused["error"]
    assert list(tmp_path.iterdir()) == []
    told = command(kw, "script", path="kept.kan")["result"]
    assert "remove_edge(1, 1, 0)" in told
    assert [path.name for path in tmp_path.iterdir()] == ["kept.kan"]
    written = (tmp_path / "kept.kan").stat().st_mtime_ns
    assert not command(kw, "script")["ok"]
    assert (tmp_path / "kept.kan").stat().st_mtime_ns == written
    assert command(kw, "script", form="notebook", path="kept.kan")["result"]["nbformat"] == 4


def test_the_session_is_saved_where_it_is_told_to(kw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command(kw, "save", path="mine.kan")["result"] == str(tmp_path / "mine.kan")
    assert kanwidget.Session.load("mine.kan").model.edges() == kw.model.edges()
    for path in ("mine", "mine.txt", ".kan", 3, None):
        assert not command(kw, "save", path=path)["ok"]
    assert not command(kw, "save", path="no/such/folder/mine.kan")["ok"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.kan"]


def test_inspect_answers_with_all_numbers_of_an_edge(kw):
    before = state(kw.model)
    command(kw, "set_constant", edge=[0, 0, 0], constant="a", value="pi/3")
    found = command(kw, "inspect", edge=[0, 0, 0])["result"]
    assert (found["edge"], found["kind"], found["function"]) == ([0, 0, 0], 2, "sin")
    assert found["constants"][0] == {
        "name": "a", "value": pytest.approx(math.pi / 3), "text": "pi/3", "locked": True
    }  # fmt: skip
    assert "sin" in found["latex"]
    command(kw, "undo")
    assert same(kw.model, before)
    found = command(kw, "inspect", edge=[0, 1, 2])["result"]
    assert found["constants"] == []
    assert {*found["data"], *found["grid"]} <= set(found["x"])
    x, y = (torch.tensor(found[n], dtype=torch.float64) for n in "xy")
    torch.testing.assert_close(kw.model.layers[0].edge_output(1, 2, x), y, rtol=1e-5, atol=1e-6)
    point = found["points"][3]
    command(kw, "move_point", edge=[0, 1, 2], index=3, value=point["y"] + 0.5)
    moved = command(kw, "inspect", edge=[0, 1, 2])["result"]
    expected = list(found["y"])
    for k, share in enumerate(point["basis"], point["first"]):
        expected[k] += 0.5 * share
    assert moved["y"] == pytest.approx(expected, abs=1e-5)


def test_a_search_answers_with_what_it_found(kw):
    answer = command(kw, "auto", seconds=20, seed=1)
    assert answer["ok"]
    found = answer["result"]
    assert found["exact"] is True
    assert found["expressions"] == ["exp(x_2**2 + sin(pi*x_1))"]
    assert found["latex"] == [r"e^{x_{2}^{2} + \sin{\left(\pi x_{1} \right)}}"]
    assert set(found) == {
        *("expressions", "latex", "exact", "complexity", "val_loss", "seconds"),
        *("front", "runner_up", "sentence"),
    }
    assert found["front"][-1]["val_loss"] < 1e-9
    assert set(found["front"][-1]) == {"complexity", "val_loss", "latex"}
    assert found["sentence"] == kw.message["text"]
    assert r"\pi" in kw.formula_latex
    assert kw.status == "idle"
    assert_mirrors(kw)
    last = len(found["front"]) - 1
    assert command(kw, "take_formula", index=last) == {"id": answer["id"] + 1, "ok": True}
    assert kw.history["undo"].startswith("take ")


def test_proposals_come_as_plain_data_and_change_nothing(kw):
    kw.session.fix_symbolic(0, 1, 0, "x^2")
    settle(kw.session)
    before, view = state(kw.model), kw.session.view
    proposals = command(kw, "proposals")["result"]
    assert {tuple(each["edge"]) for each in proposals} <= {(0, 0, 0), (0, 1, 0)}
    assert [each["constant"] for each in proposals] == [
        each["constant"] for each in kw.session.proposals()
    ]
    assert {"edge", "constant", "p", "q", "base", "value", "loss_after"} <= set(proposals[0])
    assert same(kw.model, before)
    assert kw.session.view is view


def test_stop_is_answered_at_once_and_ends_a_training(kw):
    kw._receive(kw, {"id": 1, "command": "train", "args": {"steps": LONG, "optimizer": "Adam"}}, [])
    wait_until(lambda: kw.status == "training" and kw.step > 1)
    kw._receive(kw, {"id": 2, "command": "stop"}, [])
    assert {"id": 2, "ok": True} in kw.replies
    wait_until(lambda: {"id": 1, "ok": True} in kw.replies)
    assert "stopped" in kw.message["text"]
    assert 0 < len(kw.losses["step"]) < LONG
    settle(kw.session)
    assert kw.status == "idle"
    assert_mirrors(kw)


def test_stop_without_a_training_is_no_error(steady):
    view = steady.session.view
    assert reply(steady, {"id": 3, "command": "stop"}) == {"id": 3, "ok": True}
    assert steady.session.view is view


def begin(kw, number=1):
    kw._receive(
        kw, {"id": number, "command": "train", "args": {"steps": LONG, "optimizer": "Adam"}}, []
    )
    wait_until(lambda: kw.session.view.step > 1)


def test_cancel_brings_back_the_state_before_and_is_answered_at_once(kw):
    before, nodes = state(kw.model), len(kw.session.history.nodes)
    begin(kw)
    waiting = {"id": 3, "command": "train", "args": {"steps": 2}}
    kw._receive(kw, {"id": 2, "command": "cancel", "args": {}}, [])
    assert {"id": 2, "ok": True} in kw.replies
    wait_until(lambda: [each for each in kw.replies if each["id"] == 1])
    (answer,) = [each for each in kw.replies if each["id"] == 1]
    assert (answer["ok"], "cancelled" in answer["error"]) == (False, True)
    settle(kw.session)
    assert same(kw.model, before)
    assert len(kw.session.history.nodes) == nodes
    kw._receive(kw, waiting, [])
    wait_until(lambda: {"id": 3, "ok": True} in kw.replies)


def test_a_command_that_waits_when_all_is_cancelled_is_answered_too(kw):
    held = threading.Event()
    kw.session._enqueue(held.wait)
    kw._receive(kw, {"id": 1, "command": "train", "args": {"steps": 2}}, [])
    kw._receive(kw, {"id": 2, "command": "cancel"}, [])
    held.set()
    wait_until(lambda: len(kw.replies) == 2)
    (answer,) = [each for each in kw.replies if each["id"] == 1]
    assert answer == {"id": 1, "ok": False, "error": "train was cancelled"}


def test_pause_and_resume(kw):
    begin(kw)
    assert command(kw, "pause")["ok"]
    wait_until(lambda: kw.status == "paused")
    step = kw.session.view.step
    assert command(kw, "remove_edge", edge=[0, 1, 1])["ok"]
    assert kw.status == "paused"
    assert command(kw, "resume")["ok"]
    wait_until(lambda: kw.session.view.status == "training" and kw.session.view.step > step)
    kw.session.stop()
    settle(kw.session)
    error = "there is no training of this session to pause; stop ends whatever else runs"
    refused = command(kw, "pause")
    assert refused == {"id": refused["id"], "ok": False, "error": error}
    assert command(kw, "resume")["ok"]


def test_what_cannot_be_told_any_more_is_answered_too(kw, monkeypatch, caplog):
    monkeypatch.setattr(messages, "as_data", lambda *_: 1 / 0)
    answer = command(kw, "suggest", edge=[0, 1, 2])
    assert answer == {"id": answer["id"], "ok": False, "error": "division by zero"}
    assert "the answer to suggest could not be made" in caplog.text


def test_an_edit_in_the_middle_of_a_training_is_answered_and_it_goes_on(kw):
    kw._receive(kw, {"id": 1, "command": "train", "args": {"steps": LONG, "optimizer": "Adam"}}, [])
    wait_until(lambda: kw.status == "training")
    assert command(kw, "remove_edge", edge=[0, 1, 1])["ok"]
    assert command(kw, "fix_symbolic", edge=[0, 1, 0], function="sine")["ok"] is False
    assert kw.session.view.status == "training"
    kw.session.stop()
    wait_until(lambda: {"id": 1, "ok": True} in kw.replies)


# ---------------------------------------------------------------------- what is wrong

NAN = math.nan
FORMS = [
    *[(content, "{id, command, args} is needed") for content in
      ("undo", None, 7, True, [], ["undo"], {}, {"command": "undo"}, {"command": "undo", "args": {}})],
    *[({"id": number, "command": "undo"}, "{id, command, args} is needed")
      for number in (True, False, "1", 1.0, None, [1], {})],
    *[({"id": 5, "command": name}, f"there is no command {name!r}")
      for name in (None, "", "Undo", "drop", "__init__", 3, True, ["undo"], {"undo": 1})],
    ({"id": 5}, "there is no command None"),
    *[({"id": 5, "command": order, "args": given}, f"{order} got {given!r}; it takes nothing")
      for order in ("stop", "cancel", "pause", "resume") for given in (None, [], {"what": 1})],
    *[({"id": 5, "command": "undo", "args": given}, f"the arguments of undo are {given!r}")
      for given in (None, "", 0, [], [0, 0, 0])],
]  # fmt: skip

VALUES = [
    *[("undo", {"steps": 3}, "undo got steps; it takes nothing"),
      ("train", {"opt": "LBFGS"}, "train got opt"),
      ("prune", {}, "prune got nothing; it takes threshold, metric"),
      ("fix_symbolic", {"edge": [0, 0, 0]}, "fix_symbolic got edge; it takes edge, function"),
      ("remove_node", {"node": 0}, "remove_node got node; it takes layer, node")],
    *[(name, {"edge": [7, 0, 0]}, "edge (7, 0, 0) does not exist")
      for name in ("unfix_symbolic", "remove_edge", "restore_edge", "suggest")],
    *[("remove_edge", {"edge": edge}, "does not exist")
      for edge in ([0, 0, 3], [0, -1, 0], [0, 0, "1"], [True, 0, 0], [0.0, 0, 0], [None] * 3, [[0], 0, 0])],
    *[("suggest", {"edge": edge}, "(layer, input node, output node) is needed")
      for edge in (None, 3, "000", [], [0, 0], [0, 0, 0, 0], {"l": 0})],
    ("fix_symbolic", {"edge": [0, 0, 0], "function": "sine"}, "unknown function 'sine'"),
    ("fix_symbolic", {"edge": [0, 0, 0], "function": ["sin"]}, "not ['sin']"),
    ("fix_symbolic", {"edge": [1, 1, 0], "function": "sin"}, "edge (1, 1, 0) is removed"),
    ("suggest", {"edge": [1, 1, 0]}, "edge (1, 1, 0) is removed"),
    *[("prune", {"threshold": value}, f"threshold is {value!r}")
      for value in (-1, NAN, math.inf, "0.1", None, True, [0.1], {})],
    *[("prune", {"threshold": 0.1, "metric": metric}, f"metric is {metric!r}")
      for metric in ("best", None, [], 1)],
    *[("train", {"steps": steps}, f"steps is {steps!r}") for steps in (0, -1, 1.5, "3", True, None)],
    *[("train", {"optimizer": name}, f"opt is {name!r}") for name in ("adam", "", None, ["LBFGS"])],
    *[("train", {"lr": lr}, f"lr is {lr!r}") for lr in (0, -1, NAN, "1", True)],
    *[("train", {"lamb": lamb}, f"lamb is {lamb!r}") for lamb in (-1, NAN, math.inf, "1", None)],
    ("train", {"lamb_entropy": []}, "lamb_entropy is []"),
    ("train", {"update_grid": 1}, "update_grid is 1"),
    *[("remove_node", {"layer": layer, "node": node}, "does not exist or is an output")
      for layer, node in ((2, 0), (1, 3), (-1, 0), (0, True), ("1", 0), (1, None), (1, {}))],
    ("redo", {}, "there is nothing to redo"),
    *[("auto", {"seconds": value}, f"seconds is {value!r}; a number above 0, at most 3600")
      for value in (0, -1, NAN, math.inf, 3601, "30", None, True)],
    *[("auto", {"seed": seed}, f"seed is {seed!r}") for seed in (-1, 0.5, "1", None, True, 2**63)],
    ("auto", {"lib": ["sine"]}, "unknown function 'sine'"),
    ("auto", {"lib": []}, "lib is empty"),
    *[("auto", {"lib": lib}, "lib must be a list") for lib in ("sin", 3, True, {"sin": 1})],
    *[("take_formula", {"index": index}, f"index is {index!r}") for index in (-1, 0.5, "0", None, True)],
    ("take_formula", {"index": 0}, "the last search found none yet"),
    ("take_formula", {}, "take_formula got nothing; it takes index"),
]  # fmt: skip

WRONG = FORMS + [({"id": 9, "command": c, "args": a}, sentence) for c, a, sentence in VALUES]


@pytest.mark.parametrize(("content", "sentence"), WRONG, ids=[str(case[0]) for case in WRONG])
def test_what_is_wrong_is_said_in_a_sentence_and_changes_nothing(steady, content, sentence):
    rest(steady.session)
    before, view, shown = state(steady.model), steady.session.view, steady.get_state()
    answer = reply(steady, content)
    number = content.get("id") if isinstance(content, dict) else None
    number = None if isinstance(number, list | dict) else number
    assert answer == {"id": number, "ok": False, "error": answer["error"]}
    text, now = answer["error"], steady.session.view
    assert sentence in text
    assert "\n" not in text
    assert len(text) < 300
    assert not text.startswith(("'", '"'))
    assert steady.message == {"kind": "error", "text": text, "seq": view.message.number + 1}
    assert same(steady.model, before)
    assert now == view.but(version=now.version, message=now.message)
    changed = {name for name, value in steady.get_state().items() if value != shown[name]}
    assert changed == {"version", "message"}


def test_undo_at_the_start_is_refused():
    kw = KANWidget(kanwidget.KAN([2, 1]), DATA)
    kw.replies = []
    kw.send = kw.replies.append
    assert command(kw, "undo")["error"] == kw.message["text"] == "there is nothing to undo"
    kw.close()
    kw.session.close()
    assert "this session is closed" in command(kw, "remove_edge", edge=[0, 0, 0])["error"]
    assert len(kw.model.edges()) == 2


def test_a_widget_hears_the_replies_to_its_own_messages_only():
    a = listening(kanwidget.KAN([2, 3, 1]), DATA)
    b = KANWidget(a.session)
    heard = []
    b.send = heard.append
    assert command(a, "remove_edge", edge=[0, 1, 1])["ok"]
    assert not command(a, "remove_edge", edge=[9, 9, 9])["ok"]
    assert heard == []
    assert b.message == a.message
    assert b.history == a.history
    a.close()


# ---------------------------------------------------------------------- anything

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
INDEX = st.integers(-1, 2)
BAD_NUMBERS = st.sampled_from([-1.0, math.nan, math.inf, -math.inf, True])
SENSIBLE = {
    "settings": st.dictionaries(st.sampled_from(["lamb", "theme"]), st.floats(0, 1)),
    "edges": st.lists(st.lists(INDEX, min_size=3, max_size=3), max_size=3),
    "edge": st.lists(INDEX, min_size=3, max_size=3),
    "function": st.sampled_from(["x", "x^2", "sin", "log", "1/x", "sine"]),
    "layer": INDEX,
    "node": INDEX,
    "threshold": st.floats() | BAD_NUMBERS,
    "metric": st.sampled_from(["backward", "forward_n", "forward_u", "best"]),
    "steps": st.integers(0, 3),
    "optimizer": st.sampled_from(["LBFGS", "Adam", "adam"]),
    "lr": st.floats() | BAD_NUMBERS,
    "lamb": st.floats() | BAD_NUMBERS,
    "lamb_entropy": st.floats() | BAD_NUMBERS,
    "update_grid": st.booleans(),
    "batch": st.sampled_from([-1, 2, 10, 0, 1]),
    "constant": st.sampled_from([*"abcde"]),
    "p": st.integers(-3, 3),
    "q": st.integers(-1, 3),
    "base": st.sampled_from(["1", "pi", "E", "tau"]),
    "seconds": st.sampled_from([0.01, 0.05, 4000, 0]) | BAD_NUMBERS,
    "lib": st.none() | st.sampled_from([["x", "sin"], ["sine"], [], "algebra", "sin", [["x"]]]),
    "seed": st.integers(-1, 3) | st.just(2**63),
    "index": st.integers(-1, 2),
    "method": st.sampled_from(["expand_depth", "refine", "fit", "snapshot"]),
    "value": st.sampled_from([0.5, -2, "pi/2", "x", "", 1e300]),
    "lock": st.booleans(),
    "refit": st.booleans(),
    "values": st.sampled_from([{}, {"new_grid": 5}, {"new_grid": 10**9}, {"l": 0}]),
    "new_grid": st.integers(-1, 12) | st.just(10**9),
    "number": st.integers(-1, 2),
    "text": st.text(max_size=5),
    "note": st.text(max_size=5),
    "pinned": st.booleans(),
    "a": st.integers(-1, 3),
    "b": st.none() | st.integers(-1, 3),
    "form": st.sampled_from(["python", "notebook", "Python"]),
    "path": st.sampled_from(["", "x", ".kan", "/there/is/no/x.kan"]),
    "target": st.sampled_from(["latex", "c", "numpy", "sympy", "torch", "fortran"]),
    "digits": st.none() | st.integers(0, 13),
}


def arguments_of(kind):
    """Arguments that a command takes, of which now and then one is anything."""
    fields = [field.name for field in dataclasses.fields(kind)]
    taken = {name: SENSIBLE[name] for name in fields}
    odd = st.sampled_from([*fields, "what"]).flatmap(
        lambda name: st.fixed_dictionaries({name: JSON})
    )
    return st.fixed_dictionaries(taken) | st.fixed_dictionaries({}, optional=taken) | odd


MESSAGES = st.one_of(
    JSON,
    st.fixed_dictionaries({"id": JSON, "command": JSON, "args": JSON}),
    *[
        st.fixed_dictionaries(
            {"id": st.integers(), "command": st.just(name), "args": arguments_of(kind)}
        )
        for name, kind in COMMANDS.items()
    ],
)


def test_whatever_a_page_sends_is_answered_and_only_what_is_done_changes_the_model():
    kw = listening(kanwidget.KAN([2, 2, 1], seed=1), hello_data(20))
    counts = Counter()

    @settings(deadline=None, max_examples=200)
    @given(MESSAGES)
    def send(content):
        if kw.session.history.current.id != 2:
            kw.session.jump(2)
        before, nodes, replies = state(kw.model), len(kw.session.history.nodes), len(kw.replies)
        kw._receive(kw, content, [])
        kw.session.stop()
        wait_until(lambda: len(kw.replies) > replies)
        (answer,) = kw.replies[replies:]
        counts[answer["ok"]] += 1
        if not answer["ok"]:
            assert same(kw.model, before)
            assert len(kw.session.history.nodes) == nodes
            assert answer["error"]
            assert kw.message["text"] == answer["error"]
            assert kw.message["kind"] in ("error", "warning")
        json.dumps(answer.get("result"), allow_nan=False)

    send()
    kw.close()
    assert min(counts[True], counts[False]) > 20
