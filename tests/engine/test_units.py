import math
from fractions import Fraction
from types import SimpleNamespace

import pytest
import sympy
import torch
from sympy.physics import units

import kanwidget
from kanwidget.formula import check_units
from kanwidget.formula.dimensions import dimension_of, written
from kanwidget.symbolic import library
from tests.networks import mixed_model

x, t, m, v, n, T, V, a, L, g, G, M = sympy.symbols("x t m v n T V a L g G M")
METRE, SECOND, KILOGRAM = units.meter, units.second, units.kilogram
KNOWN = {
    "x": METRE, "t": SECOND, "m": KILOGRAM, "v": METRE / SECOND, "n": units.mol, "T": units.kelvin,
    "V": METRE**3, "a": METRE, "L": METRE, "g": METRE / SECOND**2, "M": KILOGRAM,
    "G": METRE**3 / KILOGRAM / SECOND**2,
}  # fmt: skip


def warnings(expression, output=None, known=KNOWN):
    variables = sorted(expression.free_symbols, key=str)
    names = {variable.name for variable in variables}
    given = {name: unit for name, unit in known.items() if name in names}
    return check_units((expression, variables), given, output)


def sentences(expression, output=None):
    return [str(warning) for warning in warnings(expression, output)]


RIGHT = [
    # the ideal gas, its constant fitted
    (8.314 * n * T / V, units.pascal),
    # a pendulum, exact and with g in the constant
    (2 * sympy.pi * sympy.sqrt(L / g), SECOND),
    (2.006 * sympy.sqrt(L), SECOND),
    # Kepler's third law
    (2 * sympy.pi * sympy.sqrt(a**3 / (G * M)), SECOND),
    (sympy.sqrt(a**3 / (G * M)) * 6.2831, SECOND),
    (5.8e5 * sympy.sqrt(a**3 / M), SECOND),
    # kinetic and potential energy, Lorentz's factor, the barometric formula, a damped oscillation
    (m * v**2 / 2 + m * g * x, units.joule),
    (1 / sympy.sqrt(1 - 1.11e-17 * v**2), 1),
    (101325.0 * sympy.exp(-0.000118 * x), units.pascal),
    (0.3 * sympy.exp(-0.1 * t) * sympy.sin(2.5 * t + 0.2), METRE),
    # constants that are added
    (x + 0.5, METRE),
    (0.5 + 0.2 * x + 0.3 * t, SECOND),
    # logarithms
    (sympy.log(x) + 0.3, 1),
    (2.5 * sympy.log(x) - 1.2, units.volt),
    (sympy.log(x) - sympy.log(L), 1),
    (sympy.log(x / L), 1),
    (sympy.log(x) - 2 * sympy.log(t) - sympy.log(g), 1),
    (sympy.log(2.3 * x), 1),
    # signs, sizes, roots, angles
    (abs(x) + L, METRE),
    (sympy.sign(x) * t, SECOND),
    (x ** sympy.Rational(3, 2) / sympy.sqrt(L), METRE),
    (sympy.atan2(x, L) + sympy.pi, units.radian),
    (sympy.atan2(x, L), units.degree),
    (2 ** (x / L), 1),
]


@pytest.mark.parametrize(("expression", "output"), RIGHT)
def test_formulas_that_are_right_have_no_warnings(expression, output):
    assert sentences(expression, output) == []


