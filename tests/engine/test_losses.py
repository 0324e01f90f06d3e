import math

import pytest
import torch
from torch import nn
from torch.nn import functional

import kanwidget
from kanwidget.fitting.losses import LOSSES, as_loss
from kanwidget.fitting.metrics import METRICS, as_metrics
from tests.networks import hello_data, points, same, state

RANDOM = torch.Generator().manual_seed(0)
PREDICTION = torch.randn(40, 3, generator=RANDOM, dtype=torch.float64)
VALUES = torch.randn(40, 3, generator=RANDOM, dtype=torch.float64)
CLASSES = torch.randint(0, 3, (40,), generator=RANDOM)
SHARES = torch.softmax(VALUES, 1)


def in_all_parts(x, y):
    return {"train_input": x, "train_label": y, "test_input": x, "test_label": y}


# ---------------------------------------------------------------------- losses


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("mse", VALUES, functional.mse_loss),
        ("mae", VALUES, functional.l1_loss),
        ("huber", VALUES, functional.huber_loss),
        ("cross_entropy", CLASSES, functional.cross_entropy),
        ("cross_entropy", SHARES, functional.cross_entropy),
        ("bce", SHARES, functional.binary_cross_entropy_with_logits),
    ],
)
def test_losses_by_name_are_torchs(name, label, expected):
    loss = as_loss(name)
    given = loss.prepare("label", label, 3)
    torch.testing.assert_close(loss(PREDICTION, given), expected(PREDICTION, label))


@pytest.mark.parametrize("form", [(40,), (40, 1)])
@pytest.mark.parametrize("dtype", [torch.long, torch.int32, torch.uint8, torch.float32])
def test_class_numbers_come_in_many_forms(form, dtype):
    given = LOSSES["cross_entropy"].prepare("label", CLASSES.to(dtype).reshape(form), 3)
    assert given.dtype == torch.long
    assert torch.equal(given, CLASSES)


def test_the_mean_square_is_told_as_its_root_and_others_as_they_are():
    data = hello_data(60)
    for name, by_hand in (
        ("mse", lambda e: e.square().mean().sqrt()),
        ("mae", lambda e: e.abs().mean()),
    ):
        model = kanwidget.KAN([2, 2, 1])
        results = model.fit(data, steps=2, loss_fn=name)
        error = model(data.val_input).detach() - data.val_label
        assert results["val_loss"][-1] == pytest.approx(float(by_hand(error)))


@pytest.mark.parametrize(
    "loss_fn", ["mae", "huber", nn.SmoothL1Loss(), lambda p, y: (p - y).pow(4).mean()]
)
def test_any_loss_is_made_small(loss_fn):
    model = kanwidget.KAN([2, 3, 1])
    results = model.fit(hello_data(), steps=10, loss_fn=loss_fn)
    assert results["train_loss"][-1] < 0.3 * results["train_loss"][0]


LABELS = {
    "numbers": lambda c: c,
    "a column": lambda c: c[:, None].double(),
    "shares": lambda c: functional.one_hot(c, 3).double(),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(
    "loss_fn", ["cross_entropy", nn.CrossEntropyLoss(), functional.cross_entropy]
)
def test_classes_are_learnt(labels, loss_fn):
    x = points(150, 2)
    classes = (x[:, 0] > 0.2).long() + (x[:, 1] > 0.1).long()
    data = in_all_parts(x, LABELS[labels](classes))
    model = kanwidget.KAN([2, 3, 3])
    results = model.fit(data, steps=4, loss_fn=loss_fn, metrics="accuracy")
    assert results["val_accuracy"][-1] > 0.95
    assert results["val_accuracy"][-1] == float((model(x).argmax(1) == classes).double().mean())


def test_yes_and_no_are_learnt_from_one_output():
    x = points(150, 2)
    data = in_all_parts(x, (x[:, 0] * x[:, 1] > 0).long())
    results = kanwidget.KAN([2, 3, 1]).fit(data, steps=5, loss_fn="bce", metrics=["accuracy"])
    assert results["train_accuracy"][-1] > 0.95


def test_a_loss_of_ones_own_gets_class_numbers_as_they_are():
    seen = []

    def loss(prediction, label):
        seen.append((label.dtype, label.shape))
        return functional.cross_entropy(prediction, label)

    x = points(50, 2)
    train, val = (x[:, 0] > 0).long(), (x[:, 0] > 0.1).int()
    data = in_all_parts(x, train) | {"val_input": x, "val_label": val}
    kanwidget.KAN([2, 2]).fit(data, steps=1, loss_fn=lambda p, y: loss(p, y.long()))
    assert {shape for _, shape in seen} == {(8,), (50,)}


@pytest.mark.parametrize("label", [torch.arange(30), torch.arange(30.0)])
def test_a_one_dimensional_label_never_broadcasts(label):
    x = points(30, 1)
    shapes = []

    def loss(prediction, given):
        shapes.append((prediction.shape, given.shape))
        return (prediction - given).square().mean()

    for loss_fn in (loss, "mse", "mae"):
        results = kanwidget.KAN([1, 1]).fit(in_all_parts(x, label), steps=2, loss_fn=loss_fn)
        assert len(results["reg"]) == 2
    assert all(prediction == given for prediction, given in shapes)


X = points(20, 2)
BAD_LABELS = [
    ("mse", 2, X[:, :1], "has 2 inputs and 1 outputs"),
    ("mae", 1, X, "has 2 inputs and 2 outputs"),
    ("bce", 1, X[:, 0] + 2, "train_label has the value .* from 0 to 1"),
    ("bce", 1, -X[:, 0].abs(), "needs labels from 0 to 1"),
    ("cross_entropy", 1, X[:, 0] > 0, "network has one output: loss_fn='bce'"),
    ("cross_entropy", 3, torch.arange(20) % 4, "has the class 3; .* classes 0 to 2"),
    ("cross_entropy", 3, torch.arange(20) - 1, "has the class -1"),
    ("cross_entropy", 3, X[:, 0].abs(), r"has the class 0\.\d"),
    ("cross_entropy", 3, X, r"has the shape \(20, 2\); class numbers"),
    ("cross_entropy", 2, X, "must not be negative and must sum to 1"),
    ("cross_entropy", 2, X.abs(), "must not be negative and must sum to 1"),
    (nn.CrossEntropyLoss(), 3, torch.arange(20) % 4, "has the class 3"),
]


@pytest.mark.parametrize(
    ("loss_fn", "outputs", "label", "message"), BAD_LABELS, ids=range(len(BAD_LABELS))
)
def test_labels_that_a_loss_cannot_mean_change_nothing(loss_fn, outputs, label, message):
    model = kanwidget.KAN([2, outputs])
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.fit(in_all_parts(X, label), steps=1, loss_fn=loss_fn)
    assert same(model, before)
    assert model.calibration is None


@pytest.mark.parametrize(
    ("loss_fn", "message"),
    [
        ("MSE", "loss_fn is 'MSE'; one of mse, mae"),
        (3, "loss_fn is 3"),
        (lambda p, y: (p - y).square(), r"loss_fn gives shape \(8, 1\)"),
        (lambda p, y: 1.0, "loss_fn gives 1.0"),
    ],
)
def test_what_is_no_loss_changes_nothing(loss_fn, message):
    model = kanwidget.KAN([2, 1])
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.fit(hello_data(20), steps=1, loss_fn=loss_fn)
    assert same(model, before)
    assert model.calibration is None


# ---------------------------------------------------------------------- metrics


def test_metrics_by_name_are_scikit_learns():
    from sklearn import metrics

    ours = {name: METRICS[name](PREDICTION, VALUES) for name in ("r2", "mae", "rmse", "max_error")}
    given = VALUES.numpy(), PREDICTION.numpy()
    assert ours["r2"] == pytest.approx(metrics.r2_score(*given))
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(*given))
    assert ours["rmse"] ** 2 == pytest.approx(metrics.mean_squared_error(*given))
    assert ours["max_error"] == pytest.approx(float((VALUES - PREDICTION).abs().max()))
    constant = torch.ones(5, 1)
    assert METRICS["r2"](constant, constant) == 1
    assert METRICS["r2"](constant + 0.1, constant) == 0


