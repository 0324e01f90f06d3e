import io
import re
from itertools import pairwise
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy
import torch
from matplotlib.colors import same_color, to_rgba
from matplotlib.figure import Figure

import kanwidget
from kanwidget import importance, picture, plotting, pruning
from kanwidget.edges import BOTH, NUMERIC, REMOVED, SYMBOLIC
from kanwidget.plotting.layout import layout_of
from kanwidget.plotting.marks import COLOURS, FAINTEST
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
    rods, frames, curves, ghosts, _, locks, live, dead, ways, dots, rings, crosses, *samples = (
        axes.collections
    )
    names = [text for text in axes.texts if text.get_bbox_patch() is not None]
    return SimpleNamespace(
        figure=figure, axes=axes, rods=rods, frames=frames, curves=curves, ghosts=ghosts, locks=locks,
        live=live, dead=dead, ways=ways, dots=dots, rings=rings, crosses=crosses, samples=samples,
        names=names, labels=[t.get_text() for t in axes.texts if t not in names],
    )  # fmt: skip


def colours(dark=False):
    """What kinds of edges are drawn in."""
    ink = "white" if dark else "black"
    pairs = {kind: pair[dark] for kind, pair in COLOURS.items()}
    return {NUMERIC: ink, REMOVED: "0.5"} | pairs


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


def test_many_plots_in_a_script_leave_one_to_pyplot():
    model, other = network((1, 1)), plt.figure()
    figures = [model.plot() for _ in range(25)]
    assert [plt.figure(n) for n in plt.get_fignums()] == [other, figures[-1]]
    file = io.BytesIO()
    figures[0].savefig(file, format="svg")
    assert file.getvalue().startswith(b"<?xml")


