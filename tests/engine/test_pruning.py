import copy
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget import importance, pruning
from kanwidget.symbolic import library
from tests.networks import mixed_model, points, same, state

WIDTHS = st.lists(st.integers(1, 4), min_size=2, max_size=5)
SEEDS = st.integers(0, 2**16)


def whole(width, seed=0):
    """A network with edges of all kinds but removed ones."""
    model = mixed_model(tuple(width), seed=seed)
    pruning.restore(model, model.edges(alive=False))
    return model


def some(model, seed, share=0.5):
    """Edges of the network at random."""
    random = np.random.default_rng(seed)
    return [edge for edge in model.edges(alive=False) if random.random() < share]


def through(width, edges):
    """Those of the edges that lie on a path along them from an input to an output, path by path."""
    edges, found = set(edges), set()
    for nodes in product(*map(range, width)):
        path = {(l, i, j) for l, (i, j) in enumerate(pairwise(nodes))}
        found |= path if path <= edges else set()
    return found


def output(model, x):
    with torch.no_grad():
        return model(x)


# ---------------------------------------------------------------------- remove and restore


@settings(max_examples=40, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS)
def test_removed_edges_leave_their_mean_so_that_a_layers_mean_stays(width, seed):
    model, x = whole(width, seed), points(40, width[0], seed=seed)
    before, edges = copy.deepcopy(model), some(model, seed)
    pruning.remove(model, edges, x)
    assert set(model.edges()) == set(before.edges()) - set(edges)
    values = model.node_values(x)
    for l, layer in enumerate(before.layers):
        mean = output(layer, values[l]).mean(0)
        torch.testing.assert_close(values[l + 1].mean(0), mean, rtol=1e-11, atol=1e-12)
    touched = sorted({j for l, _, j in edges if l == 0})
    assert bool((values[1] != output(before.layers[0], x))[:, touched].any(0).all())


def test_a_network_without_edges_is_its_mean():
    model, x = whole((3, 2)), points(40, 3)
    mean = output(model, x).mean(0)
    pruning.remove(model, model.edges(), x)
    torch.testing.assert_close(output(model, points(7, 3, seed=1)), mean.expand(7, 2))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS)
def test_what_is_restored_is_as_it_was_to_the_bit(width, seed):
    model, x = whole(width, seed), points(40, width[0], seed=seed)
    before, outputs, edges = state(model), output(model, x), some(model, seed)
    pruning.remove(model, edges[::2], x)
    pruning.remove(model, edges, points(9, width[0], seed=1))
    pruning.restore(model, edges[::-1])
    assert same(model, before)
    assert torch.equal(output(model, x), outputs)


def test_an_edge_removed_twice_keeps_the_mean_it_left_first():
    model, x = whole((3, 2)), points(40, 3)
    pruning.remove(model, [(0, 1, 1)], x)
    before = state(model)
    pruning.remove(model, [(0, 1, 1), (0, 1, 1)], x[:3])
    assert same(model, before)


def test_restoring_an_edge_that_is_there_changes_nothing():
    model = whole((3, 2))
    before = state(model)
    pruning.restore(model, [(0, 1, 1)])
    pruning.remove(model, [])
    assert same(model, before)


def test_the_mean_is_that_of_the_training_inputs_or_of_the_data_given():
    x, other = points(40, 3), points(40, 3, 0.5, 1.0)
    for trained, given_data, used in ((x, None, x), (x, other, other), (x.numpy(), None, x)):
        model = whole((3, 2))
        expected = model.layers[0].edge_means(used)[1, 2]
        model.get_act(trained)
        pruning.remove(model, [(0, 2, 1)], given_data)
        torch.testing.assert_close(model.layers[0].left[1, 2], expected)


def test_a_network_that_has_seen_no_data_leaves_nothing_behind():
    model, x = whole((3, 4, 2)), points(20, 3)
    each = model.layers[0].edge_outputs(x).detach()
    pruning.remove(model, [(0, 0, 1), (0, 2, 1), (1, 3, 0)])
    assert all(not bool(layer.left.any()) for layer in model.layers)
    torch.testing.assert_close(model.node_values(x)[1][:, 1], each[:, 1, 1])


