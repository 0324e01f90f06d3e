"""Verdicts on formulas: numeric, snapped and exact are told apart, and nothing is said that was not shown."""

import math
import types

import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Float,
    Function,
    Rational,
    acos,
    asin,
    asinh,
    atanh,
    besselj,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tanh,
)  # fmt: skip

import kanwidget
from kanwidget.formula import proving
from kanwidget.formula.consistency import consistent
from kanwidget.formula.evaluate import EdgeCurve
from kanwidget.formula.simplify import prove_equal
from kanwidget.formula.verdict import CLOSE, EXACT_DIGITS, values_at, verdict
from tests.networks import hello_data, mixed_model, points

x, y = sympy.symbols("x y")
u, v = sympy.symbols("u v", real=True)
U = {"x": (-1, 1), "y": (-1, 1)}
POSITIVE = {"x": (0.5, 2), "y": (0.5, 2)}
HELLO = exp(sin(pi * x) + y**2)

# ---------------------------------------------------------------------- exact

DISGUISED = [
    (exp(y**2) * exp(sin(pi * (x + 2))), HELLO, U),
    ((x + y) ** 2 / 4 - (x - y) ** 2 / 4, x * y, U),
    (exp(log(x) - log(y)), x / y, POSITIVE),
    (sin(x + y) + sin(x - y), 2 * sin(x) * cos(y), U),
    (tanh(atanh(x) + atanh(y)), (x + y) / (1 + x * y), {"x": (-0.9, 0.9), "y": (-0.9, 0.9)}),
    ((x + Rational(1, 3)) ** 3 + 2 * x / 3 - Rational(1, 27), x**3 + x**2 + x, U),
    (cos(pi * x - pi / 2), sin(pi * x), U),
    (sin(2 * log(x * y)), sin(2 * (log(x) + log(y))), POSITIVE),
    (2 * pi * exp(3 * log(x) / 2 - log(y) / 2), 2 * pi * x ** Rational(3, 2) / sqrt(y), POSITIVE),
    (exp(Rational(1, 2) - cos(pi * x) / 2), exp(sin(pi * x / 2) ** 2), U),
    (besselj(0, 20 * x) + 1, 1 + besselj(0, 4 * 5 * x), U),
    (1 - 2 / (1 + exp(10 * x**4 + 10 * y**4)), tanh(5 * (x**4 + y**4)), U),
    (tanh(log((1 + x) / (1 - x)) / 2 + atanh(y)), (x + y) / (1 + x * y), {"x": (0, 0.8), "y": (0, 0.8)}),
    (exp(atanh(x)), sqrt((1 + x) / (1 - x)), {"x": (-0.5, 0.5), "y": (0, 1)}),
    (log(x + sqrt(x**2 + 1)), asinh(x), U),
    (x + log(1 + exp(y - x)), log(exp(x) + exp(y)), U),
    (acos(x) / 2, pi / 4 - asin(x) / 2, {"x": (-0.5, 0.5), "y": (0, 1)}),
    (sqrt((x - y) ** 2 + 1), sqrt(x**2 - 2 * x * y + y**2 + 1), U),
]  # fmt: skip


@pytest.mark.parametrize(("found", "truth", "ranges"), DISGUISED, ids=str)
def test_truth_in_disguise_is_proved_exact(found, truth, ranges):
    said = verdict(found, truth, ranges, seconds=60)
    assert said.numeric
    assert said.snapped
    assert said.exact is True
    assert said.digits == EXACT_DIGITS
    assert said.sentence.startswith("exact")


def test_a_proof_in_range_is_none_for_what_lies_beyond():
    """artanh ends at 1, and the sum of velocities does not."""
    said = verdict(
        tanh(atanh(x) + atanh(y)), (x + y) / (1 + x * y), {"x": (-0.9, 0.9), "y": (-0.9, 0.9)}
    )
    assert said.exact
    assert said.outside_error == math.inf
    assert "in range" in said.sentence


