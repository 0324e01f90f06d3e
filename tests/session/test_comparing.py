import contextlib
import copy
import json
import threading

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.session.comparing import compare, comparison, telling
from kanwidget.session.history import Action, History, Node, pareto
from kanwidget.session.states import same_state
from kanwidget.symbolic import library
from kanwidget.symbolic.complexity import network_complexity
from tests.networks import mixed_model, points


def node(model, number=0, label="start", **losses):
    return Node(number, None, Action(label, label), model.snapshot(), losses)


def seen_model(width=(2, 3, 1), **options):
    model = kanwidget.KAN(list(width), seed=0, **options)
    model.get_act(points(100, width[0]))
    return model


def before_and_after(model, change, losses=({}, {})):
    before = node(model, 0, "start", **losses[0])
    change(model)
    return compare(before, node(model, 1, "change", **losses[1]), model)


# ---------------------------------------------------------------------- each difference


def test_a_state_is_the_same_as_itself_in_everything():
    model = seen_model()
    here = node(model, 3, "train", val_loss=0.5)
    found = compare(here, here, model)
    assert found.same
    assert str(found) == "step 3 (train) → step 3 (train)\nthe same in everything"
    assert found.complexity == (9 * 7, 9 * 7)


def test_removed_and_restored_edges():
    model = seen_model()
    found = before_and_after(model, lambda model: model.remove_edge(0, 1, 2))
    assert (found.removed, found.restored, found.edges) == (((0, 1, 2),), (), (9, 8))
    assert "edge (0, 1, 2): removed" in str(found).splitlines()
    found = before_and_after(model, lambda model: model.restore_edge(0, 1, 2))
    assert (found.removed, found.restored) == ((), ((0, 1, 2),))
    assert "edge (0, 1, 2): restored" in str(found).splitlines()


def test_a_function_in_the_place_of_a_spline_and_by_how_much():
    model = seen_model()
    x, layer = points(100, 2), model.layers[0]
    spline = layer.edge_output(0, 0, x[:, 0])
    found = before_and_after(
        model, lambda model: layer.set_symbolic(0, 0, library.get("sin"), (1, 0, 2, 0.5))
    )
    (change,) = found.functions
    assert (change.edge, change.function) == ((0, 0, 0), ("numeric", "sin"))
    assert change.constants == (None, (1, 0, 2, 0.5))
    largest = (2 * torch.sin(x[:, 0]) + 0.5 - spline).abs().max().item()
    assert change.change == pytest.approx(largest, rel=1e-12)
    assert f"edge (0, 0, 0): numeric → sin, by at most {largest:.3g}" in str(found).splitlines()
    assert found.complexity == (63, 58)
    assert found.formula[0] != found.formula[1]
    assert "sin" in found.formula[1]
    assert r"\sin" in found.latex[1]


def test_a_function_for_another():
    model = seen_model()
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (1, 0, 1, 0))
    found = before_and_after(
        model, lambda model: model.layers[0].set_symbolic(0, 0, library.get("cos"), (1, 0, 1, 0))
    )
    assert [each.function for each in found.functions] == [("sin", "cos")]
    assert "edge (0, 0, 0): sin → cos, by at most" in str(found)


def test_other_constants_of_the_same_function():
    model = seen_model([1, 1])
    model.layers[0].set_symbolic(0, 0, library.get("x^2"), (1, 0, 1, 0))
    found = before_and_after(
        model, lambda model: model.layers[0].set_symbolic(0, 0, library.get("x^2"), (1, 0, 3, 0.25))
    )
    (change,) = found.constants
    assert not found.functions
    assert change.constants == ((1, 0, 1, 0), (1, 0, 3, 0.25))
    assert change.change == pytest.approx((2 * points(100, 1) ** 2 + 0.25).max().item())
    assert "edge (0, 0, 0): x^2 with c 1 → 3, d 0 → 0.25, by at most" in str(found)
    assert (found.formula[0], found.formula[1]) == ("y = x_1**2", "y = 3*x_1**2 + 0.25")


