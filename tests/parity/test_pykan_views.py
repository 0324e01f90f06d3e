"""What pykan's users read off a model is what pykan shows of the same model, in its shapes and order."""

import contextlib
import io

import pytest
import torch

import kanwidget
from tests.networks import points
from tests.parity.test_pykan import PRODUCTS, both, close, pykan  # noqa: F401


def plain(pykan):  # noqa: F811
    return both(pykan, [4, 3, 2, 3], grid=4)


def products(pykan):  # noqa: F811
    width, mult_arity = PRODUCTS[1]
    return both(pykan, width, mult_arity=mult_arity)


def equal_products(pykan):  # noqa: F811
    return both(pykan, [3, [2, 2], 2], grid=3, k=2)


def pruned(pykan):  # noqa: F811
    theirs, _ = both(pykan, [3, 5, 2], symbolic=False)
    theirs.get_act(points(100, 3))
    theirs = theirs.prune_node(active_neurons_id=[[0, 2, 3]], log_history=False)
    theirs.remove_edge(0, 1, 2, log_history=False)
    return theirs, kanwidget.KAN.from_pykan(theirs)


@pytest.fixture(params=[plain, products, equal_products, pruned])
def pair(pykan, request, monkeypatch, tmp_path):  # noqa: F811
    """A network of pykan's that has seen data, and ours with its numbers."""
    (tmp_path / "model").mkdir()  # pykan writes there unasked
    theirs, ours = request.param(pykan)
    x = points(100, ours.width[0])
    theirs.get_act(x)
    ours.get_act(x)
    return theirs, ours


def alike(ours, theirs):
    """The same numbers in the same shapes; lists entry by entry."""
    if isinstance(theirs, torch.Tensor):
        close(ours, theirs)
    elif isinstance(theirs, list | tuple) and theirs and isinstance(theirs[0], torch.Tensor):
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            alike(mine, other)
    else:
        assert ours == theirs


# ---------------------------------------------------------------------- layers


def test_splines_of_a_layer_are_pykans(pair):
    theirs, ours = pair
    assert len(ours.act_fun) == len(theirs.act_fun)
    for mine, other in zip(ours.act_fun, theirs.act_fun, strict=True):
        assert isinstance(mine, kanwidget.KANLayer)
        for name in ("mask", "grid", "coef", "scale_base", "scale_sp"):
            alike(getattr(mine, name), getattr(other, name).data)
        for name in ("in_dim", "out_dim", "num", "k", "grid_eps"):
            assert getattr(mine, name) == getattr(other, name)
        assert str(mine.device) == "cpu"
        x = points(20, mine.in_dim)
        close(mine.base_fun(x), other.base_fun(x))
        for found, expected in zip(mine(x), other(x), strict=True):
            close(found, expected)


def test_functions_of_a_layer_are_pykans(pair):
    theirs, ours = pair
    for mine, other in zip(ours.symbolic_fun, theirs.symbolic_fun, strict=True):
        assert isinstance(mine, kanwidget.Symbolic_KANLayer)
        alike(mine.mask, other.mask.data)
        on = other.mask > 0
        close(mine.affine[on], other.affine[on])
        x = points(20, mine.in_dim, 0.1, 0.9)
        for found, expected in zip(mine(x), other(x), strict=True):
            close(found, expected)
        for j, i in on.nonzero().tolist():
            assert mine.funs_name[j][i] == other.funs_name[j][i]
            close(mine.funs[j][i](x), other.funs[j][i](x))
            assert float(mine.funs_sympy[j][i](2)) == pytest.approx(
                float(other.funs_sympy[j][i](2))
            )
        assert (mine.in_dim, mine.out_dim) == (other.in_dim, other.out_dim)
        nothing = (~on).nonzero().tolist()
        assert all(mine.funs_name[j][i] == "0" for j, i in nothing)
        assert all(mine.funs_sympy[j][i](5) == 0 for j, i in nothing)


