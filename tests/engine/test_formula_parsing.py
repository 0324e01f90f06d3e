"""Formulas typed by a person are read, and nothing else is ever run."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from kanwidget.formula.parsing import DEEPEST, FUNCTIONS, LONGEST, parse

x, y = sympy.symbols("x y")
NAMES = ["x", "y"]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("exp(sin(pi*x) + y**2)", sympy.exp(sympy.sin(sympy.pi * x) + y**2)),
        ("x^2 - -y/3", x**2 + y / 3),
        ("2*x^2", 2 * x**2),
        ("0.5*x + 1e-3", x / 2 + sympy.Rational(1, 1000)),
        ("+π*e", sympy.pi * sympy.E),
        ("ln(x) * arcsin(y) + abs(x)", sympy.log(x) * sympy.asin(y) + sympy.Abs(x)),
        ("  sqrt(2)*x  ", sympy.sqrt(2) * x),
        ("2**x", 2**x),
    ],
)
def test_formulas_are_read_as_people_mean_them(text, expression):
    assert parse(text, NAMES) == expression


def test_names_of_inputs_come_before_constants():
    assert parse("e*2", ["e"]) == 2 * sympy.Symbol("e")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no formula"),
        ("x +", "no formula"),
        ("x = 2", "no formula"),
        ("x\x00", "no formula"),
        ("(" * 300 + "x" + ")" * 300, "no formula"),
        ("z + 1", "name 'z'; the inputs are x, y"),
        ("foo(x)", "'foo\\(x\\)'; the functions are exp"),
        ("__import__('os').system('true')", "the functions are"),
        ("x.__class__", "'x.__class__'"),
        ("[x][0]", "holds"),
        ("lambda: x", "holds"),
        ("x if x else y", "holds"),
        ("x // y", "holds 'x // y'"),
        ("sin(x, y)", "sin takes one argument"),
        ("sin(*x)", "sin takes one argument"),
        ("sin(x=y)", "sin takes one argument"),
        ("'x'", "finite real numbers"),
        ("True", "finite real numbers"),
        ("2j", "finite real numbers"),
        ("1e999", "finite real numbers"),
        ("1/0", "no value"),
        ("x/(1 - 1)", "no value"),
        ("0**-1", "no value"),
        ("log(0)", "no value"),
        ("9**9**9", "too large"),
        ("2**1e6", "too large"),
        ("7" * 400, "too long"),
        ("x" + "+x" * LONGEST, "characters"),
        ("-" * (DEEPEST + 1) + "x", "deep"),
    ],
)
def test_everything_else_is_refused_in_a_sentence(text, says):
    with pytest.raises(ValueError, match=says) as error:
        parse(text, NAMES)
    assert len(str(error.value)) < 500


def test_only_text_is_read():
    with pytest.raises(TypeError, match="text is needed"):
        parse(3, NAMES)


WORDS = st.sampled_from(
    [*"xyz0123456789.()[]+-*/^,'\" ", "**", "__", "import", "lambda ", "1e", *FUNCTIONS, "(x)"]
)


@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_text_gives_an_expression_or_a_sentence(text):
    try:
        found = parse(text, NAMES)
    except ValueError as error:
        assert str(error)
    else:
        assert isinstance(found, sympy.Expr)
        assert found.free_symbols <= {x, y}
