import copy
import dataclasses

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import costs, importance, picture, pruning
from kanwidget.agreement import agreement
from kanwidget.symbolic import library
from kanwidget.symbolic.function import own_function
from tests.networks import mixed_model, points, same, state


def drawn(model, x=None, metric="backward"):
    x = points(60, model.width[0], -1.3, 1.2) if x is None else x
    return picture.draw(model, x, metric)


def edges(seen):
    """Every edge (l, i, j) of a picture, in its order."""
    return list(zip(seen.layer.tolist(), seen.source.tolist(), seen.target.tolist(), strict=True))


def loss(model, data):
    with torch.no_grad():
        return float((model(data.val_input) - data.val_label).square().mean().sqrt())


def data_for(width, samples=100):
    return kanwidget.create_dataset(
        lambda x: torch.stack([(x**2).sum(1) + n for n in range(width[-1])], 1),
        n_var=width[0], train_num=samples, val_num=samples, test_num=5,
    )  # fmt: skip


# ---------------------------------------------------------------------- draw


def test_edges_come_layer_by_layer_each_once():
    seen = drawn(mixed_model((3, 4, 2)))
    first = [(0, i, j) for j in range(4) for i in range(3)]
    assert edges(seen) == first + [(1, i, j) for j in range(2) for i in range(4)]
    assert (seen.width, seen.omitted) == ((3, 4, 2), 0)


@pytest.mark.parametrize("seed", range(3))
def test_curves_are_what_edges_give_across_the_range_of_their_input(seed):
    model, x = mixed_model((3, 4, 2), seed=seed), points(60, 3, -1.3, 1.2)
    seen, values = drawn(model, x), model.node_values(x)
    there = copy.deepcopy(model)
    # a removed edge is drawn as what it would be
    pruning.restore(there, there.edges(alive=False))
    assert 0 in seen.kind
    for e, (l, i, j) in enumerate(edges(seen)):
        low, high = float(values[l][:, i].min()), float(values[l][:, i].max())
        assert (seen.x_low[e], seen.x_high[e]) == (np.float32(low), np.float32(high))
        across = torch.linspace(low, high, seen.curve.shape[1], dtype=torch.float64)
        with torch.no_grad():
            expected = there.layers[l].edge_output(i, j, across).numpy()
        np.testing.assert_allclose(seen.curve[e], expected, rtol=1e-5, atol=1e-6)
        assert (seen.y_low[e], seen.y_high[e]) == (seen.curve[e].min(), seen.curve[e].max())


def test_every_edge_has_the_range_of_its_inputs_grid():
    model, x = mixed_model((3, 4, 2), k=2), points(60, 3, -1.3, 1.2)
    model.update_grid(x)
    seen = drawn(model, x)
    for e, (l, i, _) in enumerate(edges(seen)):
        knots = model.layers[l].knots[i].numpy().astype(np.float32)
        assert (seen.grid_low[e], seen.grid_high[e]) == (knots[2], knots[-3])
    assert len(set(seen.grid_low.tolist())) > 3


def test_ranges_of_nodes_are_those_of_their_values():
    model, x = mixed_model((3, 4, 2)), points(60, 3, -1.3, 1.2)
    seen, values = drawn(model, x), torch.cat(model.node_values(x), 1).numpy()
    assert seen.node_low.tolist() == values.min(0).astype(np.float32).tolist()
    assert seen.node_high.tolist() == values.max(0).astype(np.float32).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_kinds_and_functions_are_those_of_the_edges(seed):
    model = mixed_model((3, 4, 2), seed=seed)
    seen = drawn(model)
    for e, (l, i, j) in enumerate(edges(seen)):
        layer = model.layers[l]
        kind = int(layer.numeric[j, i]) + 2 * int(layer.symbolic[j, i])
        assert seen.kind[e] == (kind if layer.alive[j, i] else 0)
        function = layer.symbolic_function(i, j)
        assert seen.functions.get((l, i, j)) == (function and function.name)
    assert set(seen.kind.tolist()) == {0, 1, 2, 3}


