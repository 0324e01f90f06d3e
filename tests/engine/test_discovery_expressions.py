"""Curves that no single function follows are sums, chains and products of functions."""

import math

import pytest
import torch

import kanwidget
from kanwidget.discovery import topology
from kanwidget.discovery.expressions import (
    POWERS,
    Composite,
    composites,
    network_of,
    parts_of,
    polished,
    polynomial,
)
from kanwidget.discovery.unfold import unfold
from kanwidget.symbolic import library
from tests.networks import mixed_model, points, same, state

LIKE = kanwidget.KAN([1, 1], seed=0).layers[0]


def get(*names):
    return [library.get(name) for name in names]


FEW = get("0", "x", "x^2", "x^3", "x^5", "sqrt", "exp", "log", "1/x", "sin", "cos")
ODD = get("0", "x", "x^2", "exp", "log", "1/x", "sgn", "tan")


def curve(f, low=-1.0, high=1.0, samples=300):
    x = torch.linspace(low, high, samples, dtype=torch.float64)
    return x, f(x)


CURVES = {
    "parabola with a line": (lambda x: x**2 - 3 * x, -1, 1, 1e-10),
    "cubic": (lambda x: x**3 - x, -2, 2, 1e-10),
    "quintic": (lambda x: 0.5 * x**5 - 2 * x**2 + x, -1.5, 1.5, 1e-10),
    "sine and a line": (lambda x: torch.sin(3 * x) + 0.5 * x, -2, 2, 1e-8),
    "bell": (lambda x: torch.exp(-(x**2) / 2), -3, 3, 1e-8),
    "sine of a square": (lambda x: torch.sin(x**2), -2.5, 2.5, 1e-8),
    "root of one and a square": (lambda x: torch.sqrt(1 + x**2), -3, 3, 1e-8),
    "one over one and a square": (lambda x: 1 / (1 + x**2), -3, 3, 1e-8),
    "exponential of a sine": (lambda x: torch.exp(torch.sin(2 * x)), -2, 2, 1e-8),
    "logarithm of a cosine": (lambda x: torch.log(2 + torch.cos(2 * x)), -2, 2, 1e-8),
    "x times a sine": (lambda x: x * torch.sin(3 * x), -2, 2, 1e-8),
    "x times an exponential": (lambda x: x * torch.exp(-x), 0, 4, 1e-8),
    "damped wave": (lambda x: torch.exp(-x) * torch.cos(4 * x), 0, 3, 1e-8),
    "x times a logarithm": (lambda x: x * torch.log(x), 0.1, 3, 1e-8),
}


@pytest.mark.parametrize("kind", CURVES)
def test_known_curves_are_found(kind):
    f, low, high, left = CURVES[kind]
    x, y = curve(f, low, high)
    best = composites(x, y, FEW, LIKE, close=1e-8)[0]
    assert 1 - best.r2 < left, f"{best}: {1 - best.r2:.1e}"
    # what it says of itself is true
    with torch.no_grad():
        rest = network_of(best, LIKE)(x[:, None])[:, 0] - y
    assert float(rest.square().sum() / (y - y.mean()).square().sum()) < 10 * left


def test_an_exponential_beside_a_parabola_is_found():
    x, y = curve(lambda x: torch.exp(2 * x) + 4 * x**2)
    best = composites(x, y, get("x", "x^2", "x^3", "exp", "sin"), LIKE)[0]
    assert 1 - best.r2 < 1e-8


@pytest.mark.parametrize("kind", ["bell", "cubic"])
def test_the_order_is_by_score_and_kinds_that_are_close_end_it(kind):
    f, low, high, _ = CURVES[kind]
    x, y = curve(f, low, high)
    found = composites(x, y, ODD, LIKE)
    scores = [one.score for one in found]
    assert scores == sorted(scores)
    few = composites(x, y, ODD, LIKE, close=2.0)
    assert len(few) <= 1


def test_giving_up_leaves_the_polynomial():
    x, y = curve(lambda x: x**2 - 3 * x)
    found = composites(x, y, FEW, LIKE, give_up=lambda: True)
    assert [str(one) for one in found] == ["x + x^2"]


def test_only_functions_of_the_library_are_put_together():
    x, y = curve(lambda x: torch.exp(torch.sin(2 * x)))
    allowed = get("x", "x^2", "sin")
    for one in composites(x, y, allowed, LIKE):
        assert {function.name for function, _ in one.parts} <= {"x", "x^2", "sin"}


def test_a_polynomial_has_its_very_powers_and_coefficients():
    x, y = curve(lambda x: 4 - 3 * x + 0.25 * x**4, -2, 2)
    one = polynomial(x, y, get(*POWERS))
    assert [function.name for function, _ in one.parts] == ["x", "x^4"]
    assert [params[2] for _, params in one.parts] == pytest.approx([-3, 0.25])
    assert sum(params[3] for _, params in one.parts) == pytest.approx(4)
    assert polynomial(x, y, get("x", "sin")) is None


@pytest.mark.parametrize("f", [lambda x: 0 * x + 2.5, lambda x: 0 * x, lambda x: x])
def test_plain_curves_raise_nothing(f):
    x, y = curve(f)
    for one in composites(x, y, ODD, LIKE):
        assert all(math.isfinite(p) for _, params in one.parts for p in params)


