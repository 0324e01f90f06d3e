"""One form of a network among the many that are the same function."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.discovery.gauge import canonical
from kanwidget.symbolic import library
from tests.networks import mixed_model, points, remove_without_trace, same, state

ANYWHERE = ["x", "x^2", "x^3", "sin", "cos", "exp", "tanh", "abs", "gaussian", "arctan", "sgn", "0"]
POSITIVE = ["log", "sqrt", "1/x", "x^1.5", "1/sqrt(x)", "1/x^2"]


def symbolic(width, edges, **options):
    """A network of symbolic edges; all others are removed."""
    model = kanwidget.KAN(list(width), dtype=torch.float64, seed=0, **options)
    for l, i, j in model.edges():
        if (l, i, j) in edges:
            name, affine = edges[l, i, j]
            model.layers[l].set_symbolic(i, j, library.get(name), affine)
        else:
            remove_without_trace(model.layers[l], i, j)
    return model


def random_network(seed, width=(2, 2, 2, 1)):
    """Random functions; those with a domain take what is inside it."""
    random = torch.Generator().manual_seed(seed)
    model = kanwidget.KAN(list(width), dtype=torch.float64, seed=0)
    x = points(60, model.width[0], seed=seed)

    def uniform(low, high):
        return low + (high - low) * torch.rand((), generator=random, dtype=torch.float64).item()

    for l, layer in enumerate(model.layers):
        h = model.node_values(x)[l]
        for j in range(layer.n_out):
            for i in range(layer.n_in):
                a, b, c, d = uniform(-2, 2), uniform(-4, 4), uniform(-2, 2), uniform(-1, 1)
                kind = torch.randint(5, (), generator=random).item()
                if kind == 0 and i:
                    layer.alive[j, i], layer.left[j, i] = False, d
                    continue
                names = POSITIVE if kind == 1 else ANYWHERE
                name = names[torch.randint(len(names), (), generator=random).item()]
                size = float(h[:, i].abs().max())
                if kind == 1:
                    b = abs(a) * size + uniform(0.1, 1)
                else:
                    a /= max(size, 1)
                layer.set_symbolic(i, j, library.get(name), (a, b, c, d))
    return model, x


@torch.no_grad()
def changed_by(model, x):
    """How much `canonical` changes the outputs, relative to them."""
    before = model(x)
    canonical(model)
    return float((model(x) - before).abs().max() / (before.abs().max() + 1e-12))


def constants(model):
    return {
        (l, i, j): model.layers[l].affine[j, i].tolist()
        for l, i, j in model.edges()
        if model.layers[l].symbolic[j, i]
    }


def near(found, expected):
    assert found.keys() == expected.keys()
    for edge, affine in expected.items():
        assert found[edge] == pytest.approx(affine, rel=1e-12, abs=1e-12), edge


# ---------------------------------------------------------------------- the function stays


@given(seed=st.integers(0, 10**6), deep=st.booleans())
@settings(max_examples=150, deadline=None)
def test_outputs_stay_to_round_off_and_twice_is_once(seed, deep):
    model, x = random_network(seed, (2, 2, 2, 1) if deep else (3, 2, 1))
    assert changed_by(model, x) < 1e-10
    once = constants(model)
    assert changed_by(model, x) < 1e-10
    for edge, affine in constants(model).items():
        assert affine == pytest.approx(once[edge], rel=1e-8, abs=1e-8), edge


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_products_keep_their_value(seed):
    model, x = random_network(seed, (2, [1, 1], [1, 1]))
    assert changed_by(model, x) < 1e-10
    assert changed_by(model, x) < 1e-10


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_networks_with_numeric_and_locked_edges_keep_their_outputs(seed):
    model = mixed_model(seed=seed)
    for layer, j, i in ((model.layers[1], 0, 1), (model.layers[0], 2, 0)):
        layer.locked[j, i] = layer.alive[j, i]
    before = [layer.affine[layer.locked].tolist() for layer in model.layers]
    assert changed_by(model, points(50, 3)) < 1e-10
    assert [layer.affine[layer.locked].tolist() for layer in model.layers] == before


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_scales_and_biases_of_nodes_are_taken_over(seed):
    model, x = random_network(seed, (2, [2, 1], [1, 1]))
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model.layers:
            for parameter in layer.nodes.parameters():
                parameter.copy_(1 + 0.3 * torch.rand(parameter.shape, generator=random))
            layer.nodes.changed()
        assume(bool(model(x).isfinite().all()))
    assert changed_by(model, x) < 1e-10
    assert not [n for layer in model.layers for n in (layer.nodes.subnode_scale != 1).tolist() if n]


def test_float32_networks_keep_their_outputs_too():
    model, x = random_network(3)
    single = model.float()
    assert changed_by(single, x.float()) < 1e-5


# ---------------------------------------------------------------------- the form


def test_the_square_of_a_sum_has_coefficients_one():
    model = symbolic(
        [2, 2, 1],
        {
            (0, 0, 0): ("x", (2.0, 0.3, 0.4, 0.1)),
            (0, 1, 0): ("x", (1.0, 0.0, 0.8, -0.22)),
            (0, 0, 1): ("x", (1.0, 0.0, -0.5, 0.5)),
            (0, 1, 1): ("x", (1.0, 0.0, 0.5, -0.5)),
            (1, 0, 0): ("x^2", (-2.0, 0.0, 0.25, 0.3)),
            (1, 1, 0): ("x^2", (3.0, 0.0, -1.0, 0.1)),
        },
    )
    canonical(model)
    near(
        constants(model),
        {
            (0, 0, 0): (1, 0, 1, 0),
            (0, 1, 0): (1, 0, 1, 0),
            (0, 0, 1): (1, 0, 1, 0),
            (0, 1, 1): (1, 0, -1, 0),
            (1, 0, 0): (1, 0, 0.64, 0.4),
            (1, 1, 0): (1, 0, -2.25, 0),
        },
    )


def test_the_shift_in_an_exponential_goes_before_it():
    model = symbolic(
        [2, 1, 1],
        {
            (0, 0, 0): ("sin", (-math.pi, 2 * math.pi, -0.5, 0.2)),
            (0, 1, 0): ("x^2", (-2.0, 0.0, 0.125, 0.1)),
            (1, 0, 0): ("exp", (2.0, 0.3, 0.5, 0.7)),
        },
    )
    canonical(model)
    near(
        constants(model),
        {
            (0, 0, 0): (math.pi, 0, 1, 0),
            (0, 1, 0): (1, 0, 1, 0),
            (1, 0, 0): (1, 0, 0.5 * math.exp(0.9), 0.7),
        },
    )


@pytest.mark.parametrize(
    ("name", "affine", "form"),
    [
        ("x", (2, 3, 4, 5), ("x", 1, 0, 8, 17)),
        ("x^2", (-2, 1, 3, 4), ("x^2", 1, -0.5, 12, 4)),
        ("x^3", (-2, 0, 3, 4), ("x^3", 1, 0, -24, 4)),
        ("1/x", (-2, 3, 3, 4), ("1/x", 1, -1.5, -1.5, 4)),
        ("sqrt", (-4, 8, 3, 4), ("sqrt", -1, 2, 6, 4)),
        ("log", (4.01, 8.02, 3, 4), ("log", 1, 2, 3, 4 + 3 * math.log(4.01))),
        ("log", (3, 8, 3, 4), ("log", 3, 8, 3, 4)),
        ("exp", (-2, 0.5, 1, 4), ("exp", -2, 0.5, 1, 4)),
        ("abs", (-4, 8, 3, 4), ("abs", 1, -2, 12, 4)),
        ("sgn", (-4, 8, 3, 4), ("sgn", 1, -2, -3, 4)),
        ("exp", (-2, 1, 3, 4), ("exp", -2, 0, 3 * math.e, 4)),
        ("tanh", (-2, 1, 3, 4), ("tanh", 2, -1, -3, 4)),
        ("arccos", (-0.2, 0.1, 3, 4), ("arccos", 0.2, -0.1, -3, 4 + 3 * math.pi)),
        ("sin", (-2, 0, 3, 4), ("sin", 2, 0, -3, 4)),
        ("sin", (2, 1 + 4 * math.pi, 3, 4), ("sin", 2, 1, 3, 4)),
        ("sin", (2, math.pi / 2, 3, 4), ("cos", 2, 0, 3, 4)),
        ("sin", (2, -math.pi / 2, 3, 4), ("cos", 2, 0, -3, 4)),
        ("cos", (2, math.pi / 2 + 0.01, 3, 4), ("sin", 2, 0.01, -3, 4)),
        ("cos", (2, -math.pi / 2, 3, 4), ("sin", 2, 0, 3, 4)),
        ("tan", (2, 0.1 + 3 * math.pi, 3, 4), ("tan", 2, 0.1, 3, 4)),
        ("x^2", (0.001, 2, 3, 0), ("x^2", 0.0005, 1, 12, 0)),
        ("x^2", (0, 2, 3, 1), ("x^2", 0, 2, 0, 13)),
        ("sqrt", (1, 2, 0, 1), ("sqrt", 1, 2, 0, 1)),
    ],
)
def test_an_edge_takes_the_form_a_person_writes(name, affine, form):
    model = symbolic([1, 1], {(0, 0, 0): (name, affine)})
    canonical(model)
    assert model.layers[0].functions[0, 0].name == form[0]
    near(constants(model), {(0, 0, 0): form[1:]})


def test_a_node_that_several_edges_leave_has_no_constant_and_a_coefficient_one():
    model = symbolic(
        [2, 1, 2],
        {
            (0, 0, 0): ("x", (1.0, 0.0, -4.0, 1.0)),
            (0, 1, 0): ("x^2", (1.0, 0.0, 2.0, 1.0)),
            (1, 0, 0): ("tanh", (0.5, 0.0, 1.0, 0.0)),
            (1, 0, 1): ("exp", (0.25, 0.5, 2.0, 0.0)),
        },
    )
    canonical(model)
    near(
        constants(model),
        {
            (0, 0, 0): (1, 0, 1, 0),
            (0, 1, 0): (1, 0, -0.5, 0),
            (1, 0, 0): (2, -1, -1, 0),
            (1, 0, 1): (-1, 0, 2 * math.e, 0),
        },
    )


def test_numbers_before_the_factors_of_a_product_become_one():
    model = symbolic(
        [2, [0, 1], 1],
        {
            (0, 0, 0): ("x", (1.0, 0.0, 4.0, 0.0)),
            (0, 1, 1): ("x", (1.0, 0.0, 0.5, 1.0)),
            (1, 0, 0): ("sin", (1.5, 0.0, 1.0, 0.0)),
        },
    )
    canonical(model)
    near(
        constants(model),
        {(0, 0, 0): (1, 0, 1, 0), (0, 1, 1): (1, 0, 1, 2), (1, 0, 0): (3, 0, 1, 0)},
    )


def test_a_line_to_the_next_node_is_part_of_it():
    model = symbolic(
        [2, 1, 1],
        {
            (0, 0, 0): ("sin", (1.0, 0.0, 2.0, 0.5)),
            (0, 1, 0): ("x^2", (1.0, 0.0, 4.0, 0.5)),
            (1, 0, 0): ("x", (1.0, 1.0, 0.5, 0.25)),
        },
    )
    canonical(model)
    near(
        constants(model),
        {(0, 0, 0): (1, 0, 1, 0), (0, 1, 0): (1, 0, 2, 0), (1, 0, 0): (1, 0, 1, 1.25)},
    )


# ---------------------------------------------------------------------- what was there before


def test_the_spline_that_a_symbolic_edge_was_follows_its_node():
    model = kanwidget.KAN([1, 1, 1], dtype=torch.float64, seed=0, noise_scale=1.0)
    x = points(100, 1)
    model.layers[0].set_symbolic(0, 0, library.get("x"), (1.0, 0.0, -0.5, 0.1))
    with torch.no_grad():
        before = model(x)
        model.layers[1].set_symbolic(0, 0, library.get("x^2"), (2.0, 0.1, 0.5, 0.1))
        canonical(model)
        model.layers[1].set_numeric(0, 0)
        after = model(x)
    assert float((after - before).abs().max()) < 0.1 * float(before.std())


def test_a_removed_edge_comes_back_without_the_mean_it_had_left():
    model = symbolic(
        [2, 1], {(0, 0, 0): ("sin", (1.0, 0.0, 1.0, 0.2)), (0, 1, 0): ("x", (1, 0, 1, 3))}
    )
    x = points(100, 2)
    model.get_act(x)
    model.remove_edge(0, 1, 0)
    with torch.no_grad():
        left = model(x)
        canonical(model)
        assert torch.allclose(model(x), left, atol=1e-14)
        model.restore_edge(0, 1, 0)
        assert float((model(x) - left).mean()) == pytest.approx(0, abs=1e-12)


def test_a_network_of_splines_stays_to_the_last_bit():
    model = kanwidget.KAN([2, 3, 1], seed=0)
    before = state(model)
    canonical(model)
    assert same(model, before)
