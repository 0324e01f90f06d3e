import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.suggest import rank, suggest

X = torch.linspace(-1, 1, 400, dtype=torch.float64)


def of(found, name):
    return next(each for each in found if each.name == name)


def nearly_straight(bend, seed=0):
    """A line with a slight bend and the unevenness of a spline."""
    noise = torch.randn(len(X), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return 0.7 * X + bend * X**2 + 1e-4 * noise


@pytest.mark.parametrize("bend", [0.0, 1e-4, 1e-3])
def test_what_is_nearly_straight_is_x_and_all_others_say_that_they_are_lines(bend):
    found = suggest(X, nearly_straight(bend))
    assert found[0].name == "x"
    assert found[0].warning == ""
    for name in ("sin", "cos", "tanh", "exp", "log", "sqrt"):
        assert "straight line" in of(found, name).warning


@given(st.floats(0.01, 0.3), st.integers(0, 5))
def test_a_fit_whose_numbers_nearly_cancel_ranks_below_a_simpler_one_and_is_warned_of(bend, seed):
    found = suggest(X, nearly_straight(bend, seed))
    assert found[0].name in ("x", "x^2", "exp")
    for each in found:
        size = abs(each.params[2] * each.function(each.params[0] * X + each.params[1])).max()
        if size > 2e3 * 1.4 and each.r2 > 0.9:
            assert each.warning
            assert each.score > of(found, "x^2").score


def test_a_curve_that_is_what_it_says_is_not_warned_of():
    curves = {
        "sin": torch.sin(3 * X),
        "exp": torch.exp(X),
        "x^2": (X + 0.2) ** 2,
        "tanh": torch.tanh(2 * X),
        "log": torch.log(X + 1.5),
        "x": 3 * X + 1,
        "x^3": X**3,
    }
    for name, y in curves.items():
        best = suggest(X, y)[0]
        assert (best.name, best.warning) == (name, "")


def test_warnings_do_not_depend_on_what_else_is_fitted():
    y = torch.stack([nearly_straight(1e-3), torch.sin(3 * X)])
    functions = [library.get(name) for name in ("x", "sin", "exp")]
    together = affine_fit(X.expand(2, -1), y, functions)
    for e, ranked in enumerate(rank(together)):
        alone = {each.name: each.warning for each in suggest(X, y[e], ["x", "sin", "exp"])}
        assert {each.name: each.warning for each in ranked} == alone
