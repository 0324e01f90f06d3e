import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import acos, asin, atan, cos, exp, log, pi, sin, sqrt, tan, tanh

import kanwidget
from kanwidget.compiler import compile_expression, kanpiler
from kanwidget.symbolic import library
from tests.networks import points

a, b, c, d, x, y, z = sympy.symbols("a b c d x y z")
p, q, r = sympy.symbols("p q r", positive=True)
HALF = sympy.Rational(1, 2)


def shape(model):
    """What the network shows of its nodes: 3, or [sums, products]."""
    width = [model.width[0]]
    for layer in model.layers:
        sums = layer.nodes.arity.count(1)
        width.append(sums if sums == layer.nodes.count else [sums, layer.nodes.count - sums])
    return width


def functions(model):
    return [
        sorted(layer.functions[i, j].name for j, i in layer.alive.nonzero().tolist())
        for layer in model.layers
    ]


def reference(expression, variables, inputs):
    """Values by sympy and scipy (N,), and the size of the largest number that they come from."""
    columns, largest = inputs.numpy().T, 1.0
    for part in sympy.postorder_traversal(expression):
        if not part.is_Number:
            values = sympy.lambdify(variables, part, ["scipy", "numpy"])(*columns)
            largest = max(largest, np.abs(values).max())
    values = sympy.lambdify(variables, expression, ["scipy", "numpy"])(*columns)
    return torch.tensor(values, dtype=torch.float64).expand(len(inputs)), largest


def assert_equals(model, expressions, variables, inputs):
    """The network equals the expressions, and is made of functions that all lead somewhere."""
    outputs = model(inputs)
    assert outputs.shape == (len(inputs), len(expressions))
    for column, expression in enumerate(expressions):
        expected, largest = reference(expression, variables, inputs)
        torch.testing.assert_close(outputs[:, column], expected, rtol=1e-12, atol=1e-12 * largest)
    for l, layer in enumerate(model.layers):
        assert not (layer.alive & ~layer.symbolic).any()
        assert not (layer.alive & layer.numeric).any()
        if l + 1 < model.depth:
            above = model.layers[l + 1]
            assert layer.alive.any(1).all()
            assert above.alive.any(0).all()


# ---------------------------------------------------------------------- how small


@pytest.mark.parametrize(
    ("expression", "width", "edges"),
    [
        (exp(sin(pi * x) + y**2), [2, 1, 1], 3),
        (sqrt(x**2 + y**2), [2, 1, 1], 3),
        (3 * sin(2 * x + 1) + 4, [1, 1], 1),
        (x * y, [2, [0, 1]], 2),
        (-3 * x * y * z, [3, [0, 1]], 3),
        (x * y + 1, [2, [0, 1], 1], 3),
        (x / y, [2, [0, 1]], 2),
        (x**3 / y**2, [2, [0, 1]], 2),
        (2 * sin(x) * cos(y), [2, [0, 1]], 2),
        ((x + y) * (z - 2 * x + 1), [3, [0, 1]], 4),
        ((x + y) / (1 + x * y), [2, [1, 1], [0, 1]], 6),
        (x * y - z * a, [4, [0, 2], 1], 6),
        (sin(x) + sin(y**2), [2, 2, 1], 4),
        (sqrt((x - y) ** 2 + (a - b) ** 2), [4, 2, 1, 1], 7),
        (exp((sin(pi * (a**2 + b**2)) + sin(pi * (c**2 + d**2))) / 2), [4, 2, 1, 1], 7),
        # one edge can hold a parabola, a squared sine, a bell and a logistic
        (x**2 / 2 - x, [1, 1], 1),
        (x**3 + x**2 + x, [1, 2, 1], 4),
        (x**4 - x**3 + y**2 / 2 - y, [2, 2, 1], 5),
        (exp(sin(x) ** 2 + cos(y) ** 2), [2, 1, 1], 3),
        (exp(-((x - 1) ** 2) / 2) / sqrt(2 * pi), [1, 1], 1),
        (1 / (2 + 3 * exp(-x - y)), [2, 1, 1], 3),
        # what occurs twice is computed once, multiples and shifts of it too
        (sin(x + y + 1) * exp(2 * x + 2 * y), [2, 1, [0, 1]], 4),
        ((x + y) ** 2 + x + y, [2, 1, 1], 3),
        # but a sum cannot have two edges from one node
        (exp(x + y) + x + y, [2, 2, 1], 6),
        # several values needed late travel as one
        (sin(sin(sin(a * b))) + x + y + z, [5, [1, 1], 2, 2, 1], 11),
        (sin(sin(sin(a + b))) * x * y * z, [5, [1, 1], 2, 2, [0, 1]], 11),
        (sin(sin(a)) + sin(x) * exp(x) + tanh(sin(x) * log(x)), [2, [1, 2], 1], 8),
        # sympy splits the root where the variables are known to be positive
        (sqrt(x * y), [2, [0, 1], 1], 3),
        (sqrt(p * q), [2, [0, 1]], 2),
        (2**x, [1, 1], 1),
        (x**y, [2, [0, 1], 1], 3),
        (x**0.5, [1, 1], 1),
        (x, [1, 1], 1),
    ],
)  # fmt: skip
def test_networks_are_as_small_as_the_expression_allows(expression, width, edges):
    model = compile_expression(expression)
    assert shape(model) == width
    assert len(model.edges()) == edges
    variables = sorted(expression.free_symbols, key=str)
    assert_equals(model, [expression], variables, points(40, len(variables), 0.4, 1.6))


