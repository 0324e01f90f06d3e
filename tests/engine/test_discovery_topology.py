"""Shapes of networks: which edges they have, how they are called, and networks built of them."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kanwidget
from kanwidget.discovery import topology
from kanwidget.discovery.topology import Level, Topology
from tests.networks import points

BELL = {1: 1, 2: 2, 3: 5, 4: 15, 5: 52, 6: 203}
LIKE = kanwidget.KAN([1, 1], seed=0).layers[0]


def group(*inputs):
    return frozenset(inputs)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def shapes(n):
    """Every kind of shape of n ≥ 3 inputs."""
    rest = group(*range(1, n))
    kinds = ("function", "product", "outer")
    yield topology.additive(n)
    yield topology.composed(n)
    yield topology.product(n)
    yield topology.product(n, outer=True)
    yield topology.full_product(n)
    yield topology.dense(n, [4, 1], "wide")
    for kind in kinds:
        parts = [(group(0), "sum"), (rest, kind)]
        yield topology.blocks(n, parts)
        yield topology.blocks(n, parts, outer=True)
        yield topology.product_of_blocks(n, parts)


ALL = list(shapes(3))
BY_NAME = pytest.mark.parametrize("shape", ALL, ids=[shape.name for shape in ALL])


@pytest.mark.parametrize(
    ("shape", "masks", "arity", "edges"),
    [
        (topology.additive(2), [[[1, 1]]], [[1]], 2),
        (topology.composed(2), [[[1, 1]], [[1]]], [[1], [1]], 3),
        (topology.product(2), [[[1, 0], [0, 1]]], [[2]], 2),
        (topology.product(2, outer=True), [[[1, 0], [0, 1]], [[1]]], [[2], [1]], 3),
        (topology.full_product(2), [[[1, 1], [1, 1]]], [[2]], 4),
        (topology.dense(2, [3, 1], "wide"), [[[1, 1]] * 3, [[1, 1, 1]]], [[1] * 3, [1]], 9),
        (
            topology.blocks(3, [(group(0, 2), "product"), (group(1), "sum")]),
            [[[1, 0, 0], [0, 0, 1], [0, 1, 0]], [[1, 1]]],
            [[2, 1], [1]],
            3,
        ),
        (
            topology.blocks(3, [(group(0, 2), "function"), (group(1), "sum")], outer=True),
            [[[1, 0, 1], [0, 1, 0]], [[1, 1]], [[1]]],
            [[1, 1], [1], [1]],
            5,
        ),
        (
            topology.product_of_blocks(3, [(group(1, 2), "outer"), (group(0), "sum")]),
            [[[0, 1, 0], [0, 0, 1], [1, 0, 0]], [[1, 0], [0, 1]]],
            [[2, 1], [2]],
            4,
        ),
    ],
)
def test_shapes_have_just_their_edges(shape, masks, arity, edges):
    found, n_in = [], shape.n_in
    for level in shape.levels:
        found.append(level.mask(n_in).int().tolist())
        n_in = len(level.nodes)
    assert found == masks
    assert [level.arity for level in shape.levels] == arity
    assert shape.edges == edges


def test_names_say_what_a_shape_is():
    parts = [(group(0, 2), "product"), (group(1), "sum")]
    assert topology.additive(3).name == "sum of functions"
    assert topology.product(3, outer=True).name == "function of a product"
    assert topology.blocks(3, parts).name == "product of 2 + sum of 1"
    assert topology.blocks(3, parts, outer=True).name == "function of (product of 2 + sum of 1)"
    assert topology.product_of_blocks(3, parts).name == "product of 2 · sum of 1"


def test_only_shapes_with_a_node_that_multiplies_are_products():
    assert not topology.composed(3).products
    assert not topology.blocks(3, [(group(0, 1), "function"), (group(2), "sum")]).products
    assert topology.product(3).products
    assert topology.blocks(3, [(group(0, 1), "product"), (group(2), "sum")]).products


def test_blocks_that_need_no_function_are_handed_on_by_lines():
    parts = [(group(0, 1), "product"), (group(2), "sum"), (group(1, 2), "function")]
    shape = topology.blocks(3, parts)
    assert shape.lines == {(1, 0, 0), (1, 1, 0)}
    net = topology.build(shape, LIKE, points(50, 3), seeded())
    last = net.layers[1]
    assert [last.functions[i, 0].name for i in (0, 1)] == ["x", "x"]
    assert last.locked.tolist() == [[True, True, False]]


def test_a_single_factor_is_one_spline_and_a_line():
    """Two splines after one another would be one too many; the line is the lower one of the two."""
    shape = topology.product_of_blocks(3, [(group(0, 1), "outer"), (group(2), "sum")])
    assert shape.lines == {(0, 2, 2)}
    shape = topology.product_of_blocks(3, [(group(2), "sum"), (group(0, 1), "function")])
    assert shape.lines == {(0, 2, 0)}


@BY_NAME
def test_built_networks_have_just_the_edges_of_their_shape(shape):
    net = topology.build(shape, LIKE, points(60, 3), seeded())
    n_in = shape.n_in
    for l, (level, layer) in enumerate(zip(shape.levels, net.layers, strict=True)):
        assert torch.equal(layer.alive, level.mask(n_in))
        assert list(layer.nodes.arity) == level.arity
        lines = {(l, i, j) for i, j in layer.functions}
        assert lines == {line for line in shape.lines if line[0] == l}
        n_in = layer.nodes.count
    numeric = sum(int((layer.alive & layer.numeric).sum()) for layer in net.layers)
    assert numeric == shape.edges
    assert net.width[0] == 3
    assert net.width[-1] == 1


DATA = {
    "unit": points(80, 3),
    "large": points(80, 3, 0, 1e5),
    "tiny range": points(80, 3, 7, 7 + 1e-7),
    "constant column": points(80, 3) * torch.tensor([1.0, 0.0, 1.0])
    + torch.tensor([0.0, 4.0, 0.0]),
    "two values": (points(80, 3) > 0).double(),
    "two samples": points(2, 3),
    "all alike": torch.full((5, 3), -2.5, dtype=torch.float64),
}


@BY_NAME
@pytest.mark.parametrize("kind", DATA)
def test_outputs_are_finite_on_data_of_any_scale(shape, kind):
    net = topology.build(shape, LIKE, DATA[kind], seeded())
    with torch.no_grad():
        assert bool(net(DATA[kind]).isfinite().all())


@BY_NAME
def test_same_seed_same_bits_and_another_seed_another_start(shape):
    x = points(60, 3)
    nets = [topology.build(shape, LIKE, x, seeded(seed)) for seed in (3, 3, 4)]
    first, again, other = ([p.detach() for p in net.parameters()] for net in nets)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_building_reads_no_global_seed_and_leaves_the_layer_it_is_like():
    like, before = copy.deepcopy(LIKE), torch.random.get_rng_state()
    topology.build(topology.composed(3), like, points(60, 3), seeded())
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(like.coef, LIKE.coef)


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1)])
def test_first_lines_go_the_way_that_is_asked_for(signs):
    x = points(100, 2)
    net = topology.build(topology.composed(2), LIKE, x, seeded(), signs)
    for i, sign in enumerate(signs):
        ends = torch.stack([x[:, i].min(), x[:, i].max()])
        low, high = net.layers[0].edge_output(i, 0, ends).tolist()
        assert sign * (high - low) > 1


@pytest.mark.parametrize("n", BELL)
def test_groupings_are_all_partitions_into_two_groups_and_more_each_once(n):
    found = topology.groupings(range(n))
    assert len(found) == BELL[n] - 1
    assert len({frozenset(groups) for groups in found}) == len(found)
    for groups in found:
        assert len(groups) > 1
        assert all(groups)
        assert sorted(i for one in groups for i in one) == list(range(n))
    sizes = [len(groups) for groups in found]
    assert sizes == sorted(sizes)


def test_groupings_are_of_the_very_inputs_given():
    assert topology.groupings([4, 7]) == [[group(4), group(7)]]


@BY_NAME
def test_without_its_last_level_a_shape_keeps_all_below(shape):
    less = topology.without_last(shape)
    assert less.levels == shape.levels[:-1]
    assert less.lines == {line for line in shape.lines if line[0] < len(shape.levels) - 1}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(1, 4))
def test_dense_shapes_have_every_edge(widths, n_in):
    shape = topology.dense(n_in, widths, "dense")
    below = [n_in, *widths[:-1]]
    assert shape.edges == sum(a * b for a, b in zip(below, widths, strict=True))
    assert all(bool(level.mask(n).all()) for level, n in zip(shape.levels, below, strict=True))


def test_shapes_that_are_alike_are_equal():
    """The search looks up what it fitted before by its levels."""
    assert topology.composed(3) == topology.dense(3, [1, 1], "function of a sum")
    assert topology.without_last(topology.composed(3)).levels == topology.additive(3).levels
    assert (
        topology.without_last(topology.product(3, outer=True)).levels == topology.product(3).levels
    )
    assert Topology("a", 1, (Level(((group(0),),)),)).levels == topology.additive(1).levels
