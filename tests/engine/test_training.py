"""Which optimizer, how fast, how long, and what is told of it."""

import inspect
import io
import re

import pytest
import torch
from torch.optim import lr_scheduler

import kanwidget
from kanwidget.fitting import FitOptions, Trainer
from kanwidget.fitting.families import NAMES, OPTIMIZERS, OnData
from kanwidget.fitting.optimizers import CONVERGED, Adam, AdamW, Point
from kanwidget.fitting.options import ARGUMENTS
from tests.engine.test_fitting import objective_of, rosenbrock
from tests.networks import finite, hello_data, points, same, state

# ---------------------------------------------------------------------- optimizers


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (Adam, torch.optim.Adam, {}),
        (Adam, torch.optim.Adam, {"weight_decay": 0.3, "betas": (0.8, 0.9), "eps": 1e-4}),
        (AdamW, torch.optim.AdamW, {}),
        (AdamW, torch.optim.AdamW, {"weight_decay": 0.5, "betas": (0.5, 0.99)}),
    ],
)
def test_adam_and_adamw_are_torchs(ours, theirs, options):
    start = torch.tensor([-1.2, 1.0, 0.3], dtype=torch.float64)
    points = ours(lr=0.02, **options).iterate(objective_of(rosenbrock), start.clone())
    x = start.clone().requires_grad_()
    optimizer = theirs([x], lr=0.02, **options)
    for _ in range(30):
        optimizer.zero_grad()
        rosenbrock(x).backward()
        optimizer.step()
        torch.testing.assert_close(next(points).x, x.detach())


