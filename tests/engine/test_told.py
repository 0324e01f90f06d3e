"""What a network tells of an action is the call that does it again."""

import inspect

import pytest
import sympy

import kanwidget
from kanwidget.model import KAN
from tests.networks import hello_data, points, same, state

DATA = hello_data(60)


def other():
    made = kanwidget.KAN([2, 3, 1], seed=8)
    made.get_act(DATA)
    return made


ACTIONS = [
    lambda m: m.prune(0.05, edge_th=0.02),
    lambda m: m.prune_node(0.2),
    lambda m: m.prune_edge(0.1, "forward_n"),
    lambda m: m.prune_input(0.01),
    lambda m: m.prune_input(active_inputs=[1]),
    lambda m: m.remove_edge(0, 1, 2),
    lambda m: m.restore_edge(0, 1, 2),
    lambda m: m.remove_node(1, 2, "up"),
    lambda m: m.restore_node(1, 2),
    lambda m: m.lock_edge(0, 0, 0),
    lambda m: m.unlock_edge(0, 0, 0),
    lambda m: m.fix_symbolic(0, 1, 1, "x^2"),
    lambda m: m.fix_symbolic(0, 1, 1, "sin", fit_params_bool=False),
    lambda m: m.unfix_symbolic(0, 1, 1),
    lambda m: m.auto_symbolic(["sin", "x^2"], 0.3, weights={"sin": 5.0}),
    lambda m: m.refine([5, 4]),
    lambda m: m.update_grid(DATA),
    lambda m: m.extend_grid(3 * points(40, 2)),
    lambda m: m.initialize_from_another_model(other(), DATA),
    lambda m: m.initialize_grid_from_another_model(other(), DATA),
    lambda m: m.expand_width(1, 2, False, [2, 3], seed=4),
    lambda m: m.expand_depth(),
    lambda m: m.perturb(0.5, "minimal", seed=3),
    lambda m: m.swap(1, 0, 2),
    lambda m: m.auto_swap_l(1),
    lambda m: m.auto_swap(),
    lambda m: [m.auto_symbolic(), m.tidy_symbolic()],
    lambda m: [m.fix_symbolic(0, 0, 0, "sin"), m.snap_constant(0, 0, 0, "a", sympy.pi, DATA)],
    lambda m: [m.fix_symbolic(0, 1, 0, "x^2"), m.snap(DATA, tolerance=0.01)],
    lambda m: m.fit(DATA, steps=2, lamb=0.01),
    lambda m: m.load_state_dict(other().state_dict()),
]


def fitted():
    model = kanwidget.KAN([2, 3, 1], seed=2)
    model.fit(DATA, steps=3, update_grid=False)
    return model


@pytest.mark.parametrize("number", range(len(ACTIONS)))
def test_what_is_told_of_an_action_does_it_again(number):
    told, model = [], fitted()
    again = model.copy()
    model.listeners.append(lambda event, details: told.append((event, details)))
    ACTIONS[number](model)
    calls = [each for each in told if each[0] != "step"]
    assert calls
    for method, arguments in calls:
        inspect.signature(getattr(KAN, method)).bind(again, **arguments)
        getattr(again, method)(**arguments)
    assert same(again, state(model))
