"""A Pareto front of what was found, of which the simplest that none is surely better than is taken."""

import copy
import dataclasses

import pytest
import sympy
import torch

import kanwidget
from kanwidget.datasets import Dataset
from kanwidget.discovery import topology
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.front import (
    baselines,
    chosen,
    complexity,
    joint,
    pareto,
    second,
    together,
    written,
)
from kanwidget.discovery.functions import Found
from kanwidget.symbolic import library
from tests.networks import points

LIKE = kanwidget.KAN([1, 1], seed=0).layers[0]
x_1, x_2 = sympy.symbols("x_1 x_2")
EXACT = 1e-9


def front_of(several, data, dataset, output=0):
    return pareto(written(several, data, dataset, output), data)


def data_of(f, noise=0.0, samples=200):
    random = torch.Generator().manual_seed(9)
    data = kanwidget.create_dataset(f, n_var=2, train_num=samples, test_num=samples)
    parts = {
        key: value + noise * torch.randn(value.shape, generator=random, dtype=value.dtype)
        for key, value in data.items()
        if key.endswith("label")
    }
    return dataclasses.replace(data, **parts)


def network(*edges):
    """A sum of functions of two inputs: of each (name, (a, b, c, d)), or None where it is gone."""
    net = topology.build(
        topology.additive(2), LIKE, points(20, 2), torch.Generator().manual_seed(0)
    )
    for i, edge in enumerate(edges):
        if edge is None:
            net.layers[0].alive[0, i] = False
        else:
            net.layers[0].set_symbolic(i, 0, library.get(edge[0]), edge[1])
    net.layers[0].structure_changed()
    return net


def found(data, *nets):
    return [Found(net, data.error(net)) for net in nets]


@torch.no_grad()
def loss(net, dataset):
    return float((net(dataset.val_input) - dataset.val_label).square().mean().sqrt())


def quadratic(x):
    return x[:, [0]] ** 2 + 0.1 * x[:, [1]]


CONSTANT = network(("x", (1.0, 0.0, 0.0, 0.33)), None)
SQUARE = network(("x^2", (1.0, 0.0, 1.0, 0.0)), None)
BOTH = network(("x^2", (1.0, 0.0, 1.0, 0.0)), ("x", (1.0, 0.0, 0.1, 0.0)))
NEARLY = network(("x^2", (1.0, 0.0, 1.0, 0.0)), ("x", (1.0, 0.0, 0.099, 0.0)))
WAVY = network(("x^2", (1.0, 0.0, 1.0, 0.0)), ("sin", (0.2, 0.0, 0.5, 0.0)))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x_1", 1),
        ("2", 1),
        ("3/7", 1),
        ("x_1 + 1", 3),
        ("2*x_1", 3),
        ("sin(x_1)", 2),
        ("x_1**2", 3),
    ],
)
def test_complexity_is_what_there_is_to_read(text, count):
    assert complexity([sympy.sympify(text)]) == count


def test_complexity_of_several_outputs_is_their_sum_and_longer_is_more():
    short, long_ = x_1**2, sympy.exp(x_1**2 + sympy.sin(x_2))
    assert complexity([short, long_]) == complexity([short]) + complexity([long_])
    assert complexity([long_]) > complexity([short])


def test_the_front_is_what_nothing_simpler_does_as_well():
    dataset = data_of(quadratic)
    data = Evidence.of(dataset)
    front = front_of(found(data, WAVY, BOTH, SQUARE, CONSTANT, NEARLY), data, dataset)
    sizes, losses = [e.complexity for e in front], [e.val_loss for e in front]
    assert sizes == sorted(set(sizes))
    assert losses == sorted(losses, reverse=True)
    assert [len(e.expressions) for e in front] == [1] * len(front)
    assert front[0].network is CONSTANT
    assert front[-1].network is BOTH
    assert SQUARE in [e.network for e in front]
    for e in front:
        assert e.val_loss == pytest.approx(loss(e.network, dataset), abs=1e-12)


def test_formulas_on_the_front_have_the_names_of_the_columns():
    dataset = dataclasses.replace(
        data_of(quadratic), input_names=("mass", "time"), output_names=("E",)
    )
    data = Evidence.of(dataset)
    (entry,) = front_of(found(data, BOTH), data, dataset)
    assert {str(s) for s in entry.expressions[0].free_symbols} == {"mass", "time"}
    assert entry.network.output_names == ["E"]


def test_the_mean_and_the_plane_are_what_others_have_to_be_better_than():
    dataset = data_of(lambda x: 3 * x[:, [0]] - x[:, [1]] ** 2 + 7)
    data = Evidence.of(dataset)
    mean, plane = baselines(data, LIKE, [library.get(name) for name in ("x", "sin")])
    assert mean.error == pytest.approx(1, rel=0.1)
    assert loss(mean.network, dataset) == pytest.approx(mean.error * data.spread)
    design = torch.cat([data.x, torch.ones(len(data.x), 1)], 1)
    best = design @ torch.linalg.lstsq(design, data.y).solution
    torch.testing.assert_close(plane.network(data.x).detach(), best)
    assert len(baselines(data, LIKE, [library.get("sin")])) == 1
    front = front_of([mean, plane], data, dataset)
    assert front[0].expressions[0].is_number
    assert {str(s) for s in front[1].expressions[0].free_symbols} == {"x_1", "x_2"}