def test_a_fit_with_adamw_is_one_with_torchs():
    ends = []
    for opt in ("AdamW", torch.optim.AdamW):
        model = kanwidget.KAN([2, 3, 1])
        model.fit(hello_data(50), opt=opt, epochs=4, batch=16, lr=0.01, lamb=0.01, scheduler=0.9)
        ends.append(model)
    for ours, theirs in zip(ends[0].parameters(), ends[1].parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


TORCHS = ["SGD", "RMSprop", "NAdam", "RAdam", "Adagrad", "Adamax", "Rprop", "ASGD"]
MADE = {
    "a class": torch.optim.AdamW,
    "a function": lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
    "groups": lambda parameters: torch.optim.SGD(
        [{"params": parameters[:2], "lr": 0.01}, {"params": parameters[2:]}], lr=0.05
    ),
}


@pytest.mark.parametrize("opt", [*TORCHS, *MADE])
def test_optimizers_of_torch_train(opt):
    model = kanwidget.KAN([2, 3, 1])
    results = model.fit(hello_data(), opt=MADE.get(opt, opt), steps=25)
    assert results["train_loss"][-1] < results["train_loss"][0]
    assert all(p.grad is None for p in model.parameters())


def test_settings_reach_the_optimizer():
    model = kanwidget.KAN([2, 1])
    options = FitOptions.of(
        opt="SGD", lr=0.3, weight_decay=0.1, opt_options={"momentum": 0.7, "nesterov": True}
    )
    group = Trainer(model, hello_data(20), options)._descent.optimizer.torchs.param_groups[0]
    assert [group[name] for name in ("lr", "weight_decay", "momentum", "nesterov")] == [
        0.3,
        0.1,
        0.7,
        True,
    ]
    options = FitOptions.of(opt="AdamW", opt_options={"betas": (0.5, 0.6)})
    assert Trainer(model, hello_data(20), options)._descent.optimizer.betas == (0.5, 0.6)


BAD_OPTIMIZERS = [
    ("adam", {}, r"^opt is 'adam'; one of LBFGS, .*Adam, AdamW, auto, the name or class"),
    ("lbfgs", {}, "^opt is 'lbfgs'"),
    ("Optimizer", {}, "^opt is 'Optimizer'"),
    ("_multi_tensor", {}, "^opt is '_multi_tensor'"),
    (torch.nn.Linear, {}, "^opt is "),
    (torch.optim.SGD([torch.zeros(1)]), {}, "^opt is "),
    (lambda parameters: 3, {}, "^opt gives 3; an optimizer of torch is needed"),
    ("LBFGS", {"weight_decay": 0.1}, "^weight_decay is 0.1; LBFGS takes lr, memory"),
    ("AdamW", {"weight_decay": -1}, "^weight_decay is -1"),
    (
        "Adam",
        {"opt_options": {"momentum": 0.9}},
        "^momentum is 0.9; Adam takes lr, weight_decay, betas, eps",
    ),
    ("SGD", {"opt_options": {"betas": 0.9}}, "^betas is 0.9; SGD takes lr, momentum"),
    ("SGD", {"opt_options": 3}, "^opt_options is 3; a dictionary"),
    ("SGD", {"opt_options": {"momentum": -1}}, "Invalid momentum"),
    (
        lambda parameters: torch.optim.SGD(parameters),
        {"lr": 0.1},
        "^lr is 0.1; <lambda> takes no settings",
    ),
    ("auto", {"lr": 0.1}, "^lr is 0.1; opt='auto' takes no settings"),
]


@pytest.mark.parametrize(
    ("opt", "options", "message"), BAD_OPTIMIZERS, ids=range(len(BAD_OPTIMIZERS))
)
def test_what_is_no_optimizer_is_said(opt, options, message):
    model = kanwidget.KAN([2, 1])
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.fit(hello_data(20), opt=opt, steps=1, **options)
    assert same(model, before)
    assert model.calibration is None


class Descending:
    """Goes down along the gradient of the mean square, and knows the network and its data."""

    iterations = 3

    def __init__(self, network, penalty, lr=0.05):
        self.network, self.penalty, self.lr = network, penalty, lr

    def iterate(self, x, y, assign):
        trained = [p for p in self.network.parameters() if p.requires_grad]
        at = torch.cat([p.detach().flatten() for p in trained])
        for _ in range(40):
            assign(at)
            value = (self.network(x) - y).square().mean()
            gradients = torch.autograd.grad(value, trained, materialize_grads=True)
            at = at - self.lr * torch.cat([g.flatten() for g in gradients])
            yield Point(at, value.item(), at)


def test_an_optimizer_of_network_and_data_fits_in(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "Down", OnData(Descending))
    model = kanwidget.KAN([2, 3, 1])
    fit = Trainer(
        model, hello_data(), FitOptions.of(opt="Down", steps=30, lamb=0.001, update_grid=False)
    )
    told = list(fit.steps())
    assert len(told) == 40 + 2  # it ends within a step, and again in the next
    assert fit.stopped_because == f"converged in step 15: {CONVERGED}"
    whole = [each for each in told if each.whole]
    assert whole[-1].train_loss < 0.7 * whole[0].train_loss
    assert len({each.reg for each in told}) == 40
    with pytest.raises(ValueError, match=r"^memory is 3; Descending takes lr$"):
        FitOptions.of(opt="Down", opt_options={"memory": 3})


# ---------------------------------------------------------------------- automatic choice


def test_auto_takes_small_data_at_once_and_large_in_batches():
    def chosen(samples, width=(2, 5, 1), **options):
        fit = Trainer(
            kanwidget.KAN(list(width)), hello_data(samples), FitOptions.of(opt="auto", **options)
        )
        return fit.options, fit.explanation

    options, reason = chosen(200, loss_fn="mae")
    assert (options.opt, options.batch, options.unit) == ("LBFGS", -1, "step")
    assert reason.startswith(
        "LBFGS: the network has 120 parameters and there are 200 samples, few enough"
    )
    options, reason = chosen(3000, (2, 30, 30, 1), loss_fn="mae")
    assert (options.opt, options.epochs) == ("LBFGS", None)
    options, reason = chosen(20_000, (2, 50, 50, 1))
    assert (options.opt, options.batch, options.epochs) == ("AdamW", 128, 10)
    assert "20,000 samples, too many" in reason
    assert chosen(20_000, (2, 50, 50, 1), steps=7)[0].length == 7
    options, reason = chosen(200, batch=20, epochs=3)
    assert (options.opt, options.batch, options.epochs) == ("AdamW", 20, 3)
    assert reason.startswith("AdamW: the samples come in batches")


def test_auto_takes_levenberg_marquardt_where_it_is_at_home():
    data = hello_data(100)

    def chosen(width, samples=data, **options):
        fit = Trainer(kanwidget.KAN(width), samples, FitOptions.of(opt="auto", **options))
        assert fit.explanation.startswith(fit.options.opt)
        return fit.options.opt

    assert chosen([2, 5, 1]) == "LM"
    assert chosen([2, 5, 1], loss_fn="mae") == "LBFGS"
    assert chosen([2, 5, 1], batch=10) == "AdamW"
    assert chosen([2, 30, 30, 1]) == "LBFGS"
    assert chosen([2, 15, 15, 1], hello_data(9000)) == "LBFGS"


def test_levenberg_marquardt_minimizes_squares_only():
    with pytest.raises(ValueError, match=r"^loss_fn is 'mae'; LM minimizes 'mse' and no other"):
        kanwidget.KAN([2, 1]).fit(hello_data(20), opt="LM", loss_fn="mae")
    with pytest.raises(
        ValueError, match="scheduler is given, but the optimizer has no learning rate"
    ):
        kanwidget.KAN([2, 1]).fit(hello_data(20), opt="LM", scheduler=0.9)


def test_levenberg_marquardt_is_there_in_a_blink():
    model = kanwidget.KAN([2, 5, 1], grid=5)
    results = model.fit(hello_data(500), opt="LM", steps=20)
    assert results["train_loss"][-1] < 2e-3
    results = model.fit(hello_data(500), opt="LM", steps=3, batch=100, lamb=0.001)
    assert len({*results["reg"]}) == 3


def test_the_result_says_which_optimizer_and_why():
    model = kanwidget.KAN([2, 2, 1])
    results = model.fit(hello_data(50), opt="auto", steps=2)
    assert results.explanation.split(":")[0] in NAMES
    assert results.explanation.endswith("squares.")
    assert model.fit(hello_data(50), opt="SGD", steps=2).explanation == "SGD, as asked for."
    x = points(40, 1)
    data = {"train_input": x, "train_label": x, "test_input": x, "test_label": x}
    results = kanwidget.KAN([1, 1]).fit(data, opt="LBFGS", steps=200, update_grid=False)
    assert results.stopped_because.startswith("converged in step")
    assert len(results.seconds) == len(results["reg"]) < 200
    assert sorted(results.seconds) == results.seconds


# ---------------------------------------------------------------------- learning rates

SCHEDULES = {
    "a factor": 0.8,
    "a function of the epoch": lambda epoch: 0.8**epoch,
    "torch's": lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.8),
    "torch's in two": lambda optimizer: lr_scheduler.SequentialLR(
        optimizer,
        [lr_scheduler.ExponentialLR(optimizer, 0.8), lr_scheduler.ExponentialLR(optimizer, 0.8)],
        [3],
    ),
}


