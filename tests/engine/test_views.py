"""What is written through a view of a model is written to the model, or refused; older forms work."""

import copy
import os
import pickle
import warnings

import matplotlib.pyplot as plt
import pytest
import torch

import kanwidget
from kanwidget.symbolic import library
from tests.networks import hello_data, mixed_model, points, same, state

DATA = hello_data(60)


@pytest.fixture
def model():
    made = kanwidget.KAN([2, 3, 2, 1], seed=3, noise_scale=1.0)
    made.get_act(DATA)
    made.fix_symbolic(0, 0, 0, "sin")
    return made


# ---------------------------------------------------------------------- writing acts

X = points(30, 2)


def test_an_edge_whose_mask_is_cleared_is_removed_and_comes_back(model):
    before, whole = state(model), model(X)
    model.act_fun[0].mask.data[1][2] = 0
    assert not model.layers[0].alive[2, 1]
    assert model.layers[0].left[2, 1] != 0  # its mean stays, as remove_edge leaves it
    removed = model.copy()
    removed.restore_edge(0, 1, 2)
    assert same(removed, before)
    with torch.no_grad():
        model.act_fun[0].mask[1, 2] = 1.0
    assert same(model, before)
    assert torch.equal(model(X), whole)


def test_masks_of_splines_and_functions_say_together_what_an_edge_is(model):
    model.act_fun[0].mask.data[0, 0] = 1
    assert model.layers[0].kinds()[0, 0] == 3
    model.symbolic_fun[0].mask.data[0, 0] = 0
    assert model.layers[0].kinds()[0, 0] == 1
    model.fix_symbolic(0, 0, 0, "sin")
    model.symbolic_fun[0].mask.data[0][0] = 0
    assert model.layers[0].kinds()[0, 0] == 0
    model.symbolic_fun[0].mask.data[0][0] = 1
    assert model.layers[0].kinds()[0, 0] == 2


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda a: a.coef.data.mul_(2), lambda c: 2 * c),
        (lambda a: torch.nn.init.zeros_(a.coef), lambda c: 0 * c),
        (lambda a: torch.add(a.coef.data, 1.0, out=a.coef.data), lambda c: c + 1),
        (lambda a: setattr(a.coef, "data", a.coef.data * 3), lambda c: 3 * c),
        (lambda a: setattr(a, "coef", torch.nn.Parameter(a.coef.detach() - 1)), lambda c: c - 1),
        (lambda a: a.coef.data.permute(1, 0, 2)[0].fill_(5), lambda c: c.index_fill(0, ZERO, 5)),
        (lambda a: a.coef.data[:, 0].copy_(torch.full((2, 6), 5.0)), lambda c: c.index_fill(0, ZERO, 5)),
    ],
)  # fmt: skip
def test_coefficients_are_written_in_every_way(model, write, expected):
    wanted = expected(model.layers[0].coef.detach().clone())
    write(model.act_fun[0])
    torch.testing.assert_close(model.layers[0].coef.detach(), wanted)
    assert isinstance(model.layers[0].coef, torch.nn.Parameter)


ZERO = torch.tensor([0])


def test_operators_in_place_write_once(model):
    told, coef = [], model.layers[1].coef.detach().clone()
    model.listeners.append(lambda event, details: told.append(event))
    model.act_fun[1].coef.data *= 2
    model.act_fun[1].mask.data *= 0
    model.act_fun[1].mask.data *= 0
    torch.testing.assert_close(model.layers[1].coef.detach(), 2 * coef)
    assert not model.layers[1].alive.any()
    assert "remove_edges" in told
    assert told.count("restore_edges") == 0


@pytest.mark.parametrize("name", ["scale_base", "scale_sp", "coef", "grid"])
def test_numbers_of_splines_are_in_the_model_at_once(model, name):
    part, before = getattr(model.act_fun[1], name), model(X)
    part.data[0] += 0.25
    assert torch.equal(getattr(model.act_fun[1], name)[0], part[0])
    assert not torch.equal(model(X), before)


