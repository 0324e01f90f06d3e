"""Goals of exercises: reached or not, with the values."""

import types

import pytest
import sympy
import torch

import kanwidget
from kanwidget.session import check
from tests.session.recorder import Recorder

a, b = sympy.symbols("a b")


def parabola(x):
    return torch.stack([2 * x[:, 0] ** 2 + 1, torch.sin(x[:, 0]) + 0 * x[:, 1]], 1)


def first(x):
    return parabola(x)[:, [0]]


def solved(function=first, exact=True, **options):
    """A session whose network is the function, from b nothing comes."""
    data = kanwidget.create_dataset(
        function, ranges=(-1, 2), train_num=80, test_num=40, input_names=["a", "b"], **options
    )
    outputs = data.train_label.shape[1]
    model = kanwidget.KAN([2, outputs])
    model.get_act(data)
    session = Recorder(model, data)
    for j, name in enumerate(["x^2", "sin"][:outputs]):
        model.remove_edge(0, 1, j)
        model.fix_symbolic(0, 0, j, name)
    session.model.fit(session.dataset, "LM", steps=60)
    if exact:
        session.model.snap(session.dataset)
    return session


def test_a_formula_that_was_found_is_reached():
    session = solved()
    for how, begin in (
        ("numeric", "y is 2*a**2 + 1: "),
        ("snapped", "y is, with exact numbers, 2*a**2 + 1: "),
        ("exact", "y is proved to be 2*a**2 + 1: exact: sympy proves it equal to the truth."),
    ):
        said = check(session, "2*a^2 + 1", how=how)
        assert said.reached, said
        assert bool(said)
        assert said.text.startswith(f"✓ {begin}")
    assert check(session, 2 * a**2 + 1).reached
    assert check(session.model, ["1 + a*a*2"], session.dataset).reached


@pytest.mark.parametrize("target", ["2*a^2 + 1.01", "2*b^2 + 1", "a", "3", 2 * a**2 - b])
def test_another_formula_is_not_reached(target):
    said = check(solved(), target)
    assert not said.reached
    assert not said
    assert said.text.startswith("✗ y is not ")
    assert "standard deviations off" in said.text


def test_decimals_are_the_formula_as_a_function_only():
    session = solved(exact=False)
    with torch.no_grad():
        session.model.layers[0].affine[0, 0, 3] += 1e-7
    said = check(session, "2*a^2 + 1")
    assert said.reached
    assert said.text.startswith("✓ y is 2*a**2 + 1: numerically the truth")
    for how, begin in (
        ("snapped", "✗ y is not, with exact numbers, 2"),
        ("exact", "✗ y is not proved"),
    ):
        said = check(session, "2*a^2 + 1", how=how)
        assert not said.reached
        assert said.text.startswith(begin)


def test_formulas_speak_the_units_of_the_data():
    session = solved(normalize_input=True, normalize_label=True, exact=False)
    assert session.model.input_scale is not None
    assert check(session, "2*a^2 + 1").reached


def test_an_input_that_was_pruned_may_be_in_the_target():
    session = solved()
    session.model.prune_input(active_inputs=[0])
    assert check(session, "2*a^2 + 1", val_loss=1e-6).reached
    assert not check(session, "2*a^2 + 1 + b").reached


def test_every_output_has_its_formula():
    session = solved(parabola)
    said = check(session, ["2*a^2 + 1", "cos(a)"])
    assert [goal.reached for goal in said.goals] == [True, False]
    assert [goal.name for goal in said.goals] == ["target of y_1", "target of y_2"]
    assert not said.reached
    assert [line[0] for line in said.text.splitlines()] == ["✓", "✗"]
    assert check(session, ("2*a^2 + 1", "sin(a)")).reached


def test_an_input_that_does_not_vary_is_no_obstacle():
    data = kanwidget.create_dataset_from_data(
        torch.stack([torch.linspace(-1, 1, 60), torch.full((60,), 2.0)], 1),
        2 * torch.linspace(-1, 1, 60, dtype=torch.float64) ** 2 + 1,
        input_names=["a", "b"],
    )
    model = kanwidget.KAN([2, 1])
    model.get_act(data)
    model.remove_edge(0, 1, 0)
    model.fix_symbolic(0, 0, 0, "x^2")
    model.fit(data, "LM", steps=30)
    model.snap(data)
    assert check(model, "2*a^2 + 1", data).reached