@pytest.mark.parametrize("opt", ["LBFGS", "Adam", "SGD", torch.optim.AdamW])
@pytest.mark.parametrize("scheduler", SCHEDULES)
def test_the_rate_falls_after_every_step_or_epoch(opt, scheduler):
    for length in ({"steps": 5}, {"epochs": 5, "batch": 20}):
        options = FitOptions.of(opt=opt, lr=0.1, scheduler=SCHEDULES[scheduler], **length)
        model = kanwidget.KAN([2, 2, 1])
        told = list(Trainer(model, hello_data(60), options).steps())
        rates = [each.lr for each in told if each.whole]
        expected = [0.1 * 0.8**n for n in range(5)]
        if scheduler == "torch's in two":
            expected[3:] = [0.1, 0.08]
        assert rates == pytest.approx(expected)
        assert [each.lr for each in told] == pytest.approx(
            [expected[each.step - 1] for each in told]
        )
        assert finite(model)


@pytest.mark.parametrize("opt", ["Adam", "SGD"])
def test_a_plateau_is_one_of_the_validation_loss(opt):
    seen = []

    class Watching(lr_scheduler.ReduceLROnPlateau):
        def step(self, metrics):
            seen.append(metrics)
            super().step(metrics)

    model = kanwidget.KAN([2, 2, 1])
    results = model.fit(
        hello_data(50), opt=opt, steps=8, lr=1e-9, scheduler=lambda o: Watching(o, patience=0)
    )
    assert seen == results["val_loss"][:-1]


def test_groups_of_parameters_keep_their_ratio():
    options = FitOptions.of(opt=MADE["groups"], steps=4, scheduler=0.5)
    fit = Trainer(kanwidget.KAN([2, 2, 1]), hello_data(30), options)
    list(fit.steps())
    assert [g["lr"] for g in fit._descent.optimizer.torchs.param_groups] == pytest.approx(
        [0.00125, 0.00625]
    )


@pytest.mark.parametrize("scheduler", ["ExponentialLR", -1, 0, float("nan"), [0.9]])
def test_what_is_no_scheduler_is_said(scheduler):
    with pytest.raises(ValueError, match=r"^scheduler is "):
        kanwidget.KAN([2, 1]).fit(hello_data(20), steps=1, scheduler=scheduler)


