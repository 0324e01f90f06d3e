"""How a whole network is computed: leading shapes, parts, derivatives of any order, torch.compile."""

import os
import shutil

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import kanwidget
from kanwidget import network, planes, splines
from kanwidget.features import Memory, silu
from tests.networks import mixed_model, points

# the other one compiles C++ for half a minute
BACKENDS = ["aot_eager", "inductor"] if "KANWIDGET_SOAK" in os.environ else ["aot_eager"]


@pytest.mark.parametrize("shape", [(), (7,), (3, 4), (2, 1, 5)])
def test_any_leading_shape(shape):
    model = mixed_model((3, 4, 2))
    x = points(max(1, torch.Size(shape).numel()), 3)
    expected = model(x).reshape(*shape, 2)
    assert torch.equal(model(x.reshape(*shape, 3)), expected)


def test_many_samples_go_through_in_parts(monkeypatch):
    model, x, weights = mixed_model((3, 4, 2)), points(50, 3), points(50, 2, seed=1)
    whole = model(x)
    gradients = torch.autograd.grad((whole * weights).sum(), model.layers[0].coef)
    monkeypatch.setattr(network, "AT_ONCE", 300)
    parts = model(x)
    torch.testing.assert_close(parts, whole)
    torch.testing.assert_close(
        torch.autograd.grad((parts * weights).sum(), model.layers[0].coef), gradients
    )
    with torch.no_grad():
        torch.testing.assert_close(model(x), whole)


def test_of_parts_only_the_inputs_are_kept(monkeypatch):
    model = kanwidget.KAN([2, 3, 1])

    def kept(samples):
        sizes = []

        def pack(tensor):
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            model(points(samples, 2))
        return sum(sizes)

    assert kept(4000) > 4000 * 4
    monkeypatch.setattr(network, "AT_ONCE", 20_000)
    assert kept(4000) == 4000 * 2


KNOTS = {
    "even": lambda k: splines.uniform_knots(-1, 1, 5, k, 2, dtype=torch.float64),
    "uneven": lambda k: splines.extend_knots(
        torch.tensor([[-1.0, -0.7, -0.2, 0.3, 0.9, 1.0], [-2, -1, 0, 0.5, 0.7, 1]]).double(), k
    ),
    "repeated": lambda k: splines.extend_knots(
        torch.tensor([[-1.0, -0.2, -0.2, 0.3, 0.3, 1.0], [-2, -1, 0, 0.5, 0.5, 1]]).double(), k
    ),
    "many": lambda k: splines.uniform_knots(-1, 1, 30, k, 2, dtype=torch.float64),
    "many uneven": lambda k: splines.extend_knots(
        (torch.linspace(0, 1, 31).double() ** 1.5 * 2 - 1).expand(2, -1).contiguous(), k
    ),
}
WAYS = {
    "even": planes.Cardinal,
    "uneven": planes.Every,
    "repeated": planes.Near,
    "many": planes.Near,
    "many uneven": planes.Near,
}


