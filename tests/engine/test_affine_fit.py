import math
import random

import pytest
import torch

from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit

FUNCTIONS = library.resolve(None)


def curve(fits, edge, function, x):
    """The fitted function of an edge on values x."""
    a, b, c, d = fits.params[edge, function].to(x.dtype)
    return c * fits.functions[function](a * x + b) + d


def random_slopes(function, rng):
    """α and β of u = α·t + β on t in [-1, 1], anywhere the function is worth fitting."""
    low, high = function.interval

    def size(first, last):
        return math.exp(rng.uniform(math.log(first), math.log(last)))

    if function.absorbs == "both":
        return 1.0, 0.0
    if function.absorbs == "shift":
        return rng.choice([-1, 1]) * size(0.05, 30), 0.0
    if math.isfinite(low) and math.isfinite(high):
        left, right = size(1e-4, 0.45), size(1e-4, 0.45)
        first, last = low + left * (high - low), high - right * (high - low)
        return (last - first) / 2, (last + first) / 2
    if math.isfinite(low):
        slope, gap = size(0.1, 10), size(3e-3, 10)
        return rng.choice([-1, 1]) * slope, slope * (1 + gap)
    slope = size(0.3, 100 if function.period else 30)
    return slope, -slope * rng.uniform(-0.95, 0.95)


def random_curves(function, count, seed=0):
    rng = random.Random(f"{function.name}{seed}")
    xs, ys = [], []
    for n in range(count):
        t = (
            2 * torch.rand(1000, generator=torch.Generator().manual_seed(n), dtype=torch.float64)
            - 1
        )
        t = (t - t.min()) / (t.max() - t.min()) * 2 - 1
        alpha, beta = random_slopes(function, rng)
        half = math.exp(rng.uniform(-5, 5))
        c = rng.choice([-1, 1]) * math.exp(rng.uniform(-7, 7))
        xs.append(half * (t + rng.uniform(-10, 10)))
        ys.append(c * (function(alpha * t + beta) + rng.uniform(-3, 3)))
    return torch.stack(xs), torch.stack(ys)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.name != "0"], ids=lambda f: f.name)
def test_exact_curves_are_found_whatever_the_affine(function):
    x, y = random_curves(function, 50)
    r2 = affine_fit(x, y, [function]).r2[:, 0]
    failed = (1 - r2 > 1e-10).sum().item()
    assert failed <= 2, f"{failed} of 50 missed, R² {r2[1 - r2 > 1e-10].tolist()}"


@pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if f.name not in ("0", "sgn")], ids=lambda f: f.name
)
def test_parameters_are_those_of_the_curve_and_r2_is_true(function):
    x, y = random_curves(function, 10, seed=1)
    fits = affine_fit(x, y, [function])
    for e in range(10):
        error = (curve(fits, e, 0, x[e]) - y[e]).square().sum()
        r2 = 1 - error / (y[e] - y[e].mean()).square().sum()
        assert r2 == pytest.approx(fits.r2[e, 0].item(), abs=1e-8)


def test_step_is_placed_between_the_points_where_it_happens():
    x = torch.linspace(-1, 1, 101, dtype=torch.float64)
    y = 3 * torch.sign(x - 0.315)
    fits = affine_fit(x, y, [library.get("sgn")])
    torch.testing.assert_close(curve(fits, 0, 0, x), y)


