import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kanwidget
from kanwidget import grids, splines
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, points, same, state

DTYPES = [torch.float32, torch.float64]
EXTRAPOLATIONS = ["linear", "zero"]


def curves(knots, coef, k, extrapolation, x):
    """Values (N, m, n) of splines at points x (N, n), in float64."""
    bases = splines.basis(x.double(), knots.double(), k, extrapolation)
    return torch.einsum("nig,oig->noi", bases, coef.double())


def random_splines(n, grid, k, dtype=torch.float64, seed=0, outputs=3):
    """Knots with intervals of very different widths, and coefficients."""
    random = torch.Generator().manual_seed(seed)
    widths = 0.1 + torch.rand(n, grid, generator=random, dtype=torch.float64)
    ends = torch.rand(n, 1, generator=random, dtype=torch.float64)
    inner = torch.cat([ends, ends + widths.cumsum(1)], 1).to(dtype)
    coef = torch.randn(outputs, n, grid + k, generator=random, dtype=torch.float64)
    return splines.extend_knots(inner, k), coef.to(dtype)


def across(knots, k, beyond=0.4, count=201):
    """Points (N, n) across every grid, and beyond it by a share of its width."""
    inner = grids.grid_points(knots, k).double()
    low, high = inner[:, :1], inner[:, -1:]
    share = torch.linspace(-beyond, 1 + beyond, count, dtype=torch.float64)
    return (low + (high - low) * share).T


def inside(knots, k, x):
    inner = grids.grid_points(knots, k).double()
    return (x >= inner[:, 0]) & (x <= inner[:, -1])


def near(ours, expected, dtype):
    ours, expected = ours.detach(), expected.detach()
    size = float(expected.abs().max())
    within = size * (1e-12 if dtype == torch.float64 else 2e-5)
    torch.testing.assert_close(ours, expected, rtol=0, atol=within)


# ---------------------------------------------------------------------- refining


@given(
    grid=st.integers(1, 6),
    finer=st.integers(0, 9),
    k=st.integers(1, 5),
    extrapolation=st.sampled_from(EXTRAPOLATIONS),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 99),
)
def test_refined_splines_are_the_same_inside_and_outside(
    grid, finer, k, extrapolation, dtype, seed
):
    knots, coef = random_splines(2, grid, k, dtype, seed)
    new, refined = grids.refined(knots, coef, k, extrapolation, grid + finer)
    assert refined.shape == (3, 2, grid + finer + k)
    assert new.dtype == refined.dtype == dtype
    assert bool((new[:, 1:] > new[:, :-1]).all())
    x = across(knots, k)
    near(curves(new, refined, k, extrapolation, x), curves(knots, coef, k, extrapolation, x), dtype)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_new_coefficients_are_averages_of_old_ones_however_unequal_the_intervals(k):
    generator = torch.Generator().manual_seed(k)
    steps = 10 ** (-8 * torch.rand(200, 5, generator=generator, dtype=torch.float64))
    points = torch.cat([torch.zeros(200, 1, dtype=torch.float64), steps.cumsum(1)], 1)
    old = splines.extend_knots(points, k)
    new = torch.cat([old[:, :k], grids.refined_points(points, 13), old[:, -k:]], 1)
    weights = grids.conversion(old, new, k)
    assert weights.min() > -1e-15
    torch.testing.assert_close(weights.sum(2), torch.ones(200, 13 + k).double(), rtol=0, atol=1e-14)


@given(grid=st.integers(1, 6), finer=st.integers(0, 20), seed=st.integers(0, 99))
def test_all_grid_points_stay(grid, finer, seed):
    for dtype in DTYPES:
        inner = grids.grid_points(random_splines(2, grid, 3, dtype, seed)[0], 3)
        finer_points = grids.refined_points(inner, grid + finer)
        assert finer_points.shape == (2, grid + finer + 1)
        assert all(
            set(old.tolist()) <= set(new.tolist())
            for old, new in zip(inner, finer_points, strict=True)
        )


def test_whole_multiples_are_interpolated_at_equal_percentiles():
    inner = torch.tensor([[0.0, 1.0, 5.0]], dtype=torch.float64)
    expected = np.interp(np.linspace(0, 2, 7), [0, 1, 2], [0, 1, 5])
    torch.testing.assert_close(grids.refined_points(inner, 6)[0], torch.from_numpy(expected))
    assert grids.refined_points(inner, 2).equal(inner)