def test_splines_that_changed_come_in_order_of_their_change():
    model = seen_model([3, 1])

    @torch.no_grad()
    def change(model):
        for i, by in enumerate((0.1, 2.0, 0.0)):
            model.layers[0].coef[0, i] += by  # the basis functions sum up to 1

    found = before_and_after(model, change)
    scale = model.layers[0].scale_sp[0, 0].item()
    assert [each.edge for each in found.curves] == [(0, 1, 0), (0, 0, 0)]
    assert [each.change for each in found.curves] == pytest.approx([2 * scale, 0.1 * scale])
    assert f"edge (0, 1, 0): another curve, by at most {2 * scale:.3g}" in str(found)


def test_locks_and_grids_and_names():
    model = seen_model()

    def change(model):
        model.lock_edge(0, 0, 1)
        model.refine(6)
        model.input_names = ["mass", "x_2"]

    found = before_and_after(model, change)
    assert (found.locked, found.unlocked) == (((0, 0, 1),), ())
    assert found.grids == {0: ((3, 3), (6, 3)), 1: ((3, 3), (6, 3))}
    assert found.inputs == (("x_1", "x_2"), ("mass", "x_2"))
    lines = str(found).splitlines()
    assert "edge (0, 0, 1): locked" in lines
    assert "layer 0: grid G = 3, k = 3 → G = 6, k = 3" in lines
    assert "inputs x_1, x_2 → mass, x_2" in lines
    found = before_and_after(model, lambda model: model.unlock_edge(0, 0, 1))
    assert (found.locked, found.unlocked) == ((), ((0, 0, 1),))


def test_losses_and_losses_that_are_not_known():
    losses = {"val_loss": 0.12, "train_loss": 0.1}, {"val_loss": 0.034, "train_loss": 0.1000001}
    found = before_and_after(seen_model(), lambda model: None, losses)
    lines = str(found).splitlines()
    assert "validation loss 0.12 → 0.034" in lines
    assert "training loss 0.1 → 0.1000001" in lines
    losses = {"val_loss": None}, {"val_loss": float("inf"), "test_loss": 0.3}
    found = before_and_after(seen_model(), lambda model: None, losses)
    assert found.losses == {"val_loss": (None, None), "test_loss": (None, 0.3)}
    assert "test loss unknown → 0.3" in str(found)


def test_widths_and_depths_that_differ():
    model = seen_model([2, [2, 1], 1])

    def wider(model):
        model.expand_width(1, 1)
        model.expand_depth()

    found = before_and_after(model, wider)
    assert found.width == ([2, [2, 1], 1], [2, [3, 1], 1, 1])
    assert {(0, 0, 4), (0, 1, 4), (1, 3, 0), (2, 0, 0)} <= set(found.added)
    assert not found.removed
    assert "width [2, [2, 1], 1] → [2, [3, 1], 1, 1]" in str(found).splitlines()
    assert "edge (2, 0, 0): new, as its place in the network is" in str(found)
    back = compare(node(model), compare_start(model), model)
    assert set(back.gone) == set(found.added)
    assert not back.added


def compare_start(model):
    start = seen_model([2, [2, 1], 1])
    return node(start, 1)


def test_an_input_that_is_gone():
    model = seen_model([3, 2, 1])
    found = before_and_after(model, lambda model: model.prune_input(active_inputs=[0, 2]))
    assert found.width == ([3, 2, 1], [2, 2, 1])
    assert found.inputs == (("x_1", "x_2", "x_3"), ("x_1", "x_3"))
    assert found.gone == ((0, 2, 0), (0, 2, 1))
    assert {each.edge for each in found.curves} == {(0, 1, 0), (0, 1, 1)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda model: model.layers[0].bias.add_(1), "constants that removed edges left behind"),
        (
            lambda model: model.layers[1].nodes.node_bias.data.add_(1),
            "scales and biases of the nodes",
        ),
        (lambda model: setattr(model, "input_scale", ((0.0,) * 2, (2.0,) * 2)), "normalised by"),
        (lambda model: model.get_act(points(50, 2)), "the inputs that edges are looked at on"),
        (lambda model: setattr(model.layers[0], "extrapolation", "zero"), "outside the grid"),
        (lambda model: model.layers[0].affine.data.add_(1), "numbers that show nowhere"),
    ],
)
def test_whatever_else_differs_is_told(change, words):
    found = before_and_after(seen_model(), change)
    assert not found.same
    assert words in str(found)