def test_fast_sine_is_found():
    x = torch.rand(1000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    fits = affine_fit(x, torch.sin(20 * x), [library.get("sin")])
    torch.testing.assert_close(fits.params[0, 0], torch.tensor([20.0, 0, 1, 0], dtype=x.dtype))


@pytest.mark.parametrize(
    ("name", "curve", "expected"),
    [
        ("sin", lambda x: -2 * torch.sin(3 * x), (3, 0, -2, 0)),
        ("sin", lambda x: torch.sin(-3 * x + 8), (3, math.pi - 8 + 2 * math.pi, 1, 0)),
        ("cos", lambda x: torch.cos(-3 * x) + 1, (3, 0, 1, 1)),
        ("exp", lambda x: 2 * torch.exp(3 * x + 1), (3, 0, 2 * math.e, 0)),
        ("x^2", lambda x: 0.01 * (10 * x) ** 2, (1, 0, 1, 0)),
        ("x^3", lambda x: (2 * x - 1) ** 3, (1, -0.5, 8, 0)),
        ("sqrt", lambda x: torch.sqrt(2 - x), (-1, 2, 1, 0)),
        ("log", lambda x: torch.log(4 * x + 8), (1, 2, 1, math.log(4))),
        ("tanh", lambda x: torch.tanh(-5 * x + 1), (5, -1, -1, 0)),
        ("gaussian", lambda x: torch.exp(-((-2 * x + 1) ** 2)), (2, -1, 1, 0)),
        ("arccos", lambda x: torch.acos(-0.5 * x), (0.5, 0, -1, math.pi)),
        ("abs", lambda x: (x - 0.3).abs(), (1, -0.3, 1, 0)),
        ("x", lambda x: 3 * x - 1, (1, 0, 3, -1)),
        ("0", lambda x: 0 * x + 4, (1, 0, 0, 4)),
    ],
)
def test_parameters_come_in_canonical_form(name, curve, expected):
    x = torch.linspace(-1, 1, 400, dtype=torch.float64)
    params = affine_fit(x, curve(x), [library.get(name)]).params[0, 0]
    torch.testing.assert_close(params, torch.tensor(expected, dtype=x.dtype), rtol=1e-6, atol=1e-6)


def test_domain_holds_on_all_the_data():
    x = torch.linspace(-1, 1, 500, dtype=torch.float64)
    y = torch.sin(3 * x)
    fits = affine_fit(x, y, FUNCTIONS)
    for f, function in enumerate(FUNCTIONS):
        a, b = fits.params[0, f, :2].tolist()
        low, high = function.interval
        u = a * x + b
        mirrored = function.mirror is not None and low == 0 and a * x[0] + b < 0
        u = -u if mirrored else u
        assert low - 1e-12 <= u.min(), function.name
        assert u.max() <= high + 1e-12, function.name
        assert curve(fits, 0, f, x).isfinite().all(), function.name


def test_tiny_edges_are_fitted_like_large_ones():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = torch.exp(1.3 * x)
    small, large = affine_fit(torch.stack([x, x]), torch.stack([1e-9 * y, 1e9 * y]), FUNCTIONS).r2
    torch.testing.assert_close(small, large, rtol=0, atol=1e-9)


def test_many_edges_at_once_are_fitted_as_one_by_one():
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(70, 200, generator=rng, dtype=torch.float64) * 2 - 1
    y = torch.sin(torch.linspace(1, 9, 70, dtype=x.dtype)[:, None] * x) + x**2
    together = affine_fit(x, y, FUNCTIONS).r2
    alone = torch.cat([affine_fit(x[e], y[e], FUNCTIONS).r2 for e in range(70)])
    # what follows a curve badly may end anywhere in a flat valley
    torch.testing.assert_close(together, alone, rtol=0, atol=2e-2)
    good = alone > 0.99
    assert good.sum() > 50
    torch.testing.assert_close(together[good], alone[good], rtol=0, atol=1e-5)


def test_constant_curve_is_fitted_by_all_and_constant_input_crashes_none():
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)
    fits = affine_fit(x, torch.full_like(x, 2.5), FUNCTIONS)
    assert (fits.r2 == 1).all()
    assert (fits.params[0, :, 2] == 0).all()
    assert (fits.params[0, :, 3] == 2.5).all()
    still = affine_fit(torch.ones_like(x), x, FUNCTIONS)
    assert (still.r2 <= 1e-9).all()


def test_float32_curves_and_few_points():
    x = torch.tensor([0.39, 0.72, 1.0, 1.52, 5.2, 9.54, 19.2, 30.1])
    fits = affine_fit(x, x**1.5, [library.get("x^1.5")])
    assert fits.r2.dtype == torch.float64
    assert fits.r2[0, 0] > 1 - 1e-10


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([1.0], torch.zeros(3), TypeError, "x must be a tensor, not list"),
        (torch.zeros(3), torch.zeros(4), ValueError, r"they have \(3,\) and \(4,\)"),
        (torch.zeros(1), torch.zeros(1), ValueError, "at least 2 samples"),
        (torch.zeros(3), torch.tensor([0.0, math.nan, 1.0]), ValueError, "y holds nan"),
    ],
)
def test_bad_input_is_explained(x, y, error, message):
    with pytest.raises(error, match=message):
        affine_fit(x, y, FUNCTIONS)


@pytest.mark.parametrize("turn", [1.0, -1.0])
def test_what_single_precision_cannot_express_gives_way_to_what_it_can(turn):
    # the best exponential along a straight line is its limit, with infinitely large c and d
    x = turn * torch.linspace(-0.23, 0.54, 60, dtype=torch.float32)
    fits = affine_fit(x, 3 * x, [library.get("exp")])
    a, b, c, d = fits.params[0, 0].float()
    assert fits.r2[0, 0] > 0.999
    assert torch.allclose(c * torch.exp(a * x + b) + d, 3 * x, atol=0.02)
