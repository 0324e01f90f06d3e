import io
import re
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import same_color, to_rgba
from matplotlib.figure import Figure

import kanwidget
from kanwidget import importance, picture, plotting, pruning
from kanwidget.layer import BOTH, NUMERIC, REMOVED, SYMBOLIC
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, points, same, state


@pytest.fixture(autouse=True)
def _figures_closed():
    plt.close("all")
    yield
    plt.close("all")


def network(width=(3, 4, 2), seed=0, **options):
    model = mixed_model(width, seed=seed, **options)
    model.get_act(points(60, width[0]))
    return model


def look(model, **options):
    """A figure of the network, its axes and the artists that edges and nodes are drawn with."""
    figure = plotting.plot(model, **options)
    figure.canvas.draw()
    (axes,) = figure.axes
    rods, frames, curves, ghosts, live, dead = axes.collections
    names = [text for text in axes.texts if text.get_fontsize() == 8]
    return SimpleNamespace(
        figure=figure, axes=axes, rods=rods, frames=frames, curves=curves, ghosts=ghosts, live=live,
        dead=dead, names=names, labels=[t.get_text() for t in axes.texts if t not in names],
    )  # fmt: skip


def box(collection):
    """Corners (low, high) of every path of a collection, each (E, 2)."""
    extents = [path.get_extents() for path in collection.get_paths()]
    return np.array([e.min for e in extents]), np.array([e.max for e in extents])


def drawn_kinds(model):
    seen = picture.draw(model, model.training_inputs(), "backward")
    return seen.kind[seen.kind != REMOVED], seen


# ---------------------------------------------------------------------- what it leaves behind


