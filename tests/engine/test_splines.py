import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from kanwidget import splines

ORDERS = [1, 2, 3, 4, 5]
EXACT = {"rtol": 0, "atol": 1e-12}


def uneven(k, grid=6, n=3, seed=0):
    """Knots (n, grid + 2k + 1) of which no two distances are the same."""
    return (
        torch.tensor(np.random.default_rng(seed).uniform(-2, 2, (n, grid + 2 * k + 1)))
        .sort()
        .values
    )


def inside(knots, k, samples=50):
    """Points within the grid, its ends and all its knots among them: (N, n)."""
    grid = knots[:, k : knots.shape[1] - k]
    share = torch.linspace(0, 1, samples, dtype=knots.dtype)
    return torch.cat(
        [grid[:, :1] + (grid[:, -1:] - grid[:, :1]) * share, grid], dim=1
    ).T.contiguous()


def scipys(x, knots, coef, k):
    """Splines by scipy, one a column."""
    return torch.tensor(
        np.stack(
            [
                BSpline(knots[n].numpy(), coef[n].numpy(), k)(x[:, n].numpy())
                for n in range(len(knots))
            ],
            1,
        )
    )


def ours(x, knots, coef, k, **options):
    return (splines.basis(x, knots, k, **options) * coef).sum(-1)


def coefficients(knots, k, seed=1):
    return torch.tensor(
        np.random.default_rng(seed).normal(size=(len(knots), knots.shape[1] - k - 1))
    )


@pytest.mark.parametrize("k", ORDERS)
def test_splines_are_those_of_scipy_on_uneven_knots(k):
    knots = uneven(k)
    coef, x = coefficients(knots, k), inside(knots, k)
    torch.testing.assert_close(ours(x, knots, coef, k), scipys(x, knots, coef, k), **EXACT)


@pytest.mark.parametrize("k", ORDERS)
def test_splines_are_those_of_scipy_on_a_continued_grid(k):
    grid = torch.tensor([[-1, -0.9, 0.2, 0.25, 1.5], [0, 1, 2, 3, 4]], dtype=torch.float64)
    knots = splines.extend_knots(grid, k)
    coef, x = coefficients(knots, k), inside(knots, k)
    assert knots.shape == (2, 5 + 2 * k)
    torch.testing.assert_close(knots[:, k:-k], grid)
    torch.testing.assert_close(ours(x, knots, coef, k), scipys(x, knots, coef, k), **EXACT)


@pytest.mark.parametrize("k", ORDERS)
def test_each_basis_function_is_that_of_scipy(k):
    knots = uneven(k, n=1)
    x = inside(knots, k)
    each = splines.basis(x, knots, k)[:, 0]
    theirs = BSpline.design_matrix(x[:, 0].numpy(), knots[0].numpy(), k).toarray()
    torch.testing.assert_close(each, torch.tensor(theirs), **EXACT)


@pytest.mark.parametrize("k", ORDERS)
def test_repeated_knots_are_those_of_scipy(k):
    for times in range(2, k + 1):
        inner = [0.0, 0.3, *[0.5] * times, 0.8, 1.0]
        knots = torch.tensor([[0.0] * k + inner + [1.0] * k], dtype=torch.float64)
        coef, x = coefficients(knots, k), inside(knots, k)
        torch.testing.assert_close(ours(x, knots, coef, k), scipys(x, knots, coef, k), **EXACT)


