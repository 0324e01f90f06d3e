import timeit
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.symbolic import library
from kanwidget.symbolic.complexity import network_complexity
from tests.networks import mixed_model, remove_without_trace


@pytest.fixture
def _own_weights(monkeypatch):
    monkeypatch.setattr(library, "CHANGED", {})


def test_a_spline_counts_its_coefficients_and_its_base_function():
    model = kanwidget.KAN([2, 5, 1], grid=5, k=3, seed=0)
    assert network_complexity(model) == 15 * (5 + 3 + 1)
    model.refine(10)
    assert network_complexity(model) == 15 * (10 + 3 + 1)


def test_removed_edges_count_nothing_and_symbolic_ones_their_function():
    model = kanwidget.KAN([2, 1, 1], grid=5, k=3, seed=0)
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (1, 0, 1, 0))
    assert network_complexity(model) == 2 + 9 + 9
    model.layers[0].set_symbolic(1, 0, library.get("1/x^5"), (1, 3, 1, 0))
    assert network_complexity(model) == 2 + 5 + 9
    remove_without_trace(model.layers[1], 0, 0)
    assert network_complexity(model) == 2 + 5
    model.restore_edge(1, 0, 0)
    model.unfix_symbolic(0, 0, 0)
    assert network_complexity(model) == 9 + 5 + 9


@pytest.mark.usefixtures("_own_weights")
def test_weights_of_the_process_count():
    model = kanwidget.KAN([1, 1], seed=0)
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (1, 0, 1, 0))
    kanwidget.set_complexity("sin", 0.5)
    assert network_complexity(model) == 0.5
    kanwidget.set_complexity("sin", None)
    assert network_complexity(model) == 2


def test_a_function_that_left_the_library_keeps_its_weight():
    kanwidget.add_symbolic("own_weight", lambda u: u**2, complexity=7)
    model = kanwidget.KAN([1, 1], seed=0)
    model.layers[0].set_symbolic(0, 0, library.get("own_weight"), (1, 0, 1, 0))
    library.remove_symbolic("own_weight")
    assert network_complexity(model) == 7


@given(seed=st.integers(0, 2**20))
@settings(deadline=None, max_examples=30)
def test_it_is_the_sum_over_edges(seed):
    model = mixed_model([3, [3, 1], 2], seed=seed)
    by_hand = 0.0
    for l, i, j in model.edges():
        layer = model.layers[l]
        if layer.numeric[j, i]:
            by_hand += layer.grid + layer.k + 1
        if layer.symbolic[j, i]:
            by_hand += layer.functions[i, j].complexity
    assert network_complexity(model) == by_hand


def test_it_is_known_at_once():
    """Every state of a session is measured; the figures hold with room for a busy machine."""
    small, large = kanwidget.KAN([2, 5, 1], seed=0), kanwidget.KAN([784, 64, 10], seed=0)
    for model, most in ((small, 1e-3), (large, 20e-3)):
        network_complexity(model)
        assert min(timeit.repeat(partial(network_complexity, model), number=1, repeat=20)) < most
