"""Models of pykan's of all kinds, each made by a function of its class; they open in ours.

None is longer than needed, as pykan is slow; what changes a model is pykan's own method.
"""

import contextlib
import os
import random
import warnings

import numpy as np
import pytest
import torch


@contextlib.contextmanager
def kept_away(folder):
    """Makes networks of pykan's, ``kan([2, 5, 1], grid=5)``, away from our files and random numbers."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        os.mkdir("model")  # pykan writes there unasked after each prune and refine
        warnings.simplefilter("ignore")
        from kan import KAN

        states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
        yield lambda width, **options: KAN(
            width=list(width), **{"seed": 1, "noise_scale": 1.0, "auto_save": False} | options
        )
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])


def moved(kan):
    """Knots at the quantiles of skewed data, and so nowhere evenly spaced."""
    model = kan([2, 3, 1], grid=6, grid_eps=0.1)
    model.update_grid_from_samples(2 * torch.rand(200, 2) ** 4 - 1)
    return model


def constant_input(kan):
    """All knots of one input on one point, after data in which it never changes."""
    model = kan([2, 3, 1])
    x = torch.rand(50, 2)
    x[:, 1] = 0.25
    model.update_grid_from_samples(x)
    return model


def affine(kan):
    """Multiplication nodes of several arities, scales and biases everywhere."""
    model = kan([3, [2, 2], [0, 1]], mult_arity=[[], [2, 3], [3]], affine_trainable=True)
    for kind in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
        for parameter in getattr(model, kind):
            parameter.data = torch.randn(parameter.shape)
    return model


def removed(kan):
    """Edges and a node without masks, and one edge that counts half."""
    model = kan([3, 4, 2])
    model.remove_edge(0, 1, 2)
    model.remove_node(1, 3)
    model.act_fun[1].mask.data[0, 1] = 0.5
    return model


def symbolic(kan):
    """Symbolic edges, one of them a spline too, and functions that count half."""
    model = kan([2, 3, 1])
    for edge, name in (((0, 0, 0), "sin"), ((0, 1, 0), "x^2"), ((1, 0, 0), "exp")):
        model.fix_symbolic(*edge, name, fit_params_bool=False, verbose=False)
        l, i, j = edge
        model.symbolic_fun[l].affine.data[j, i] = torch.rand(4) + 0.2
    model.set_mode(0, 1, 0, "sn")
    model.symbolic_fun[0].mask.data[0, 0] = 0.5
    return model


def own_functions(kan):
    """Functions that no library has: pykan calls both anonymous."""
    model = kan([2, 2, 1])
    model.fix_symbolic(0, 0, 0, torch.special.bessel_j0, fit_params_bool=False)
    model.fix_symbolic(0, 1, 1, lambda x: torch.erf(x) + 0.1 * x, fit_params_bool=False)
    return model


def whole_library(kan):
    """Every function of pykan's, each as one output."""
    from kan.utils import SYMBOLIC_LIB

    model = kan([1, len(SYMBOLIC_LIB)], grid=3).double()
    for j, name in enumerate(SYMBOLIC_LIB):
        model.fix_symbolic(0, 0, j, name, fit_params_bool=False, verbose=False)
    return model


def swapped(kan):
    """Hidden nodes swapped by pykan, which forgets to swap the functions themselves."""
    model = kan([2, 3, 1])
    model.fix_symbolic(0, 0, 0, "sin", fit_params_bool=False, verbose=False)
    model.fix_symbolic(0, 0, 2, "exp", fit_params_bool=False, verbose=False)
    model.swap(1, 0, 2)
    return model


def deeper(kan):
    """A layer of symbolic edges more, whose scales and biases are in lists of pykan's only."""
    model = kan([2, 2], mult_arity=[[], []])
    model.expand_depth()
    return model


def unseen_functions(kan):
    """Symbolic edges that are turned off as a whole."""
    model = symbolic(kan)
    model.symbolic_enabled = False
    return model


def data(n_var=2):
    """The hello world as pykan's dictionary, with inputs that say nothing after the second."""
    x = 2 * torch.rand(160, n_var) - 1
    y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
    parts = {"train": slice(0, 80), "test": slice(80, None)}
    return {
        f"{part}_{kind}": values[rows]
        for part, rows in parts.items()
        for kind, values in (("input", x), ("label", y))
    }


def fitted(kan, width=(2, 3, 1), **options):
    """After a short fit, which moves the grids."""
    model = kan(list(width), **options)
    model.fit(data(width[0]), opt="LBFGS", steps=2, lamb=0.01)
    return model


def pruned(kan):
    """Nodes and edges pruned after a fit."""
    return fitted(kan).prune(node_th=0.2, edge_th=0.2)


def pruned_products(kan):
    """Nodes pruned by hand, among them a product of two."""
    model = kan([2, [2, 2], 1], mult_arity=[[], [2, 3], []])
    model(torch.rand(20, 2))
    return model.prune_node(active_neurons_id=[[0, 3]])


def pruned_input(kan):
    """The second of three inputs pruned."""
    model = kan([3, 2, 1])
    model(torch.rand(20, 3))
    return model.prune_input(active_inputs=[0, 2])


def refined(kan):
    """A finer grid after a fit."""
    return fitted(kan).refine(7)


MODELS = {
    "plain": lambda kan: kan([2, 5, 1], grid=5),
    "quadratic": lambda kan: kan([2, 5, 1], k=2),
    "piecewise linear": lambda kan: kan([3, 2], grid=8, k=1),
    "of fifth order": lambda kan: kan([4, 2, 1, 1], k=5),
    "one edge": lambda kan: kan([1, 1], grid=10, grid_range=[0, 3]),
    "grid and k a layer": lambda kan: kan([2, 3, 1], grid=[3, 7], k=[2, 4]),
    "two outputs": lambda kan: kan([2, 3, 2], seed=4, noise_scale=2.0),
    "identity as base": lambda kan: kan([2, 2, 1], base_fun="identity"),
    "zero as base": lambda kan: kan([2, 2, 1], base_fun="zero"),
    "sine as base": lambda kan: kan([2, 2, 1], base_fun=torch.sin),
    "sparse": lambda kan: kan([4, 3, 1], sparse_init=True),
    "double": lambda kan: kan([2, 3, 1]).double(),
    "products": lambda kan: kan([3, [2, 2], 1]),
    "products of three": lambda kan: kan([2, [1, 1], [1, 1]], mult_arity=3),
    "affine": affine,
    "moved grids": moved,
    "constant input": constant_input,
    "removed": removed,
    "symbolic": symbolic,
    "symbolic off": unseen_functions,
    "own functions": own_functions,
    "whole library": whole_library,
    "swapped": swapped,
    "deeper": deeper,
    "fitted": fitted,
    "fitted product": lambda kan: fitted(kan, (2, [1, 1], 1), grid=4),
    "refined": refined,
    "pruned": pruned,
    "pruned products": pruned_products,
    "pruned input": pruned_input,
}