def test_removed_edges_keep_the_name_of_their_function():
    model = mixed_model((2, 1))
    model.layers[0].set_symbolic(1, 0, library.get("sin"), (1, 0, 1, 0))
    pruning.remove(model, [(0, 1, 0)])
    assert drawn(model).functions[0, 1, 0] == "sin"
    model.unfix_symbolic(0, 1, 0)
    assert (0, 1, 0) not in drawn(model).functions


@pytest.mark.parametrize("seed", range(4))
def test_nodes_live_with_edges_on_all_sides_they_have(seed):
    model = mixed_model((3, 4, 4, 2), seed=seed)
    random = np.random.default_rng(seed)
    pruning.remove(model, [edge for edge in model.edges() if random.random() < 0.6])
    live, expected = model.edges(), []
    for l, nodes in enumerate(model.width):
        for node in range(nodes):
            comes = l == 0 or any(m == l - 1 and j == node for m, _, j in live)
            leaves = l == model.depth or any(m == l and i == node for m, i, _ in live)
            expected.append(int(comes and leaves))
    assert set(expected) == {0, 1}
    assert drawn(model).node_alive.tolist() == expected


def test_edges_lead_to_subnodes_and_subnodes_to_nodes():
    model = mixed_model((3, [1, 2], 2), mult_arity=[2, [2, 3], 2])
    seen, x = drawn(model), points(60, 3, -1.3, 1.2)
    first = [(0, i, j) for j in range(6) for i in range(3)]
    assert edges(seen) == first + [(1, i, j) for j in range(2) for i in range(3)]
    assert (seen.width, seen.arity.tolist()) == ((3, 3, 2), [0, 0, 0, 1, 2, 3, 1, 1])
    assert seen.owner(0).tolist() == [0, 1, 1, 2, 2, 2] == model.layers[0].nodes.owner.tolist()
    assert seen.owner(1).tolist() == [0, 1]
    values = torch.cat(model.node_values(x), 1).numpy()
    assert seen.node_high.tolist() == values.max(0).astype(np.float32).tolist()


def test_a_product_lives_while_one_of_its_factors_has_an_edge():
    model = kanwidget.KAN([2, [1, 1], 1])
    pruning.remove(model, [(0, 0, 1), (0, 1, 1), (0, 0, 2)])
    assert drawn(model).node_alive.tolist() == [1, 1, 1, 1, 1]
    pruning.remove(model, [(0, 1, 2)])
    assert drawn(model).node_alive.tolist() == [1, 1, 1, 0, 1]


def test_locked_edges_are_told_beside_what_they_are():
    model = mixed_model((3, 4, 2))
    model.layers[0].locked[2, 1] = True
    model.layers[1].locked[:] = True
    seen = drawn(model)
    locked = [edge for edge, flag in zip(edges(seen), seen.locked, strict=True) if flag]
    assert locked == [(0, 1, 2), *(edge for edge in edges(seen) if edge[0] == 1)]
    assert seen.kind.tolist() == drawn(mixed_model((3, 4, 2))).kind.tolist()


@pytest.mark.parametrize("metric", importance.METRICS)
def test_scores_are_those_of_importance(metric):
    model, x = mixed_model((3, 4, 2)), points(60, 3)
    seen = drawn(model, x, metric)
    scores = torch.cat([s.flatten() for s in importance.edge_scores(model, x, metric)])
    np.testing.assert_allclose(seen.score, scores.numpy(), rtol=1e-6, atol=1e-12)
    assert seen.metric == metric


def test_names_are_those_of_the_data():
    model, data = kanwidget.KAN([2, 1]), data_for([2, 1])
    named = dataclasses.replace(data, input_names=("height", "weight"), output_names=("z",))
    model.fit(named, steps=1)
    seen = drawn(model)
    assert (seen.inputs, seen.outputs) == (("height", "weight"), ("z",))


def test_data_that_have_passed_already_give_the_same_picture():
    model, x = mixed_model((3, 4, 2)), points(60, 3, -1.3, 1.2)
    through = picture.passage(model, x)
    again = picture.draw(model, x, "forward_n", through=through)
    for name, value in vars(drawn(model, x, "forward_n")).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(again, name), value)
    assert picture.outside(model, x, through) == picture.outside(model, x)


