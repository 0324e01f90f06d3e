"""Checks of what changes a network: training, grids, edges, functions, versions."""

import warnings

import sympy
import torch

import kanwidget
from tests.parity.names import calls
from tests.parity.names.functions import same
from tests.parity.names.networks import X, both, data, seen

# ---------------------------------------------------------------------- training and grids


@calls("KAN", "fit")
def trained(kan, ours, name):
    mine = ours.KAN([3, 2, 1], grid=3, seed=1)
    found = mine.fit(data(), opt="LBFGS", steps=5, lamb=1e-3, lamb_entropy=2.0)
    assert found["train_loss"][-1] < 0.5 * found["train_loss"][0]
    assert {"train_loss", "test_loss", "reg"} <= set(found)


@calls("KAN", "update_grid update_grid_from_samples")
def grids(kan, ours, name):
    mine = seen(ours, width=(3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        getattr(mine, name)(3 * X)
    knots = mine.act_fun[0].grid
    same(knots[:, 3], 3 * X.amin(0))
    same(knots[:, -4], 3 * X.amax(0))


@calls("KAN", "refine")
def refined(kan, ours, name):
    _, mine = both(kan, ours)
    before = mine(X).detach()
    assert mine.refine(8).grid == 8
    same(mine(X), before, 1e-6)


@calls("KAN", "initialize_from_another_model initialize_grid_from_another_model")
def from_another(kan, ours, name):
    coarse = seen(ours)
    fine = ours.KAN([3, 2, 1], grid=6, seed=5)
    getattr(fine, name)(coarse, data()["train_input"])
    if name == "initialize_from_another_model":
        same(fine(X), coarse(X), 1e-2)
    assert fine.act_fun[0].grid.shape == (3, 13)
    same(fine.act_fun[0].grid[:, 3], coarse.act_fun[0].grid[:, 3], 1e-6)


# ---------------------------------------------------------------------- edges and nodes


@calls("KAN", "remove_edge remove_node")
def removed(kan, ours, name):
    theirs, mine = both(kan, ours, width=(3, 3, 1), symbolic=False)
    before = mine(X).detach()
    arguments = {"l": 0, "i": 1, "j": 1} if name == "remove_edge" else {"l": 1, "i": 1}
    getattr(theirs, name)(**arguments)
    getattr(mine, name)(**arguments)
    for a, b in zip(mine.act_fun, theirs.act_fun, strict=True):
        same(a.mask, b.mask)
    getattr(mine, name.replace("remove", "restore"))(**arguments)
    same(mine(X), before)


@calls("KAN", "prune prune_node prune_edge prune_input")
def pruned(kan, ours, name):
    mine = seen(ours, width=(3, 3, 1))
    mine.remove_node(1, 2)
    mine.remove_edge(0, 1, 0)
    mine.remove_edge(0, 1, 1)
    assert getattr(mine, name)() is mine  # pykan: another model, or None
    shape = {"prune": [3, 2, 1], "prune_node": [3, 2, 1], "prune_input": [2, 3, 1]}
    assert mine.width == shape.get(name, [3, 3, 1])
    assert mine(X).isfinite().all()


@calls("KAN", "set_mode")
def modes(kan, ours, name):
    theirs, mine = both(kan, ours)
    for mode in ("ns", "s", "n"):
        theirs.set_mode(0, 0, 0, mode)
        mine.set_mode(0, 0, 0, mode)
        same(mine.act_fun[0].mask, theirs.act_fun[0].mask)
        same(mine(X), theirs(X))


@calls("KAN", "module")
def modules(kan, ours, name):
    theirs, mine = both(kan, ours, width=(3, 3, 1), symbolic=False)
    theirs.module(0, "[0,1]->[0,1]->[0,1]->[0]")
    mine.module(0, "[0,1]->[0,1]->[0,1]->[0]")
    for a, b in zip(mine.act_fun, theirs.act_fun, strict=True):
        same(a.mask, b.mask)


@calls("KAN", "swap auto_swap_l auto_swap")
def order_of_nodes(kan, ours, name):
    mine = seen(ours, width=(3, 4, 2))
    before, cost = mine(X).detach(), float(mine.connection_cost)
    getattr(mine, name)(*{"swap": (1, 0, 3), "auto_swap_l": (1,), "auto_swap": ()}[name])
    same(mine(X), before)
    assert name == "swap" or float(mine.connection_cost) <= cost + 1e-9


@calls("KAN", "expand_depth expand_width perturb")
def grown(kan, ours, name):
    x, y = sympy.symbols("x y")
    mine = ours.kanpiler([x, y], sympy.exp(sympy.sin(x) + y**2))
    mine.get_act(X[:, :2])
    before = mine(X[:, :2]).detach()
    if name == "expand_depth":
        mine.expand_depth()
    else:
        mine.expand_width(1, 2)
    if name == "perturb":
        mine.perturb(0.5)
        assert mine.act_fun[0].mask[:, 1:].all()
        assert mine.acts[1][:, 1:].std() > 0.01
    same(mine(X[:, :2]), before)
    assert mine.width == ([2, 1, 1, 1] if name == "expand_depth" else [2, 3, 1])


# ---------------------------------------------------------------------- functions and formula


@calls("KAN", "fix_symbolic unfix_symbolic unfix_symbolic_all")
def fixed(kan, ours, name):
    mine = ours.KAN([1, 1], grid=5)
    x = torch.linspace(-1, 1, 200)[:, None]
    mine.fit(kanwidget.create_dataset_from_data(x, torch.sin(3 * x)), steps=5)
    assert mine.fix_symbolic(0, 0, 0, "sin", a_range=(-10, 10), verbose=False) > 0.999
    assert mine.symbolic_fun[0].funs_name[0][0] == "sin"
    if name != "fix_symbolic":
        getattr(mine, name)(*((0, 0, 0) if name == "unfix_symbolic" else ()))
        assert float(mine.symbolic_fun[0].mask) == 0
        assert float(mine.act_fun[0].mask) == 1


@calls("KAN", "suggest_symbolic")
def suggested(kan, ours, name):
    mine = ours.KAN([1, 1], grid=5)
    x = torch.linspace(-1, 1, 200)[:, None]
    mine.fit(kanwidget.create_dataset_from_data(x, torch.sin(3 * x)), steps=5)
    best, (function, formula, _), r2, complexity = mine.suggest_symbolic(0, 0, 0)
    assert (best, complexity) == ("sin", 2)
    assert r2 > 0.999
    assert function(torch.zeros(1)) == 0
    assert formula(sympy.Integer(0)) == 0
    assert len(mine.suggest_symbolic(0, 0, 0, topk=15).candidates) == 15


@calls("KAN", "auto_symbolic symbolic_formula")
def formulas(kan, ours, name):
    mine = ours.KAN([2, 1], grid=5)
    mine.fit(kanwidget.create_dataset(lambda x: torch.sin(3 * x[:, [0]]) + x[:, [1]] ** 2), steps=8)
    mine.auto_symbolic(lib=["x", "x^2", "sin"])
    (formula,), variables = mine.symbolic_formula(var=["a", "b"])
    assert [str(each) for each in variables] == ["a", "b"]
    compiled = sympy.lambdify(variables, formula, "numpy")
    same(torch.as_tensor(compiled(*X[:, :2].numpy().T)), mine(X[:, :2])[:, 0], 1e-6)
    assert {type(each) for each in formula.atoms(sympy.Function)} == {sympy.sin}


# ---------------------------------------------------------------------- copies and versions


@calls("KAN", "copy")
def copied(kan, ours, name):
    mine = seen(ours)
    other = mine.copy()
    other.remove_edge(0, 0, 0)
    assert mine.n_edge == other.n_edge + 1


@calls("KAN", "saveckpt loadckpt")
def checkpoints(kan, ours, name, folder=None):
    theirs, mine = both(kan, ours)
    mine.saveckpt("mine")
    theirs.saveckpt("theirs")
    for path in ("mine", "theirs"):
        same(ours.KAN.loadckpt(path)(X), theirs(X))


@calls("KAN", "auto_save state_id round history log_history rewind checkout")
def versions(kan, ours, name):
    mine = seen(ours, auto_save=True)
    mine.remove_edge(0, 0, 0)
    mine.remove_edge(0, 1, 0)
    last = f"{mine.round}.{mine.state_id}"
    assert mine.auto_save is True
    before = f"0.{mine.state_id - 1}"
    if name == "log_history":
        mine.log_history("by hand")
        assert f"{mine.round}.{mine.state_id}" != last
    elif name == "checkout":
        assert mine.checkout(before).n_edge == mine.n_edge + 1
    elif name == "rewind":
        edges = mine.n_edge
        assert mine.rewind(before).n_edge == edges + 1
        assert mine.round == 1
    else:
        mine.history()
        assert (mine.round, mine.state_id) == (0, int(last.split(".")[1]))
