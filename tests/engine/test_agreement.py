import numpy as np
import pytest
import torch

import kanwidget
from kanwidget import pruning
from kanwidget.agreement import agreement
from kanwidget.symbolic import library
from tests.networks import mixed_model, points


def of_edge(model, x, l, i, j):
    layers = model.layers
    before = sum(layer.alive.numel() for layer in layers[:l])
    return agreement(model, x)[before + j * layers[l].n_in + i]


def test_agreement_is_r_squared_of_each_function_against_the_spline_under_it():
    model, x = mixed_model((3, 4, 2), seed=1), points(80, 3)
    found, values, n = agreement(model, x), model.node_values(x), 0
    for l, layer in enumerate(model.layers):
        for j in range(layer.n_out):
            for i in range(layer.n_in):
                if int(layer.kinds()[j, i]) != 2:
                    assert np.isnan(found[n])
                else:
                    with torch.no_grad():
                        here = values[l][:, i]
                        spline = layer.edge_output(i, j, here, "spline")
                        missed = (layer.edge_output(i, j, here) - spline).square().sum()
                        total = (spline - spline.mean()).square().sum()
                    assert found[n] == pytest.approx(float(1 - missed / total), rel=1e-5)
                n += 1
    assert n == len(found)
    assert np.isfinite(found).sum() > 2


def test_a_function_just_fixed_agrees_as_fix_symbolic_says():
    model, x = kanwidget.KAN([2, 3, 1], noise_scale=1.0), points(200, 2)
    model.get_act(x)
    told = model.fix_symbolic(0, 1, 2, "sin")
    assert 0.1 < told < 1
    assert of_edge(model, x, 0, 1, 2) == pytest.approx(told, abs=0.02)


def test_products_below_an_edge_are_gone_through():
    model, x = kanwidget.KAN([2, [0, 2], 1], noise_scale=1.0), points(100, 2)
    model.get_act(x)
    told = model.fix_symbolic(1, 1, 0, "x^2")
    assert of_edge(model, x, 1, 1, 0) == pytest.approx(told, abs=0.05)


def test_nothing_is_said_of_splines_that_are_flat_and_functions_that_fail():
    model, x = kanwidget.KAN([3, 1], noise_scale=1.0), points(50, 3)
    x[0, 1] = 0
    layer = model.layers[0]
    for i, name in enumerate(("sin", "1/x", "sin")):
        layer.set_symbolic(i, 0, library.get(name), (1, 0, 1, 0))
    with torch.no_grad():
        layer.scale_sp[0, 0] = layer.scale_base[0, 0] = 0
    assert np.isnan(agreement(model, x)).tolist() == [True, True, False]


def test_removed_edges_have_no_agreement():
    model, x = kanwidget.KAN([1, 1], noise_scale=1.0), points(50, 1)
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (1, 0, 1, 0))
    assert np.isfinite(agreement(model, x)).all()
    pruning.remove(model, [(0, 0, 0)], x)
    assert np.isnan(agreement(model, x)).all()
