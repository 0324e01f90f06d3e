"""Networks of efficient-kan open here with equal outputs and go back; its classes work on our engine.

The numbers in `data/` are told of in `test_efficient_kan`.
"""

import copy
import math
import pickle
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import kanwidget
from kanwidget.compat.efficient_kan import KAN, KANLinear
from tests.benchmarks.dense import dense_kan
from tests.networks import hello_data, points

DATA = Path(__file__).parent / "data"


@pytest.fixture(params=["2_5_1", "4_8_3_g8_k2"])
def numbers(request):
    with np.load(DATA / f"efficient_kan_{request.param}.npz") as held:
        return {name: torch.from_numpy(values) for name, values in held.items()}


def state_of(numbers, state="state"):
    """The state_dict as efficient-kan writes it."""
    return {k.partition("/")[2]: v for k, v in numbers.items() if k.startswith(f"{state}/")}


def named_as_theirs(numbers, state="state"):
    """The network of theirs, by our class of that name."""
    widths, grid, k = (numbers[name].tolist() for name in ("widths", "grid_size", "spline_order"))
    made = KAN(widths, grid_size=grid, spline_order=k)
    made.load_state_dict(state_of(numbers, state))
    return made


def close(ours, theirs, within=1e-5):
    torch.testing.assert_close(
        ours.detach().float(), theirs.detach().float(),
        rtol=within, atol=within * max(1.0, float(theirs.detach().abs().max())),
    )  # fmt: skip


# ---------------------------------------------------------------------- opened, and back


@pytest.mark.parametrize("state", ["state", "state_after"])
def test_a_state_dict_opens_with_equal_outputs_and_goes_back(numbers, state):
    theirs = state_of(numbers, state)
    ours = kanwidget.KAN.from_efficient_kan(theirs)
    y = numbers["y" if state == "state" else "y_after_update_grid"]
    close(ours(numbers["x"]), y)
    assert ours.width == numbers["widths"].tolist()
    assert {layer.k for layer in ours.layers} == {int(numbers["spline_order"])}
    back = ours.to_efficient_kan()
    assert back.keys() == theirs.keys()
    for name, values in theirs.items():
        close(back[name], values, 1e-6)


def test_layers_without_factors_of_their_own_open_and_are_written(numbers):
    ours = kanwidget.KAN.from_efficient_kan(state_of(numbers), dtype=torch.float32)
    lean = ours.to_efficient_kan(standalone_scale=False)
    assert not any("spline_scaler" in name for name in lean)
    close(kanwidget.KAN.from_efficient_kan(lean)(numbers["x"]), numbers["y"])
    first = KANLinear(
        ours.width[0], ours.width[1], int(numbers["grid_size"]), int(numbers["spline_order"]),
        enable_standalone_scale_spline=False,
    )  # fmt: skip
    first.load_state_dict({n.removeprefix("layers.0."): v for n, v in lean.items() if ".0." in n})
    close(first(numbers["x"]), ours.layers[0](numbers["x"]))
    close(kanwidget.KAN.from_efficient_kan(first)(numbers["x"]), first(numbers["x"]))


def test_a_network_in_another_and_one_with_another_base_open():
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.kan = KAN([3, 2, 1], base_activation=nn.Identity)

    theirs = Wrapped()
    x = points(50, 3, -2, 2).float()
    close(kanwidget.KAN.from_efficient_kan(theirs)(x), theirs.kan(x))
    sine = KAN([3, 1], base_activation=lambda: torch.sin).eval()
    sine.layers[0].base_activation = torch.sin
    close(kanwidget.KAN.from_efficient_kan(sine.state_dict(), base_fun=torch.sin)(x), sine(x))


def test_what_was_opened_is_fitted_pruned_and_read():
    theirs = KAN([2, 3, 1])
    ours = kanwidget.KAN.from_efficient_kan(theirs)
    losses = ours.fit(hello_data(100), steps=20)["train_loss"]
    assert losses[-1] < 0.3 * losses[0]
    ours.remove_edge(0, 1, 0)
    ours.layers[0].left.zero_()
    ours.layers[0].structure_changed()
    x = points(50, 2, -1.5, 1.5).float()
    theirs.load_state_dict(ours.to_efficient_kan())
    close(theirs(x), ours(x))
    ours.fix_symbolic(0, 0, 0, "sin")
    assert "sin" in str(ours.symbolic_formula()[0][0])


def hindered(change, *width, **options):
    model = kanwidget.KAN(list(width) or [2, 3, 1], **options)
    model.get_act(points(40, 2))
    change(model)
    return model


HINDERED = {
    "is symbolic": lambda: hindered(lambda m: m.fix_symbolic(0, 1, 2, "sin")),
    "has multiplication nodes": lambda: hindered(lambda m: None, 2, [1, 1], 1),
    "biases of nodes": lambda: hindered(lambda m: None, affine_trainable=True),
    "left constants behind": lambda: hindered(lambda m: m.remove_edge(0, 0, 0)),
    "layer 1 has grid 5": lambda: hindered(lambda m: None, grid=[3, 5]),
    "another base function": lambda: hindered(
        lambda m: setattr(m.layers[1], "base_fun", torch.sin)
    ),
}