def test_numbers_go_into_the_edges_they_meet():
    model = compile_expression(3 * sin(2 * x + 1) + 4)
    assert model.layers[0].affine[0, 0].tolist() == [2.0, 1.0, 3.0, 4.0]
    model = compile_expression(tanh(5 * (x**4 + y**4 - 1)))
    assert model.layers[0].affine[0].tolist() == [[1.0, 0.0, 1.0, 0.0]] * 2
    assert model.layers[1].affine[0, 0].tolist() == [5.0, -5.0, 1.0, 0.0]
    assert functions(model) == [["x^4", "x^4"], ["tanh"]]


def test_what_cancels_is_gone():
    model = compile_expression((x + 1) ** 2 - x**2 - 2 * x + y)
    assert shape(model) == [2, 1]
    assert model.edges() == [(0, 1, 0)]
    assert model(torch.tensor([[5.0, 2.0]])).item() == 3.0


@pytest.mark.parametrize(
    ("expression", "edges"),
    [(x**2 + 10**8 * x, 4), (x**2 + 10 * x, 1), (exp(-(x**2) - 90), 2), (exp(-(x**2) - 9), 1)],
)
def test_forms_that_would_lose_digits_are_kept_apart(expression, edges):
    model = compile_expression(expression)
    assert len(model.edges()) == edges
    inputs = torch.tensor([[1e-9], [1e-3], [1.0], [3.0]], dtype=torch.float64)
    exact = [float(expression.evalf(30, subs={x: sympy.Float(u.item(), 30)})) for u in inputs]
    torch.testing.assert_close(model(inputs)[:, 0].tolist(), exact, rtol=1e-13, atol=1e-14)


def test_products_have_the_edges_of_their_factors():
    assert functions(compile_expression(x**2 * sqrt(y) / z)) == [["1/x", "sqrt", "x^2"]]
    assert functions(compile_expression(-x * y)) == [["x", "x"]]
    model = compile_expression(x * y * z * a * b)
    assert model.layers[0].nodes.arity == (5,)


def test_a_hundred_variables_are_one_layer_of_cosines():
    many = sympy.symbols("x_1:101")
    model = compile_expression(exp(sum(sin(pi * each / 2) ** 2 for each in many) / 100), many)
    assert shape(model) == [100, 1, 1]
    assert len(model.edges()) == 101
    inputs = points(20, 100)
    expected = torch.exp((torch.sin(torch.pi * inputs / 2) ** 2).mean(1, keepdim=True))
    torch.testing.assert_close(model(inputs), expected, rtol=1e-13, atol=0)


# ---------------------------------------------------------------------- variables and outputs