def test_functions_that_stay_finite_are_pykans(pykan):  # noqa: F811
    theirs, ours = both(pykan, [1, 2], symbolic=False)
    x = points(50, 1)
    for each in (theirs, ours):
        each.fix_symbolic(0, 0, 0, "1/x", fit_params_bool=False, verbose=False)
        each.fix_symbolic(0, 0, 1, "log", fit_params_bool=False, verbose=False)
    found = ours.symbolic_fun[0](x, singularity_avoiding=True, y_th=5.0)
    for mine, other in zip(found, theirs.symbolic_fun[0](x, True, 5.0), strict=True):
        close(mine, other)
    assert found[0].abs().max() <= 5


@pytest.mark.parametrize(("inputs", "outputs"), [([0, 2], [1]), ([1], [0, 1])])
def test_parts_of_layers_are_pykans_and_apart_from_the_model(pykan, inputs, outputs):  # noqa: F811
    theirs, ours = both(pykan, [4, 3, 2])
    x = points(20, len(inputs))
    for kind in ("act_fun", "symbolic_fun"):
        mine = getattr(ours, kind)[0].get_subset(inputs, outputs)
        other = getattr(theirs, kind)[0].get_subset(inputs, outputs)
        close(mine(x)[0], other(x)[0])
        before = ours(points(5, 4))
        mine.mask.data.zero_()
        assert not mine.mask.any()
        assert torch.equal(ours(points(5, 4)), before)


@pytest.mark.parametrize("mode", ["in", "out"])
def test_swapped_splines_are_pykans(pykan, mode):  # noqa: F811
    theirs, ours = both(pykan, [3, 4, 2], symbolic=False)
    for each in (theirs, ours):
        each.act_fun[0].swap(0, 2, mode)
    x = points(50, 3)
    close(ours.act_fun[0](x)[0], theirs.act_fun[0](x)[0])


def test_moved_and_inherited_grids_of_a_layer_are_pykans(pykan):  # noqa: F811
    theirs, ours = both(pykan, [3, 4, 2], grid=4)
    x = points(300, 3, -0.9, 0.7)
    for each in (theirs, ours):
        each.act_fun[0].update_grid_from_samples(x)
    close(ours.act_fun[0].grid, theirs.act_fun[0].grid)
    finer, ours_finer = both(pykan, [3, 4, 2], grid=8)
    finer.act_fun[0].initialize_grid_from_parent(theirs.act_fun[0], x)
    ours_finer.act_fun[0].initialize_grid_from_parent(ours.act_fun[0], x)
    close(ours_finer.act_fun[0].grid[:, 3:-3], finer.act_fun[0].grid[:, 3:-3])
    close(ours_finer.act_fun[0](x)[3], ours.act_fun[0](x)[3])


# ---------------------------------------------------------------------- attributes

SAME = [
    *("acts", "acts_premult", "spline_preacts", "spline_postacts", "spline_postsplines"),
    *("acts_scale", "acts_scale_spline", "edge_actscale", "subnode_actscale", "cache_data"),
    *("node_bias", "node_scale", "subnode_bias", "subnode_scale"),
    *("width_in", "width_out", "n_sum", "n_mult", "depth", "grid", "k", "grid_range", "grid_eps"),
    *("affine_trainable", "sp_trainable", "sb_trainable", "symbolic_enabled", "save_act"),
    *("mult_homo", "base_fun_name", "round", "state_id"),
]


@pytest.mark.parametrize("name", SAME)
def test_attributes_are_pykans(pair, name):
    theirs, ours = pair
    alike(getattr(ours, name), getattr(theirs, name))


def test_attributes_that_pykan_writes_otherwise_mean_the_same(pair):
    theirs, ours = pair
    assert ours.input_id == theirs.input_id.tolist()
    assert ours.width == theirs.width_in
    assert ours.mult_homo == isinstance(ours.mult_arity, int)
    if not theirs.mult_homo:
        assert ours.mult_arity == theirs.mult_arity
    if not any((symbolic.mask > 0).any() for symbolic in theirs.symbolic_fun):
        assert ours.n_edge == theirs.n_edge
    x = points(10, 2)
    close(ours.base_fun(x), theirs.base_fun(x))
    assert torch.device(theirs.device) == ours.device


