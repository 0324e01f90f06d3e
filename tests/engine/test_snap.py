"""Constants set to the numbers that a person would have written."""

import math

import pytest
import sympy
import torch

import kanwidget
from kanwidget.discovery.attempts import tidy
from kanwidget.discovery.gauge import canonical
from kanwidget.discovery.refit import refit
from kanwidget.discovery.snap import accept, propose, snap_all
from tests.engine.test_gauge import constants, symbolic
from tests.engine.test_refit import NEAR, mse
from tests.networks import hello, hello_data, points, same, state


def fitted(width, edges, x, y):
    """A network of these functions, its constants near those given, fitted."""
    model = symbolic(width, edges)
    refit(model, x, y, steps=200)
    return model


def noisy(y, level, seed=0):
    random = torch.Generator().manual_seed(seed + 1000)  # not that of the points
    return y + level * y.std() * torch.randn(y.shape, generator=random, dtype=y.dtype)


def test_the_hello_world_gets_exactly_pi():
    x = points(300, 2)
    model = fitted([2, 1, 1], NEAR, x, hello(x))
    done = snap_all(model, (x, hello(x)))
    assert constants(model) == {
        (0, 0, 0): [math.pi, 0.0, 1.0, 0.0],
        (0, 1, 0): [1.0, 0.0, 1.0, 0.0],
        (1, 0, 0): [1.0, 0.0, 1.0, 0.0],
    }
    assert all(snap.holds for snap in done)
    assert mse(model, x, hello(x)) < 1e-30
    assert done[-1].loss_after < 1e-30


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", [0.01, 0.05])
def test_noise_does_not_hide_the_numbers(level, seed):
    x, val = points(800, 2, seed=seed), points(300, 2, seed=seed + 100)
    y, val_y = noisy(hello(x), level, seed), noisy(hello(val), level, seed + 50)
    data = kanwidget.datasets.as_dataset(
        {"train_input": x, "train_label": y, "test_input": val, "test_label": val_y}
    )
    model = fitted([2, 1, 1], NEAR, x, y)
    done = snap_all(model, data)
    assert model.layers[0].affine[0, 0, 0].item() == math.pi
    assert mse(model, points(500, 2, seed=9), hello(points(500, 2, seed=9))) < 1e-25
    assert {str(snap.guess.expr) for snap in done} <= {"0", "1", "pi"}


@pytest.mark.parametrize("level", [0.0, 0.002])
def test_what_is_no_such_number_stays(level):
    x = points(2000, 1, -3, 3)
    y = noisy(torch.sin(3.2 * x) * 1.2345678, level)
    model = fitted([1, 1], {(0, 0, 0): ("sin", (3.1, 0.1, 1.0, 0.1))}, x, y)
    snap_all(model, (x, y))
    a, b, c, d = constants(model)[0, 0, 0]
    assert a == pytest.approx(3.2, abs=0.002)
    assert a != math.pi
    assert (b, d) == (0.0, 0.0)
    assert c == pytest.approx(1.2345678, abs=2e-3)
    if level == 0:
        assert c == pytest.approx(1.2345678, abs=1e-12)


def test_a_wrong_function_keeps_its_constants():
    x = points(500, 1)
    y = torch.sin(3 * x)
    model = fitted([1, 1], {(0, 0, 0): ("tanh", (2.0, 0.1, 1.0, 0.1))}, x, y)
    before = mse(model, x, y)
    snap_all(model, (x, y))
    assert mse(model, x, y) < 1.05 * before


def test_losses_before_and_after_are_the_true_ones():
    data = hello_data(samples=400)
    model = fitted([2, 1, 1], NEAR, data["train_input"], noisy(data["train_label"], 0.02))
    noisy_data = dict(data, train_label=noisy(data["train_label"], 0.02))
    canonical(model)
    before = state(model)
    proposals = propose(model, noisy_data)
    assert same(model, before)
    assert len(proposals) > 4
    val = data["val_input"], data["val_label"]
    for proposal in proposals[:3]:
        assert proposal.loss_before == pytest.approx(mse(model, *val), rel=1e-6)
        snap = accept(model, proposal, noisy_data)
        assert snap.loss_after == pytest.approx(proposal.loss_after, rel=1e-6)
        assert snap.loss_after == mse(model, *val)
        (key, value), *_ = proposal.guess.values
        l, i, j, name = key
        assert model.layers[l].affine[j, i, "abcd".index(name)].item() == value
        model.restore(model.snapshot())
        break


