"""Checks of what is read off a network: its shape, activations, scores and pictures."""

import pytest
import sympy
import torch

from tests.parity.names import calls
from tests.parity.names.functions import same
from tests.parity.names.networks import X, alike, both, data, seen

# ---------------------------------------------------------------------- what it is made of


@calls(
    "KAN", "width_in width_out n_sum n_mult depth grid k mult_arity mult_homo grid_eps grid_range"
)
def shape(kan, ours, name):
    theirs, mine = both(kan, ours)
    alike(getattr(mine, name), getattr(theirs, name))


@calls("KAN", "width")
def widths(kan, ours, name):
    assert ours.KAN([2, 5, 1]).width == [2, 5, 1]
    given = [2, 3, 1]
    ours.KAN(given)
    assert given == [2, 3, 1]  # pykan writes into the caller's list


@calls(
    "KAN",
    "base_fun_name affine_trainable sp_trainable sb_trainable symbolic_enabled save_act device",
)
def settings(kan, ours, name):
    theirs, mine = both(kan, ours)
    assert str(getattr(mine, name)) == str(getattr(theirs, name))


@calls("KAN", "base_fun")
def base(kan, ours, name):
    theirs, mine = both(kan, ours)
    same(mine.base_fun(X), theirs.base_fun(X))


@calls("KAN", "node_bias node_scale subnode_bias subnode_scale")
def affines(kan, ours, name):
    theirs, mine = both(kan, ours)
    for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
        same(a, b)
    getattr(mine, name)[0].data[0] = 0.7
    getattr(theirs, name)[0].data[0] = 0.7
    same(mine(X), theirs(X))


@calls(
    "KAN",
    "node_bias_0 node_scale_0 subnode_bias_0 subnode_scale_0 "
    "node_bias_1 node_scale_1 subnode_bias_1 subnode_scale_1",
)
def numbered_affines(kan, ours, name):
    theirs, mine = both(kan, ours)
    same(getattr(mine, name), getattr(theirs, name))
    getattr(mine, name).data[1] = 0.3
    getattr(theirs, name).data[1] = 0.3
    same(mine(X), theirs(X))
    assert not hasattr(mine, name[:-1] + "2")


@calls("KAN", "act_fun symbolic_fun")
def views(kan, ours, name):
    theirs, mine = both(kan, ours)
    for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
        same(a.mask, b.mask)
    if name == "act_fun":
        mine.act_fun[0].mask.data[1, 0] = 0.0
        theirs.act_fun[0].mask.data[1, 0] = 0.0
    else:
        assert mine.symbolic_fun[0].funs_name == theirs.symbolic_fun[0].funs_name
        mine.symbolic_fun[0].affine.data[0, 0, 2] = 0.4
        theirs.symbolic_fun[0].affine.data[0, 0, 2] = 0.4
    same(mine(X).std(0), theirs(X).std(0), 0.5 if name == "act_fun" else 1e-9)


@calls("KAN", "input_id")
def inputs(kan, ours, name):
    _, mine = both(kan, ours)
    assert list(mine.input_id) == [0, 1, 2]
    mine.prune_input(active_inputs=[0, 2])
    assert list(mine.input_id) == [0, 2]


@calls("KAN", "get_params")
def parameters(kan, ours, name):
    mine = seen(ours)
    assert [p.shape for p in mine.get_params()] == [p.shape for p in mine.parameters()]


@calls("KAN", "n_edge")
def edges(kan, ours, name):
    theirs, mine = both(kan, ours, symbolic=False)
    assert mine.n_edge == theirs.n_edge
    mine.remove_edge(0, 0, 0)
    assert mine.n_edge == theirs.n_edge - 1


# ---------------------------------------------------------------------- what it does


@calls(
    "KAN",
    "acts acts_premult spline_preacts spline_postacts spline_postsplines acts_scale acts_scale_spline "
    "subnode_actscale edge_actscale cache_data",
)
def activations(kan, ours, name):
    theirs, mine = both(kan, ours)
    alike(getattr(mine, name), getattr(theirs, name))


@calls("KAN", "node_scores edge_scores subnode_scores")
def scores(kan, ours, name):
    theirs, mine = both(kan, ours, width=(3, [2, 1], 1))  # of one output their mean is its own
    alike(list(getattr(mine, name)), getattr(theirs, name))