def test_scores_are_pykans_for_every_output(pair):
    theirs, ours = pair
    if not theirs.mult_homo and ours.width == [3, 4, 1]:
        theirs.attribute(plot=False)
    else:
        theirs.node_attribute()
        alike(ours.node_attribute_scores, theirs.node_attribute_scores)
        theirs.attribute(plot=False)
    for kind in ("node_scores", "edge_scores", "subnode_scores"):
        every = getattr(ours, f"{kind}_all")
        alike(every, getattr(theirs, f"{kind}_all"))
        # ours takes the largest over the outputs, pykan the mean
        alike([each.mean(0) for each in every], getattr(theirs, kind))
        alike(getattr(ours, kind), [each.amax(0) for each in every])
    close(ours.feature_score, theirs.feature_score)


def test_scores_are_lists_that_can_be_called():
    model = kanwidget.KAN([2, 3, 1])
    model.get_act(points(50, 2))
    assert len(model.edge_scores) == 2
    assert [each.shape for each in model.edge_scores] == [(3, 2), (1, 3)]
    assert torch.equal(model.edge_scores[1], model.edge_scores()[1])
    assert torch.equal(model.edge_scores("forward_u")[0], model.edge_actscale[0])
    assert repr(model.node_scores) == repr(model.node_scores())
    assert [len(each) for each in model.node_scores[1:]] == [3, 1]


def test_what_is_asked_of_one_edge_is_pykans(pair):
    theirs, ours = pair
    for l, i, j in [(0, 0, 0), (0, 2, 1), (1, 0, 1)]:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            expected = theirs.get_range(l, i, j)
            found = ours.get_range(l, i, j)
        assert found == pytest.approx([float(each) for each in expected], abs=1e-6)
        assert len(printed.getvalue().splitlines()) == 3
        x, y = ours.get_fun(l, i, j, plot=False)
        values = theirs.spline_preacts[l][:, j, i]
        close(torch.tensor(x), values.sort().values)
        close(torch.tensor(y), theirs.spline_postacts[l][:, j, i][values.argsort()])


@pytest.mark.parametrize("metric", ["edge_forward_spline_n", "edge_backward", "edge_forward_sum"])
def test_the_penalty_by_itself_is_pykans(pair, metric):
    theirs, ours = pair
    theirs.attribute(plot=False)
    weights = (1.0, 2.0, 0.3, 0.7)
    close(ours.get_reg(metric, *weights), theirs.get_reg(metric, *weights))
    ours.reg(metric, *weights).backward()
    assert ours.act_fun[0].coef.grad.abs().sum() > 0


def test_an_evaluation_is_pykans(pykan):  # noqa: F811
    theirs, ours = both(pykan, [3, 4, 2], symbolic=False)
    data = {"test_input": points(50, 3), "test_label": points(50, 2, seed=3)}
    data |= {"train_input": points(50, 3, seed=5), "train_label": points(50, 2, seed=6)}
    found, expected = ours.evaluate(data), theirs.evaluate(data)
    assert found == pytest.approx(expected)


def test_values_follow_the_live_model(pair):
    _, ours = pair
    act, before = ours.act_fun[0], ours.acts[1]
    ours.fix_symbolic(0, 0, 0, "x", fit_params_bool=False)
    assert act.mask[0, 0] == 0
    assert ours.symbolic_fun[0].funs_name[0][0] == "x"
    assert not torch.equal(ours.acts[1], before)


def test_a_model_that_was_only_called_shows_what_went_through():
    model, x = kanwidget.KAN([2, 3, 1]), points(30, 2)
    assert model.cache_data is None
    with pytest.raises(ValueError, match="has seen no data yet"):
        _ = model.acts
    model(x)
    assert torch.equal(model.cache_data, x)
    assert torch.equal(model.acts[0], x)
    other = points(40, 2, seed=2)
    model.get_act(other)
    model(x)  # from now on a call is no news
    assert torch.equal(model.cache_data, other)
    model.cache_data = x
    assert torch.equal(model.acts[0], x)
    model.get_act()
    assert torch.equal(model.acts[0], x)
    assert model.copy().cache_data is not None