WRONG = [
    (sympy.sin(x), None, "sin receives m in sin(x)"),
    (sympy.exp(-x), None, "exp receives m in exp(-x)"),
    (sympy.exp(sympy.pi * x / 2), None, "exp receives m in exp(pi*x/2)"),
    (sympy.sin(x + 0.3), None, "sin receives m in sin(x + 0.3)"),
    (0.7 * sympy.tanh(v * t), None, "tanh receives m in tanh(t*v)"),
    (sympy.log(x), None, "log receives m in log(x)"),
    (sympy.log(x) + sympy.log(t), None, "log receives"),
    (1 + sympy.log(x), None, "log receives m in log(x)"),
    (x + t, None, "t + x adds s and m"),
    (x + 1, None, "x + 1 adds a plain number and m"),
    (sympy.exp(sympy.pi * (x + t)), None, "t + x adds s and m"),
    (1 / sympy.sqrt(1 - v**2), None, "1 - v**2 adds a plain number and m^2/s^2"),
    (x**2.3, None, "x**2.3 raises m to a fitted exponent"),
    (0.129 * x**1.7, None, "x**1.7 raises m to a fitted exponent"),
    (x**sympy.pi, None, "x**pi raises m to an exponent that is no fraction"),
    (2**x, None, "Pow receives m in 2**x"),
    (n * T / V, units.pascal, "the formula gives K·mol/m^3 where y has kg/(m·s^2)"),
    (2 * sympy.pi * sympy.sqrt(L), SECOND, "the formula gives m^(1/2) where y has s"),
    (sympy.sqrt(a**3 / (G * M)), METRE, "the formula gives s where y has m"),
    (x + 0.5, SECOND, "the formula gives m where y has s"),
    (sympy.Function("J0")(x), None, "J0 receives m in J0(x)"),
    (sympy.atan2(x, t), None, "atan2(x, t) adds m and s"),
]


@pytest.mark.parametrize(("expression", "output", "sentence"), WRONG)
def test_what_no_constant_can_absorb_is_said(expression, output, sentence):
    found = sentences(expression, output)
    assert found[0].startswith(sentence)
    assert found[0].endswith(".")
    assert len(found) == (2 if expression == sympy.log(x) + sympy.log(t) else 1)


def test_a_warning_holds_the_term_it_is_about():
    (warning,) = warnings(0.3 * sympy.sin(x) + 2.0 * t)
    assert warning.term == sympy.sin(x)
    assert warning.edge is None


def test_one_mistake_is_told_once():
    wrong = sympy.sin(x)
    assert len(warnings(wrong**2 + sympy.exp(wrong))) == 1


def test_an_input_without_a_unit_may_have_any():
    assert warnings(sympy.sin(x) + t, known={"t": SECOND}) != []  # a sine is a plain number
    assert warnings(sympy.sin(x), known={}) == []
    assert len(warnings(sympy.sin(x), known={"x": METRE})) == 1
    assert warnings(sympy.sin(x), known={"x": 1}) == []


# ---------------------------------------------------------------------- networks


def put(model, l, i, j, name, affine):
    model.layers[l].set_symbolic(i, j, library.get(name), affine)


def test_fitted_edges_of_a_network_absorb_any_unit():
    model = kanwidget.KAN([2, 2, 1])
    for l, i, j in model.edges():
        put(model, l, i, j, ["sin", "exp", "x^2", "log"][(l + 2 * i + j) % 4], (0.7, 0.3, 1.2, 0.1))
    model.input_names = ["x", "t"]
    assert check_units(model, {"x": METRE, "t": SECOND}, output=units.newton) == []
    assert check_units(mixed_model((3, [2, 1], 2), seed=1), {"x_1": METRE}) == []


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_warning_names_the_edge_of_its_term(depth):
    model = kanwidget.KAN([2] * depth + [1])
    for l, i, j in model.edges():
        put(model, l, i, j, "x^2", (1.0, 0.0, 0.5, 0.1))
    put(model, 0, 1, 0, "sin", (1.0, 0.0, 1.0, 0.0))
    model.input_names = ["length [m]", "x"]
    (warning,) = check_units(model, {"x": METRE})
    assert warning.edge == (0, 1, 0)
    assert warning.term == sympy.sin(x)
    assert str(warning).startswith("sin receives m in sin(x);")


def test_units_go_through_hidden_nodes():
    model = kanwidget.KAN([2, 1, 1])
    put(model, 0, 0, 0, "x", (1.0, 0.0, 1.0, 0.0))
    put(model, 0, 1, 0, "x", (1.0, 0.0, 1.0, 0.0))
    put(model, 1, 0, 0, "exp", (1.0, 0.0, 1.0, 0.0))
    model.input_names, model.output_names = ["x", "L"], ["F"]
    (warning,) = check_units(model, {"x": METRE, "L": METRE})
    assert warning.edge == (1, 0, 0)
    assert "exp receives m in exp(h_0)" in warning.sentence
    put(model, 1, 0, 0, "x^2", (1.0, 0.0, 1.0, 0.0))
    assert check_units(model, {"x": METRE, "L": METRE}, output=METRE**2) == []
    (warning,) = check_units(model, {"x": METRE, "L": METRE}, output={"F": METRE})
    assert "gives m^2 where F has m" in warning.sentence


