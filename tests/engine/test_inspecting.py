import pytest
import torch

import kanwidget
from kanwidget.fitting import fitting_dataset
from kanwidget.inspecting import BINS, POINTS, inspect
from kanwidget.shaping import control_points
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, same, state

DATA = hello_data()


@pytest.fixture(scope="module")
def trained():
    model = kanwidget.KAN([2, 2, 1], grid=5, seed=1)
    model.fit(DATA, steps=5)
    return model


def test_the_curve_is_told_over_data_and_grid(trained):
    found = inspect(trained, (0, 0, 1), DATA)
    layer = trained.layers[0]
    assert len(found.x) == POINTS
    assert bool((found.x.diff() >= 0).all())
    assert {*found.data, *found.grid} <= set(found.x.tolist())
    torch.testing.assert_close(found.y, layer.edge_output(0, 1, found.x).detach())
    step = 1e-6
    rise = layer.edge_output(0, 1, found.x + step) - layer.edge_output(0, 1, found.x - step)
    torch.testing.assert_close(found.slope, rise.detach() / (2 * step), atol=1e-4, rtol=1e-3)
    assert found.knots.tolist() == layer.knots[0, 3:-3].tolist()
    assert found.density.shape == (BINS,)
    assert found.density.sum() == len(DATA.train_input)


def test_a_dragged_point_is_previewed_by_its_basis_function(trained):
    model = trained.copy()
    found = inspect(model, (0, 0, 1), DATA)
    x, y = control_points(model.layers[0], 0, 1)
    assert torch.equal(found.point_x, x)
    assert torch.equal(found.point_y, y)
    model.move_point(0, 0, 1, 4, y[4].item() + 0.7)
    moved = inspect(model, (0, 0, 1), DATA)
    torch.testing.assert_close(moved.y, found.y + 0.7 * found.bases[4])


def test_an_edge_that_gives_what_is_wanted_makes_the_network_right(trained):
    model = trained.copy()
    with torch.no_grad():
        model.layers[1].coef[0, 0] += 0.4  # so far off only on edge (1, 0, 0)
    found = inspect(model, (1, 0, 0), DATA)
    rows = torch.linspace(0, len(DATA.train_input) - 1, len(found.inputs)).long()
    left = DATA.train_label[rows, 0] - model(DATA.train_input[rows])[:, 0]
    torch.testing.assert_close(found.wanted - found.outputs, left.detach())


def test_below_it_is_right_to_first_order(trained):
    found = inspect(trained, (0, 1, 0), DATA)
    told = found.wanted.isfinite()
    assert told.double().mean() > 0.5
    rows = torch.linspace(0, len(DATA.train_input) - 1, len(found.inputs)).long()[told]
    x, y, small = DATA.train_input[rows], DATA.train_label[rows], 1e-4
    sums = trained.layers[0].sums(x)
    changed = sums.clone()
    changed[:, 0] += small * (found.wanted - found.outputs)[told]
    before, after = (trained.layers[1](trained.layers[0].nodes(each)) for each in (sums, changed))
    torch.testing.assert_close((after - before) / small, y - before, atol=1e-2, rtol=1e-2)


def test_a_function_is_told_with_its_constants():
    model = kanwidget.KAN([2, 1, 1], seed=1)
    model.fit(DATA, steps=10)
    model.fix_symbolic(0, 0, 0, "sin")
    model.set_constant(0, 0, 0, "a", "pi")
    found = inspect(model, (0, 0, 0), DATA)
    assert found.function.name == "sin"
    assert found.constants[0] == torch.pi
    assert found.held == (True, False, False, False)
    assert found.r2 > 0.99
    assert found.warnings == ()
    model.layers[0].set_symbolic(1, 0, library.get("1/x"), (1.0, 1.02, 1.0, 0.0))
    near, outside = inspect(model, (0, 1, 0), DATA).warnings
    assert near.startswith("has no finite value at x = -1.02")
    assert outside.startswith("goes to infinity")


def test_data_outside_the_grid_are_warned_of():
    model = kanwidget.KAN([2, 1], grid_range=(-0.5, 0.5))
    model.get_act(DATA)
    found = inspect(model, (0, 0, 0), DATA)
    assert "of the data lie outside the grid" in found.warnings[0]
    assert found.x[0] == found.data[0]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_any_edge_can_be_looked_at_and_nothing_changes(dtype):
    model = mixed_model(dtype=dtype)
    data = fitting_dataset(
        model, kanwidget.create_dataset(lambda x: x[:, [0, 1]], n_var=3, train_num=50)
    )
    model.get_act(data)
    before, version = state(model), model.version
    for edge in model.edges(alive=False):
        found = inspect(model, edge, data)
        assert found.y.dtype == dtype
        assert found.wanted.isfinite().any() == (found.kind != 0)
    assert same(model, before)
    assert model.version == version
    with pytest.raises(KeyError, match="does not exist"):
        inspect(model, (0, 9, 0), data)
