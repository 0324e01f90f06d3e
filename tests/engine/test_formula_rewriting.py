import math

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kanwidget.formula import formula, symbolic_formula
from kanwidget.formula.evaluate import Evaluator
from kanwidget.formula.exact import exact
from kanwidget.formula.rewriting import Rewriting, length, rebuilt
from tests.engine.test_formula import inputs, network
from tests.networks import points, remove_without_trace

x, y, z = sympy.symbols("x y z")
F = sympy.Float


def unevaluated(text):
    """A sum or product just as it is written, apart from fractions and signs."""

    def flat(expression):
        args = [flat(argument) for argument in expression.args]
        return rebuilt(expression, args) if args else expression

    return flat(sympy.sympify(text, locals={"x": x, "y": y, "z": z}, evaluate=False))


def built(edges, width):
    """A network with only these edges: (l, i, j) to a function and a, b, c, d."""
    model = network(width)
    for l, layer in enumerate(model.layers):
        for i in range(layer.n_in):
            for j in range(layer.n_out):
                if (l, i, j) in edges:
                    name, params = edges[l, i, j]
                    layer.set_symbolic(i, j, name_to_function(name), params)
                else:
                    remove_without_trace(layer, i, j)
    return model


def name_to_function(name):
    from kanwidget.symbolic import library

    return library.get(name)


def quotient(off=0.0):
    """x/y as exp(log x - log y), its numbers off by so much."""
    return built(
        {
            (0, 0, 0): ("log", (1, 0, 1 + off, off)),
            (0, 1, 0): ("log", (1, off, -1, 0)),
            (1, 0, 0): ("exp", (1, 0, 1 - off, 0)),
        },
        [2, 1, 1],
    )


def polarised(off=0.0):
    """x·y as ¼(x + y)² - ¼(x - y)², its numbers off by so much."""
    return built(
        {
            (0, 0, 0): ("x", (1, 0, 1 + off, 0)),
            (0, 1, 0): ("x", (1, 0, 1, off)),
            (0, 0, 1): ("x", (1, 0, 1, 0)),
            (0, 1, 1): ("x", (1, 0, -1 + off, 0)),
            (1, 0, 0): ("x^2", (1, 0, 0.25, 0)),
            (1, 1, 0): ("x^2", (1, off, -0.25, 0)),
        },
        [2, 2, 1],
    )


@pytest.mark.parametrize("off", [0.0, 1e-9])
def test_a_quotient_learnt_with_logarithms_is_a_quotient(off):
    found = formula(quotient(off), points(200, 2, 0.5, 2), var=["x", "y"])
    assert found.latex == r"\frac{x}{y}"
    assert found.full_error < 1e-14
    assert found.shown_error <= 20 * off + 1e-14
    if off == 0:
        assert found.expressions == [x / y]
        assert symbolic_formula(quotient(), var=["x", "y"])[0] == [x / y]


@pytest.mark.parametrize("off", [0.0, 1e-9])
def test_a_product_learnt_with_squares_is_a_product(off):
    found = formula(polarised(off), inputs(2), var=["x", "y"])
    assert found.latex == "x y"
    assert found.full_error < 1e-14
    assert found.shown_error <= 20 * off + 1e-14
    if off == 0:
        assert found.expressions == [x * y]


def test_a_quotient_keeps_its_logarithms_where_it_would_have_more_values():
    data = torch.tensor([[1.0, 2.0], [-1.0, 2.0], [3.0, 0.5]], dtype=torch.float64)
    found = formula(quotient(), data, var=["x", "y"])
    assert found.full_error == 0
    assert found.expressions[0].has(sympy.log)
    assert found.shown_error == 0


def test_keplers_law_has_its_powers():
    model = built(
        {
            (0, 0, 0): ("log", (1, 0, 1.5, 0)),
            (0, 1, 0): ("log", (1, 0, -0.5, 0)),
            (0, 2, 0): ("log", (1, 0, -0.5, 0)),
            (1, 0, 0): ("exp", (1, 0, 2 * math.pi, 0)),
        },
        [3, 1, 1],
    )
    found = formula(model, points(200, 3, 0.3, 2), var=["d", "G", "M"])
    d, g, m = sympy.symbols("d G M")
    kepler = 2 * sympy.pi * d ** sympy.Rational(3, 2) / sympy.sqrt(g * m)
    (written,) = found.exact_expressions
    positive = {s: sympy.Symbol(s.name, positive=True) for s in (d, g, m)}
    assert sympy.simplify((written - kepler).subs(positive)) == 0
    assert found.latex == r"\frac{2 \pi d^{\frac{3}{2}}}{\sqrt{G} \sqrt{M}}"


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("exp(log(x) - log(y))", "x/y"),
        ("exp(1.5*log(x) + z)", "x**(3/2)*exp(z)"),
        ("exp(2*log(x + 1) - 0.5*log(y))", "(x + 1)**2/sqrt(y)"),
        ("log(exp(x + y))", "x + y"),
        ("log(3*exp(x)*y)", "x + log(3*y)"),
        ("sqrt((x + y)**2)", "Abs(x + y)"),
        ("(x**3)**(1/3)", "x"),
        ("sqrt(x)**2", "x"),
        ("Abs(x)**2", "x**2"),
        ("Abs(exp(x))", "exp(x)"),
        ("sqrt(exp(x))", "exp(x/2)"),
        ("1/(1/(x + 1))", "x + 1"),
        ("tanh(atanh(x))", "x"),
        ("sin(asin(x + y))", "x + y"),
        ("sqrt(x)*x**(3/2)", "x**2"),
        ("0.25*(x + y)**2 - 0.25*(x - y)**2", "x*y"),
        ("2*(0.5*x + 0.5*y)**2 - 2*(0.5*x - 0.5*y)**2 + 3", "2*x*y + 3"),
        ("(x + 1/3)**3 + 2*x/3 - 1/27", "x**3 + x**2 + x"),
        ("0.25*(x + y)**2 - 0.25*(x - y)**2 + (x + z)**4", "x*y + (x + z)**4"),
        ("(1 - x)*(1 + x)", "1 - x**2"),
        ("sin(x + y) + sin(x - y)", "2*sin(x)*cos(y)"),
        ("3*cos(x - y) - 3*cos(x + y) + z", "6*sin(x)*sin(y) + z"),
        ("exp(0.25*(x + y)**2 - 0.25*(x - y)**2)", "exp(x*y)"),
    ],
)
def test_longer_forms_become_the_shorter_one(long, short):
    rewritten = Rewriting()(unevaluated(long))
    assert length(rewritten) <= length(unevaluated(short))
    at = {x: 0.7, y: 0.4, z: 0.9}
    assert float(rewritten.subs(at)) == pytest.approx(float(unevaluated(short).subs(at)))