def test_other_numbers_halve_the_widest_intervals():
    inner = torch.tensor([[0.0, 1.0, 5.0], [0.0, 4.0, 7.0]], dtype=torch.float64)
    finer = grids.refined_points(inner, 5).tolist()
    assert finer == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 4, 5.5, 7]]


def test_grid_points_that_coincide_do_no_harm():
    inner = torch.tensor([[0.0, 0.0, 0.0, 1.0, 2.0, 2.0]], dtype=torch.float64)
    knots = splines.extend_knots(inner, 2)
    coef = torch.randn(1, 1, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for grid in (7, 10):
        new, refined = grids.refined(knots, coef, 2, "linear", grid)
        assert bool(refined.isfinite().all())
        x = torch.linspace(0.01, 1.99, 50, dtype=torch.float64)[:, None]
        near(curves(new, refined, 2, "linear", x), curves(knots, coef, 2, "linear", x), x.dtype)


# ---------------------------------------------------------------------- extending


@given(
    grid=st.integers(1, 5),
    k=st.integers(1, 4),
    extrapolation=st.sampled_from(EXTRAPOLATIONS),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 99),
    reach=st.lists(st.floats(0, 2), min_size=4, max_size=4),
)
def test_extended_grids_reach_the_data_and_keep_the_splines(
    grid, k, extrapolation, dtype, seed, reach
):
    knots, coef = random_splines(2, grid, k, dtype, seed)
    inner = grids.grid_points(knots, k)
    reach = torch.tensor(reach, dtype=dtype)
    low, high = inner[:, 0] - reach[:2], inner[:, -1] + reach[2:]
    wider = grids.extended(knots, coef, k, extrapolation, low, high)
    if wider is None:
        assert bool((low >= inner[:, 0]).all() & (high <= inner[:, -1]).all())
        return
    new, extended = wider
    wide = grids.grid_points(new, k)
    assert bool((wide[:, 0] <= low).all() & (wide[:, -1] >= high).all())
    for i in range(2):
        assert set(knots[i].tolist()) <= set(new[i].tolist())
        where = new[i].tolist().index(knots[i, 0])
        assert torch.equal(extended[:, i, where : where + grid + k], coef[:, i])
    x = across(knots, k, 0.0)
    near(
        curves(new, extended, k, extrapolation, x), curves(knots, coef, k, extrapolation, x), dtype
    )
    if extrapolation == "zero":
        x = across(knots, k, 1.0)
        near(curves(new, extended, k, "zero", x), curves(knots, coef, k, "zero", x), dtype)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_beyond_the_old_grid_splines_follow_their_tangent(k):
    knots, coef = random_splines(2, 5, k)
    x = across(knots, k, 2.0)
    expected = curves(knots, coef, k, "linear", x)
    new, extended = grids.extended(knots, coef, k, "linear", x[0], x[-1])
    change = (curves(new, extended, k, "linear", x) - expected).abs().amax((1, 2))
    size = curves(knots, coef, k, "linear", across(knots, k, 0.0)).abs().max()
    if k < 3:
        near(curves(new, extended, k, "linear", x), expected, x.dtype)
    else:  # a cubic still has to lose its curvature, within an interval or two
        assert float(change.max()) < 0.6 * float(size)
        assert float(torch.cat([change[:40], change[-40:]]).max()) < 0.05 * float(size)


def test_the_input_in_most_need_says_how_many_intervals_all_get():
    knots, coef = random_splines(2, 4, 3)
    inner = grids.grid_points(knots, 3)
    step = (inner[:, -1] - inner[:, 0]) / 4
    low, high = inner[:, 0].clone(), inner[:, -1].clone()
    low[0], high[0] = low[0] - 1.5 * step[0], high[0] + 0.5 * step[0]
    new, _ = grids.extended(knots, coef, 3, "linear", low, high)
    wide = grids.grid_points(new, 3)
    assert wide.shape == (2, 8)
    expected = inner[0, 0] + step[0] * torch.arange(-2.0, 1).double()
    torch.testing.assert_close(wide[0, :3], expected)
    assert bool((wide[1, 0] < inner[1, 0]) & (wide[1, -1] > inner[1, -1]))


def test_a_grid_is_not_extended_without_end():
    knots, coef = random_splines(1, 4, 3)
    far = torch.tensor([1e6], dtype=torch.float64)
    with pytest.raises(ValueError, match=r"^data are more than 1000 intervals outside the grid"):
        grids.extended(knots, coef, 3, "linear", knots[:, 3], far)


# ---------------------------------------------------------------------- of a network

OPTIONS = [
    {"width": (2, 3, 1)},
    {"width": (3, [2, 2], 2), "mult_arity": [2, [2, 3], 2], "grid": [2, 5], "k": [3, 2]},
]


