import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kanwidget
from kanwidget import splines
from kanwidget.shaping import control_points
from tests.networks import hello_data, same, state

DATA = hello_data()


@pytest.fixture(scope="module")
def trained():
    model = kanwidget.KAN([2, 3, 1], grid=5, seed=1)
    model.fit(DATA, steps=5)
    return model


@pytest.fixture
def model(trained):
    return trained.copy()


def curve(model, x, l=0, i=0, j=0):
    return model.layers[l].edge_output(i, j, x).detach()


@given(index=st.integers(0, 7), height=st.floats(-3, 3))
def test_the_point_goes_where_it_is_put_and_the_curve_follows_its_basis_function(
    trained, index, height
):
    model = trained.copy()
    x = torch.linspace(-2, 2, 50, dtype=torch.float64)
    layer, before = model.layers[0], curve(model, x)
    _, heights = control_points(layer, 0, 0)
    model.move_point(0, 0, 0, index, height)
    moved = control_points(layer, 0, 0)[1]
    assert moved[index].item() == pytest.approx(height, abs=1e-12)
    others = torch.arange(8) != index
    assert torch.equal(moved[others], heights[others])
    basis = splines.basis(x[:, None], layer.knots[:1], layer.k)[:, 0, index]
    expected = before + (height - heights[index]) * basis
    torch.testing.assert_close(curve(model, x), expected, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_points_of_a_line_lie_on_it(k):
    model = kanwidget.KAN([1, 1], grid=6, k=k, base_fun="zero")
    layer = model.layers[0]
    x, _ = control_points(layer, 0, 0)
    with torch.no_grad():
        layer.scale_sp.fill_(1.0)
        layer.coef[0, 0] = 2 * x + 1
    inside = torch.linspace(-1, 1, 30, dtype=torch.float64)
    torch.testing.assert_close(layer.edge_output(0, 0, inside), 2 * inside + 1)


def test_with_refit_the_curve_stays_as_drawn_and_the_others_adapt(model):
    layer = model.layers[0]
    x = torch.linspace(-1, 1, 30, dtype=torch.float64)
    height = control_points(layer, 0, 0)[1][3].item() + 0.3

    def loss(network):
        return (network(DATA.train_input) - DATA.train_label).square().mean().item()

    alone = model.copy()
    alone.move_point(0, 0, 0, 3, height)
    drawn, before = curve(alone, x), curve(model, x, 1, 0, 0)
    model.move_point(0, 0, 0, 3, height, refit=True, dataset=DATA)
    assert torch.equal(curve(model, x), drawn)
    assert not torch.equal(curve(model, x, 1, 0, 0), before)
    assert loss(model) < loss(alone) / 2
    assert not model.layers[0].locked.any()


def test_moving_is_one_action(model):
    told = []
    model.listeners.append(lambda event, details: told.append((event, details)))
    model.move_point(0, 0, 0, 3, 1, refit=True, dataset=DATA)
    assert [event for event, _ in told] == ["move_point"]
    assert told[0][1] | {"dataset": None} == {
        **{"l": 0, "i": 0, "j": 0, "index": 3, "value": 1.0},
        **{"refit": True, "dataset": None},
    }


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((0, 0, 9, 0, 1), KeyError, "does not exist"),
        ((0, 0, 0, 8, 1), ValueError, "has the points 0 to 7"),
        ((0, 0, 0, -1, 1), ValueError, "index is -1"),
        ((0, 0, 0, 0, float("nan")), ValueError, "value is nan"),
        ((0, 0, 0, 0, 1, True), ValueError, "no dataset"),
        ((0, 0, 0, 0, 1, "yes"), TypeError, "refit is 'yes'"),
    ],
)
def test_bad_arguments_change_nothing(model, arguments, error, sentence):
    before = state(model)
    with pytest.raises(error, match=sentence):
        model.move_point(*arguments)
    assert same(model, before)


def test_only_a_free_spline_that_is_there_has_points(model):
    model.fix_symbolic(0, 0, 0, "sin")
    model.remove_edge(0, 1, 0)
    model.lock_edge(0, 0, 1)
    with torch.no_grad():
        model.layers[0].scale_sp[1, 1] = 0
    for edge, sentence in [
        ((0, 0, 0), "no spline"),
        ((0, 1, 0), "no spline"),
        ((0, 0, 1), "locked"),
        ((0, 1, 1), "weight 0"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            model.move_point(*edge, 0, 1.0)
