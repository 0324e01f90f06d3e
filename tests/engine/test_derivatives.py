import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.interpolate import BSpline
from torch import nn

import kanwidget
from kanwidget.derivatives import derivatives, hessian, jacobian, laplacian
from tests.networks import mixed_model, points

DTYPES = [torch.float32, torch.float64]
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-12}


def close(found, expected, dtype=torch.float64):
    tolerance = TOLERANCE[dtype]
    torch.testing.assert_close(found, expected.to(dtype), rtol=tolerance, atol=tolerance)


# ---------------------------------------------------------------------- closed forms


def wavy(x):
    return torch.stack([torch.sin(2 * x[:, 0]) * x[:, 1], x[:, 0] ** 3 + torch.exp(x[:, 2])], 1)


def wavy_jacobian(x):
    a, b, c = x.T
    zero = torch.zeros_like(a)
    first = torch.stack([2 * torch.cos(2 * a) * b, torch.sin(2 * a), zero], 1)
    second = torch.stack([3 * a**2, zero, torch.exp(c)], 1)
    return torch.stack([first, second], 1)


def wavy_hessian(x):
    a, b, c = x.T
    found = x.new_zeros(len(x), 2, 3, 3)
    found[:, 0, 0, 0] = -4 * torch.sin(2 * a) * b
    found[:, 0, 0, 1] = found[:, 0, 1, 0] = 2 * torch.cos(2 * a)
    found[:, 1, 0, 0] = 6 * a
    found[:, 1, 2, 2] = torch.exp(c)
    return found


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_derivatives_are_those_of_the_closed_form(dtype):
    x = points(50, 3, -2, 2)
    close(jacobian(wavy, x.to(dtype)), wavy_jacobian(x), dtype)
    close(hessian(wavy, x.to(dtype)), wavy_hessian(x), dtype)
    close(laplacian(wavy, x.to(dtype)), wavy_hessian(x).diagonal(dim1=2, dim2=3).sum(-1), dtype)
    close(laplacian(wavy, x.to(dtype), [2]), wavy_hessian(x)[..., 2, 2], dtype)
    close(laplacian(wavy, x.to(dtype), []), x.new_zeros(50, 2), dtype)


def monomials(powers, x, orders):
    """∏ x_i^p_i of every row of powers (m, n), differentiated orders (n,) times: (N, m)."""
    left = powers - orders
    ahead = np.ones(len(powers))
    for column, times in enumerate(orders):
        for step in range(times):
            ahead *= powers[:, column] - step
    return ahead * np.prod(x[:, None, :] ** np.maximum(left, 0), axis=2)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(n=some.integers(1, 4), m=some.integers(1, 3), seed=some.integers(0, 10**6))
def test_polynomials_have_the_derivatives_of_algebra(n, m, seed):
    random = np.random.default_rng(seed)
    powers, weights = random.integers(0, 4, (6, n)), random.normal(size=(6, m))
    x = random.uniform(-1.5, 1.5, (8, n))

    def f(x):
        return (x[:, None, :] ** torch.from_numpy(powers)).prod(2) @ torch.from_numpy(weights)

    steps = np.eye(n, dtype=int)
    first = np.stack([monomials(powers, x, d) @ weights for d in steps], 2)
    second = [[monomials(powers, x, d + e) @ weights for d in steps] for e in steps]
    second = np.moveaxis(np.array(second), (0, 1), (2, 3))
    values, slopes, bends = derivatives(f, torch.from_numpy(x), 2)
    close(values, torch.from_numpy(monomials(powers, x, 0 * steps[0]) @ weights))
    close(slopes, torch.from_numpy(first))
    close(bends, torch.from_numpy(second))


def test_third_derivatives():
    x = points(20, 2)
    third = derivatives(lambda x: x[:, [0]] ** 3 * x[:, [1]], x, 3)[3]
    assert third.shape == (20, 1, 2, 2, 2)
    close(third[:, 0, 0, 0, 0], 6 * x[:, 1])
    close(third[:, 0, 0, 1, 0], 6 * x[:, 0])
    close(third[:, 0, 1, 1, 0], 0 * x[:, 0])


