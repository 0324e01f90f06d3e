import copy
import math
import pickle
import subprocess
import sys

import pytest
import sympy
import torch

from kanwidget.symbolic import library

PYKAN_NAMES = [
    *("0", "x", "x^2", "x^3", "x^4", "x^5", "1/x", "1/x^2", "1/x^3", "1/x^4", "1/x^5"),
    *("sqrt", "x^0.5", "x^1.5", "1/sqrt(x)", "1/x^0.5", "exp", "log", "abs", "sgn", "gaussian"),
    *("sin", "cos", "tan", "tanh", "arcsin", "arccos", "arctan", "arctanh"),
]
FUNCTIONS = library.resolve(None)


def inside(function, count=41):
    """Points of the function's domain, away from its ends and from 0."""
    low, high = max(function.interval[0], -3.0), min(function.interval[1], 3.0)
    margin = 0.01 * (high - low)
    u = torch.linspace(low + margin, high - margin, count, dtype=torch.float64)
    return u[u.abs() > 1e-3]


def test_all_29_names_of_pykan_and_older_tutorials_are_accepted():
    assert len(PYKAN_NAMES) == 29
    for name in [*PYKAN_NAMES, "cosh", "sinh", "sigmoid"]:
        library.get(name)


def test_second_names_are_ranked_once():
    assert library.get("x^0.5") is library.get("sqrt")
    assert library.get("1/x^0.5") is library.get("1/sqrt(x)")
    assert len(FUNCTIONS) == len(set(FUNCTIONS)) == 30


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_torch_and_sympy_agree(function):
    u = inside(function)
    symbol = sympy.Symbol("u", real=True)
    expression = function.sympy(symbol)
    expected = [float(expression.subs(symbol, float(value))) for value in u]
    torch.testing.assert_close(
        function(u), torch.tensor(expected, dtype=u.dtype), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_derivative_agrees_with_autograd(function):
    u = inside(function).requires_grad_()
    y = function(u)
    slope = torch.zeros_like(u) if not y.requires_grad else torch.autograd.grad(y.sum(), u)[0]
    torch.testing.assert_close(function.derivative(u.detach()), slope, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_symmetry_facts_hold(function):
    u = inside(function)
    if function.mirror is not None:
        sign, shift = function.mirror
        torch.testing.assert_close(function(-u), sign * function(u) + shift)
    if function.period is not None:
        torch.testing.assert_close(function(u + function.period), function(u))
    if function.absorbs in ("scale", "shift"):
        moved = function(0.7 * u) if function.absorbs == "scale" else function(u + 0.7)
        moved = moved / moved.abs().max()
        design = torch.stack([function(u) / function(u).abs().max(), torch.ones_like(u)], 1)
        solution = torch.linalg.lstsq(design, moved[:, None]).solution
        torch.testing.assert_close((design @ solution)[:, 0], moved, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "outside"),
    [("log", [0.0, -1.0]), ("sqrt", [-1e-9]), ("x^1.5", [-2.0]), ("1/sqrt(x)", [0.0, -1.0]), ("1/x", [0.0]),
     ("1/x^4", [0.0]), ("arcsin", [1.01]), ("arccos", [-1.01]), ("arctanh", [1.0, -2.0])],
)  # fmt: skip
def test_outside_the_domain_is_nan_not_a_clipped_value(name, outside):
    assert library.get(name)(torch.tensor(outside)).isnan().all()


def test_the_sign_of_nan_is_nan_and_its_slope_is_0_as_everywhere():
    u = torch.tensor([math.nan, -2.0, 0.0, 3.0], requires_grad=True)
    signs = library.get("sgn")(u)
    torch.testing.assert_close(signs, torch.tensor([math.nan, -1.0, 0.0, 1.0]), equal_nan=True)
    signs.sum().backward()
    assert u.grad is not None
    assert not u.grad.any()


def test_domain_ends_that_belong_to_it_have_values():
    torch.testing.assert_close(library.get("sqrt")(torch.tensor([0.0])), torch.tensor([0.0]))
    torch.testing.assert_close(
        library.get("arcsin")(torch.tensor([1.0])), torch.tensor([math.pi / 2])
    )


def test_unknown_name_says_what_came_and_what_is_near():
    sentence = r"^unknown function 'sine'; did you mean 'sin'.*accepted are: 0, x, x\^2"
    with pytest.raises(KeyError, match=sentence):
        library.get("sine")


def test_resolve_explains_wrong_lists():
    with pytest.raises(TypeError, match="lib must be a list"):
        library.resolve("sin")
    with pytest.raises(ValueError, match="lib is empty"):
        library.resolve([])
    with pytest.raises(TypeError, match="not 3"):
        library.resolve([3])
    assert [f.name for f in library.resolve(["sin", "x^0.5", "sqrt", "sin"])] == ["sin", "sqrt"]


def test_library_functions_survive_copy_and_pickle():
    sine = library.get("sin")
    assert copy.deepcopy({"f": sine})["f"] is sine
    assert pickle.loads(pickle.dumps(sine)) is sine


def test_own_function_gets_its_derivative_and_formula():
    bump = library.own_function("bump", lambda u: u * torch.exp(-u), lambda u: u * sympy.exp(-u))
    u = torch.linspace(-1, 2, 7, dtype=torch.float64)
    torch.testing.assert_close(bump.derivative(u), (1 - u) * torch.exp(-u))
    nameless = library.own_function("bessel", torch.special.bessel_j0)
    assert str(nameless.sympy(sympy.Symbol("x"))) == "bessel(x)"


def test_register_adds_a_name_once(monkeypatch):
    monkeypatch.setattr(library, "LIBRARY", dict(library.LIBRARY))
    library.register(library.own_function("cube_root", lambda u: u.sign() * u.abs() ** (1 / 3)))
    assert library.get("cube_root") in library.resolve(None)
    with pytest.raises(ValueError, match="already"):
        library.register(library.own_function("sin", torch.sin))


def test_importing_the_library_does_not_import_sympy():
    code = "import sys, kanwidget.symbolic.suggest; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