def test_histograms_are_those_of_numpy_with_255_at_the_peak():
    model, x = mixed_model((3, 4, 2)), points(400, 3, -1.3, 1.2) ** 3
    seen, values = drawn(model, x), model.node_values(x)
    assert seen.histogram.max(1).tolist() == [255] * 20
    for e, (l, i, _) in enumerate(edges(seen)):
        counts, _ = np.histogram(values[l][:, i].numpy(), bins=picture.BINS)
        assert seen.histogram[e].tolist() == (255 * counts / counts.max()).round().tolist()


def test_an_input_that_never_varies_has_one_bin_and_a_level_curve():
    seen = drawn(kanwidget.KAN([1, 1]), torch.full((20, 1), 0.3, dtype=torch.float64))
    assert seen.histogram[0].tolist() == [255] + [0] * (picture.BINS - 1)
    assert seen.x_low[0] == seen.x_high[0] == np.float32(0.3)
    np.testing.assert_allclose(seen.curve[0], seen.curve[0, 0], atol=1e-7)


@pytest.mark.parametrize(
    ("name", "affine"),
    [
        ("1/x", (1, 0, 1, 0)),  # NaN at one of the inputs
        ("1/x^5", (1, -0.0001, 1e3, 0)),
        ("log", (1, 0, 1, 0)),
        ("tan", (9, 0.1, 1, 0)),
        ("sqrt", (1, -50, 1, 0)),
    ],
)
def test_functions_with_poles_and_holes_stay_drawable(name, affine):
    model, x = mixed_model((2, 2, 1)), points(41, 2, -0.9, 1.1)
    x[0, 0] = 0
    model.layers[0].set_symbolic(0, 1, library.get(name), affine)
    for metric in importance.METRICS:
        seen = drawn(model, x, metric)
        for part in dataclasses.fields(seen):
            array = getattr(seen, part.name)
            if isinstance(array, np.ndarray) and part.name not in ("cost", "r2"):
                assert np.isfinite(array).all(), part.name
        assert (seen.y_low <= seen.y_high).all()
        assert (seen.x_low <= seen.x_high).all()


def test_infinite_points_of_a_curve_are_drawn_as_zero():
    holes = own_function("hole", lambda u: torch.where(u.abs() < 0.2, torch.inf, 1 + u))
    model, x = kanwidget.KAN([1, 1]), torch.tensor([[-1.0], [-0.5], [0.4], [1.0]])
    model.layers[0].set_symbolic(0, 0, holes, (1, 0, 1, 0))
    seen = drawn(model, x)
    across = np.linspace(-1, 1, seen.curve.shape[1])
    expected = np.where(np.abs(across) < 0.2, 0, 1 + across)
    np.testing.assert_allclose(seen.curve[0], expected, atol=1e-6)
    assert (seen.node_low[1], seen.node_high[1]) == (0, 2)


def test_of_too_many_edges_the_strongest_are_kept_in_order():
    model, x = kanwidget.KAN([55, 56]), points(20, 55)
    scores = importance.edge_scores(model, x)[0].flatten().float().numpy()
    order = [(0, i, j) for j in range(56) for i in range(55)]
    cost = np.arange(len(order), dtype=np.float32)
    seen = drawn(model, x)
    weakest = np.sort(scores)[-picture.MOST_EDGES]
    kept = scores >= weakest
    assert (seen.omitted, kept.sum()) == (len(order) - picture.MOST_EDGES, picture.MOST_EDGES)
    assert edges(seen) == [edge for edge, keep in zip(order, kept, strict=True) if keep]
    measured = costs.Costs(cost, costs.PruneCurve((0.0,), (1.0,), (2,)), -cost)
    seen = picture.with_costs(seen, measured)
    assert seen.cost.tolist() == cost[kept].tolist() == (-seen.r2).tolist()
    assert seen.curve.shape == (picture.MOST_EDGES, picture.CURVE_POINTS)
    for e in (0, 1234, picture.MOST_EDGES - 1):
        _, i, j = edges(seen)[e]
        across = torch.linspace(float(seen.x_low[e]), float(seen.x_high[e]), picture.CURVE_POINTS)
        with torch.no_grad():
            expected = model.layers[0].edge_output(i, j, across.to(model.dtype)).numpy()
        np.testing.assert_allclose(seen.curve[e], expected, rtol=1e-4, atol=1e-5)
    assert len(seen.node_alive) == 55 + 56


