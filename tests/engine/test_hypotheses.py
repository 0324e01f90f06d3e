import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import nn

import kanwidget
from kanwidget.hypotheses import (
    dependence,
    general_separability,
    pair_symmetries,
    separability,
    symmetry,
    symmetry_variable,
)
from tests.networks import points

DTYPES = [torch.float32, torch.float64]
ZERO = {torch.float32: 2e-3, torch.float64: 1e-9}
"""What rounding may make of a score that is 0."""
SEEDS = some.integers(0, 10**6)
TESTS = {
    "dependence": dependence,
    "separability": separability,
    "separability, mul": lambda f, x, **options: separability(f, x, "mul", **options),
    "general_separability": lambda f, x, **options: general_separability(f, x, [[0]], **options),
    "symmetry": lambda f, x, **options: symmetry(f, x, [0, 1], **options),
    "symmetry_variable": lambda f, x, **options: symmetry_variable(
        f, x, lambda x: x[:, 0] + x[:, 1], **options
    ),
    "pair_symmetries": pair_symmetries,
}


def every_test(parameter="test"):
    return pytest.mark.parametrize(parameter, TESTS.values(), ids=TESTS)


def scores(result):
    """All scores of a result, flat."""
    found = result.score if hasattr(result, "score") else result.scores
    found = found.values() if isinstance(found, dict) else found
    if isinstance(found, torch.Tensor | float):
        found = [found]
    return torch.cat([torch.as_tensor(each, dtype=torch.float64).flatten() for each in found])


# ---------------------------------------------------------------------- random functions


def blend(random, inputs):
    """A random smooth function of some inputs in which each two of them interact, (N, n) to (N,)."""
    weights = torch.from_numpy(
        random.uniform(0.6, 1.4, len(inputs)) * random.choice([-1, 1], len(inputs))
    )
    kind = random.integers(4)

    def f(x):
        inner = x[:, inputs] @ weights.to(x)
        if kind == 0:
            return torch.exp(inner / 2)
        if kind == 1:
            return torch.sin(inner + 0.5)
        if kind == 2:
            return (inner + 2) ** 2 / 3
        return torch.tanh(inner) + inner**2 / 2

    return f


def split(random, n):
    """A random partition of n inputs into two groups or more."""
    while True:
        label = random.integers(0, 3, n)
        groups = tuple(
            tuple(np.flatnonzero(label == each).tolist()) for each in dict.fromkeys(label.tolist())
        )
        if len(groups) > 1:
            return groups


@settings(max_examples=40, deadline=None, derandomize=True)
@given(n=some.integers(2, 5), seed=SEEDS, dtype=some.sampled_from(DTYPES))
def test_the_groups_of_a_random_sum_are_found(n, seed, dtype):
    random = np.random.default_rng(seed)
    groups, x = split(random, n), points(300, n, seed=seed, dtype=dtype)
    parts = [blend(random, list(group)) for group in groups]
    found = separability(lambda x: sum(part(x) for part in parts), x)
    assert found.groups == groups
    assert found.separable
    assert bool(found)
    assert found.between(groups) < ZERO[dtype]
    assert found.holds(groups)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(n=some.integers(2, 5), seed=SEEDS, dtype=some.sampled_from(DTYPES))
def test_the_groups_of_a_random_product_are_found_whatever_the_signs(n, seed, dtype):
    random = np.random.default_rng(seed)
    groups, x = split(random, n), points(300, n, seed=seed, dtype=dtype)
    factors = []
    for group in groups:
        part, low = blend(random, list(group)), random.uniform(-0.5, 0.5)
        # the exponential of a sum would fall apart into one factor an input
        factors.append(lambda x, part=part, low=low: part(x) + low)
    f = lambda x: math.prod(factor(x) for factor in factors)  # noqa: E731
    found = separability(f, x, "mul")
    assert found.between(groups) < ZERO[dtype]
    assert found.holds(groups)
    merged = [set(group) for group in groups]
    assert all(any(set(group) <= part for part in merged) for group in found.groups)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(n=some.integers(2, 4), seed=SEEDS, dtype=some.sampled_from(DTYPES))
