"""The explorer: figures beside the widget, linked both ways."""

import sys

import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent

import kanwidget
from kanwidget import KAN
from kanwidget.widget.explorer import Explorer
from tests.widget.widgets import DATA, settle

pytestmark = pytest.mark.filterwarnings(
    "ignore:Passing unrecognized arguments to super:DeprecationWarning"  # ipympl's own toolbar
)
EDGE, RESIDUALS, PREDICTION, LOSS = range(4)


@pytest.fixture
def explorer():
    made = kanwidget.explorer(KAN([2, 2, 1], seed=0), DATA, lamb=0.125)
    yield made
    made.close()
    made.widget.session.close()


def axes_of(explorer, tab):
    explorer._tabs.selected_index = tab
    return explorer.drawings[tab].figure.axes


def click(explorer, tab, n):
    """Click the n-th point of a figure."""
    drawing = explorer.drawings[tab]
    canvas = drawing.figure.canvas
    canvas.draw()
    x, y = drawing._axes.transData.transform(drawing._points[n])
    event = MouseEvent("button_press_event", canvas, x, y, button=1)
    canvas.callbacks.process("button_press_event", event)


def test_it_is_a_widget_with_figures_and_settings(explorer):
    assert isinstance(explorer, Explorer)
    assert explorer.children[0] is explorer.widget
    assert explorer.widget.lamb == 0.125
    assert [drawing.title for drawing in explorer.drawings] == [
        "Edge", "Residuals", "Prediction", "Loss",
    ]  # fmt: skip
    assert list(explorer._tabs.titles) == [drawing.title for drawing in explorer.drawings]


def test_the_selected_edge_is_the_same_everywhere_and_its_curve_is_drawn(explorer):
    explorer.widget.selected = [0, 1, 1]
    assert list(explorer.selected) == [0, 1, 1]
    assert explorer._edges.value == (0, 1, 1)
    axes = axes_of(explorer, EDGE)
    (curve,) = axes[0].lines
    x, y = curve.get_data()
    model = explorer.widget.model
    expected = model.layers[0].edge_output(1, 1, model.as_input(DATA.train_input)[:1, 1])
    at = float(DATA.train_input[0, 1])
    assert np.interp(at, x, y) == pytest.approx(expected.item(), abs=1e-3)
    (slope,) = axes[1].lines
    np.testing.assert_allclose(slope.get_ydata()[1:-1], np.gradient(y, x)[1:-1], atol=0.05)
    explorer._edges.value = (1, 0, 0)
    assert explorer.widget.selected == [1, 0, 0]
    explorer._edges.value = ()
    assert explorer.widget.selected is None


def test_figures_follow_every_action_and_only_the_one_in_front_is_drawn(explorer):
    session = explorer.widget.session
    axes_of(explorer, RESIDUALS)
    before = explorer.drawings[RESIDUALS]._points.copy()
    behind = explorer.drawings[LOSS]._axes
    session.train(3)
    settle(session)
    after = explorer.drawings[RESIDUALS]._points
    assert not np.allclose(before, after)
    predicted = explorer.widget.model(DATA.train_input).detach().numpy()[:, 0]
    np.testing.assert_allclose(after[:, 0], predicted)
    assert explorer.drawings[LOSS]._axes is behind
    loss = axes_of(explorer, LOSS)[0]
    assert [len(line.get_xdata()) for line in loss.lines[:2]] == [3, 3]


def test_a_removed_edge_leaves_the_list_and_the_figure(explorer):
    session = explorer.widget.session
    explorer.widget.selected = [0, 0, 0]
    session.remove_edge(0, 0, 0)
    settle(session)
    assert (0, 0, 0) not in [value for _, value in explorer._edges.options]
    session.undo()
    settle(session)
    assert (0, 0, 0) in [value for _, value in explorer._edges.options]


@pytest.mark.parametrize("tab", [RESIDUALS, PREDICTION])
def test_a_click_on_a_point_tells_which_sample_it_is(explorer, tab):
    axes_of(explorer, tab)
    click(explorer, tab, 7)
    point = explorer.drawings[tab]._points[7]
    assert np.allclose(explorer.drawings[tab]._points[explorer.sample], point)
    x1 = float(DATA.train_input[explorer.sample, 0])
    assert f"sample {explorer.sample}: x_1 = {x1:.4g}" in explorer._told.value
    # the mark is one more collection than the points
    assert len(explorer.drawings[tab]._axes.collections) == 2
    explorer.sample = None
    assert "Click a point" in explorer._told.value


def test_a_click_beside_all_points_changes_nothing(explorer):
    axes_of(explorer, RESIDUALS)
    canvas = explorer.drawings[RESIDUALS].figure.canvas
    canvas.draw()
    event = MouseEvent("button_press_event", canvas, 1, 1, button=1)
    canvas.callbacks.process("button_press_event", event)
    assert explorer.sample is None


def test_without_ipympl_one_sentence_stands_in_place_of_the_figures(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipympl.backend_nbagg", None)
    made = kanwidget.explorer(KAN([2, 1, 1], seed=0), DATA)
    assert made.drawings == []
    assert "pip install ipympl" in made.children[1].value
    made.widget.session.train(1)
    made.close()
    made.widget.session.close()


def test_several_outputs_have_a_choice():
    x = DATA.train_input.numpy()
    data = kanwidget.create_dataset_from_data(x, x @ np.array([[1.0, 2.0], [0.5, -1.0]]))
    made = kanwidget.explorer(KAN([2, 2], seed=0), data)
    axes_of(made, PREDICTION)
    first = made.drawings[PREDICTION]._points.copy()
    made._output.value = 1
    assert not np.allclose(first, made.drawings[PREDICTION]._points)
    made.close()
    made.widget.session.close()


def test_a_closed_explorer_hears_no_more_of_the_session(explorer):
    session = explorer.widget.session
    assert len(session._publisher._subscribers) == 2
    explorer.close()
    assert session._publisher._subscribers == []
