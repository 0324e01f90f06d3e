"""Networks of pykan's and ours that are the same, for the checks of names."""

import copy
import functools

import pytest
import torch

import kanwidget
from tests.networks import points
from tests.parity.names.functions import same

X = points(120, 3)


def target(x):
    return torch.sin(2 * x[:, [0]]) + x[:, [1]] ** 2 * x[:, [2]]


@functools.cache
def data():
    return kanwidget.create_dataset(target, n_var=3, train_num=120, test_num=60)


def both(kan, ours, width=(3, [2, 1], 2), grid=4, symbolic=True, seed=2):
    """pykan's network with some functions and a removed edge, and ours with its numbers; both saw X."""
    theirs = kan.MultKAN.KAN(
        copy.deepcopy(list(width)), grid=grid, seed=seed, noise_scale=1.5, auto_save=False
    )
    if symbolic:
        for edge, function in (((0, 0, 0), "sin"), ((0, 1, 1), "x^2"), ((1, 0, 0), "tanh")):
            theirs.fix_symbolic(*edge, function, fit_params_bool=False, verbose=False)
            l, i, j = edge
            theirs.symbolic_fun[l].affine.data[j, i] = torch.tensor([0.8, 0.1, 1.3, -0.2])
        theirs.remove_edge(0, 2, 2, log_history=False)
    mine = kanwidget.KAN.from_pykan(theirs)
    theirs.get_act(X)
    theirs.attribute(plot=False)
    mine.get_act(X)
    return theirs, mine


def seen(ours, width=(3, 2, 1), **options):
    """A network of ours that has seen data."""
    model = ours.KAN(list(width), grid=3, seed=1, noise_scale=1.0, **options)
    model.get_act(data())
    return model


def alike(mine, theirs, within=1e-6):
    """Tensors, numbers, or lists of them, that are the same."""
    if isinstance(theirs, list | tuple):
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            alike(a, b, within)
    elif isinstance(theirs, torch.Tensor):
        same(torch.as_tensor(mine), theirs, within)
    else:
        assert mine == pytest.approx(theirs, abs=within)