def test_any_function_of_a_sum_is_seen_as_one(n, seed, dtype):
    random = np.random.default_rng(seed)
    groups, x = split(random, n), points(300, n, seed=seed, dtype=dtype)
    parts = [blend(random, list(group)) for group in groups]
    outer = [torch.exp, torch.tanh, lambda s: s**3 + s, lambda s: torch.atan(3 * s)][seed % 4]
    f = lambda x: outer(sum(part(x) for part in parts) / 2)  # noqa: E731
    found = general_separability(f, x, groups)
    assert max(found.scores) < 5 * ZERO[dtype]
    assert found.groups == groups
    assert found
    for group in groups:
        through = symmetry(f, x, group)
        assert through.score < 5 * ZERO[dtype]
        assert through
        part = parts[groups.index(group)]
        assert symmetry_variable(f, x, part).score < 5 * ZERO[dtype]


# ---------------------------------------------------------------------- units


@every_test()
def test_units_of_inputs_and_output_do_not_matter(test):
    def f(x):
        return torch.exp(x[:, [0]] * x[:, [1]]) + torch.sin(2 * x[:, [2]]) * x[:, [0]]

    x = points(200, 3)
    units = torch.tensor([1e3, 1e3, 1e-4], dtype=x.dtype)
    same_units = torch.full_like(units, 1e3)
    found = scores(test(f, x))
    assert bool((found.nan_to_num(1) > 0.01).any())
    alone = test in (TESTS["pair_symmetries"], TESTS["symmetry_variable"])
    units = same_units if alone else units  # adding inputs takes one unit
    torch.testing.assert_close(
        scores(test(lambda x: -1e6 * f(x / units), x * units)), found, equal_nan=True
    )


# ---------------------------------------------------------------------- dependence


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dependence_is_the_share_in_the_changes(dtype):
    x = points(1000, 3, dtype=dtype)
    x[:, 1] *= 10
    found = dependence(lambda x: torch.stack([3 * x[:, 0] - 0.4 * x[:, 1], x[:, 2] ** 2], 1), x)
    spread = x.double().std(0)
    changes = torch.tensor([3, 0.4], dtype=torch.float64) * spread[:2]
    np.testing.assert_allclose(found.scores[0], [*(changes / changes.norm()), 0], rtol=1e-6)
    np.testing.assert_allclose(found.changes[0], [*changes, 0], rtol=1e-6)
    assert found.scores[1, :2].tolist() == [0, 0]
    assert 0.7 < float(found.scores[1, 2]) <= 1
    assert found.inputs == [0, 1, 2]
    assert dependence(lambda x: 3 * x[:, 0] - 1e-3 * x[:, 1], x).inputs == [0]
    assert dependence(lambda x: 3 * x[:, 0] - 1e-3 * x[:, 1], x, threshold=1e-4).inputs == [0, 1]


def test_an_input_that_matters_in_a_corner_is_seen():
    x = points(1000, 2)
    found = dependence(lambda x: x[:, 0] + torch.relu(x[:, 1] - 0.9), x)
    assert float(found.changes[0, 1]) == 0
    assert found.inputs == [0, 1]


def test_a_constant_depends_on_nothing():
    for f in (
        lambda x: torch.ones(len(x)),
        lambda x: torch.sin(x[:, 0]) ** 2 + torch.cos(x[:, 0]) ** 2,
    ):
        found = dependence(f, points(100, 2))
        assert found.inputs == []
        assert "depends on no input" in repr(found)


# ---------------------------------------------------------------------- sums and products


