import math

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from kanwidget.symbolic.suggest import suggest

SAME_UP_TO_AFFINE = [{"sin", "cos"}, {"arcsin", "arccos"}, {"tanh", "sigmoid"}]
CURVES = [
    ("sin", lambda x: torch.sin(math.pi * x), -1, 1),
    ("sin", lambda x: -torch.sin(3 * x), -1, 1),
    ("sin", lambda x: torch.sin(2 * x + 1), -1, 1),
    ("cos", lambda x: torch.cos(math.pi * x), -1, 1),
    ("cos", lambda x: 2 * torch.cos(5 * x), -1, 1),
    ("x^2", lambda x: x**2, -1, 1),
    ("x^2", lambda x: -3 * x**2 + 1, -1, 1),
    ("x^2", lambda x: (x + 0.5) ** 2, -1, 1),
    ("x", lambda x: -0.01 * x + 3, -1, 1),
    ("exp", lambda x: torch.exp(x), -1, 2),
    ("exp", lambda x: torch.exp(-2 * x), -1, 1),
    ("log", lambda x: torch.log(x), 0.1, 3),
    ("sqrt", lambda x: torch.sqrt(x), 0, 2),
    ("1/x", lambda x: 1 / x, 0.5, 2),
    ("1/x^2", lambda x: 1 / x**2, 0.2, 2),
    ("x^3", lambda x: x**3, -1, 1),
    ("x^4", lambda x: x**4, -1, 1),
    ("abs", lambda x: x.abs(), -1, 1),
    ("tanh", lambda x: torch.tanh(3 * x), -1, 1),
    ("gaussian", lambda x: torch.exp(-4 * x**2), -1, 1),
    ("tan", lambda x: torch.tan(1.4 * x), -1, 1),
    ("arctan", lambda x: torch.atan(5 * x), -1, 1),
    ("x^1.5", lambda x: x**1.5, 0.4, 40),
]


def agree(found, true):
    return found == true or any({found, true} <= group for group in SAME_UP_TO_AFFINE)


def like_a_trained_spline(curve, low, high, error, seed):
    """The curve on random points, plus a random cubic spline of relative size `error`."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(low, high, 1000)
    step = (high - low) / 8
    knots = np.linspace(low - 3 * step, high + 3 * step, 15)
    noise = torch.tensor(BSpline(knots, rng.normal(size=11), 3)(x))
    x = torch.tensor(x)
    y = curve(x)
    return x, y + error * y.std() * (noise - noise.mean()) / noise.std()


@pytest.mark.parametrize("error", [0, 1e-3, 5e-3])
@pytest.mark.parametrize(("name", "curve", "low", "high"), CURVES, ids=[c[0] for c in CURVES])
def test_true_function_comes_first(name, curve, low, high, error):
    for seed in (3, 4):
        best = suggest(*like_a_trained_spline(curve, low, high, error, seed))[0]
        assert agree(best.name, name), (best.name, best.r2)


def test_one_percent_of_spline_error_hardly_matters():
    right = [
        agree(suggest(*like_a_trained_spline(curve, low, high, 1e-2, 7))[0].name, name)
        for name, curve, low, high in CURVES
    ]
    assert sum(right) >= len(CURVES) - 2


def test_sine_without_phase_is_called_sine_and_cosine_cosine():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    for name in ("sin", "cos"):
        assert suggest(x, -0.2 * getattr(torch, name)(3 * x) + 1)[0].name == name


def test_clear_sine_beats_zero_however_small_it_is():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    assert suggest(x, 1e-8 * torch.sin(4 * x))[0].name == "sin"


def test_edge_that_is_negligible_in_its_sum_is_zero():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = 1e-4 * torch.sin(4 * x)
    assert suggest(x, y, scale=1.0)[0].name == "0"
    assert suggest(x, y, scale=1e-3)[0].name == "sin"


def test_constant_edge_is_zero():
    x = torch.linspace(-1, 1, 300)
    noise = 1e-7 * torch.rand(300, generator=torch.Generator().manual_seed(0))
    for y in (torch.full_like(x, 3.0), 3 + noise):
        best = suggest(x, y)[0]
        assert best.name == "0"
        assert best.params[3] == pytest.approx(3, abs=1e-5)


def test_line_to_five_digits_is_a_line():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    assert suggest(x, x + 1e-5 * torch.sin(9 * x))[0].name == "x"


def test_candidates_carry_their_curve_and_are_ordered():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = torch.exp(2 * x)
    candidates = suggest(x, y, lib=["x", "exp", "x^2", "0"], topk=3)
    assert candidates[0].name == "exp"
    assert len(candidates) == 3
    assert [c.score for c in candidates] == sorted(c.score for c in candidates)
    torch.testing.assert_close(candidates[0].curve(x), y)


def test_warnings_name_poles_and_poor_fits():
    x = torch.linspace(0.01, 1, 300, dtype=torch.float64)
    log = suggest(x, torch.log(x), lib=["log", "sgn"])
    assert "no finite value at x = " in log[0].warning
    assert "does not follow the curve" in log[1].warning
    assert suggest(x, x**2)[0].warning == ""


def test_bad_arguments_are_explained():
    x = torch.linspace(0, 1, 30)
    with pytest.raises(ValueError, match="topk must be a positive whole number"):
        suggest(x, x, topk=0)
    with pytest.raises(KeyError, match="unknown function 'sine'"):
        suggest(x, x, lib=["sine"])
    with pytest.raises(ValueError, match="one edge"):
        suggest(x[None], x[None])
