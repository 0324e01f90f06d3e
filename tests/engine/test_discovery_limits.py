"""What `KAN.auto` does where there is no formula, no time, or nothing to search in."""

import dataclasses
import math
import time

import pytest
import sympy
import torch

import kanwidget
from tests.networks import hello_data, same, state


def model(*width, dtype=torch.float64, seed=0):
    return kanwidget.KAN(list(width), seed=seed, dtype=dtype)


def dataset(f, n=2, samples=100, **options):
    return kanwidget.create_dataset(f, n_var=n, train_num=samples, test_num=samples, **options)


def test_real_data_without_a_formula_end_in_time_with_a_sensible_front():
    from sklearn.datasets import load_diabetes

    inputs, labels = load_diabetes(return_X_y=True)
    data = kanwidget.create_dataset_from_data(inputs, labels)
    net, began = model(10, 5, 1), time.process_time()
    found = net.auto(data, seconds=4)
    assert time.process_time() - began < 10  # as much again, at least five seconds, for constants
    losses = [entry.val_loss for entry in found.front]
    sizes = [entry.complexity for entry in found.front]
    assert len(found.front) > 1
    assert losses == sorted(losses, reverse=True)
    assert sizes == sorted(set(sizes))
    assert losses[-1] < 0.75 * float(data.val_label.std())
    assert not found.exact
    with torch.no_grad():
        rest = (net(data.val_input) - data.val_label).square().mean().sqrt()
    assert float(rest) == pytest.approx(found.val_loss)


def test_a_constant_label_is_the_constant():
    for value, spelled in ((3.0, "3"), (0.0, "0")):
        net, data = model(2, 2, 1), dataset(lambda x, v=value: 0 * x[:, [0]] + v)
        found = net.auto(data)
        assert [str(e) for e in found.expressions] == [spelled]
        assert found.exact
        torch.testing.assert_close(net(data.test_input).detach(), data.test_label)


def test_labels_that_are_noise_get_a_simple_formula():
    random = torch.Generator().manual_seed(0)
    data = dataset(lambda x: torch.randn(len(x), 1, generator=random, dtype=x.dtype), samples=200)
    found = model(2, 3, 1).auto(data, seconds=2, lib=["0", "x", "x^2", "sin"])
    assert found.complexity <= 5
    assert not found.exact
    assert found.val_loss == pytest.approx(1, rel=0.2)


ODD = {
    "huge": (lambda x: 1e12 * torch.sin(3 * x[:, [0]]), {}, 1e12),
    "tiny": (lambda x: 1e-12 * torch.sin(3 * x[:, [0]]), {}, 1e-12),
    "large inputs": (lambda x: torch.sin(1e-4 * x[:, [0]]), {"ranges": (0, 1e5)}, 1),
    "an offset": (lambda x: 1000 + torch.sin(3 * x[:, [0]]), {}, 1000),
}


@pytest.mark.parametrize("kind", ODD)
def test_data_of_any_size_have_their_formula(kind):
    f, options, size = ODD[kind]
    net, data = model(1, 1), dataset(f, 1, **options)
    found = net.auto(data)
    assert found.exact
    assert found.expressions[0].has(sympy.sin)
    with torch.no_grad():
        assert float((net(data.test_input) - data.test_label).abs().max()) < 1e-9 * size


def test_a_column_that_never_changes_is_no_matter():
    data = dataset(lambda x: torch.sin(x[:, [0]]))
    still = {
        f"{part}_input": data[f"{part}_input"] * torch.tensor([1.0, 0.0]).double() + 2
        for part in ("train", "val", "test")
    }
    found = model(2, 2, 1).auto(dataclasses.replace(data, **still))
    assert found.exact
    assert {str(v) for v in found.expressions[0].free_symbols} == {"x_1"}


@pytest.mark.parametrize("width", [(1, 1), (2, 3, 1)])
@pytest.mark.parametrize("samples", [2, 3, 5, 10])
def test_few_samples_end_without_an_exception(samples, width):
    data = dataset(lambda x: x[:, [0]] * x[:, [-1]], width[0], samples)
    found = model(*width).auto(data, seconds=1)
    assert math.isfinite(found.val_loss)


def test_a_straight_line_is_found_from_ten_samples():
    x = torch.linspace(0.5, 2, 10, dtype=torch.float64)[:, None]
    found = model(1, 1).auto(kanwidget.create_dataset_from_data(x, 3 * x))
    assert [str(e) for e in found.expressions] == ["3*x_1"]