def test_what_data_were_normalised_by_absorbs_units():
    model = kanwidget.KAN([1, 1])
    put(model, 0, 0, 0, "sin", (1.0, 0.0, 1.0, 0.0))
    (warning,) = check_units(model, {"x_1": METRE})
    assert warning.edge == (0, 0, 0)
    model.input_scale = (0.0,), (2.5,)
    assert check_units(model, {"x_1": METRE}) == []


def test_products_multiply_units():
    model = kanwidget.KAN([2, [0, 1], 1])
    put(model, 0, 0, 0, "x", (1.0, 0.0, 1.0, 0.0))
    put(model, 0, 1, 1, "1/x", (1.0, 0.0, 1.0, 0.0))
    for i, j in ((1, 0), (0, 1)):
        model.layers[0].remove(
            torch.tensor([[(i, j) == (p, q) for p in range(2)] for q in range(2)]),
            torch.zeros(2, 2, dtype=torch.float64),
        )
    put(model, 1, 0, 0, "x", (1.0, 0.0, 1.0, 0.0))
    model.input_names = ["x", "t"]
    assert check_units(model, {"x": METRE, "t": SECOND}, output=METRE / SECOND) == []
    assert len(check_units(model, {"x": METRE, "t": SECOND}, output=METRE)) == 1


# ---------------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (units.newton, "kg·m/s^2"),
        (units.pascal, "kg/(m·s^2)"),
        (1 / units.second, "1/s"),
        (units.hour, "s"),
        (units.kilo * units.meter, "m"),
        (3 * units.meter, "m"),
        (sympy.sqrt(units.meter), "m^(1/2)"),
        (units.length, "m"),
        (units.G, "m^3/(kg·s^2)"),
        (units.steradian, "a plain number"),
        (units.radian, "a plain number"),
        (1, "a plain number"),
        (units.coulomb, "A·s"),
    ],
)
def test_units_of_sympy_are_read(unit, text):
    assert written(dimension_of("x", unit)) == text


def test_units_of_pint_are_read():
    # what units and quantities of pint 0.24 say of themselves
    newton = SimpleNamespace(dimensionality={"[mass]": 1, "[length]": 1.0, "[time]": -2.0})
    assert dimension_of("x", newton) == dimension_of("x", units.newton)
    root = SimpleNamespace(dimensionality={"[length]": 0.5, "[substance]": -1})
    assert dimension_of("x", root) == (("m", Fraction(1, 2)), ("mol", Fraction(-1)))
    assert warnings(sympy.sin(x / L), known={"x": newton, "L": newton}) == []
    assert len(warnings(sympy.sin(x), known={"x": newton})) == 1


@pytest.mark.parametrize(
    "unit", ["meter", None, x, METRE + SECOND, METRE**x, math.nan, [METRE], True]
)
def test_what_is_no_unit_is_refused(unit):
    with pytest.raises(TypeError, match=r"^the unit of x is "):
        check_units((sympy.sin(x), [x]), {"x": unit})


def test_names_and_numbers_of_outputs_are_checked():
    source = ([x, t], [x, t])
    with pytest.raises(ValueError, match="inputs names 'q', which is no input; they are x, t"):
        check_units(source, {"q": METRE})
    with pytest.raises(ValueError, match="output names 'q', which is no output; they are y_1, y_2"):
        check_units(source, {}, {"q": METRE})
    with pytest.raises(ValueError, match="output has 1 units; the formula has 2 outputs"):
        check_units(source, {}, METRE)
    with pytest.raises(TypeError, match="inputs is 'm'; a mapping"):
        check_units(source, "m")
    with pytest.raises(TypeError, match="source is a str"):
        check_units("x + t", {})
    assert check_units(source, {x: METRE, "t": SECOND}, [None, SECOND]) == []
    assert len(check_units(source, {x: METRE}, {"y_1": SECOND})) == 1
