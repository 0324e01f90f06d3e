import math
import pickle

import pytest
import sympy
import torch

import kanwidget
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.suggest import suggest
from tests.networks import finite, hello_data, points

X, Y = sympy.symbols("x y")


@pytest.fixture(autouse=True)
def own_library(monkeypatch):
    """Whatever a test adds or weighs is gone after it."""
    monkeypatch.setattr(library, "LIBRARY", dict(library.LIBRARY))
    monkeypatch.setattr(library, "CHANGED", {})


def slope_by_autograd(function, u):
    point = u.clone().requires_grad_()
    return torch.autograd.grad(function(point).sum(), point)[0]


@pytest.mark.parametrize(
    "options",
    [
        {"function": torch.special.bessel_j0},
        {"function": torch.special.bessel_j0, "sympy": lambda u: sympy.besselj(0, u)},
        {"sympy": sympy.besselj(0, X)},
        {"function": lambda u: torch.special.bessel_j0(u), "complexity": 2.5},
    ],
    ids=["torch", "both", "sympy", "lambda"],
)
def test_bessel_function_from_one_line_has_its_derivative(options):
    j0 = kanwidget.add_symbolic("J0", **options)
    assert library.get("J0") is j0
    u = torch.linspace(0.3, 9.0, 31, dtype=torch.float64)
    torch.testing.assert_close(j0(u), torch.special.bessel_j0(u), rtol=0, atol=1e-6)
    expected = -torch.special.bessel_j1(u)
    torch.testing.assert_close(j0.derivative(u), expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(slope_by_autograd(j0, u), expected, rtol=0, atol=1e-5)
    assert pickle.loads(pickle.dumps(j0)) is j0


def test_expression_alone_is_computed_by_torch():
    own = kanwidget.add_symbolic("sinc2", sympy=sympy.sin(Y) / Y)
    u = points(50, 1, 0.1, 6)[:, 0]
    torch.testing.assert_close(own(u), torch.sin(u) / u)
    torch.testing.assert_close(slope_by_autograd(own, u), torch.cos(u) / u - torch.sin(u) / u**2)
    assert own.sympy(X) == sympy.sin(X) / X


def test_differences_are_as_good_as_a_derivative_and_stay_inside_the_interval():
    def opaque(u):
        return torch.exp(u.detach()) * u.detach().sqrt()

    own = kanwidget.add_symbolic("own", opaque, interval=(0, math.inf))
    u = torch.tensor([1e-4, 0.1, 1.0, 4.0], dtype=torch.float64)
    expected = torch.exp(u) * (u.sqrt() + 0.5 / u.sqrt())
    torch.testing.assert_close(own.derivative(u[1:]), expected[1:], rtol=1e-9, atol=0)
    assert bool(own.derivative(u).isfinite().all())
    torch.testing.assert_close(own.derivative(u.float()).double(), expected, rtol=1e-2, atol=0)


def test_second_derivatives_are_followed():
    own = kanwidget.add_symbolic("J0", torch.special.bessel_j0, sympy=sympy.besselj(0, X))
    u = torch.linspace(0.5, 3, 5, dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(own(u).sum(), u, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), u)
    u = u.detach()
    expected = torch.special.bessel_j1(u) / u - torch.special.bessel_j0(u)
    torch.testing.assert_close(bend, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("opt", ["LM", "LBFGS", "Adam"])
def test_networks_train_through_an_own_function(opt):
    kanwidget.add_symbolic("J0", torch.special.bessel_j0)
    data = kanwidget.create_dataset(
        lambda x: torch.special.bessel_j0(3 * x[:, [0]] + 1), n_var=1, train_num=200, test_num=100
    )
    model = kanwidget.KAN([1, 1], seed=0)
    model.get_act(data)
    model.layers[0].set_symbolic(0, 0, library.get("J0"), (2.6, 0.8, 0.9, 0.0))
    losses = model.fit(data, opt=opt, steps=40, lr=0.02 if opt == "Adam" else None)
    assert losses["train_loss"][-1] < (5e-2 if opt == "Adam" else 1e-5)
    assert finite(model)


def test_own_function_is_suggested_for_its_curve_and_shown_in_the_formula():
    kanwidget.add_symbolic("J0", torch.special.bessel_j0, sympy=lambda u: sympy.besselj(0, u))
    x = torch.linspace(-6, 6, 300, dtype=torch.float64)
    fits = affine_fit(x, torch.special.bessel_j0(1.5 * x), library.resolve(["sin", "J0"]))
    assert fits.r2[0, 1] > 1 - 1e-9
    assert fits.r2[0, 1] > fits.r2[0, 0]
    model = kanwidget.KAN([1, 1])
    model.get_act(x[:, None])
    model.fix_symbolic(0, 0, 0, "J0", fit_params_bool=False)
    assert model.symbolic_formula()[0][0].has(sympy.besselj)


def test_removed_function_is_unknown_but_edges_keep_it():
    own = kanwidget.add_symbolic("bump", lambda u: u * torch.exp(-u))
    kanwidget.set_complexity("bump", 7)
    model = kanwidget.KAN([1, 1])
    model.get_act(points(50, 1))
    model.fix_symbolic(0, 0, 0, "bump", fit_params_bool=False)
    kanwidget.remove_symbolic("bump")
    assert "bump" not in library.CHANGED
    with pytest.raises(KeyError, match="unknown function 'bump'"):
        library.get("bump")
    u = points(5, 1)
    torch.testing.assert_close(model(u), own(u))
    with pytest.raises(ValueError, match="only functions added with add_symbolic"):
        kanwidget.remove_symbolic("sqrt")


def detached(u):
    return u.numpy()


def raising(u):
    raise RuntimeError("no such thing")


def in_place(u):
    return u.mul_(2)


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("<b>", {"function": torch.sin}, ValueError, "name is '<b>'; a letter and up to 39"),
        (r"\frac", {"function": torch.sin}, ValueError, "name is "),
        ("$x$", {"function": torch.sin}, ValueError, "name is "),
        ("x^7", {"function": torch.sin}, ValueError, "name is "),
        ("a b", {"function": torch.sin}, ValueError, "name is "),
        ("φ", {"function": torch.sin}, ValueError, "name is "),
        ("", {"function": torch.sin}, ValueError, "name is "),
        ("_x", {"function": torch.sin}, ValueError, "name is "),
        ("lambda", {"function": torch.sin}, ValueError, "no word of Python"),
        ("a" * 41, {"function": torch.sin}, ValueError, "name is "),
        (3, {"function": torch.sin}, TypeError, "name is 3; a string"),
        ("sin", {"function": torch.sin}, ValueError, "already in the library"),
        ("own", {}, TypeError, "neither function nor sympy"),
        ("own", {"function": "torch.sin"}, TypeError, "function is 'torch.sin'"),
        ("own", {"function": raising}, ValueError, "raises RuntimeError .*: no such thing"),
        ("own", {"function": detached}, TypeError, "returns ndarray; a tensor is needed"),
        ("own", {"function": torch.sum}, ValueError, "the shape must stay"),
        ("own", {"function": torch.Tensor.float}, ValueError, "the dtype must stay"),
        ("own", {"function": in_place}, ValueError, "changes the tensor that it is given"),
        ("own", {"function": lambda u: u * math.nan}, ValueError, "nan or infinite everywhere"),
        ("own", {"function": torch.log}, ValueError, r"infinite at -.*interval=\(low, high\) says"),
        ("own", {"sympy": "sin(x)"}, TypeError, "text is never evaluated"),
        ("own", {"sympy": X + Y}, ValueError, "expression in x, y; one symbol"),
        ("own", {"sympy": sympy.Integer(3)}, ValueError, "expression in no symbol"),
        ("own", {"sympy": 3}, TypeError, "sympy gives 3; a sympy expression"),
        ("own", {"sympy": lambda u: "x"}, TypeError, "sympy gives 'x'"),
        ("own", {"sympy": raising}, ValueError, "sympy raises RuntimeError"),
        ("own", {"function": torch.sin, "sympy": sympy.cos}, ValueError, "function and sympy differ"),
        ("own", {"function": torch.sin, "complexity": -1}, ValueError, "complexity is -1"),
        ("own", {"function": torch.sin, "complexity": math.nan}, ValueError, "complexity is nan"),
        ("own", {"function": torch.sin, "interval": (2, 1)}, ValueError, r"interval is \(2, 1\)"),
        ("own", {"function": torch.sin, "interval": 3}, ValueError, "interval is 3"),
        ("own", {"function": torch.sin, "interval": (0, math.nan)}, ValueError, "interval is"),
    ],
)  # fmt: skip
def test_bad_function_is_explained_and_nothing_is_added(name, options, error, message):
    before = dict(library.LIBRARY)
    with pytest.raises(error, match=message) as told:
        kanwidget.add_symbolic(name, **options)
    assert "\n" not in str(told.value)
    assert before == library.LIBRARY