def test_scores_of_pairs_in_closed_form():
    x = points(1000, 3)
    spread = x.std(0)
    # slopes 2, 3, 1 and one bend: q / (q + |u|) at every sample, up to the change of |u|
    f = lambda x: 2 * x[:, 0] + 3 * x[:, 1] + x[:, 2] + 1e-4 * x[:, 0] * x[:, 1]  # noqa: E731
    found = separability(f, x)
    slope = (torch.tensor([2.0, 3.0, 1.0]) * spread).norm()
    expected = 1e-4 * float(spread[0] * spread[1] / slope)
    assert float(found.scores[0, 1]) == pytest.approx(expected, rel=1e-3)
    assert torch.equal(found.scores, found.scores.T)
    assert float(found.scores[0, 2]) == float(found.scores[0, 0]) == 0
    assert found.groups == ((0,), (1,), (2,))
    assert separability(f, x, threshold=expected / 2).groups == ((0, 1), (2,))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("f", "n", "sums", "products"),
    [
        (lambda x: x[:, 0] ** 2 + torch.exp(x[:, 1] + x[:, 2]), 3, [[0], [1, 2]], None),
        (lambda x: x[:, 0] ** 2 * (x[:, 1] + x[:, 2]), 3, None, [[0], [1, 2]]),
        (lambda x: x.prod(1), 4, None, [[0], [1], [2], [3]]),
        (lambda x: torch.exp(torch.sin(3 * x[:, 0]) + x[:, 1] ** 2), 2, None, [[0], [1]]),
        (lambda x: 3 + x[:, 0] * x[:, 1], 2, None, None),
        (lambda x: x[:, 0] + x[:, 1] + 0.1 * x[:, 0] * x[:, 1], 2, None, None),
        (lambda x: x[:, 0] * x[:, 1] + x[:, 1] * x[:, 2] + x[:, 3], 4, [[0, 1, 2], [3]], None),
        (lambda x: torch.cos(x.sum(1)), 3, None, None),
        (lambda x: x[:, 0], 3, [[0], [1], [2]], [[0], [1], [2]]),
        (lambda x: torch.full_like(x[:, 0], 2), 2, [[0], [1]], [[0], [1]]),
        (lambda x: torch.zeros_like(x[:, 0]), 2, [[0], [1]], [[0], [1]]),
    ],
)
def test_groups_of_known_functions(f, n, sums, products, dtype):
    x = points(500, n, dtype=dtype)
    for mode, groups in (("add", sums), ("mul", products)):
        found = separability(f, x, mode)
        groups = groups or [list(range(n))]
        assert [list(group) for group in found.groups] == groups
        assert bool(found) is found.separable is (len(groups) > 1)
        assert ("no " in repr(found)) is (len(groups) == 1)


def test_a_product_with_an_offset_is_one_after_taking_it_away():
    x = points(300, 2)
    f = lambda x: 3 + x[:, 0] * torch.sin(x[:, 1])  # noqa: E731
    assert not separability(f, x, "mul")
    assert separability(f, x, "mul", bias=-3)


def test_groups_of_a_persons_own_are_judged():
    x = points(300, 4)
    found = separability(lambda x: x[:, 0] * x[:, 1] + x[:, 2] ** 2, x)
    assert found.groups == ((0, 1), (2,), (3,))
    assert found.holds([[0, 1], [2]])
    assert found.holds([[0, 1, 2, 3]])
    assert found.holds([[1, 0]])  # the others are a group too
    assert not found.holds([[0], [1]])
    assert not found.holds([[0]])
    assert found.between([[0], [2]]) == float(found.scores[0, 1])
    assert found.between([[0, 1], [2]]) == 0


def test_all_outputs_must_separate():
    x = points(300, 3)
    both = lambda x: torch.stack([x[:, 0] * x[:, 1] + x[:, 2], x[:, 1] * x[:, 2] * 100], 1)  # noqa: E731
    assert separability(both, x).groups == ((0, 1, 2),)
    assert separability(lambda x: both(x)[:, [0]], x).groups == ((0, 1), (2,))
    assert not symmetry(both, x, [1, 2])
    assert symmetry(lambda x: both(x)[:, [1]], x, [1, 2])


