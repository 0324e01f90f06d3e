import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.session import commands
from tests.networks import hello_data

MODEL = kanwidget.KAN([2, 2, 1])
MODEL.get_act(hello_data(20))

GOOD = {
    "train": {"steps": 3, "optimizer": "Adam", "lamb": 0.1, "lamb_entropy": 0, "lr": 0.1},
    "prune": {"threshold": 0.1, "metric": "forward_u"},
    "suggest": {"edge": [0, 1, 1]},
    "fix_symbolic": {"edge": [1, 0, 0], "function": "x^2"},
    "unfix_symbolic": {"edge": [0, 0, 1]},
    "remove_edge": {"edge": [0, 0, 1]},
    "restore_edge": {"edge": [0, 0, 1]},
    "remove_node": {"layer": 1, "node": 0},
    "restore_node": {"layer": 0, "node": 1},
    "remove_edges": {"edges": [[0, 0, 1], [1, 0, 0]]},
    "restore_edges": {"edges": [[0, 0, 1]]},
    "lock_edges": {"edges": [[0, 0, 1]]},
    "unlock_edges": {"edges": [[0, 0, 1]]},
    "fix_edges": {"edges": [[0, 0, 1]], "function": "sin"},
    "unfix_edges": {"edges": [[0, 0, 1]]},
    "name_node": {"layer": 0, "node": 1, "text": "speed"},
    "cost_of_removing": {"edges": [[0, 0, 1]]},
    "cost_of_node": {"layer": 1, "node": 0},
    "functions_for": {"edges": [[0, 0, 1], [1, 1, 0]]},
    "undo": {},
    "redo": {},
    "jump": {"number": 3},
    "rename": {"number": 0, "text": "before all"},
    "annotate": {"number": 0, "note": "a note"},
    "pin": {"number": 0, "pinned": False},
    "act": {"method": "refine", "values": {"new_grid": 5}},
    "inspect": {"edge": [0, 1, 0]},
    "set_constant": {"edge": [0, 0, 0], "constant": "a", "value": "pi/2", "lock": False},
    "lock_constant": {"edge": [0, 0, 0], "constant": "b"},
    "unlock_constant": {"edge": [0, 0, 0], "constant": "b"},
    "move_point": {"edge": [0, 0, 0], "index": 2, "value": 0.5, "refit": True},
    "define_function": {"text": "sinc2 = sin(x)/x"},
    "tidy": {},
    "snap": {"edge": [0, 0, 0], "constant": "a", "p": 3, "q": 4, "base": "pi"},
    "snap_all": {},
    "proposals": {},
    "export": {"target": "numpy"},
    "preview_refine": {"new_grid": 6, "edge": [0, 1, 1]},
    "auto": {"seconds": 0.5, "lib": "algebra", "seed": 3},
    "take_formula": {"index": 0},
    "look": {"number": 0},
    "compare": {"a": 0, "b": 1},
    "script": {"form": "notebook", "path": "x.kan"},
    "save": {"path": "x.kan"},
    "export_page": {"settings": {"lamb": 0.1}},
}


def test_every_command_of_the_page_is_known():
    assert set(commands.COMMANDS) == set(GOOD)
    for name, arguments in GOOD.items():
        command = commands.parse(name, json.loads(json.dumps(arguments)))
        assert command.name == name
        command.check(MODEL)
        assert {"label"} <= set(dir(command))
        assert isinstance(command.label, str)
        taken = command.arguments()
        for key, value in arguments.items():
            assert json.dumps(taken[key]) == json.dumps(value)


def test_what_is_left_out_has_its_usual_value():
    assert commands.parse("train", {}).arguments()["steps"] == 20
    assert commands.parse("prune", {"threshold": 0}).metric == "backward"