def test_a_scheduler_that_gives_nonsense_is_said():
    model = kanwidget.KAN([2, 1])
    with pytest.raises(ValueError, match="scheduler gives None for an optimizer"):
        model.fit(hello_data(20), opt="Adam", steps=2, scheduler=lambda optimizer: None)
    with pytest.raises(ValueError, match="what scheduler gives is -1"):
        model.fit(hello_data(20), opt="Adam", steps=3, scheduler=lambda epoch: 1 - 2 * epoch)
    assert not model.fitting


# ---------------------------------------------------------------------- patience


@pytest.mark.parametrize(
    "options", [{"steps": 200}, {"epochs": 60, "batch": 10}], ids=["steps", "epochs"]
)
def test_patience_ends_at_the_best_state(options):
    noise = torch.Generator().manual_seed(0)
    data = dict(hello_data(30))
    data["train_label"] = data["train_label"] + torch.randn(
        30, 1, generator=noise, dtype=torch.float64
    )
    model = kanwidget.KAN([2, 5, 1], grid=8)
    results = model.fit(data, opt="Adam", lr=0.1, patience=5, **options)
    unit = "step" if "steps" in options else "epoch"
    losses = results["val_loss"]
    assert len(losses) < 200
    best = losses.index(min(losses)) + 1
    assert len(losses) == best + 5
    assert results.stopped_because == (
        f"stopped after {unit} {len(losses)}: the validation loss has not been lower since {unit} {best}, "
        "and the network is back there"
    )
    now = Trainer(model, data, FitOptions()).losses()
    assert now["val_loss"] == pytest.approx(min(losses))


def test_with_patience_a_fit_that_runs_out_ends_at_its_best_too():
    data = hello_data(40)
    model = kanwidget.KAN([2, 3, 1])
    results = model.fit(data, opt="Adam", steps=12, lr=1.0, patience=12)
    assert len(results["val_loss"]) == 12
    start = Trainer(kanwidget.KAN([2, 3, 1]), data, FitOptions()).losses()["val_loss"]
    assert Trainer(model, data, FitOptions()).losses()["val_loss"] == min(
        start, *results["val_loss"]
    )
    assert min(results["val_loss"]) < results["val_loss"][-1]


def test_patience_forgets_what_was_before_somebody_elses_change():
    data, model = hello_data(40), kanwidget.KAN([2, 3, 1])
    model.fit(data, steps=5)
    steps = Trainer(model, data, FitOptions.of(opt="Adam", lr=1e-9, steps=4, patience=3)).steps()
    next(steps)
    model.remove_edge(1, 0, 0)
    list(steps)
    assert (1, 0, 0) not in model.edges()


# ---------------------------------------------------------------------- what is told


def test_steps_tell_when_the_knots_were_moved():
    model = kanwidget.KAN([2, 2, 1])
    options = FitOptions.of(steps=7, grid_update_num=2, stop_grid_update_step=6)
    fit = Trainer(model, hello_data(50), options)
    moved = {each.step for each in fit.steps() if each.grid_moved}
    assert moved == {1, 4}
    assert fit.grid_moves == [0, 3]
    results = model.fit(hello_data(50), steps=7, grid_update_num=2, stop_grid_update_step=6)
    assert results.grid_moves == [0, 3]


def test_a_bar_shows_losses_metrics_and_rate(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    model, data = kanwidget.KAN([2, 2, 1]), hello_data(50)
    model.fit(data, steps=2)
    assert shown.getvalue() == ""
    model.fit(
        data, opt="AdamW", epochs=3, batch=10, progress=True, metrics="r2", scheduler=0.5, lamb=0.01
    )
    text = shown.getvalue()
    assert "epoch 3/3" in text
    assert "15/15" in text
    for name in ("train_loss", "val_loss", "reg", "val_r2", "lr=0.00025"):
        assert name in text
    shown.truncate(0)
    model.fit(data, steps=4, log=2, display_metrics=["test_loss"])
    assert "4/4" in shown.getvalue()
    assert "test_loss" in shown.getvalue()
    assert "train_loss" not in shown.getvalue()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"display_metrics": ["r2"]}, "display_metrics has 'r2'; the columns are train_loss"),
        ({"log": 0}, "log is 0"),
        ({"log": "often"}, "log is 'often'"),
        ({"save_fig": True, "save_fig_freq": 0}, "save_fig_freq is 0"),
        ({"save_fig": True, "in_vars": ["a"]}, "in_vars has 1 names; the network needs 2"),
        ({"save_fig": True, "beta": -1}, "beta is -1"),
    ],
)
def test_what_cannot_be_told_changes_nothing(options, message, tmp_path):
    model = kanwidget.KAN([2, 1])
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.fit(hello_data(20), steps=1, img_folder=tmp_path / "film", **options)
    assert same(model, before)
    assert model.calibration is None
    assert not (tmp_path / "film").exists()


