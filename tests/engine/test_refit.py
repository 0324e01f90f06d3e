"""Refitting the constants of a network: how far it gets, what stays, what it costs."""

import math
import time

import pytest
import torch

import kanwidget
from kanwidget.discovery.refit import Refit, refit
from kanwidget.fitting.jacobian import Jacobian
from kanwidget.symbolic import library
from tests.networks import hello, mixed_model, points, state

NEAR = {
    (0, 0, 0): ("sin", (3.0, 0.1, 1.0, 0.1)),
    (0, 1, 0): ("x^2", (0.9, 0.05, 1.2, -0.1)),
    (1, 0, 0): ("exp", (0.9, 0.1, 1.1, 0.1)),
}


def symbolic(width, edges):
    model = kanwidget.KAN(list(width), dtype=torch.float64, seed=0)
    for (l, i, j), (name, affine) in edges.items():
        model.layers[l].set_symbolic(i, j, library.get(name), affine)
    return model


def mse(model, x, y):
    with torch.no_grad():
        return float((model(x) - y).square().mean())


def test_constants_of_the_hello_world_are_found_to_round_off():
    model, x = symbolic([2, 1, 1], NEAR), points(300, 2)
    y = hello(x)
    error = refit(model, x, y)
    assert error == mse(model, x, y) < 1e-28
    assert model.layers[0].affine[0, 0, 0].item() == pytest.approx(math.pi, abs=1e-13)


def test_fixed_constants_stay_to_the_last_bit_and_others_move():
    model, x = symbolic([2, 1, 1], NEAR), points(300, 2)
    before = [layer.affine.detach().clone() for layer in model.layers]
    fixed = {(0, 0, 0, "a"), (0, 1, 0, "b"), (1, 0, 0, "d")}
    start = mse(model, x, hello(x))
    error = refit(model, x, hello(x), fixed=fixed)
    assert 1e-6 < error < 0.2 * start
    moved = [layer.affine != old for layer, old in zip(model.layers, before, strict=True)]
    assert moved[0].tolist() == [[[False, True, True, True], [True, False, True, True]]]
    assert moved[1].tolist() == [[[True, True, True, False]]]


def test_nothing_moves_where_all_is_fixed():
    model, x = symbolic([2, 1, 1], NEAR), points(50, 2)
    before = state(model)
    fixed = {(*edge, name) for edge in NEAR for name in "abcd"}
    assert refit(model, x, hello(x), fixed=fixed) == mse(model, x, hello(x))
    assert all(map(torch.equal, *[[l["affine"] for l in s] for s in (before[0], state(model)[0])]))


def test_locked_and_removed_edges_stay():
    model, x = symbolic([2, 2, 1], {(0, 0, 0): ("sin", (1.0, 0.0, 1.0, 0.0))}), points(80, 2)
    model.layers[0].locked[1, 0] = True
    model.remove_edge(0, 1, 0)
    coef = model.layers[0].coef.detach().clone()
    refit(model, x, hello(x), steps=3)
    changed = (model.layers[0].coef != coef).any(-1)
    assert changed.tolist() == [[False, False], [False, True]]


def test_numeric_edges_are_refitted_too():
    model, x = mixed_model(), points(200, 3)
    y = torch.stack([x[:, 0] * x[:, 1], x[:, 2].sin()], 1)
    start = mse(model, x, y)
    error = refit(model, x, y, steps=10)
    assert error == pytest.approx(mse(model, x, y), rel=1e-12)
    assert error < 0.05 * start


def test_a_network_with_many_constants_is_refitted_in_parts(monkeypatch):
    x, results = points(300, 2), []
    for at_once in (2_000_000, 2_000):
        monkeypatch.setattr("kanwidget.discovery.refit.AT_ONCE", at_once)
        model = symbolic([2, 1, 1], NEAR)
        results.append(refit(model, x, hello(x), steps=3))
    assert results[1] == pytest.approx(results[0], rel=1e-3)
    assert results[1] < 1e-12


def test_a_step_out_of_a_domain_is_no_gain():
    model = symbolic([1, 1], {(0, 0, 0): ("log", (1.0, 0.02, 1.0, 0.0))})
    x = points(200, 1, 0.0, 1.0)
    y = 0.3 * torch.log(x + 1e-3) + 2
    error = refit(model, x, y, steps=100)
    assert error < 1e-25
    a, b, _, _ = model.layers[0].affine[0, 0].tolist()
    assert b / a == pytest.approx(1e-3, rel=1e-9)


def test_outside_a_domain_the_error_is_nan_and_nothing_changes():
    model, x = symbolic([1, 1], {(0, 0, 0): ("log", (1.0, 0.0, 1.0, 0.0))}), points(20, 1)
    assert math.isnan(refit(model, x, x))
    assert model.layers[0].affine.tolist() == [[[1.0, 0.0, 1.0, 0.0]]]


def test_the_error_never_grows():
    for seed in range(20):
        random = torch.Generator().manual_seed(seed)
        affine = [torch.randn(4, generator=random, dtype=torch.float64).tolist() for _ in NEAR]
        edges = {edge: (NEAR[edge][0], a) for edge, a in zip(NEAR, affine, strict=True)}
        model, x = symbolic([2, 1, 1], edges), points(60, 2)
        errors = [refit(model, x, hello(x), steps=1) for _ in range(12)]
        assert errors == sorted(errors, reverse=True)
        assert errors[-1] == mse(model, x, hello(x))


def test_slopes_through_functions_that_tell_their_derivative_are_those_of_autograd():
    # the Jacobian of a network whose functions only compute, as an own function may
    class Plain:
        name = "plain sine"

        def __call__(self, u):
            return torch.sin(u)

    x = points(30, 2)
    found = []
    for function in (library.get("sin"), Plain()):
        model = symbolic([2, 1, 1], NEAR)
        model.layers[0].set_symbolic(0, 0, function, NEAR[0, 0, 0][1])
        outputs, places, slopes = Jacobian(model)(x)
        found.append((outputs, dict(zip(places.tolist(), slopes, strict=True))))
    assert torch.equal(found[0][0], found[1][0])
    for place, slope in found[0][1].items():
        assert torch.allclose(slope, found[1][1][place], rtol=1e-13, atol=1e-15)


def test_an_iteration_on_a_tiny_network_is_quick():
    model, x = symbolic([2, 1, 1], NEAR), points(500, 2)
    y = hello(x) + 0.01 * points(500, 1, seed=3)
    start = [layer.affine.detach().clone() for layer in model.layers]
    times = []
    for _ in range(20):
        with torch.no_grad():
            for layer, affine in zip(model.layers, start, strict=True):
                layer.affine.copy_(affine)
        problem = Refit(model, x, y)
        began = time.perf_counter()
        problem.run(3)
        times.append((time.perf_counter() - began) / 3)
    assert min(times) < 0.005  # 1.2 ms on an idle machine
