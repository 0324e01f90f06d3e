"""Models of pykan's open here with equal outputs, and go back; their files are read without risk."""

import os
import pickle
import sys
import zipfile
from pathlib import Path

import pytest
import sympy
import torch

from kanwidget import KAN, add_symbolic, remove_symbolic, reshaping
from tests.parity.pykan_models import MODELS, data, fitted, symbolic

NO_CHECKPOINT = {
    "sine as base": "it holds a Python object",
    "own functions": "is the function 'anonymous', which the library lacks",
    "deeper": "is no checkpoint of pykan 0.2: KeyError.'node_bias_1'",
}
"""Those of which pykan itself cannot read what it wrote."""


@pytest.fixture(scope="module", params=MODELS)
def theirs(request, kan):
    return MODELS[request.param](kan)


def points(model, n=150):
    """Inputs on the grid and beyond it, as many as a pruned input asks for."""
    columns = int(model.input_id.max()) + 1
    random = torch.Generator().manual_seed(3)
    return 3.4 * torch.rand(n, columns, generator=random).to(model.act_fun[0].coef) - 1.7


def close(ours, theirs):
    """Equal to 1e-5, of the largest where that is more than 1; NaN where theirs are."""
    ours, theirs = ours.detach().double(), theirs.detach().double()
    scale = max(1.0, float(theirs.nan_to_num(0.0).abs().max()))
    if len(theirs.T) > 9:  # outputs of very different size
        scale = theirs.nan_to_num(0.0).abs().clamp_min(1.0)
    torch.testing.assert_close(ours / scale, theirs / scale, rtol=0, atol=1e-5, equal_nan=True)


# ---------------------------------------------------------------------- there and back


def test_outputs_of_what_is_opened_are_theirs(theirs):
    x = points(theirs)
    ours = KAN.from_pykan(theirs)
    close(ours(x), theirs(x))
    assert ours.dtype == torch.float64


def test_what_goes_back_has_the_outputs_too(theirs, recwarn):
    x = points(theirs)
    ours = KAN.from_pykan(theirs)
    back = ours.to_pykan(dtype=x.dtype)
    close(back(x), theirs(x))
    close(KAN.from_pykan(back)(x), ours(x))
    assert not recwarn.list


def test_a_checkpoint_opens_as_its_model_does(request, theirs):
    name = request.node.callspec.params["theirs"]
    theirs.saveckpt("saved")
    if name in NO_CHECKPOINT:
        with pytest.raises(ValueError, match=NO_CHECKPOINT[name]):
            KAN.from_pykan("saved")
        return
    ours, x = KAN.from_pykan("saved"), points(theirs)
    if name == "swapped":  # pykan reads other functions from it than it has computed
        theirs = theirs.loadckpt("saved")
    close(ours(x[:, theirs.input_id]), theirs(x))


# ---------------------------------------------------------------------- what comes along


def test_inputs_before_a_pruning_and_the_data_seen_come_along(kan):
    theirs = MODELS["pruned input"](kan)
    ours = KAN.from_pykan(theirs)
    assert ours.input_names == ["x_1", "x_3"]
    assert ours.columns == {3: [0, 2]}
    close(ours.training_inputs(), theirs.cache_data[:, [0, 2]])
    x = points(theirs)
    close(ours(x[:, [0, 2]]), theirs(x))
    # pykan does not say how many inputs there were where the last ones are gone
    first = kan([3, 2, 1]).prune_input(active_inputs=[0, 1])
    assert KAN.from_pykan(first).columns == {}
    x = points(theirs)
    close(KAN.from_pykan(first, n_inputs=3)(x), first(x))


def test_own_functions_are_taken_over_or_given(kan):
    theirs = MODELS["own functions"](kan)
    ours = KAN.from_pykan(theirs)
    assert sorted(f.name for f in ours.layers[0].functions.values()) == ["bessel_j0", "f"]
    theirs = kan([1, 1])
    theirs.fix_symbolic(0, 0, 0, torch.special.bessel_j0, fit_params_bool=False)
    theirs.saveckpt("bessel")
    given = KAN.from_pykan("bessel", functions={"anonymous": torch.special.bessel_j0})
    x = points(theirs)
    close(given(x), theirs(x))
    back = given.to_pykan()
    close(back(x), theirs(x))
    close(back(x, singularity_avoiding=True), theirs(x))