def test_samples_outside_the_domain_are_left_out_and_counted():
    x = points(1000, 2)
    f = lambda x: torch.log(x[:, 0]) + 1 / x[:, 1]  # noqa: E731
    x[0, 1] = 0
    used = int(((x[:, 0] > 0) & (x[:, 1] != 0)).sum())
    for found in (separability(f, x), dependence(f, x), pair_symmetries(f, x)):
        assert f"{used} of 1000 samples" in repr(found)
    assert separability(f, x).groups == ((0,), (1,))
    general = general_separability(f, x, [[0], [1]])
    assert general
    assert general.samples.endswith("of 1000 samples")


@every_test()
def test_values_beyond_all_measure_count_as_infinite(test):
    x = points(200, 2)
    f = lambda x: torch.exp(-1 / x[:, 0].clamp(max=-1e-3)) * (1 + x[:, 1])  # noqa: E731
    found = test(f, x)
    assert not scores(found).nan_to_num().isinf().any()
    assert not bool(torch.isnan(scores(found)).all())
    assert "of 200 samples" in repr(found)
    for unit in (1e-90, 1e90):
        again = test(lambda x, unit=unit: unit * f(x), x)
        torch.testing.assert_close(scores(again), scores(found), equal_nan=True)


def test_poles_do_not_hide_an_interaction():
    x = points(1000, 2)
    assert separability(lambda x: 1 / x[:, 0] + 1 / x[:, 1], x)
    found = separability(lambda x: 1 / x[:, 0] + 1 / x[:, 1] + 5 * x[:, 0] * x[:, 1], x)
    assert not found
    assert float(found.scores[0, 1]) > 0.08


def test_second_derivatives_of_flat_pieces_are_no_evidence():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    x = points(100, 2, dtype=torch.float32)
    for test in (separability, lambda f, x: separability(f, x, "mul"), TESTS["symmetry"]):
        with pytest.raises(ValueError, match="made of flat pieces, as a ReLU network is"):
            test(network, x)
    assert dependence(network, x).inputs == [0, 1]
    assert not general_separability(network, x, [[0]])
    linear = nn.Linear(2, 1, dtype=torch.float64)
    assert separability(linear, points(100, 2))


# ---------------------------------------------------------------------- functions of sums


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("f", "groups", "holds"),
    [
        (lambda x: x[:, 0] ** 2 * (x[:, 1] ** 2 + x[:, 2] ** 2) ** 2, [[0], [1, 2]], True),
        (lambda x: x[:, 0] ** 2 * (x[:, 1] ** 2 + x[:, 2] ** 2) ** 2, [[1], [0, 2]], False),
        (lambda x: torch.sqrt(1 + (x[:, 0] + x[:, 1] ** 2 + x[:, 2]) ** 2), [[0], [1], [2]], True),
        (lambda x: x[:, 0] + x[:, 1] * (1 + x[:, 0]) + x[:, 2] * x[:, 1], [[0], [1], [2]], False),
        (lambda x: torch.sin(x[:, 0] + x[:, 1]) + x[:, 0] + 0 * x[:, 2], [[0], [1]], False),
        # the ratios of slopes are products, as KAN 2.0 asks, and yet it is none
        (lambda x: torch.exp(-2 * x[:, 1] - 2 * x[:, 2]) - x[:, 0], [[0, 1], [2]], False),
        (lambda x: torch.exp(-2 * x[:, 1] - 2 * x[:, 2]) - x[:, 0], [[0], [1, 2]], True),
        (lambda x: x[:, 0], [[0], [1], [2]], True),
    ],
)
def test_functions_of_sums_are_told_from_others(f, groups, holds, dtype):
    found = general_separability(f, points(400, 3, dtype=dtype), groups)
    assert bool(found) is found.separable is holds
    assert (max(found.scores) < ZERO[dtype]) is holds
    assert repr(found).startswith("a function of a sum" if holds else "no function of a sum")


def test_inputs_that_are_not_named_are_one_more_group():
    f = lambda x: torch.exp(x[:, 0] + x[:, 1] * x[:, 2])  # noqa: E731
    found = general_separability(f, points(100, 3), [[0]])
    assert found.groups == ((0,), (1, 2))
    assert found