DIFFERENT = [
    (sympy.Abs(x), x),
    (sqrt(x**2), -x),
    (sqrt((x - y) ** 2), x - y),
    (log(sympy.Abs(x)), log(x)),
    (sympy.atan(x) + sympy.atan(1 / x), pi / 2),
    (exp(x), exp(x + Rational(1, 10**30))),
    (asin(sin(x)), x),
]


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=str)
def test_nothing_is_proved_of_real_expressions_that_differ_somewhere(a, b):
    assert prove_equal(a, b, 60) is not True
    a, b = (each.xreplace({x: u, y: v}) for each in (a, b))
    differences = list(proving._differences(a, b, alike=False))
    for way in (*proving.QUICK, *proving.SLOW):
        assert not any(proving._shown(way, each) for each in differences)


def test_a_way_that_does_not_apply_proves_nothing_and_a_mistake_in_one_is_not_hidden():
    assert not proving._shown(lambda difference: sympy.Poly(1 / difference, difference), u)
    with pytest.raises(AttributeError):
        proving._shown(lambda difference: difference.no_method(), u)


def test_variables_are_matched_by_name_whatever_sympy_assumes_of_them():
    other = sympy.Symbol("x", real=True)
    assert verdict(sin(pi * other), sin(pi * x), {"x": (-1, 1)}).exact


def test_no_proof_is_asked_for_in_no_time():
    said = verdict(HELLO, HELLO, U, seconds=0)
    assert said.exact is None
    assert said.snapped


def test_what_agrees_to_all_digits_but_is_not_proved_is_not_called_exact(monkeypatch):
    monkeypatch.setattr("kanwidget.formula.verdict.prove_equal", lambda *_, **__: False)
    said = verdict(HELLO, HELLO, U)
    assert said.exact is False
    assert said.unproved
    assert "agrees to 40 digits, not proved" in said.sentence


def test_a_proof_that_takes_too_long_is_given_up():
    """Neither is sympy asked about a pair that differs."""
    hard = sum(sin(n * x * y + x**n) ** 2 for n in range(1, 30))
    same = sum(1 - cos(n * x * y + x**n) ** 2 for n in range(1, 30))
    assert verdict(hard, same, U, seconds=0.01).unproved


# ---------------------------------------------------------------------- numeric and snapped


def test_pi_in_four_decimals_is_numeric_only():
    said = verdict(exp(sin(Float("3.1416") * x) + y**2), HELLO, U)
    assert said.numeric
    assert not said.snapped
    assert said.exact is False
    assert not said.unproved
    assert said.digits == 5
    assert "decimals" in said.sentence


def test_a_wrong_fraction_for_pi_is_neither_snapped_nor_exact():
    said = verdict(sin(Rational(355, 113) * x), sin(pi * x), {"x": (-1, 1)})
    assert said.numeric
    assert not said.snapped
    assert said.exact is False
    assert "decimals" not in said.sentence


def test_a_right_number_as_a_decimal_is_not_snapped():
    said = verdict(Float(0.5) * x**2, x**2 / 2, U)
    assert said.numeric_error == 0
    assert not said.snapped
    assert said.exact is False


def test_errors_are_in_standard_deviations_of_the_truth():
    said = verdict(100 * x + Float(0.5), 100 * x, {"x": (-1, 1)}, samples=20_000)
    assert said.numeric_error == pytest.approx(0.005 * math.sqrt(3), rel=0.01)
    assert not said.numeric


@given(st.floats(-9, 0), st.floats(-3, 3))
def test_numeric_is_an_error_of_at_most_a_ten_thousandth_at_any_scale(size, scale):
    truth = 10**scale * sin(pi * x)
    found = truth + 10 ** (scale + size) * cos(x)
    said = verdict(found, truth, {"x": (-1, 1)}, seconds=0, samples=200)
    assert said.numeric == (said.numeric_error <= CLOSE)
    assert said.numeric_error == pytest.approx(10**size / math.sqrt(0.5), rel=0.2, abs=1e-12)


def test_what_only_holds_in_range_is_said_to_go_another_way_outside():
    taylor = sum((-1) ** n * x ** (2 * n + 1) / sympy.factorial(2 * n + 1) for n in range(4))
    said = verdict(taylor, sin(x), {"x": (-1, 1)})
    assert said.numeric
    assert said.outside_error > 4 * said.numeric_error
    said = verdict(Float(1.0) * sympy.Abs(x), x, {"x": (0, 1)})
    assert said.numeric
    assert not said.outside
    assert "another way" in said.sentence


