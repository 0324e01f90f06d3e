"""From data to a formula: what `KAN.auto` finds, and that the network is it then."""

import dataclasses
import itertools

import numpy as np
import pytest
import sympy
import torch

import kanwidget
from kanwidget.discovery.auto import discover
from kanwidget.formula import symbolic_formula
from kanwidget.formula.simplify import prove_equal
from tests.networks import hello, hello_data, same, state

x_1, x_2, x_3 = sympy.symbols("x_1 x_2 x_3", real=True)
HELLO = sympy.exp(sympy.sin(sympy.pi * x_1) + x_2**2)


def model(*width, dtype=torch.float64, seed=0):
    return kanwidget.KAN(list(width), seed=seed, dtype=dtype)


def proved(found, *truths):
    """Whether sympy proves the formulas, whatever it assumes of their variables."""
    real = {v: sympy.Symbol(v.name, real=True) for v in found.variables}
    return len(found.expressions) == len(truths) and all(
        prove_equal(e.xreplace(real), truth, 20)
        for e, truth in zip(found.expressions, truths, strict=True)
    )


@torch.no_grad()
def off(net, dataset):
    """How far a network is from the test labels at most."""
    return float((net(dataset.test_input) - dataset.test_label).abs().max())


def is_the_network(found, net, dataset, digits=1e-9):
    """Whether the formulas evaluated by numpy are what the network gives, in the data's own units."""
    x = dataset.test_input.double()
    scale_in, scale_out = dataset.input_scale, dataset.output_scale
    with torch.no_grad():
        values = net(dataset.test_input).double()
    if scale_in is not None:
        mean, std = (torch.tensor(each, dtype=x.dtype) for each in scale_in)
        x = mean + std * x
    if scale_out is not None:
        mean, std = (torch.tensor(each, dtype=x.dtype) for each in scale_out)
        values = mean + std * values
    compute = sympy.lambdify(found.variables, found.expressions, "numpy")
    own = compute(*x.numpy().T)
    own = np.stack([np.broadcast_to(each, len(x)) for each in own], 1)
    size = float(values.abs().max()) or 1.0
    return float(np.abs(own - values.numpy()).max()) <= digits * size


@pytest.mark.parametrize("seed", range(3))
def test_hello_world_is_exact(seed):
    net, data = model(2, 5, 1, seed=seed), hello_data(500, seed)
    found = net.auto(data, seed=seed)
    assert found.exact
    assert proved(found, HELLO)
    assert off(net, data) < 1e-9
    assert is_the_network(found, net, data)
    assert found.complexity < 15
    assert not found.expressions[0].has(sympy.Float)


