import math

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

import kanwidget
from kanwidget.network import Network
from kanwidget.symbolic import cache, library
from kanwidget.symbolic.cache import fits_of
from kanwidget.symbolic.suggest import suggest
from tests.networks import hello_data, mixed_model, points

SAME_UP_TO_AFFINE = [{"sin", "cos"}, {"arcsin", "arccos"}, {"tanh", "sigmoid"}]
CURVES = [
    ("sin", lambda x: torch.sin(math.pi * x), -1, 1),
    ("sin", lambda x: -torch.sin(3 * x), -1, 1),
    ("sin", lambda x: torch.sin(2 * x + 1), -1, 1),
    ("cos", lambda x: torch.cos(math.pi * x), -1, 1),
    ("cos", lambda x: 2 * torch.cos(5 * x), -1, 1),
    ("x^2", lambda x: x**2, -1, 1),
    ("x^2", lambda x: -3 * x**2 + 1, -1, 1),
    ("x^2", lambda x: (x + 0.5) ** 2, -1, 1),
    ("x", lambda x: -0.01 * x + 3, -1, 1),
    ("exp", lambda x: torch.exp(x), -1, 2),
    ("exp", lambda x: torch.exp(-2 * x), -1, 1),
    ("log", lambda x: torch.log(x), 0.1, 3),
    ("sqrt", lambda x: torch.sqrt(x), 0, 2),
    ("1/x", lambda x: 1 / x, 0.5, 2),
    ("1/x^2", lambda x: 1 / x**2, 0.2, 2),
    ("x^3", lambda x: x**3, -1, 1),
    ("x^4", lambda x: x**4, -1, 1),
    ("abs", lambda x: x.abs(), -1, 1),
    ("tanh", lambda x: torch.tanh(3 * x), -1, 1),
    ("gaussian", lambda x: torch.exp(-4 * x**2), -1, 1),
    ("tan", lambda x: torch.tan(1.4 * x), -1, 1),
    ("arctan", lambda x: torch.atan(5 * x), -1, 1),
    ("x^1.5", lambda x: x**1.5, 0.4, 40),
]


def agree(found, true):
    return found == true or any({found, true} <= group for group in SAME_UP_TO_AFFINE)


