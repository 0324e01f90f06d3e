"""A network with efficient-kan's numbers gives its outputs, gradients, penalty and moved grids.

The numbers in `data/` were made by running efficient-kan's published code in float32: `state/` is
its state_dict, `x` and `y` points and outputs there, `loss_grad_x` the gradient of the summed squared
outputs by x, `reg_1_1` and `reg_0.5_2` its regularization_loss with these two weights, and `grid_x` the
batch its grid was moved to, after which come `state_after/` and `y_after_update_grid`.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import splines
from kanwidget.fitting.penalties import weight_penalty
from tests.benchmarks.dense import dense_kan
from tests.networks import points

DATA = Path(__file__).parent / "data"
MARGIN, GRID_EPS = 0.01, 0.02
"""What efficient-kan moves its grid with where nothing else is said."""


@pytest.fixture(params=["2_5_1", "4_8_3_g8_k2"])
def theirs(request):
    with np.load(DATA / f"efficient_kan_{request.param}.npz") as numbers:
        return {name: torch.from_numpy(values) for name, values in numbers.items()}


def load(theirs, state="state"):
    """Our network with the numbers of a state_dict of efficient-kan's."""
    ours = kanwidget.KAN(
        theirs["widths"].tolist(),
        grid=int(theirs["grid_size"]),
        k=int(theirs["spline_order"]),
        extrapolation="zero",
        dtype=torch.float32,
    )
    for layer, numbers in zip(ours.layers, layers_of(theirs, state), strict=True):
        layer.coef.data = numbers["spline_weight"].clone()
        layer.scale_sp.data = numbers["spline_scaler"].clone()
        layer.scale_base.data = numbers["base_weight"].clone()
        layer.knots = numbers["grid"].clone()
        layer.structure_changed()
    return ours


def layers_of(theirs, state):
    """The numbers of a state_dict of theirs, one dictionary a layer."""
    found = {}
    for name, values in theirs.items():
        if name.startswith(f"{state}/layers."):
            _, number, what = name.split(".")
            found.setdefault(int(number), {})[what] = values
    return [found[number] for number in sorted(found)]


def moved_knots(x, grid, k):
    """Where efficient-kan moves the knots to on samples x (N, n): shape (n, grid + 2k + 1).

    As in ours they lie between quantiles and equal spacing.  There, equal spacing reaches a margin
    beyond the data, and its step is that of the outer knots too.
    """
    ordered = x.sort(dim=0).values
    quantiles = ordered[torch.linspace(0, len(x) - 1, grid + 1).long()].T
    ends = ordered[[0, -1]].T + torch.tensor([-MARGIN, MARGIN])
    uniform = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * torch.linspace(0, 1, grid + 1)
    inner = GRID_EPS * uniform + (1 - GRID_EPS) * quantiles
    outer = splines.extend_knots(uniform, k)
    left = inner[:, :1] + outer[:, :k] - uniform[:, :1]
    right = inner[:, -1:] + outer[:, -k:] - uniform[:, -1:]
    return torch.cat([left, inner, right], dim=1)


@torch.no_grad()
def move_grids(model, x):
    """Move all grids as efficient-kan does: a layer's coefficients are fit on the batch alone.

    It fits the *scaled* curves and scales what comes out once more, so the function changes.
    """
    for layer in model.layers:
        bases = splines.basis(x, layer.knots, layer.k, "zero")
        curves = torch.einsum("nig,oig->nio", bases, layer.coef * layer.scale_sp[..., None])
        knots = moved_knots(x, layer.grid, layer.k)
        layer.coef.data = splines.fit_coefficients(x, curves, knots, layer.k)
        layer.knots = knots
        layer.structure_changed()
        x = layer(x)


def close(ours, theirs, within=1e-4):
    """Equal to 1e-4 of their size; the outputs here are small, so an absolute 1e-4 would say little."""
    torch.testing.assert_close(
        ours.detach(), theirs, rtol=within, atol=within * float(theirs.abs().max())
    )


def test_outputs_are_theirs(theirs):
    close(load(theirs)(theirs["x"]), theirs["y"])


