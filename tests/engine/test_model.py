import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget.symbolic import library
from tests.networks import finite, hello_data, mixed_model, points, same, state

BAD_ARGUMENTS = [
    ("width", {"width": "2,5,1"}),
    ("width", {"width": 3}),
    ("width", {"width": None}),
    ("width", {"width": []}),
    ("width", {"width": [2]}),
    ("width[1]", {"width": [2, 0, 1]}),
    ("width[0]", {"width": [-2, 1]}),
    ("width[1]", {"width": [2, 1.5, 1]}),
    ("width[1]", {"width": [2, "5", 1]}),
    ("width[2]", {"width": [2, 5, None]}),
    ("width[0]", {"width": [True, 1]}),
    ("grid", {"grid": 0}),
    ("grid", {"grid": -3}),
    ("grid", {"grid": 2.5}),
    ("grid", {"grid": "5"}),
    ("k", {"k": 0}),
    ("k", {"k": -1}),
    ("k", {"k": 3.0}),
    ("base_fun", {"base_fun": "relu6"}),
    ("base_fun", {"base_fun": 3}),
    ("base_fun", {"base_fun": ["silu"]}),
    ("grid_range", {"grid_range": (1, -1)}),
    ("grid_range", {"grid_range": (0, 0)}),
    ("grid_range", {"grid_range": (0, 1, 2)}),
    ("grid_range", {"grid_range": 2}),
    ("grid_range", {"grid_range": (0, float("inf"))}),
    ("grid_range", {"grid_range": (0, float("nan"))}),
    ("grid_range", {"grid_range": "ab"}),
    ("extrapolation", {"extrapolation": "constant"}),
    ("extrapolation", {"extrapolation": None}),
    ("grid_eps", {"grid_eps": 1.5}),
    ("grid_eps", {"grid_eps": -0.1}),
    ("grid_eps", {"grid_eps": "much"}),
    ("noise_scale", {"noise_scale": "loud"}),
    ("noise_scale", {"noise_scale": float("nan")}),
    ("scale_base_mu", {"scale_base_mu": float("inf")}),
    ("scale_base_sigma", {"scale_base_sigma": None}),
    ("seed", {"seed": -1}),
    ("seed", {"seed": 0.5}),
    ("seed", {"seed": None}),
    ("dtype", {"dtype": torch.int64}),
    ("dtype", {"dtype": "float32"}),
]


@pytest.mark.parametrize(("name", "options"), BAD_ARGUMENTS, ids=lambda v: str(v))
def test_bad_arguments_are_named(name, options):
    (value,) = options.values()
    with pytest.raises(ValueError, match=f"^{re.escape(name)} is ") as told:
        kanwidget.KAN(**{"width": [2, 3, 1]} | options)
    assert "needed" in str(told.value)
    if isinstance(value, str):
        assert repr(value) in str(told.value)


def test_width_stays_in_the_callers_hands():
    width = [2, 5, 1]
    model = kanwidget.KAN(width)
    model.get_act(points(20, 2))
    model.prune(node_th=1e9)
    assert width == [2, 5, 1]
    assert kanwidget.KAN((2, np.int64(3), 1)).width == [2, 3, 1]


def test_shapes_follow_from_the_arguments():
    model = kanwidget.KAN([2, 5, 3], grid=7, k=2, grid_range=(0, 4), base_fun="identity")
    layer = model.layers[1]
    assert layer.coef.shape == (3, 5, 9)
    assert layer.knots.shape == (5, 12)
    assert (layer.knots[0, 2], layer.knots[0, -3]) == (0, 4)
    assert (layer.grid, layer.k) == (7, 2)
    assert layer.base_fun(torch.tensor(-3.0)) == -3
    assert repr(model) == "KAN(width=[2, 5, 3], grid=7, k=2, 25 live edges)"


def test_base_function_may_be_ones_own():
    model = kanwidget.KAN([1, 1], base_fun=torch.cos, noise_scale=0.0)
    x = points(10, 1)
    torch.testing.assert_close(model(x), torch.cos(x) * model.layers[0].scale_base)


def test_scales_can_be_held():
    model = kanwidget.KAN([2, 3, 1], sp_trainable=False, sb_trainable=False)
    before = state(model)[0]
    model.fit(hello_data(), steps=2, update_grid=False)
    for layer, then in zip(model.layers, before, strict=True):
        assert torch.equal(layer.scale_sp, then["scale_sp"])
        assert torch.equal(layer.scale_base, then["scale_base"])
        assert not torch.equal(layer.coef, then["coef"])