# ---------------------------------------------------------------------- networks


def differences(f, x, step):
    """Central differences in every input, along a new last axis."""
    steps = step * torch.eye(x.shape[1], dtype=x.dtype)
    return torch.stack([(f(x + h) - f(x - h)) / (2 * step) for h in steps], -1)


@pytest.mark.parametrize("extrapolation", ["linear", "zero"])
@pytest.mark.parametrize("seed", range(3))
def test_a_kan_has_the_derivatives_of_its_values(seed, extrapolation):
    model = mixed_model((3, 4, 2), seed=seed, extrapolation=extrapolation)
    x = points(60, 3, -1.4, 1.4, seed=seed)
    with torch.no_grad():
        slopes = differences(model, x, 1e-6)
    torch.testing.assert_close(jacobian(model, x), slopes, rtol=1e-6, atol=1e-7)
    bends = differences(lambda x: jacobian(model, x), x, 1e-6)
    torch.testing.assert_close(hessian(model, x), bends, rtol=1e-6, atol=1e-6)
    traces = hessian(model, x).diagonal(dim1=2, dim2=3).sum(-1)
    torch.testing.assert_close(laplacian(model, x), traces)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_one_edge_gives_the_derivatives_of_its_curve(dtype):
    model = kanwidget.KAN([1, 1], base_fun="zero", grid=4, dtype=dtype, noise_scale=3)
    x = points(40, 1, dtype=dtype)
    layer = model.layers[0]
    weights = (layer.scale_sp[..., None] * layer.coef).detach().double().flatten().numpy()
    spline = BSpline(layer.knots[0].double().numpy(), weights, 3)
    for order, found in enumerate(derivatives(model, x, 3)):
        expected = torch.from_numpy(spline(x.double().numpy(), nu=order).reshape(found.shape))
        scale = float(expected.abs().max())
        close(found / scale, expected / scale, dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_other_modules_too(dtype):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2)).to(dtype)
    x = points(20, 3, dtype=dtype)
    inner, _, outer = model
    z = torch.tanh(inner(x)).detach()
    slope = 1 - z**2
    first = torch.einsum("oh,nh,hi->noi", outer.weight, slope, inner.weight)
    second = torch.einsum(
        "oh,nh,hi,hj->noij", outer.weight, -2 * z * slope, inner.weight, inner.weight
    )
    close(jacobian(model, x), first, dtype)
    close(hessian(model, x), second, dtype)


# ---------------------------------------------------------------------- zeros


def test_what_does_not_depend_on_an_input_has_zeros_there():
    x = points(10, 3)
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    for constant in (
        lambda x: torch.ones(len(x), 2, dtype=x.dtype),
        lambda x: 3.0 + 0 * x[:, :2],
        lambda x: (2 * weight).expand(len(x), 2),
        lambda x: torch.cat([torch.zeros(len(x), 2), torch.zeros(len(x), 0)], 1),
    ):
        assert torch.equal(jacobian(constant, x), torch.zeros(10, 2, 3, dtype=x.dtype))
        assert torch.equal(hessian(constant, x), torch.zeros(10, 2, 3, 3, dtype=x.dtype))
        assert torch.equal(laplacian(constant, x), torch.zeros(10, 2, dtype=x.dtype))
    matrix = points(2, 3, seed=1)
    close(jacobian(lambda x: x @ matrix.T, x), matrix.expand(10, -1, -1))
    assert not hessian(lambda x: x @ matrix.T, x).any()
    assert not laplacian(lambda x: x @ matrix.T, x).any()
    assert not hessian(torch.relu, x).any()
    assert not jacobian(torch.floor, x).any()
    close(jacobian(lambda x: x, x), torch.eye(3, dtype=x.dtype).expand(10, -1, -1))


def test_a_network_without_edges_has_no_slope():
    model = kanwidget.KAN([2, 2, 1])
    model.get_act(points(20, 2))
    for edge in model.edges():
        model.remove_edge(*edge)
    for each in derivatives(model, points(5, 2), 2)[1:]:
        assert not each.any()


