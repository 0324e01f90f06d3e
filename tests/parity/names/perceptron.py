"""Checks of pykan's multilayer perceptron."""

import torch
from matplotlib.collections import LineCollection

from tests.networks import points
from tests.parity.names import calls
from tests.parity.names.functions import same

X = points(60, 2)


def pair(kan, ours):
    """pykan's and ours with the same weights, both having seen data and been attributed."""
    found = kan.MLP.MLP([2, 4, 3, 1], seed=3), ours.MLP([2, 4, 3, 1], seed=3)
    for each in found:
        each(X)
        each.attribute()
    return found


@calls(
    "MLP",
    "w linears forward acts acts_scale wa_forward attribute node_scores edge_scores wa_backward",
)
def values(kan, ours, name):
    theirs, mine = pair(kan, ours)
    if name == "forward":
        same(mine(X), theirs(X))
    elif name == "attribute":
        assert mine.attribute() is None
    elif name == "linears":
        for a, b in zip(mine.linears, theirs.linears, strict=True):
            same(a.bias, b.bias)
    else:
        for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
            same(a, b)


@calls("MLP", "width depth save_act device")
def settings(kan, ours, name):
    theirs, mine = pair(kan, ours)
    assert str(getattr(mine, name)) == str(getattr(theirs, name))


@calls("kan.MLP", "MLP")
def perceptrons(kan, ours, name):
    for width in ([2, 1], [2, 5, 5, 3]):
        same(ours.MLP(width, seed=5)(X), kan.MLP.MLP(width, seed=5)(X))


@calls("MLP", "act_fun")
def activation(kan, ours, name):
    theirs, mine = pair(kan, ours)
    same(mine.act_fun(X), theirs.act_fun(X))
    same(ours.MLP([2, 1], act="tanh").act_fun(X), X.tanh())  # pykan's is silu whatever is said


@calls("MLP", "cache_data get_act")
def what_was_seen(kan, ours, name):
    _, mine = pair(kan, ours)
    assert mine.cache_data is X
    mine.save_act = False
    mine.get_act({"train_input": X[:7]})
    assert len(mine.acts[0]) == len(mine.cache_data) == 7
    assert mine.save_act is False


@calls("MLP", "to")
def moved(kan, ours, name):
    _, mine = pair(kan, ours)
    assert mine.to(torch.device("cpu")) is mine
    assert mine.to(torch.float32).w[0].dtype == torch.float32


@calls("MLP", "reg get_reg")
def penalties(kan, ours, name):
    theirs, mine = pair(kan, ours)
    for metric in ("w", "act", "fa", "a"):
        same(getattr(mine, name)(metric, 1.0, 2.0), getattr(theirs, name)(metric, 1.0, 2.0))


@calls("MLP", "fit")
def training(kan, ours, name):
    data = ours.create_dataset(lambda x: x[:, [0]] ** 2 - x[:, [1]], train_num=80, test_num=40)
    lbfgs = {"steps": 4, "lamb": 1e-4, "reg_metric": "fa"}
    for options in (lbfgs, {"steps": 20, "opt": "Adam", "lr": 0.05, "batch": 32}):
        found = ours.MLP([2, 4, 1]).fit(data, **options)
        assert set(found) == {"train_loss", "test_loss", "reg"}
        assert found["train_loss"][-1] < 0.7 * found["train_loss"][0]


@calls("MLP", "connection_cost swap auto_swap_l auto_swap")
def order_of_nodes(kan, ours, name):
    theirs, mine = pair(kan, ours)
    before = mine(X)
    if name == "swap":
        theirs.swap(1, 0, 3)
        mine.swap(1, 0, 3)
        same(mine.w[1], theirs.w[1])
    elif name == "auto_swap_l":
        theirs.auto_swap_l(2)
        mine.auto_swap_l(2)
    elif name == "auto_swap":
        theirs.auto_swap()
        mine.auto_swap()
    same(mine.connection_cost, theirs.connection_cost)
    same(mine(X), before)


@calls("MLP", "plot tree")
def pictures(kan, ours, name):
    _, mine = pair(kan, ours)
    if name == "tree":
        figure = mine.tree(in_var=["p", "q"], skip_sep_test=True)  # NameError in pykan
        assert {text.get_text() for text in figure.axes[0].texts} >= {"p", "q"}
    else:
        for metric in ("w", "act", "fa"):
            figure = mine.plot(metric=metric)
            lines = figure.axes[0].findobj(LineCollection)
            assert sum(len(each.get_segments()) for each in lines) == 8 + 12 + 3
            ours.plt.close(figure)
    ours.plt.close("all")