def test_costs_are_unknown_until_measured_and_then_shown():
    model, data = mixed_model((3, 4, 2)), data_for((3, 4, 2))
    seen = drawn(model)
    assert np.isnan(seen.cost).all()
    assert seen.prune == costs.PruneCurve() == costs.PruneCurve((), (), ())
    measured = costs.measure(model, data, "backward")
    seen = picture.with_costs(seen, measured)
    assert seen.cost.tolist() == measured.edge.tolist()
    assert seen.prune == measured.prune


def test_agreement_is_unknown_until_measured_and_then_shown():
    model, data = mixed_model((3, 4, 2)), data_for((3, 4, 2))
    assert np.isnan(drawn(model).r2).all()
    measured = costs.measure(model, data, "backward")
    expected = agreement(model, data.train_input)
    np.testing.assert_array_equal(picture.with_costs(drawn(model), measured).r2, expected)
    assert np.isfinite(expected).any()


# ---------------------------------------------------------------------- costs


@pytest.mark.parametrize("width", [(3, 4, 2), (2, 3, 3, 1)], ids=str)
def test_costs_are_what_removing_costs_on_the_validation_data(width):
    model, data = mixed_model(width), data_for(width)
    before = state(model)
    measured = costs.measure(model, data, "backward")
    assert same(model, before)
    now = loss(model, data)
    for cost, (l, i, j) in zip(measured.edge, edges(drawn(model)), strict=True):
        was_there = (l, i, j) in model.edges()
        pruning.remove(model, [(l, i, j)], data.train_input)
        assert cost == pytest.approx(loss(model, data) - now, abs=1e-6)
        if was_there:
            pruning.restore(model, [(l, i, j)])
        else:
            assert cost == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("metric", importance.METRICS)
def test_the_prune_curve_is_what_pruning_does(metric):
    model, data = mixed_model((3, 4, 2), seed=1), data_for((3, 4, 2))
    with torch.no_grad():  # a live edge that scores nothing
        l, i, j = model.edges()[0]
        model.layers[l].set_numeric(i, j)
        model.layers[l].scale_sp[j, i] = model.layers[l].scale_base[j, i] = 0
    curve = costs.measure(model, data, metric).prune
    model.get_act(data)
    live = len(model.edges())
    assert curve.threshold[0] == 0
    assert list(curve.threshold) == sorted(set(curve.threshold))
    assert curve.removed[0] == 1
    assert curve.removed[-1] == live == len(curve.threshold)
    for threshold, expected, removed in zip(
        curve.threshold, curve.loss, curve.removed, strict=True
    ):
        pruned = copy.deepcopy(model).prune_edge(threshold, metric)
        assert live - len(pruned.edges()) == removed
        assert expected == pytest.approx(loss(pruned, data), rel=1e-9)
        # what is drawn as no stronger than the threshold is what goes, and what then leads nowhere
        shown = drawn(model, data.train_input, metric)
        weak = [
            edge for edge, s in zip(edges(shown), shown.score, strict=True) if s <= np.float32(threshold)
        ]  # fmt: skip
        assert not set(weak) & set(pruned.edges())


def test_a_network_of_many_edges_has_a_prune_curve_of_few_points():
    data = data_for((10, 9, 1), samples=20)
    model = kanwidget.KAN([10, 9, 1])
    curve = costs.measure(model, data, "forward_u").prune
    assert 30 < len(curve.threshold) < 70
    assert list(curve.removed) == sorted(curve.removed)


def test_costs_of_a_network_too_large_are_not_measured():
    data = data_for((20, 20), samples=10)
    at_most, more = kanwidget.KAN([20, 20]), kanwidget.KAN([20, 11, 20])
    assert len(at_most.edges()) == costs.MEASURED_EDGES < len(more.edges())
    assert np.isfinite(costs.measure(at_most, data, "backward").edge).all()
    measured = costs.measure(more, data, "backward")
    assert len(measured.edge) == len(more.edges())
    assert np.isnan(measured.edge).all()
    assert np.isnan(measured.r2).all()
    assert measured.prune == costs.PruneCurve()
    assert drawn(at_most).unmeasured_above is None
    assert drawn(more).unmeasured_above == costs.MEASURED_EDGES