@pytest.mark.parametrize(
    "name", ["", "Train", "drop", None, 3, ["train"], {"train": 1}, "__init__"]
)
def test_unknown_commands_are_named(name):
    with pytest.raises(KeyError, match=re.escape(f"there is no command {name!r}")):
        commands.parse(name, {})


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("prune", {}, "prune got nothing; it takes threshold, metric"),
        ("prune", {"metric": "backward"}, "prune got metric"),
        ("prune", {"threshold": 1, "how": 2}, "prune got threshold, how"),
        ("fix_symbolic", {"edge": [0, 0, 0]}, "fix_symbolic got edge; it takes edge, function"),
        ("undo", {"steps": 3}, "undo got steps; it takes nothing"),
        ("train", {"opt": "LBFGS"}, "train got opt"),
        ("suggest", [0, 0, 0], "the arguments of suggest are [0, 0, 0]"),
        ("undo", None, "the arguments of undo are None"),
        ("undo", "", "the arguments of undo are ''"),
    ],
)
def test_missing_and_unknown_arguments_are_named(name, arguments, sentence):
    with pytest.raises(TypeError, match=re.escape(sentence)):
        commands.parse(name, arguments)


BAD = [
    ("train", {"steps": 0}, "steps is 0"),
    ("train", {"steps": 1.5}, "steps is 1.5"),
    ("train", {"optimizer": "adam"}, "opt"),
    ("train", {"optimizer": ["LBFGS"]}, "opt"),
    ("train", {"lamb": -1}, "lamb is -1"),
    ("train", {"lamb": None}, "lamb is None"),
    ("train", {"lamb_entropy": "2"}, "lamb_entropy is '2'"),
    ("train", {"lr": 0}, "lr is 0"),
    ("train", {"update_grid": 1}, "update_grid is 1"),
    ("prune", {"threshold": -0.1}, "threshold is -0.1"),
    ("prune", {"threshold": float("nan")}, "threshold is nan"),
    ("prune", {"threshold": [0.1]}, "threshold is [0.1]"),
    ("prune", {"threshold": 0.1, "metric": "best"}, "metric is 'best'"),
    ("prune", {"threshold": 0.1, "metric": []}, "metric is []"),
    ("fix_symbolic", {"edge": [0, 0, 0], "function": "sine"}, "unknown function 'sine'"),
    ("fix_symbolic", {"edge": [0, 0, 0], "function": ["sin"]}, "not ['sin']"),
    ("fix_symbolic", {"edge": [0, 0, 9], "function": "sin"}, "edge (0, 0, 9) does not exist"),
    ("remove_edge", {"edge": [0, 0]}, "edge is (0, 0)"),
    ("remove_edge", {"edge": "000"}, "edge is '000'"),
    ("remove_edge", {"edge": None}, "edge is None"),
    ("remove_edge", {"edge": [0, 0, 0, 0]}, "edge is (0, 0, 0, 0)"),
    ("suggest", {"edge": [0, 0, "1"]}, "does not exist"),
    ("suggest", {"edge": [[0], 0, 1]}, "does not exist"),
    ("restore_edge", {"edge": [0.0, 0, 1]}, "does not exist"),
    ("remove_node", {"layer": 2, "node": 0}, "node (2, 0) does not exist or is an output"),
    ("remove_edges", {"edges": []}, "edges is []; a list of edges"),
    ("remove_edges", {"edges": "all"}, "edges is 'all'"),
    ("remove_edges", {"edges": {"0": [0, 0, 0]}}, "edges is {'0': [0, 0, 0]}"),
    ("restore_edges", {"edges": [[0, 0, 0], 1]}, "edges has 1; each edge is"),
    ("lock_edges", {"edges": [[0, 0, 0], [0, 0]]}, "edges has (0, 0)"),
    ("unlock_edges", {"edges": [[0, 0, 0], [0, 0, 9]]}, "edge (0, 0, 9) does not exist"),
    ("fix_edges", {"edges": [[0, 0, 0]], "function": "sine"}, "unknown function 'sine'"),
    ("cost_of_removing", {"edges": [[0, 0, True]]}, "does not exist"),
    ("cost_of_node", {"layer": 2, "node": 0}, "node (2, 0) does not exist or is an output"),
    ("functions_for", {"edges": [[[], 0, 0]]}, "does not exist"),
    ("name_node", {"layer": 1, "node": 0, "text": "a"}, "node (1, 0) has no name of its own"),
    ("name_node", {"layer": 0, "node": 2, "text": "a"}, "node (0, 2) has no name of its own"),
    ("name_node", {"layer": 0, "node": 0, "text": " "}, "name is ''; 1 to 60 letters"),
    ("name_node", {"layer": 0, "node": 0, "text": "a" * 61}, "1 to 60 letters"),
    ("name_node", {"layer": 0, "node": 0, "text": "a\nb"}, "1 to 60 letters"),
    ("name_node", {"layer": 0, "node": 0, "text": None}, "name is None; a text is needed"),
    ("name_node", {"layer": 0, "node": 0, "text": "x_2"}, "which input 1 has already"),
    ("snap", {"edge": [0, 0, 9], "constant": "a", "p": 1}, "edge (0, 0, 9) does not exist"),
    ("snap", {"edge": [0, 0, 0], "constant": "e", "p": 1}, "constant is 'e'"),
    ("snap", {"edge": [0, 0, 0], "constant": ["a"], "p": 1}, "constant is ['a']"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1.5}, "p is 1.5"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": True}, "p is True"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1, "q": 0}, "q is 0"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1, "q": 10**9}, "q is 1000000000"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1, "base": "tau"}, "base is 'tau'"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1, "base": "sqrt(9**9)"}, "base is"),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 1, "base": 2}, "base is 2"),
    ("restore_node", {"layer": 1, "node": {}}, "node (1, {}) does not exist"),
    ("script", {"form": "R"}, "form is 'R'; python or notebook is needed"),
    ("script", {"path": "x"}, "path is 'x'; a name that ends in .kan is needed"),
    ("save", {"path": "a/.kan"}, "path is 'a/.kan'; a name that ends in .kan is needed"),
    ("save", {"path": 3}, "path is 3; the name of a file is needed"),
    ("export_page", {"settings": 3}, "settings is 3; a dictionary is needed"),
    ("act", {"method": "fit", "values": {}}, "there is no action 'fit'"),
    ("act", {"method": "__init__", "values": {}}, "there is no action '__init__'"),
    ("act", {"method": ["refine"], "values": {}}, "there is no action ['refine']"),
    ("act", {"method": "refine", "values": [5]}, "values are [5]"),
    ("act", {"method": "refine", "values": {"grid": 5}}, "refine: missing a required argument"),
    ("act", {"method": "refine", "values": {"new_grid": 10**9}}, "new_grid is 1000000000; at most"),
    ("act", {"method": "refine", "values": {"new_grid": [5, 1e9]}}, "new_grid is 1000000000.0"),
]


@pytest.mark.parametrize(("name", "arguments", "sentence"), BAD, ids=str)
def test_wrong_values_are_named_before_anything_changes(name, arguments, sentence):
    command = commands.parse(name, arguments)
    with pytest.raises((KeyError, TypeError, ValueError)) as told:
        command.check(MODEL)
    assert sentence in str(told.value.args[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(
    name=JSON | st.sampled_from(list(GOOD)),
    arguments=JSON
    | st.dictionaries(
        st.sampled_from(
            [
                "edge",
                "function",
                "layer",
                "node",
                "threshold",
                "metric",
                "steps",
                "optimizer",
                "lamb",
                "lr",
                "constant",
                "p",
                "q",
                "base",
                "method",
                "values",
                "number",
            ]
        ),
        JSON | st.tuples(*[st.integers(-1, 2)] * 3).map(list),
        max_size=3,
    ),
)
def test_whatever_the_page_sends_is_a_command_or_a_sentence(name, arguments):
    try:
        command = commands.parse(name, arguments)
        command.check(MODEL)
    except (KeyError, TypeError, ValueError) as error:
        assert error.args
        assert isinstance(error.args[0], str)
        assert error.args[0]
    else:
        assert command.name == name
        assert isinstance(command.label, str)
