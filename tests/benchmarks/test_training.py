"""Training: to a given error, a whole session of symbolic regression, and mini-batches of images."""

import math
import time

import pytest
import sympy
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from tests.benchmarks import contestants
from tests.benchmarks.contestants import quiet
from tests.benchmarks.dense import mlp
from tests.benchmarks.measure import Times, interleave, threads
from tests.benchmarks.table import processors
from tests.networks import hello

OPTIMIZER = "LM"
"""What ours trains the hello world with."""
STEPS = 20
SEEDS = range(10)
WIDTH = [2, 5, 1]
SAMPLES = 64 * 16


def test_hello_world_to_the_error_that_pykan_reaches(table, hello_data, as_pykan_takes_it):
    """Pykan's 20 steps, and the time in which ours gets to the same test error from the same data."""
    times, errors = {"ours": [], "pykan": []}, []
    for seed in SEEDS:
        data = hello_data(seed)
        theirs, model = contestants.pykan(WIDTH, seed=seed), contestants.ours(WIDTH)
        their_data = as_pykan_takes_it(data)
        with quiet():
            began = time.process_time()
            error = theirs.fit(their_data, opt="LBFGS", steps=STEPS)["test_loss"][-1].item()
            times["pykan"].append(time.process_time() - began)
        errors.append(error)
        times["ours"].append(seconds_to(model, data, error))
    reached = sum(math.isfinite(seconds) for seconds in times["ours"])
    rmse = sorted(errors)[len(errors) // 2]
    note = f"{OPTIMIZER}; {reached} of {len(SEEDS)} get there; pykan's median RMSE {rmse:.2g}"
    table.times("hello", Times(times), "pykan", note=note)


def seconds_to(model, data, error):
    """How long a fit takes until the test error is this small; infinite where it never is."""
    reached = []

    def watch(event, details):
        if event == "step" and details["progress"].test_loss <= error:
            reached.append(time.process_time())

    model.listeners.append(watch)
    began = time.process_time()
    model.fit(data, opt=OPTIMIZER, steps=3 * STEPS)
    return reached[0] - began if reached else math.inf


def whole(model, data, **options):
    """From a fresh network to a formula; both take the same calls."""
    model.fit(data, steps=20, lamb=0.01, lamb_entropy=10.0, **options)
    model = model.prune()
    model.fit(data, steps=50, **options)
    if hasattr(model, "refine"):
        model = model.refine(10)
    model.get_act(data)
    model.auto_symbolic()
    model.fit(data, steps=20, **options)
    return model.symbolic_formula()[0][0]


def is_true(formula, data):
    """Whether a formula gives the hello world to 1e-3 on test data."""
    names = sorted(formula.free_symbols, key=str)
    if [str(name) for name in names] != ["x_1", "x_2"]:
        return False
    x = data.test_input.double()
    # a formula may be undefined somewhere: then it is not the true one
    found = sympy.lambdify(names, formula, "numpy")(*(x[:, i].numpy() for i in range(2)))
    return bool(abs(torch.as_tensor(found) - hello(x)[:, 0]).max() < 1e-3)


def test_hello_world_whole(table, hello_data, as_pykan_takes_it):
    """Ours from ten seeds; pykan once, since it takes a minute."""
    seconds, right = [], 0
    for seed in SEEDS:
        data, model = hello_data(seed), contestants.ours(WIDTH)
        began = time.process_time()
        formula = whole(model, data, opt=OPTIMIZER)
        seconds.append(time.process_time() - began)
        right += is_true(formula, data)
    theirs, data = contestants.pykan(WIDTH), as_pykan_takes_it(hello_data())
    with quiet():
        began = time.process_time()
        whole(theirs, data, opt="LBFGS")
        beside = time.process_time() - began
    note = f"{OPTIMIZER}; {right} of {len(SEEDS)} formulas are right"
    if not hasattr(model, "refine"):
        note += "; without refine"
    table.fill("hello whole", Times({"ours": seconds}).median("ours"), beside, note)


@pytest.mark.parametrize("where", ["one thread", "all cores"])
def test_images_through_a_data_loader(table, where):
    width = [784, 64, 10]
    random = torch.Generator().manual_seed(0)
    images = 2 * torch.rand(SAMPLES, width[0], generator=random) - 1
    labels = torch.randint(width[-1], (SAMPLES,), generator=random)
    models = {
        "ours": contestants.ours(width, dtype=torch.float32),
        "dense": contestants.dense(width),
        "mlp": mlp(width),
    }

    def epoch(model):
        loader = DataLoader(
            TensorDataset(images, labels),
            batch_size=64,
            shuffle=True,
            generator=torch.Generator().manual_seed(0),
        )
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)

        def work():
            for x, y in loader:
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                optimizer.step()

        return work

    number, clock = 1, time.process_time
    if where == "all cores":
        number, clock = processors(), time.perf_counter
    works = {name: epoch(model) for name, model in models.items()}
    with threads(number):
        times = interleave(works, seconds=12, clock=clock)
    table.rate(f"adamw {where}", times, SAMPLES, "dense")
    table.rate(f"adamw {where} mlp", times, SAMPLES, "mlp")
