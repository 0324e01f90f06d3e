"""Faults of pykan 0.2.8 about symbols that are not to be had here."""

import math

import pytest
import torch

import kanwidget
from kanwidget.layer import REMOVED, SYMBOLIC
from kanwidget.symbolic import library
from tests.networks import finite, hello_data, mixed_model, points, same, state


def kinds(model):
    return [layer.kinds().tolist() for layer in model.layers]


def trained(width=(2, 3, 1), dtype=torch.float64, seed=0):
    model = kanwidget.KAN(list(width), dtype=dtype, seed=seed)
    model.fit(hello_data(), steps=5)
    return model


@pytest.mark.parametrize("factor", [3, 12, 20, -35])
def test_fast_sines_are_found_on_an_edge(factor):
    x = points(2000, 1)
    model = kanwidget.KAN([1, 1], grid=60, seed=0)
    model.fit(
        kanwidget.create_dataset_from_data(x, torch.sin(factor * x)), opt="LM", steps=5,
    )  # fmt: skip
    best = model.suggest_symbolic(0, 0, 0)[0]
    assert best.name == "sin"
    assert best.params[0] == pytest.approx(abs(factor), rel=1e-3)
    assert model.fix_symbolic(0, 0, 0, "sin") > 0.999


def test_small_edge_is_fixed_without_bias():
    x = points(500, 1)
    model = kanwidget.KAN([1, 1], grid=20, seed=0)
    y = 1e-5 * torch.sin(3 * x) + 2e-7
    model.fit(kanwidget.create_dataset_from_data(x, y), opt="LM", steps=10)
    model.fix_symbolic(0, 0, 0, "sin")
    a, b, c, d = model.layers[0].affine[0, 0].tolist()
    assert a == pytest.approx(3, rel=1e-3)
    assert c == pytest.approx(1e-5, rel=1e-3)
    assert abs(d - 2e-7) < 1e-8
    assert abs(b) < 1e-2


def test_clear_sine_comes_before_zero_in_a_network():
    data = hello_data(500)
    model = kanwidget.KAN([2, 1, 1], grid=5, seed=0)
    model.fit(data, opt="LM", steps=40)
    found = model.suggest_symbolic_all()
    assert found[0, 0, 0][0].name in ("sin", "cos")
    assert found[0, 1, 0][0].name == "x^2"
    assert found[1, 0, 0][0].name == "exp"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("opt", ["LM", "LBFGS", "Adam"])
def test_no_nan_after_auto_symbolic_in_single_precision(seed, opt):
    data = hello_data()
    model = kanwidget.KAN([2, 3, 1], grid=5, seed=seed, dtype=torch.float32)
    model.fit(data, steps=8, lamb=0.01)
    model.auto_symbolic()
    losses = model.fit(data, opt=opt, steps=8)
    assert all(math.isfinite(loss) for loss in losses["train_loss"])
    assert finite(model)
    assert bool(model(data.test_input).isfinite().all())


def test_unfix_brings_no_removed_edge_back():
    model = trained()
    model.remove_edge(0, 1, 2)
    before = kinds(model)
    out = model(hello_data().test_input)
    model.unfix_symbolic(0, 1, 2)
    assert kinds(model) == before
    torch.testing.assert_close(model(hello_data().test_input), out)
    model.fix_symbolic(0, 0, 1, "sin")
    model.remove_edge(0, 0, 1)
    model.unfix_symbolic(0, 0, 1)
    assert int(model.layers[0].kinds()[1, 0]) == REMOVED


def test_unfix_gives_the_very_spline_back():
    model = trained()
    before = state(model)
    model.fix_symbolic(0, 1, 1, "exp")
    model.unfix_symbolic(0, 1, 1)
    now = model.snapshot().layers[0]
    assert torch.equal(now["coef"], before[0][0]["coef"])
    assert kinds(model) == [[[1] * 2] * 3, [[1] * 3]]


def test_removed_edges_are_left_alone_by_auto_and_refused_by_suggest_and_fix():
    model = trained()
    model.remove_edge(0, 0, 0)
    before = state(model)
    for ask in (
        lambda: model.suggest_symbolic(0, 0, 0),
        lambda: model.fix_symbolic(0, 0, 0, "sin"),
    ):
        with pytest.raises(ValueError, match=r"edge \(0, 0, 0\) is removed"):
            ask()
    assert same(model, before)
    assert (0, 0, 0) not in model.suggest_symbolic_all()
    assert (0, 0, 0) not in model.auto_symbolic(lib=["x", "x^2"])
    assert int(model.layers[0].kinds()[0, 0]) == REMOVED


def test_auto_symbolic_leaves_locked_and_symbolic_edges():
    model = trained()
    model.fix_symbolic(0, 0, 0, "tanh")
    model.lock_edge(0, 1, 0)
    kept = model.layers[0].affine[0, 0].clone(), model.layers[0].coef[0, 1].clone()
    chosen = model.auto_symbolic(lib="algebra")
    assert not {(0, 0, 0), (0, 1, 0)} & set(chosen)
    assert torch.equal(model.layers[0].affine[0, 0], kept[0])
    assert torch.equal(model.layers[0].coef[0, 1], kept[1])
    assert int(model.layers[0].kinds()[1, 1]) == SYMBOLIC


def test_suggesting_changes_nothing_and_no_global_seed():
    model = mixed_model(seed=3)
    model.get_act(points(100, 3))
    before, seed = state(model), torch.random.get_rng_state()
    data = kanwidget.create_dataset(lambda x: x[:, :2], n_var=3, train_num=50, test_num=50)
    model.suggest_symbolic_all(dataset=data)
    model.suggest_symbolic(*model.edges()[0], dataset=data, refit=True)
    assert same(model, before)
    assert torch.equal(torch.random.get_rng_state(), seed)


SINGULAR = (
    "1/x",
    "1/x^2",
    "log",
    "sqrt",
    "1/sqrt(x)",
    "x^1.5",
    "arcsin",
    "arccos",
    "arctanh",
    "tan",
)


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_singular_functions_stay_in_their_domain_on_all_the_data(name, dtype):
    """Also where the curve would have them cross a pole: there is no clipped value to hide it."""
    x = points(1000, 1, -2, 1, dtype=dtype)
    for curve in (1 / (x + 0.003), torch.sin(4 * x), x**3):
        model = kanwidget.KAN([1, 1], grid=8, seed=0, dtype=dtype)
        model.fit(kanwidget.create_dataset_from_data(x, curve), steps=2)
        model.fix_symbolic(0, 0, 0, name)
        seen = model.training_inputs()
        a, b, _, _ = model.layers[0].affine[0, 0].double().tolist()
        low, high = library.get(name).interval
        u = a * seen.double() + b
        u = -u if low == 0 and float(u.max()) < 0 and library.get(name).mirror else u
        assert low - 1e-6 <= float(u.min())
        assert float(u.max()) <= high + 1e-6
        assert bool(model(seen).isfinite().all())


def test_unknown_function_changes_nothing():
    model = trained()
    before = state(model)
    for ask in (
        lambda: model.fix_symbolic(0, 0, 0, "sine"),
        lambda: model.suggest_symbolic(0, 0, 0, lib=["sine"]),
        lambda: model.auto_symbolic(lib=["x", "sine"]),
        lambda: model.auto_symbolic(lib={0: ["sine"]}),
    ):
        with pytest.raises(KeyError, match="unknown function 'sine'; did you mean 'sin'"):
            ask()
    assert same(model, before)