def test_pykans_folder_is_accepted_and_stays_empty(tmp_path):
    network((1, 1)).plot(folder=str(tmp_path), beta=10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_plot_is_saved_as_vectors(kind):
    file = io.BytesIO()
    model = network((3, [2, 2], 2))
    model.layers[0].locked[:] = True
    look(model, title="a net", sample=True, tick=True).figure.savefig(file, format=kind)
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
    assert seen.rods.get_colors()[:, 3].max() <= 0.4


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
    assert len({to_rgba(colour) for colour in colours().values()}) == 4
    assert len(seen.curves.get_colors()) == len(kinds)
    for part in (seen.curves.get_colors(), seen.frames.get_edgecolors()):
        for colour, kind in zip(part, kinds, strict=True):
            assert same_color(colour[:3], colours()[int(kind)])
    rods = seen.rods.get_colors()
    assert np.array_equal(rods, np.concatenate([seen.curves.get_colors()] * 2))


def test_symbolic_edges_carry_the_name_of_their_function():
    model = network()
    seen = look(model)
    expected, kinds = [], []
    for layer in model.layers:
        for j, i in (layer.alive & layer.symbolic).nonzero().tolist():
            name = layer.symbolic_function(i, j).name.replace("^2", "²")
            kinds.append(BOTH if layer.numeric[j, i] else SYMBOLIC)
            expected.append(("φ + " if kinds[-1] == BOTH else "") + name)
    assert set(kinds) == {SYMBOLIC, BOTH}
    assert [text.get_text() for text in seen.names] == expected
    for text, kind in zip(seen.names, kinds, strict=True):
        assert same_color(text.get_bbox_patch().get_facecolor()[:3], colours()[kind])


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_are_those_of_the_style(style):
    model, dark = network(), style == "dark_background"
    with plt.style.context(style):
        seen = look(model)
    assert same_color(seen.live.get_edgecolors()[0], "white" if dark else "black")
    assert same_color(seen.frames.get_facecolors()[0], "black" if dark else "white")
    kinds, _ = drawn_kinds(model)
    for colour, kind in zip(seen.curves.get_colors(), kinds, strict=True):
        assert same_color(colour[:3], colours(dark)[int(kind)])


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
    wide = network((5, [4, 3], 2))
    assert len({y for _, y in look(wide).frames.get_paths()[0].vertices.round(6)}) == 2
    for model in (network(), network((1, 2)), network((5, 5, 1)), wide):
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


@pytest.mark.parametrize("width", [(3, 4, 2), (2, [2, 3], [1, 1]), (9, 9, 1)], ids=str)
def test_rods_join_an_edges_ends_and_its_frame(width):
    model = network(width)
    seen, layout = look(model), layout_of(drawn_kinds(model)[1])
    rods = np.array([path.vertices for path in seen.rods.get_paths()])
    below, above = np.split(rods, 2)
    low, high = box(seen.frames)
    middle = (low[:, 0] + high[:, 0]) / 2
    np.testing.assert_allclose(below[:, -1], np.stack([middle, low[:, 1]], 1))
    np.testing.assert_allclose(above[:, -1], np.stack([middle, high[:, 1]], 1))
    for (l, i, j), start, end in zip(model.edges(), below[:, 0], above[:, 0], strict=True):
        np.testing.assert_allclose(start, layout.nodes[l][i])
        np.testing.assert_allclose(end, layout.subnodes[l][j])
    for l in range(model.depth):
        row = np.array([edge[0] == l for edge in model.edges()])
        of_ends = (below[row, 0, 0] + above[row, 0, 0])[np.argsort(middle[row], kind="stable")]
        assert len(np.unique(low[row, 1].round(6))) > 1 or (np.diff(of_ends) > -1e-9).all()


def test_rods_to_frames_behind_others_run_between_the_columns():
    model = network((9, 9, 1))
    seen = look(model)
    low, high = box(seen.frames)
    ghosts = box(seen.ghosts)
    low, high = np.concatenate([low, ghosts[0]]), np.concatenate([high, ghosts[1]])
    assert len(np.unique(low[:, 1].round(6))) > 3
    for path in seen.rods.get_paths():
        for a, b in pairwise(path.vertices):
            for t in np.linspace(0.01, 0.99, 40):
                x, y = a + t * (b - a)
                inside = (low[:, 0] < x) & (x < high[:, 0]) & (low[:, 1] < y) & (y < high[:, 1])
                assert not inside.any()


def test_dead_nodes_are_hollow():
    model = network()
    pruning.remove(model, pruning.node_edges(model, 1, 2))
    seen = look(model)
    dead = [[float(x), float(y)] for x, y in seen.dead.get_offsets()]
    x, y = layout_of(drawn_kinds(model)[1]).nodes[1][2]
    assert [x, y] in dead
    assert len(dead) + len(seen.live.get_offsets()) == 9
    assert same_color(seen.dead.get_facecolors(), "white")
    assert not same_color(seen.live.get_facecolors(), "white")


def test_a_product_is_a_circle_with_a_cross_and_a_dot_for_each_factor():
    model = network((3, [1, 2], [1, 1]), mult_arity=[2, [2, 3], 2])
    seen, layout = look(model), layout_of(drawn_kinds(model)[1])
    products = np.concatenate([layout.nodes[1][1:], layout.nodes[2][1:]])
    np.testing.assert_allclose(seen.rings.get_offsets(), products)
    np.testing.assert_allclose(seen.crosses.get_offsets(), products)
    factors = np.concatenate([layout.subnodes[0][1:], layout.subnodes[1][1:]])
    np.testing.assert_allclose(seen.dots.get_offsets(), factors)
    owners = products[[0, 0, 1, 1, 1, 2, 2]]
    ways = np.array([path.vertices for path in seen.ways.get_paths()])
    np.testing.assert_allclose(ways, np.stack([factors, owners], 1))
    assert (factors[:, 1] < owners[:, 1]).all()
    assert len(np.unique(factors, axis=0)) == 7
    assert layout.subnodes[0][0].tolist() == layout.nodes[1][0].tolist()
    sums = [*seen.live.get_offsets().tolist(), *seen.dead.get_offsets().tolist()]
    assert len(sums) == 5


def test_networks_of_sums_have_no_sign_of_products():
    seen = look(network())
    for part in (seen.ways, seen.dots, seen.rings, seen.crosses):
        assert len(part.get_paths()) == 0 or len(part.get_offsets()) == 0


def test_locked_edges_have_a_padlock_on_the_corner_of_their_frame():
    model = network()
    assert len(look(model).locks.get_offsets()) == 0
    edges = model.edges()
    for layer, source, target in (edges[1], edges[-1]):
        model.layers[layer].locked[target, source] = True
    seen = look(model)
    _, high = box(seen.frames)
    np.testing.assert_allclose(seen.locks.get_offsets(), high[[1, -1]])


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
        opacity, np.clip(np.tanh(beta * np.array(scores)), FAINTEST, 1), rtol=1e-5
    )