def test_what_the_callback_raises_leaves_the_network_as_it_was():
    net, data, told = model(2, 3, 1), hello_data(100), []
    before, version = state(net), net.version

    def stop(progress):
        told.append(progress)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.auto(data, callback=stop)
    assert same(net, before)
    assert net.version == version
    assert net.calibration is None
    assert net.auto(data).exact


def test_the_callback_is_told_how_far_it_is():
    told = []
    model(2, 3, 1).auto(hello_data(200), callback=told.append)
    assert [p.text for p in told][:2] == [
        "fitting a sum of functions",
        "fitting a product of functions",
    ]
    assert told[-1].text == "making constants exact"
    seconds = [p.seconds for p in told]
    assert seconds == sorted(seconds)
    assert told[0].best is None


def test_of_several_outputs_the_callback_hears_which():
    told = []
    data = dataset(lambda x: torch.cat([x[:, [0]], x[:, [1]] ** 2], 1))
    model(2, 3, 2).auto(data, callback=told.append)
    words = [p.text for p in told]
    assert any(text.endswith(", output 1") for text in words)
    assert any(text.endswith(", output 2") for text in words)


def test_no_time_is_no_formula_and_changes_nothing():
    net = model(2, 3, 1)
    net.fit(hello_data(50), steps=1)
    before, version = state(net), net.version
    with pytest.raises(
        RuntimeError, match="no formula was found in 0 seconds; the network is as it"
    ):
        net.auto(hello_data(50), seconds=0)
    assert same(net, before)
    assert net.version == version


def nan_data():
    data = {key: value.clone() for key, value in hello_data(50).items()}
    data["train_label"][3] = math.nan
    return data


BAD = {
    "too many columns": (
        lambda: {"dataset": dataset(lambda x: x[:, [0]], 3)},
        ValueError,
        "3 inputs",
    ),
    "too many outputs": (lambda: {"dataset": dataset(lambda x: x)}, ValueError, "2 outputs"),
    "no data": (lambda: {"dataset": 7}, TypeError, "dataset is a int"),
    "nan": (lambda: {"dataset": nan_data()}, ValueError, "train_label.*NaN"),
    "unknown function": (lambda: {"lib": ["x", "sine"]}, KeyError, "unknown function 'sine'"),
    "no function": (lambda: {"lib": []}, ValueError, "lib is empty"),
    "a number as lib": (lambda: {"lib": 3}, TypeError, "lib must be a list"),
    "negative seed": (lambda: {"seed": -1}, ValueError, "seed is -1"),
    "seed of a half": (lambda: {"seed": 0.5}, ValueError, "seed is 0.5"),
    "negative time": (lambda: {"seconds": -1}, ValueError, "seconds is -1"),
    "time without end": (lambda: {"seconds": math.inf}, ValueError, "seconds is inf"),
    "no number": (lambda: {"seconds": "long"}, ValueError, "seconds is 'long'"),
    "no callback": (lambda: {"callback": 3}, TypeError, "callback is 3"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_explained_in_a_sentence_and_changes_nothing(kind):
    arguments, error, words = BAD[kind]
    net, given = model(2, 3, 1), {"dataset": hello_data(50)} | arguments()
    before, version = state(net), net.version
    with pytest.raises(error, match=words) as raised:
        net.auto(**given)
    assert same(net, before)
    assert net.version == version
    assert net.calibration is None
    assert "\n" not in str(raised.value)


def test_same_seed_same_formula_and_bits_whatever_the_network_was():
    data = hello_data(200)
    nets = [model(2, 5, 1, seed=0), model(2, 5, 1, seed=7)]
    found = [net.auto(data, seed=3) for net in nets]
    assert found[0].raw == found[1].raw
    assert found[0].expressions == found[1].expressions
    for a, b in zip(found[0].road, found[1].road, strict=True):
        assert (a.command, a.label) == (b.command, b.label)
    x = data.test_input
    assert torch.equal(nets[0](x), nets[1](x))


def test_no_global_seed_is_read_or_changed():
    torch.manual_seed(11)
    before = torch.random.get_rng_state()
    model(2, 3, 1).auto(hello_data(100))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_data_are_left_as_they_were():
    data = hello_data(100)
    before = {key: value.clone() for key, value in data.items()}
    model(2, 3, 1).auto(data)
    assert all(torch.equal(data[key], value) for key, value in before.items())
