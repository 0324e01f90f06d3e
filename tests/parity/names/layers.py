"""Checks of the views of a layer, as notebooks reach into it."""

import torch

from tests.networks import points
from tests.parity.names import calls
from tests.parity.names.functions import same
from tests.parity.names.networks import both

X = points(50, 3)


def splines(kan, ours):
    theirs, mine = both(kan, ours)
    return theirs.act_fun[0], mine.act_fun[0]


def symbols(kan, ours):
    theirs, mine = both(kan, ours)
    return theirs.symbolic_fun[0], mine.symbolic_fun[0]


@calls("KANLayer", "in_dim out_dim num k grid_eps device")
def sizes(kan, ours, name):
    theirs, mine = splines(kan, ours)
    assert str(getattr(mine, name)) == str(getattr(theirs, name))


@calls("KANLayer", "grid coef mask scale_base scale_sp")
def tensors(kan, ours, name):
    theirs, mine = splines(kan, ours)
    same(getattr(mine, name), getattr(theirs, name))
    changed = getattr(theirs, name).detach().clone()
    changed[0] = 0 if name == "mask" else changed[0] + 0.1
    getattr(mine, name).data = changed
    same(getattr(mine, name), changed)
    assert getattr(mine.network.act_fun[0], name).shape == changed.shape  # the model's own


@calls("KANLayer", "base_fun")
def base(kan, ours, name):
    theirs, mine = splines(kan, ours)
    same(mine.base_fun(X), theirs.base_fun(X))


@calls("KANLayer", "forward")
def passage(kan, ours, name):
    theirs, mine = splines(kan, ours)
    for a, b in zip(mine(X), theirs(X), strict=True):
        same(a, b)


@calls("KANLayer", "to")
def moved(kan, ours, name):
    layer = ours.KANLayer(2, 3, seed=0)
    assert layer.to("cpu") is layer


@calls("KANLayer", "get_subset")
def subset(kan, ours, name):
    theirs, mine = splines(kan, ours)
    part, other = mine.get_subset([0, 2], [1]), theirs.get_subset([0, 2], [1])
    for a, b in zip(part(X[:, :2]), other(X[:, :2]), strict=True):
        same(a, b)


@calls("KANLayer", "swap")
def swapped(kan, ours, name):
    theirs, mine = splines(kan, ours)
    for mode in ("in", "out"):
        theirs.swap(0, 1, mode=mode)
        mine.swap(0, 1, mode=mode)
        same(mine(X)[0], theirs(X)[0])


@calls("KANLayer", "update_grid_from_samples")
def grid_from_samples(kan, ours, name):
    _, mine = splines(kan, ours)
    before = mine(X)[0].detach()
    mine.update_grid_from_samples(X)
    low, high = mine.grid[:, 3], mine.grid[:, -4]
    same(low, X.amin(0))
    same(high, X.amax(0))
    assert (mine(X)[0] - before).abs().max() < 0.2 * before.std()


@calls("KANLayer", "initialize_grid_from_parent")
def grid_from_parent(kan, ours, name):
    parent, finer = ours.KANLayer(2, 2, num=3, seed=1), ours.KANLayer(2, 2, num=6, seed=2)
    finer.initialize_grid_from_parent(parent, X[:, :2])
    same(finer(X[:, :2])[3], parent(X[:, :2])[3], 1e-6)


# ---------------------------------------------------------------------- functions


@calls("Symbolic_KANLayer", "in_dim out_dim device funs_name")
def told(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    assert str(getattr(mine, name)) == str(getattr(theirs, name))


@calls("Symbolic_KANLayer", "mask affine")
def numbers(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    there = theirs.mask > 0
    same(getattr(mine, name)[there], getattr(theirs, name)[there])
    if name == "mask":
        same(mine.mask, theirs.mask)
        mine.mask.data = torch.zeros_like(theirs.mask)
        assert not mine.mask.any()
    else:
        j, i = there.nonzero()[0].tolist()
        mine.affine.data[j, i] = torch.tensor([2.0, 1.0, 0.5, 0.25])
        values = mine(X)[1][:, j, i]
        function = mine.funs[j][i]
        same(values, 0.5 * function(2 * X[:, i] + 1) + 0.25)


@calls("Symbolic_KANLayer", "funs funs_sympy")
def functions(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    import sympy

    argument = X[:, 0] if name == "funs" else sympy.Symbol("u")
    for row, other in zip(getattr(mine, name), getattr(theirs, name), strict=True):
        for a, b in zip(row, other, strict=True):
            if name == "funs":
                same(a(argument), b(argument) + 0 * argument)
            else:
                assert sympy.simplify(a(argument) - b(argument)) == 0


@calls("Symbolic_KANLayer", "funs_avoid_singularity")
def functions_that_stay_finite(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    for row, other in zip(mine.funs_avoid_singularity, theirs.funs_avoid_singularity, strict=True):
        for a, b in zip(row, other, strict=True):
            same(a(X[:, 0], 10.0)[1], b(X[:, 0], torch.tensor(10.0))[1])


@calls("Symbolic_KANLayer", "forward")
def symbolic_passage(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    same(mine(X)[0], theirs(X)[0])
    same(mine(X)[1], theirs(X)[1])


@calls("Symbolic_KANLayer", "to")
def symbolic_moved(kan, ours, name):
    layer = ours.Symbolic_KANLayer(2, 3)
    assert layer.to("cpu") is layer


@calls("Symbolic_KANLayer", "get_subset")
def symbolic_subset(kan, ours, name):
    theirs, mine = symbols(kan, ours)
    part, other = mine.get_subset([0, 2], [0, 1]), theirs.get_subset([0, 2], [0, 1])
    same(part(X[:, :2])[0], other(X[:, :2])[0])


@calls("Symbolic_KANLayer", "fix_symbolic")
def fixed(kan, ours, name):
    layer = ours.Symbolic_KANLayer(2, 2)
    x = torch.linspace(-1, 1, 60)
    r2 = layer.fix_symbolic(0, 1, "sin", x, 2 * torch.sin(3 * x) + 1, verbose=False)
    assert r2 > 0.999999
    assert layer.funs_name[1][0] == "sin"
    same(layer.affine[1, 0], torch.tensor([3.0, 0.0, 2.0, 1.0]), 1e-5)
