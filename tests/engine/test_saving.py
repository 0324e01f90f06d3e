import copy
import io
import json
import pickle

import pytest
import torch

import kanwidget
from kanwidget.saving import packed, unpacked
from kanwidget.symbolic import library
from kanwidget.symbolic.function import own_function
from tests.networks import hello_data, mixed_model, points, same, state

DTYPES = [torch.float32, torch.float64]
NETWORKS = [
    {"width": (2, 3, 1)},
    {"width": (3, [1, 2], [1, 1]), "mult_arity": [2, [2, 3], 2], "grid": [2, 5], "k": [3, 2]},
    {"width": (3, 2, 2), "extrapolation": "zero", "base_fun": "identity", "affine_trainable": True},
]
every_network = pytest.mark.parametrize("options", NETWORKS, ids=lambda o: str(o["width"]))


def seen(dtype=torch.float64, **options):
    model = mixed_model(dtype=dtype, **options)
    model.get_act(points(60, model.width[0], dtype=dtype))
    model.lock_edge(*model.edges()[0])
    model.input_names = list("abcdefg"[: model.width[0]])
    return model


def through_a_file(thing, **options):
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, **options)


COPIES = {
    "copy": lambda model: model.copy(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "torch.save": lambda model: through_a_file(model, weights_only=False),
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_a_copy_is_the_same_and_shares_nothing(options, dtype, name):
    model, x = seen(dtype, **options), points(30, options["width"][0], -1.4, 1.4)
    model.prune_input(active_inputs=[0, 1])
    before, outputs = state(model), model(x)
    other = COPIES[name](model)
    assert same(other, before)
    assert torch.equal(other(x), outputs)
    assert torch.equal(other.calibration, model.calibration)
    assert other.calibration is not model.calibration
    other.prune(0.3, 0.3)
    other.fix_symbolic(
        *next(e for e in other.edges() if not other.layers[e[0]].locked[e[2], e[1]]), "exp"
    )
    other.expand_depth()
    other.input_names[0] = "z"
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1.0)
    assert same(model, before)
    assert torch.equal(model(x), outputs)


def test_a_copy_goes_its_own_way_unheard():
    model, heard = seen(**NETWORKS[0]), []
    model.listeners.append(lambda event, details: heard.append(event))
    other = model.copy()
    other.refine(6)
    assert heard == []
    assert other.fit(hello_data(50), steps=1)
    assert model.layers[0].grid == 3


# ---------------------------------------------------------------------- state_dict


@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_a_state_makes_any_network_the_one_that_was_saved(options, dtype):
    model, x = seen(dtype, **options), points(30, options["width"][0], -1.4, 1.4)
    model.prune_edge(0.02)
    model.prune_input(active_inputs=[0, 1])
    saved = through_a_file(model.state_dict(), weights_only=True)
    for other in (
        kanwidget.KAN([5, 3], grid=7, k=1, dtype=dtype),
        kanwidget.KAN([1, 2, 2, 4], grid=[3, 2, 5], dtype=dtype),
        kanwidget.KAN([2, [2, 2], 1], dtype=dtype, seed=4),
        seen(dtype, **options),
    ):
        assert other.load_state_dict(saved).missing_keys == []
        assert torch.equal(other(x), model(x))
        assert same(other, state(model))
        assert repr(other) == repr(model)
        assert other.input_names == model.input_names
        assert other.calibration is None or other.calibration.shape[1] in (2, 3)
        other.get_act(x)
        other.fit(
            {"train_input": x, "train_label": model(x), "test_input": x, "test_label": model(x)},
            steps=1,
        )


def test_a_state_is_tensors_and_plain_data():
    saved = seen(**NETWORKS[1]).state_dict()
    assert all(isinstance(value, torch.Tensor) for value in saved.values())
    extra = unpacked(saved["_extra_state"])
    assert json.loads(json.dumps(extra)) == extra
    names = {each["name"] for layer in extra["layers"] for each in layer["functions"]}
    assert names <= {"sin", "x^2", "tanh"}
    assert names


def test_symbolic_functions_of_removed_edges_come_along():
    model = seen(**NETWORKS[0])
    model.fix_symbolic(1, 1, 0, "x^3")
    model.remove_edge(1, 1, 0)
    other = kanwidget.KAN([2, 3, 1])
    other.load_state_dict(model.state_dict())
    other.restore_edge(1, 1, 0)
    model.restore_edge(1, 1, 0)
    x = points(20, 2)
    assert torch.equal(other(x), model(x))
    assert other.layers[1].symbolic_function(1, 0) is library.get("x^3")


def test_a_state_in_another_dtype_is_converted():
    model, other = seen(torch.float64, **NETWORKS[0]), kanwidget.KAN([1, 1], dtype=torch.float32)
    other.load_state_dict(model.state_dict())
    assert other.dtype == torch.float32
    x = points(20, 2)
    torch.testing.assert_close(other(x).double(), model(x), rtol=1e-4, atol=1e-5)


def test_a_network_within_another_module_is_loaded_too():
    models = [seen(**NETWORKS[0]), kanwidget.KAN([1, 1])]
    outer = [torch.nn.Sequential(model, torch.nn.Tanh()).double() for model in models]
    outer[1].load_state_dict(outer[0].state_dict())
    assert torch.equal(outer[1](points(20, 2)), outer[0](points(20, 2)))


def bump(u):
    return torch.exp(-(u**4))


def test_functions_of_ones_own_are_found_where_they_are_known():
    own = own_function("bump", bump)
    model = seen(**NETWORKS[0])
    model.fix_symbolic(0, 1, 1, own, fit_params_bool=False)
    saved, x = copy.deepcopy(model.state_dict()), points(20, 2)
    expected = model(x)
    stranger = kanwidget.KAN([4, 4])
    before = state(stranger)
    with pytest.raises(
        ValueError, match=r"edge \(0, 1, 1\) was saved with the function 'bump', which is"
    ):
        stranger.load_state_dict(saved)
    assert same(stranger, before)
    model.load_state_dict(saved)
    assert torch.equal(model(x), expected)
    library.register(own)
    try:
        stranger.load_state_dict(saved)
        assert torch.equal(stranger(x), expected)
    finally:
        del library.LIBRARY["bump"]


def test_a_function_of_ones_own_is_not_taken_for_one_of_the_library():
    model = seen(**NETWORKS[0])
    model.fix_symbolic(0, 1, 1, own_function("sin", bump), fit_params_bool=False)
    saved, expected = copy.deepcopy(model.state_dict()), model(points(20, 2))
    stranger = mixed_model((2, 3, 1))
    with pytest.raises(ValueError, match="'sin', which is neither"):
        stranger.load_state_dict(saved)
    model.load_state_dict(saved)
    assert torch.equal(model(points(20, 2)), expected)


def test_a_base_function_of_ones_own_has_to_be_brought_along():
    model, x = kanwidget.KAN([2, 1], base_fun=torch.cos), points(20, 2)
    with pytest.raises(ValueError, match="base function of somebody's own"):
        kanwidget.KAN([2, 1]).load_state_dict(model.state_dict())
    other = kanwidget.KAN([3, 4], base_fun=torch.cos)
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))


