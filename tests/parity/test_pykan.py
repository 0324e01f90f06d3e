"""A network with pykan's numbers gives pykan's outputs, scores and penalties."""

import copy
import random
import warnings

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import importance
from kanwidget.fitting.penalties import Penalty
from kanwidget.symbolic import library
from tests.networks import points

WIDTHS = [[2, 5, 1], [3, 2], [2, 3, 2], [4, 3, 2, 3]]


@pytest.fixture
def pykan(tmp_path, monkeypatch):
    """Makes pykan's networks in float64, away from our files and our random numbers."""
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        # not our warnings to heed: pykan and what it imports
        warnings.simplefilter("ignore")
        import kan

    dtype, torch_state = torch.get_default_dtype(), torch.get_rng_state()
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    torch.set_default_dtype(torch.float64)

    def make(width, **options):
        # pykan changes the list that it is given
        return kan.KAN(width=list(width), auto_save=False, device="cpu", **options)

    yield make
    torch.set_default_dtype(dtype)
    torch.set_rng_state(torch_state)
    np.random.set_state(numpy_state)  # noqa: NPY002
    random.setstate(python_state)


def both(pykan, width, grid=5, k=3, symbolic=True, seed=1, mult_arity=2):
    """A network of pykan's, some edges removed, some symbolic, and ours with its numbers."""
    theirs = pykan(
        width, grid=grid, k=k, seed=seed, noise_scale=1.5, mult_arity=copy.deepcopy(mult_arity)
    )
    numbers = torch.Generator().manual_seed(seed)
    names = ["sin", "x^2", "tanh", "exp"]
    for l, act in enumerate(theirs.act_fun):
        for i in range(act.in_dim):
            for j in range(act.out_dim):
                kind = int(torch.randint(6, (), generator=numbers))
                if kind == 0 and not i == j == 0:
                    theirs.act_fun[l].mask.data[i, j] = 0
                elif kind == 1 and symbolic:
                    theirs.fix_symbolic(
                        l, i, j, names[(i + j) % 4], fit_params_bool=False, verbose=False
                    )
                    affine = 2 * torch.rand(4, generator=numbers) - 1
                    theirs.symbolic_fun[l].affine.data[j, i] = affine
    if mult_arity != 2:
        for kind in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
            for parameter in getattr(theirs, kind):
                parameter.data = torch.randn(parameter.shape, generator=numbers)
    return theirs, load(theirs, width, grid, k, mult_arity)


def load(theirs, width, grid, k, mult_arity=2):
    ours = kanwidget.KAN(
        width, grid=grid, k=k, mult_arity=mult_arity, extrapolation="zero", dtype=torch.float64
    )
    for l, (layer, act, symbolic) in enumerate(
        zip(ours.layers, theirs.act_fun, theirs.symbolic_fun, strict=True)
    ):
        for kind in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
            layer.nodes.put(kind, getattr(theirs, kind)[l].data)
        layer.nodes.changed()
        layer.coef.data = act.coef.data.transpose(0, 1).clone()
        layer.scale_base.data = act.scale_base.data.T.clone()
        layer.scale_sp.data = act.scale_sp.data.T.clone()
        layer.knots = act.grid.data.clone()
        layer.numeric = act.mask.data.T > 0
        layer.symbolic = symbolic.mask.data > 0
        layer.alive = layer.numeric | layer.symbolic
        layer.affine.data = symbolic.affine.data.clone()
        for j, i in layer.symbolic.nonzero().tolist():
            layer.functions[i, j] = library.get(symbolic.funs_name[j][i])
        layer.structure_changed()
    return ours


def close(ours, theirs, within=1e-6):
    torch.testing.assert_close(ours, theirs.detach().double(), rtol=within, atol=within)


def test_numbers_loaded_are_of_all_kinds(pykan):
    _, ours = both(pykan, [4, 3, 2, 3])
    kinds = torch.cat([layer.kinds().flatten() for layer in ours.layers])
    assert set(kinds.tolist()) == {0, 1, 2}


@pytest.mark.parametrize(("grid", "k"), [(5, 3), (3, 2), (8, 1), (4, 5)])
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_outputs_are_pykans_inside_and_outside_the_grid(pykan, width, grid, k):
    theirs, ours = both(pykan, width, grid, k)
    x = points(200, width[0], -1.6, 1.6)
    close(ours(x), theirs(x))


PRODUCTS = [([3, [2, 2], 2], 3), ([3, [2, 2], [0, 1]], [[], [2, 3], [3]])]