def test_outputs_share_what_they_have_in_common():
    h = sin(x + y)
    model = compile_expression([exp(h), 1 + 2 * h * z, x + y, h])
    assert shape(model) == [3, 2, [2, 1], 4]
    assert_equals(model, [exp(h), 1 + 2 * h * z, x + y, h], [x, y, z], points(30, 3))


def test_inputs_that_many_outputs_need_late_travel_as_themselves():
    outputs = [sin(sin(sin(a))), x * y, x / y, x - y]
    model = compile_expression(outputs)
    assert shape(model) == [3, 3, 3, [2, 2]]
    assert_equals(model, outputs, [a, x, y], points(30, 3, 0.5, 1.5))


def test_outputs_keep_their_order_where_products_come_first():
    outputs = [x * y, x + y, y / x, sympy.Integer(3), x]
    model = compile_expression(outputs)
    assert model.layers[0].nodes.arity == (2, 1, 2, 1, 1)
    assert model.output_names == ["y_1", "y_2", "y_3", "y_4", "y_5"]
    assert_equals(model, outputs, [x, y], points(30, 2, 0.5, 1.5))


def test_variables_are_sorted_by_name_or_stand_as_given():
    assert compile_expression(b + 2 * a).input_names == ["a", "b"]
    model = compile_expression(b + 2 * a, [c, b, a])
    assert model.input_names == ["c", "b", "a"]
    assert model(torch.tensor([[7.0, 1.0, 10.0]])).item() == 21.0
    assert not model.layers[0].alive[:, 0].any()


@pytest.mark.parametrize("constant", [3, 2.5, sympy.Integer(0), pi / 2, x - x])
def test_constants_are_networks_too(constant):
    model = compile_expression(constant, [x, y])
    assert model.edges() == []
    assert model(points(3, 2)).tolist() == [[float(constant)]] * 3


def test_symbols_of_one_name_may_differ_between_calls_only():
    real = sympy.Symbol("x", real=True)
    assert functions(compile_expression(sqrt(real**2))) == [["abs"]]
    assert functions(compile_expression(sqrt(x**2))) == [["abs"]]
    with pytest.raises(ValueError, match=r"^variables are x, x; every name may stand there once$"):
        compile_expression(x + real)


def test_kanpiler_is_the_same_under_the_name_of_pykan():
    model = kanpiler([x, y], exp(sin(pi * x) + y**2), grid=4)
    assert repr(model) == "KAN(width=[2, 1, 1], grid=4, k=3, 3 live edges)"


# ---------------------------------------------------------------------- equal to the expression

