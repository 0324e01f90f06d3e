"""The recovery benchmark finds, judges, counts and survives what it says; `make recovery` runs it whole."""

import importlib.util
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import sympy
import torch
from sympy import Float, Function, cos, exp, pi, sin, sqrt, tanh

import kanwidget
from tests.benchmarks import recovery
from tests.benchmarks.one_run import Outcome, Task, dataset
from tests.benchmarks.pool import outcomes
from tests.benchmarks.skeleton import same_structure
from tests.benchmarks.targets import EVERY, LISTS, OTHERS, PUBLIC
from tests.networks import points

SHARED = Path(__file__).parents[2] / "shared" / "data" / "targets.py"
x, y = sympy.symbols("x y")

# ---------------------------------------------------------------------- targets


@pytest.mark.skipif(not SHARED.exists(), reason=f"there is no {SHARED}")
def test_public_targets_are_those_that_the_goals_name(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("shared_targets", SHARED)
    shared = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shared)
    assert [(each["id"], each["tier"]) for each in shared.T] == [(t.id, t.tier) for t in PUBLIC]
    for theirs, ours in zip(shared.T, PUBLIC, strict=True):
        assert [list(pair) for pair in ours.ranges.values()] == [
            list(map(float, pair)) for pair in theirs["ranges"]
        ]
        inputs = on_box(ours, 300)
        np.testing.assert_allclose(
            ours(inputs)[:, 0], theirs["f"](*inputs.numpy().T), rtol=1e-12, atol=1e-13
        )


def on_box(target, samples):
    low, high = torch.tensor(list(target.ranges.values()), dtype=torch.float64).unbind(1)
    return low + (high - low) * points(samples, len(low), 0.0, 1.0)


@pytest.mark.parametrize("target", LISTS["all"], ids=lambda target: target.id)
def test_targets_are_finite_exact_and_depend_on_no_more_than_they_name(target):
    values = target(on_box(target, 500))
    assert values.shape == (500, 1)
    assert values.isfinite().all()
    assert values.std() > 0
    assert not target.expression.has(sympy.Float)
    assert {symbol.name for symbol in target.expression.free_symbols} <= set(target.names)


def test_others_are_as_many_and_none_is_a_public_one():
    assert len(PUBLIC) == 24
    assert len(OTHERS) >= 24
    assert not {each.expression for each in OTHERS} & {each.expression for each in PUBLIC}
    assert sum(each.tier < 3 for each in OTHERS) >= 24


# ---------------------------------------------------------------------- data


def test_data_are_those_of_the_seed():
    first, again, other = (dataset(Task("hellokan", seed, 1.0)) for seed in (0, 0, 1))
    assert torch.equal(first.train_input, again.train_input)
    assert not torch.equal(first.train_input, other.train_input)
    assert first.train_input.shape == (1000, 2)
    assert first.input_names == ("x", "y")


def test_noise_is_on_what_a_search_sees_and_as_large_as_said():
    clean, noisy = (dataset(Task("hellokan", 0, 1.0, noise)) for noise in (0.0, 0.05))
    for part in ("train", "val"):
        difference = noisy[f"{part}_label"] - clean[f"{part}_label"]
        assert difference.std() == pytest.approx(0.05 * float(clean.train_label.std()), rel=0.1)
    assert torch.equal(noisy.test_label, clean.test_label)


# ---------------------------------------------------------------------- structure


@pytest.mark.parametrize(
    ("found", "same"),
    [
        (exp(sin(pi * x) + y**2), True),
        (
            Float(1.01) * exp(Float(0.98) * sin(Float(3.1) * x + Float(0.01)) + Float(1.02) * y**2)
            - Float(0.02),
            True,
        ),
        (Float(1.1) * exp(y**2) * exp(cos(Float(3.14) * x - Float(1.57))), True),
        (exp(sin(pi * x) + (y + Float(0.003)) ** Float(2.0)), True),
        (exp(sin(pi * x) + y**4), False),
        (exp(sin(pi * x) + y**2 + y / 1000), False),
        (exp(sin(pi * x) + cos(y)), False),
        (exp(sin(pi * x)) + exp(y**2), False),
        (exp(sin(pi * x + y) + y**2), False),
        (exp(sin(sin(pi * x)) + y**2), False),
        (exp(tanh(x) + y**2), False),
        (exp(sin(pi * x) * y**2), False),
        (exp(sin(pi * x) + Function("phi")(y)), False),
        (exp(sin(pi * x) + sin(3 * x) + y**2), False),
        (sqrt(exp(sin(pi * x) + y**2) ** 2 + 1), False),
        (Float(3.0), False),
    ],
    ids=str,
)
def test_structure_is_the_functions_and_their_nesting_whatever_the_numbers(found, same):
    assert same_structure(found, EVERY["hellokan"].expression) == same


# ---------------------------------------------------------------------- runs in processes