def test_the_base_function_of_a_checkpoint_is_found_or_given(kan):
    """After prune_input pykan writes a module, which its own loadckpt refuses."""
    theirs = MODELS["pruned input"](kan)
    theirs.saveckpt("module")
    x = points(theirs)
    close(KAN.from_pykan("module")(x[:, [0, 2]]), theirs(x))
    theirs = MODELS["sine as base"](kan)
    theirs.base_fun_name = "sine"
    theirs.saveckpt("sine")
    with pytest.raises(ValueError, match="base function 'sine'; pass base_fun"):
        KAN.from_pykan("sine")
    close(KAN.from_pykan("sine", base_fun=torch.sin)(points(theirs)), theirs(points(theirs)))


def test_what_is_trained_stays_so(kan):
    theirs = kan([2, 2, 1], sp_trainable=False, affine_trainable=True, grid_eps=0.3)
    theirs.saveckpt("trained")
    for ours in (KAN.from_pykan(theirs), KAN.from_pykan("trained")):
        (layer, _) = ours.layers
        assert not layer.scale_sp.requires_grad
        assert layer.scale_base.requires_grad
        assert layer.nodes.node_scale.requires_grad
        assert layer.grid_eps == 0.3
        back = ours.to_pykan()
        assert not back.act_fun[0].scale_sp.requires_grad
        assert back.node_scale[1].requires_grad