def grown(dtype=torch.float64, extrapolation="linear", **options):
    model = mixed_model(dtype=dtype, extrapolation=extrapolation, **options)
    model.get_act(points(50, model.width[0], dtype=dtype))
    return model


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("extrapolation", EXTRAPOLATIONS)
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: str(o["width"]))
def test_refine_keeps_the_function_and_returns_the_network(dtype, extrapolation, options):
    model = grown(dtype, extrapolation, **options)
    x = points(200, model.width[0], -1.5, 1.5, dtype=dtype)
    before = model(x)
    assert model.refine(7) is model
    assert [layer.grid for layer in model.layers] == [7, 7]
    near(model(x), before, dtype)
    model = model.refine([7, 14])
    assert [layer.grid for layer in model.layers] == [7, 14]
    near(model(x), before, dtype)


def test_what_is_removed_or_symbolic_keeps_its_spline_when_refined():
    model = grown(width=(2, 3, 1))
    x = points(50, 2)
    before = [layer.edge_outputs(x[:, :1].expand(-1, layer.n_in), "spline", restored=True)
              for layer in model.layers]  # fmt: skip
    model.refine(8)
    for layer, expected in zip(model.layers, before, strict=True):
        found = layer.edge_outputs(x[:, :1].expand(-1, layer.n_in), "spline", restored=True)
        near(found, expected, torch.float64)


def test_a_refined_network_shares_nothing_with_what_it_was():
    model = grown(width=(2, 3, 1))
    x, old = points(20, 2), model.copy()
    before = old(x)
    new = model.refine(6)
    with torch.no_grad():
        for parameter in new.parameters():
            parameter.add_(1.0)
    assert torch.equal(old(x), before)


@pytest.mark.parametrize("new_grid", [2, [3, 2], [3], "5", 2.5, None, True])
def test_a_grid_is_never_made_coarser(new_grid):
    model = mixed_model((2, 3, 1))
    before = state(model)
    with pytest.raises(ValueError, match=r"new_grid"):
        model.refine(new_grid)
    assert same(model, before)


def test_refine_after_a_fit_looks_at_training_data_only():
    data = hello_data()
    model = kanwidget.KAN([2, 3, 1])
    model.fit(data, steps=2)
    before = model(data.test_input)
    model.refine(9)
    near(model(data.test_input), before, torch.float64)
    assert torch.equal(model.calibration, data.train_input)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: str(o["width"]))
def test_update_grid_moves_every_layer_to_its_data(options):
    model = grown(**options)
    x = points(300, model.width[0], -0.8, 0.7)
    before = model(x)
    assert model.update_grid(x) is None
    for layer, values in zip(model.layers, model.node_values(x), strict=False):
        inner = grids.grid_points(layer.knots, layer.k)
        torch.testing.assert_close(inner[:, 0], values.amin(0), rtol=1e-6, atol=1e-6)
        torch.testing.assert_close(inner[:, -1], values.amax(0), rtol=1e-6, atol=1e-6)
    change = (model(x) - before).detach().square().mean().sqrt()
    assert float(change) < 0.2 * float(before.detach().std())
    moved = state(model)
    model.update_grid({"train_input": x})
    assert moved[1] == state(model)[1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("extrapolation", EXTRAPOLATIONS)
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: str(o["width"]))
def test_extend_grid_covers_the_data_at_every_layer(dtype, extrapolation, options):
    model = grown(dtype, extrapolation, **options)
    inside = points(100, model.width[0], dtype=dtype)
    wide = points(300, model.width[0], -2.2, 1.7, dtype=dtype)
    first = model.layers[0](inside)
    model.extend_grid(wide)
    near(model.layers[0](inside), first, dtype)
    for layer, values in zip(model.layers, model.node_values(wide), strict=False):
        inner = grids.grid_points(layer.knots, layer.k)
        assert bool((inner[:, 0] <= values.amin(0)).all())
        assert bool((inner[:, -1] >= values.amax(0)).all())
    again = state(model)
    model.extend_grid(wide)
    assert same(model, again)


def test_an_input_with_a_locked_spline_keeps_its_grid():
    model = kanwidget.KAN([2, 2, 1])
    model.lock_edge(0, 1, 0)
    knots = model.layers[0].knots.clone()
    outputs = model.layers[0].edge_outputs(points(20, 2))
    model.update_grid(points(100, 2, -0.5, 2.0))
    assert torch.equal(model.layers[0].knots[1], knots[1])
    assert not torch.equal(model.layers[0].knots[0], knots[0])
    after = model.layers[0].edge_outputs(points(20, 2))
    torch.testing.assert_close(after[:, :, 1], outputs[:, :, 1])