@calls("KAN", "node_scores_all edge_scores_all subnode_scores_all feature_score connection_cost")
def scores_of_all_outputs(kan, ours, name):
    theirs, mine = both(kan, ours)
    alike(getattr(mine, name), getattr(theirs, name))


@calls("KAN", "attribute")
def attributed(kan, ours, name):
    theirs, mine = both(kan, ours)
    alike(mine.attribute(1), theirs.attribute(1, plot=False))
    alike(mine.attribute(2, 0), theirs.attribute(2, 0, plot=False))
    drawn = len(ours.plt.get_fignums())
    mine.attribute(1, 0, plot=True)
    assert len(ours.plt.get_fignums()) == drawn + 1
    ours.plt.close("all")


@calls("KAN", "node_attribute node_attribute_scores")
def node_attribution(kan, ours, name):
    theirs, mine = both(kan, ours)
    theirs.node_attribute()
    found = mine.node_attribute() if name == "node_attribute" else mine.node_attribute_scores
    alike(found, theirs.node_attribute_scores)


@calls("KAN", "feature_interaction")
def interactions(kan, ours, name):
    theirs, mine = both(kan, ours)
    found = {tuple(map(int, key)): n for key, n in theirs.feature_interaction(1).items()}
    assert mine.feature_interaction(1) == found


@calls("KAN", "forward")
def outputs(kan, ours, name):
    theirs, mine = both(kan, ours)
    same(mine(X), theirs(X))
    same(mine(X.reshape(4, 30, 3)), theirs(X).reshape(4, 30, 2))


@calls("KAN", "to")
def moved(kan, ours, name):
    mine = seen(ours)
    assert mine.to(torch.float32) is mine
    assert mine(X).dtype == torch.float32


@calls("KAN", "get_act")
def looked(kan, ours, name):
    _, mine = both(kan, ours)
    mine.get_act(X[:9])
    assert len(mine.acts[0]) == 9
    mine.get_act({"train_input": X[:7]})
    assert len(mine.acts[0]) == 7


@calls("KAN", "get_fun get_range")
def one_edge(kan, ours, name):
    theirs, mine = both(kan, ours)
    options = {"verbose": False} if name == "get_range" else {}
    for edge in ((0, 0, 0), (0, 1, 0), (1, 1, 1)):
        expected = getattr(theirs, name)(*edge, **options)
        for a, b in zip(getattr(mine, name)(*edge, **options), expected, strict=True):
            assert a == pytest.approx(b, abs=1e-9)
    ours.plt.close("all")


@calls("KAN", "reg get_reg")
def penalties(kan, ours, name):
    theirs, mine = both(kan, ours)
    for metric in (
        *("edge_forward_spline_n", "edge_forward_sum", "edge_forward_spline_u"),
        *("edge_backward", "node_backward"),
    ):
        # each of pykan's writes over what the other needs
        theirs.node_attribute() if metric == "node_backward" else theirs.attribute(plot=False)
        expected = getattr(theirs, name)(metric, 1.0, 2.0, 0.3, 0.2)
        same(getattr(mine, name)(metric, 1.0, 2.0, 0.3, 0.2), expected, 1e-6)


@calls("KAN", "evaluate")
def evaluated(kan, ours, name):
    theirs, mine = both(kan, ours, width=(3, 2, 1), symbolic=False)
    same_data = dict(data())
    alike(mine.evaluate(same_data)["test_loss"], theirs.evaluate(same_data)["test_loss"])
    assert set(mine.evaluate(data())) == set(theirs.evaluate(same_data))


@calls("KAN", "plot")
def drawn(kan, ours, name):
    figure = seen(ours).plot(beta=5, in_vars=["a", "b", "c"], title="three")
    assert len(figure.axes) >= 1
    ours.plt.close(figure)


@calls("KAN", "tree")
def as_a_tree(kan, ours, name):
    model = ours.kanpiler(sympy.symbols("u v w"), sympy.sympify("u * exp(v + w)"))
    model.get_act(X)
    for figure in (model.tree(in_var=["u", "v", "w"]), model.tree(X, style="box")):
        written = {text.get_text() for text in figure.axes[0].texts}
        assert written & {"×", "Mul"}
        ours.plt.close(figure)


@calls("KAN", "speed")
def faster(kan, ours, name):
    mine = seen(ours)
    before = mine(X)
    same(mine.speed()(X), before)