def test_accuracy_is_what_is_meant_by_it():
    accuracy = METRICS["accuracy"]
    assert accuracy(PREDICTION, PREDICTION.argmax(1)) == 1
    assert accuracy(PREDICTION, SHARES) == accuracy(PREDICTION, SHARES.argmax(1)[:, None])
    assert accuracy(
        torch.tensor([[0.4], [0.6], [1.2]]), torch.tensor([[0.0], [0.0], [1.0]])
    ) == pytest.approx(2 / 3)
    (of_logits,) = as_metrics("accuracy", LOSSES["bce"])
    logits = torch.tensor([[0.4, -3.0], [0.6, 2.0]])
    assert of_logits(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]])) == 0.75


def test_metrics_are_told_for_every_part_under_their_names():
    data = hello_data(50)

    def largest(prediction, label):
        return (prediction - label).abs().max()

    model = kanwidget.KAN([2, 2, 1])
    results = model.fit(data, steps=3, metrics={"worst": largest, "fit": "r2"})
    names = [f"{part}_{name}" for name in ("worst", "fit") for part in ("train", "val", "test")]
    assert list(results) == ["train_loss", "val_loss", "test_loss", "reg", *names]
    assert all(len(values) == 3 for values in results.values())
    assert results["test_worst"][-1] == pytest.approx(
        float(largest(model(data.test_input).detach(), data.test_label))
    )
    results = model.fit(data, steps=1, metrics=["mae", largest])
    assert {"train_mae", "val_largest"} <= set(results)


def test_pykans_metrics_know_themselves_what_they_measure():
    data, model = hello_data(50), kanwidget.KAN([2, 2, 1])

    def train_error():
        return (model(data.train_input) - data.train_label).abs().mean()

    results = model.fit(data, steps=2, metrics=(train_error,), display_metrics=["train_error"])
    assert results["train_error"][-1] == pytest.approx(float(train_error().detach()))
    assert all(isinstance(value, float) for value in results["train_error"])


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ("R2", "metrics has 'R2'; one of accuracy, r2"),
        (3, "metrics is 3"),
        ([3], "metrics has 3"),
        (["r2", "r2"], "metrics has 'r2', which the results have already"),
        ({"loss": "mae"}, "metrics has 'loss'"),
        ({"x": lambda p, y: p}, "metric 'x' gives tensor"),
        ({"x": lambda p, y: "good"}, "metric 'x' gives 'good'"),
    ],
)
def test_what_is_no_metric_changes_nothing(metrics, message):
    model = kanwidget.KAN([2, 1])
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.fit(hello_data(20), steps=1, metrics=metrics)
    assert same(model, before)


def test_errors_are_no_measure_of_classes():
    x = points(20, 2)
    data = in_all_parts(x, (x[:, 0] > 0).long())
    with pytest.raises(ValueError, match="'accuracy' is for classes"):
        kanwidget.KAN([2, 2]).fit(data, steps=1, loss_fn="cross_entropy", metrics="r2")


def test_losses_are_numbers():
    assert math.isfinite(as_loss(None)(PREDICTION, VALUES).item())
    assert as_loss(None) is LOSSES["mse"]