@pytest.mark.parametrize("reason", HINDERED)
def test_what_efficient_kan_cannot_express_is_said(reason):
    with pytest.raises(ValueError, match=f"to_efficient_kan: .*{reason}"):
        HINDERED[reason]().to_efficient_kan()


WRONG = {
    "has the entry 'weight'": lambda s: s | {"weight": torch.ones(2)},
    "has the entry 'layers.0.grid'": lambda s: s | {"layers.0.grid": [1, 2]},
    "lacks base_weight of layer 1": lambda s: {k: v for k, v in s.items() if k != "layers.1.base_weight"},
    r"of the layers \[0, 2\]": lambda s: {k.replace("layers.1", "layers.2"): v for k, v in s.items()},
    "tensors of 2 networks": lambda s: s | {"other.layers.0.grid": torch.ones(2)},
    "tensors of 0 networks": lambda s: {},
    "spline_scaler of layer 0 has the shape": lambda s: s | {"layers.0.spline_scaler": torch.ones(9)},
    "layer 1 has spline_weight of the shape": lambda s: s | {"layers.1.spline_weight": torch.ones(9)},
    "knots and 11 coefficients": lambda s: s | {"layers.0.spline_weight": torch.ones(3, 2, 11)},
    "NaN": lambda s: s | {"layers.0.base_weight": torch.full((3, 2), torch.nan)},
}  # fmt: skip


@pytest.mark.parametrize("reason", WRONG)
def test_a_state_dict_that_is_none_is_refused(reason):
    state = WRONG[reason](dict(KAN([2, 3, 1]).state_dict()))
    with pytest.raises(ValueError, match=reason):
        kanwidget.KAN.from_efficient_kan(state)


def test_what_is_no_state_dict_is_refused():
    with pytest.raises(TypeError, match="state_dict is a str"):
        kanwidget.KAN.from_efficient_kan("kan.pt")


# ---------------------------------------------------------------------- its classes, here