@pytest.mark.parametrize(("width", "mult_arity"), PRODUCTS, ids=str)
def test_products_and_node_affines_are_pykans(pykan, width, mult_arity):
    theirs, ours = both(pykan, width, mult_arity=mult_arity)
    x = points(200, 3)
    close(ours(x), theirs(x))
    theirs.get_act(x)
    theirs.attribute(plot=False)
    edges, nodes = importance.backward_scores(
        ours.forward_with_statistics(x)[1], over_outputs="mean"
    )
    for l in range(2):
        close(edges[l], theirs.edge_scores[l])
    for node, other in zip(nodes, theirs.node_scores, strict=True):
        close(node, other)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_outputs_of_edges_are_pykans(pykan, width):
    theirs, ours = both(pykan, width)
    x = points(100, width[0])
    theirs(x)
    for l, (layer, values) in enumerate(zip(ours.layers, ours.node_values(x), strict=False)):
        close(layer.edge_outputs(values), theirs.spline_postacts[l])
        close(values, theirs.acts[l])


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_scores_are_pykans(pykan, width):
    theirs, ours = both(pykan, width)
    x = points(200, width[0])
    theirs.get_act(x)
    theirs.attribute(plot=False)
    forward_u = importance.edge_scores(ours, x, "forward_u")
    forward_n = importance.edge_scores(ours, x, "forward_n")
    backward = importance.edge_scores(ours, x, "backward", over_outputs="mean")
    nodes = importance.node_scores(ours, x, over_outputs="mean")
    for l in range(len(width) - 1):
        close(forward_u[l], theirs.edge_actscale[l])
        close(forward_n[l], theirs.acts_scale[l])
        close(backward[l], theirs.edge_scores[l])
    for node, other in zip(nodes, theirs.node_scores, strict=True):
        close(node, other)


@pytest.mark.parametrize(
    "metric",
    [
        *("edge_forward_spline_n", "edge_forward_spline_u", "edge_forward_sum"),
        *("edge_backward", "node_backward"),
    ],
)
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_penalties_are_pykans(pykan, width, metric):
    theirs, ours = both(pykan, width)
    x = points(200, width[0])
    theirs.get_act(x)
    theirs.node_attribute() if metric == "node_backward" else theirs.attribute(plot=False)
    _, statistics = ours.forward_with_statistics(x)
    for weights in ((1.0, 2.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.5, 10.0, 0.3, 0.7)):
        expected = theirs.get_reg(metric, *weights)
        close(Penalty(1.0, *weights, reg_metric=metric)(ours, statistics), expected)


def test_penalties_of_products_are_pykans(pykan):
    width, mult_arity = PRODUCTS[0]
    theirs, ours = both(pykan, width, mult_arity=mult_arity)
    x = points(200, width[0])
    theirs.get_act(x)
    theirs.node_attribute()
    statistics = ours.forward_with_statistics(x)[1]
    expected = theirs.get_reg("node_backward", 1.0, 2.0, 0.0, 0.0)
    close(Penalty(1.0, reg_metric="node_backward")(ours, statistics), expected)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_gradient_of_loss_and_penalty_is_pykans(pykan, width):
    theirs, ours = both(pykan, width)
    x, y = points(100, width[0]), points(100, width[-1], seed=7)
    loss = (theirs(x) - y).square().mean()
    loss = loss + 0.01 * theirs.get_reg("edge_forward_spline_n", 1.0, 2.0, 0.0, 0.0)
    loss.backward()
    prediction, statistics = ours.forward_with_statistics(x)
    loss = (prediction - y).square().mean() + 0.01 * Penalty()(ours, statistics)
    loss.backward()
    for layer, act in zip(ours.layers, theirs.act_fun, strict=True):
        close(layer.coef.grad, act.coef.grad.transpose(0, 1))
        close(layer.scale_base.grad, act.scale_base.grad.T)
        close(layer.scale_sp.grad, act.scale_sp.grad.T)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_moved_grids_are_pykans(pykan, width):
    theirs, ours = both(pykan, width)
    x = points(400, width[0], -1.2, 0.9)
    for l, layer in enumerate(ours.layers):
        theirs.get_act(x)
        before, values = theirs.acts[l].clone(), ours.node_values(x)[l]
        theirs.act_fun[l].update_grid_from_samples(before)
        layer.update_grid(values)
        close(layer.knots, theirs.act_fun[l].grid)
        # both refit by least squares, on somewhat other points: the function is what stays
        theirs.act_fun[l].coef.data = layer.coef.data.transpose(0, 1).clone()
    theirs.get_act(x)
    close(ours(x), theirs(x), 1e-5)


def test_moved_grid_keeps_the_function_as_well_as_pykans(pykan):
    theirs, ours = both(pykan, [2, 3, 2])
    x = points(400, 2, -0.95, 0.9)
    before = ours(x)
    theirs.act_fun[0].update_grid_from_samples(x)
    ours.layers[0].update_grid(x)
    error = (ours(x) - before).square().mean()
    assert error <= 1.5 * (theirs(x) - before).square().mean()
    assert error.sqrt() < 0.1 * before.std()


def test_pykans_steps_lead_where_ours_do(pykan):
    """A fit without grid updates from the same numbers gets to the same loss, or a lower one."""
    theirs, ours = both(pykan, [2, 5, 1], symbolic=False)
    x = points(200, 2)
    y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
    data = {"train_input": x, "train_label": y, "test_input": x, "test_label": y}
    options = {"opt": "LBFGS", "steps": 5, "update_grid": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs.fit(data, **options)["train_loss"][-1]
    ours_loss = ours.fit(data, **options)["train_loss"][-1]
    assert ours_loss < 1.2 * float(expected)