def test_constants_of_functions_are_written(model):
    model.symbolic_fun[0].affine.data[0][0] = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert model.layers[0].affine[0, 0].tolist() == [1, 2, 3, 4]
    x = points(10, 2)
    torch.testing.assert_close(
        model.layers[0].edge_output(0, 0, x[:, 0]), 3 * torch.sin(x[:, 0] + 2) + 4
    )


@pytest.mark.parametrize("name", ["node_bias", "node_scale", "subnode_bias", "subnode_scale"])
def test_biases_and_scales_of_nodes_are_written(model, name):
    before = model(X)
    getattr(model, name)[1].data[1] = 0.5
    assert getattr(model.layers[1].nodes, name).tolist()[1] == 0.5
    assert not torch.allclose(model(X), before)


def test_a_layer_takes_a_function_with_constants_fitted_to_what_it_is_to_do(model):
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)
    r2 = model.symbolic_fun[0].fix_symbolic(1, 1, "exp", x, 2 * torch.exp(x) - 1)
    assert r2 > 1 - 1e-9
    torch.testing.assert_close(model.layers[0].edge_output(1, 1, x), 2 * torch.exp(x) - 1)
    assert model.symbolic_fun[1].fix_symbolic(0, 0, "x^2") is None
    assert model.symbolic_fun[1].affine[0, 0].tolist() == [1, 0, 1, 0]


def test_gradients_reach_the_model_through_a_view(model):
    model.act_fun[0].coef.square().sum().backward()
    torch.testing.assert_close(model.act_fun[0].coef.grad, 2 * model.act_fun[0].coef.detach())
    torch.testing.assert_close(model.act_fun[0].coef[1].grad, model.act_fun[0].coef.grad[1])
    assert model.act_fun[0].mask.grad is None


def test_every_write_can_be_undone_and_done_again():
    session = kanwidget.Session(kanwidget.KAN([2, 2, 1], seed=1), DATA)
    model = session.model
    writes = [
        lambda: model.act_fun[0].mask.data.__setitem__((0, 1), 0),
        lambda: model.act_fun[0].coef.data.mul_(2),
        lambda: model.symbolic_fun[0].fix_symbolic(0, 0, "sin"),
        lambda: model.symbolic_fun[0].affine.data[0, 0].mul_(0.5),
        lambda: model.act_fun[0].mask.data.__setitem__((0, 0), 1),
        lambda: model.set_mode(0, 1, 1, "0"),
        lambda: model.node_bias[0].data.add_(1),
    ]
    states = [state(model)]
    for write in writes:
        write()
        states.append(state(model))
    again = model.copy()
    for before in reversed(states[:-1]):
        session.undo()
        assert same(model, before)
    again.restore(model.snapshot())
    for node in session.history.nodes[1:]:
        assert node.action.calls, node.action.label
        for call in node.action.calls:
            call.do(again, session.dataset)
    assert same(again, states[-1])
    session.close()


# ---------------------------------------------------------------------- or is refused

