"""Batches, epochs and loaders."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

import kanwidget
from kanwidget.fitting import FitOptions, Trainer
from kanwidget.fitting.loaders import as_source
from kanwidget.fitting.losses import LOSSES
from tests.networks import hello, hello_data, points, same, state

MSE = LOSSES["mse"]


def loader(samples=100, batch_size=16, seed=0, shuffle=False, **options):
    x = points(samples, 2, seed=seed)
    numbers = torch.Generator().manual_seed(seed)
    return DataLoader(TensorDataset(x, hello(x)), batch_size, shuffle, generator=numbers, **options)


def source(data, batch=-1, seed=0, model=None):
    made = as_source(model or kanwidget.KAN([2, 1]), data, MSE, seed)
    made.divide(batch)
    return made


# ---------------------------------------------------------------------- batches and epochs


@given(samples=st.integers(2, 60), batch=st.integers(2, 70))
def test_an_epoch_goes_over_every_sample_once(samples, batch):
    data = hello_data(samples)
    drawn = source(data, batch)
    for _ in range(2):
        batches = list(drawn.batches())
        x, y = (torch.cat(column) for column in zip(*batches, strict=True))
        assert torch.equal(x.sort(0).values, data.train_input.sort(0).values)
        assert torch.equal(y, hello(x))
        sizes = [len(each.x) for each in batches]
        assert max(sizes) - min(sizes) <= 1
        assert min(sizes) >= 2
        assert len(batches) == drawn.batches_a_pass


def test_the_order_is_the_seeds_and_new_in_every_epoch():
    data = hello_data(40)
    first, again, other = (source(data, 8, seed) for seed in (1, 1, 2))
    epochs = [torch.cat([each.x for each in drawn.batches()]) for drawn in (first, again, other)]
    assert torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[0], epochs[2])
    assert not torch.equal(epochs[0], torch.cat([each.x for each in first.batches()]))


def test_no_global_seed_is_read_or_changed():
    data, ends = hello_data(40), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        model = kanwidget.KAN([2, 2, 1])
        model.fit(data, opt="AdamW", epochs=2, batch=8, seed=5)
        model.fit(data, opt="SGD", steps=3, batch=8, seed=5)
        model.fit(loader(), opt="Adam", epochs=1)
        assert torch.equal(torch.get_rng_state(), before)
        ends.append(state(model))
    assert same(model, ends[0])


@pytest.mark.parametrize("opt", ["LBFGS", "Adam", "AdamW", "SGD", torch.optim.RMSprop])
def test_epochs_train_with_every_optimizer(opt):
    results = kanwidget.KAN([2, 3, 1]).fit(hello_data(), opt=opt, epochs=6, batch=32, lr=0.02)
    assert {len(values) for values in results.values()} == {6}
    assert results["val_loss"][-1] < 0.8 * results["val_loss"][0]


def test_training_losses_of_batches_are_those_met_on_the_way():
    data, model = hello_data(50), kanwidget.KAN([2, 2, 1])
    options = FitOptions(opt="SGD", lr=1e-12, epochs=1, batch=10, update_grid=False)
    (last,) = [each for each in Trainer(model, data, options).steps() if each.whole]
    now = Trainer(model, data, FitOptions()).losses()
    assert last.train_loss == pytest.approx(now["train_loss"])
    assert last.val_loss == now["val_loss"]


def test_many_samples_are_not_looked_at_after_every_small_batch(monkeypatch):
    data, model = hello_data(400), kanwidget.KAN([2, 2, 1])
    monkeypatch.setattr("kanwidget.fitting.tally.CHEAP", 100)
    calls = []
    model.layers[1].register_forward_hook(lambda layer, x, y: calls.append(len(y)))
    results = model.fit(data, opt="Adam", steps=95, batch=10, update_grid=False)
    assert calls.count(400) == 2 * (
        1 + 95 // 40 + 1
    )  # val and test: at the start, every 40th, at the end
    assert len(set(results["train_loss"])) == 95
    assert len(set(results["val_loss"])) == 4


def test_large_parts_are_measured_in_pieces(monkeypatch):
    data, model = hello_data(3000), kanwidget.KAN([2, 2, 1])
    whole = Trainer(model, data, FitOptions(metrics=["r2", "max_error"])).losses()
    monkeypatch.setattr("kanwidget.fitting.data.AT_ONCE", 1)
    calls = []
    model.layers[0].register_forward_hook(lambda layer, x, y: calls.append(len(y)))
    pieces = Trainer(model, data, FitOptions(metrics=["r2", "max_error"])).losses()
    assert max(calls) == 1000
    assert pieces == pytest.approx(whole)


def test_the_knots_of_many_samples_follow_some_of_them(monkeypatch):
    monkeypatch.setattr("kanwidget.fitting.data.GRID_SAMPLES", 100)
    data = hello_data(1000)
    drawn = source(data)
    assert len(drawn.grid_inputs) == 100
    assert len(drawn.calibration) == 1000
    assert torch.equal(drawn.grid_inputs, source(data).grid_inputs)


# ---------------------------------------------------------------------- loaders


def test_a_loader_trains_for_epochs():
    model = kanwidget.KAN([2, 5, 1])
    results = model.fit(
        loader(400, shuffle=True), opt="AdamW", epochs=8, lr=0.02, metrics="r2",
        val_loader=loader(100, 50, seed=1), test_loader=loader(100, 30, seed=2),
    )  # fmt: skip
    names = {"train_loss", "val_loss", "test_loss", "reg", "train_r2", "val_r2", "test_r2"}
    assert set(results) == names
    assert {len(values) for values in results.values()} == {8}
    assert results["val_loss"][-1] < 0.5 * results["val_loss"][0]
    x = points(100, 2, seed=1)
    assert results["val_loss"][-1] == pytest.approx(
        float((model(x).detach() - hello(x)).square().mean().sqrt())
    )
    model.prune(0.0, 0.0)  # the network knows samples to look at its edges on


def test_a_loader_gives_the_batches_of_steps_again_and_again():
    model = kanwidget.KAN([2, 2, 1])
    results = model.fit(loader(40, 16), opt="Adam", steps=8)
    assert set(results) == {"train_loss", "reg"}
    assert len(set(results["train_loss"])) == 8


def test_loaders_come_by_part_too():
    loaders = {
        "train": loader(),
        "val": loader(seed=1),
        "test": [(points(5, 2), hello(points(5, 2)))],
    }
    results = kanwidget.KAN([2, 2, 1]).fit(loaders, opt="AdamW", epochs=2)
    assert set(results) == {"train_loss", "val_loss", "test_loss", "reg"}


def test_labels_of_loaders_may_be_class_numbers_in_other_types():
    x = points(60, 3)
    pairs = TensorDataset(x.float(), (x[:, 0] > 0).int())
    for loss_fn in ("cross_entropy", torch.nn.CrossEntropyLoss()):
        model = kanwidget.KAN([3, 2])
        results = model.fit(
            DataLoader(pairs, 20),
            opt="Adam",
            epochs=20,
            lr=0.05,
            loss_fn=loss_fn,
            metrics="accuracy",
        )
        assert results["train_accuracy"][-1] > 0.9


def test_a_network_keeps_a_thousand_samples_of_a_loader():
    model = kanwidget.KAN([2, 1])
    model.fit(loader(1500, 64), opt="Adam", steps=1)
    assert torch.equal(model.calibration, points(1500, 2)[:1000])
    model.fit(loader(20, 64), opt="Adam", steps=1)
    assert len(model.calibration) == 20


def test_a_loader_leaves_the_names_of_inputs_as_they_are():
    model = kanwidget.KAN([2, 1])
    model.input_names = ["mass", "speed"]
    model.fit(loader(), opt="Adam", steps=1)
    assert model.input_names == ["mass", "speed"]


def test_loaders_that_worker_processes_fill_work():
    results = kanwidget.KAN([2, 2, 1]).fit(loader(num_workers=1), opt="Adam", epochs=1)
    assert len(results["train_loss"]) == 1


BAD_LOADERS = [
    ([], ValueError, "the loader for train gives no batches"),
    ([points(5, 2)], ValueError, r"the loader for train gives a Tensor; pairs \(inputs, labels\)"),
    ([1, 2, 3], ValueError, "the loader for train gives a int"),
    (iter([(points(5, 2), points(5, 1))]), ValueError, "gone through only once"),
    (
        [(points(5, 3), points(5, 1))],
        ValueError,
        r"shape \(5, 3\); the network takes \(samples, 2\)$",
    ),
    ([(points(5, 2).reshape(5, 1, 2, 1), points(5, 1))], ValueError, "flatten them"),
    ([(points(5, 2), points(4, 1))], ValueError, "5 inputs and 4 labels"),
    ([(points(5, 2), points(5, 2))], ValueError, r"the label for train has the shape \(5, 2\)"),
    ({"train": 3}, TypeError, "the loader for train is a int"),
    (
        {"train": loader(), "validation": loader()},
        ValueError,
        "dataset has 'validation'; loaders go by",
    ),
    ({"train": loader(), "val": []}, ValueError, "the loader for val gives no batches"),
]


@pytest.mark.parametrize(("data", "error", "message"), BAD_LOADERS, ids=range(len(BAD_LOADERS)))
def test_what_is_no_loader_of_fitting_batches_is_said(data, error, message):
    model = kanwidget.KAN([2, 1])
    before = state(model)
    with pytest.raises(error, match=message):
        model.fit(data, opt="Adam", epochs=1)
    assert same(model, before)
    assert not model.fitting


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 16}, "batch is 16; a loader makes its batches itself"),
        ({"patience": 3}, "patience needs validation data to watch"),
        ({"steps": 3, "epochs": 3}, "steps is 3 and epochs is 3"),
    ],
)
def test_what_does_not_go_with_a_loader_is_said(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        kanwidget.KAN([2, 1]).fit(loader(), opt="Adam", **options)


def test_loaders_for_validation_need_one_for_training():
    with pytest.raises(ValueError, match="val_loader is given, but dataset is no loader"):
        kanwidget.KAN([2, 1]).fit(hello_data(20), steps=1, val_loader=loader())


def test_a_bad_batch_in_the_middle_leaves_a_usable_network():
    good = [(points(8, 2, seed=n), points(8, 1, seed=n)) for n in range(150)]
    model = kanwidget.KAN([2, 1])
    with pytest.raises(ValueError, match="the network takes"):
        model.fit([*good, (points(8, 3), points(8, 1))], opt="Adam", epochs=1)
    assert not model.fitting
    assert torch.isfinite(model(points(5, 2))).all()