def test_an_edge_without_a_finite_mean_leaves_nothing_behind():
    model, x = whole((2, 2)), torch.tensor([[0.0, 0.1], [0.5, 0.2]], dtype=torch.float64)
    model.layers[0].set_symbolic(0, 1, library.get("1/x"), (1, 0, 1, 0))
    assert not bool(output(model, x).isfinite().all())
    pruning.remove(model, [(0, 0, 1)], x)
    assert bool(output(model, x).isfinite().all())
    assert float(model.layers[0].left[1, 0]) == 0


# ---------------------------------------------------------------------- thresholds and dangling edges


@pytest.mark.parametrize("metric", importance.METRICS)
def test_a_threshold_at_a_score_takes_the_edge_that_has_it(metric):
    model = mixed_model((4, 5), seed=2)
    scores = importance.edge_scores(model, points(50, 4), metric)
    for edge in model.edges():
        exact = float(scores[0][edge[2], edge[1]])
        just_below = float(np.nextafter(np.float32(exact), np.float32(0)))
        for threshold in (exact, float(np.float32(exact)), just_below):
            gone = pruning.edges_below(model, scores, threshold)
            assert gone == [
                (0, i, j)
                for _, i, j in model.edges()
                if np.float32(scores[0][j, i]) <= np.float32(threshold)
            ]
            assert (edge in gone) == (threshold != just_below)


def test_scores_are_compared_in_the_precision_they_are_shown_in():
    model = kanwidget.KAN([3, 1])
    scores = [torch.tensor([[0.1 + 1e-10, 0.1 + 1e-7, 0.1 - 1e-10]], dtype=torch.float64)]
    assert pruning.edges_below(model, scores, 0.1) == [(0, 0, 0), (0, 2, 0)]


def test_threshold_zero_takes_what_scores_nothing():
    model = kanwidget.KAN([3, 1])
    scores = [torch.tensor([[0.0, 1e-30, 0.5]], dtype=torch.float64)]
    assert pruning.edges_below(model, scores, 0.0) == [(0, 0, 0)]
    assert pruning.edges_below(model, scores, 1e300) == model.edges()


def test_scores_that_are_no_number_are_below_every_threshold():
    model = kanwidget.KAN([2, 1])
    assert pruning.edges_below(model, [torch.tensor([[torch.nan, 1.0]])], 0.0) == [(0, 0, 0)]