REFUSED = [
    (lambda m: m.act_fun[0].mask.data.fill_(0.5), "entries other than 0 and 1"),
    (lambda m: m.symbolic_fun[0].mask.data.fill_(2), "entries other than 0 and 1"),
    (lambda m: m.symbolic_fun[0].mask.data.fill_(1), r"fix_symbolic\(0, \d, \d, name\)"),
    (lambda m: m.symbolic_fun[0].affine.data.fill_(1), r"fix_symbolic\(0, \d, \d, name\)"),
    (lambda m: m.act_fun[0].coef.data.fill_(torch.nan), "NaN or infinite"),
    (lambda m: m.act_fun[0].grid.data.fill_(0), "knots that do not ascend"),
    (lambda m: m.act_fun[0].coef.requires_grad_(False), r"lock_edge\(l, i, j\)"),
    (lambda m: setattr(m.act_fun[0].coef, "data", torch.zeros(3)), r"shape \(3,\)"),
    (lambda m: setattr(m.act_fun[0].coef, "requires_grad", False), "only .data of"),
    (lambda m: setattr(m.act_fun[0], "k", 2), "only shows a layer"),
    (lambda m: setattr(m.act_fun[0], "new", 2), "only shows a layer"),
    (lambda m: setattr(m, "act_fun", torch.nn.ModuleList()), "read off the layers"),
    (lambda m: setattr(m, "grid", 7), "read off the layers"),
    (lambda m: m.act_fun.append(None), "shows what the model is made of"),
    (lambda m: m.node_bias.__setitem__(0, None), r"node_bias\[l\].data"),
    (lambda m: m.symbolic_fun[0].funs_name[0].__setitem__(0, "x"), "fix_symbolic"),
    (lambda m: m.symbolic_fun[0].funs[0].clear(), "fix_symbolic"),
    (lambda m: m.act_fun[0].coef.numpy(force=True).fill(0), "read-only"),
    (lambda m: m.symbolic_fun[0].swap(0, 1), r"model.swap\(l, i1, i2\)"),
    (lambda m: m.act_fun[0].get_subset([0, 5], [0]), "in_id is"),
    (lambda m: m.act_fun[0].swap(0, 1, "up"), "'in' or 'out'"),
    (lambda m: setattr(m, "symbolic_enabled", False), r"unfix_symbolic_all\(\)"),
    (lambda m: setattr(m, "grid_eps", 2), "grid_eps is 2"),
    (lambda m: m.set_mode(0, 1, 1, "s"), "has no function"),
    (lambda m: m.set_mode(0, 1, 1, "x"), "mode is 'x'"),
    (lambda m: m.set_mode(0, 0, 0, "ns", 0.5), "mask_n is 0.5"),
    (lambda m: m.set_values(0, "mask", 1), "part is 'mask'"),
    (lambda m: m.set_values(5, "coef", 1), "layers are 0 to 2"),
    (lambda m: m.set_function(0, 1, 1, "sin", [1, 2]), "a, b, c and d"),
    (lambda m: m.module(0, "[0]->[0]->[1]"), "pairs"),
    (lambda m: m.module(0, "[0]->[7]"), "names 7"),
    (lambda m: m.module(2, "[0]->[0]->[0]->[0]"), "has 3"),
    (lambda m: m.reg("edge_forwards"), "reg_metric is"),
    (lambda m: m.prune_node(active_neurons_id=[[0]]), "active_neurons_id has 1 lists"),
    (lambda m: m.prune_node(active_neurons_id=[[0], [4]]), r"active_neurons_id\[1\]"),
    (lambda m: m.suggest_symbolic(0, 1, 1, weight_simple=1), "weight_simple is 1"),
    (lambda m: m.rewind("0.1"), "auto_save=True"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_cannot_be_written_is_refused_with_a_sentence(model, number):
    write, said = REFUSED[number]
    before = state(model)
    with pytest.raises((ValueError, TypeError, AttributeError, KeyError), match=said):
        write(model)
    assert same(model, before)


@pytest.mark.parametrize(
    "write",
    [
        lambda m: m.act_fun[0].mask.data[1].__setitem__(1, 0),
        lambda m: m.act_fun[0].coef.data.add_(1),
        lambda m: m.act_fun[0].scale_sp.data.add_(1),
        lambda m: m.act_fun[0].grid.data.add_(1),
        lambda m: m.set_mode(0, 1, 1, "0"),
        lambda m: m.module(0, "[0]->[1]"),
        lambda m: m.symbolic_fun[0].fix_symbolic(1, 1, "sin"),
    ],
)
def test_a_locked_edge_is_not_written_to(model, write):
    model.lock_edge(0, 1, 1)
    before = state(model)
    with pytest.raises(ValueError, match="lock"):
        write(model)
    assert same(model, before)


def test_a_locked_constant_is_not_written_to(model):
    model.lock_constant(0, 0, 0, "c")
    model.symbolic_fun[0].affine.data[0, 0, 0] = 2
    with pytest.raises(ValueError, match=r"unlock_constant\(0, 0, 0, 'c'\)"):
        model.symbolic_fun[0].affine.data[0, 0, 2] = 2


# ---------------------------------------------------------------------- what stays as it is


def test_what_is_read_is_ordinary(model):
    coef = model.act_fun[0].coef
    assert type(coef * 2) is torch.Tensor
    assert type(coef.sum()) is torch.Tensor
    assert type(copy.deepcopy(coef)) is torch.Tensor
    assert torch.equal(pickle.loads(pickle.dumps(coef)), coef)
    assert repr(coef) == repr(coef.detach().clone())
    assert coef.numpy(force=True).shape == (2, 3, 6)
    own = coef.clone()
    own.zero_()
    assert coef.any()
    assert pickle.loads(pickle.dumps(model.symbolic_fun[0].funs_name))[0][0] == "sin"


def test_views_are_no_part_of_a_model(model):
    names, numbers = list(model.state_dict()), len(list(model.parameters()))
    act = model.act_fun[0]
    assert list(model.state_dict()) == names
    assert len(list(model.parameters())) == numbers
    assert {id(each) for each in act.parameters()} <= {id(each) for each in model.parameters()}
    other = copy.deepcopy(model)
    other.act_fun[0].coef.data.zero_()
    assert act.coef.any()
    assert same(pickle.loads(pickle.dumps(model)), state(model))


def test_layers_by_themselves_are_made_and_trained():
    layer = kanwidget.KANLayer(3, 2, num=4, k=2, seed=0)
    x = points(20, 3).float()
    y, preacts, postacts, postspline = layer(x)
    assert y.shape == (20, 2)
    assert preacts.shape == postacts.shape == postspline.shape == (20, 2, 3)
    assert torch.equal(preacts[:, 1], x)
    torch.testing.assert_close(postacts.sum(2), y)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        loss = layer(x)[0].square().mean()
        loss.backward()
        optimizer.step()
    assert layer(x)[0].square().mean() < y.square().mean()
    assert torch.equal(kanwidget.KANLayer(seed=4).coef, kanwidget.KANLayer(seed=4).coef)
    assert kanwidget.KANLayer(2, 2, sparse_init=True).mask.sum() == 2
    functions = kanwidget.Symbolic_KANLayer(3, 2)
    assert functions.fix_symbolic(2, 1, "sin") is None
    assert functions.funs_name == [["0", "0", "0"], ["0", "0", "sin"]]
    y, postacts = functions(x)
    torch.testing.assert_close(y, torch.stack([torch.zeros(20), torch.sin(x[:, 2])], 1))
    torch.testing.assert_close(postacts[:, 1, 2], torch.sin(x[:, 2]))


def test_modules_are_what_the_chain_says():
    model = kanwidget.KAN([3, 2, 2], seed=0)
    model.module(0, "[0,1]->[0]->[0]->[-1]")
    assert model.layers[0].alive.tolist() == [[True, True, False], [False, False, True]]
    assert model.layers[1].alive.tolist() == [[False, True], [True, False]]


def test_all_functions_become_splines_and_removed_edges_stay_removed():
    model = mixed_model()
    dead = [~layer.alive for layer in model.layers]
    model.unfix_symbolic_all()
    assert not any(layer.symbolic.any() for layer in model.layers)
    assert all(
        torch.equal(~layer.alive, mask) for layer, mask in zip(model.layers, dead, strict=True)
    )


def test_nodes_that_are_named_stay_whatever_they_score(model):
    model.prune_node(active_neurons_id=[[1], [0, 1]], log_history=False)
    assert model.width == [2, 1, 2, 1]


# ---------------------------------------------------------------------- pykan's arguments and older names


def test_multkan_is_a_kan():
    assert kanwidget.MultKAN is kanwidget.KAN


def test_pykans_arguments_are_taken(model, capsys):
    model.fix_symbolic(
        0, 1, 1, "sin", a_range=(-1, 1), b_range=(0, 1), verbose=False, log_history=False
    )
    model.fix_symbolic(0, 1, 1, "sin", False, (-1, 1), (0, 1), False, True, False)
    constants = model.layers[0].affine[1, 1].tolist()
    assert len({*constants, 0, 1}) == 6
    model.fix_symbolic(0, 1, 1, "sin", fit_params_bool=False, random=True)
    assert model.layers[0].affine[1, 1].tolist() == constants
    model.unfix_symbolic(0, 1, 1, log_history=False)
    model.remove_edge(0, 1, 1, log_history=False)
    model.remove_node(1, 2, mode="all", log_history=False)
    model.prune_edge(log_history=False)
    model.prune_node(1e-9, mode="auto")
    chosen = model.auto_symbolic(a_range=(-9, 9), b_range=(-9, 9), verbose=1, weight_simple=0.8)
    assert len(capsys.readouterr().out.splitlines()) == len(chosen) > 0
    kanwidget.KAN(
        [2, 1], symbolic_enabled=True, save_act=True, first_init=True, ckpt_path="./model", round=0
    )
    with pytest.raises(TypeError, match="KAN has no argument 'knots'"):
        kanwidget.KAN([2, 1], knots=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'a_range'"):
        model.remove_edge(0, 0, 0, a_range=(0, 1))
    with pytest.raises(TypeError, match="positional arguments"):
        model.remove_edge(0, 0, 0, False, 1)


def test_a_suggestion_unpacks_as_pykans(model):
    found = model.suggest_symbolic(0, 1, 0, topk=3, a_range=(-10, 10), verbose=False)
    name, functions, r2, complexity = found
    best = found.candidates[0]
    assert (name, r2, complexity) == (best.name, best.r2, best.complexity)
    u = torch.rand(5)
    assert torch.equal(functions[0](u), library.get(name)(u))
    assert functions[2] == complexity
    assert len(found.candidates) == 3
    assert repr(found).splitlines() == [repr(each) for each in found.candidates]
    assert pickle.loads(pickle.dumps(found)) == found


def test_simplicity_weighs_as_much_as_is_said(model):
    candidates = model.suggest_symbolic(0, 1, 0, topk=None).candidates
    usual = model.suggest_symbolic(0, 1, 0, topk=None, weight_simple=0.8).candidates
    free = model.suggest_symbolic(0, 1, 0, topk=None, weight_simple=0.0).candidates
    assert [each.name for each in candidates] == [each.name for each in usual]
    assert all(each.complexity == 0 for each in free)
    assert free[0].r2 >= candidates[0].r2


def test_older_names_work_and_say_the_new_one(model):
    with pytest.warns(DeprecationWarning, match="is now model.update_grid") as told:
        model.update_grid_from_samples(X)
    assert told[0].filename == __file__
    with pytest.warns(DeprecationWarning, match=r"is now model\.fit") as told:
        model.train(DATA, opt="Adam", steps=1)
    assert told[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="noise_scale_base is now scale_base_sigma") as told:
        older = kanwidget.KAN([2, 2, 1], noise_scale_base=0.1)
    assert told[0].filename == __file__
    assert same(older, state(kanwidget.KAN([2, 2, 1], scale_base_sigma=0.1)))
    assert older.made["scale_base_sigma"] == 0.1
    with pytest.warns(DeprecationWarning, match="bias_trainable is now affine_trainable"):
        assert kanwidget.KAN([2, 1], bias_trainable=True).affine_trainable


def test_settings_by_pykans_names():
    model = kanwidget.KAN([2, 2, 1], grid=[3, 4], k=[2, 3], base_fun=torch.cos)
    assert (model.grid, model.k, model.base_fun_name) == ([3, 4], [2, 3], torch.cos)
    model.grid_eps = 0.5
    assert [layer.grid_eps for layer in model.layers] == [0.5, 0.5]
    model.symbolic_enabled = False  # there are no symbolic edges
    assert model.speed() is model
    assert [id(each) for each in model.get_params()] == [id(each) for each in model.parameters()]
    assert kanwidget.KAN([2, [1, 2], [0, 1]], mult_arity=[[], [2, 3], [2]]).mult_arity == [
        [],
        [2, 3],
        [2],
    ]


def test_a_tree_and_a_curve_are_drawn(model):
    figure = model.tree(skip_sep_test=True)
    assert figure.axes
    x, y = model.get_fun(0, 1, 1)
    (line,) = plt.gca().lines
    assert line.get_xdata().tolist() == x.tolist()
    assert line.get_ydata().tolist() == y.tolist()
    plt.close("all")


# ---------------------------------------------------------------------- versions and checkpoints


def test_versions_are_kept_and_gone_back_to(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = kanwidget.KAN([2, 3, 1], seed=1, auto_save=True)
    states = {"0.0": state(model)}
    model.fit(DATA, steps=1)
    states["0.1"] = state(model)
    model = model.prune(0.1)
    states["0.2"] = state(model)
    assert (model.round, model.state_id) == (0, 2)
    other = model.checkout("0.1")
    assert same(other, states["0.1"])
    assert same(model, states["0.2"])
    assert model.rewind("0.1") is model
    assert same(model, states["0.1"])
    assert (model.round, model.state_id) == (1, 1)
    model.remove_edge(0, 0, 0)
    model.rewind("1.1")
    assert same(model, states["0.1"])
    model.log_history("mine")
    model.history()
    assert capsys.readouterr().out.splitlines() == [
        "### Round 0 ###",
        "init => 0.0",
        "0.0 => fit => 0.1",
        "0.1 => prune => 0.2",
        "### Round 1 ###",
        "1.1 => remove_edge => 1.2",
        "### Round 2 ###",
        "2.1 => mine => 2.2",
    ]
    model.history(1)
    assert capsys.readouterr().out == "2.1 => mine => 2.2\n"
    with pytest.raises(KeyError, match=r"there are 0\.0, 0\.1"):
        model.rewind("7.0")
    copied = model.copy()
    assert not copied.auto_save
    assert same(copied, state(model))
    assert not os.listdir(tmp_path)


def test_a_checkpoint_is_the_model(tmp_path):
    model = mixed_model(seed=2)
    model.get_act(points(50, 3))
    model.saveckpt(tmp_path / "mark")
    assert os.listdir(tmp_path) == ["mark.pt"]
    found = kanwidget.KAN.loadckpt(tmp_path / "mark")
    assert same(found, state(model))
    assert torch.equal(found.cache_data, model.cache_data)
    (tmp_path / "bad.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match=r"bad\.pt is no checkpoint"):
        kanwidget.KAN.loadckpt(tmp_path / "bad")
    with pytest.raises(FileNotFoundError):
        kanwidget.KAN.loadckpt(tmp_path / "none")
    with pytest.raises(ValueError, match="base function is one of somebody's own"):
        kanwidget.KAN([1, 1], base_fun=torch.cos).saveckpt(tmp_path / "own")


def test_a_function_may_be_given_before_any_data_are_seen():
    model = kanwidget.KAN([1, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        r2 = model.fix_symbolic(0, 0, 0, "sin", fit_params_bool=False)
    assert r2 != r2
    x = points(9, 1)
    torch.testing.assert_close(model(x), torch.sin(x))
