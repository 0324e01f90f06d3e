"""Whatever breaks a fit off, and whenever, leaves the network at a state that it had finished."""

import copy
import linecache
import math
import os
import random
import signal
import sys
import threading
from pathlib import Path

import pytest
import torch

import kanwidget
from kanwidget.fitting import FitOptions, Trainer
from kanwidget.fitting.descent import Descent
from tests.networks import finite, hello_data, points, same, state

LINES = 15 if "KANWIDGET_SOAK" in os.environ else 5
"""At so many of its lines is a fit broken off."""

PACKAGE = str(Path(kanwidget.__file__).parent)
TORCH = str(Path(torch.__file__).parent)
FITTING = (
    *(f"{PACKAGE}/fitting", f"{PACKAGE}/exclusive", f"{TORCH}/optim"),
    *(f"{TORCH}/autograd/grad_mode", f"{TORCH}/utils/_contextlib"),
)
LOADER = [(points(10, 2, seed=n), points(10, 1, seed=n + 9)) for n in range(3)]
FITS = {
    "LBFGS": (None, {"opt": "LBFGS", "steps": 2}),
    "LM": (None, {"opt": "LM", "steps": 4}),
    "Adam": (None, {"opt": "Adam", "steps": 7}),
    "AdamW in batches": (None, {"opt": "AdamW", "epochs": 2, "batch": 10}),
    "torch's SGD": (None, {"opt": "SGD", "steps": 7, "scheduler": 0.9}),
    "torch's LBFGS": (None, {"opt": torch.optim.LBFGS, "steps": 2}),
    "loader": (LOADER, {"opt": "AdamW", "epochs": 2}),
    "patience": (None, {"opt": "Adam", "steps": 20, "patience": 2, "lr": 0.5}),
    "divergence": (None, {"opt": "Adam", "steps": 20, "lr": 1e200}),
}


class Interrupting:
    """Raises KeyboardInterrupt at the nth line that is run of some files, or the next that can be."""

    def __init__(self, at, files):
        self.at, self.files, self.lines, self.where = at, files, 0, None

    def __enter__(self):
        sys.settrace(self._enter)

    def __exit__(self, *error):
        sys.settrace(None)

    def _enter(self, frame, event, argument):
        return self._line if frame.f_code.co_filename.startswith(self.files) else None

    def _line(self, frame, event, argument):
        if event == "line":
            self.lines += 1
            if self.lines >= self.at and self._can_be_broken_off(frame):
                sys.settrace(None)
                self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self._line

    @staticmethod
    def _can_be_broken_off(frame):
        """Whether a signal could come here.

        Not in what gives the network back, nor where a block is left, for Python shields that; nor
        at the word ``try``, where it handles none (and no block around it knows of what is raised).
        """
        code = frame.f_code
        line = linecache.getline(code.co_filename, frame.f_lineno).strip()
        if line.startswith(("with ", "try:")):
            return False
        while frame is not None and frame.f_code.co_name != "_release":
            frame = frame.f_back
        return frame is None


def trainer(name):
    data, options = FITS[name]
    model = kanwidget.KAN([2, 2, 1], seed=3)
    given = {"lamb": 0.01, "grid_update_num": 1, "stop_grid_update_step": 1, **options}
    return model, Trainer(model, data or hello_data(40), FitOptions.of(**given))


def finished_states(name, monkeypatch):
    """States of an undisturbed fit after every iteration, and after moves of the knots."""
    model, fit = trainer(name)
    states = [state(model)]

    def recording(method):
        def recorded(*arguments):
            answer = method(*arguments)
            states.append(state(model))
            return answer

        return recorded

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "_move_grid", recording(Trainer._move_grid))
        patched.setattr(Descent, "advance", recording(Descent.advance))
        list(fit.steps())
    return [*states, state(model)]


@pytest.mark.parametrize("files", [(PACKAGE,), FITTING], ids=["the package", "its fitting"])
@pytest.mark.parametrize("name", FITS)
def test_an_interrupt_at_any_line_leaves_a_finished_state(name, files, monkeypatch):
    states, threads = finished_states(name, monkeypatch), torch.get_num_threads()
    counting = Interrupting(math.inf, files)
    with counting:
        list(trainer(name)[1].steps())
    interrupted = 0
    for at in random.Random(name).sample(range(1, counting.lines), LINES):
        model, fit = trainer(name)
        interrupting = Interrupting(at, files)
        try:
            with interrupting:
                list(fit.steps())
        except KeyboardInterrupt:
            interrupted += 1
        where = interrupting.where
        model.calibration = points(40, 2) if model.calibration is None else model.calibration
        assert any(same(model, each) for each in states), where
        assert not model.fitting, where
        assert torch.get_num_threads() == threads
        assert torch.is_grad_enabled(), where
        assert all(p.grad is None for p in model.parameters()), where
        assert free(model.exclusive), where
        # what it gives are numbers, and nothing half done is remembered
        given = model(model.calibration)
        assert torch.isfinite(given).all(), where
        assert torch.equal(given, copy.deepcopy(model)(model.calibration)), where
    # what is remembered from fit to fit makes some of them shorter
    assert interrupted >= 0.6 * LINES


