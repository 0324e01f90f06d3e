from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.fitting.jacobian import Jacobian
from kanwidget.fitting.levenberg import LevenbergMarquardt
from kanwidget.fitting.penalties import REG_METRICS, Penalty
from tests.networks import hello_data, mixed_model, points

WIDTHS = [((3, 4, 2), 2), ((2, 3, 2, 1), 2), ((3, [1, 2], 2), [2, [2, 3], 2])]


def trained(model):
    return [p for p in model.parameters() if p.requires_grad]


def assigning(model):
    parameters = trained(model)

    @torch.no_grad()
    def assign(vector):
        parts = vector.split([p.numel() for p in parameters])
        for p, part in zip(parameters, parts, strict=True):
            p.copy_(part.view(p.shape))

    return assign


@settings(max_examples=20)
@given(
    width=st.sampled_from(WIDTHS),
    seed=st.integers(0, 100),
    affine=st.booleans(),
    locks=st.booleans(),
)
def test_slopes_by_every_parameter_are_those_of_autograd(width, seed, affine, locks):
    model = mixed_model(width[0], seed=seed, mult_arity=width[1], affine_trainable=affine)
    if locks:
        for layer in model.layers:
            layer.locked[0] = True
            layer.structure_changed()
    x, jacobian = points(4, model.width[0], -1.3, 1.3), Jacobian(model)
    outputs, places, slopes = jacobian(x)
    torch.testing.assert_close(outputs, model(x))
    assert len(set(places.tolist())) == len(places)
    scale_sp = {id(layer.scale_sp) for layer in model.layers}
    for column, (o, n) in enumerate((o, n) for o in range(model.width[-1]) for n in range(4)):
        by_all = torch.autograd.grad(
            model(x)[n, o], trained(model), allow_unused=True, materialize_grads=True
        )
        expected = torch.cat(
            [
                (torch.zeros_like(g) if id(p) in scale_sp else g).flatten()
                for p, g in zip(trained(model), by_all, strict=True)
            ]
        )
        found = torch.zeros_like(expected)
        found[places] = slopes[:, column]
        torch.testing.assert_close(found, expected)


def test_scales_that_are_not_trained_have_no_slopes():
    model = kanwidget.KAN([2, 2, 1], sb_trainable=False)
    _, places, _ = Jacobian(model)(points(3, 2))
    assert len(places) == sum(layer.coef.numel() for layer in model.layers)


def losses(model, data, steps, penalty=None):
    """The objective after every step."""
    penalty = penalty or Penalty()
    optimizer = LevenbergMarquardt(model, penalty)
    model.get_act(data)
    x, y = data.train_input.to(model.dtype), data.train_label.to(model.dtype)
    iterations = optimizer.iterate(x, y, assigning(model))
    return [point.value for point, _ in zip(iterations, range(steps), strict=False)]


@pytest.mark.parametrize("seed", range(3))
def test_a_small_network_converges_in_a_few_steps(seed):
    model = kanwidget.KAN([2, 5, 1], grid=5, seed=seed)
    found = losses(model, hello_data(1000), 30)
    assert all(after < before for before, after in pairwise(found))
    assert found[-1] ** 0.5 < 3e-3


def test_the_network_is_at_the_point_that_is_told():
    model, data = kanwidget.KAN([2, 3, 1], seed=1), hello_data()
    optimizer = LevenbergMarquardt(model, Penalty(lamb=0.01))
    iterations = optimizer.iterate(data.train_input, data.train_label, assigning(model))
    for point, _ in zip(iterations, range(3), strict=False):
        now = torch.cat([p.detach().flatten() for p in trained(model)])
        assert torch.equal(now, point.x)


def test_a_linear_problem_is_solved_exactly():
    model = kanwidget.KAN([1, 1], grid=4)
    x = points(200, 1)
    y = kanwidget.KAN([1, 1], grid=4, seed=5, noise_scale=3.0)(x).detach()
    data = {"train_input": x, "train_label": y, "test_input": x, "test_label": y}
    assert losses(model, kanwidget.datasets.as_dataset(data), 12)[-1] < 1e-14


@pytest.mark.parametrize("metric", REG_METRICS)
def test_the_penalty_makes_edges_small(metric):
    data = hello_data(400)
    sizes = []
    for lamb in (0.0, 0.05):
        model = kanwidget.KAN([2, 5, 1], grid=5, seed=1)
        penalty = Penalty(lamb=lamb, reg_metric=metric)
        found = losses(model, data, 40, penalty)
        assert found[-1] < found[0]
        _, statistics = model.forward_with_statistics(data.train_input)
        sizes.append(float(Penalty(1.0, reg_metric=metric)(model, statistics).detach()))
    assert sizes[1] < 0.7 * sizes[0]


def test_locked_edges_stay_as_they_are():
    model = kanwidget.KAN([2, 3, 1], seed=1)
    model.layers[0].locked[1, 0] = True
    model.layers[0].structure_changed()
    before = model.layers[0].coef[1, 0].detach().clone()
    losses(model, hello_data(), 5)
    assert torch.equal(model.layers[0].coef[1, 0].detach(), before)


def test_a_loss_that_is_not_finite_ends_it_at_once():
    model, data = kanwidget.KAN([2, 2, 1]), hello_data()
    with torch.no_grad():
        model.layers[1].coef[0, 0, 0] = torch.nan
    assert losses(model, data, 5) == []


def test_single_precision_converges_too():
    model = kanwidget.KAN([2, 5, 1], grid=5, seed=0, dtype=torch.float32)
    assert losses(model, hello_data(500), 30)[-1] ** 0.5 < 1e-2


def test_parts_of_the_samples_give_the_same_steps(monkeypatch):
    whole = losses(kanwidget.KAN([2, 3, 1], seed=1), hello_data(), 4)
    monkeypatch.setattr("kanwidget.fitting.levenberg.AT_ONCE", 10_000)
    assert losses(kanwidget.KAN([2, 3, 1], seed=1), hello_data(), 4) == pytest.approx(
        whole, rel=1e-6
    )
