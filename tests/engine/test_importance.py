import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import importance, pruning
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, points, same, state

WIDTHS = [(3, 2), (3, 4, 2), (2, 3, 1), (2, 3, 3, 4)]


def slow(model, x, metric, over_outputs="max"):
    """Scores of edges and nodes by the formula, from each edge's own output, in loops of numpy."""
    values = [value.numpy() for value in model.node_values(x)]
    spread, edges = [value.std(0, ddof=1) for value in values], []
    for l, layer in enumerate(model.layers):
        with torch.no_grad():
            outputs = layer.edge_outputs(torch.from_numpy(values[l])).numpy()
        edges.append(outputs.std(0, ddof=1))
    if metric == "forward_u":
        return edges, None
    if metric == "forward_n":
        return [edge / (spread[l] + 0.1) for l, edge in enumerate(edges)], None
    by_output = []
    for output in range(model.width[-1]):
        share = np.zeros(model.width[-1])
        share[output] = 1
        of_edges, of_nodes = [], [share]
        for l in reversed(range(model.depth)):
            n_in, n_out = model.width[l], model.width[l + 1]
            edge, below = np.zeros((n_out, n_in)), np.zeros(n_in)
            for j in range(n_out):
                for i in range(n_in):
                    edge[j, i] = share[j] * edges[l][j, i] / (spread[l + 1][j] + 1e-4)
                    below[i] += edge[j, i]
            share = below
            of_edges.insert(0, edge)
            of_nodes.insert(0, share)
        by_output.append(of_edges + of_nodes)
    reduce = np.mean if over_outputs == "mean" else np.max
    reduced = [reduce(each, axis=0) for each in zip(*by_output, strict=True)]
    return reduced[: model.depth], reduced[model.depth :]