def test_samples_on_a_grid_are_paired_at_random_too():
    side = torch.linspace(-1, 1, 20, dtype=torch.float64)
    x = torch.cartesian_prod(side, side)
    assert not general_separability(lambda x: torch.sin(2 * x[:, 0] * x[:, 1]) + x[:, 0], x, [[0]])
    assert general_separability(lambda x: torch.exp(x[:, 0] * x[:, 1]), x.abs() + 0.1, [[0]])


def test_the_pairs_of_samples_follow_the_seed():
    f, x = (lambda x: torch.sin(2 * x[:, 0] * x[:, 1]) + x[:, 0]), points(50, 2)
    before = torch.get_rng_state()
    found = [general_separability(f, x, [[0]], seed=seed).scores for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert torch.equal(before, torch.get_rng_state())


# ---------------------------------------------------------------------- symmetries


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("f", "group", "holds"),
    [
        (lambda x: x[:, 0] ** 2 * (x[:, 1] + x[:, 2]), [1, 2], True),
        (lambda x: x[:, 0] ** 2 * (x[:, 1] + x[:, 2]), [0, 2], False),
        (lambda x: torch.sin(x[:, 0] * x[:, 1]) * x[:, 2] + x[:, 2] ** 2, [0, 1], True),
        (lambda x: torch.sin(x[:, 0] * x[:, 1]) * x[:, 2] + x[:, 0], [0, 1], False),
        (lambda x: x.sum(1), [0, 2], True),
        (lambda x: torch.sin(x[:, 0] * x[:, 1]) * x[:, 2] + x[:, 0], [0, 1, 2], True),
        (lambda x: torch.sin(x[:, 0] * x[:, 1]) * x[:, 2] + x[:, 0], [1], True),
        (lambda x: x[:, 2], [0, 1], True),
    ],
)
def test_groups_seen_as_one_number_are_told_from_others(f, group, holds, dtype):
    x = points(400, 3, dtype=dtype)
    found = symmetry(f, x, group)
    assert bool(found) is found.symmetric is holds
    assert set(found.scores) == set(range(3)) - set(group)
    assert (found.score < ZERO[dtype]) is holds
    words = "through one number only" if holds else "through more than one number"
    assert words in repr(found)


def test_the_score_of_a_symmetry_is_the_angle_that_the_gradient_turns():
    x = points(500, 3)
    turn = 1e-3

    def f(x):  # a gradient (cos, sin)(turn·z) in the first two
        angle = turn * x[:, 2]
        return 10 * (x[:, 0] * torch.cos(angle) + x[:, 1] * torch.sin(angle))

    x[:, :2] = (x[:, :2] - x[:, :2].mean(0)) / x[:, :2].std(0)
    assert symmetry(f, x, [0, 1]).score == pytest.approx(turn * float(x[:, 2].std()), rel=5e-3)


def test_a_function_of_a_given_variable_is_told_from_others():
    x = points(400, 3, 0.5, 2)
    f = lambda x: torch.exp(x[:, [0]] / x[:, [1]]) + x[:, [2]] * x[:, [0]] / x[:, [1]]  # noqa: E731
    found = symmetry_variable(f, x, lambda x: x[:, 0] / x[:, 1])
    assert found.group == (0, 1)
    assert found.score < 1e-12
    assert found
    assert "only through" in repr(found)
    assert "not only" not in repr(found)
    assert symmetry_variable(f, x, lambda x: torch.log(x[:, [1]]) - torch.log(x[:, [0]]))
    for other in (
        lambda x: x[:, 0] * x[:, 1],
        lambda x: x[:, 0] - x[:, 1],
        lambda x: x.sum(1),
    ):
        wrong = symmetry_variable(f, x, other)
        assert not wrong
        assert "not only through" in repr(wrong)
    assert symmetry_variable(f, x - 1, lambda x: torch.log(x[:, 0]) - torch.log(x[:, 1]))


