"""What a person waits for, in milliseconds, with pykan beside it in the same run.

`make bench` prints the figures: medians on one thread, ratios of medians of interleaved rounds.
"""

import contextlib
import io
import statistics
import threading
import time
import warnings

import pytest
import torch

import kanwidget
from kanwidget.formula import formula
from kanwidget.session import Session, commands
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit

WIDTH, SAMPLES = [2, 5, 1], 1000
SECONDS = 3


def hello_world(x):
    return torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


@pytest.fixture(scope="module")
def dataset():
    torch.set_num_threads(1)
    return kanwidget.create_dataset(hello_world, n_var=2, train_num=SAMPLES, test_num=SAMPLES)


@pytest.fixture
def ours(dataset):
    model = kanwidget.KAN(WIDTH, grid=5, k=3, seed=0)
    model.fit(dataset, steps=20, lamb=0.01, lamb_entropy=10.0)
    return model


@pytest.fixture
def theirs(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        import kan

        model = kan.KAN(width=list(WIDTH), grid=5, k=3, seed=0, auto_save=False, device="cpu")
        model.get_act(dataset.train_input.float())
    return model


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def milliseconds(work):
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def medians(rounds, *works):
    """The median of each work's time; one is done after the other in every round."""
    for work in works:
        work()
    times = [[milliseconds(work) for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def tell(what, ours, theirs=None):
    beside = "" if theirs is None else f"; pykan {theirs:.3g} ms, ratio {theirs / ours:.3g}"
    print(f"\n{what}: {ours:.3g} ms{beside}", end="")


def test_suggestions_for_one_edge(ours, theirs):
    l, i, j = ours.edges()[0]

    def suggest_theirs():
        with quiet():
            theirs.suggest_symbolic(l, i, j, verbose=False)

    mine, other = medians(3, lambda: ours.suggest_symbolic(l, i, j), suggest_theirs)
    tell(f"suggest functions for one edge, {len(library.resolve(None))} functions", mine, other)


def test_fixing_one_edge(ours, theirs):
    def fix_ours():
        ours.fix_symbolic(0, 0, 0, "sin")
        ours.unfix_symbolic(0, 0, 0)

    def fix_theirs():
        with quiet():
            theirs.fix_symbolic(0, 0, 0, "sin", verbose=False)
            theirs.unfix_symbolic(0, 0, 0)

    tell("fix_symbolic and unfix_symbolic of one edge", *medians(5, fix_ours, fix_theirs))


def test_affine_fits_of_all_edges_of_a_layer():
    x = torch.rand(SAMPLES, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    speeds = torch.linspace(1, 14, 140, dtype=x.dtype)[:, None]
    functions = library.resolve(None)
    (time_taken,) = medians(
        3, lambda: affine_fit(x.expand(140, -1), torch.sin(speeds * x), functions)
    )
    tell(f"affine fit of {len(functions)} functions to 140 edges", time_taken)


def test_forward_and_backward(dataset, ours, theirs):
    x, y = dataset.train_input.float(), dataset.train_label.float()
    lean = kanwidget.KAN(WIDTH, grid=5, k=3, seed=0, dtype=torch.float32)

    def one(model):
        model.zero_grad()
        (model(x) - y).square().mean().backward()

    times = medians(100, lambda: one(lean), lambda: one(theirs))
    tell(f"forward and backward of {WIDTH}, {SAMPLES} samples", *times)


def test_formula(dataset, ours):
    ours.prune()
    ours.auto_symbolic()
    (time_taken,) = medians(7, lambda: formula(ours, dataset.train_input))
    tell("formula of a symbolic network", time_taken)


def test_commands_of_a_session(dataset):
    """From a command to the view that shows what it did, the formula with it."""
    session = Session(kanwidget.KAN(WIDTH, grid=5, k=3, seed=0), dataset)
    session.train(steps=20, lamb=0.01, lamb_entropy=10.0)
    works = {
        "remove edge, undo": lambda: (session.remove_edge(0, 0, 0), session.undo()),
        "fix edge, undo": lambda: (session.fix_symbolic(0, 0, 0, "sin"), session.undo()),
        "suggest": lambda: session.suggest(0, 0, 0),
    }
    for name, time_taken in zip(works, medians(7, *works.values()), strict=True):
        tell(f"session, {name}", time_taken)
    session.close()


@pytest.mark.parametrize("beside", ["a sleeping thread", "a busy thread"])
def test_frames_and_stop(dataset, beside):
    session = Session(kanwidget.KAN(WIDTH, grid=5, k=3, seed=0), dataset)
    frames, ended = [], threading.Event()

    def seen(view):
        if view.status == "training":
            frames.append(view.version)
        else:
            ended.set()

    session.subscribe(seen)
    training = session.submit(commands.Train(100_000, "LBFGS", None, 0.001, 2.0, True))
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        if beside == "a sleeping thread":
            time.sleep(0.1)
    shown, began = len(frames), time.perf_counter()
    ended.clear()
    session.stop()
    ended.wait()
    stopped = 1e3 * (time.perf_counter() - began)
    training.result()
    session.close()
    print(f"\nbeside {beside}: {shown / SECONDS:.1f} frames a second; stop", end="")
    print(f" {stopped:.0f} ms", end="")
