"""Which inputs act together is read off a function, and which of them are factors."""

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kanwidget.discovery.interactions import cliques, factors, interactions
from tests.networks import points


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def strength(f, n, low=-1.0, high=1.0, samples=600):
    return interactions(f, points(samples, n, low, high), seeded())


def mask(n, pairs):
    found = torch.zeros(n, n, dtype=torch.bool)
    for i, j in pairs:
        found[i, j] = found[j, i] = True
    return found


KNOWN = {
    "a sum": (lambda x: x[:, [0]] ** 2 + torch.sin(x[:, [1]]) - x[:, [2]], []),
    "one product": (lambda x: x[:, [0]] * x[:, [1]] + torch.exp(x[:, [2]]), [(0, 1)]),
    "two products": (
        lambda x: x[:, [0]] * x[:, [3]] + torch.sin(x[:, [1]] + x[:, [2]]),
        [(0, 3), (1, 2)],
    ),
    "a chain": (lambda x: x[:, [0]] * x[:, [1]] + x[:, [1]] * x[:, [2]], [(0, 1), (1, 2)]),
    "all three": (lambda x: torch.exp(x.sum(1, keepdim=True)), [(0, 1), (0, 2), (1, 2)]),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_inputs_that_act_together_are_those_of_the_function(kind):
    f, pairs = KNOWN[kind]
    n = 4 if kind == "two products" else 3
    found = strength(f, n)
    assert torch.equal(found, found.T)
    assert torch.equal(found > 1e-6, mask(n, pairs))
    assert bool((found[~mask(n, pairs)] < 1e-12).all())


def test_strength_is_in_units_of_the_output():
    """Of c·x·y it is c √(E(x - x')² E(y - y')²) = c · 2 · Var(x) = 2/3 c for x and y even in (-1, 1)."""
    for c in (1.0, 1e-6, 1e6):
        found = strength(lambda x, c=c: c * x[:, [0]] * x[:, [1]], 2, samples=20_000)
        assert float(found[0, 1]) / c == pytest.approx(2 / 3, rel=0.1)


def test_same_seed_same_strengths_and_few_samples_do():
    x = points(6, 2)
    f = lambda x: x[:, [0]] * x[:, [1]]  # noqa: E731
    first, again = (interactions(f, x, seeded(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert float(first[0, 1]) > 0


@pytest.mark.parametrize(
    ("n", "pairs", "groups"),
    [
        (1, [], [{0}]),
        (3, [], [{0}, {1}, {2}]),
        (3, [(0, 1)], [{0, 1}, {2}]),
        (3, [(0, 1), (1, 2)], [{0, 1}, {1, 2}]),
        (3, [(0, 1), (0, 2), (1, 2)], [{0, 1, 2}]),
        (5, [(0, 4), (1, 2), (2, 3), (1, 3)], [{0, 4}, {1, 2, 3}]),
    ],
)
def test_cliques_of_known_graphs(n, pairs, groups):
    assert cliques(mask(n, pairs)) == [frozenset(group) for group in groups]


@given(st.integers(1, 6), st.data())
def test_cliques_are_all_the_largest_sets_that_act_together(n, data):
    pairs = [p for p in combinations(range(n), 2) if data.draw(st.booleans())]
    together = {frozenset(pair) for pair in pairs}
    complete = [
        frozenset(some)
        for size in range(1, n + 1)
        for some in combinations(range(n), size)
        if all(frozenset(pair) in together for pair in combinations(some, 2))
    ]
    largest = {one for one in complete if not any(one < other for other in complete)}
    found = cliques(mask(n, pairs))
    assert len(found) == len(largest)
    assert set(found) == largest


def test_what_acts_with_itself_says_nothing():
    everything = torch.ones(3, 3, dtype=torch.bool)
    assert cliques(everything) == [frozenset([0, 1, 2])]


def product(x):
    return torch.exp(x[:, [0]] + x[:, [1]] ** 2) * (torch.sin(x[:, [2]]) + 2)


@pytest.mark.parametrize("group", [{2}, {0, 1}, {0}, {1}])
def test_groups_that_are_factors_leave_nothing(group):
    assert factors(product, points(800, 3), frozenset(group), seeded()) < 1e-12


def test_groups_that_are_no_factors_are_told():
    def f(x):
        return (x[:, [0]] + x[:, [1]]) * x[:, [2]]

    x = points(800, 3)
    assert factors(f, x, frozenset([2]), seeded()) < 1e-12
    for group in ({0}, {1}, {0, 2}):
        assert factors(f, x, frozenset(group), seeded()) > 0.3


def test_factors_are_told_whatever_the_size_of_the_output():
    off = [
        factors(
            lambda x, c=c: c * (x[:, [0]] + x[:, [1]]), points(800, 2), frozenset([0]), seeded()
        )
        for c in (1.0, 1e-7, 1e7)
    ]
    assert off[0] > 0.3
    assert off == pytest.approx([off[0]] * 3)