def test_values_that_are_not_finite_move_no_grid():
    model = kanwidget.KAN([1, 2, 1])
    model.layers[0].set_symbolic(0, 0, library.get("log"), (1, 0, 1, 0))
    knots = model.layers[1].knots.clone()
    model.update_grid(points(50, 1))
    assert torch.equal(model.layers[1].knots[0], knots[0])
    assert not torch.equal(model.layers[1].knots[1], knots[1])
    model.extend_grid(points(50, 1, -3, 3))
    assert all(bool(parameter.isfinite().all()) for parameter in model.parameters())


@pytest.mark.parametrize(
    "x", [torch.zeros(0, 2), torch.full((3, 2), torch.nan), torch.zeros(3, 3)], ids=str
)
def test_grids_do_not_follow_data_that_cannot_be(x):
    model = kanwidget.KAN([2, 2, 1])
    before = state(model)
    for call in (model.update_grid, model.extend_grid):
        with pytest.raises(ValueError, match=r"^x has"):
            call(x)
    with pytest.raises(ValueError, match=r"^at layer 0, data are more than 1000 intervals"):
        model.extend_grid(torch.full((3, 2), 1e9))
    assert same(model, before)


# ---------------------------------------------------------------------- from another network


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: str(o["width"]))
def test_a_network_initialized_from_another_is_the_same_on_its_own_grid(dtype, options):
    other = grown(torch.float64, **options)
    other.lock_edge(*other.edges()[0])
    model = kanwidget.KAN(
        **(options | {"width": list(options["width"]), "grid": 10}), seed=5, dtype=dtype
    )
    x = points(100, other.width[0])
    assert model.initialize_from_another_model(other, x) is model
    assert [layer.grid for layer in model.layers] == [10, 10]
    near(model(x).double(), other(x), dtype)
    assert [
        torch.equal(a.locked, b.locked) for a, b in zip(model.layers, other.layers, strict=True)
    ]
    before = other(x)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    model.layers[0].functions.clear()
    assert torch.equal(other(x), before)


def test_a_coarser_grid_or_another_order_is_fitted():
    other = grown(width=(2, 3, 1), grid=2).refine(8)
    x = points(200, 2)
    for options in ({"grid": 8, "k": 2}, {"grid": 6, "k": 3}, {"grid": 12, "k": 4}):
        model = kanwidget.KAN([2, 3, 1], **options)
        model.initialize_from_another_model(other, x)
        assert [(layer.grid, layer.k) for layer in model.layers] == [
            (options["grid"], options["k"])
        ] * 2
        change = (model(x) - other(x)).square().mean().sqrt().detach() / other(x).detach().std()
        assert 0 < float(change) < 0.3


def test_only_the_splines_come_with_the_grid():
    other, model = grown(width=(2, 3, 1)), kanwidget.KAN([2, 3, 1], grid=6, seed=8)
    bases = [layer.scale_base.detach().clone() for layer in model.layers]
    assert model.initialize_grid_from_another_model(other, points(50, 2)) is None
    x = points(30, 3)
    for layer, parent, base in zip(model.layers, other.layers, bases, strict=True):
        assert torch.equal(layer.scale_base, base)
        ours = curves(layer.knots, layer.coef, 3, "linear", x[:, : layer.n_in])
        near(ours, curves(parent.knots, parent.coef, 3, "linear", x[:, : layer.n_in]), x.dtype)


def test_the_base_function_comes_too():
    other = kanwidget.KAN([1, 1], base_fun=torch.cos)
    model, x = kanwidget.KAN([1, 1], grid=6), points(40, 1)
    model.initialize_from_another_model(other, x)
    near(model(x), other(x), x.dtype)


def test_networks_of_other_nodes_are_refused():
    model, x = kanwidget.KAN([2, [1, 1], 1]), points(10, 2)
    before = state(model)
    for other in (
        kanwidget.KAN([2, 3, 1]),
        kanwidget.KAN([2, 2, 1, 1]),
        kanwidget.KAN([3, [1, 1], 1]),
    ):
        for call in (model.initialize_from_another_model, model.initialize_grid_from_another_model):
            with pytest.raises(ValueError, match=r"both need the same nodes"):
                call(other, x)
    with pytest.raises(TypeError, match=r"^another_model is a Linear; a KAN is needed$"):
        model.initialize_from_another_model(torch.nn.Linear(2, 1), x)
    assert same(model, before)