def test_pictures_are_written_where_asked_for(tmp_path):
    folder = tmp_path / "video" / "first"
    model = kanwidget.KAN([2, 2, 1])
    model.fit(
        hello_data(50),
        steps=5,
        save_fig=True,
        save_fig_freq=2,
        img_folder=str(folder),
        in_vars=["a", "b"],
    )
    assert sorted(path.name for path in folder.iterdir()) == ["0.jpg", "2.jpg", "4.jpg"]
    assert (folder / "0.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_what_pykans_users_give_is_taken_or_told_of():
    model = kanwidget.KAN([2, 2, 1])
    with pytest.warns(UserWarning, match="singularity_avoiding and y_th=100 are not needed"):
        model.fit(
            hello_data(50), opt="LBFGS", steps=2, lamb=0.01, singularity_avoiding=True, y_th=100.0
        )
    with pytest.raises(
        TypeError, match="fit has no argument 'stepz'; it takes opt, steps, lr, lamb"
    ):
        model.fit(hello_data(50), stepz=3)


def test_help_shows_every_argument_and_the_docstring_explains_it():
    signature = inspect.signature(kanwidget.KAN.fit)
    assert set(ARGUMENTS) < set(signature.parameters)
    explained = set(re.findall(r"\w+", kanwidget.KAN.fit.__doc__))
    assert set(signature.parameters) - {"self"} <= explained
    assert signature.parameters["reg_metric"].default == "edge_forward_spline_n"


# ---------------------------------------------------------------------- what must not happen


@pytest.mark.parametrize("opt", ["Adam", "AdamW", "SGD", torch.optim.RMSprop])
@pytest.mark.parametrize(
    "length", [{"steps": 30}, {"steps": 30, "batch": 10}, {"epochs": 5, "batch": 10}], ids=str
)
def test_every_optimizer_comes_back_from_nan(opt, length):
    data = hello_data(50)
    model = kanwidget.KAN([2, 2, 1])
    model.fit(data, steps=2)
    good = Trainer(model, data, FitOptions()).losses()["train_loss"]
    with pytest.warns(UserWarning, match="NaN or infinite in .* back at its last good state"):
        results = model.fit(data, opt=opt, lr=1e200, update_grid=False, **length)
    assert finite(model)
    assert Trainer(model, data, FitOptions()).losses()["train_loss"] == pytest.approx(good)
    assert len(results["train_loss"]) < 30
    assert torch.isfinite(torch.tensor([*results["train_loss"], *results["val_loss"]])).all()


def test_a_gradient_that_is_nan_is_no_end_of_the_descent():
    x = points(50, 1)
    data = {"train_input": x, "train_label": x, "test_input": x, "test_label": x}

    def loss(prediction, label):
        # finite, but its slope where there is no error is not
        return (prediction - label).square().mean().clamp_min(0).sqrt() + (
            0 * prediction
        ).sqrt().sum()

    with pytest.warns(UserWarning, match="NaN or infinite"):
        kanwidget.KAN([1, 1]).fit(data, steps=3, loss_fn=loss)


def test_a_fit_where_gradients_are_off_trains_all_the_same():
    with torch.no_grad():
        results = kanwidget.KAN([2, 2, 1]).fit(hello_data(50), steps=3)
        assert not torch.is_grad_enabled()
    assert results["train_loss"][-1] < results["train_loss"][0]


def test_a_network_without_edges_is_trained_in_peace():
    for opt in ("LBFGS", "Adam", "SGD", "auto"):
        model = kanwidget.KAN([2, 2, 1])
        model.get_act(hello_data(20))
        for edge in model.edges():
            model.remove_edge(*edge)
        results = model.fit(hello_data(20), opt=opt, steps=3)
        assert finite(model)
        assert len(results["train_loss"]) >= 1


@pytest.mark.parametrize(("opt", "samples"), [("LBFGS", 100), ("LBFGS", 200_000), ("LM", 2000)])
def test_threads_are_those_that_fit_the_size(opt, samples):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        fit = Trainer(kanwidget.KAN([2, 5, 1], grid=5), hello_data(samples), FitOptions(opt=opt))
        steps = fit.steps()
        next(steps)
        assert torch.get_num_threads() == (1 if samples == 100 else 2)
        steps.close()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