# of width [2, 2, 2, 1]: each case is what scores nothing, and all that goes with it
CHAINS = [
    ({(2, 0, 0)}, {(2, 0, 0), (1, 0, 0), (1, 1, 0)}),
    ({(2, 0, 0), (1, 1, 1)}, {(2, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (0, 0, 1), (0, 1, 1)}),
    ({(0, 0, 0), (0, 1, 0)}, {(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1)}),
    ({(0, 0, 0), (0, 1, 0), (1, 1, 0)}, {(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0)}),
    ({(1, 0, 0)}, {(1, 0, 0)}),
]  # fmt: skip


@pytest.mark.parametrize(("weak", "gone"), CHAINS)
def test_what_leads_nowhere_goes_too_through_several_layers(weak, gone):
    model = kanwidget.KAN([2, 2, 2, 1])
    scores = [torch.ones_like(layer.coef[..., 0]) for layer in model.layers]
    for l, i, j in weak:
        scores[l][j, i] = 0
    assert set(pruning.edges_below(model, scores, 0.5)) == gone
    pruning.remove(model, weak)
    assert set(pruning.leading_nowhere(model)) == gone - weak


@settings(max_examples=80, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS, share=st.sampled_from([0.2, 0.5, 0.8]))
def test_edges_that_stay_lie_on_a_path_from_an_input_to_an_output(width, seed, share):
    model, random = kanwidget.KAN(width), np.random.default_rng(seed)
    pruning.remove(model, some(model, seed, 0.2))
    live = set(model.edges())
    scores = [torch.from_numpy(random.random(layer.alive.shape)) for layer in model.layers]
    strong = {(l, i, j) for l, i, j in live if float(scores[l][j, i]) > share}
    gone = pruning.edges_below(model, scores, share)
    assert len(gone) == len(set(gone))
    assert set(gone) == live - through(width, strong)
    nowhere = pruning.leading_nowhere(model)
    assert set(nowhere) == live - through(width, live)
    assert set(model.edges()) == live


def test_masks_are_not_changed_by_asking_what_dangles():
    masks = [torch.tensor([[True], [False]]), torch.tensor([[True, True]])]
    before = [mask.clone() for mask in masks]
    after = pruning.without_dangling(whole((1, 2, 1)), masks)
    assert after[1].tolist() == [[True, False]]
    assert all(map(torch.equal, masks, before))


def test_edges_of_a_node_are_all_into_and_out_of_it():
    model = whole((2, 3, 2))
    pruning.remove(model, [(0, 1, 2)])
    assert pruning.node_edges(model, 0, 1) == [(0, 1, 0), (0, 1, 1), (0, 1, 2)]
    assert pruning.node_edges(model, 1, 2) == [(0, 0, 2), (0, 1, 2), (1, 2, 0), (1, 2, 1)]
    assert pruning.node_edges(model, 2, 0) == [(1, 0, 0), (1, 1, 0), (1, 2, 0)]


# ---------------------------------------------------------------------- compact


@settings(max_examples=60, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS, share=st.sampled_from([0.2, 0.5, 0.9]))
def test_dropping_dead_nodes_keeps_the_function(width, seed, share):
    model, x = whole(width, seed), points(30, width[0], -1.3, 1.3)
    pruning.remove(model, some(model, seed, share), x)
    pruning.remove(model, pruning.leading_nowhere(model), x)
    outputs, live = output(model, x), model.edges()
    pruning.compact(model)
    torch.testing.assert_close(output(model, x), outputs, rtol=1e-12, atol=1e-12)
    between = [len({j for m, _, j in live if m == l}) for l in range(len(width) - 2)]
    assert model.width == [width[0], *(max(1, n) for n in between), width[-1]]
    assert len(model.edges()) == len(live)


def test_functions_go_with_their_edges_when_nodes_are_renumbered():
    model, x = whole((2, 4, 2)), points(30, 2)
    for layer in model.layers:
        layer.functions.clear()
        layer.symbolic[:], layer.numeric[:] = False, True
    model.layers[0].set_symbolic(1, 3, library.get("sin"), (1, 2, 3, 4))
    model.layers[1].set_symbolic(3, 0, library.get("exp"), (1, 0, 1, 0))
    pruning.remove(model, pruning.node_edges(model, 1, 1), x)
    pruning.compact(model)
    assert model.width == [2, 3, 2]
    assert {place: f.name for place, f in model.layers[0].functions.items()} == {(1, 2): "sin"}
    assert {place: f.name for place, f in model.layers[1].functions.items()} == {(2, 0): "exp"}
    assert model.layers[0].affine[2, 1].tolist() == [1, 2, 3, 4]


def test_a_network_without_dead_nodes_is_compact():
    model = whole((2, 3, 2))
    pruning.remove(model, [(0, 0, 0), (1, 2, 1)])
    before = state(model)
    pruning.compact(model)
    assert same(model, before)


def test_a_dead_layer_keeps_one_node_and_the_mean():
    model, x = whole((2, 3, 4, 1)), points(30, 2)
    mean = output(model, x).mean(0)
    pruning.remove(model, [(2, i, 0) for i in range(4)], x)
    pruning.remove(model, pruning.leading_nowhere(model), x)
    pruning.compact(model)
    assert model.width == [2, 1, 1, 1]
    assert model.edges() == []
    torch.testing.assert_close(output(model, x), mean.expand(30, 1))


def test_compacting_keeps_what_a_node_without_inputs_adds():
    model = whole((2, 2, 1))
    x = points(30, 2)
    model.get_act(x)
    model.remove_edge(0, 0, 1)
    model.remove_edge(0, 1, 1)
    before = model(x)
    pruning.compact(model)
    assert model.width == [2, 1, 1]
    torch.testing.assert_close(model(x), before)
