"""Numbers of an expression set to those that a person would have written."""

import numpy as np
import pytest
import sympy

from kanwidget.discovery.snap_expression import multiplied_out, snap_expression

X, Y = sympy.symbols("x y")


def data(truth, noise=0.0, low=-1.0, high=1.0):
    random = np.random.default_rng(0)
    x = random.uniform(low, high, (1000, 2))
    y = sympy.lambdify([X, Y], truth)(*x.T)
    return x, y + noise * y.std() * random.normal(size=1000)


@pytest.mark.parametrize("noise", [0.0, 0.003])
@pytest.mark.parametrize(
    ("found", "truth"),
    [
        (
            1.0001 * (X + 0.33333) ** 3 + 0.66662 * X - 0.03704,
            X**3 + X**2 + X,
        ),
        (0.2501 * (X + 1.001 * Y) ** 2 - 0.24999 * (X - 0.9998 * Y) ** 2, X * Y),
        (sympy.exp(0.999 * sympy.sin(3.1412 * X) + 1.001 * Y**2), sympy.exp(sympy.sin(sympy.pi * X) + Y**2)),
        ((0.9999 * X + 0.5) * (Y - 1.9995), (X + sympy.Rational(1, 2)) * (Y - 2)),
        (1.998 * sympy.sin(X + 0.001) * sympy.cos(Y) + 0.0003 * X, 2 * sympy.sin(X) * sympy.cos(Y)),
    ],
)  # fmt: skip
def test_the_formula_is_found_exactly(found, truth, noise):
    got = snap_expression(found, [X, Y], *data(truth, noise))
    assert sympy.simplify(got - truth) == 0


def test_numbers_that_are_not_simple_stay():
    truth = 1.2345678 * sympy.sin(3.2345678 * X) + Y
    got = snap_expression(1.2 * sympy.sin(3.2 * X) + 0.99 * Y, [X, Y], *data(truth))
    numbers = sorted(float(n) for n in got.atoms(sympy.Float))
    assert numbers == pytest.approx([1.2345678, 3.2345678], abs=1e-9)
    assert sympy.expand(got).coeff(Y) == 1


def test_a_long_product_is_not_multiplied_out():
    long = (X + Y + 1.5) ** 30
    assert multiplied_out(long) == long
    assert multiplied_out((X + 1) ** 2) == X**2 + 2 * X + 1


def test_an_expression_without_floats_is_returned_as_it_is():
    expression = X + sympy.pi * Y
    assert snap_expression(expression, [X, Y], *data(expression)) is expression


def test_an_expression_without_values_on_the_data_is_returned_as_it_is():
    expression = sympy.log(X - 2.5)
    assert snap_expression(expression, [X, Y], *data(X)) == expression