@pytest.mark.parametrize("extrapolation", splines.EXTRAPOLATIONS)
@pytest.mark.parametrize("kind", KNOTS)
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_every_way_gives_the_same_features_and_slopes(kind, k, extrapolation):
    knots = KNOTS[kind](k)
    basis = splines.Basis(knots, k, extrapolation)
    if k > 1 and basis.size + 2 * basis.outer <= planes.MOST_FUNCTIONS:
        assert type(planes.way(basis)) is WAYS[kind]
    x = points(60, 2, -2.6, 1.7)
    x[0], x[1] = knots[:, k], knots[:, -k - 1]
    x.requires_grad_()
    seen = Memory().look(x, knots, k, extrapolation, silu).followed()
    plain = splines.basis(x, knots, k, extrapolation).permute(2, 1, 0)
    torch.testing.assert_close(seen[:-1], plain, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(seen[-1], silu(x).T)
    weights = points(seen.numel(), 1, seed=3).reshape(seen.shape)
    ours = torch.autograd.grad((seen * weights).sum(), x, retain_graph=True)[0]
    expected = torch.autograd.grad(
        (plain * weights[:-1]).sum() + (silu(x).T * weights[-1]).sum(), x
    )[0]
    turned = weights.permute(2, 1, 0).contiguous().permute(2, 1, 0)  # as a gradient may lie
    torch.testing.assert_close(torch.autograd.grad(seen, x, turned)[0], ours)
    inside = torch.ones(60, dtype=torch.bool)
    inside[:2] = False  # at its ends a slope may be that of either side
    torch.testing.assert_close(ours[inside], expected[inside], rtol=1e-10, atol=1e-10)


def test_blocks_of_points_give_the_same_as_all_at_once(monkeypatch):
    model = kanwidget.KAN([3, 4, 2], grid=[5, 30])
    x = points(70, 3, -1.3, 1.3).requires_grad_()
    whole = model(x)
    slope = torch.autograd.grad(whole.sum(), x)
    for size in (10, 100, 141):
        monkeypatch.setattr("kanwidget.features.BLOCK", size)
        parts = model(x)
        torch.testing.assert_close(parts, whole)
        torch.testing.assert_close(torch.autograd.grad(parts.sum(), x), slope)


@pytest.mark.parametrize("extrapolation", splines.EXTRAPOLATIONS)
def test_derivatives_of_first_and_second_order_are_right(extrapolation):
    model = kanwidget.KAN([2, 3, 1], grid=4, extrapolation=extrapolation, noise_scale=2.0)
    model.layers[1].locked[0, 1] = True
    model.layers[1].structure_changed()
    x = points(5, 2, -0.9, 0.9).requires_grad_()
    assert gradcheck(model, x)
    assert gradgradcheck(model, x)
    layer = model.layers[0]

    def of_parameters(coef, base, scale):
        parameters = {"coef": coef, "scale_base": base, "scale_sp": scale}
        return torch.func.functional_call(layer, parameters, (x.detach(),))

    parameters = tuple(
        p.detach().clone().requires_grad_() for p in (layer.coef, layer.scale_base, layer.scale_sp)
    )
    assert gradcheck(of_parameters, parameters)
    assert gradgradcheck(of_parameters, parameters)


def test_a_base_function_may_have_parameters_of_its_own():
    model = kanwidget.KAN([2, 2, 1], base_fun=torch.nn.PReLU(dtype=torch.float64))
    model(points(9, 2)).sum().backward()
    weights = [p for name, p in model.named_parameters() if name.endswith("base_fun.weight")]
    assert weights
    assert all(weight.grad is not None for weight in weights)


def test_locked_edges_have_no_gradient():
    model = mixed_model((3, 3, 1))
    for layer in model.layers:
        layer.locked[0] = True
        layer.structure_changed()
    model(points(20, 3)).sum().backward()
    for layer in model.layers:
        for name in ("coef", "scale_base", "scale_sp", "affine"):
            gradient = getattr(layer, name).grad
            assert gradient is None or not bool(gradient[0].any())
    assert bool(model.layers[0].coef.grad[1:].any())


def test_points_that_are_no_numbers_give_none():
    for grid in (5, 40):
        model = kanwidget.KAN([2, 2, 1], grid=grid)
        x = points(6, 2)
        x[2, 0], x[3, 1] = torch.nan, torch.inf
        y = model(x)
        assert bool(y[2].isnan().all())
        assert bool(y[[0, 1, 4, 5]].isfinite().all())
        model.layers[0].update_grid(points(50, 2) ** 3)
        assert bool(model(x)[2].isnan().all())


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # torch's own
@pytest.mark.parametrize("backend", BACKENDS)
def test_compiled_networks_are_the_same_in_one_graph(backend):
    if backend == "inductor" and not shutil.which("g++"):
        pytest.skip("inductor needs a C++ compiler")
    model = mixed_model((3, 4, 2), dtype=torch.float32)
    x = points(30, 3, -1.3, 1.3, dtype=torch.float32)
    expected = model(x)
    (slope,) = torch.autograd.grad(expected.sum(), model.layers[0].coef)
    compiled = torch.compile(model, backend=backend, fullgraph=True)
    found = compiled(x)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found.sum(), model.layers[0].coef)[0], slope)