def like_a_trained_spline(curve, low, high, error, seed):
    """The curve on random points, plus a random cubic spline of relative size `error`."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(low, high, 1000)
    step = (high - low) / 8
    knots = np.linspace(low - 3 * step, high + 3 * step, 15)
    noise = torch.tensor(BSpline(knots, rng.normal(size=11), 3)(x))
    x = torch.tensor(x)
    y = curve(x)
    return x, y + error * y.std() * (noise - noise.mean()) / noise.std()


@pytest.mark.parametrize("error", [0, 1e-3, 5e-3])
@pytest.mark.parametrize(("name", "curve", "low", "high"), CURVES, ids=[c[0] for c in CURVES])
def test_true_function_comes_first(name, curve, low, high, error):
    for seed in (3, 4):
        best = suggest(*like_a_trained_spline(curve, low, high, error, seed))[0]
        assert agree(best.name, name), (best.name, best.r2)


def test_one_percent_of_spline_error_hardly_matters():
    right = [
        agree(suggest(*like_a_trained_spline(curve, low, high, 1e-2, 7))[0].name, name)
        for name, curve, low, high in CURVES
    ]
    assert sum(right) >= len(CURVES) - 2


def test_sine_without_phase_is_called_sine_and_cosine_cosine():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    for name in ("sin", "cos"):
        assert suggest(x, -0.2 * getattr(torch, name)(3 * x) + 1)[0].name == name


def test_clear_sine_beats_zero_however_small_it_is():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    assert suggest(x, 1e-8 * torch.sin(4 * x))[0].name == "sin"


def test_edge_that_is_negligible_in_its_sum_is_zero():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = 1e-4 * torch.sin(4 * x)
    assert suggest(x, y, scale=1.0)[0].name == "0"
    assert suggest(x, y, scale=1e-3)[0].name == "sin"


def test_constant_edge_is_zero():
    x = torch.linspace(-1, 1, 300)
    noise = 1e-7 * torch.rand(300, generator=torch.Generator().manual_seed(0))
    for y in (torch.full_like(x, 3.0), 3 + noise):
        best = suggest(x, y)[0]
        assert best.name == "0"
        assert best.params[3] == pytest.approx(3, abs=1e-5)


def test_line_to_five_digits_is_a_line():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    assert suggest(x, x + 1e-5 * torch.sin(9 * x))[0].name == "x"


def test_candidates_carry_their_curve_and_are_ordered():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)
    y = torch.exp(2 * x)
    candidates = suggest(x, y, lib=["x", "exp", "x^2", "0"], topk=3)
    assert candidates[0].name == "exp"
    assert len(candidates) == 3
    assert [c.score for c in candidates] == sorted(c.score for c in candidates)
    torch.testing.assert_close(candidates[0].curve(x), y)


def test_warnings_name_poles_and_poor_fits():
    x = torch.linspace(0.01, 1, 300, dtype=torch.float64)
    log = suggest(x, torch.log(x), lib=["log", "sgn"])
    assert "no finite value at x = " in log[0].warning
    assert "does not follow the curve" in log[1].warning
    assert suggest(x, x**2)[0].warning == ""


def test_bad_arguments_are_explained():
    x = torch.linspace(0, 1, 30)
    with pytest.raises(ValueError, match="topk must be a positive whole number"):
        suggest(x, x, topk=0)
    with pytest.raises(KeyError, match="unknown function 'sine'"):
        suggest(x, x, lib=["sine"])
    with pytest.raises(ValueError, match="one edge"):
        suggest(x[None], x[None])


# ---------------------------------------------------------------------- many edges, and twice


def ranked(found):
    return {edge: [(c.name, *c.params, c.r2) for c in each] for edge, each in found.items()}


def test_all_edges_at_once_get_what_each_gets_alone():
    model = mixed_model(seed=2)
    model.get_act(points(300, 3))
    together = model.suggest_symbolic_all(topk=3)
    assert list(together) == model.edges()
    fits_of(model).forget()
    for edge, found in together.items():
        alone = model.suggest_symbolic(*edge, topk=3).candidates
        assert alone[0].name == found[0].name
        assert alone[0].r2 == pytest.approx(found[0].r2, abs=1e-6)


def test_scale_of_each_edge_is_that_of_its_sum():
    model = kanwidget.KAN([2, 1], seed=0)
    model.get_act(points(200, 2))
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (3, 0, 1, 0))
    model.layers[0].set_symbolic(1, 0, library.get("sin"), (3, 0, 1e-5, 0))
    model.layers[0].numeric[:] = True  # the curves are followed, not the splines
    model.layers[0].scale_base.data.zero_()
    model.layers[0].scale_sp.data.zero_()
    model.layers[0].structure_changed()
    found = model.suggest_symbolic_all(topk=1)
    assert found[0, 0, 0][0].name == "sin"
    assert found[0, 1, 0][0].name == "0"


def test_asking_twice_fits_once(monkeypatch):
    calls, fit = [], cache.affine_fit

    def counted(x, y, functions):
        calls.append((len(x), len(functions)))
        return fit(x, y, functions)

    monkeypatch.setattr(cache, "affine_fit", counted)
    model = mixed_model(seed=1)
    model.get_act(points(200, 3))
    found = model.suggest_symbolic_all()
    asked = len(calls)
    assert ranked(model.suggest_symbolic_all()) == ranked(found)
    edge = model.edges()[-1]
    assert ranked({edge: model.suggest_symbolic(*edge).candidates}) == ranked({edge: found[edge]})
    assert ranked(model.copy().suggest_symbolic_all()) == ranked(found)
    assert len(calls) == asked


def change_edge(model):
    model.layers[0].coef.data[0, 0] += 0.1


def change_below(model):
    model.layers[0].coef.data[0, :] *= 1.5


def change_data(model):
    model.get_act(points(200, 2, -0.5, 0.7, seed=9))


def change_function_below(model):
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (2.0, 0.3, 1.0, 0.0))


@pytest.mark.parametrize("change", [change_edge, change_below, change_data, change_function_below])
def test_kept_fits_are_never_out_of_date(change):
    data = hello_data()
    model, fresh = (kanwidget.KAN([2, 2, 1], seed=4) for _ in range(2))
    for each in (model, fresh):
        each.get_act(data)
    before = ranked(model.suggest_symbolic_all())
    for each in (model, fresh):
        change(each)
    now = ranked(model.suggest_symbolic_all())
    assert now != before
    for edge, found in ranked(fresh.suggest_symbolic_all()).items():
        assert found[0][0] == now[edge][0][0]
        assert found[0][5] == pytest.approx(now[edge][0][5], abs=1e-6)


def test_few_fits_are_kept(monkeypatch):
    monkeypatch.setattr(cache, "SIZE", 3)
    model = mixed_model(seed=1)
    model.get_act(points(100, 3))
    first = ranked(model.suggest_symbolic_all())
    assert len(fits_of(model)) == 3
    assert ranked(model.suggest_symbolic_all()).keys() == first.keys()
    assert isinstance(model, Network)


# ---------------------------------------------------------------------- what may be chosen


def test_sets_and_lists_by_layer_and_edge_are_obeyed():
    model = kanwidget.KAN([2, 3, 1], seed=0)
    model.get_act(hello_data())
    names = {name: {f.name for f in library.resolve(name)} for name in library.SETS}
    assert names["trigonometry"] == {"0", "x", "sin", "cos", "tan", "arcsin", "arccos", "arctan"}
    for name, allowed in names.items():
        assert {
            c.name for c in model.suggest_symbolic(0, 0, 0, lib=name, topk=None).candidates
        } <= allowed
    lib = {0: ["sin", "x^2"], (0, 1, 2): "algebra", (1, 0, 0): ["exp"]}
    found = model.suggest_symbolic_all(lib=lib, topk=None)
    for (l, i, j), each in found.items():
        seen = {c.name for c in each}
        if (l, i, j) == (0, 1, 2):
            assert seen <= names["algebra"]
            assert len(seen) > 5
        elif l == 0:
            assert seen == {"sin", "x^2"}
        elif (l, i, j) == (1, 0, 0):
            assert seen == {"exp"}
        else:
            assert len(seen) > 20
    chosen = model.auto_symbolic(lib=lib)
    assert {chosen[edge].name for edge in chosen if edge[0] == 0 and edge != (0, 1, 2)} <= {
        "sin", "x^2",
    }  # fmt: skip
    assert chosen[1, 0, 0].name == "exp"


@pytest.mark.parametrize(
    ("lib", "error", "message"),
    [
        ("sinus", TypeError, "one of the sets algebra, trigonometry, physics, not 'sinus'"),
        ({5: ["sin"]}, KeyError, "lib names the layer 5; there are 0 to 1"),
        ({(0, 7, 0): ["sin"]}, KeyError, r"edge \(0, 7, 0\) does not exist"),
        ({"a": ["sin"]}, TypeError, "lib has the key 'a'; a layer such as 0 or an edge"),
        ({-1: ["sin"]}, TypeError, "lib has the key -1"),
        ({(0, 1): ["sin"]}, TypeError, "lib has the key"),
        ({0: []}, ValueError, "lib is empty"),
        ({0: ["sine"]}, KeyError, "unknown function 'sine'"),
    ],
)
def test_bad_lists_are_explained(lib, error, message):
    model = kanwidget.KAN([2, 3, 1])
    model.get_act(hello_data())
    for ask in (model.suggest_symbolic_all, model.auto_symbolic):
        with pytest.raises(error, match=message):
            ask(lib=lib)


# ---------------------------------------------------------------------- what it would do


def rmse(model, data):
    with torch.no_grad():
        return float((model(data.val_input) - data.val_label).square().mean().sqrt())


@pytest.mark.parametrize("width", [[2, 3, 1], [2, [1, 2], 1]])
def test_loss_change_is_that_of_the_network_with_the_function_in_place(width):
    data = hello_data()
    model = kanwidget.KAN(width, grid=5, seed=0)
    model.fit(data, steps=5)
    now = rmse(model, data)
    for edge, found in model.suggest_symbolic_all(topk=3, dataset=data).items():
        for candidate in found:
            tried = model.copy()
            tried.layers[edge[0]].set_symbolic(*edge[1:], candidate.function, candidate.params)
            expected = rmse(tried, data) - now
            if math.isfinite(expected):
                assert candidate.loss_change == pytest.approx(expected, abs=1e-9)
            else:
                assert candidate.loss_change == math.inf


def test_what_is_undefined_on_validation_data_comes_last():
    x = points(100, 1, 0.01, 1)
    data = kanwidget.create_dataset_from_data(x, torch.log(x))
    model = kanwidget.KAN([1, 1], grid=10, seed=0)
    model.fit(data, opt="LM", steps=10)
    bad = dict(data) | {"val_input": data.val_input - 0.2, "val_label": data.val_label}
    found = model.suggest_symbolic(0, 0, 0, topk=None, dataset=bad).candidates
    infinite = [c.loss_change == math.inf for c in found]
    assert any(infinite)
    assert infinite == sorted(infinite)
    for candidate in found:
        if candidate.loss_change == math.inf:
            assert candidate.function.interval != (-math.inf, math.inf)


def test_refit_change_is_measured_for_the_first_three_only_and_never_for_nothing():
    data = hello_data(500)
    model = kanwidget.KAN([2, 1, 1], grid=5, seed=0)
    model.fit(data, opt="LM", steps=40)
    found = model.suggest_symbolic(0, 0, 0, dataset=data, refit=True).candidates
    assert [c.refit_change is not None for c in found] == [True] * 3 + [False] * 2
    assert all(c.refit_change <= c.loss_change for c in found[:3])
    assert found[0].refit_change < 1e-3
    assert model.suggest_symbolic(0, 0, 0).candidates[0].loss_change is None
    with pytest.raises(ValueError, match="refit is True, but no dataset is given"):
        model.suggest_symbolic(0, 0, 0, refit=True)


def test_how_a_candidate_leaves_the_range_is_told():
    x = torch.linspace(0.2, 1, 300, dtype=torch.float64)
    found = {c.name: c for c in suggest(x, 1 / x, topk=None)}
    assert found["1/x"].poles == pytest.approx((0,), abs=1e-6)
    assert found["x"].poles == ()
    assert found["x"].outside == ""
    near = suggest(x, 1 / (x - 0.1), lib=["1/x"])[0]
    assert near.outside == "goes to infinity at x = 0.1"
    root = suggest(x, torch.sqrt(1.05 - x), lib=["sqrt"])[0]
    assert root.outside == "undefined above x = 1.05"
    assert root.poles == ()
    steep = suggest(x, torch.exp(40 * x), lib=["exp"])[0]
    assert steep.outside.startswith("grows to ")
    assert steep.outside.endswith(" within 20 % beyond the range")


def test_zero_constant_and_line_are_honest_candidates():
    x = torch.linspace(-1, 1, 200, dtype=torch.float64)
    found = {c.name: c for c in suggest(x, 2 + x + 0.05 * torch.sin(7 * x), topk=None)}
    assert found["0"].params[2:] == pytest.approx((0, 2))
    assert found["0"].r2 == 0
    assert found["x"].params[2] == pytest.approx(1, abs=0.05)
    assert 0.98 < found["x"].r2 < 1