@pytest.mark.parametrize("factor", [0.0, 1e-9, 1e9])
def test_the_plane_bears_columns_of_any_size(factor):
    dataset = data_of(lambda x: x[:, [0]] + 2)
    scaled = {
        f"{part}_input": dataset[f"{part}_input"] * torch.tensor([1.0, factor]).double()
        for part in ("train", "val", "test")
    }
    data = Evidence.of(dataclasses.replace(dataset, **scaled))
    _, plane = baselines(data, LIKE, library.resolve(["x"]))
    assert plane.error < 1e-9


def test_what_has_no_value_on_the_data_is_not_on_the_front():
    dataset = data_of(quadratic)
    data = Evidence.of(dataset)
    nowhere = network(("log", (1.0, 0.0, 1.0, 0.0)), None)
    assert front_of(found(data, nowhere), data, dataset) == []
    assert front_of([], data, dataset) == []
    assert chosen([], data) is None
    assert [e.network for e in front_of(found(data, nowhere, SQUARE), data, dataset)] == [SQUARE]


def picked(dataset, *nets):
    data = Evidence.of(dataset)
    return chosen(front_of(found(data, *nets), data, dataset), data)


def test_without_noise_the_exact_formula_is_chosen():
    assert picked(data_of(quadratic), CONSTANT, SQUARE, NEARLY, BOTH, WAVY).network is BOTH


def test_with_noise_the_simplest_that_none_is_surely_better_than_is_chosen():
    noisy = data_of(quadratic, noise=1.0)
    assert picked(noisy, SQUARE, BOTH, WAVY).network is SQUARE
    assert picked(data_of(quadratic, noise=0.01), SQUARE, BOTH, WAVY).network is BOTH


def test_of_two_that_are_exact_the_simpler_is_chosen():
    longer = network(("x^2", (2.0, 0.0, 0.25, 0.0)), ("sin", (1e-6, 0.0, 1e5, 0.0)))
    assert picked(data_of(quadratic), longer, BOTH).network is BOTH


def test_few_validation_samples_still_choose():
    dataset = data_of(quadratic)
    for count in (1, 2):
        few = {f"val_{kind}": dataset[f"val_{kind}"][:count] for kind in ("input", "label")}
        assert picked(dataclasses.replace(dataset, **few), CONSTANT, BOTH) is not None


def test_the_second_is_the_best_of_the_others():
    dataset = data_of(quadratic)
    data = Evidence.of(dataset)
    front = front_of(found(data, CONSTANT, SQUARE, BOTH), data, dataset)
    assert second(front, front[-1]).network is SQUARE
    assert second(front, front[0]).network is BOTH
    assert second(front[:1], front[0]) is None


# ---------------------------------------------------------------------- several outputs


def two_fronts():
    dataset = kanwidget.create_dataset(
        lambda x: torch.cat([quadratic(x), 10 * x[:, [1]]], 1), n_var=2, train_num=200, test_num=200
    )
    whole = Evidence.of(dataset)
    ten = network(None, ("x", (1.0, 0.0, 10.0, 0.0)))
    nine = network(None, ("x", (1.0, 0.0, 9.0, 0.1)))
    none = network(("x", (1.0, 0.0, 0.0, 0.0)), None)
    nets = [[CONSTANT, SQUARE, BOTH], [none, nine, ten]]
    fronts = []
    for n, several in enumerate(nets):
        data = whole.of_output(n)
        copies = [copy.deepcopy(one) for one in several]
        fronts.append(front_of(found(data, *copies), data, dataset, n))
    return dataset, fronts


def test_formulas_of_all_outputs_are_one_of_several():
    dataset, fronts = two_fronts()
    one = together([fronts[0][-1], fronts[1][-1]])
    assert len(one.expressions) == 2
    assert one.complexity == complexity(one.expressions)
    torch.testing.assert_close(one.network(dataset.val_input).detach(), dataset.val_label)
    assert one.val_loss < EXACT * 10
    assert together([fronts[0][0]]) is fronts[0][0]


def test_the_joint_front_goes_from_the_simplest_to_the_best_by_what_gains_most():
    dataset, fronts = two_fronts()
    front = joint(fronts)
    assert len(front) == sum(map(len, fronts)) - 1
    losses = [e.val_loss for e in front]
    assert losses == sorted(losses, reverse=True)
    assert [e.complexity for e in front] == sorted(e.complexity for e in front)
    assert front[0].expressions == [fronts[0][0].expressions[0], fronts[1][0].expressions[0]]
    assert front[-1].expressions == [fronts[0][-1].expressions[0], fronts[1][-1].expressions[0]]
    assert front[1].expressions[0] == fronts[0][0].expressions[0]  # the second gains most
    for e in front:
        assert e.val_loss == pytest.approx(loss(e.network, dataset), abs=1e-9)


def test_the_dataset_and_the_edges_stay_as_they_were():
    dataset = data_of(quadratic)
    assert isinstance(dataset, Dataset)
    data, net = Evidence.of(dataset), copy.deepcopy(BOTH)
    before = net.layers[0].affine.clone()
    front_of(found(data, net), data, dataset)
    assert torch.equal(net.layers[0].affine, before)
    assert tuple(before[0, 0].tolist()) == (1.0, 0.0, 1.0, 0.0)
