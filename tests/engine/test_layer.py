import copy
import io
import pickle

import pytest
import torch

import kanwidget
from kanwidget import reshaping
from kanwidget.edges import BOTH, NUMERIC, REMOVED, SYMBOLIC
from kanwidget.symbolic import library
from tests.networks import edge_mask, mixed_model, points, remove_without_trace


def mixed_layer(seed=0, n_in=4, n_out=5, **options):
    return mixed_model((n_in, n_out), seed=seed, **options).layers[0]


@pytest.mark.parametrize("seed", range(4))
def test_sum_of_the_edges_is_the_output(seed):
    layer, x = mixed_layer(seed), points(30, 4, -1.5, 1.5)
    each = layer.edge_outputs(x)
    torch.testing.assert_close(layer(x), each.sum(-1) + layer.constant())
    for j in range(layer.n_out):
        for i in range(layer.n_in):
            torch.testing.assert_close(layer.edge_output(i, j, x[:, i]), each[:, j, i])


@pytest.mark.parametrize("seed", range(4))
def test_spline_part_ignores_what_an_edge_is_made_of(seed):
    layer, x = mixed_layer(seed), points(30, 4)
    each = layer.edge_outputs(x, "spline")
    layer.numeric[:], layer.symbolic[:] = True, False
    layer.structure_changed()
    torch.testing.assert_close(each, layer.edge_outputs(x))


@pytest.mark.parametrize("seed", range(4))
def test_outputs_of_some_edges_are_those_among_all(seed):
    layer, x = mixed_layer(seed), points(30, 4, -1.5, 1.5)
    assert not layer.alive.all()
    whole = layer.edge_outputs(x, restored=True)
    j, i = torch.tensor([4, 0, 2, 0, 3]), torch.tensor([1, 3, 2, 0, 3])
    torch.testing.assert_close(layer.outputs_of(j, i, x), whole[:, j, i].T)
    j, i = torch.ones_like(layer.alive).nonzero(as_tuple=True)
    torch.testing.assert_close(layer.outputs_of(j, i, x), whole.flatten(1).T)


def test_edge_is_the_documented_formula():
    layer, x = mixed_layer(n_in=1, n_out=4), points(20, 1)
    sin = library.get("sin")
    for j, (numeric, symbolic) in enumerate(
        [(True, False), (False, True), (True, True), (False, False)]
    ):
        layer.alive[j, 0], layer.numeric[j, 0], layer.symbolic[j, 0] = True, numeric, symbolic
        layer.functions[0, j] = sin
        layer.affine.data[j, 0] = torch.tensor([2.0, 0.5, 3.0, -1.0])
    layer.structure_changed()
    bases = kanwidget.splines.basis(x, layer.knots, layer.k)[:, 0]
    layer.left[3, 0] = 0.3
    for j in range(4):
        spline = layer.scale_base[j, 0] * x[:, 0] * torch.sigmoid(x[:, 0])
        spline = spline + layer.scale_sp[j, 0] * (bases @ layer.coef[j, 0])
        symbolic = 3 * torch.sin(2 * x[:, 0] + 0.5) - 1
        expected = layer.numeric[j, 0] * spline + layer.symbolic[j, 0] * symbolic
        torch.testing.assert_close(layer(x)[:, j], expected)


def test_kinds_name_what_an_edge_is_made_of():
    layer = mixed_layer(n_in=1, n_out=3)
    layer.alive[:] = True
    layer.numeric[:, 0] = torch.tensor([True, False, True])
    layer.symbolic[:, 0] = torch.tensor([False, True, True])
    assert layer.kinds()[:, 0].tolist() == [NUMERIC, SYMBOLIC, BOTH]
    remove_without_trace(layer, 0, 2)
    assert layer.kinds()[2, 0] == REMOVED


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(4))
def test_statistics_are_the_spread_of_the_real_outputs(seed, dtype):
    layer, x = mixed_layer(seed, dtype=dtype), points(100, 4, -1.5, 1.5, dtype=dtype)
    y, spread = layer.forward_with_statistics(x)
    each = layer.edge_outputs(x)
    close = {"rtol": 1e-8, "atol": 1e-9} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 1e-4}
    torch.testing.assert_close(y, layer(x), **close)
    torch.testing.assert_close(spread.edge, each.std(0), **close)
    numeric = layer.edge_outputs(x, "spline") * layer.numeric
    torch.testing.assert_close(spread.spline, numeric.std(0), **close)
    torch.testing.assert_close(spread.inputs, x.std(0), **close)
    torch.testing.assert_close(spread.outputs, y.std(0), **close)


