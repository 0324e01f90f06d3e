import copy
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kanwidget
from kanwidget import importance, pruning
from kanwidget.nodes import Nodes
from tests.networks import mixed_model, points

ARITIES = st.lists(st.integers(1, 4), min_size=1, max_size=5)


def nodes_of(arity, affine=True, seed=0):
    nodes = Nodes(arity, affine_trainable=affine, dtype=torch.float64)
    if affine:
        random = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in nodes.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=torch.float64))
    return nodes


@given(arity=ARITIES, affine=st.booleans())
def test_nodes_are_products_of_their_subnodes(arity, affine):
    nodes, sums = nodes_of(arity, affine), points(7, sum(arity), -2, 2)
    for node, value in enumerate(nodes(sums).T):
        expected = torch.ones(7, dtype=torch.float64)
        for s in nodes.subnodes(node):
            expected = expected * (nodes.subnode_scale[s] * sums[:, s] + nodes.subnode_bias[s])
        expected = nodes.node_scale[node] * expected + nodes.node_bias[node]
        torch.testing.assert_close(value, expected)


@given(arity=ARITIES, affine=st.booleans())
def test_slopes_are_those_of_autograd(arity, affine):
    nodes, sums = nodes_of(arity, affine), points(5, sum(arity), -2, 2).requires_grad_()
    (expected,) = torch.autograd.grad(nodes(sums).sum(), sums)
    torch.testing.assert_close(nodes.slopes(sums.detach()), expected)


def test_a_factor_of_zero_does_not_hide_the_others():
    nodes, sums = nodes_of([3], affine=False), torch.tensor([[0.0, 2.0, 3.0]], dtype=torch.float64)
    assert nodes.slopes(sums).tolist() == [[6.0, 0.0, 0.0]]


def test_chosen_nodes_keep_their_values():
    nodes, sums = nodes_of([1, 2, 3, 1]), points(6, 7)
    before = nodes(sums).detach()
    places = nodes.choose([2, 0, 1])
    assert places == [3, 4, 5, 0, 1, 2]
    torch.testing.assert_close(nodes(sums[:, places]), before[:, [2, 0, 1]])


def test_a_snapshot_brings_back_arities_and_numbers():
    nodes, sums = nodes_of([1, 2]), points(4, 3)
    before, state = nodes(sums).detach(), nodes.snapshot()
    nodes.choose([1])
    nodes.restore(state)
    assert torch.equal(nodes(sums), before)


def test_numbers_that_are_loaded_count():
    ours, theirs = nodes_of([1, 1], affine=False), nodes_of([1, 1])
    assert ours.plain
    ours.load_state_dict(theirs.state_dict())
    assert not ours.plain
    sums = points(3, 2)
    assert torch.equal(ours(sums), theirs(sums))


def test_a_network_of_products():
    model = kanwidget.KAN([3, [2, 2], 1], mult_arity=[2, [2, 3], 2])
    assert model.width == [3, 4, 1]
    assert [layer.n_out for layer in model.layers] == [7, 1]
    assert repr(model) == "KAN(width=[3, [2, 2], 1], grid=3, k=3, 25 live edges)"
    x = points(5, 3)
    sums = model.layers[0].edge_outputs(x).sum(2)
    hidden = torch.stack([sums[:, 0], sums[:, 1], sums[:, 2:4].prod(1), sums[:, 4:].prod(1)], 1)
    torch.testing.assert_close(model.node_values(x)[1], hidden)
    torch.testing.assert_close(model(x), model.layers[1](hidden))


@pytest.mark.parametrize(
    ("width", "arity", "sentence"),
    [
        ([2, [5], 1], 2, r"^width\[1\] is \[5\]; a number, or \[sum nodes, multiplication nodes\]"),
        ([2, [0, 0], 1], 2, r"^width\[1\] is \[0, 0\]; at least one node is needed$"),
        ([[2, 1], 1], 2, r"^width\[0\] is \[2, 1\]; inputs are no products$"),
        ([2, [1, -1], 1], 2, r"^width\[1\]\[1\] is -1; a whole number of at least 0"),
        ([2, [1, 1], 1], 1, r"^mult_arity\[1\] is 1; a whole number of at least 2"),
        (
            [2, [1, 1], 1],
            [2, 2],
            r"^mult_arity is \[2, 2\]; a number, or one entry for each of the 3",
        ),
        ([2, [1, 2], 1], [2, [2], 2], r"^mult_arity\[1\] is \[2\]; one number for each of 2"),
    ],
)
def test_widths_and_arities_that_cannot_be_get_a_sentence(width, arity, sentence):
    given_width, given_arity = copy.deepcopy(width), copy.deepcopy(arity)
    with pytest.raises(ValueError, match=sentence):
        kanwidget.KAN(width, mult_arity=arity)
    assert (width, arity) == (given_width, given_arity)


def test_every_layer_may_have_a_grid_and_an_order_of_its_own():
    model = kanwidget.KAN([2, 3, 1], grid=[4, 7], k=[2, 5])
    assert [(layer.grid, layer.k) for layer in model.layers] == [(4, 2), (7, 5)]
    assert repr(model) == "KAN(width=[2, 3, 1], grid=[4, 7], k=[2, 5], 9 live edges)"
    with pytest.raises(
        ValueError, match=r"^grid is \[4\]; a whole number, or one for each of the 2"
    ):
        kanwidget.KAN([2, 3, 1], grid=[4])


def product_model(seed=0):
    return mixed_model((3, [1, 2], 2), seed=seed, mult_arity=[2, [2, 3], 2])


@given(seed=st.integers(0, 50))
def test_losses_without_an_edge_are_those_of_removing_it(seed):
    model, x = product_model(seed), points(40, 3)
    y = points(40, 2, seed=1)
    losses = importance.losses_without(model, x, y, x)
    for l, i, j in model.edges():
        changed = copy.deepcopy(model)
        pruning.remove(changed, [(l, i, j)], x)
        expected = (changed(x) - y).square().mean().sqrt().item()
        assert math.isclose(float(losses[l][j, i]), expected, rel_tol=1e-9, abs_tol=1e-12)


@given(seed=st.integers(0, 50))
def test_dropping_what_leads_nowhere_keeps_the_function(seed):
    model, x = product_model(seed), points(30, 3)
    before = model(x).detach()
    pruning.compact(model)
    torch.testing.assert_close(model(x), before)


def test_a_multiplication_node_hands_its_score_to_each_factor():
    model, x = kanwidget.KAN([2, [0, 1], 1], noise_scale=2.0), points(50, 2)
    _, statistics = model.forward_with_statistics(x)
    edges, nodes = importance.backward_scores(statistics)
    share = statistics[0].edge / (statistics[0].outputs + 1e-4)[:, None]
    torch.testing.assert_close(edges[0], nodes[1][0] * share)
