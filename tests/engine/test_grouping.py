import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from tests.networks import hello_data, mixed_model, points, same, state


def seen(width=(3, 4, 2), seed=0):
    model = mixed_model(width, seed=seed)
    model.get_act(points(60, width[0]))
    return model


def told(model):
    """What the model tells of its actions from now on."""
    heard = []
    model.listeners.append(lambda event, details: heard.append((event, details)))
    return heard


edges = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=25)
@given(edges, st.sampled_from(["remove_edge", "restore_edge", "lock_edge", "unlock_edge"]))
def test_many_edges_become_what_each_would_become_by_itself(group, method):
    together, alone = seen(), seen()
    if method == "lock_edge":
        group = [(l, i, j) for l, i, j in group if bool(alone.layers[l].alive[j, i])]
        if not group:
            return
    getattr(together, f"{method}s")(group)
    for edge in sorted(set(group)):
        getattr(alone, method)(*edge)
    assert same(together, state(alone))


def test_functions_are_given_to_all_and_taken_back_from_all():
    model, data = kanwidget.KAN([2, 2, 1], seed=1), hello_data(60)
    model.fit(data, steps=5)
    before = model.snapshot()
    r2 = model.fix_edges([(1, 0, 0), (0, 1, 1), (0, 1, 1)], "x^2")
    assert list(r2) == [(0, 1, 1), (1, 0, 0)]
    assert model.layers[0].symbolic_function(1, 1).name == "x^2"
    one = kanwidget.KAN([2, 2, 1], seed=1)
    one.get_act(data)
    one.restore(before)
    for edge in r2:
        assert one.fix_symbolic(*edge, "x^2") == r2[edge]
    assert same(model, state(one))
    model.unfix_edges(list(r2))
    assert not any(bool(layer.symbolic.any()) for layer in model.layers)


def test_an_action_on_many_edges_is_told_once_with_each_edge_once():
    model = seen()
    heard = told(model)
    model.remove_edges([[1, 0, 1], (0, 0, 0), (0, 0, 0)])
    model.restore_edges([(0, 0, 0)])
    assert heard == [
        ("remove_edges", {"edges": [(0, 0, 0), (1, 0, 1)]}),
        ("restore_edges", {"edges": [(0, 0, 0)]}),
    ]


def living(model, l):
    j, i = model.layers[l].alive.nonzero()[0].tolist()
    return l, i, j


@pytest.mark.parametrize("method", ["remove_edges", "fix_edges", "unfix_edges"])
def test_one_locked_edge_keeps_the_others_as_they_are(method):
    model = seen()
    first, locked = living(model, 0), living(model, 1)
    model.lock_edge(*locked)
    before, heard = state(model), told(model)
    arguments = ["sin"] if method == "fix_edges" else []
    with pytest.raises(ValueError, match=r"edge \(1, .* is locked"):
        getattr(model, method)([first, locked], *arguments)
    assert same(model, before)
    assert not heard


def test_removed_edges_are_neither_locked_nor_given_functions():
    model = seen()
    first = living(model, 0)
    model.remove_edge(*first)
    before = state(model)
    with pytest.raises(ValueError, match="restore it before locking it"):
        model.lock_edges([living(model, 1), first])
    with pytest.raises(ValueError, match="restore it before giving a function to it"):
        model.fix_edges([living(model, 1), first], "sin")
    assert same(model, before)


def test_a_function_that_cannot_follow_one_edge_is_given_to_none():
    model, data = kanwidget.KAN([2, 2, 1], seed=1), hello_data(60)
    model.get_act(data)
    with torch.no_grad():
        model.layers[1].coef.fill_(float("nan"))
        model.layers[1].structure_changed()
    heard = told(model)
    with pytest.raises(ValueError, match="nan or infinite"):
        model.fix_edges([(0, 0, 0), (1, 0, 0)], "sin")
    assert not model.layers[0].functions
    assert not bool(model.layers[0].symbolic.any())
    assert not heard


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ([], r"edges is \[\]"),
        (None, "edges is None"),
        ("000", "edges is '000'"),
        ([(0, 0)], r"edges has \(0, 0\)"),
        ([0, 0, 0], "edges has 0"),
    ],
)
def test_what_is_no_list_of_edges_is_refused(group, sentence):
    model = seen()
    with pytest.raises(ValueError, match=sentence):
        model.remove_edges(group)
    with pytest.raises(KeyError, match=r"edge \(0, 0, 9\) does not exist"):
        model.lock_edges([(0, 0, 0), (0, 0, 9)])