@pytest.mark.parametrize("k", ORDERS)
def test_outside_the_grid_a_spline_goes_on_along_its_tangent(k):
    knots = uneven(k)
    coef = coefficients(knots, k)
    low, high = knots[:, k], knots[:, -k - 1]
    away = torch.tensor([1e-9, 0.1, 1.0, 30.0], dtype=torch.float64)[:, None]
    for end, x in ((low, low - away), (high, high + away)):
        for n in range(len(knots)):
            spline = BSpline(knots[n].numpy(), coef[n].numpy(), k)
            at = float(end[n])
            line = float(spline(at)) + float(spline.derivative()(at)) * (x[:, n] - at)
            torch.testing.assert_close(ours(x, knots, coef, k)[:, n], line, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("k", ORDERS)
def test_zero_extrapolation_lets_the_bases_decay(k):
    knots = uneven(k)
    coef = coefficients(knots, k)
    low, high = knots[:, 0], knots[:, -1]
    x = low + (high - low) * torch.linspace(0, 1, 80, dtype=torch.float64)[:, None]
    reach = torch.arange(1, k + 1, dtype=torch.float64) ** 1.3
    wide = torch.cat([low[:, None] - reach.flip(0), knots, high[:, None] + reach], dim=1)
    zeros = torch.zeros(len(knots), k, dtype=torch.float64)
    expected = scipys(x, wide, torch.cat([zeros, coef, zeros], dim=1), k)
    torch.testing.assert_close(ours(x, knots, coef, k, extrapolation="zero"), expected, **EXACT)


@pytest.mark.parametrize("k", ORDERS)
def test_zero_extrapolation_is_zero_beyond_the_last_knot(k):
    knots = uneven(k)
    beyond = torch.stack(
        [knots[:, 0] - 3, knots[:, 0] - 1e-9, knots[:, -1] + 1e-9, knots[:, -1] + 40]
    )
    assert bool((splines.basis(beyond, knots, k, "zero") == 0).all())


@pytest.mark.parametrize("k", ORDERS)
def test_slopes_are_those_of_scipy(k):
    knots = uneven(k)
    coef, x = coefficients(knots, k), inside(knots, k)[:50]
    x.requires_grad_()
    (slopes,) = torch.autograd.grad(ours(x, knots, coef, k).sum(), x)
    for n in range(len(knots)):
        theirs = BSpline(knots[n].numpy(), coef[n].numpy(), k).derivative()(
            x[:, n].detach().numpy()
        )
        torch.testing.assert_close(slopes[:, n], torch.tensor(theirs), rtol=1e-11, atol=1e-10)


@settings(deadline=None, max_examples=60)
@given(
    k=st.integers(1, 5),
    steps=st.lists(st.sampled_from([0.0, 1e-6, 0.1, 1.0, 7.0]), min_size=1, max_size=8),
    seed=st.integers(0, 99),
)
def test_basis_functions_share_one_whatever_the_knots(k, steps, seed):
    grid = torch.tensor([[0.0, *steps, 1.0]], dtype=torch.float64).cumsum(1)
    knots = splines.extend_knots(grid, k)
    x = inside(knots, k, 20)
    bases = splines.basis(x, knots, k)
    assert bool((bases >= -1e-12).all())
    torch.testing.assert_close(bases.sum(-1), torch.ones_like(x), **EXACT)


@pytest.mark.parametrize("extrapolation", splines.EXTRAPOLATIONS)
@pytest.mark.parametrize("k", ORDERS)
def test_gradients_are_right_inside_and_outside(k, extrapolation):
    knots = splines.extend_knots(uneven(0, grid=5, n=2), k)
    low, high = knots[:, k], knots[:, -k - 1]
    shares = torch.tensor([-0.7, -0.13, 0.111, 0.47, 0.83, 1.09, 1.9], dtype=torch.float64)[:, None]
    x = (low + (high - low) * shares).requires_grad_()

    def f(x):
        return splines.basis(x, knots, k, extrapolation)

    assert torch.autograd.gradcheck(f, (x,))
    if k > 1:
        assert torch.autograd.gradgradcheck(f, (x,))


@pytest.mark.parametrize("k", ORDERS)
def test_fit_gives_back_the_coefficients_of_a_spline(k):
    knots = splines.extend_knots(uneven(0, grid=5, n=2), k)
    random = np.random.default_rng(3)
    coef = torch.tensor(random.normal(size=(4, 2, 5 + k)))
    x = inside(knots, k, 200)
    y = torch.einsum("nig,oig->nio", splines.basis(x, knots, k), coef)
    torch.testing.assert_close(splines.fit_coefficients(x, y, knots, k), coef, rtol=1e-7, atol=1e-8)


def test_fit_without_enough_points_has_the_least_norm():
    knots = splines.uniform_knots(-1, 1, 5, 3, 1, dtype=torch.float64)
    x, y = torch.tensor([[0.1], [0.2]]).double(), torch.tensor([[[1.0]], [[2.0]]]).double()
    coef = splines.fit_coefficients(x, y, knots, 3)
    matrix = splines.basis(x, knots, 3)[:, 0]
    torch.testing.assert_close(coef[0, 0], torch.linalg.pinv(matrix) @ y[:, 0, 0])


def test_fit_keeps_the_dtype():
    knots = splines.uniform_knots(-1, 1, 5, 3, 1)
    x = torch.linspace(-1, 1, 20)[:, None]
    assert splines.fit_coefficients(x, x[:, :, None], knots, 3).dtype == torch.float32


DATA = {
    "spread": torch.linspace(-3, 2, 100, dtype=torch.float64),
    "mostly one value": torch.cat([torch.zeros(95), torch.linspace(0, 1, 5)]).double(),
    "two values": torch.tensor([0.0, 1.0]).repeat(50).double(),
    "constant": torch.full((100,), 7.25, dtype=torch.float64),
    "constant and large": torch.full((100,), 1e9, dtype=torch.float64),
    "almost constant": 5 + 1e-14 * torch.arange(100, dtype=torch.float64),
}


@pytest.mark.parametrize("eps", [0.0, 0.02, 1.0])
@pytest.mark.parametrize("name", DATA)
def test_adaptive_grid_ascends_and_can_be_used(name, eps):
    x = DATA[name][:, None]
    grid = splines.adaptive_grid(x, 5, eps)
    assert grid.shape == (1, 6)
    assert bool((grid.diff() >= 0).all())
    assert float(grid[0, 0]) < float(grid[0, -1])
    if eps:
        assert bool((grid.diff() > 0).all())
    assert float(grid[0, 0]) <= float(x.min())
    assert float(grid[0, -1]) >= float(x.max())
    knots = splines.extend_knots(grid, 3)
    bases = splines.basis(x, knots, 3)
    torch.testing.assert_close(bases.sum(-1), torch.ones_like(x))
    fitted = splines.fit_coefficients(x, x[:, :, None], knots, 3)
    torch.testing.assert_close((bases * fitted[0]).sum(-1), x, rtol=1e-6, atol=1e-6)


def test_adaptive_grid_lies_between_equal_spacing_and_quantiles():
    x = torch.linspace(0, 1, 101, dtype=torch.float64)[:, None] ** 2
    even, quantiles = splines.adaptive_grid(x, 4, 1.0), splines.adaptive_grid(x, 4, 0.0)
    torch.testing.assert_close(even, torch.linspace(0, 1, 5, dtype=torch.float64)[None])
    expected = torch.tensor([[0, 0.25, 0.5, 0.75, 1]], dtype=torch.float64) ** 2
    torch.testing.assert_close(quantiles, expected, rtol=0, atol=0.02)
    torch.testing.assert_close(splines.adaptive_grid(x, 4, 0.3), 0.3 * even + 0.7 * quantiles)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_adaptive_grid_of_any_precision_is_of_its_samples(dtype):
    x = torch.rand(50, 3, generator=torch.Generator().manual_seed(0)).to(dtype)
    quantiles = x.sort(0).values[[0, 12, 25, 37, 49]].T
    torch.testing.assert_close(splines.adaptive_grid(x, 4, 0.0), quantiles)


def test_adaptive_grid_of_fewer_samples_than_intervals():
    grid = splines.adaptive_grid(torch.tensor([[0.0], [1.0]]), 10, 0.02)
    assert bool((grid.diff() > 0).all())