def test_no_samples_have_no_derivatives():
    x = torch.zeros(0, 3)
    shapes = [each.shape for each in derivatives(wavy, x, 2)]
    assert shapes == [(0, 2), (0, 2, 3), (0, 2, 3, 3)]
    assert laplacian(wavy, x).shape == (0, 2)
    assert jacobian(lambda x: x[:, :0], points(4, 3)).shape == (4, 0, 3)


def test_outputs_of_one_number_a_sample_may_be_flat():
    x = points(10, 2)
    flat, column = (lambda x: x.prod(1)), (lambda x: x.prod(1, keepdim=True))
    for each in (jacobian, hessian, laplacian):
        assert torch.equal(each(flat, x), each(column, x))


# ---------------------------------------------------------------------- in a loss


def test_derivatives_can_stand_in_a_loss():
    x = points(30, 2)
    weight = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def f(x):
        return torch.sin(weight * x[:, [0]]) * x[:, [1]] ** 2

    def gradient(values):
        return torch.autograd.grad(values.square().sum(), weight, retain_graph=True)[0]

    a, b = x.T
    with torch.enable_grad():
        sine, cosine = torch.sin(weight * a), torch.cos(weight * a)
        slopes = torch.stack([weight * cosine * b**2, 2 * sine * b], 1)[:, None]
        trace = (-(weight**2) * sine * b**2 + 2 * sine)[:, None]
    close(jacobian(f, x, create_graph=True), slopes.detach())
    close(gradient(jacobian(f, x, create_graph=True)), gradient(slopes))
    close(gradient(laplacian(f, x, create_graph=True)), gradient(trace))
    bends = hessian(f, x, create_graph=True)
    close(gradient(bends.diagonal(dim1=2, dim2=3).sum(-1)), gradient(trace))
    for each in (jacobian, hessian, laplacian):
        assert not each(f, x).requires_grad
        torch.testing.assert_close(each(f, x), each(f, x, create_graph=True).detach())


@pytest.mark.parametrize("loss", [jacobian, hessian, laplacian], ids=lambda f: f.__name__)
def test_losses_of_derivatives_of_a_kan_have_the_slopes_of_their_values(loss):
    model = mixed_model((2, 3, 1), seed=1)
    x = points(20, 2, -0.9, 0.9)
    parameters = [model.layers[0].coef, model.layers[1].coef, model.layers[0].scale_base]

    def value():
        return loss(model, x, create_graph=True).square().mean()

    found = torch.autograd.grad(value(), parameters)
    random = torch.Generator().manual_seed(0)
    for parameter, slope in zip(parameters, found, strict=True):
        way = torch.randn(parameter.shape, generator=random, dtype=parameter.dtype)
        sides = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                before = parameter.clone()
                parameter += step * way
            sides.append(float(value().detach()))
            with torch.no_grad():
                parameter.copy_(before)
        expected = (sides[0] - sides[1]) / 2e-6
        assert float((slope * way).sum()) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_jacobian_of_a_jacobian_is_the_hessian():
    model, x = mixed_model((2, 3, 1)), points(20, 2, -1.3, 1.3)
    inner = lambda x: jacobian(model, x, create_graph=True)[:, 0]  # noqa: E731
    torch.testing.assert_close(jacobian(inner, x), hessian(model, x)[:, 0])


def test_samples_that_want_a_gradient_get_one():
    x = points(10, 1).requires_grad_()
    found = jacobian(lambda x: x**3, x, create_graph=True)
    (slopes,) = torch.autograd.grad(found.sum(), x)
    close(slopes, 6 * x.detach())