PAIRS = {
    "x_i - x_j": lambda a, b: torch.sin(3 * (a - b)),
    "x_i + x_j": lambda a, b: torch.sin(3 * (a + b)),
    "x_i * x_j": lambda a, b: torch.exp(a * b),
    "x_i / x_j": lambda a, b: torch.atan(a / b),
    "exchange": lambda a, b: torch.sin(4 * a) + torch.sin(4 * b) + a * b,
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", PAIRS)
def test_symmetries_of_pairs_are_found(kind, dtype):
    x = points(500, 3, 0.5, 1.5, dtype=dtype)
    found = pair_symmetries(lambda x: PAIRS[kind](x[:, 0], x[:, 2]) + x[:, 1] ** 2, x)
    assert list(found.scores) == list(PAIRS)
    expected = {kind} | ({"exchange"} if kind in ("x_i + x_j", "x_i * x_j") else set())
    assert set(found.found) == {(each, 0, 2) for each in expected}
    for name, table in found.scores.items():
        torch.testing.assert_close(table, table.T, equal_nan=True)
        assert bool(table.diagonal().isnan().all())
        assert (float(table[0, 2]) < ZERO[dtype]) is (name in expected)
        assert float(table[0, 1]) > 0.15
    assert repr(found).count("*") == len(expected) + 1  # and the one in x_i * x_j


def test_what_matters_not_has_no_symmetries():
    found = pair_symmetries(lambda x: x[:, 0] ** 2, points(200, 3))
    assert all(bool(table[1, 2].isnan()) for table in found.scores.values())
    assert found.found == []
    assert "–" in repr(found)


def test_an_input_that_does_not_vary_says_nothing():
    x = points(200, 3)
    x[:, 1] = 2
    f = lambda x: x[:, 0] * x[:, 1] + torch.exp(x[:, 0] * x[:, 2])  # noqa: E731
    assert dependence(f, x).inputs == [0, 2]
    assert separability(f, x).groups == ((0, 2), (1,))
    assert symmetry(f, x, [0, 1])
    tables = pair_symmetries(f, x).scores.values()
    assert all(bool(table[1].isnan().all()) for table in tables)


def test_an_exchange_is_seen_only_where_the_data_of_both_overlap():
    x = points(400, 2)
    f = lambda x: torch.log(2 + x).sum(1)  # noqa: E731
    assert ("exchange", 0, 1) in pair_symmetries(f, x).found
    x[:, 1] += 5
    assert bool(pair_symmetries(f, x).scores["exchange"].isnan().all())
    x[:, 1] -= 4
    assert float(pair_symmetries(f, x).scores["exchange"][0, 1]) == pytest.approx(0, abs=1e-12)


# ---------------------------------------------------------------------- trained networks


def trained(f, n, dtype=torch.float64, seed=0, width=5):
    data = kanwidget.create_dataset(f, n_var=n, train_num=600, test_num=200, seed=seed)
    model = kanwidget.KAN([n, width, 1], grid=5, dtype=dtype, seed=seed)
    results = model.fit(data, steps=30)
    assert results["test_loss"][-1] < 0.01 * float(data["test_label"].std())
    return model, data["train_input"].to(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_trained_kan_shows_what_it_was_trained_on(dtype):
    def f(x):
        return x[:, [0]] ** 2 + torch.exp(torch.sin(3 * x[:, [1]])) + x[:, [2]] * x[:, [3]]

    model, x = trained(f, 4, dtype)
    assert dependence(model, x).inputs == [0, 1, 2, 3]
    found = separability(model, x)
    assert found.groups == ((0,), (1,), (2, 3))
    assert found.between(found.groups) < 0.02
    assert not separability(model, x, "mul")
    assert symmetry(model, x, [0, 1])
    assert symmetry(model, x, [2, 3])
    assert not symmetry(model, x, [1, 2])
    assert general_separability(model, x, [[0], [1], [2, 3]])
    assert not general_separability(model, x, [[0, 2], [1, 3]])
    assert set(pair_symmetries(model, x).found) == {("x_i * x_j", 2, 3), ("exchange", 2, 3)}
    assert symmetry_variable(model, x, lambda x: x[:, 2] * x[:, 3])
    assert not symmetry_variable(model, x, lambda x: x[:, 2] + x[:, 3])


def test_a_trained_product_is_a_product():
    model, x = trained(lambda x: x[:, [0]] ** 2 * (x[:, [1]] + x[:, [2]]), 3, seed=1)
    assert separability(model, x, "mul").groups == ((0,), (1, 2))
    assert not separability(model, x)
    assert symmetry(model, x, [1, 2])
    assert not symmetry(model, x, [0, 1])
    assert general_separability(model, x, [[0], [1, 2]])
    assert ("x_i + x_j", 1, 2) in pair_symmetries(model, x).found


# ---------------------------------------------------------------------- results and errors


@every_test()
def test_results_are_frozen_and_speak_of_the_names_that_the_network_has(test):
    model, x = kanwidget.KAN([2, 3, 1], noise_scale=2), points(100, 2)
    model.input_names = ["U_a", "U_b"]
    found = test(model, x)
    words = repr(found)
    assert "100 samples" in words
    assert "U_a" in words or "U_b" in words
    renamed = words.replace("U_a", "x_1").replace("U_b", "x_2")
    assert repr(test(lambda x: model(x), x)) == renamed
    with pytest.raises(AttributeError):
        found.threshold = 0.5


@every_test()
@pytest.mark.parametrize("threshold", [0, -1, 1.5, float("nan"), "0.1", None, True], ids=repr)
def test_thresholds_that_are_none_get_a_sentence(test, threshold):
    with pytest.raises(ValueError, match=r"^threshold is .* is needed$"):
        test(lambda x: x, points(10, 2), threshold=threshold)


@every_test()
def test_functions_that_are_nowhere_finite_get_a_sentence(test):
    with pytest.raises(ValueError, match="finite on 0 of 10 samples; two or more are needed"):
        test(lambda x: torch.log(x), points(10, 2, -2, -1))


@every_test()
def test_bad_samples_get_the_sentence_of_derivatives(test):
    with pytest.raises(ValueError, match="floating-point samples of the shape"):
        test(lambda x: x, torch.ones(10))
    with pytest.raises(TypeError, match="a tensor of samples"):
        test(lambda x: x, [[1.0, 2.0]])


GROUPS = [[[0], [0]], [[0, 0]], [[2]], [[]], [], "01", None, [["a"]], [[0], []], [[True]]]


@pytest.mark.parametrize("groups", GROUPS, ids=repr)
def test_groups_that_are_none_get_a_sentence(groups):
    f, x = (lambda x: x.sum(1)), points(10, 2)
    found = separability(f, x)
    for act in (
        lambda: general_separability(f, x, groups),
        lambda: found.holds(groups),
        lambda: found.between(groups),
    ):
        with pytest.raises(ValueError, match=r"^groups"):
            act()


def test_other_arguments_that_are_wrong_get_a_sentence():
    f, x = (lambda x: x.sum(1)), points(10, 2)
    with pytest.raises(ValueError, match="mode is 'sum'; 'add' or 'mul' is needed"):
        separability(f, x, "sum")
    with pytest.raises(ValueError, match="bias is nan; a finite number is needed"):
        separability(f, x, "mul", bias=float("nan"))
    with pytest.raises(ValueError, match="two groups are needed"):
        general_separability(f, x, [[0, 1]])
    with pytest.raises(ValueError, match="seed is -1"):
        general_separability(f, x, [[0]], seed=-1)
    with pytest.raises(ValueError, match="group is empty"):
        symmetry(f, x, [])
    with pytest.raises(ValueError, match=r"group is \[2\]; a list of different inputs from 0 to 1"):
        symmetry(f, x, [2])
    with pytest.raises(ValueError, match="variable gives 2 numbers a sample; one is needed"):
        symmetry_variable(f, x, lambda x: x)
    with pytest.raises(ValueError, match="variable depends on no input"):
        symmetry_variable(f, x, lambda x: torch.ones(len(x)))