def test_function_with_a_part_of_nan_is_taken_with_its_interval():
    own = kanwidget.add_symbolic("own_log", torch.log, interval=(0, math.inf))
    x = torch.linspace(0.5, 3, 200, dtype=torch.float64)
    assert affine_fit(x, 2 * torch.log(x + 0.1), [own]).r2[0, 0] > 1 - 1e-9


def test_complexity_can_be_changed_for_the_process_and_for_a_call():
    data = hello_data()
    model = kanwidget.KAN([2, 1, 1], seed=0)
    model.get_act(data)

    def read(**options):
        found = model.suggest_symbolic(0, 0, 0, topk=None, **options).candidates
        return {candidate.name: candidate.complexity for candidate in found}

    assert read()["sin"] == 2
    kanwidget.set_complexity("sin", 1.5)
    kanwidget.set_complexity("x^0.5", 9)
    assert (read()["sin"], read()["sqrt"]) == (1.5, 9)
    assert read(weights={"sin": 4})["sin"] == 4
    kanwidget.set_complexity("sin", None)
    assert read()["sin"] == 2


def test_weight_decides_between_functions_that_fit_alike():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = torch.sin(2 * x + 0.7)
    for name in ("sin", "cos"):
        assert suggest(x, y, lib=["sin", "cos"], weights={name: 0})[0].name == name


@pytest.mark.parametrize("weight", [-1, math.nan, math.inf, "1", None, True])
def test_bad_weights_are_explained(weight):
    model = kanwidget.KAN([1, 1])
    model.get_act(points(20, 1))
    with pytest.raises(ValueError, match=r"weights\['sin'\] is"):
        model.suggest_symbolic(0, 0, 0, weights={"sin": weight})
    with pytest.raises(KeyError, match="unknown function 'sine'"):
        model.suggest_symbolic(0, 0, 0, weights={"sine": 1})
    with pytest.raises(TypeError, match="weights is"):
        model.auto_symbolic(weights=["sin"])
    if weight is not None:
        with pytest.raises(ValueError, match="complexity is"):
            kanwidget.set_complexity("sin", weight)
    assert model.suggest_symbolic(0, 0, 0, topk=None)
    assert library.CHANGED == {}
