import copy
import itertools

import pytest
import torch

import kanwidget
from kanwidget import arrangement, importance
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, points, same, state

DTYPES = [torch.float32, torch.float64]
NETWORKS = [
    {"width": (2, 3, 1)},
    {"width": (3, 2, 4, 2), "grid": [2, 3, 4], "k": [3, 1, 2]},
    {"width": (3, [1, 2], [1, 1]), "mult_arity": [2, [2, 3], 2], "grid": [2, 5], "k": [3, 2]},
]
every_network = pytest.mark.parametrize("options", NETWORKS, ids=lambda o: str(o["width"]))


def seen(dtype=torch.float64, **options):
    model = mixed_model(dtype=dtype, **options)
    model.get_act(points(60, model.width[0], dtype=dtype))
    return model


def outputs(model, samples=100):
    with torch.no_grad():
        return model(points(samples, model.width[0], -1.4, 1.4, seed=3, dtype=model.dtype)).double()


def near(ours, expected, dtype):
    size = float(expected.abs().max())
    within = size * (1e-12 if dtype == torch.float64 else 2e-5)
    torch.testing.assert_close(ours, expected, rtol=0, atol=within)


# ---------------------------------------------------------------------- more nodes


@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_added_nodes_do_not_change_the_function(options, dtype):
    model = seen(dtype, **options)
    before, width = outputs(model), model.width
    for l in range(1, model.depth):
        assert model.expand_width(l, 2) is None
        model.expand_width(l, 2, sum_bool=False, mult_arity=[3, 2], seed=7)
        width[l] += 4
        assert model.layers[l - 1].nodes.arity[-4:] == (1, 1, 3, 2)
    assert model.width == width
    near(outputs(model), before, dtype)


@every_network
def test_what_was_there_keeps_its_numbers(options):
    model = seen(**options)
    before = {edge: edge_state(model, *edge) for edge in model.edges(alive=False)}
    model.expand_width(1, 1, sum_bool=False)
    for edge, expected in before.items():
        assert all(map(torch.equal, edge_state(model, *edge), expected))


def edge_state(model, l, i, j):
    layer = model.layers[l]
    names = ("coef", "scale_base", "scale_sp", "affine", "alive", "numeric", "symbolic", "left")
    return [getattr(layer, name)[j, i].detach().clone() for name in names]


def test_added_nodes_learn():
    model = kanwidget.KAN([2, 1, 1])
    model.fit(hello_data(), steps=3)
    model.expand_width(1, 3)
    loss = model.fit(hello_data(), steps=3)["train_loss"]
    narrow = kanwidget.KAN([2, 1, 1])
    assert loss[-1] < 0.7 * narrow.fit(hello_data(), steps=6)["train_loss"][-1]
    assert not bool(model.layers[1].scale_base[:, 1:].eq(0).any())


def test_added_nodes_are_random_by_their_seed_alone():
    models = [seen(**NETWORKS[2]) for _ in range(3)]
    for model, seed in zip(models, (4, 4, 5), strict=True):
        torch.manual_seed(seed + 1)
        model.expand_width(1, 2, seed=seed)
    assert same(models[0], state(models[1]))
    assert not same(models[0], state(models[2]))
    assert bool(models[0].layers[0].coef[-2:].std() > 0)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((0, 1), KeyError, "node layer 0 is no layer of hidden nodes: they are 1 to 1"),
        ((2, 1), KeyError, "node layer 2 is no layer of hidden nodes"),
        ((None, 1), KeyError, "node layer None is no layer"),
        ((1, 0), ValueError, "n_added_nodes is 0; a whole number of at least 1"),
        ((1, 2, False, 1), ValueError, "mult_arity is 1; a whole number of at least 2"),
        ((1, 2, False, [2]), ValueError, r"mult_arity is \[2\]; a number, or one for each of 2"),
        ((1, 2, True, 2, -1), ValueError, "seed is -1"),
    ],
)
def test_nodes_that_cannot_be_added_get_a_sentence(arguments, error, sentence):
    model = seen(width=(2, 3, 1))
    before = state(model)
    with pytest.raises(error, match=sentence):
        model.expand_width(*arguments)
    assert same(model, before)


# ---------------------------------------------------------------------- more layers


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("extrapolation", ["linear", "zero"])
@every_network
def test_an_added_layer_does_not_change_the_function(options, extrapolation, dtype):
    model = seen(dtype, extrapolation=extrapolation, **options)
    before, width = outputs(model), model.width
    assert model.expand_depth() is None
    assert model.width == [*width, width[-1]]
    assert torch.equal(outputs(model), before)
    model.expand_depth()
    assert torch.equal(outputs(model), before)


