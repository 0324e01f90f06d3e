"""Networks side by side are one with the outputs of all."""

import copy

import pytest
import torch

import kanwidget
from kanwidget.discovery import topology
from kanwidget.discovery.beside import beside
from kanwidget.formula import symbolic_formula
from kanwidget.symbolic import library
from tests.networks import points

LIKE = kanwidget.KAN([1, 1], seed=0).layers[0]
SHAPES = {
    "sum": topology.additive(2),
    "composed": topology.composed(2),
    "product": topology.product(2),
    "of a product": topology.product(2, outer=True),
    "wide": topology.dense(2, [3, 1], "wide"),
    "deep": topology.dense(2, [2, 2, 1], "deep"),
}


def symbolic(shape, seed, grid=5):
    """A network of a shape whose edges are functions, with some constants and a removed edge."""
    random = torch.Generator().manual_seed(seed)
    net = topology.build(shape, LIKE, points(50, 2), random, grid=grid)
    names = ("sin", "x^2", "tanh", "exp")
    for l, i, j in net.edges():
        affine = (torch.rand(4, generator=random) - 0.5).tolist()
        net.layers[l].set_symbolic(i, j, library.get(names[(l + i + j + seed) % 4]), affine)
    with torch.no_grad():
        for layer in net.layers:
            layer.bias.copy_(torch.rand(layer.n_out, generator=random))
            layer.nodes.node_scale.copy_(0.5 + torch.rand(layer.nodes.count, generator=random))
            layer.nodes.node_bias.copy_(torch.rand(layer.nodes.count, generator=random))
            layer.nodes.subnode_scale.copy_(0.5 + torch.rand(layer.n_out, generator=random))
            layer.nodes.subnode_bias.copy_(torch.rand(layer.n_out, generator=random))
            layer.nodes.changed()
    if shape.edges > 2:
        layer = net.layers[0]
        layer.alive[0, 0] = False
        layer.left[0, 0] = 0.7
        layer.structure_changed()
    return net


PAIRS = [(a, b) for a in SHAPES for b in SHAPES]


@pytest.mark.parametrize("kinds", PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_outputs_are_those_of_the_single_networks(kinds):
    nets = [symbolic(SHAPES[kind], seed, grid=5 + 5 * seed) for seed, kind in enumerate(kinds)]
    before = copy.deepcopy(nets)
    x = points(100, 2, seed=1)
    with torch.no_grad():
        one = beside(nets)
        torch.testing.assert_close(
            one(x), torch.cat([net(x) for net in nets], 1), rtol=1e-13, atol=1e-13
        )
    assert one.depth == max(net.depth for net in nets)
    assert len(one.output_names) == one.width[-1] == 2
    for net, was in zip(nets, before, strict=True):  # those given are as they were
        torch.testing.assert_close(net(x), was(x), rtol=0, atol=0)


def test_three_and_more_and_networks_of_several_outputs():
    nets = [symbolic(SHAPES[kind], n) for n, kind in enumerate(("deep", "product", "sum"))]
    two = beside(nets[:2])
    both = beside([two, nets[2]])
    x = points(60, 2)
    torch.testing.assert_close(both(x), beside(nets)(x), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(both(x), torch.cat([net(x) for net in nets], 1))


def test_one_network_is_itself():
    net = symbolic(SHAPES["sum"], 0)
    assert beside([net]) is net


def test_formulas_stay_those_of_the_single_networks():
    nets = [symbolic(SHAPES[kind], n) for n, kind in enumerate(("of a product", "sum"))]
    for net in nets:
        net.calibration = points(50, 2)
    one = beside(nets)
    one.calibration = points(50, 2)
    written, _ = symbolic_formula(one, digits=None)
    alone = [symbolic_formula(net, digits=None)[0][0] for net in nets]
    place = {"x_1": 0.3, "x_2": -0.4}
    for together, single in zip(written, alone, strict=True):
        assert float(together.subs(place)) == pytest.approx(float(single.subs(place)), rel=1e-12)