def answer(task, searched):
    """A stand-in for a search: what a run may come to, by its seed."""
    if task.seed == 1:
        raise RuntimeError("the search lost its way")
    if task.seed == 2:
        os._exit(9)
    if task.seed == 3:
        time.sleep(600)
    searched()
    return Outcome(
        task, seconds=0.5, formula="x", numeric=True, numeric_error=0.0, exact=task.seed != 4
    )


def test_a_run_that_fails_dies_or_hangs_takes_no_other_down():
    tasks = [Task("sine", seed, 0.5) for seed in range(6)]
    began = time.monotonic()
    done = {each.task.seed: each for each in outcomes(tasks, 2, answer)}
    assert time.monotonic() - began < 120
    assert sorted(done) == list(range(6))
    assert done[1].failure == "RuntimeError: the search lost its way"
    assert done[2].failure == "the process ended with exit code 9"
    assert done[3].failure.startswith("stopped after")
    assert all(done[seed].numeric and not done[seed].failure for seed in (0, 4, 5))


def some_outcomes():
    yield Outcome(Task("sine", 0, 5.0), 1.0, "sin(pi*x)", 0.0, 0.0, True, True, True, True)
    yield Outcome(Task("hellokan", 0, 5.0), 3.0, "exp(1.0*x) | y", 1e-5, 1e-3, True)
    yield Outcome(Task("hellokan", 1, 5.0), failure="RuntimeError: a | b")
    yield Outcome(Task("dot3", 0, 5.0), 5.0, "1.0", 0.9, 0.9)


def test_failed_runs_count_as_runs():
    done = list(some_outcomes())
    assert recovery.table(done)[2:] == [
        "| 0 | 1 | 1 | 1 | 1 | 1 | 0 | 0 | 1.0 | 1.0 |",
        "| 1 | 2 | 1 | 0 | 0 | 0 | 0 | 1 | 3.0 | 3.0 |",
        "| 3 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 5.0 | 5.0 |",
    ]
    (_, low, high) = recovery.shares(done)
    assert "numeric 2 of 3 runs (67%, goal 90%; 2 of 2 targets with some seed)" in low
    assert "exact 1 of 3 runs (33%, goal 75%; 1 of 2 targets with some seed)" in low
    assert high.startswith("tier 3: numeric 0 of 1 runs (0%; 0 of 1 targets")


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Tell the command what comes of its runs; what it prints, and where its pages go."""
    pages = {name: tmp_path / path.name for name, path in recovery.PAGES.items()}
    monkeypatch.setattr(recovery, "PAGES", pages)
    printed = []

    def run(*arguments, **fields):
        def fake(tasks, jobs):
            for task in tasks:
                yield Outcome(task, 0.5, "x", 0.0, 0.0, True, **fields)

        monkeypatch.setattr(recovery, "outcomes", fake)
        return recovery.main(list(arguments), printed.append)

    return run, printed, pages


def test_only_a_whole_run_writes_its_page(told):
    run, printed, pages = told
    assert len(run("--only", "sine,divide", "--write", "--seeds", "2")) == 4
    assert not any(page.exists() for page in pages.values())
    assert len(run("--seeds", "1")) == 24
    assert not pages["public"].exists()
    run("--targets", "others", "--seeds", "1", "--write", exact=True)
    page = pages["others"].read_text(encoding="utf-8")
    assert not pages["public"].exists()
    assert "{" not in page
    assert page.count("| exact | `x` |") == len(OTHERS)
    assert "took" in printed[-2]


def test_hello_and_noise_say_how_many_of_their_runs_hold(told):
    run, printed, _ = told
    assert {each.task.seconds for each in run("--hello", exact=True)} == {5.0}
    assert printed[-1].startswith(
        "hello world: 20 of 20 exact (goal 19 of 20), median 0.5 s, longest"
    )
    done = run("--noise", structure=True)
    assert [each.task.noise for each in done] == [0.01] * 10 + [0.05] * 10
    assert printed[-1] == "5% noise: 10 of 10 have the right structure (goal 8 of 10)"


def test_a_target_that_does_not_exist_is_named(told, capsys):
    with pytest.raises(SystemExit):
        told[0]("--only", "hellokan,nothing")
    assert "--only names nothing; the public targets are sine" in capsys.readouterr().err


def test_a_pipe_in_a_formula_does_not_break_the_page():
    options = recovery._options([])
    page = recovery.page("public", list(some_outcomes()), options, 5.0, 1.0)
    (row,) = [
        line
        for line in page.splitlines()
        if line.startswith("| hellokan | 1 |") and "failed" not in line
    ]
    assert row.replace("\\|", "").count("|") == 10


@pytest.mark.skipif(not hasattr(kanwidget.KAN, "auto"), reason="KAN.auto is not there yet")
def test_an_easy_target_is_found():
    printed = []
    (done,) = recovery.main(
        ["--only", "pendulumL", "--seeds", "1", "--seconds", "20"], printed.append
    )
    assert not done.failure
    assert done.numeric
    assert printed[0] == done.line()
