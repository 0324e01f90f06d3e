"""Forward and backward: ours beside pykan, the dense layer, MLPs and bare matrix products."""

import itertools
import math

import pytest
import torch

from tests.benchmarks import contestants
from tests.benchmarks.contestants import batches, forward_backward
from tests.benchmarks.dense import mlp
from tests.benchmarks.measure import bytes_of, interleave, peak_memory
from tests.benchmarks.rows import AS_IT_COMES, NETWORKS, SPEED_MODE

SECONDS = {"small": 6, "square": 12, "image 64": 8, "image 512": 16}


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_and_backward(table, name):
    width, samples = NETWORKS[name]
    rounds, operations = contestants.products(width, samples)

    def step(model):
        return forward_backward(model, batches(samples, width[0], width[-1]))

    fast = contestants.pykan(width, auto_save=False).speed()
    one = next(batches(samples, width[0], width[-1]))
    works = {
        "ours": step(contestants.ours(width, dtype=torch.float32)),
        "again": forward_backward(
            contestants.ours(width, dtype=torch.float32), itertools.repeat(one)
        ),
        "dense": step(contestants.dense(width)),
        "mlp": step(mlp(width)),
        "wide mlp": step(mlp(width, contestants.FEATURES)),
        "products": rounds,
        SPEED_MODE: step(fast),
    }
    if f"{name} pykan" in table.rows:
        works[AS_IT_COMES] = step(contestants.pykan(width, auto_save=False))
    times = interleave(works, seconds=SECONDS[name])
    if AS_IT_COMES in works:
        table.times(f"{name} pykan", times, AS_IT_COMES)
    table.times(f"{name} pykan speed", times, SPEED_MODE)
    for other in ("dense", "mlp", "wide mlp"):
        table.times(f"{name} {other}", times, other)
    times.seconds["limit"] = [contestants.FEATURES * seconds for seconds in times.seconds["mlp"]]
    table.times(f"{name} limit", times, "limit")
    rate = operations / times.median("products") / 1e9
    table.times(f"{name} products", times, "products", note=f"products at {rate:.0f} GFLOP/s")
    table.times(f"{name} again", times, "dense", ours="again")


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_and_backward_on_adapted_knots(table, name):
    """Data gathered at one end, knots at their quantiles; the dense network has the same knots."""
    width, samples = NETWORKS[name]
    ours = contestants.ours(width, dtype=torch.float32, grid_eps=0.02)
    theirs = contestants.dense(width)
    contestants.adapt(ours, next(batches(samples, width[0], width[-1], skew=3.0))[0])
    contestants.share_knots(theirs, ours)
    steps = ours.layers[0].knots[:, ours.layers[0].k : -ours.layers[0].k].diff()
    assert float((steps.amax(1) / steps.amin(1)).min()) > 3  # far from uniform
    works = {
        name: forward_backward(model, batches(samples, width[0], width[-1], skew=3.0))
        for name, model in {"ours": ours, "dense": theirs}.items()
    }
    times = interleave(works, seconds=SECONDS[name] / 2)
    table.times(f"{name} adapted", times, "dense")


@pytest.mark.parametrize("name", [name for name in NETWORKS if name.startswith("image")])
def test_memory(table, name, folder):
    width, samples = NETWORKS[name]
    step, in_all = {}, {}
    for whose, model in {
        "ours": contestants.ours(width, dtype=torch.float32),
        "dense": contestants.dense(width),
    }.items():
        data = batches(samples, width[0], width[-1])

        def work(model=model, data=data, anew=False):
            x, y = next(data)
            model.zero_grad(set_to_none=anew)
            (model(x) - y).square().mean().backward()

        # gradients that are there already are not counted; made anew, they are part of the peak
        step[whose] = peak_memory(work, folder)
        born = peak_memory(lambda work=work: work(anew=True), folder)
        in_all[whose] = bytes_of(model.parameters()) + born
        assert math.isfinite(step[whose])
    table.fill(f"{name} memory", step["ours"], step["dense"])
    table.fill(f"{name} memory in all", in_all["ours"], in_all["dense"])