KNOWN = {
    "product": (lambda x: x[:, [0]] * x[:, [1]], 2, (-1, 1), x_1 * x_2),
    "of a product": (
        lambda x: torch.sin(x[:, [0]] * x[:, [1]]),
        2,
        (-1, 1),
        sympy.sin(x_1 * x_2),
    ),
    "a line": (lambda x: 2 * x[:, [0]] - 3, 1, (-1, 1), 2 * x_1 - 3),
    "a quotient": (lambda x: x[:, [0]] / x[:, [1]], 2, (1, 3), x_1 / x_2),
    "sum of three": (
        lambda x: x[:, [0]] ** 2 + torch.sin(x[:, [1]]) - x[:, [2]] / 2,
        3,
        (-1, 1),
        x_1**2 + sympy.sin(x_2) - x_3 / 2,
    ),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_known_formulas_are_found(kind):
    f, n, ranges, truth = KNOWN[kind]
    data = kanwidget.create_dataset(f, n_var=n, ranges=ranges, train_num=200, test_num=100)
    net = model(n, 3, 1)
    found = net.auto(data)
    assert found.exact
    assert proved(found, truth)
    assert is_the_network(found, net, data)


@pytest.mark.parametrize(("width", "truth"), [((1, 1), x_1**3), ((2, 1), x_1 * x_2)])
def test_networks_without_a_hidden_layer_become_what_it_takes(width, truth):
    def f(x):
        return x.prod(1, keepdim=True) if x.shape[1] > 1 else x**3

    data = kanwidget.create_dataset(f, n_var=width[0], train_num=100, test_num=100)
    found = model(*width).auto(data)
    assert proved(found, truth)


def test_inputs_that_act_together_are_seen_in_a_network_without_a_hidden_layer():
    data = kanwidget.create_dataset(
        lambda x: x[:, [0]] * x[:, [1]] + x[:, [2]], n_var=3, train_num=200, test_num=100
    )
    net = model(3, 1)
    found = net.auto(data, lib=["0", "x", "x^2", "exp"])
    assert proved(found, x_1 * x_2 + x_3)
    assert net.width[0] == 3


def test_two_outputs_have_a_formula_each():
    def f(x):
        return torch.stack([x[:, 0] * x[:, 1], torch.exp(x[:, 0]) + x[:, 1] ** 2], 1)

    data = kanwidget.create_dataset(f, train_num=200, test_num=100)
    net = model(2, 3, 2)
    found = net.auto(data)
    assert found.exact
    assert proved(found, x_1 * x_2, sympy.exp(x_1) + x_2**2)
    assert is_the_network(found, net, data)
    assert len(net.output_names) == 2
    assert [len(entry.expressions) for entry in found.front] == [2] * len(found.front)


@pytest.mark.parametrize("which", [(True, True), (True, False), (False, True)])
def test_normalised_data_give_formulas_in_their_own_units(which):
    data = kanwidget.create_dataset(
        lambda x: 3 * torch.sin(x[:, [0]]) + x[:, [1]] ** 2 + 20,
        ranges=(1, 5),
        train_num=300,
        test_num=100,
        normalize_input=which[0],
        normalize_label=which[1],
    )
    net = model(2, 3, 1)
    found = net.auto(data)
    assert found.exact
    assert proved(found, 3 * sympy.sin(x_1) + x_2**2 + 20)
    assert off(net, data) < 1e-9
    assert is_the_network(found, net, data)
    written, _ = symbolic_formula(net, digits=None)
    values = sympy.lambdify(found.variables, [written[0] - found.expressions[0]])(1.3, 4.2)
    assert abs(values[0]) < 1e-9


def test_a_network_of_single_precision_becomes_what_was_found_in_double():
    net, data = model(2, 5, 1, dtype=torch.float32), hello_data(300)
    found = net.auto(data)
    assert found.exact
    assert proved(found, HELLO)
    assert net.dtype == torch.float32
    assert off(net, data) < 1e-4


def test_formulas_speak_the_names_of_the_columns():
    data = dataclasses.replace(hello_data(200), input_names=("mass", "time"), output_names=("E",))
    net = model(2, 3, 1)
    found = net.auto(data)
    mass, time = sympy.symbols("mass time", real=True)
    assert [v.name for v in found.variables] == ["mass", "time"]
    assert proved(found, HELLO.xreplace({x_1: mass, x_2: time}))
    assert (net.input_names, net.output_names) == (["mass", "time"], ["E"])


def test_only_functions_of_the_library_given_are_taken():
    net, data = model(2, 3, 1), hello_data(200)
    found = net.auto(data, lib=["0", "x", "x^2", "x^3"], seconds=1)
    kinds = {f.name for layer in net.layers for f in layer.functions.values()}
    assert kinds <= {"0", "x", "x^2", "x^3"}
    assert not found.exact
    assert not found.expressions[0].has(sympy.exp, sympy.sin)


def test_the_library_may_be_the_name_of_a_set_or_come_one_by_one():
    data = kanwidget.create_dataset(lambda x: x**2 + x, n_var=1, train_num=100, test_num=50)
    assert proved(model(1, 1).auto(data, lib="algebra"), x_1**2 + x_1)
    assert proved(model(1, 1).auto(data, lib=iter(["0", "x", "x^2"])), x_1**2 + x_1)


def test_data_of_all_columns_are_taken_after_prune_input():
    data = kanwidget.create_dataset(
        lambda x: x[:, [0]] ** 2 + x[:, [2]],
        n_var=3,
        train_num=200,
        test_num=100,
        input_names=["a", "b", "c"],
    )
    net = model(3, 2, 1)
    net.get_act(data)
    net.prune_input(active_inputs=[0, 2])
    columns = dict(net.columns)
    found = net.auto(data)
    a, c = sympy.symbols("a c", real=True)
    assert proved(found, a**2 + c)
    assert net.columns == columns
    assert off(net, data) < 1e-9


def test_a_network_that_found_a_formula_goes_on_like_any_other():
    net, data = model(2, 3, 1), hello_data(100)
    net.auto(data)
    written, _ = net.symbolic_formula()
    assert "exp" in str(written[0])
    net.fit(data, steps=2)
    assert off(net, data) < 1e-6
    net.prune()
    net.plot()
    again = net.auto(data)
    assert again.exact


def test_auto_is_one_action_that_is_told_and_can_be_undone():
    net, data = model(2, 3, 1), hello_data(100)
    told, before = [], net.snapshot()
    was = state(net)
    net.listeners.append(lambda event, details: told.append(event))
    net.auto(data)
    assert told == ["auto"]
    net.restore(before)
    assert same(net, was)


def test_the_road_leads_step_by_step_to_the_network():
    net, data = model(2, 5, 1), hello_data(200)
    found = net.auto(data)
    commands = [stage.command for stage in found.road]
    assert commands[0] == "shape"
    assert commands.count("fix_symbolic") == 3
    assert commands[commands.index("refit") + 1] == "tidy"
    assert set(commands[commands.index("tidy") + 1 :]) <= {"snap"}
    last = found.road[-1].network
    torch.testing.assert_close(last(data.test_input), net(data.test_input))
    splines = sum(int((one.alive & one.numeric).sum()) for one in found.road[0].network.layers)
    assert splines == 3


def test_every_snap_on_the_road_has_the_network_after_it():
    random = torch.Generator().manual_seed(0)

    def f(x):
        noise = torch.randn(len(x), 1, generator=random, dtype=x.dtype)
        return x[:, [0]] ** 2 + 3 * x[:, [1]] + 0.01 * noise

    data = kanwidget.create_dataset(f, train_num=200, test_num=100)
    found = model(2, 1).auto(data, lib=["0", "x", "x^2"], seconds=2)
    road = [stage for stage in found.road if stage.command in ("tidy", "snap")]
    assert len(road) > 2
    with torch.no_grad():
        values = [stage.network(data.test_input) for stage in road]
    for before, after in itertools.pairwise(values):
        assert not torch.equal(before, after)


def noisy(share, seed, samples=400):
    random = torch.Generator().manual_seed(seed)

    def f(x):
        y = hello(x)
        return y + share * y.std() * torch.randn(y.shape, generator=random, dtype=y.dtype)

    return kanwidget.create_dataset(f, train_num=samples, test_num=samples, seed=seed)


FEW = ["0", "x", "x^2", "x^3", "exp", "log", "sin", "tanh"]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("share", [0.01, 0.05])
def test_noise_leaves_the_right_structure(share, seed):
    """The search is ended, in place of by its time, where a formula is as good as noise lets it be."""
    data, good = noisy(share, seed), []
    search = discover(
        model(2, 5, 1), data, FEW, seconds=60, seed=seed, cancelled=lambda: bool(good)
    )
    while True:
        try:
            progress = next(search)
        except StopIteration as end:
            found = end.value
            break
        if progress.text == "making constants exact":
            good.clear()
        elif progress.best is not None and progress.best.error < 1.1 * share:
            good.append(progress)
    assert not found.exact
    (raw,) = found.raw
    assert raw.has(sympy.exp)
    assert raw.has(sympy.sin)
    assert proved(found, HELLO)
    assert found.val_loss == pytest.approx(share * float(data.val_label.std()), rel=0.2)
    assert found.runner_up is None or found.runner_up.expressions != found.expressions
