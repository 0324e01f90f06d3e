"""The engine on a GPU does what it does on the CPU."""

import copy

import pytest
import torch

import kanwidget
from tests.networks import finite, hello_data, mixed_model, points

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="torch finds no CUDA device on this machine"
)

DTYPES = [torch.float32, torch.float64]


def close(there, here, dtype):
    within = 1e-4 if dtype == torch.float32 else 1e-9
    torch.testing.assert_close(there.cpu(), here, rtol=within, atol=within)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("grid", [5, 40])
@pytest.mark.parametrize("moved", [False, True])
def test_outputs_and_gradients_are_those_of_the_cpu(dtype, grid, moved):
    here = mixed_model((3, [1, 2], 2), mult_arity=[2, [2, 3], 2], grid=grid, dtype=dtype)
    x = points(500, 3, -1.4, 1.4, dtype=dtype)
    if moved:
        here.layers[0].update_grid(x**3)
    there = copy.deepcopy(here).to("cuda")
    close(there(x.cuda()), here(x), dtype)
    here(x).square().sum().backward()
    there(x.cuda()).square().sum().backward()
    for p, q in zip(there.parameters(), here.parameters(), strict=True):
        if q.grad is not None:
            close(p.grad, q.grad, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_statistics_are_those_of_the_cpu(dtype):
    here, x = mixed_model((3, 4, 2), dtype=dtype), points(300, 3, dtype=dtype)
    there = copy.deepcopy(here).to("cuda")
    for ours, theirs in zip(
        there.forward_with_statistics(x.cuda())[1], here.forward_with_statistics(x)[1], strict=True
    ):
        for name in ("spline", "edge", "inputs", "outputs"):
            close(getattr(ours, name).detach(), getattr(theirs, name).detach(), dtype)


@pytest.mark.parametrize("opt", ["LBFGS", "LM", "Adam", "AdamW"])
def test_a_fit_gets_better(opt):
    model = kanwidget.KAN([2, 5, 1], grid=5, seed=0, device="cuda")
    results = model.fit(hello_data(), opt=opt, steps=15, lamb=0.001)
    assert results["train_loss"][-1] < 0.8 * results["train_loss"][0]
    assert finite(model)


def test_from_data_to_formula():
    model = kanwidget.KAN([2, 5, 1], grid=5, seed=0, device="cuda")
    data = hello_data(500)
    model.fit(data, steps=20, lamb=0.01, lamb_entropy=10.0)
    model.prune()
    model.fit(data, steps=20)
    model.auto_symbolic(lib=["x", "x^2", "sin", "exp"])
    model.fit(data, steps=20)
    (formula,), _ = model.symbolic_formula()
    assert formula.free_symbols
    assert model.device.type == "cuda"


def test_many_samples_at_once():
    model = kanwidget.KAN([784, 64, 10], device="cuda")
    x = torch.rand(20_000, 784, device="cuda")
    model(x).square().mean().backward()
    assert finite(model)