def test_losses_edges_and_kinds_are_goals_too():
    data = kanwidget.create_dataset(first, train_num=50, test_num=30)
    session = Recorder(kanwidget.KAN([2, 2, 1]), data)
    losses = session.history.current.metrics
    said = check(
        session,
        train_loss=losses["train_loss"],
        val_loss=losses["val_loss"] / 2,
        edges=6,
        symbolic=True,
    )
    assert [(goal.name, goal.reached) for goal in said.goals] == [
        *(("train_loss", True), ("val_loss", False), ("edges", True), ("symbolic", False)),
    ]
    val = losses["val_loss"]
    assert said.text.splitlines()[1:] == [
        f"✗ The validation loss is {val:.4g}, more than {val / 2:.4g}.",
        "✓ The number of live edges is 6, at most 6.",
        "✗ 6 edges are still numeric.",
    ]
    assert not check(session, edges=5).reached
    assert check(session, test_loss=losses["test_loss"] + 1).reached
    assert check(solved(), symbolic=True).text == "✓ All edges are functions with a name."
    session.model.remove_edge(0, 0, 0)
    assert check(session, symbolic=True).text == "✗ 5 edges are still numeric."


def test_a_numeric_network_may_be_the_function_without_being_its_formula():
    data = kanwidget.create_dataset(first, train_num=400, test_num=40, input_names=["a", "b"])
    model = kanwidget.KAN([2, 1], grid=8)
    model.fit(data, "LM", steps=40)
    said = check(model, "2*a^2 + 1", data, symbolic=True)
    assert [goal.reached for goal in said.goals] == [True, False]


def test_checking_changes_nothing():
    session = solved()
    version, told = session.model.version, []
    session.model.listeners.append(lambda event, details: told.append(event))
    names = list(session.model.input_names)
    check(session, "2*a^2 + 1", edges=3, val_loss=1.0)
    assert (session.model.version, told, session.model.input_names) == (version, [], names)


@pytest.mark.parametrize(
    ("goals", "error", "says"),
    [
        ({}, ValueError, "nothing is asked for"),
        ({"target": "__import__('os').abort()"}, ValueError, "the functions are"),
        ({"target": "c + 1"}, ValueError, "name 'c'; the inputs are a, b"),
        ({"target": sympy.Symbol("c")}, ValueError, "target depends on c; inputs are a, b"),
        ({"target": ["a", "b"]}, ValueError, "target has 2 formulas and the network 1 outputs"),
        ({"target": []}, ValueError, "target has 0 formulas"),
        ({"target": 3.0}, TypeError, "target is 3.0; a formula as text or of sympy"),
        ({"target": "log(-1 - a^2)"}, ValueError, "no finite value"),
        (
            {"target": "a", "how": "roughly"},
            ValueError,
            "how is 'roughly'; one of numeric, snapped",
        ),
        ({"val_loss": -1.0}, ValueError, "val_loss is -1.0"),
        ({"train_loss": "small"}, ValueError, "train_loss is 'small'"),
        ({"edges": 2.5}, ValueError, "edges is 2.5"),
        ({"symbolic": False}, ValueError, "symbolic is False; True is needed, or nothing"),
        ({"edges": 1, "seconds": 0}, ValueError, "seconds is 0"),
    ],
)
def test_goals_that_are_none_are_refused_in_a_sentence(goals, error, says):
    with pytest.raises(error, match=says):
        check(solved(), **goals)


def test_a_network_alone_needs_data():
    with pytest.raises(TypeError, match="with a KAN alone the data are needed"):
        check(kanwidget.KAN([2, 1]), edges=3)
    with pytest.raises(TypeError, match="session is a SimpleNamespace"):
        check(types.SimpleNamespace(model=3), edges=3)