def test_an_added_layer_leaves_the_formula_as_it_is():
    model = kanwidget.KAN([2, 2, 2])
    model.get_act(points(50, 2))
    for edge, name in zip(model.edges(), itertools.cycle(["sin", "x^2", "exp"]), strict=False):
        model.fix_symbolic(*edge, name)
    before = model.symbolic_formula()
    model.expand_depth()
    assert model.symbolic_formula() == before


@pytest.mark.parametrize("options", NETWORKS[1:], ids=lambda o: str(o["width"]))
def test_an_added_layer_as_splines_is_straight(options):
    for extrapolation in ("linear", "zero"):
        model = seen(extrapolation=extrapolation, **options)
        before = outputs(model, 30)
        model.expand_depth()
        inside = model.layers[-1].knots[:, [3, -4]]
        for j in range(model.width[-1]):
            model.unfix_symbolic(model.depth - 1, j, j)
            for i in range(model.width[-1]):
                model.restore_edge(model.depth - 1, i, j)
        after = outputs(model, 30)
        covered = ((before >= inside[:, 0]) & (before <= inside[:, 1])).all(1)
        assert bool(covered.any())
        rows = covered if extrapolation == "zero" else torch.ones_like(covered)
        near(after[rows], before[rows], torch.float64)


def test_an_added_layer_can_be_trained():
    model = kanwidget.KAN([2, 2, 1])
    model.fit(hello_data(), steps=3)
    model.expand_depth()
    before = state(model)[0][-1]["affine"]
    loss = model.fit(hello_data(), steps=3)["train_loss"]
    assert not torch.equal(model.layers[-1].affine, before)
    model.unfix_symbolic(2, 0, 0)
    assert model.fit(hello_data(), steps=3)["train_loss"][-1] < loss[-1]


# ---------------------------------------------------------------------- fresh splines


@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_a_non_intrusive_perturbation_does_not_change_the_function(options, dtype):
    model = seen(dtype, seed=1, **options)
    before, live = outputs(model), len(model.edges())
    model.perturb()
    near(outputs(model), before, dtype)
    assert len(model.edges()) > live
    assert bool(model.layers[-1].alive.all())


def test_a_non_intrusive_perturbation_takes_edges_into_what_reaches_no_output():
    model = kanwidget.KAN([2, 3, 2, 1])
    model.get_act(points(30, 2))
    model.remove_node(1, 1)
    model.remove_node(2, 0)
    model.remove_edge(0, 0, 0)
    model.perturb(0.5)
    alive = [layer.alive.tolist() for layer in model.layers]
    assert alive[0] == [[False, True], [True, True], [True, True]]
    assert alive[1] == [[True, True, True], [True, False, True]]
    assert alive[2] == [[True, True]]
    assert bool(model.layers[0].coef[1].ne(0).all())
    assert bool(model.layers[2].coef[0, 0].eq(0).all() & model.layers[2].scale_base[0, 0].eq(0))


def test_a_minimal_perturbation_takes_the_edges_that_do_something():
    model = seen(width=(3, 4, 2))
    removed = [layer.alive.logical_not() for layer in model.layers]
    functions = [layer.functions.copy() for layer in model.layers]
    kinds = [layer.kinds() for layer in model.layers]
    before = copy.deepcopy(model)
    model.perturb(1.0, "minimal")
    x = points(50, 3)
    for l, layer in enumerate(model.layers):
        assert torch.equal(~layer.alive, removed[l])
        assert layer.functions == functions[l]
        values = x[:, :1].expand(-1, layer.n_in)
        change = layer.edge_outputs(values) - before.layers[l].edge_outputs(values)
        size = change.abs().mean(0)
        assert bool((size[removed[l]] == 0).all())
        assert 0.01 < float(size[~removed[l]].mean().detach()) < 1
        assert set(layer.kinds()[kinds[l] == 2].tolist()) <= {3}


def test_the_size_of_a_perturbation_counts_and_the_seed():
    def change(size, seed=1, mode="all"):
        model = seen(width=(3, 4, 2))
        before = model.layers[0].edge_outputs(points(50, 3), restored=True) * model.layers[0].alive
        model.perturb(size, mode, seed)
        return (model.layers[0].edge_outputs(points(50, 3)) - before).detach()

    torch.testing.assert_close(change(2.0), 2 * change(1.0))
    assert torch.equal(change(1.0), change(1.0))
    assert not torch.equal(change(1.0), change(1.0, seed=2))
    assert bool(change(1.0).abs().sum(0).gt(0).all())
    assert not bool(change(0.0, mode="minimal").any())


def test_a_removed_edge_that_comes_back_leaves_its_mean_where_it_is():
    model = kanwidget.KAN([2, 1])
    model.get_act(points(50, 2))
    model.remove_edge(0, 0, 0)
    before = outputs(model)
    model.perturb(0.0, "all")
    near(outputs(model), before, torch.float64)
    assert len(model.edges()) == 2