def test_a_plot_is_a_figure_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, other = network(), plt.figure()
    before, settings, interactive = state(model), dict(mpl.rcParams), plt.isinteractive()
    figure = model.plot()
    assert isinstance(figure, Figure)
    assert [plt.figure(n) for n in plt.get_fignums()] == [other, figure]
    assert (dict(mpl.rcParams), plt.isinteractive()) == (settings, interactive)
    assert other.axes == []
    assert same(model, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_plot_is_saved_as_vectors(kind):
    file = io.BytesIO()
    look(network(), title="a net").figure.savefig(file, format=kind)
    written = file.getvalue()
    if kind == "svg":
        assert written.startswith(b"<?xml")
        assert b"<image" not in written
    else:
        assert written.startswith(b"%PDF")
        assert b"/Subtype /Image" not in written


def test_a_large_network_is_a_handful_of_artists():
    model = kanwidget.KAN([60, 60, 5], dtype=torch.float32)
    model.get_act(points(30, 60))
    seen = look(model)
    assert len(seen.frames.get_paths()) == picture.MOST_EDGES
    assert len(seen.axes.get_children()) < 100
    assert max(seen.figure.get_size_inches()) <= 18


def test_a_network_with_a_pole_is_drawn():
    model = network((2, 2, 1))
    model.layers[0].set_symbolic(0, 1, library.get("1/x"), (1, 0, 1, 0))
    model.calibration[0] = 0
    paths = look(model).curves.get_paths()
    assert all(np.isfinite(path.vertices).all() for path in paths)


# ---------------------------------------------------------------------- edges and nodes


@pytest.mark.parametrize("seed", range(3))
def test_kinds_of_edges_differ_in_colour(seed):
    model = network(seed=seed)
    seen, (kinds, _) = look(model), drawn_kinds(model)
    assert set(kinds.tolist()) == {NUMERIC, SYMBOLIC, BOTH}
    assert len({to_rgba(colour) for colour in plotting.COLOURS.values()}) == 4
    assert len(seen.curves.get_colors()) == len(kinds)
    for part in (seen.curves.get_colors(), seen.frames.get_edgecolors()):
        for colour, kind in zip(part, kinds, strict=True):
            assert same_color(colour[:3], plotting.COLOURS[int(kind)])
    rods = seen.rods.get_colors()
    assert np.array_equal(rods, np.concatenate([seen.curves.get_colors()] * 2))


def test_symbolic_edges_carry_the_name_of_their_function():
    model = network()
    seen = look(model)
    expected = [
        layer.symbolic_function(i, j).name
        for layer in model.layers
        for j, i in (layer.alive & layer.symbolic).nonzero().tolist()
    ]
    assert [text.get_text() for text in seen.names] == expected != []
    assert all(same_color(t.get_color(), plotting.COLOURS[SYMBOLIC]) for t in seen.names)


def test_removed_edges_are_dashed_frames_or_left_out():
    model = network()
    live, every = len(model.edges()), len(model.edges(alive=False))
    shown, hidden = look(model), look(model, mask=True)
    assert len(shown.ghosts.get_paths()) == every - live > 0
    ((_, dashes),) = shown.ghosts.get_linestyles()
    assert dashes is not None
    assert hidden.ghosts.get_paths() == []
    for seen in (shown, hidden):
        assert len(seen.frames.get_paths()) == len(seen.curves.get_paths()) == live
        assert len(seen.rods.get_paths()) == 2 * live


def test_curves_are_in_their_frames_and_frames_beside_each_other():
    for model in (network(), network((1, 2)), network((5, 5, 1))):
        seen = look(model)
        low, high = box(seen.frames)
        inner_low, inner_high = box(seen.curves)
        assert (inner_low > low).all()
        assert (inner_high < high).all()
        others = [box(seen.ghosts)] if seen.ghosts.get_paths() else []
        lows, highs = (np.concatenate(part) for part in zip((low, high), *others, strict=True))
        for height in np.unique(lows[:, 1].round(6)):
            row = lows[:, 1].round(6) == height
            order = np.argsort(lows[row, 0])
            assert (highs[row, 0][order][:-1] < lows[row, 0][order][1:]).all()


def test_a_curve_in_its_frame_has_the_shape_of_the_edge():
    model = network(seed=1)
    seen, (_, drawn) = look(model), drawn_kinds(model)
    live = drawn.curve[drawn.kind != REMOVED]
    for path, curve in zip(seen.curves.get_paths(), live, strict=True):
        height = path.vertices[:, 1]
        share = (height - height.min()) / (height.max() - height.min())
        expected = (curve - curve.min()) / (curve.max() - curve.min())
        np.testing.assert_allclose(share, expected, atol=1e-4)
        assert (np.diff(path.vertices[:, 0]) > 0).all()


def test_rods_join_an_edges_nodes_and_its_frame():
    model = network()
    seen = look(model)
    nodes = np.concatenate([seen.live.get_offsets(), seen.dead.get_offsets()]).round(6).tolist()
    rods = np.array([path.vertices for path in seen.rods.get_paths()])
    below, above = np.split(rods, 2)
    low, high = box(seen.frames)
    middle = (low[:, 0] + high[:, 0]) / 2
    np.testing.assert_allclose(below[:, 1], np.stack([middle, low[:, 1]], 1))
    np.testing.assert_allclose(above[:, 0], np.stack([middle, high[:, 1]], 1))
    for (l, i, j), start, end in zip(model.edges(), below[:, 0], above[:, 1], strict=True):
        assert start.round(6).tolist() in nodes
        np.testing.assert_allclose(start, [(i + 0.5) / model.width[l], l])
        np.testing.assert_allclose(end, [(j + 0.5) / model.width[l + 1], l + 1])
    for l in range(model.depth):
        row = below[:, 0, 1] == l
        of_nodes = (below[row, 0, 0] + above[row, 1, 0])[np.argsort(middle[row])]
        assert (np.diff(of_nodes) > -1e-9).all()


def test_dead_nodes_are_hollow():
    model = network()
    pruning.remove(model, pruning.node_edges(model, 1, 2))
    seen = look(model)
    dead = [[float(x), float(y)] for x, y in seen.dead.get_offsets()]
    assert [2.5 / 4, 1.0] in dead
    assert len(dead) + len(seen.live.get_offsets()) == 9
    assert same_color(seen.dead.get_facecolors(), "white")
    assert not same_color(seen.live.get_facecolors(), "white")


# ---------------------------------------------------------------------- arguments


@pytest.mark.parametrize("beta", [0.5, 3.0, 100.0])
@pytest.mark.parametrize("metric", importance.METRICS)
def test_opacity_is_the_score_by_metric_and_beta(metric, beta):
    model = network()
    scores = [
        float(score[j, i])
        for layer, score in zip(model.layers, importance.edge_scores(model, metric=metric), strict=True)
        for j, i in layer.alive.nonzero().tolist()
    ]  # fmt: skip
    opacity = look(model, metric=metric, beta=beta).curves.get_colors()[:, 3]
    # the weakest edge is never quite invisible
    np.testing.assert_allclose(
        opacity, np.clip(np.tanh(beta * np.array(scores)), 0.06, 1), rtol=1e-5
    )


def test_names_are_the_datas_own_or_those_given():
    model = kanwidget.KAN([2, 1])
    model.fit(hello_data(50), steps=1)
    assert look(model).labels == ["$x_{1}$", "$x_{2}$", "y"]
    given = look(model, in_vars=["height", r"\alpha"], out_vars=["$z^2$"]).labels
    assert given == ["height", r"$\alpha$", "$z^2$"]


def test_title_and_scale_are_those_given():
    plain, large = look(network()), look(network(), title="my network", scale=2.0)
    assert (plain.axes.get_title(), large.axes.get_title()) == ("", "my network")
    (wide, tall), (wider, taller) = plain.figure.get_size_inches(), large.figure.get_size_inches()
    assert wider == pytest.approx(2 * wide)
    assert taller > 1.5 * tall


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"metric": "best"}, "metric is 'best'; one of backward, forward_n, forward_u is needed"),
        ({"in_vars": ["a"]}, "in_vars has 1 names; the network needs 3"),
        ({"in_vars": list("abcd")}, "in_vars has 4 names; the network needs 3"),
        ({"out_vars": []}, "out_vars has 0 names; the network needs 2"),
    ],
)
def test_bad_arguments_get_a_sentence_and_no_figure(options, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        network().plot(**options)
    assert plt.get_fignums() == []


def test_a_network_that_has_seen_no_data_makes_no_figure():
    with pytest.raises(ValueError, match="has seen no data yet"):
        kanwidget.KAN([2, 1]).plot()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"beta": "3"}, "beta is '3'; a number of at least 0 is needed"),
        ({"beta": float("nan")}, "beta is nan"),
        ({"scale": 0}, "scale is 0; a number above 0 is needed"),
        ({"in_vars": "ab"}, "in_vars has 1 names; the network needs 2"),
        ({"out_vars": ["a", "b"]}, "out_vars has 2 names; the network needs 1"),
    ],
)
def test_other_values_get_a_sentence_and_no_figure(options, sentence):
    model = kanwidget.KAN([2, 1])
    model.get_act(points(10, 2))
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=sentence):
        model.plot(**options)
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", ["{_1", "#_1", "\\temp", "$^$", "a$b", "x_1", "T", "\\theta", ""])
def test_every_name_can_be_written(name):
    model = kanwidget.KAN([2, 1])
    model.get_act(points(10, 2))
    figure = model.plot(in_vars=[name, 3])
    figure.canvas.draw()
    plt.close(figure)