def test_exact_is_meant_in_range_and_says_where_it_ends():
    said = verdict(sympy.Abs(x), x, {"x": (0, 1)})
    assert said.exact
    assert not said.outside
    assert said.sentence.startswith("exact in range")
    assert "another way" in said.sentence


def test_outside_is_up_to_a_fifth_beyond_each_end_and_not_within():
    spike = sympy.Piecewise((1, (x > 0) & (x < 10)), (0, True))
    assert verdict(x + spike, x, {"x": (0, 10)}, seconds=0).outside_error == 0
    beyond = sympy.Piecewise((1, (x > 12) | (x < -2)), (0, True))
    assert verdict(x + beyond, x, {"x": (0, 10)}, seconds=0).outside_error == 0
    ends = sympy.Piecewise((1, (x > 11.9) | (x < -1.9)), (0, True))
    assert verdict(x + ends, x, {"x": (0, 10)}, seconds=0).outside_error > 0


# ---------------------------------------------------------------------- singularities


def test_points_without_a_finite_truth_are_left_out_and_counted():
    said = verdict(sqrt(x), sqrt(x), {"x": (0, 4)}, samples=2000)
    assert said.exact
    assert said.outside_error == 0
    # a seventh of the wider range lies below 0
    assert 2000 / 7 * 0.8 < said.left_out < 2000 / 7 * 1.2


def test_a_formula_that_is_not_finite_where_the_truth_is_has_an_infinite_error():
    said = verdict(log(x), x, {"x": (-1, 1)})
    assert said.numeric_error == math.inf
    assert not said.numeric
    assert said.sentence.startswith("not the truth")


def test_a_formula_that_is_the_truth_by_way_of_complex_numbers_is_not_exact():
    """sympy takes exp(log(x)) for x; who evaluates it below 0 has no number."""
    said = verdict(exp(log(x), evaluate=False), x, {"x": (-1, 1)})
    assert said.numeric_error == math.inf
    assert not said.snapped
    assert said.exact is False
    assert not said.unproved


def test_poles_within_the_wider_box_are_compared_like_other_points():
    said = verdict(exp(-log(x)), 1 / x, {"x": (0.1, 2)})
    assert said.exact
    assert math.isfinite(said.outside_error) or said.left_out


def test_a_truth_that_is_nowhere_finite_is_refused():
    with pytest.raises(ValueError, match="no finite value on the ranges"):
        verdict(x, log(x), {"x": (-2, -1)})


# ---------------------------------------------------------------------- what is given


def test_what_is_no_formula_is_refused():
    with pytest.raises(TypeError, match="found is 'sin"):
        verdict("sin(x)", x, U)
    with pytest.raises(ValueError, match="found depends on u; ranges are given for x, y"):
        verdict(u, x, U)
    with pytest.raises(ValueError, match="the range of x is"):
        verdict(x, x, {"x": (1, 1)})
    with pytest.raises(ValueError, match="found holds mystery, of which sympy knows no values"):
        verdict(Function("mystery")(x), x, U)
    with pytest.raises(ValueError, match="samples is 1"):
        verdict(x, x, U, samples=1)


def test_a_formula_with_numeric_edges_is_judged_by_the_network_but_never_exact():
    model = kanwidget.KAN([1, 1], seed=0)
    curve = points(500, 1)
    expression = EdgeCurve(x, 0, 0, 0)
    found = values_at(expression, ["x"], curve, model)
    torch.testing.assert_close(found, model(curve)[:, 0].double(), rtol=1e-6, atol=1e-6)
    said = verdict(expression, sin(x), {"x": (-1, 1)}, model=model)
    assert said.exact is False
    assert said.digits == 0
    with pytest.raises(ValueError, match="EdgeCurve"):
        verdict(expression, sin(x), {"x": (-1, 1)})


def test_a_constant_is_a_formula_too():
    assert verdict(sympy.Integer(1), sin(x) ** 2 + cos(x) ** 2, {"x": (-1, 1)}).exact
    assert verdict(Rational(1, 2), sin(x), {"x": (-1, 1)}).numeric_error > 1