def test_outputs_and_gradients_are_theirs(numbers):
    made, x = named_as_theirs(numbers), numbers["x"].clone().requires_grad_()
    y = made(x)
    close(y, numbers["y"])
    (gradient,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
    close(gradient, numbers["loss_grad_x"])
    assert torch.autograd.grad(gradient.square().sum(), x)[0].isfinite().all()


def test_gradients_by_weights_are_those_of_a_dense_network(numbers):
    made = named_as_theirs(numbers)
    widths, grid, k = (numbers[name].tolist() for name in ("widths", "grid_size", "spline_order"))
    dense = dense_kan(widths, grid, k)
    for layer, held in zip(dense, made.layers, strict=True):
        layer.load_state_dict(held.state_dict())
    for model in (made, dense):
        model(numbers["x"]).square().sum().backward()
    others = dict(nn.ModuleDict({"layers": dense}).named_parameters())
    for name, parameter in made.named_parameters():
        close(parameter.grad, others[name].grad)


@pytest.mark.parametrize(("size", "entropy"), [(1, 1), (0.5, 2)])
def test_regularization_is_theirs(numbers, size, entropy):
    loss = named_as_theirs(numbers).regularization_loss(size, entropy)
    close(loss, numbers[f"reg_{size}_{entropy}"])
    loss.backward()


def test_moved_knots_are_theirs_and_the_function_stays(numbers):
    made, x = named_as_theirs(numbers), numbers["grid_x"]
    before = made(0.99 * x)
    made(x, update_grid=True)
    close(made.layers[0].grid, numbers["state_after/layers.0.grid"])
    change = (made(0.99 * x) - before).abs().max()
    theirs = (named_as_theirs(numbers, "state_after")(0.99 * x) - before).abs().max()
    assert change < 0.3 * theirs  # where it does not stay


def test_a_grid_moves_to_any_data():
    layer = KANLinear(2, 3, grid_eps=0.0)
    x = points(60, 2).float()
    x[:, 1] = 0.3
    layer.update_grid(x.view(4, 15, 2), margin=0.0)
    assert layer.grid.isfinite().all()
    assert layer(x).isfinite().all()
    for bad in (x[:1], x * torch.nan):
        with pytest.raises(ValueError, match="at least 2, all of them finite"):
            layer.update_grid(bad)


def test_any_leading_shape_is_taken():
    layer = KANLinear(3, 2)
    x = points(24, 3, -1.5, 1.5).float()
    for shape in ((24,), (4, 6), (2, 3, 4), (1, 24)):
        close(layer(x.view(*shape, 3)), layer(x).view(*shape, 2))
    assert layer(x[0]).shape == (2,)
    assert layer(x[:0]).shape == (0, 2)
    for wrong in (x[:, :2], torch.tensor(1.0)):
        with pytest.raises(ValueError, match=r"this layer takes \(…, 3\)"):
            layer(wrong)


def test_base_activations_of_any_kind_work_and_are_trained():
    x = points(20, 2).float()
    for activation in (nn.SiLU, nn.Identity, nn.Tanh, nn.PReLU, nn.GELU(), torch.sin):
        layer = KANLinear(2, 2, base_activation=activation)
        base = layer.base_activation
        splines = (layer.b_splines(x).flatten(1) @ layer.scaled_spline_weight.flatten(1).T).detach()
        close(layer(x) - splines, base(x) @ layer.base_weight.T)
        layer(x).sum().backward()
        assert all(each.grad is not None for each in layer.parameters())


def test_coefficients_of_curves_give_the_curves():
    layer, x = KANLinear(2, 3), points(80, 2).float()
    curves = torch.stack(
        [torch.stack([x[:, i] ** 2 + j for j in range(3)], 1) for i in range(2)], 1
    )
    coef = layer.curve2coeff(x, curves)
    close(torch.einsum("nig,oig->nio", layer.b_splines(x), coef), curves)


@pytest.mark.parametrize("numbers", ["2_5_1"], indirect=True)
def test_a_seed_gives_the_start_that_it_gives_there(numbers):
    torch.manual_seed(0)  # with which these numbers were made
    made = KAN([2, 5, 1]).state_dict()
    for name, values in state_of(numbers).items():
        torch.testing.assert_close(made[name], values, rtol=0, atol=1e-6)


def test_a_start_is_as_large_as_asked_for():
    torch.manual_seed(0)
    first, same = KANLinear(40, 30), KANLinear(40, 30)
    torch.manual_seed(0)
    again = KANLinear(40, 30)
    assert torch.equal(first.spline_weight, again.spline_weight)
    assert not torch.equal(first.base_weight, same.base_weight)
    bound = math.sqrt(2 / (1 + 5)) * math.sqrt(3 / 40)
    for weights in (first.base_weight, first.spline_scaler):
        assert 0.98 * bound < weights.abs().max() <= bound
    assert first.curve2coeff(points(5, 40).float(), torch.zeros(5, 40, 30)).count_nonzero() == 0
    noise = first.b_splines(torch.linspace(-1, 1, 6)[:-1, None].expand(-1, 40))
    values = torch.einsum("nig,oig->nio", noise, first.spline_weight)
    assert 0.95 * 0.01 < values.abs().max() <= 0.01 * 1.0001
    lean = KANLinear(40, 30, scale_spline=0.0, enable_standalone_scale_spline=False)
    assert lean.spline_weight.count_nonzero() == 0


def test_it_is_a_module_like_any_other():
    model, x = KAN([2, 3, 1]), points(20, 2).float()
    y = model(x)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other(x), y)
    assert model.double()(x.double()).dtype == torch.float64
    assert "2, 3, grid=5, k=3" in repr(model)


@pytest.mark.parametrize(
    ("sentence", "options"),
    [
        ("in_features is 0", {"in_features": 0}),
        ("out_features is 1.5", {"out_features": 1.5}),
        ("grid_size is 0", {"grid_size": 0}),
        ("spline_order is -1", {"spline_order": -1}),
        ("scale_noise is nan", {"scale_noise": math.nan}),
        ("grid_eps is 2", {"grid_eps": 2}),
        (r"grid_range is \[1, -1\]", {"grid_range": [1, -1]}),
        ("base_activation is 'silu'", {"base_activation": "silu"}),
    ],
)
def test_bad_arguments_are_told(sentence, options):
    with pytest.raises((ValueError, TypeError), match=sentence):
        KANLinear(**({"in_features": 2, "out_features": 2} | options))


def test_digits_are_learned_by_their_own_loop():
    """The loop of the lean layer's tutorial, and no slower than a dense layer that computes the same."""
    torch.manual_seed(0)
    x, labels = torch.rand(512, 64), torch.randint(0, 10, (512,))
    x[torch.arange(512), labels] += 2.0
    model = KAN([64, 16, 10])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-4)
    for _ in range(6):
        for batch in torch.randperm(512).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), labels[batch]).backward()
            optimizer.step()
    assert (model(x).argmax(1) == labels).float().mean() > 0.9


def seconds_a_step(model, x, labels, steps=3):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    took = []
    for _ in range(steps):
        begin = time.process_time()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()
        took.append(time.process_time() - begin)
    return min(took)


def test_a_step_takes_less_time_than_in_a_dense_network():
    x, labels = torch.rand(64, 784), torch.randint(0, 10, (64,))
    ours = seconds_a_step(KAN([784, 64, 10]), x, labels, 6)
    dense = seconds_a_step(dense_kan([784, 64, 10]), x, labels, 6)
    assert ours < dense