def test_proposals_can_be_taken_one_after_the_other():
    x = points(600, 2)
    data = x, noisy(hello(x), 0.02)
    model = fitted([2, 1, 1], NEAR, *data)
    steps = 0
    while proposals := [snap for snap in propose(model, data) if snap.holds]:
        accept(model, proposals[0], data)
        steps += 1
        assert steps < 12
    assert model.layers[0].affine[0, 0, 0].item() == math.pi
    assert mse(model, x, hello(x)) < 1e-25


def test_what_was_set_stays_to_the_last_bit_when_the_rest_is_fitted_again():
    x = points(600, 2)
    data = x, noisy(hello(x), 0.05)
    model = fitted([2, 1, 1], NEAR, *data)
    pi = next(s for s in propose(model, data) if s.guess.expr == sympy.pi)
    accept(model, pi, data)
    for other in propose(model, data):
        if other.holds:
            accept(model, other, data)
            assert model.layers[0].affine[0, 0, 0].item() == math.pi


def test_a_constant_that_no_longer_is_there_cannot_be_set():
    x = points(200, 2)
    data = x, hello(x)
    model = fitted([2, 1, 1], NEAR, *data)
    proposal = next(s for s in propose(model, data) if s.edge == (0, 0, 0))
    model.remove_edge(0, 0, 0)
    with pytest.raises(ValueError, match="edge \\(0, 0, 0\\) has no constant"):
        accept(model, proposal, data)