def test_edges_with_the_function_zero_count_as_doing_nothing():
    model = kanwidget.KAN([2, 2, 1])
    model.get_act(points(30, 2))
    model.layers[0].set_symbolic(0, 0, library.get("0"), (1, 0, 0, 0))
    model.perturb(1.0, "minimal")
    assert int(model.layers[0].kinds()[0, 0]) == 2
    model.perturb(1.0, "all")
    assert int(model.layers[0].kinds()[0, 0]) == 3


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"mag": -1}, "mag"),
        ({"mode": "wild"}, "mode"),
        ({"mode": None}, "mode"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_perturbations_that_cannot_be_get_a_sentence(options, name):
    model = seen(width=(2, 3, 1))
    before = state(model)
    with pytest.raises(ValueError, match=f"^{name} is "):
        model.perturb(**options)
    assert same(model, before)


# ---------------------------------------------------------------------- order


@pytest.mark.parametrize("dtype", DTYPES)
@every_network
def test_nodes_that_change_places_do_not_change_the_function(options, dtype):
    model = seen(dtype, **options)
    for layer in model.layers:
        with torch.no_grad():
            layer.nodes.node_scale.copy_(torch.linspace(1, 2, layer.nodes.count))
            layer.nodes.subnode_bias.copy_(torch.linspace(-1, 1, layer.n_out))
        layer.nodes.changed()
    before, values = outputs(model), model.node_values(points(20, model.width[0]))
    for l in range(1, model.depth):
        model.swap(l, 0, model.width[l] - 1)
        near(outputs(model), before, dtype)
        order = arrangement.swapped(range(model.width[l]), 0, model.width[l] - 1)
        swapped = model.node_values(points(20, model.width[0]))[l]
        near(swapped.double(), values[l][:, order].double(), dtype)


def test_swapping_twice_brings_all_back():
    model = seen(**NETWORKS[2])
    before = state(model)
    model.swap(1, 0, 2)
    assert model.layers[0].nodes.arity == (3, 2, 1)
    model.swap(1, 0, 2)
    assert same(model, before)
    model.swap(1, 1, 1)
    assert same(model, before)


@pytest.mark.parametrize("nodes", [(0, 0, 1), (2, 0, 0), (1, 0, 3), (1, -1, 0), (1, 0.0, 1)])
def test_nodes_that_cannot_be_swapped_get_a_sentence(nodes):
    model = seen(width=(2, 3, 1))
    before = state(model)
    with pytest.raises(KeyError, match="node"):
        model.swap(*nodes)
    assert same(model, before)


def test_connection_cost_is_distance_times_score():
    model = seen(width=(2, 3, 1))
    scores = importance.edge_scores(model, over_outputs="mean")
    expected = 0.0
    for l, layer in enumerate(model.layers):
        for j in range(layer.n_out):
            for i in range(layer.n_in):
                distance = abs((j + 0.5) / layer.n_out - (i + 0.5) / layer.n_in)
                expected += distance * float(scores[l][j, i])
    assert float(model.connection_cost) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
@every_network
def test_auto_swap_never_costs_more_and_keeps_the_function(options, seed):
    model = seen(seed=seed, **options)
    before, cost = outputs(model), float(model.connection_cost)
    for l in range(1, model.depth):
        model.auto_swap_l(l)
        after = float(model.connection_cost)
        assert after <= cost * (1 + 1e-9)
        cost = after
    model.auto_swap()
    assert float(model.connection_cost) <= cost * (1 + 1e-9)
    near(outputs(model), before, torch.float64)


def test_auto_swap_sorts_what_is_crossed():
    model = kanwidget.KAN([4, 4, 4], seed=3)
    for l, layer in enumerate(model.layers):
        crossed = torch.eye(4, dtype=torch.bool).roll(1 + l, 0)
        layer.remove(~crossed, layer.left)
    model.get_act(points(50, 4))
    model.auto_swap()
    best = min(cost_of(model, order) for order in itertools.permutations(range(4)))
    assert float(model.connection_cost) == pytest.approx(best, rel=1e-9)


def cost_of(model, order):
    trial = model.copy()
    arrangement.reorder(trial, 1, order)
    return float(trial.connection_cost)


def test_auto_swap_with_products_is_as_good_as_the_best_exchange():
    model = seen(width=(4, [2, 2], 2), mult_arity=[2, [3, 2], 2], seed=2)
    model.auto_swap()
    cost = float(model.connection_cost)
    for one, other in itertools.combinations(range(4), 2):
        assert cost <= cost_of(model, arrangement.swapped(range(4), one, other)) * (1 + 1e-9)


def test_auto_swap_needs_data_and_changes_nothing_without():
    model = mixed_model((2, 3, 1))
    before = state(model)
    with pytest.raises(ValueError, match="has seen no data yet"):
        model.auto_swap()
    with pytest.raises(ValueError, match="has seen no data yet"):
        model.auto_swap_l(1)
    assert same(model, before)