def test_what_a_prune_of_a_large_network_takes_is_counted_as_it_will_be():
    model = kanwidget.KAN([20, 80, 20], seed=1)
    x = points(50, 20)
    model.get_act(x)
    model.remove_edge(0, 3, 4)
    model.lock_edge(1, 2, 5)
    seen = picture.draw(model, x, "forward_n")
    curve = seen.prune
    assert curve.threshold[0] == 0
    assert list(curve.threshold) == sorted(curve.threshold)
    assert np.isnan(curve.loss).all()
    assert 20 < len(curve.removed) < 70
    assert 0 == curve.removed[0] < curve.removed[-1]
    for threshold, removed in list(zip(curve.threshold, curve.removed, strict=True))[1::9]:
        pruned = model.copy()
        pruned.prune_edge(threshold, metric="forward_n")
        assert len(model.edges()) - len(pruned.edges()) == removed


# ---------------------------------------------------------------------- outside


def test_data_within_the_grid_is_no_matter():
    model, x = kanwidget.KAN([2, 3, 1], grid_range=(-2, 2)), points(100, 2, -2, 2)
    x[:5] = torch.tensor([-2.0, 2.0]) * (1 + 1e-7)
    assert picture.outside(model, x) == ""


@pytest.mark.parametrize(
    ("extrapolation", "how"), [("linear", "goes on straight"), ("zero", "decays to zero")]
)
@pytest.mark.parametrize("beyond", [-1.01, 1.01])
def test_more_than_a_hundredth_outside_the_grid_is_told(extrapolation, how, beyond):
    model, x = kanwidget.KAN([2, 1], extrapolation=extrapolation), points(200, 2)
    model.input_names = ["height", "weight"]
    x[:2, 1] = beyond
    assert picture.outside(model, x) == ""
    x[:3, 0], x[:24, 1] = beyond, beyond
    expected = f"12% of the data at input weight lie outside its grid, where the spline {how}"
    assert picture.outside(model, x) == expected


def test_hidden_nodes_outside_the_grid_are_told_by_number():
    model, x = kanwidget.KAN([1, 3, 1]), points(100, 1)
    model.layers[0].set_symbolic(0, 2, library.get("x"), (1, 0, 1, 10))
    assert picture.outside(model, x).startswith("100% of the data at node (1, 2) lie outside")


def test_only_splines_that_matter_count():
    x = points(100, 2)
    x[:, 1] *= 3

    def made():
        model = kanwidget.KAN([2, 2, 1], grid_range=(-2, 2))
        assert "at input x_2 lie" in picture.outside(model, x)
        return model

    removed, symbolic, unread, faint = made(), made(), made(), made()
    pruning.remove(removed, [(0, 1, 0), (0, 1, 1)], x)
    symbolic.layers[0].set_symbolic(1, 0, library.get("sin"), (1, 0, 1, 0))
    pruning.remove(symbolic, [(0, 1, 1)], x)
    pruning.remove(unread, [(0, 1, 0), (1, 1, 0)], x)
    with torch.no_grad():
        faint.layers[0].coef[:, 1] *= 1e-4
        faint.layers[0].scale_base[:, 1] *= 1e-4
    for model in (removed, symbolic, unread, faint):
        assert "input x_2" not in picture.outside(model, x)


def test_infinite_values_leave_ranges_and_histograms_of_the_others():
    model = kanwidget.KAN([1, 2, 1])
    x = torch.linspace(0, 1, 50, dtype=torch.float64)[:, None]
    model.get_act(x)
    model.layers[0].set_symbolic(0, 0, library.get("exp"), (1000, 0, 1, 2))
    drawn = picture.draw(model, x, "backward")
    assert (drawn.node_low <= drawn.node_high).all()
    assert drawn.node_low[1] == 3
    assert drawn.node_high[1] == pytest.approx(1e30)
    for array in (drawn.curve, drawn.score, drawn.x_low, drawn.x_high, drawn.y_high):
        assert np.isfinite(array).all()
