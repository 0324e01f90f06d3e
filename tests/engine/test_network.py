import threading

import pytest
import torch

import kanwidget
from kanwidget import reshaping
from tests.networks import mixed_model, points, same, state


@pytest.mark.parametrize("extrapolation", ["linear", "zero"])
def test_gradients_of_a_network_with_all_kinds_of_edges(extrapolation):
    model = mixed_model((2, 3, 2), seed=2, grid=2, k=3, extrapolation=extrapolation)
    x = points(4, 2, -1.3, 1.3, seed=5).requires_grad_()
    names = [name for name, _ in model.named_parameters()]
    values = [p.detach().clone().requires_grad_() for p in model.parameters()]

    def f(x, *parameters):
        return torch.func.functional_call(model, dict(zip(names, parameters, strict=True)), (x,))

    assert torch.autograd.gradcheck(f, (x, *values))
    assert torch.autograd.gradgradcheck(f, (x, *values))


def test_gradients_of_the_statistics():
    model = mixed_model((2, 2, 1), seed=1, grid=2)
    x = points(6, 2, seed=5)
    names = [name for name, _ in model.named_parameters()]
    values = [p.detach().clone().requires_grad_() for p in model.parameters()]

    class Spread(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            y, statistics = self.model.forward_with_statistics(x)
            return y, *[
                part for each in statistics for part in (each.edge, each.spline, each.outputs)
            ]

    module = Spread()

    def f(*parameters):
        named = {f"model.{name}": value for name, value in zip(names, parameters, strict=True)}
        return torch.func.functional_call(module, named, (x,))

    assert torch.autograd.gradcheck(f, values)


def test_node_values_are_those_of_the_layers():
    model, x = mixed_model(), points(20, 3)
    inputs, hidden, outputs = model.node_values(x)
    assert torch.equal(inputs, x)
    expected = model.layers[0].edge_outputs(x).sum(-1) + model.layers[0].constant()
    torch.testing.assert_close(hidden, expected)
    torch.testing.assert_close(outputs, model(x))


def test_edges_are_listed_as_layer_input_output():
    model = kanwidget.KAN([2, 1, 3])
    assert model.edges() == [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 0, 2)]
    model.remove_edge(1, 0, 1)
    assert (1, 0, 1) not in model.edges()
    assert (1, 0, 1) in model.edges(alive=False)


@pytest.mark.parametrize(
    "edge",
    [
        (2, 0, 0),
        (-1, 0, 0),
        (0, 3, 0),
        (0, 0, 4),
        (0, -1, 0),
        (0.0, 0, 0),
        ("0", 0, 0),
        (True, 0, 0),
    ],
)
def test_edges_that_do_not_exist_are_named(edge):
    with pytest.raises(KeyError, match="does not exist") as told:
        mixed_model().check_edge(*edge)
    assert repr(edge[0]) in str(told.value)


@pytest.mark.parametrize("node", [(2, 0), (-1, 0), (0, 3), (1, 4), (0, None), (1.0, 0), (False, 0)])
def test_nodes_that_do_not_exist_or_are_outputs_are_named(node):
    with pytest.raises(KeyError, match="does not exist or is an output"):
        mixed_model().check_node(*node)


def test_snapshot_brings_everything_back_to_the_bit():
    model, x = mixed_model(), points(50, 3)
    model.get_act(x)
    before, outputs, snapshot = state(model), model(x), model.snapshot()
    model.fit(
        {"train_input": x, "train_label": x[:, :2], "test_input": x, "test_label": x[:, :2]},
        steps=2,
    )
    model.prune(0.1, 0.1)
    model.layers[0].update_grid(2 * x)
    assert not same(model, before)
    model.restore(snapshot)
    assert same(model, before)
    assert torch.equal(model(x), outputs)


def test_failing_action_changes_nothing():
    model = mixed_model()
    before = state(model)
    heard = []
    model.listeners.append(lambda event, details: heard.append(event))

    def act():
        with model.action("break"):
            model.remove_edge(0, 0, 0)
            model.layers[0].set_numeric(1, 1)
            reshaping.keep(model.layers[1], [0], [1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert same(model, before)
    assert heard == []
    model.remove_edge(0, 0, 0)
    assert heard == ["remove_edge"]


def test_what_is_about_to_happen_is_announced_once_and_under_the_lock():
    model, announced = mixed_model(), []
    model.get_act(points(30, 3))
    before = state(model)
    model.beforehand.append(
        lambda trainer: announced.append(
            (trainer, model.exclusive._is_owned(), same(model, before))
        )
    )
    model.prune(node_th=0.0, edge_th=0.02)
    assert announced == [(None, True, True)]


def test_actions_within_an_action_are_told_as_one():
    model = mixed_model()
    model.get_act(points(30, 3))
    heard = []
    model.listeners.append(lambda event, details: heard.append((event, details)))
    model.prune(node_th=0.0, edge_th=0.02)
    assert heard == [("prune", {"node_th": 0.0, "edge_th": 0.02})]


def test_one_thread_at_a_time_acts_and_the_waiting_get_their_turn():
    model, order = mixed_model(), []

    def act():
        with model.exclusive:
            order.append("other")

    with model.exclusive, model.exclusive:
        other = threading.Thread(target=act)
        other.start()
        other.join(0.05)
        order.append("first")
    model.exclusive.give_way()
    with model.exclusive:
        order.append("again")
    other.join()
    assert order == ["first", "other", "again"]