def test_sparse_start_connects_every_node():
    model = kanwidget.KAN([4, 9, 2], sparse_init=True, seed=3)
    assert len(model.edges()) < len(model.edges(alive=False))
    for layer in model.layers:
        assert bool(layer.alive.any(0).all())
        assert bool(layer.alive.any(1).all())


ONE_SEED = """
import hashlib, torch, kanwidget
from tests.networks import hello_data
model = kanwidget.KAN([2, 5, 1], grid=5, seed=42)
model.fit(hello_data(100), steps=3, lamb=0.01, batch=50)
digest = hashlib.sha256()
for layer in model.layers:
    for part in layer.state_dict().values():
        digest.update(part.numpy().tobytes())
print(digest.hexdigest())
"""


def test_one_seed_gives_one_result_in_every_process():
    results = {
        subprocess.run(
            [sys.executable, "-c", f"import torch; torch.manual_seed({n})\n{ONE_SEED}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in (0, 1)
    }
    assert len(results) == 1
    assert len(results.pop().strip()) == 64


def test_other_seeds_give_other_networks():
    first, second = kanwidget.KAN([2, 3, 1], seed=1), kanwidget.KAN([2, 3, 1], seed=2)
    assert not torch.equal(first.layers[0].coef, second.layers[0].coef)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_network_computes_in_its_dtype_whatever_comes(dtype):
    model = kanwidget.KAN([2, 3, 1], dtype=dtype)
    assert {p.dtype for p in model.parameters()} == {dtype}
    x = points(10, 2, dtype=dtype)
    expected = model(x)
    assert expected.dtype == dtype
    for other in (x.double(), x.double().numpy(), x.double().tolist()):
        torch.testing.assert_close(model(other), expected)
    assert model(x.half()).dtype == dtype
    assert model([[0, 1], [1, 0]]).dtype == dtype
    readonly = x.numpy().copy()
    readonly.flags.writeable = False
    torch.testing.assert_close(model(readonly), expected)
    model.fit(hello_data(50), steps=1)
    assert {p.dtype for p in model.parameters()} == {dtype}


def test_large_networks_are_float32_unless_told_otherwise():
    assert kanwidget.KAN([100, 101]).dtype == torch.float32
    assert kanwidget.KAN([100, 100]).dtype == torch.float64
    assert kanwidget.KAN([100, 101], dtype=torch.float64).dtype == torch.float64


@pytest.mark.parametrize(
    "x", [torch.zeros(3), torch.zeros(3, 3), torch.zeros(2, 2, 3), 1.0, [1, 2]]
)
def test_inputs_of_the_wrong_shape_are_explained(x):
    with pytest.raises(ValueError, match=re.escape("this network takes (samples, 2)")):
        kanwidget.KAN([2, 1])(x)


def test_data_must_have_been_seen():
    model = kanwidget.KAN([2, 3, 1])
    before = state(model)
    for call in (
        model.edge_scores,
        model.node_scores,
        model.prune,
        model.prune_edge,
        model.prune_node,
        model.plot,
        model.auto_symbolic,
        lambda: model.fix_symbolic(0, 0, 0, "sin"),
        lambda: model.suggest_symbolic(0, 0, 0),
    ):
        with pytest.raises(ValueError, match="has seen no data yet"):
            call()
    assert same(model, before)
    model.get_act(hello_data(50))
    assert torch.equal(model.training_inputs(), hello_data(50).train_input)
    model.get_act(points(20, 2).numpy())
    assert len(model.training_inputs()) == 20


# ---------------------------------------------------------------------- pruning


def trained(width=(2, 5, 1), **options):
    model = kanwidget.KAN(list(width), grid=5, **options)
    model.fit(hello_data(), steps=6, lamb=0.01, lamb_entropy=10)
    return model


def test_prune_changes_the_model_and_returns_it():
    model = trained()
    x = hello_data().test_input
    assert model.prune() is model
    assert model.width[1] < 5
    for layer in model.layers[1:]:
        assert bool(layer.alive.any(0).all())
    assert model.fit(hello_data(), steps=5)["train_loss"][-1] < 0.1
    after = model(x)
    model = model.prune(0.0, 0.0)
    assert torch.equal(model(x), after)


def test_pruned_edges_score_no_more_than_the_threshold():
    model = trained()
    scores = model.edge_scores()
    threshold = float(torch.cat([s.flatten() for s in scores]).median())
    model.prune_edge(threshold)
    for layer, score in zip(model.layers, scores, strict=True):
        assert bool((score[layer.alive] > threshold).all())
    assert len(model.edges()) <= 8


@pytest.mark.parametrize("metric", ["backward", "forward_n", "forward_u"])
def test_prune_edge_keeps_numbering_and_can_be_taken_back(metric):
    model = trained()
    before, all_edges = state(model), set(model.edges())
    model.prune_edge(0.05, metric)
    gone = all_edges - set(model.edges())
    assert model.width == [2, 5, 1]
    assert gone
    for edge in gone:
        model.restore_edge(*edge)
    assert same(model, before)


def test_removed_edges_and_nodes_come_back_to_the_bit():
    model = mixed_model((3, 4, 2))
    x = points(20, 3)
    for l, i, j in model.edges(alive=False):
        model.restore_edge(l, i, j)
    before, outputs = state(model), model(x)
    for edge in ((0, 1, 2), (1, 3, 0)):
        model.remove_edge(*edge)
        assert not torch.equal(model(x), outputs)
        model.restore_edge(*edge)
        assert same(model, before)
    for node in ((0, 1), (1, 2)):
        model.remove_node(*node)
        assert not torch.equal(model(x), outputs)
        model.restore_node(*node)
        assert same(model, before)
    assert torch.equal(model(x), outputs)


def test_prune_at_a_huge_threshold_leaves_a_network_that_works():
    for prune in (
        lambda m: m.prune(node_th=1e9, edge_th=1e9),
        lambda m: m.prune_node(1e9),
        lambda m: m.prune_edge(1e9),
    ):
        model = trained((2, 3, 1))
        assert prune(model) is model
        assert model.edges() == []
        outputs = model(hello_data().test_input)
        assert bool((outputs == outputs[0]).all())
        model.fit(hello_data(), steps=2, lamb=0.01)
        model.fit(hello_data(), steps=2, opt="Adam")
        model.prune()
        model.auto_symbolic()
        (formula,), _ = model.symbolic_formula()
        assert formula.is_number
        figure = model.plot()
        figure.canvas.draw()
        close(figure)
        assert finite(model)
        model.restore_edge(0, 0, 0)
        model.restore_edge(1, 0, 0)
        model.fit(hello_data(), steps=2)
        assert bool(model(hello_data().test_input).std() > 0)


def close(figure):
    import matplotlib.pyplot as plt

    plt.close(figure)


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf"), "0.1", None, True])
def test_thresholds_out_of_range_are_explained(threshold):
    model = trained((2, 2, 1))
    before = state(model)
    for name, call in (
        ("node_th", lambda: model.prune(node_th=threshold)),
        ("edge_th", lambda: model.prune(edge_th=threshold)),
        ("threshold", lambda: model.prune_edge(threshold)),
        ("threshold", lambda: model.prune_node(threshold)),
    ):
        with pytest.raises(ValueError, match=f"{name} is "):
            call()
    with pytest.raises(ValueError, match="metric is 'best'"):
        model.prune_edge(0.1, "best")
    assert same(model, before)


# ---------------------------------------------------------------------- symbolic


def test_unfix_brings_the_spline_back_and_no_removed_edge():
    model = trained((2, 2, 1))
    before = state(model)
    model.fix_symbolic(0, 0, 0, "sin")
    model.unfix_symbolic(0, 0, 0)
    model.layers[0].affine.data[0, 0] = before[0][0]["affine"][0, 0]
    model.layers[0].functions.clear()
    assert same(model, before)
    model.fix_symbolic(0, 0, 0, "sin")
    model.remove_edge(0, 0, 0)
    model.unfix_symbolic(0, 0, 0)
    assert (0, 0, 0) not in model.edges()
    model.unfix_symbolic(0, 1, 1)
    assert not bool(model.layers[0].alive[0, 0])


def test_fix_gives_the_edge_its_function_and_says_how_well_it_fits():
    model, x = kanwidget.KAN([1, 1], grid=20), points(300, 1)
    data = {"train_input": x, "train_label": 2 * torch.sin(3 * x + 1) + 0.5}
    model.fit({**data, "test_input": x, "test_label": data["train_label"]}, steps=10)
    r2 = model.fix_symbolic(0, 0, 0, "sin")
    assert r2 > 0.9999
    assert model.layers[0].symbolic_function(0, 0).name == "sin"
    torch.testing.assert_close(model(x), data["train_label"], rtol=0, atol=0.05)
    assert model.fix_symbolic(0, 0, 0, library.get("x"), fit_params_bool=False) < 0.9
    torch.testing.assert_close(model(x), x)


def test_fixing_what_cannot_be_fixed_changes_nothing():
    x = points(100, 2)
    model = kanwidget.KAN([2, 2, 1], grid_range=(-10, 10))
    model.get_act(x)
    model.remove_edge(0, 1, 1)
    model.fix_symbolic(0, 1, 0, "x^2")
    before = state(model)
    for kind, sentence, arguments in (
        (ValueError, "edge (0, 1, 1) is removed", (0, 1, 1, "sin")),
        (KeyError, "edge (5, 0, 0) does not exist", (5, 0, 0, "sin")),
        (KeyError, "edge (0, 0, 7) does not exist", (0, 0, 7, "sin")),
        (KeyError, "unknown function 'sine'", (0, 0, 0, "sine")),
        (TypeError, "function must be a name such as 'sin'", (0, 0, 0, None)),
    ):
        with pytest.raises(kind, match=re.escape(sentence)):
            model.fix_symbolic(*arguments)
        assert same(model, before)
    with pytest.raises(ValueError, match=re.escape("edge (0, 1, 1) is removed")):
        model.suggest_symbolic(0, 1, 1)
    with pytest.raises(KeyError, match="unknown function 'sine'"):
        model.auto_symbolic(lib=["sine"])
    assert same(model, before)


def test_function_whose_domain_excludes_the_data_is_refused():
    spread = torch.linspace(-1e4, 1e4, 100, dtype=torch.float64)[:, None]
    for own in (
        kanwidget_function("inside", lambda u: torch.sqrt(1e-9 - u * u), (-1e-9, 1e-9)),
        kanwidget_function("nowhere", lambda u: u * float("nan"), (-float("inf"), float("inf"))),
    ):
        model = kanwidget.KAN([1, 1])
        model.get_act(spread)
        before = state(model)
        try:
            r2 = model.fix_symbolic(0, 0, 0, own)
        except ValueError as told:
            assert f"{own.name} cannot follow edge (0, 0, 0)" in str(told)
            assert same(model, before)
        else:
            assert own.name == "inside"
            assert np.isfinite(r2)
            assert bool(model(spread).isfinite().all())


def kanwidget_function(name, f, interval):
    from kanwidget.symbolic.function import own_function

    return own_function(name, f, interval=interval)


def test_auto_symbolic_takes_what_fits_well_enough():
    model = trained((2, 2, 1))
    edges = len(model.edges())
    assert model.auto_symbolic(r2_threshold=1.1) == {}
    assert state(model)[0][0]["symbolic"].sum() == 0
    chosen = model.auto_symbolic(lib=["x", "sin", "x^2", "exp"])
    assert len(chosen) == edges
    for (l, i, j), candidate in chosen.items():
        assert model.layers[l].symbolic_function(i, j).name == candidate.name
        assert candidate.name in ("x", "sin", "x^2", "exp")
    assert model.auto_symbolic() == {}


def test_hello_world_ends_in_the_exact_function():
    data = hello_data(1000)
    model = kanwidget.KAN([2, 5, 1], grid=5, k=3, seed=0)
    model.fit(data, steps=20, lamb=0.01, lamb_entropy=10)
    model = model.prune()
    model.fit(data, steps=20)
    model.auto_symbolic()
    losses = model.fit(data, steps=20)
    assert losses["test_loss"][-1] < 1e-6


# ---------------------------------------------------------------------- train, pykan's older name


def test_train_is_torchs_with_a_mode_and_fit_with_a_dataset():
    model = kanwidget.KAN([2, 2, 1])
    assert model.train() is model
    assert model.training
    assert model.eval() is model
    assert not model.training
    assert not model.layers[0].training
    assert model.train(True) is model
    assert model.train(False) is model
    assert not model.training
    with pytest.warns(DeprecationWarning, match="fit"):
        losses = model.train(hello_data(50), opt="LBFGS", steps=2)
    assert len(losses["train_loss"]) == 2
    with pytest.warns(DeprecationWarning, match="fit"):
        losses = model.train(dict(hello_data(50)), steps=3)
    assert len(losses["train_loss"]) == 3