@pytest.mark.parametrize("samples", [2, 5, 20])
def test_few_points_raise_nothing(samples):
    x, y = curve(lambda x: torch.sin(5 * x) + x, samples=samples)
    composites(x, y, ODD, LIKE)


def test_jumps_spikes_and_equal_inputs_raise_nothing():
    x = points(200, 1, seed=3)[:, 0]
    for values in (torch.sign(x) + x, (x == x[0]).double(), x**51):
        composites(x, values, ODD, LIKE)
    composites(torch.zeros_like(x) + 2, x, ODD, LIKE)
    composites((x > 0).double(), (x > 0).double() * 3, ODD, LIKE)


PARTS = tuple(
    zip(
        get("sin", "exp", "x^2"),
        [(2.0, 0.5, 1.5, 0.25), (-1.0, 0.0, 0.5, 1.0), (1.0, 0.3, -2.0, 0.0)],
        strict=True,
    )
)


def value(one, x):
    """A composite, computed from what its docstring says."""
    made = [lambda x, f=f, p=p: p[2] * f(p[0] * x + p[1]) + p[3] for f, p in one.parts]
    if one.kind == "chain":
        return made[1](made[0](x))
    values = torch.stack([each(x) for each in made])
    return values.sum(0) if one.kind == "sum" else values.prod(0)


COMPOSITES = [
    Composite("sum", PARTS[:2], 1.0),
    Composite("sum", PARTS, 1.0),
    Composite("product", PARTS[:2], 1.0),
    Composite("product", PARTS, 1.0),
    Composite("chain", PARTS[:2], 1.0),
]


@pytest.mark.parametrize("one", COMPOSITES, ids=str)
def test_the_network_of_a_composite_is_it_and_gives_its_parts_back(one):
    x = points(50, 1)
    net = network_of(one, LIKE)
    torch.testing.assert_close(net(x)[:, 0].detach(), value(one, x[:, 0]))
    assert parts_of(net, one.kind) == one.parts


@pytest.mark.parametrize("one", COMPOSITES, ids=str)
def test_polishing_finds_constants_that_were_moved(one):
    x = points(300, 1)[:, 0]
    moved = tuple((f, tuple(1.02 * p for p in params)) for f, params in one.parts)
    found = polished(Composite(one.kind, moved, 0.0), x, value(one, x), LIKE)
    assert 1 - found.r2 < 1e-8
    assert [f for f, _ in found.parts] == [f for f, _ in one.parts]


def test_polishing_out_of_a_domain_is_nothing():
    x = points(50, 1)[:, 0]
    log = ((library.get("log"), (1.0, 0.0, 1.0, 0.0)), PARTS[0])
    assert polished(Composite("chain", log, 0.0), x, x, LIKE) is None


# ---------------------------------------------------------------------- unfolding


def set_to(net, l, composites):
    """What a network gives when edges of layer l are composites, computed edge by edge."""

    def forward(x):
        for n, layer in enumerate(net.layers):
            if n != l:
                x = layer(x)
                continue
            outputs = layer.edge_outputs(x)
            for (i, j), one in composites.items():
                outputs[:, j, i] = value(one, x[:, i])
            x = layer.nodes(outputs.sum(2) + layer.constant())
        return x

    with torch.no_grad():
        return forward


CASES = {
    "one edge of each kind": lambda edges: dict(zip(edges, COMPOSITES, strict=False)),
    "all a sum": lambda edges: dict.fromkeys(edges, COMPOSITES[1]),
    "all a product": lambda edges: dict.fromkeys(edges, COMPOSITES[3]),
    "all a chain": lambda edges: dict.fromkeys(edges, COMPOSITES[4]),
    "one alone": lambda edges: {edges[-1]: COMPOSITES[2]},
    "none": lambda edges: {},
}


@pytest.mark.parametrize("l", [0, 1])
@pytest.mark.parametrize("width", [(3, 4, 2), (2, [1, 2], 2), (2, [0, 2], [1, 1])], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_unfolding_keeps_the_function(case, width, l):
    """Networks with removed, numeric, symbolic and mixed edges, products above, several outputs."""
    net = mixed_model(width, seed=2)
    with torch.no_grad():
        for layer in net.layers:
            layer.bias.copy_(torch.linspace(-0.2, 0.3, layer.n_out))
            layer.nodes.node_scale.fill_(1.3)
            layer.nodes.node_bias.fill_(-0.2)
            layer.nodes.subnode_bias.fill_(0.1)
            layer.nodes.changed()
    edges = [(i, j) for at, i, j in net.edges() if at == l]
    chosen, before = CASES[case](edges), state(net)
    x = points(80, width[0])
    wide = unfold(net, l, chosen)
    with torch.no_grad():
        torch.testing.assert_close(wide(x), set_to(net, l, chosen)(x), rtol=1e-11, atol=1e-11)
    assert wide.depth == net.depth + 1
    assert same(net, before)


def test_unfolding_twice_keeps_the_function():
    net = topology.build(topology.product(2), LIKE, points(80, 2), torch.Generator().manual_seed(0))
    chosen = {(0, 0): COMPOSITES[2], (1, 1): COMPOSITES[4]}
    x = points(80, 2)
    once = unfold(net, 0, chosen)
    twice = unfold(once, 1, {})
    torch.testing.assert_close(once(x).detach(), set_to(net, 0, chosen)(x).detach())
    torch.testing.assert_close(twice(x), once(x))