def test_statistics_of_edges_that_do_not_vary_have_a_finite_gradient():
    layer = mixed_layer()
    with torch.no_grad():
        layer.coef.zero_()
        layer.scale_base.zero_()
    _, spread = layer.forward_with_statistics(points(20, 4))
    (spread.edge.sum() + spread.spline.sum()).backward()
    assert bool(layer.coef.grad.isfinite().all())


def test_removed_edge_gives_what_it_would_if_it_were_there():
    layer, x = mixed_layer(3), points(20, 4)
    assert bool((~layer.alive).any())
    would = layer.edge_outputs(x, restored=True)
    layer.alive[:] = True
    layer.structure_changed()
    torch.testing.assert_close(would, layer.edge_outputs(x))


def test_removed_edge_leaves_what_it_is_told_to():
    layer, x = mixed_layer(), points(20, 4)
    layer.alive[:] = True
    layer.structure_changed()
    whole, each = layer(x), layer.edge_outputs(x)
    torch.testing.assert_close(layer.edge_means(x), each.mean(0))
    edge = edge_mask(layer, 2, 1)
    for left in (torch.zeros_like(layer.left), layer.edge_means(x)):
        layer.remove(edge, left)
        rest = left[1, 2]
        torch.testing.assert_close(layer(x)[:, 1], whole[:, 1] - each[:, 1, 2] + rest)
        torch.testing.assert_close(layer.forward_with_statistics(x)[0], layer(x))
        layer.restore(edge)
        assert torch.equal(layer(x), whole)


def test_an_edge_remembers_what_it_was():
    layer, x = mixed_layer(), points(20, 4)
    layer.restore(edge_mask(layer, 1, 2))
    layer.set_numeric(1, 2)
    before, parameters = layer(x), copy.deepcopy(layer.state_dict())
    layer.set_symbolic(1, 2, library.get("exp"), (1, 0, 2, 0))
    assert layer.symbolic_function(1, 2).name == "exp"
    assert not torch.equal(layer(x), before)
    remove_without_trace(layer, 1, 2)
    layer.restore(edge_mask(layer, 1, 2))
    assert layer.symbolic_function(1, 2).name == "exp"
    layer.set_numeric(1, 2)
    assert layer.symbolic_function(1, 2) is None
    assert torch.equal(layer(x), before)
    for name, value in parameters.items():
        assert torch.equal(value, layer.state_dict()[name])


def test_removed_edges_have_no_gradient_and_do_not_matter():
    layer, x = mixed_layer(), points(20, 4)
    layer(x).square().sum().backward()
    gone = ~layer.alive
    for parameter in (layer.coef, layer.scale_base, layer.scale_sp, layer.affine):
        assert bool((parameter.grad[gone] == 0).all())
    before = layer(x)
    with torch.no_grad():
        layer.coef[gone] = 1e3
    assert torch.equal(layer(x), before)


@pytest.mark.parametrize("k", [1, 3])
def test_moved_knots_keep_the_function(k):
    model = kanwidget.KAN([2, 3], grid=5, k=k, noise_scale=3.0, grid_eps=1.0)
    layer, x = model.layers[0], points(400, 2)
    with torch.no_grad():
        layer.coef.copy_(torch.linspace(-1, 1, layer.coef.shape[-1]) ** 2 + layer.coef / 10)
    before = layer(x)
    layer.update_grid(x)
    assert layer.knots[0, layer.k] == x[:, 0].min()
    assert layer.knots[0, -layer.k - 1] == x[:, 0].max()
    change = (layer(x) - before).square().mean().sqrt() / before.std()
    assert change < 0.05


def test_moved_knots_survive_inputs_that_repeat_or_do_not_vary():
    for x in (torch.zeros(50, 2), torch.cat([torch.zeros(95, 2), torch.ones(5, 2)])):
        model = kanwidget.KAN([2, 3], grid=5)
        before = model(x)
        model.layers[0].update_grid(x.double())
        assert (model(x) - before).abs().max() < 0.01 * before.abs().max()