def close(ours, expected):
    assert len(ours) == len(expected)
    for each, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(each, torch.from_numpy(other), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_forward_scores_are_the_spread_of_the_outputs(width, seed):
    model, x = mixed_model(width, seed=seed), points(60, width[0], -1.3, 1.3)
    for metric in ("forward_u", "forward_n"):
        close(importance.edge_scores(model, x, metric), slow(model, x, metric)[0])


@pytest.mark.parametrize("over_outputs", ["max", "mean"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_backward_scores_are_shares_in_the_outputs(width, seed, over_outputs):
    model, x = mixed_model(width, seed=seed), points(60, width[0], -1.3, 1.3)
    edges, nodes = slow(model, x, "backward", over_outputs)
    close(importance.edge_scores(model, x, "backward", over_outputs), edges)
    close(importance.node_scores(model, x, over_outputs), nodes)


def test_the_networks_compared_have_edges_of_all_kinds():
    for width in WIDTHS:
        kinds = [
            layer.kinds().flatten() for n in range(3) for layer in mixed_model(width, seed=n).layers
        ]
        assert set(torch.cat(kinds).tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("metric", importance.METRICS)
def test_removed_edges_score_zero_and_others_more(metric):
    model = mixed_model((3, 4, 2), seed=1)
    for layer, scores in zip(
        model.layers, importance.edge_scores(model, points(60, 3), metric), strict=True
    ):
        assert bool((~layer.alive).any())
        assert bool((scores[~layer.alive] == 0).all())
        assert bool((scores[layer.alive] > 0).all())


def test_one_output_hands_each_node_what_its_edges_have():
    model, x = mixed_model((3, 4, 1)), points(60, 3)
    nodes, edges = importance.node_scores(model, x), importance.edge_scores(model, x)
    assert nodes[2].tolist() == [1]
    for node, edge in zip(nodes[:2], edges, strict=True):
        torch.testing.assert_close(node, edge.sum(0))


def test_an_input_that_one_of_ten_outputs_rests_on_counts_fully_under_max():
    model, x = kanwidget.KAN([2, 10]), points(100, 2)
    edges = [(0, 1, j) for j in range(1, 10)]
    pruning.remove(model, [(0, 0, 0), *edges], x)
    most, mean = (importance.node_scores(model, x, over)[0] for over in ("max", "mean"))
    assert float(most[1]) == pytest.approx(1, abs=0.01)
    torch.testing.assert_close(mean[1], most[1] / 10)


def test_a_node_that_nothing_comes_to_or_leaves_scores_nothing():
    model, x = mixed_model((3, 4, 2)), points(60, 3)
    pruning.restore(model, model.edges(alive=False))
    pruning.remove(model, [(1, 1, 0), (1, 1, 1), (0, 0, 2), (0, 1, 2), (0, 2, 2)], x)
    scores = importance.node_scores(model, x)[1]
    assert float(scores[1]) == 0
    assert float(scores[2]) < 1e-9
    assert bool((scores[[0, 3]] > 0.01).all())


def test_scores_are_measured_on_the_training_inputs_unless_told_otherwise():
    model, x = mixed_model(), points(60, 3)
    model.get_act(x)
    for metric in importance.METRICS:
        for usual, given in zip(
            importance.edge_scores(model, metric=metric),
            importance.edge_scores(model, x, metric),
            strict=True,
        ):
            assert torch.equal(usual, given)
    elsewhere = importance.node_scores(model, points(60, 3, 0.5, 1.0))
    assert not torch.equal(elsewhere[0], importance.node_scores(model)[0])
    assert torch.equal(importance.node_scores(model)[0], importance.node_scores(model, x)[0])


@pytest.mark.parametrize("metric", ["best", "Backward", "", None, 3, ["backward"]], ids=repr)
def test_unknown_metrics_are_named_with_those_there_are(metric):
    for call in (
        lambda: importance.check_metric(metric),
        lambda: importance.edge_scores(mixed_model(), points(10, 3), metric),
    ):
        with pytest.raises(ValueError, match=r"^metric is ") as told:
            call()
        assert repr(metric) in str(told.value)
        assert all(name in str(told.value) for name in importance.METRICS)


# ---------------------------------------------------------------------- losses without each edge


def loss(model, x, y):
    with torch.no_grad():
        return float((model(x) - y).square().mean().sqrt())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_losses_without_an_edge_are_those_of_removing_it(width, seed):
    model = mixed_model(width, seed=seed)
    x, y = points(40, width[0], -1.2, 1.2, seed=1), points(40, width[-1], seed=2)
    seen, before = points(70, width[0], seed=3), state(model)
    losses = importance.losses_without(model, x, y, seen)
    assert same(model, before)
    assert [each.shape for each in losses] == [layer.alive.shape for layer in model.layers]
    for l, i, j in model.edges(alive=False):
        was_there = bool(model.layers[l].alive[j, i])
        pruning.remove(model, [(l, i, j)], seen)
        assert float(losses[l][j, i]) == pytest.approx(loss(model, x, y), rel=1e-10)
        if was_there:
            pruning.restore(model, [(l, i, j)])
    assert same(model, before)


def test_removed_edges_cost_nothing_and_others_something():
    model, x, y = mixed_model((3, 4, 2)), points(40, 3, seed=1), points(40, 2, seed=2)
    now = loss(model, x, y)
    for layer, those in zip(model.layers, importance.losses_without(model, x, y, x), strict=True):
        np.testing.assert_allclose(those[~layer.alive], now, rtol=1e-12)
        assert bool(((those[layer.alive] - now).abs() > 1e-6).all())


def test_the_mean_left_behind_is_that_of_the_data_seen():
    model, data = mixed_model((2, 3, 1)), hello_data(50)
    x, y = data.val_input, data.val_label
    here = importance.losses_without(model, x, y, data.train_input)
    there = importance.losses_without(model, x, y, data.train_input[:5])
    alive = model.layers[1].alive
    assert bool((here[1] != there[1])[alive].all())
    assert torch.equal(here[1][~alive], there[1][~alive])


def test_losses_of_a_network_in_single_precision():
    model = mixed_model((2, 3, 1), dtype=torch.float32)
    x, y = points(40, 2, dtype=torch.float32), points(40, 1, seed=1, dtype=torch.float32)
    losses = importance.losses_without(model, x, y, x)
    assert {each.dtype for each in losses} == {torch.float32}
    l, i, j = model.edges()[0]
    pruning.remove(model, [(l, i, j)], x)
    assert float(losses[l][j, i]) == pytest.approx(loss(model, x, y), rel=1e-4)


def test_taking_out_the_edge_that_fails_mends_the_network():
    model = kanwidget.KAN([2, 1])
    x = torch.tensor([[0.0, 0.0], [0.5, 0.2], [0.25, 0.9]], dtype=torch.float64)
    y = torch.zeros(3, 1, dtype=torch.float64)
    model.layers[0].set_symbolic(0, 0, library.get("1/x"), (1, 0, 1, 0))
    (found,) = importance.losses_without(model, x, y, x)
    pruning.remove(model, [(0, 0, 0)], x)
    torch.testing.assert_close(found[0, 0], (model(x) - y).square().mean().sqrt())
    assert found[0, 1].isnan()


def test_a_wide_network_with_few_live_edges_is_measured_in_little_memory():
    model = kanwidget.KAN([64, 64, 4])
    x = points(512, 64)
    y = model(x).detach()
    kept = torch.zeros(64, 64, dtype=torch.bool)
    kept[3, :20] = True
    model.layers[0].remove(~kept, model.layers[0].left)
    losses = importance.losses_without(model, x, y, x)
    pruning.remove(model, [(0, 7, 3)], x)
    torch.testing.assert_close(losses[0][3, 7], (model(x) - y).square().mean().sqrt())


def test_other_ways_over_the_outputs_get_a_sentence():
    model = mixed_model()
    model.get_act(points(20, 3))
    with pytest.raises(ValueError, match="over_outputs is 'median'; 'max' or 'mean' is needed"):
        importance.node_scores(model, over_outputs="median")