def test_nothing_is_shared_and_no_random_number_drawn(kan):
    theirs = kan([2, 2, 1])
    before = {name: values.clone() for name, values in theirs.state_dict().items()}
    random = torch.get_rng_state()
    ours = KAN.from_pykan(theirs, dtype=torch.float32)
    back = ours.to_pykan()
    for parameter in (*ours.parameters(), *back.parameters()):
        parameter.data.fill_(7.0)
    assert all(torch.equal(values, before[name]) for name, values in theirs.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
def test_formulas_agree(kan):
    theirs = kan([2, 2, 1])
    functions = iter(["sin", "x^2", "exp", "tanh", "x", "cos"])
    for l, act in enumerate(theirs.act_fun):
        for i in range(act.in_dim):
            for j in range(act.out_dim):
                theirs.fix_symbolic(l, i, j, next(functions), fit_params_bool=False, verbose=False)
                theirs.symbolic_fun[l].affine.data[j, i] = torch.rand(4) + 0.3
    theirs(torch.rand(10, 2))
    (formula,), variables = theirs.symbolic_formula()
    ours = KAN.from_pykan(theirs)
    (mine,), names = ours.symbolic_formula()
    x = points(theirs, 40)
    values = [
        torch.as_tensor(sympy.lambdify(symbols, each, "numpy")(*x.double().numpy().T))[:, None]
        for each, symbols in ((formula, variables), (mine, names))
    ]
    close(values[1], values[0])
    close(values[1], theirs(x))


def test_what_was_opened_is_fitted_pruned_and_read(kan):
    theirs, dataset = fitted(kan, (3, 3, 1), grid=5), data(3)
    ours = KAN.from_pykan(theirs)
    losses = ours.fit(dataset, steps=8, lamb=0.002)["train_loss"]
    assert losses[-1] < losses[0]
    ours.prune(node_th=0.05, edge_th=0.05)
    assert len(ours.edges()) < 12
    ours.fix_symbolic(*ours.edges()[0], "sin")
    (formula,), _ = ours.symbolic_formula()
    assert "sin" in str(formula)
    x = points(theirs)
    close(ours.to_pykan()(x), ours(x))  # with what removed edges have left behind
    first = ours.layers[0]
    first.extrapolation = "linear"
    first.put_splines(first.knots / 2, first.coef)
    with pytest.warns(UserWarning, match="training samples lie outside the grids of layer 0"):
        ours.to_pykan()


def test_ours_goes_there_with_products_first_and_functions_that_pykan_lacks(kan):
    ours = KAN([2, [2, 2], 1], mult_arity=[2, [2, 3], 2], extrapolation="zero", seed=3)
    ours.swap(1, 0, 2)
    assert ours.layers[0].nodes.arity == (2, 1, 1, 3)
    own = add_symbolic("sixth", lambda u: u**6)
    ours.get_act(torch.rand(30, 2))
    ours.fix_symbolic(0, 0, 1, own)
    ours.fix_symbolic(0, 1, 1, "cosh")
    x = points(ours.to_pykan())
    close(ours.to_pykan()(x), ours(x))
    remove_symbolic(own.name)
    last = KAN([2, [1, 1]], extrapolation="zero")
    reshaping.keep(last.layers[0], [0, 1], [1, 0])
    with pytest.raises(ValueError, match="outputs that are products come before"):
        last.to_pykan()


# ---------------------------------------------------------------------- files of anybody


def rewrite(name, old, new):
    """Change a text in the checkpoint's configuration."""
    with open(f"{name}_config.yml") as file:
        text = file.read()
    assert old in text
    with open(f"{name}_config.yml", "w") as file:
        file.write(text.replace(old, new))


def restate(name, **changes):
    """Change tensors in the checkpoint."""
    state = torch.load(f"{name}_state", weights_only=True)
    torch.save(
        state | {key.replace("__", "."): value for key, value in changes.items()}, f"{name}_state"
    )


class Runs:
    """Makes a folder where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def hostile_pickle(name):
    with open(f"{name}_state", "wb") as file:
        pickle.dump(Runs(), file)


def truncated(name):
    with open(f"{name}_state", "rb") as file:
        content = file.read()
    with open(f"{name}_state", "wb") as file:
        file.write(content[: len(content) // 2])


def packed(name):
    with zipfile.ZipFile(f"{name}_state", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"0" * 10_000_000)


def products_of_one(name):
    rewrite(name, "mult_arity: 2", "mult_arity: [[], [1], []]")
    rewrite(name, "- - 2\n  - 0", "- - 1\n  - 1")


def write(name, text):
    with open(f"{name}_config.yml", "w") as file:
        file.write(text)


APPLY = "!!python/object/apply:os.mkdir [ran]"
BILLIONS = "a: &a0 [0]\n" + "".join(
    f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
) + "width: *a9"  # fmt: skip
HOSTILE = {
    "yaml that calls": (lambda n: write(n, APPLY), "a Python object"),
    "yaml that calls in a value": (lambda n: rewrite(n, "silu", APPLY), "a Python object"),
    "yaml that makes": (
        lambda n: rewrite(n, "silu", "!!python/object/new:os.mkdir [ran]"), "a Python object",
    ),
    "yaml that names": (lambda n: rewrite(n, "silu", "!!python/name:os.mkdir"), "a Python object"),
    "yaml of any tag": (lambda n: rewrite(n, "silu", "!run [1]"), "could not determine a construct"),
    "yaml of nothing": (lambda n: write(n, ""), "holds no names and values"),
    "yaml that ends": (lambda n: write(n, "width: [1, 2"), "no configuration that can be read"),
    "yaml nested": (lambda n: write(n, "[" * 5000), "no configuration that can be read"),
    "yaml of billions": (lambda n: write(n, BILLIONS), "more than 1,000,000 values"),
    "yaml in itself": (lambda n: write(n, "width: &a [*a, *a]"), "more than 1,000,000 values"),
    "yaml that merges": (lambda n: write(n, "a: &a {b: 1}\nc: {<<: [*a, *a]}"), "it merges values"),
    "no text": (lambda n: write(n, "\0\1"), "no configuration that can be read"),
    "too wide": (lambda n: rewrite(n, "- 2\n", "- 1000000000000\n"), "width says"),
    "less than no node": (lambda n: rewrite(n, "- - 2\n  - 0", "- - -2\n  - 4"), "-2; a whole"),
    "no width": (lambda n: rewrite(n, "width:", "with:"), "no checkpoint of pykan 0.2"),
    "width of words": (lambda n: rewrite(n, "- 2\n", "- two\n"), "whole number"),
    "width of three": (lambda n: write(n, "width: [[2, 0, 1], 1]\nmult_arity: 2"), r"width\[0\]"),
    "products of one": (products_of_one, "at least 2 factors"),
    "one layer": (lambda n: write(n, "width: [2]\nmult_arity: 2"), "at least two layers"),
    "another base": (lambda n: rewrite(n, "silu", "relu"), "base function 'relu'"),
    "eps": (lambda n: rewrite(n, "grid_eps: 0.02", "grid_eps: 7"), "grid_eps is 7"),
    "state that runs": (lambda n: torch.save(Runs(), f"{n}_state"), "something else than tensors"),
    "state with code": (lambda n: restate(n, more=Runs()), "something else than tensors"),
    "pickled state": (hostile_pickle, "no file of torch's"),
    "truncated state": (truncated, "no file of torch's"),
    "packed state": (packed, "is packed"),
    "state of a list": (lambda n: torch.save([1, 2], f"{n}_state"), "holds a list"),
    "state of numbers": (lambda n: restate(n, more=3), "holds a int among"),
    "cache that runs": (lambda n: torch.save(Runs(), f"{n}_cache_data"), "something else"),
    "cache of names": (lambda n: torch.save({}, f"{n}_cache_data"), "no tensor of real"),
    "wrong shape": (
        lambda n: restate(n, act_fun__0__scale_sp=torch.ones(2, 5)), r"scale_sp of layer 0 has the shape",
    ),
    "no dimension": (lambda n: restate(n, act_fun__0__coef=torch.ones(())), "coef of layer 0|IndexError"),
    "knots missing": (
        lambda n: restate(n, act_fun__1__grid=torch.ones(2, 4)), "4 knots and 6 coefficients",
    ),
    "knots that fall": (
        lambda n: restate(n, act_fun__1__grid=-torch.arange(20.0).view(2, 10)), "does not ascend",
    ),
    "huge by strides": (
        lambda n: restate(n, act_fun__0__coef=torch.ones(1).expand(2, 2, 10**11)), "larger than what",
    ),
    "NaN": (lambda n: restate(n, node_scale_0=torch.tensor([1.0, torch.nan])), "node_scale of layer 0"),
    "complex": (
        lambda n: restate(n, node_scale_0=torch.ones(2, dtype=torch.complex64)), "no real numbers",
    ),
    "unknown function": (lambda n: rewrite(n, "sin", "sine"), "is the function 'sine'"),
    "missing": (lambda n: os.remove(f"{n}_state"), "there is no file"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_wrong_or_hostile_is_refused_in_a_sentence(kan, case):
    theirs = kan([2, 2, 1])
    theirs.fix_symbolic(0, 0, 0, "sin", fit_params_bool=False, verbose=False)
    theirs.saveckpt("wrong")
    close(KAN.from_pykan("wrong")(points(theirs)), theirs(points(theirs)))
    harm, sentence = HOSTILE[case]
    harm("wrong")
    with pytest.raises((ValueError, FileNotFoundError), match=sentence) as refusal:
        KAN.from_pykan("wrong")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400
    assert not Path("ran").exists()


@pytest.mark.parametrize("source", [None, torch.nn.Linear(2, 1), {"width": [2, 1]}])
def test_what_is_no_model_of_pykans_is_refused(source):
    with pytest.raises(TypeError, match="a model of pykan's, or the path of a checkpoint"):
        KAN.from_pykan(source)


def test_functions_that_are_none_are_refused(kan):
    with pytest.raises(TypeError, match="functions is"):
        KAN.from_pykan(symbolic(kan), functions=["sin"])


def test_the_sentence_where_a_package_is_missing(kan, monkeypatch):
    theirs = kan([2, 1])
    theirs.saveckpt("plain")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match="pip install pyyaml"):
        KAN.from_pykan("plain")
    monkeypatch.setitem(sys.modules, "kan", None)
    with pytest.raises(ImportError, match="pip install pykan"):
        KAN([2, 1]).to_pykan()
    assert KAN.from_pykan(theirs).width == [2, 1]