def test_keep_renumbers_inputs_outputs_and_functions():
    layer, x = mixed_layer(1), points(20, 4)
    each = layer.edge_outputs(x)
    layer.remove(edge_mask(layer, 0, 4), torch.full_like(layer.left, 0.7))
    constant = layer.constant()
    reshaping.keep(layer, [3, 1], [0, 4, 2])
    assert (layer.n_in, layer.n_out) == (2, 3)
    torch.testing.assert_close(layer.constant(), constant[[0, 4, 2]])
    torch.testing.assert_close(layer.edge_outputs(x[:, [3, 1]]), each[:, [0, 4, 2]][:, :, [3, 1]])


# ---------------------------------------------------------------------- features that are kept


def fresh(model, x):
    """What the model gives when it has seen nothing before."""
    return copy.deepcopy(model)(x.clone())


def test_inputs_changed_in_place_are_seen():
    model, x = mixed_model(), points(30, 3)
    model(x)
    x += 0.5
    assert torch.equal(model(x), fresh(model, x))
    x[0, 0] = 9.0
    assert torch.equal(model(x), fresh(model, x))


def test_other_inputs_are_not_mixed_up():
    model, first, second = mixed_model(), points(30, 3), points(30, 3, seed=1)
    for x in (first, second, first, first[:5], first.clone(), second.flip(0)):
        assert torch.equal(model(x), fresh(model, x))


def test_moved_and_replaced_knots_are_seen():
    model, x = mixed_model(), points(30, 3, -2, 2)
    model(x)
    model.layers[0].update_grid(x)
    assert torch.equal(model(x), fresh(model, x))
    model.layers[0].knots.mul_(1.5)
    assert torch.equal(model(x), fresh(model, x))


def test_loaded_state_is_seen():
    model, x = mixed_model(seed=0), points(30, 3, -2, 2)
    other = mixed_model(seed=0)
    other.layers[0].update_grid(x)
    other.remove_edge(1, 0, 0)
    other.remove_edge(1, 1, 1)
    model(x)
    model.load_state_dict(other.state_dict())
    assert torch.equal(model(x), other(x))


def test_training_after_inference_mode_works():
    model, x = mixed_model(), points(30, 3)
    with torch.inference_mode():
        inside = model(x)
        model(points(30, 3, seed=1))
        model.forward_with_statistics(x)
    y, _ = model.forward_with_statistics(x)
    y.square().sum().backward()
    assert torch.equal(inside, model(x))
    with torch.inference_mode():
        made_inside = points(30, 3, seed=2)
        made_inside += 1
        model(made_inside)
        made_inside += 1
        assert torch.equal(model(made_inside), fresh(model, made_inside))


def test_gradient_reaches_inputs_also_after_a_call_without():
    model, x = mixed_model(), points(30, 3)
    model(x)
    x.requires_grad_()
    model(x).sum().backward()
    assert float(x.grad.abs().sum()) > 0
    x.requires_grad_(False)
    assert torch.equal(model(x), fresh(model, x))


@pytest.mark.parametrize("way", ["deepcopy", "pickle", "torch.save"])
def test_copies_are_the_same_and_their_own(way):
    model, x = mixed_model(), points(30, 3)
    model.get_act(x)
    before = model(x)
    if way == "deepcopy":
        other = copy.deepcopy(model)
    elif way == "pickle":
        other = pickle.loads(pickle.dumps(model))
    else:
        file = io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        other = torch.load(file, weights_only=False)
    assert torch.equal(other(x), before)
    assert torch.equal(other.training_inputs(), x)
    other.remove_edge(0, 0, 0)
    other.restore_edge(0, 0, 0)
    other.remove_node(1, 1)
    other.layers[0].update_grid(2 * x)
    assert not torch.equal(other(x), before)
    assert torch.equal(model(x), before)


@pytest.mark.parametrize("opt", ["LBFGS", "Adam", "SGD", "Rprop"])
def test_optimizers_of_torch_train_it_in_a_loop_of_ones_own(opt):
    model, x = kanwidget.KAN([2, 3, 1]), points(40, 2)
    y = x.prod(1, keepdim=True)
    optimizer = getattr(torch.optim, opt)(model.parameters(), lr=0.01)

    def closure():
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(8)]
    assert losses[-1] < losses[0]


def test_many_coefficients_are_trained_as_few_are(monkeypatch):
    def outputs():
        model, x = kanwidget.KAN([3, 4, 2], seed=1), points(30, 3)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
        return model(x).detach()

    few = outputs()
    monkeypatch.setattr("kanwidget.edges.MANY", 0)
    assert not kanwidget.KAN([3, 4, 2]).layers[0].coef.is_contiguous()
    torch.testing.assert_close(outputs(), few)