def test_hundreds_of_edges_are_counted_not_listed():
    model = seen_model([8, 8, 8])
    found = before_and_after(model, lambda model: [model.remove_edge(0, i, 1) for i in range(8)])
    assert len(found.removed) == 8
    assert str(found).count("removed") == 8
    found = before_and_after(model, lambda model: model.fit(hello_like(8), steps=1))
    assert len(found.curves) > 100
    assert len(str(found).splitlines()) < 60
    assert f"and {len(found.curves) - 11} more edges with another curve" in str(found)


def hello_like(n):
    return kanwidget.create_dataset(lambda x: x**2, n_var=n, train_num=50, test_num=20)


def test_networks_too_large_to_read_have_a_sentence_for_a_formula():
    model = seen_model([40, 30, 20])
    found = before_and_after(model, lambda model: model.remove_edge(0, 0, 0))
    assert found.latex == ("", "")
    assert all(found.formula)


def test_states_before_any_data_are_compared_on_their_grid():
    model = kanwidget.KAN([2, 2, 1], seed=0)
    found = before_and_after(model, lambda model: model.perturb(mode="all"))
    assert len(found.curves) == 6
    assert all(each.change > 0 for each in found.curves)


def test_a_state_that_was_let_go_cannot_be_compared():
    model = seen_model()
    gone = node(model, 4, "train")
    gone.state = None
    for pair in ((gone, node(model)), (node(model), gone)):
        with pytest.raises(ValueError, match=r"the state of step 4 \(train\) was let go"):
            compare(*pair, model)


def test_values_that_are_not_finite_are_told_and_carried():
    model = seen_model([1, 1])
    found = before_and_after(model, lambda model: model.layers[0].coef.data.fill_(float("nan")))
    assert found.curves[0].change is None
    assert "not finite" in str(found)
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_model_is_locked_for_the_copy_only(monkeypatch):
    model, free = seen_model(), []
    here = node(model)

    def taken():
        def try_it():
            free.append(model.exclusive.acquire(blocking=False))
            if free[-1]:
                model.exclusive.release()

        other = threading.Thread(target=try_it)
        other.start()
        other.join()

    measured = comparison.edge_changes
    monkeypatch.setattr(
        comparison, "edge_changes", lambda *networks: (taken(), measured(*networks))[1]
    )
    copied = copy.deepcopy
    monkeypatch.setattr(copy, "deepcopy", lambda *given: (taken(), copied(*given))[1])
    compare(here, here, model)
    assert (free[0], free[-1]) == (False, True)


# ---------------------------------------------------------------------- of any two states

functions = st.sampled_from(["sin", "x^2", "tanh", "0"])
changes = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["remove_edge", "restore_edge", "lock_edge", "unfix_symbolic"])),
        st.tuples(st.just("unlock_edge")),
        st.tuples(st.just("fix_symbolic"), functions),
        st.tuples(st.just("refine"), st.integers(3, 8)),
        st.tuples(st.just("perturb")),
        st.tuples(st.just("expand_width")),
        st.tuples(st.just("expand_depth")),
        st.tuples(st.just("prune_input")),
        st.tuples(st.just("names")),
    ),
    max_size=4,
)


def apply(model, name, options, place):
    with contextlib.suppress(ValueError):  # locked, removed, or as it is already
        if name == "names":
            model.output_names = [f"{each}'" for each in model.output_names]
        elif name == "perturb":
            model.perturb(mode="all", seed=place)
        elif name == "expand_depth":
            model.expand_depth()
        elif name == "refine":
            model.refine(options[0])
        elif name == "expand_width":
            model.expand_width(1, 1, sum_bool=place % 2 == 0)
        elif name == "prune_input":
            model.prune_input(active_inputs=[0])
        else:
            edges = model.edges(alive=False)
            getattr(model, name)(*edges[place % len(edges)], *options)


def made(seed, steps, place):
    model = mixed_model([2, [1, 1], 1], seed=seed)
    model.get_act(points(40, 2))
    nodes = [node(model, 0, val_loss=1.0)]
    for step in steps:
        for name, *options in step:
            apply(model, name, options, place)
        nodes.append(node(model, len(nodes), "changed", val_loss=1.0 / (1 + len(nodes))))
    return model, nodes


TURNED = [("removed", "restored"), ("gone", "added"), ("locked", "unlocked")]
PAIRS = ("steps", "labels", "width", "inputs", "outputs", "complexity", "edges", "formula", "latex")