def free(exclusive):
    """Whether another thread can have the lock."""
    got = []
    other = threading.Thread(target=lambda: got.append(exclusive.acquire(timeout=1)))
    other.start()
    other.join()
    return got == [True]


@pytest.mark.parametrize("name", ["LBFGS", "AdamW in batches", "torch's SGD", "loader"])
def test_a_fit_broken_off_by_a_signal_can_go_on(name):
    def interrupt(number, frame):
        raise KeyboardInterrupt

    data, options = FITS[name]
    data = data or hello_data(40)
    length = "epochs" if "epochs" in options else "steps"
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for seed in range(8):
            model = kanwidget.KAN([2, 2, 1], seed=seed)
            after = 0.01 + 0.05 * random.Random(seed).random()

            def set_alarm(event, details, model=model, after=after):
                model.listeners.clear()
                signal.setitimer(signal.ITIMER_REAL, after)

            # within the fit, however busy the machine is
            model.listeners.append(set_alarm)
            with pytest.raises(KeyboardInterrupt):
                model.fit(data, **{**options, length: 100_000})
            assert finite(model)
            assert not model.fitting
            assert torch.is_grad_enabled()
            assert torch.isfinite(model(points(20, 2))).all()
            model.fit(data, **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_interrupt_while_an_optimizer_is_let_go_is_not_lost():
    def let_go():
        try:
            yield
        finally:
            raise KeyboardInterrupt

    model, fit = trainer("torch's SGD")
    steps = fit.steps()
    next(steps)
    fit._descent._points.close()
    fit._descent._points = let_go()
    next(fit._descent._points)
    model.version += 1  # as if somebody had changed the network: the optimizer starts afresh
    with pytest.raises(KeyboardInterrupt):
        next(steps)
    assert not model.fitting


@pytest.mark.parametrize("gradients", [True, False])
def test_no_mode_is_entered_that_an_interrupt_could_leave_in_force(gradients, monkeypatch):
    def entered(mode=True):
        raise AssertionError("torch.inference_mode")

    monkeypatch.setattr(torch, "inference_mode", entered)
    model = kanwidget.KAN([2, 3, 1])
    with torch.set_grad_enabled(gradients):
        if gradients:
            model.fit(hello_data(40), steps=2, lamb=0.01)
        else:
            model.get_act(hello_data(40))
        model.suggest_symbolic(0, 0, 0)
        model.fix_symbolic(0, 0, 0, "sin")
        model.prune_edge(0.01)
        assert model(points(20, 2)).requires_grad == gradients


@pytest.mark.parametrize("name", FITS)
def test_leaving_the_generator_leaves_the_last_iteration(name):
    model, fit = trainer(name)
    steps = fit.steps()
    next(steps)
    reached = state(model)
    steps.close()
    assert same(model, reached)
    assert not model.fitting


@pytest.mark.parametrize("opt", ["LBFGS", "AdamW", "SGD", "Rprop"])
@pytest.mark.parametrize("batch", [-1, 20])
def test_a_change_in_between_is_kept_by_every_optimizer(opt, batch):
    model = kanwidget.KAN([2, 3, 1])
    options = FitOptions(opt=opt, steps=40, batch=batch, scheduler=0.99, seed=1)
    fit = Trainer(model, hello_data(60), options)
    steps = fit.steps()
    before = [next(steps) for _ in range(25)]
    model.remove_edge(0, 0, 1)
    model.fix_symbolic(1, 2, 0, "x^2")
    after = list(steps)
    assert (0, 0, 1) not in model.edges()
    assert model.layers[1].symbolic_function(2, 0).name == "x^2"
    assert after[-1].step == 40
    rates = [progress.lr for progress in (*before, *after) if progress.whole]
    assert rates == pytest.approx([rates[0] * 0.99**n for n in range(40)])


@pytest.mark.parametrize("opt", ["AdamW", torch.optim.AdamW, "SGD", "LBFGS"])
def test_what_is_removed_or_locked_stays_as_it_was(opt):
    model = kanwidget.KAN([2, 3, 1])
    model.get_act(hello_data(40))
    model.fix_symbolic(0, 1, 2, "sin", fit_params_bool=False)
    model.remove_edge(0, 0, 1)
    layer = model.layers[0]
    held = layer.coef[1, 0].clone(), layer.coef[2, 1].clone()
    if opt != "LBFGS":
        model.fit(hello_data(40), opt=opt, steps=5, lr=0.1, weight_decay=0.5, update_grid=False)
    else:
        model.fit(hello_data(40), steps=2, lamb=0.1, lamb_coef=1.0, update_grid=False)
    assert torch.equal(layer.coef[1, 0], held[0])
    assert torch.equal(layer.coef[2, 1], held[1])