def test_input_gradients_are_theirs(theirs):
    x = theirs["x"].clone().requires_grad_()
    loss = load(theirs)(x).square().sum()
    close(torch.autograd.grad(loss, x)[0], theirs["loss_grad_x"])


@pytest.mark.parametrize(("size", "entropy"), [(1, 1), (0.5, 2)])
def test_weight_penalty_is_theirs(theirs, size, entropy):
    ours = weight_penalty(load(theirs).layers, size, entropy)
    close(ours.double(), theirs[f"reg_{size}_{entropy}"])


def test_moved_grids_and_coefficients_are_theirs(theirs):
    ours = load(theirs)
    move_grids(ours, theirs["grid_x"])
    for layer, expected in zip(ours.layers, layers_of(theirs, "state_after"), strict=True):
        close(layer.knots, expected["grid"])
        close(layer.coef, expected["spline_weight"])
        close(layer.scale_sp, expected["spline_scaler"])
        close(layer.scale_base, expected["base_weight"])
    close(ours(theirs["x"]), theirs["y_after_update_grid"])


def test_outputs_on_a_moved_grid_are_theirs(theirs):
    close(load(theirs, "state_after")(theirs["x"]), theirs["y_after_update_grid"])


def test_the_dense_network_of_the_benchmarks_computes_what_theirs_does(theirs):
    """So that its times may stand for those of efficient-kan."""
    grid, k = int(theirs["grid_size"]), int(theirs["spline_order"])
    dense = dense_kan(theirs["widths"].tolist(), grid, k)
    for layer, numbers in zip(dense, layers_of(theirs, "state"), strict=True):
        torch.testing.assert_close(layer.grid, numbers["grid"])
        layer.load_state_dict(numbers)
    x = theirs["x"].clone().requires_grad_()
    y = dense(x)
    close(y, theirs["y"])
    close(torch.autograd.grad(y.square().sum(), x)[0], theirs["loss_grad_x"])


def test_our_moved_grid_keeps_the_function_where_theirs_does_not(theirs):
    x = 0.99 * theirs["x"]  # within their grid, so that no spline has a kink to follow
    ours, before = load(theirs), load(theirs)(x)
    for layer, values in zip(ours.layers, ours.node_values(x), strict=False):
        layer.update_grid(values)
    changed, theirs_changed = ours(x) - before, load(theirs, "state_after")(x) - before
    assert changed.abs().max() < 0.2 * theirs_changed.abs().max()


# ---------------------------------------------------------------------- the penalty itself


def test_weight_penalty_of_equal_edges_is_their_size_and_the_logarithm_of_their_number():
    model = kanwidget.KAN([3, 4])
    model.layers[0].coef.data.fill_(-0.5)
    assert weight_penalty(model.layers, 2.0, 0.0).item() == pytest.approx(2 * 12 * 0.5)
    assert weight_penalty(model.layers, 0.0, 3.0).item() == pytest.approx(3 * np.log(12))


def test_weight_penalty_leaves_out_removed_and_symbolic_edges():
    model = kanwidget.KAN([3, 2], seed=3)
    model.get_act(points(50, 3))
    model.remove_edge(0, 0, 1)
    model.fix_symbolic(0, 2, 0, "sin")
    before = weight_penalty(model.layers)
    model.layers[0].coef.data[1, 0] = model.layers[0].coef.data[0, 2] = 100.0
    assert torch.equal(weight_penalty(model.layers), before)
    before.backward()
    assert model.layers[0].coef.grad[1, 0].count_nonzero() == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weight_penalty_has_a_finite_gradient_where_weights_are_zero(dtype):
    model = kanwidget.KAN([2, 3, 1], dtype=dtype)
    model.layers[0].coef.data[1] = 0.0
    model.layers[1].coef.data.zero_()
    penalty = weight_penalty(model.layers)
    penalty.backward()
    assert penalty.isfinite()
    assert all(layer.coef.grad.isfinite().all() for layer in model.layers)
    assert model.layers[0].coef.grad[0].count_nonzero()