@given(
    seed=st.integers(0, 1000),
    steps=st.tuples(changes, changes),
    place=st.integers(0, 30),
    n=st.data(),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_two_states_compare_as_they_do_the_other_way_round(seed, steps, place, n):
    model, nodes = made(seed, steps, place)
    live, version = model.snapshot(), model.version
    a, b = (n.draw(st.sampled_from(nodes), label=end) for end in "ab")
    kept = [
        copy.deepcopy(each.state, {id(each.state.calibration): each.state.calibration})
        for each in (a, b)
    ]
    found, back = compare(a, b, model), compare(b, a, model)

    for one, other in TURNED:
        assert getattr(found, one) == getattr(back, other)
        assert getattr(found, other) == getattr(back, one)
    for name in PAIRS:
        assert getattr(found, name) == getattr(back, name)[::-1]
    for name in ("grids", "losses"):
        turned = {key: pair[::-1] for key, pair in getattr(back, name).items()}
        assert getattr(found, name) == turned
    for name in ("functions", "constants", "curves"):
        turned = [
            (each.edge, each.function[::-1], each.constants[::-1], each.change)
            for each in getattr(back, name)
        ]
        there = [
            (each.edge, each.function, each.constants, each.change) for each in getattr(found, name)
        ]
        assert there == turned
    assert found.other == back.other
    assert found.same == (a is b)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()
    assert str(found).splitlines()[1:]

    itself = compare(a, a, model)
    assert itself.same
    assert str(itself).endswith("\nthe same in everything")

    assert same_state(model.snapshot(), live)
    assert model.version == version
    assert all(same_state(each.state, old) for each, old in zip((a, b), kept, strict=True))


# ---------------------------------------------------------------------- a session in words


def told():
    model = seen_model()
    history = History(model.snapshot(), {"alive": 9, "val_loss": 0.5, "complexity": 63.0})

    def add(label, loss):
        metrics = {
            "alive": len(model.edges()),
            "val_loss": loss,
            "complexity": network_complexity(model),
        }
        return history.commit(Action(label, label), model.snapshot(), metrics)

    add("train 5 steps", 0.1)
    model.remove_edge(0, 0, 0)
    add("remove edge (0, 0, 0)", 0.2)
    history.undo()
    model.remove_edge(0, 0, 1)
    add("remove edge (0, 0, 1)", 0.09)
    return history


def test_the_history_is_told_as_a_tree_with_the_current_line_at_the_left():
    history = told()
    history.annotate(2, "worse\nthan I thought")
    history.rename(1, "good")
    history.pin(1)
    history.nodes[2].state = None
    assert telling.tree(history) == (
        "0  start · validation loss 0.5 · 9 edges · complexity 63\n"
        "1  good (train 5 steps) · validation loss 0.1 · 9 edges · complexity 63 · pinned\n"
        "├─ 2  remove edge (0, 0, 0) · validation loss 0.2 · 8 edges · complexity 56"
        " · its state was let go\n"
        "│       worse\n"
        "│       than I thought\n"
        "3  remove edge (0, 0, 1) · validation loss 0.09 · 7 edges · complexity 49  ← here"
    )


def test_every_step_is_told_once_however_deep_the_branches_are():
    history = History(kanwidget.KAN([1, 1], seed=0).snapshot(), {})
    for _ in range(1500):
        history.commit(Action("on", "on"), history.current.state, {})
        history.commit(Action("aside", "aside"), history.current.state, {})
        history.undo()
    history.jump(0)
    told = telling.tree(history)
    numbers = [int(line.lstrip("│├─ ").split()[0]) for line in told.splitlines()]
    assert sorted(numbers) == list(range(3001))


def test_what_a_person_wrote_cannot_command_a_terminal():
    history = told()
    history.rename(1, "a\x1b[31m\rb\nc")
    history.annotate(1, "x\x07y")
    assert not {"\x1b", "\r", "\x07"} & set(telling.tree(history))
    assert "a [31m b c" in telling.tree(history)


def test_the_front_is_a_table():
    assert telling.front(pareto(told().nodes)) == (
        "complexity  validation loss  step\n        49             0.09  3  remove edge (0, 0, 1)"
    )