def broken(**changes):
    saved = seen(**NETWORKS[0]).state_dict()
    saved["_extra_state"] = packed(unpacked(saved["_extra_state"]) | changes)
    return saved


def broken_layer(**changes):
    extra = unpacked(seen(**NETWORKS[0]).state_dict()["_extra_state"])
    return broken(layers=[extra["layers"][0] | changes, extra["layers"][1]])


@pytest.mark.parametrize(
    ("saved", "error", "sentence"),
    [
        (broken(format=99), ValueError, "not one of a kanwidget network, or of a later version"),
        (broken(layers=[{}]), ValueError, "the saved state cannot be read"),
        (broken(inputs=0), ValueError, "inputs is 0"),
        (broken(inputs=3), RuntimeError, "size mismatch"),
        (broken_layer(k=4), RuntimeError, "size mismatch"),
        (broken_layer(grid="3"), ValueError, "grid is '3'"),
        (broken_layer(base_fun="relu"), ValueError, "base function 'relu', which is not known"),
        (broken_layer(extrapolation="cubic"), ValueError, "extrapolation is 'cubic'"),
        (broken_layer(functions=[[0]]), ValueError, "cannot be read"),
        (broken_layer(functions=[]), ValueError, "the state has no function for edge"),
        ({"_extra_state": None}, ValueError, "not one of a kanwidget network"),
        ({"_extra_state": torch.zeros(3)}, ValueError, "not one of a kanwidget network"),
        ({"_extra_state": torch.full((3,), 255, dtype=torch.uint8)}, ValueError, "not one of a"),
        ({}, RuntimeError, "Missing key"),
        ({**broken(), "layers.0.more": torch.zeros(1)}, RuntimeError, "Unexpected key"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(saved, error, sentence):
    model, heard = mixed_model((3, 4, 2)), []
    model.get_act(points(10, 3))
    model.listeners.append(lambda event, details: heard.append(event))
    before, outputs = state(model), model(points(10, 3))
    with pytest.raises(error, match=sentence):
        model.load_state_dict(saved)
    assert same(model, before)
    assert torch.equal(model(points(10, 3)), outputs)
    assert heard == []