def test_nothing_of_the_caller_is_touched():
    model, x = kanwidget.KAN([2, 3, 1]), points(10, 2)
    before = copy.deepcopy(model.state_dict()), x.clone()
    for each in (jacobian, hessian, laplacian):
        each(model, x)
        each(model, x.requires_grad_())
        assert x.grad is None
        x.requires_grad_(False)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(x, before[1])
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before[0].items())


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_derivatives_do_not_mind_autograd_being_off(mode):
    model, x = mixed_model((2, 3, 1)), points(10, 2)
    expected = derivatives(model, x, 2)
    with mode():
        found = derivatives(model, x.clone(), 2)
        trace = laplacian(model, x.clone())
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)
    assert torch.equal(trace, laplacian(model, x))


def test_passes_are_as_many_as_outputs_not_as_samples(monkeypatch):
    passes, calls, grad = [], [], torch.autograd.grad
    monkeypatch.setattr(torch.autograd, "grad", lambda *a, **b: passes.append(1) or grad(*a, **b))

    def f(x):
        calls.append(1)
        return torch.tanh(x @ torch.ones(4, 3)) * torch.tensor([1.0, 2.0, 3.0])

    x = points(500, 4, dtype=torch.float32)
    for act, expected in (
        (lambda: jacobian(f, x), 3),
        (lambda: hessian(f, x), 3 + 3 * 4),
        (lambda: laplacian(f, x), 3 + 3 * 4),
        (lambda: laplacian(f, x, [0, 2]), 3 + 3 * 2),
    ):
        passes.clear()
        calls.clear()
        act()
        assert (len(passes), len(calls)) == (expected, 1)


# ---------------------------------------------------------------------- what cannot be done


@pytest.mark.parametrize(
    ("x", "error", "sentence"),
    [
        ([[1.0, 2.0]], TypeError, "x is a list; a tensor of samples"),
        (np.ones((3, 2)), TypeError, "x is a ndarray; a tensor of samples"),
        (torch.ones(3), ValueError, r"x is torch.float32 of shape \(3,\); floating-point samples"),
        (torch.ones(3, 2, 1), ValueError, r"x is torch.float32 of shape \(3, 2, 1\)"),
        (torch.ones(3, 2, dtype=torch.int64), ValueError, "x is torch.int64 of shape"),
    ],
)
def test_samples_that_are_none_get_a_sentence(x, error, sentence):
    for each in (jacobian, hessian, laplacian):
        with pytest.raises(error, match=f"^{sentence}"):
            each(lambda x: x, x)


@pytest.mark.parametrize(
    ("f", "error", "sentence"),
    [
        ("sin", TypeError, "f is a str; a function of samples"),
        (lambda x: x.sum(), ValueError, r"f\(x\) is torch.float64 of shape \(\) for 6 samples"),
        (lambda x: x.sum(0), ValueError, r"f\(x\) is torch.float64 of shape \(2,\) for 6 samples"),
        (lambda x: x[:, :, None], ValueError, r"f\(x\) is torch.float64 of shape \(6, 2, 1\)"),
        (lambda x: x > 0, ValueError, r"f\(x\) is torch.bool of shape \(6, 2\)"),
        (lambda x: x.detach().numpy(), TypeError, r"f\(x\) is a ndarray; a tensor is needed"),
        (lambda x: x.detach(), ValueError, "output 0 of f varies over the samples but autograd"),
    ],
)
def test_functions_that_are_none_of_samples_get_a_sentence(f, error, sentence):
    for each in (jacobian, hessian, laplacian):
        with pytest.raises(error, match=f"^{sentence}"):
            each(f, points(6, 2))


def test_a_function_that_autograd_loses_on_the_way_is_not_taken_for_a_constant():
    def f(x):
        with torch.no_grad():
            return torch.sin(x)

    with pytest.raises(ValueError, match="made of torch operations, without detach and no_grad"):
        jacobian(f, points(6, 2))


@pytest.mark.parametrize("inputs", [[2], [-1], [0, 0], [0.0], "01", [True], 1.5, [None]], ids=repr)
def test_inputs_that_do_not_exist_get_a_sentence(inputs):
    with pytest.raises(ValueError, match=r"^inputs is .*; a list of different inputs from 0 to 1"):
        laplacian(lambda x: x, points(6, 2), inputs)