def test_names_are_the_datas_own_or_those_given():
    model = kanwidget.KAN([2, 1])
    model.fit(hello_data(50), steps=1)
    assert look(model).labels == ["$x_{1}$", "$x_{2}$", "y"]
    given = look(model, in_vars=["height", r"\alpha"], out_vars=["$z^2$"]).labels
    assert given == ["height", r"$\alpha$", "$z^2$"]
    assert look(model, in_vars=[sympy.Symbol("beta") ** 2, 7]).labels == [r"$\beta^{2}$", "7", "y"]


def test_title_and_scale_are_those_given():
    plain, large = look(network()), look(network(), title="my network", scale=2.0)
    assert (plain.axes.get_title(), large.axes.get_title()) == ("", "my network")
    (wide, tall), (wider, taller) = plain.figure.get_size_inches(), large.figure.get_size_inches()
    assert wider == pytest.approx(2 * wide)
    assert taller > 1.5 * tall
    assert large.names[0].get_fontsize() == pytest.approx(2 * plain.names[0].get_fontsize())
    np.testing.assert_allclose(
        large.rods.get_linewidths(), 2 * np.array(plain.rods.get_linewidths())
    )


def test_names_that_are_long_stand_upright_and_inside_the_figure():
    model = network((6, 1))
    for names, rotation in ((list("abcdef"), 0), ([f"quantity number {n}" for n in range(6)], 90)):
        seen = look(model, in_vars=names, varscale=1.3)
        page = seen.figure.get_window_extent()
        written = [text for text in seen.axes.texts if text.get_text() in names]
        assert [text.get_text() for text in written] == names
        boxes = [text.get_window_extent() for text in written]
        assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and page.y0 <= b.y0 for b in boxes)
        assert not any(a.overlaps(b) for a, b in pairwise(boxes))
        assert {text.get_rotation() for text in written} == {rotation}
        assert {text.get_fontsize() for text in written} == {13}


def test_names_without_room_are_left_out_and_very_long_ones_cut():
    model = kanwidget.KAN([100, 1])
    model.get_act(points(20, 100))
    assert look(model).labels == ["y"]
    model = kanwidget.KAN([1, 1])
    model.get_act(points(20, 1))
    assert look(model, in_vars=["a long story " * 20]).labels[0].endswith("…")


def test_ticks_are_the_ranges_of_live_edges():
    model = network()
    seen, (_, drawn) = look(model, tick=True), drawn_kinds(model)
    live = drawn.kind != REMOVED
    written = [label.strip() for label in seen.labels]
    for name in ("x_low", "x_high", "y_low", "y_high"):
        for value in getattr(drawn, name)[live]:
            assert f"{value:.2g}" in written
    assert len(written) == 4 * live.sum() + 5


def test_samples_lie_on_the_curves():
    model = network((2, [1, 1], 1))
    model.get_act(points(350, 2))
    seen = look(model, sample=True)
    shown = np.concatenate([part.get_offsets() for part in seen.samples])
    assert len(shown) == 88 * len(model.edges())
    for path in seen.curves.get_paths():
        (left, right), low = path.vertices[[0, -1], 0], path.vertices[:, 1].min()
        ours = shown[(shown[:, 0] >= left) & (shown[:, 0] <= right) & (shown[:, 1] > low - 0.01)]
        ours = ours[ours[:, 1] < path.vertices[:, 1].max() + 0.01]
        assert len(ours) == 88
        expected = np.interp(ours[:, 0], *path.vertices.T)
        np.testing.assert_allclose(ours[:, 1], expected, atol=0.01)


def test_edges_that_are_not_drawn_are_counted():
    model = kanwidget.KAN([60, 60, 5], dtype=torch.float32)
    model.get_act(points(30, 60))
    assert "900 weaker edges are not drawn" in look(model).labels


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
        ({"varscale": "big"}, "varscale is 'big'; a number above 0 is needed"),
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