FORMULAS = {
    "0.25 (x + y)² - 0.25 (x - y)²": (
        [2, 2, 1],
        {
            (0, 0, 0): ("x", (1, 0, 0.7, 0)), (0, 1, 0): ("x", (1, 0, 0.8, 0)),
            (0, 0, 1): ("x", (1, 0, -0.6, 0)), (0, 1, 1): ("x", (1, 0, 0.55, 0)),
            (1, 0, 0): ("x^2", (1, 0.1, 0.4, 0)), (1, 1, 0): ("x^2", (1, 0, -0.5, 0)),
        },
        (-1, 1), lambda x, y: x * y,
    ),
    "x / y": (
        [2, 1, 1],
        {
            (0, 0, 0): ("log", (1.1, 0.05, 0.9, 0)), (0, 1, 0): ("log", (1, 0.1, -1.1, 0)),
            (1, 0, 0): ("exp", (0.9, 0.1, 1, 0.1)),
        },
        (0.5, 2), lambda x, y: x / y,
    ),
    "√(x² + 2 y² + 1/3)": (
        [2, 1, 1],
        {
            (0, 0, 0): ("x^2", (1, 0.05, 0.9, 0.3)), (0, 1, 0): ("x^2", (1, 0.1, 1.8, 0)),
            (1, 0, 0): ("sqrt", (1, 0.1, 1.1, 0.1)),
        },
        (-1, 1), lambda x, y: torch.sqrt(x**2 + 2 * y**2 + 1 / 3),
    ),
    "log(1 + 3 x + 5 y²)": (
        [2, 1, 1],
        {
            (0, 0, 0): ("x", (1, 0, 2.5, 1.2)), (0, 1, 0): ("x^2", (1, 0.1, 4.5, 0)),
            (1, 0, 0): ("log", (1.1, 0.1, 0.9, 0.1)),
        },
        (0, 1), lambda x, y: torch.log(1 + 3 * x + 5 * y**2),
    ),
    "tanh(5 (x⁴ + y⁴ - 1))": (
        [2, 1, 1],
        {
            (0, 0, 0): ("x^4", (1, 0, 4.5, -2)), (0, 1, 0): ("x^4", (1, 0, 5.3, -2)),
            (1, 0, 0): ("tanh", (1.05, 0.1, 0.9, 0.1)),
        },
        (-1, 1), lambda x, y: torch.tanh(5 * (x**4 + y**4 - 1)),
    ),
    "e^(-x² - y/2 + 1/2)": (
        [2, 1, 1],
        {
            (0, 0, 0): ("x^2", (1, 0.1, -0.9, 0.3)), (0, 1, 0): ("x", (1, 0, -0.6, 0)),
            (1, 0, 0): ("exp", (1.05, 0.1, 0.9, 0.1)),
        },
        (-1, 1), lambda x, y: torch.exp(-x**2 - y / 2 + 0.5),
    ),
    "2 sin(x + 2) cos(π y) by a product": (
        [2, [0, 1]],
        {(0, 0, 0): ("sin", (1.1, 1.9, 1.5, 0.1)), (0, 1, 1): ("cos", (3, 0.1, 1.5, 0.1))},
        (-2, 2), lambda x, y: 2 * torch.sin(x + 2) * torch.cos(math.pi * y),
    ),
    "7/5 √(7 x) + y/12": (
        [2, 1], {(0, 0, 0): ("sqrt", (1.1, 0.1, 3, 0.2)), (0, 1, 0): ("x", (1, 0, 0.1, 0.2))},
        (0.1, 2), lambda x, y: torch.sqrt(7 * x) + y / 12,
    ),
    "e^(-x²/2) / √(2π) + y³": (
        [2, 1],
        {(0, 0, 0): ("gaussian", (0.8, 0.1, 0.5, 0.2)), (0, 1, 0): ("x^3", (1, 0, 0.9, 0.2))},
        (-2, 2), lambda x, y: torch.exp(-x * x / 2) / math.sqrt(2 * math.pi) + y**3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("level", [0.0, 0.003])
@pytest.mark.parametrize("name", FORMULAS)
def test_known_formulas_are_exact_after_it(name, level):
    width, edges, (low, high), function = FORMULAS[name]
    x = points(1500, 2, low, high)
    truth = function(*x.T)[:, None]
    y = noisy(truth, level)
    model = fitted(width, edges, x, y)
    snap_all(model, (x, y))
    assert mse(model, x, truth) < 1e-26


def test_a_fit_that_is_stuck_in_a_valley_is_set_free():
    # x⁴ - x³ is nearly (x + b)⁴ and (x + B)³ beside each other, with b up to 1e-3
    x = points(1000, 2, 0, 1)
    y = (x[:, 0] ** 4 - x[:, 0] ** 3 + 0.5 * x[:, 1] ** 2 - x[:, 1])[:, None]
    line = ("x", (1.0, 0.0, 1.0, 0.0))
    model = symbolic(
        [2, 3, 1],
        {
            (0, 0, 0): ("x", (1.0, 0.0, 1.0, 0.02)), (0, 0, 1): line, (0, 1, 2): line,
            (1, 0, 0): ("x^4", (1.0, 0.0, 1.02, 0.0)),
            (1, 1, 0): ("x^3", (1.0, 0.0, -0.97, 0.0)),
            (1, 2, 0): ("x^2", (1.0, -0.98, 0.5, -0.5)),
        },
    )  # fmt: skip
    error = refit(model, x, y, steps=30)
    assert error > 1e-22
    snap_all(model, (x, y))
    assert mse(model, x, y) < 1e-29


def test_a_network_at_the_end_of_a_domain_is_not_tidied_out_of_it():
    x = torch.linspace(0.1, 1, 200, dtype=torch.float64)[:, None]
    outside = 0
    for n in range(1, 40):
        a, s = 0.3 + n / 7, 1 / (0.3 + n / 11)
        edges = {(0, 0, 0): ("x", (a, 0.0, s, 0.0)), (1, 0, 0): ("sqrt", (3.7, 0.0, 1.0, 0.1))}
        model = symbolic([1, 1, 1], edges)
        with torch.no_grad():  # the smallest shift that the first point bears
            h = (a * x * s).min()
            model.layers[1].affine[0, 0, 1] = -(3.7 * h)
            assert bool(model(x).isfinite().all())
            outside += not tidy(model, x)
            assert bool(model(x).isfinite().all())
    assert outside > 0


def test_numeric_edges_may_be_among_them():
    x = points(300, 2)
    y = torch.sin(math.pi * x[:, :1]) + torch.exp(x[:, 1:]) / (1 + x[:, 1:] ** 2)
    model = kanwidget.KAN([2, 1], dtype=torch.float64, seed=0, grid=10)
    model.layers[0].set_symbolic(0, 0, kanwidget.symbolic.library.get("sin"), (3, 0.1, 1, 0.1))
    refit(model, x, y, steps=50)
    snap_all(model, (x, y))
    a, b, c, _ = constants(model)[0, 0, 0]
    assert (a, b, c) == (math.pi, 0.0, 1.0)