@pytest.mark.parametrize(
    "kept",
    [
        "log(x**2)",
        "(x + y)**2",
        "(x + y)**5 + z",
        "x*(y + z)",
        "tanh(atanh(x) + atanh(y))",
        "asin(sin(x))",
        "exp(x + 2)",
        "0.25*(x + y)**2 - 0.24*(x - y - z)**2",
        "log(-2*exp(x))",
        "sin(x) + sin(y)",
    ],
)
def test_what_is_no_shorter_or_has_other_values_stays(kept):
    expression = unevaluated(kept)
    assert Rewriting()(expression) == expression


NUMBERS = st.sampled_from([-2, -1, -0.5, 0.25, 0.5, 1, 1.5, 2, 3])


def expressions(depth):
    if depth == 0:
        return st.sampled_from([x, y, z])
    inner = expressions(depth - 1)
    linear = st.tuples(NUMBERS, inner, NUMBERS, inner, NUMBERS).map(
        lambda t: sympy.Add(F(t[0]) * t[1], F(t[2]) * t[3], F(t[4]))
    )
    function = st.sampled_from(
        [sympy.exp, sympy.sin, sympy.cos, sympy.tanh, sympy.Abs, sympy.log, sympy.sqrt]
        + [lambda u, n=n: sympy.Pow(u, n, evaluate=False) for n in (-1, 2, 3)]
    )
    applied = st.tuples(function, linear).map(lambda t: t[0](t[1]))
    return st.one_of(linear, applied, st.tuples(applied, applied).map(lambda t: t[0] * t[1]))


@settings(max_examples=150, deadline=None)
@given(expressions(2))
def test_rewriting_keeps_the_values_and_never_lengthens(expression):
    rewritten = Rewriting()(expression)
    assert length(rewritten) <= length(expression)
    data = points(50, 3, -1.0, 2.0, seed=1)
    values = Evaluator(network([3, 1]), dict(zip((x, y, z), data.T, strict=True)))
    before, after = torch.broadcast_tensors(values(expression), values(rewritten))
    defined = before.isfinite()
    size = before[defined].abs().max() if defined.any() else 1
    assert bool(((after - before)[defined].abs() <= 1e-9 * size).all())


def test_numbers_that_are_exact_are_written_so():
    third, half_pi = F(1 / 3), F(math.pi / 2)
    expression = third * x**2 + sympy.sin(half_pi * y) + F(0.7391) * sympy.exp(F(0.5) * z) + F(0.25)
    written = exact(expression)
    assert written == (
        x**2 / 3 + sympy.sin(sympy.pi * y / 2) + F(0.7391) * sympy.exp(z / 2) + sympy.Rational(1, 4)
    )
    shown = exact(expression, digits=4)
    assert shown.has(sympy.Rational(1, 3), sympy.pi)
    assert shown.has(F(0.25))


def test_exact_expressions_equal_the_network():
    model = built(
        {
            (0, 0, 0): ("sin", (math.pi, math.pi / 3, 1 / 3, 0)),
            (0, 1, 0): ("x^2", (1, 0, math.sqrt(2), 1 / math.e)),
            (1, 0, 0): ("exp", (0.5, 0, 2, 0.1234567)),
        },
        [2, 1, 1],
    )
    found = formula(model, inputs(2), var=["x", "y"])
    (written,) = found.exact_expressions
    # the shift inside exp has become a factor, which is no simple number
    assert {float(f) for f in written.atoms(F)} == {2 * math.exp(0.5 / math.e), 0.1234567}
    assert written.has(sympy.pi, sympy.sqrt(2))
    at = {x: 0.3, y: -0.7}
    with torch.no_grad():
        expected = float(model(torch.tensor([[0.3, -0.7]], dtype=torch.float64)))
    assert float(written.subs(at)) == pytest.approx(expected, rel=1e-13)
    assert symbolic_formula(model, var=["x", "y"], exact=True)[0] == [written]
    assert found.expressions[0].atoms(sympy.pi.func) == set()