m, g, k, T, h, w, v, t, n = sympy.symbols("m g k T h w v t n")
FORMULAS = {  # of the Feynman lectures, as listed in arXiv 1905.11481
    "I.6.2": exp(-((t / w) ** 2) / 2) / (sqrt(2 * pi) * w),
    "I.9.18": g * m * n / ((a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2 + 3),
    "I.10.7": m / sqrt(1 - v**2 / (16 * c**2)),
    "I.11.19": a * x + b * y + c * z,
    "I.12.2": a * b / (4 * pi * g * r**2),
    "I.12.11": a * (b + c * v * sin(t)),
    "I.13.4": m * (v**2 + w**2 + x**2) / 2,
    "I.15.3x": (x - v * t) / sqrt(1 - v**2 / (16 * c**2)),
    "I.16.6": (v + w) / (1 + v * w / c**2),
    "I.18.4": (m * a + n * b) / (m + n),
    "I.26.2": asin(n * sin(t) / 3),
    "I.27.6": 1 / (1 / a + n / b),
    "I.29.16": sqrt(x**2 + y**2 - 2 * x * y * cos(a - b) + 1),
    "I.30.3": a * sin(n * t / 2) ** 2 / sin(t / 2) ** 2,
    "I.37.4": p + q + 2 * sqrt(p * q) * cos(d),
    "I.40.1": n * exp(-m * g * x / (k * T)),
    "I.41.16": h * w**3 / (pi**2 * c**2 * (exp(h * w / (k * T)) - 1)),
    "I.44.4": n * k * T * log(a / b),
    "I.50.26": x * (cos(w * t) + a * cos(w * t) ** 2),
    "II.6.15a": 3 * p * z * sqrt(x**2 + y**2) / (4 * pi * g * r**5),
    "II.11.28": 1 + n * a / (1 - n * a / 9),
    "II.24.17": sqrt(w**2 / c**2 - pi**2 / (d + 9) ** 2 + 3),
    "II.35.18": n / (exp(m * b / (k * T)) + exp(-m * b / (k * T))),
    "II.35.21": n * tanh(m * b / (k * T)),
    "III.9.52": p * g * t / h * sin((w - v) * t / 2) ** 2 / ((w - v) * t / 2 + 3) ** 2,
    "III.10.19": m * sqrt(x**2 + y**2 + z**2),
    "III.14.14": a * (exp(b * v / (k * T)) - 1),
    "III.15.12": 2 * a * (1 - cos(k * d)),
    "III.17.37": b * (1 + a * cos(t)),
    "Goldstein 3.74": 2 * pi * p ** (3 * HALF) / sqrt(q * r),
    "every function": sum(
        each(x / 3) for each in (sin, cos, tan, tanh, asin, acos, atan, sympy.sinh, sympy.cosh,
                                 sympy.atanh, sympy.Abs, sympy.sign, log, exp, sqrt)
    ),
    "powers": sum((x + n) ** power for n, power in enumerate(
        [2, 3, 4, 5, 6, 11, -1, -2, -3, -4, -5, -6, 0.5, -HALF, 1.5, 2.0, -0.75, pi, sympy.Rational(-7, 3)]
    )),
    "exponents": x**y + (x + y) ** (2 * z + 1) + 2 ** (x * y) + pi**-z + p**q,
    "maximum": sympy.Max(x - 1, 0) + y * sympy.Min(z, HALF) + sympy.floor(3 * a) * sympy.Heaviside(b - 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_of_physics_are_exact(name):
    expression = FORMULAS[name]
    variables = sorted(expression.free_symbols, key=str)
    model = compile_expression(expression)
    assert model.input_names == [str(variable) for variable in variables]
    assert_equals(model, [expression], variables, points(60, len(variables), 0.5, 1.5))


def number_above(least):
    return st.builds(sympy.Rational, st.integers(least, 9), st.integers(1, 4))


@st.composite
def expressions(draw, depth=4):
    """A tree that is finite wherever its variables are, with exact numbers."""
    kinds = ["leaf", "sum", "product", "ratio", "power", "root", "log", "outer", "sum", "product"]
    kind = draw(st.sampled_from(kinds))
    if depth == 0 or kind == "leaf":
        return draw(st.one_of(st.sampled_from([x, y, z]), number_above(-9)))
    first, second = (draw(expressions(depth - 1)) for _ in range(2))
    scale, shift = draw(number_above(-9)), draw(number_above(-9))
    if kind == "sum":
        return first + scale * second
    if kind == "product":
        return first * second
    if kind == "ratio":
        return first / (1 + second**2)
    if kind == "power":
        return first ** draw(st.integers(2, 3))
    if kind == "root":
        return sqrt(1 + first**2)
    if kind == "log":
        return log(2 + cos(first))
    outer = draw(st.sampled_from([sin, cos, tanh, atan, lambda u: exp(sin(u))]))
    return outer(scale * first + shift)


@settings(max_examples=100)
@given(tree=expressions())
def test_any_expression_is_exact(tree):
    model = compile_expression(tree, [x, y, z])
    assert_equals(model, [tree], [x, y, z], points(20, 3, -1.4, 1.6))


@settings(max_examples=40)
@given(trees=st.lists(expressions(3), min_size=2, max_size=4))
def test_any_expressions_together_are_exact_and_not_deeper_than_alone(trees):
    model = compile_expression(trees, [x, y, z])
    assert_equals(model, trees, [x, y, z], points(20, 3, -1.4, 1.6))
    assert model.depth == max(compile_expression(tree, [x, y, z]).depth for tree in trees)


# ---------------------------------------------------------------------- functions the library lacks


@pytest.mark.parametrize(
    "function",
    [
        *(sympy.erf, sympy.gamma, sympy.loggamma, sympy.digamma, sympy.asinh, sympy.sec, sympy.Si),
        *(sympy.LambertW, sympy.sinc, sympy.airyai, lambda u: sympy.besselj(0, 20 * u)),
        *(lambda u: sympy.besselj(2, u), lambda u: sympy.bessely(0, u), lambda u: sympy.besselk(1, u)),
        *(lambda u: sympy.besseli(0, u), sympy.elliptic_k, lambda u: sympy.polylog(2, u)),
    ],
    ids=lambda function: str(function(x)),
)  # fmt: skip
def test_functions_that_the_library_lacks_have_values_and_derivatives(function):
    expression = function(x)
    inputs = points(12, 1, 0.2, 0.8).requires_grad_()
    model = compile_expression(expression + y, [x, y])
    assert shape(model) == [2, 1]
    own = model.layers[0].functions[0, 0]
    values = model.layers[0].edge_output(0, 0, inputs[:, 0])
    (slopes,) = torch.autograd.grad(values.sum(), inputs, create_graph=True)
    (curvatures,) = torch.autograd.grad(slopes.sum(), inputs)
    expected = [[expression, expression.diff(x), expression.diff(x, 2)]]
    for row, *found in zip(inputs, values, slopes, curvatures, strict=True):
        for each, order in zip(found, expected[0], strict=True):
            exact = complex(order.evalf(20, subs={x: sympy.Float(row.item(), 20)}))
            assert abs(each.item() - exact) <= 1e-11 * max(1.0, abs(exact))
    a_of_edge = model.layers[0].affine[0, 0, 0].item()
    torch.testing.assert_close(
        own.derivative(a_of_edge * inputs.detach()), slopes.detach() / a_of_edge
    )
    (formula,), _ = model.symbolic_formula([x, y], digits=None)
    torch.testing.assert_close(
        float((formula - expression - y).subs({x: HALF}).evalf()), 0.0, rtol=0, atol=1e-12
    )


def test_own_functions_survive_copy_and_pickle():
    model = compile_expression(sympy.besselj(0, x) + y**7 + sympy.elliptic_k(z / 9))
    inputs = points(5, 3)
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(again(inputs), model(inputs))


def test_edges_with_one_own_function_share_it():
    model = compile_expression(sympy.erf(x) + sympy.erf(2 * y) + x**8 * y**8)
    held = [f for layer in model.layers for f in layer.functions.values() if f.name != "x"]
    assert len(held) == 4
    assert len({id(function) for function in held}) == 2


# ---------------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (sympy.atan2(y, x), r"^expression holds atan2\(y, x\), a function of more than one argument"),
        (1 + sympy.Max(x, y), r"^expression holds Max\(x, y\), a function of more than one"),
        (sympy.Piecewise((x, x > 0), (y, True)) + z, r"^expression holds Piecewise\(\(x, x > 0\), "),
        (sympy.Derivative(sympy.Function("f")(x), x), r"^expression holds Derivative\(f\(x\), x\), "),
        (sympy.Integral(sin(x * y), (x, 0, 1)), r"^expression holds Integral.* doit\(\) may do it$"),
        (sympy.Function("f")(x), r"^expression holds f\(x\), which is no function of numbers"),
        (x < y, r"^expression is the StrictLessThan x < y; one of real values is needed$"),
        (sympy.Matrix([x, y]), r"^expression is the MutableDenseMatrix Matrix\(\[\[x\], \[y\]\]\);"),
        (sympy.I * x + y, r"^expression holds I, which is not a finite real number$"),
        (x + log(-2), r"^expression holds .*I\*pi.*, which is not a finite real number$"),
        (x * sympy.zoo, r"^expression holds zoo, which is not a finite real number$"),
        (sympy.Integer(10) ** 400 * x, r"^expression holds 1000+, which is not a finite real number"),
        ((-2) ** x, r"^expression holds \(-2\)\*\*x, a power whose base is not positive$"),
        (sympy.zeta(x), r"^expression holds zeta\(x\), of which sympy knows no derivative"),
        (sympy.DiracDelta(x), r"^expression holds DiracDelta\(x\), which neither torch, scipy nor"),
        ([], r"^expression is an empty list"),
        (sympy.Integer(3), r"^there are no variables; name at least one"),
        (x + sympy.Symbol("u", imaginary=True), r"^u is declared not to be real"),
    ],
)  # fmt: skip
def test_what_no_network_can_be_gets_a_sentence_that_names_the_part(expression, sentence):
    with pytest.raises(ValueError, match=sentence):
        compile_expression(expression)


def test_strings_are_not_evaluated():
    with pytest.raises(TypeError, match=r"^expression is the string 'x\*\*2'; strings are not"):
        compile_expression("x**2")
    with pytest.raises(TypeError, match=r"^expression is None of type NoneType; a sympy"):
        compile_expression([x, None])
    with pytest.raises(TypeError, match=r"^variables hold 'x'; sympy symbols are needed$"):
        compile_expression(x, ["x"])


def test_expressions_nested_beyond_reason_get_a_sentence():
    nested = x
    for _ in range(3000):
        nested = sin(nested, evaluate=False)
    with pytest.raises(ValueError, match=r"^expression is nested too deeply to be read$"):
        compile_expression(nested)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"variables": [x]}, r"^expression holds y, not among the variables x$"),
        ({"variables": [x, y, x]}, r"^variables are x, y, x; every name may stand there once$"),
        ({"ranges": (1, 0)}, r"^ranges are \(1, 0\); \(low, high\) or a list of 2 such pairs"),
        ({"ranges": (-1, 1)}, r"^the expression is not finite on \d+ of 1000 samples, in node layer 1"),
        ({"ranges": (0, 1), "dataset": torch.ones(3, 2)}, r"^ranges and dataset are both given"),
        ({"dataset": torch.ones(3, 1)}, r"^x has the shape \(3, 1\); this network takes"),
        ({"dataset": torch.ones(0, 2)}, r"^dataset has no training inputs"),
        ({"grid": 0}, r"^grid is 0; a whole number of at least 1"),
        ({"dtype": torch.int32}, r"^dtype is torch.int32"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_get_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        compile_expression(log(x) + y, **options)


# ---------------------------------------------------------------------- what lies behind


def test_with_ranges_a_spline_lies_behind_every_function():
    expression = exp(sin(pi * x) + y**2)
    model = compile_expression(expression, ranges=[(-1, 1), (0, 2)], grid=20)
    first = model.layers[0].knots[:, [3, -4]]
    torch.testing.assert_close(first, torch.tensor([[-1.0, 1.0], [0.0, 2.0]], dtype=torch.float64))
    assert model.calibration.shape == (1000, 2)
    hidden = model.node_values(model.calibration)[1]
    assert model.layers[1].knots[0, 3] == hidden.min()
    assert model.layers[1].knots[0, -4] == hidden.max()
    before = model(model.calibration).detach()
    for edge in model.edges():
        model.unfix_symbolic(*edge)
    assert not any(layer.symbolic.any() for layer in model.layers)
    assert (model(model.calibration) - before).std() < 1e-3 * before.std()


def test_products_and_removed_edges_have_splines_too():
    model = compile_expression([x * y, z + sin(x)], ranges=(0.5, 2), grid=10)
    inputs = model.calibration
    before = model(inputs).detach()
    for edge in model.edges():
        model.unfix_symbolic(*edge)
    torch.testing.assert_close(model(inputs), before, rtol=0, atol=1e-4)
    after = model(inputs).detach()
    for l, i, j in model.edges(alive=False):
        model.restore_edge(l, i, j)
    torch.testing.assert_close(model(inputs), after)


def test_restored_edges_start_at_zero_without_ranges_too():
    model = compile_expression([x + y, z], sparse_init=True)
    before = model(points(9, 3)).detach()
    assert len(model.edges()) == 3
    assert model.calibration is None
    for edge in model.edges(alive=False):
        model.restore_edge(*edge)
    assert len(model.edges()) == 6
    assert torch.equal(model(points(9, 3)), before)


def test_a_dataset_stands_for_ranges():
    data = kanwidget.create_dataset(lambda u: u[:, 0] * u[:, 1], ranges=(1, 3), train_num=80)
    model = compile_expression(x * y, dataset=data)
    assert torch.equal(model.calibration, data.train_input)
    assert model.layers[0].knots[0, 3] == data.train_input[:, 0].min()


def test_the_seed_decides_the_samples():
    first, again, other = (
        compile_expression(sin(x), ranges=(0, 1), seed=seed).calibration for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_compiled_networks_can_be_trained():
    truth = kanwidget.create_dataset(
        lambda u: 1.3 * torch.sin(2.1 * u[:, 0] + 0.2) * u[:, 1] ** 2, train_num=200, test_num=50
    )
    model = compile_expression(sin(2 * x) * y**2, dataset=truth)
    before = (model(truth.test_input) - truth.test_label).square().mean().sqrt()
    model.fit(truth, steps=10)
    after = (model(truth.test_input) - truth.test_label).square().mean().sqrt()
    assert after < 1e-4 * before


def test_float32_keeps_its_digits():
    model = compile_expression(exp(sin(pi * x) + sympy.erf(y)), dtype=torch.float32)
    inputs = points(30, 2)
    exact = compile_expression(exp(sin(pi * x) + sympy.erf(y)))(inputs)
    assert model(inputs.float()).dtype == torch.float32
    torch.testing.assert_close(model(inputs.float()).double(), exact, rtol=1e-5, atol=0)


# ---------------------------------------------------------------------- back to a formula


def assert_same(formula, expression):
    """Sympy proves them equal, once the formula's numbers are recognised."""
    known = {
        number: sympy.nsimplify(number, [pi, sqrt(2)], tolerance=1e-13)
        for number in formula.atoms(sympy.Float)
    }
    assert sympy.simplify(formula.xreplace(known) - expression) == 0


@pytest.mark.parametrize(
    "expression",
    [
        exp(sin(pi * x) + y**2),
        sqrt(x**2 + y**2),
        sin(x) + sin(y**2) + 3,
        x**3 + x**2 + x,
        tanh(5 * (x**4 + y**4 + z**4 - 1)),
        log(x + 2 * y) - atan(x - y / 4) / 8,
        exp(-(x**2) / 2) + 1 / (1 + exp(-y)),
        sqrt((x - y) ** 2 + (a - b) ** 2),
        sin(x) ** 2 + cos(2 * y) ** 2,
        1 / (x + y) ** 6 + sympy.besselj(0, 20 * x),
    ],
)
def test_the_formula_of_a_compiled_sum_is_the_expression(expression):
    variables = sorted(expression.free_symbols, key=str)
    (formula,), _ = compile_expression(expression).symbolic_formula(variables, digits=None)
    assert_same(formula, expression)


@pytest.mark.parametrize(
    "expression",
    [x * y + 1, (x + y) / (1 + x * y), x**2 * sin(y) / z, x * y - a * b, sqrt(p * q) * cos(x - y)],
)
def test_the_formula_of_a_compiled_product_is_the_expression(expression):
    variables = sorted(expression.free_symbols, key=str)
    (formula,), _ = compile_expression(expression).symbolic_formula(variables, digits=None)
    assert_same(formula, expression)


def test_a_symbolic_network_compiles_back_to_itself():
    model = kanwidget.KAN([2, 5, 1], seed=3)
    random = torch.Generator().manual_seed(0)
    for l, i, j in model.edges():
        function = library.get(["sin", "tanh", "exp", "abs"][(i + j) % 4])
        model.layers[l].set_symbolic(i, j, function, torch.rand(4, generator=random).tolist())
    (formula,), variables = model.symbolic_formula(digits=None)
    again = compile_expression(formula, variables)
    assert shape(again) == [2, 5, 1]
    assert len(again.edges()) == 15
    inputs = points(50, 2)
    torch.testing.assert_close(again(inputs), model(inputs), rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------- light, and leaving no trace


def test_sympy_is_loaded_when_the_compiler_is_used():
    code = (
        "import sys, kanwidget, kanwidget.compiler; assert 'sympy' not in sys.modules;"
        "kanwidget.compiler.compile_expression; assert 'sympy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_compiling_writes_nothing_and_touches_no_global_seed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = torch.get_rng_state()
    compile_expression([x * y, sympy.besselj(0, x)], ranges=(0, 1))
    kanpiler([x], sin(x))
    assert torch.equal(torch.get_rng_state(), state)
    assert list(tmp_path.iterdir()) == []
