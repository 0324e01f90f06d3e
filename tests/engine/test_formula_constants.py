import math
import time

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from kanwidget.formula.constants import BASES, recognise

FRACTIONS = st.tuples(st.integers(1, 100), st.integers(1, 12))


@pytest.mark.parametrize(
    ("value", "expr"),
    [
        (1.0, 1),
        (-2.0, -2),
        (0.5, sympy.Rational(1, 2)),
        (-1 / 3, sympy.Rational(-1, 3)),
        (math.pi, sympy.pi),
        (2 * math.pi, 2 * sympy.pi),
        (-0.75 * math.pi, -3 * sympy.pi / 4),
        (1 / math.pi, 1 / sympy.pi),
        (math.e, sympy.E),
        (2 / math.e, 2 * sympy.exp(-1)),
        (math.sqrt(2), sympy.sqrt(2)),
        (1 / math.sqrt(2), sympy.sqrt(2) / 2),
        (math.sqrt(3) / 2, sympy.sqrt(3) / 2),
        (1 / math.sqrt(2 * math.pi), 1 / sympy.sqrt(2 * sympy.pi)),
        (math.pi**2, sympy.pi**2),
        (1 / 27, sympy.Rational(1, 27)),
        (0.005, sympy.Rational(1, 200)),
        (720.0, 720),
    ],
)
def test_numbers_that_people_write_are_recognised(value, expr):
    assert recognise(value, 2e-15)[0].expr == expr


@given(FRACTIONS, st.sampled_from(BASES), st.sampled_from([-1, 1]), st.floats(-0.9, 0.9))
def test_every_simple_constant_is_found_within_the_tolerance(fraction, base, sign, off):
    p, q = fraction
    exact = sign * sympy.Rational(p, q) * base[0]
    value = float(exact) * (1 + off * 1e-9)
    found = recognise(value, 1e-9)
    assert any(constant.expr == exact for constant in found)
    assert all(abs(constant.value - value) <= 1.001e-9 * abs(value) for constant in found)
    assert [constant.cost for constant in found] == sorted(constant.cost for constant in found)


@given(st.floats(-100, 100), st.floats(0, 1e-3))
def test_a_constant_is_its_expression(value, tolerance):
    for constant in recognise(value, tolerance)[:20]:
        assert constant.value == pytest.approx(float(constant.expr), rel=5e-16)


def test_the_cheapest_comes_first():
    exprs = [constant.expr for constant in recognise(3.1416, 1e-2)]
    assert exprs[0] == sympy.pi
    assert sympy.Rational(22, 7) in exprs
    assert recognise(0.9995, 1e-3)[0].expr == 1


def test_zero_is_recognised_by_its_size():
    assert recognise(1e-9, 1e-8)[0].expr == 0
    assert recognise(0.0, 0.0)[0].cost == 0
    assert all(constant.expr != 0 for constant in recognise(1e-7, 1e-8))


def test_what_is_not_simple_is_nothing():
    assert recognise(0.7391, 1e-6) == []
    assert recognise(math.nan, 1e-3) == recognise(math.inf, 1e-3) == []


def test_costs_follow_what_people_prefer():
    def cost(value):
        return recognise(value, 1e-14)[0].cost

    liked = [0, 1, 2, 0.5, math.pi, 1 / 3, math.pi / 2, 7 / 9, 53 / 11]
    costs = [cost(value) for value in liked]
    assert costs == sorted(costs)


def test_recognition_takes_microseconds():
    recognise(1.0, 1e-3)
    start = time.perf_counter()
    for n in range(1000):
        recognise(0.1 + n / 100, 1e-6)
    assert time.perf_counter() - start < 0.5


def test_a_wrong_tolerance_is_explained():
    with pytest.raises(ValueError, match="tolerance is -1"):
        recognise(1.0, -1)