def test_same_seed_same_verdict():
    found = exp(sin(Float("3.14") * x) + y**2)
    assert verdict(found, HELLO, U, seed=5) == verdict(found, HELLO, U, seed=5)
    assert verdict(found, HELLO, U, seed=5) != verdict(found, HELLO, U, seed=6)


# ---------------------------------------------------------------------- values


def test_values_are_those_of_the_network():
    model = mixed_model()
    (formula, *_), variables = model.symbolic_formula()
    inputs = points(100, 3)
    found = values_at(formula, [symbol.name for symbol in variables], inputs, model)
    torch.testing.assert_close(found, model(inputs)[:, 0].detach())


def test_values_that_are_not_real_are_nan():
    found = values_at(sympy.acosh(x) + sqrt(y), ["x", "y"], torch.tensor([[2.0, 4.0], [0.5, 4.0]]))
    assert found[0].item() == pytest.approx(math.acosh(2) + 2)
    assert found[1].isnan()
    imaginary = values_at(sympy.I * x, ["x"], torch.tensor([[2.0], [0.0]]))
    assert imaginary[0].isnan()


# ---------------------------------------------------------------------- noise


def noisy(noise, samples=1000, seed=0):
    data = hello_data(samples, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    labels = {
        name: data[name] + noise * torch.randn(data[name].shape, generator=generator).double()
        for name in ("train_label", "val_label")
    }
    return {**data, **labels}


def candidate(expression, runner_up=None):
    x1, x2 = sympy.symbols("x_1 x_2")
    named = {x: x1, y: x2}
    second = runner_up and types.SimpleNamespace(expressions=[runner_up.xreplace(named)])
    return types.SimpleNamespace(
        expressions=[expression.xreplace(named)], variables=[x1, x2], runner_up=second
    )


@pytest.mark.parametrize("noise", [0.01, 0.05, 0.5])
def test_with_noise_the_truth_is_consistent_and_the_noise_is_measured(noise):
    said = consistent(candidate(HELLO, 1 + x + y), noisy(noise))
    assert said.consistent
    assert said.rmse == pytest.approx(noise, rel=0.1)
    assert said.noise == pytest.approx(noise, rel=0.1)
    assert said.runner_up_rmse > 0.5
    assert said.sentence.startswith(
        "consistent with y = exp(x_2**2 + sin(pi*x_1)) (validation RMSE "
    )
    assert "; runner-up x_1 + x_2 + 1 (validation RMSE" in said.sentence


def test_with_noise_a_formula_that_leaves_something_is_not_consistent():
    said = consistent(candidate(HELLO + x * y / 10), noisy(0.05))
    assert not said.consistent
    assert said.rmse > said.noise
    assert said.runner_up_rmse is None
    assert said.sentence.startswith("not all of what is left is noise: ")


def test_truth_is_doubted_no_more_often_than_chance_has_it():
    seeds = [consistent(candidate(HELLO), noisy(0.05, 300, seed)).consistent for seed in range(40)]
    assert sum(seeds) >= 37


def test_without_noise_what_few_digits_leave_is_no_doubt():
    found = exp(Float("1.000001") * sin(Float("3.141591") * x) + y**2)
    assert consistent(candidate(found), hello_data(300)).consistent


def test_a_formula_that_is_not_finite_on_the_data_is_not_consistent():
    said = consistent(candidate(log(x)), noisy(0.05))
    assert not said.consistent
    assert said.rmse == math.inf


def test_a_runner_up_whose_curves_are_gone_is_shown_without_a_number():
    said = consistent(candidate(HELLO, EdgeCurve(x, 0, 0, 0) + y), noisy(0.05))
    assert said.consistent
    assert said.runner_up_rmse is None
    assert said.sentence.endswith("; runner-up x_2 + phi_0_0_0(x_1).")


def test_formulas_must_be_as_many_as_outputs():
    found = candidate(HELLO)
    found.expressions = [HELLO, HELLO]
    with pytest.raises(ValueError, match="found has 2 formulas in 2 variables"):
        consistent(found, noisy(0.05))
