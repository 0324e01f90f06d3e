import itertools

import matplotlib.pyplot as plt
import pytest
import torch

import kanwidget
from kanwidget import pruning
from kanwidget.session import Session
from kanwidget.symbolic import library
from tests.networks import finite, hello_data, mixed_model, points, same, state

WIDTHS = [(3, 4, 2), (3, [2, 2], [1, 1])]


def seen(width=(3, 4, 2), seed=0, **options):
    model = mixed_model(width, seed=seed, **options)
    model.get_act(points(60, width[0], dtype=model.dtype))
    return model


def linear_data(inputs=3, used=(0, 2), samples=100):
    """A sum of some of the inputs, whose names are letters."""
    x = points(samples, inputs)
    y = sum((n + 1) * x[:, [i]] for n, i in enumerate(used))
    return kanwidget.create_dataset_from_data(x, y, input_names=list("abcdefg"[:inputs]))


# ---------------------------------------------------------------------- pruning inputs


def test_prune_input_drops_what_does_not_matter_and_returns_the_network():
    data = linear_data()
    model = kanwidget.KAN([3, 2, 1])
    model.fit(data, steps=10)
    before = model(data.test_input)
    assert model.prune_input(0.1) is model
    assert model.width == [2, 2, 1]
    assert model.input_id == [0, 2]
    assert model.input_names == ["a", "c"]
    assert float((model(data.test_input) - before).detach().abs().max()) < 0.1


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_data_of_all_columns_and_of_those_that_are_left_are_taken(width, dtype):
    model = seen(width, dtype=dtype)
    for layer in model.layers[:1]:
        layer.remove(~layer.alive | (torch.arange(3) == 1), torch.full_like(layer.left, 0.25))
    x = points(50, 3, dtype=dtype)
    before = model(x)
    model.prune_input(active_inputs=[0, 2])
    torch.testing.assert_close(model(x), before)
    assert torch.equal(model(x[:, [0, 2]]), model(x))
    model.prune_input(active_inputs=[1])
    assert model.input_id == [2]
    for columns in ([0, 1, 2], [0, 2], [2]):
        assert torch.equal(model(x[:, columns]), model(x))
    with pytest.raises(ValueError, match=r"this network takes \(samples, 1 or 3 or 2\)"):
        model(points(5, 4))


def test_what_edges_of_the_dropped_inputs_added_in_the_mean_stays():
    model = seen()
    pruning.restore(model, model.edges(alive=False))
    x = model.calibration
    mean = model.layers[0](x).mean(0)
    model.prune_input(active_inputs=[1])
    torch.testing.assert_close(model.layers[0](model.calibration).mean(0), mean)


def test_everything_works_after_prune_input():
    data = linear_data(4, used=(1, 3))
    model = kanwidget.KAN([4, 2, 1], grid=4)
    model.fit(data, steps=5)
    model = model.prune_input(0.1)
    assert model.input_names == ["b", "d"]
    model = model.refine(8)
    assert model.fit(data, steps=3)["test_loss"][-1] < 0.01
    assert model.input_names == ["b", "d"]
    for each in (model, model.copy()):
        each.update_grid(data)
        each.extend_grid(data.train_input * 1.5)
        each.auto_symbolic(lib=["x"])
        (formula,), symbols = each.symbolic_formula()
        assert [str(symbol) for symbol in symbols] == ["b", "d"]
        assert {str(symbol) for symbol in formula.free_symbols} == {"b", "d"}
        figure = each.plot()
        assert {"b", "d", "y"} <= {text.get_text() for text in figure.axes[0].texts}
        plt.close(figure)
        assert each.suggest_symbolic(0, 1, 0)
        assert finite(each)
    assert model.fit(data.choose_inputs([1, 3]), steps=1)["test_loss"][-1] < 0.01
    model.prune()
    model.prune_input(1e9)
    assert model.width[0] == 1
    assert model.fit(data, steps=1)


def test_the_network_keeps_an_input_and_those_with_locked_edges():
    model = seen()
    best = int(model.node_scores()[0].argmax())
    model.prune_input(1e9)
    assert model.input_id == [best]
    model = seen()
    i, j = (best + 1) % 3, int(model.layers[0].alive[:, (best + 1) % 3].nonzero()[0])
    model.lock_edge(0, i, j)
    model.prune_input(1e9)
    assert model.input_id == [i]
    assert bool(model.layers[0].locked[j, 0])


def test_nothing_changes_where_all_inputs_stay():
    model = seen()
    before = state(model)
    model.prune_input(0.0, active_inputs=[2, 0, 1])
    assert same(model, before)
    assert model.input_id == [0, 1, 2]


@pytest.mark.parametrize("active", [[], [3], [-1], [0, 0], [0.0], "01", 1, [None]])
def test_inputs_that_cannot_be_kept_get_a_sentence(active):
    model = seen()
    before = state(model)
    with pytest.raises(ValueError, match=r"^active_inputs"):
        model.prune_input(active_inputs=active)
    assert same(model, before)


def test_prune_input_needs_data_only_to_score():
    model = mixed_model((3, 4, 2))
    with pytest.raises(ValueError, match="has seen no data yet"):
        model.prune_input()
    assert model.prune_input(active_inputs=[1]).width[0] == 1


# ---------------------------------------------------------------------- pruning products


@pytest.mark.parametrize("threshold", [0.0, 0.05, 1e9])
def test_a_network_with_products_is_pruned_and_works(threshold):
    model = seen((3, [2, 2], [1, 1]), mult_arity=[2, [2, 3], 2])
    model.prune(threshold, threshold)
    data = {"train_input": points(50, 3), "train_label": points(50, 2, seed=1)}
    data |= {"test_input": data["train_input"], "test_label": data["train_label"]}
    model.fit(data, steps=2)
    assert all(width >= 1 for width in model.width)
    assert finite(model)
    assert bool(model(points(10, 3)).isfinite().all())


def test_unfixing_brings_no_pruned_edge_back():
    model = kanwidget.KAN([3, [1, 1], 1])
    model.fit(linear_data(), steps=3)
    for edge in model.edges():
        model.fix_symbolic(*edge, "x^2")
    model.prune_edge(0.3)
    live = model.edges()
    assert 0 < len(live) < 11
    for edge in model.edges(alive=False):
        model.unfix_symbolic(*edge)
    assert model.edges() == live


def test_a_node_loses_only_the_edges_that_are_meant():
    for mode, gone in (("up", [(1, 1, 0), (1, 1, 1)]), ("down", [(0, i, 1) for i in range(3)])):
        model = kanwidget.KAN([3, 2, 2])
        model.remove_node(1, 1, mode)
        assert set(model.edges(alive=False)) - set(model.edges()) == set(gone)
    with pytest.raises(ValueError, match=r"^mode is 'left'; one of all, up, down is needed$"):
        model.remove_node(1, 1, "left")


# ---------------------------------------------------------------------- locks


def locked_model(width=(3, [2, 1], 1)):
    model = kanwidget.KAN(list(width), seed=2)
    model.get_act(points(60, 3))
    model.lock_edge(0, 1, model.layers[0].n_out - 1)
    return model


def test_a_locked_edge_survives_every_pruning_with_its_nodes():
    for prune in (
        lambda model: model.prune(1e9, 1e9),
        lambda model: model.prune_node(1e9),
        lambda model: model.prune_edge(1e9),
        lambda model: model.prune_input(1e9),
        lambda model: model.prune_input(1e9).prune(1e9, 1e9),
    ):
        model = locked_model()
        x = points(20, 3)
        before = model.layers[0].edge_output(1, 3, x[:, 1])
        prune(model)
        (edge,) = [(l, i, j) for l, i, j in model.edges() if bool(model.layers[l].locked[j, i])]
        l, i, j = edge
        torch.testing.assert_close(model.layers[l].edge_output(i, j, x[:, 1]), before)
        assert bool(model(x).isfinite().all())
        assert model.input_id[i] == 1


def test_a_node_of_a_locked_edge_stays_whole_in_prune_node():
    model = locked_model()
    model.prune_node(1e9)
    assert model.layers[0].nodes.arity == (2,)
    assert len(model.edges()) == 7


def test_what_leads_to_a_locked_edge_alone_goes_and_the_function_stays_as_said():
    model = kanwidget.KAN([2, 2, 2, 1])
    model.get_act(points(50, 2))
    model.lock_edge(1, 1, 0)
    model.prune_edge(1e9)
    assert model.edges() == [(1, 1, 0)]
    before = model(points(10, 2))
    model.prune(0.0, 0.0)
    assert model.edges() == [(1, 0, 0)]
    torch.testing.assert_close(model(points(10, 2)), before)


def test_a_locked_edge_refuses_to_become_another():
    model = locked_model()
    before = state(model)
    for call in (
        model.remove_edge,
        lambda *edge: model.fix_symbolic(*edge, "sin"),
        model.unfix_symbolic,
    ):
        with pytest.raises(
            ValueError, match=r"^edge \(0, 1, 3\) is locked; unlock_edge\(0, 1, 3\)"
        ):
            call(0, 1, 3)
    for node in ((0, 1), (1, 2)):
        with pytest.raises(ValueError, match=r"^edge \(0, 1, 3\) is locked"):
            model.remove_node(*node)
    with pytest.raises(ValueError, match="input 1 has a locked edge"):
        model.prune_input(active_inputs=[0, 2])
    assert same(model, before)
    model.unlock_edge(0, 1, 3)
    model.remove_edge(0, 1, 3)
    with pytest.raises(
        ValueError, match=r"^edge \(0, 1, 3\) is removed; restore it before locking it$"
    ):
        model.lock_edge(0, 1, 3)


def test_locked_edges_are_left_alone_by_what_takes_all():
    model = locked_model()
    x = points(30, 3)[:, 1]
    before = model.layers[0].edge_output(1, 3, x)
    assert (0, 1, 3) not in model.auto_symbolic(lib=["x"])
    assert len(model.edges()) == 15
    model.perturb(1.0, "all")
    model.perturb(1.0, "minimal")
    assert torch.equal(model.layers[0].edge_output(1, 3, x), before)
    model.expand_width(1, 1)
    model.swap(1, 0, 2)
    assert model.layers[0].locked.nonzero().tolist() == [[1, 1]]
    model.refine(7)
    torch.testing.assert_close(model.layers[0].edge_output(1, 1, x), before)


@pytest.mark.parametrize("edge", [(0, 3, 0), (2, 0, 0), (0, 0, None)])
def test_edges_that_do_not_exist_are_not_locked(edge):
    model = locked_model()
    for call in (model.lock_edge, model.unlock_edge):
        with pytest.raises(KeyError, match="does not exist"):
            call(*edge)


# ---------------------------------------------------------------------- undo


def has_products(model):
    return max(model.layers[0].nodes.arity) > 1


ACTIONS = {
    "refine": lambda model: model.refine([7, 9]),
    "update_grid": lambda model: model.update_grid(points(50, 3, -0.5, 0.5)),
    "extend_grid": lambda model: model.extend_grid(points(50, 3, -2.0, 2.0)),
    "initialize_from_another_model": lambda model: model.initialize_from_another_model(
        kanwidget.KAN([3, [2, 1] if has_products(model) else 3, 1], grid=6, k=2), points(50, 3)
    ),
    "expand_width": lambda model: model.expand_width(
        1, 2, sum_bool=not has_products(model), mult_arity=3
    ),
    "expand_depth": lambda model: model.expand_depth(),
    "perturb": lambda model: model.perturb(1.0, "all"),
    "swap": lambda model: model.swap(1, 0, 2),
    "auto_swap": lambda model: model.auto_swap(),
    "prune_input": lambda model: model.prune_input(active_inputs=[1, 2]),
    "prune": lambda model: model.prune(0.2, 0.2),
    "lock_edge": lambda model: model.lock_edge(0, 0, 0),
    "unlock_edge": lambda model: model.unlock_edge(0, 1, model.layers[0].n_out - 1),
    "load_state_dict": lambda model: model.load_state_dict(
        kanwidget.KAN([5, 2, 2, 3], grid=7, k=2).state_dict()
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_told_once_and_undone_by_restore(name):
    model = locked_model()
    before, outputs, heard = state(model), model(points(20, 3)), []
    model.listeners.append(lambda event, details: heard.append(event))
    snapshot, calibration = model.snapshot(), model.calibration
    ACTIONS[name](model)
    assert heard == [name]
    after = state(model)
    later = model.snapshot()
    model.restore(snapshot)
    assert same(model, before)
    assert model.calibration is calibration
    assert torch.equal(model(points(20, 3)), outputs)
    model.restore(later)
    assert same(model, after)


@pytest.mark.parametrize("name", [name for name in ACTIONS if name != "load_state_dict"])
def test_a_session_undoes_and_redoes_what_was_done_to_its_model(name):
    model = locked_model((3, 3, 1))
    session = Session(model, linear_data(3))
    try:
        before = state(model)
        ACTIONS[name](session.model)
        session.train(steps=1)
        session.undo()
        after = state(model)
        assert session.undo().startswith(f"model.{name}(")
        assert same(model, before)
        session.redo()
        assert same(model, after)
        session.undo()
        session.train(steps=1)
        assert model.width == [3, 3, 1]
    finally:
        session.close()


def test_a_failing_action_leaves_depth_names_and_columns_as_they_were():
    model = locked_model()
    before, calibration = state(model), model.calibration

    def fail():
        with model.action("break"):
            model.unlock_edge(0, 1, 3)
            model.prune_input(active_inputs=[0])
            model.expand_depth()
            model.expand_width(1, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert same(model, before)
    assert model.calibration is calibration


# ---------------------------------------------------------------------- sparse start


@pytest.mark.parametrize("width", [(2, 5), (5, 2), (3, 3), (1, 4), (7, 4), (4, 1)], ids=str)
def test_a_sparse_start_connects_every_node_with_the_nearest(width):
    alive = kanwidget.KAN(list(width), sparse_init=True).layers[0].alive
    below, above = ((torch.arange(n) + 0.5) / n for n in width)
    distance = (above[:, None] - below).abs()
    nearest = (distance == distance.amin(0)) | (distance == distance.amin(1, keepdim=True))
    assert bool(alive.any(0).all() & alive.any(1).all())
    assert not bool((alive & ~nearest).any())
    assert int(alive.sum()) <= sum(width)


def test_functions_of_removed_inputs_do_not_stay_behind():
    model = kanwidget.KAN([3, 2])
    model.get_act(points(30, 3))
    for i, j in itertools.product(range(3), range(2)):
        model.layers[0].set_symbolic(i, j, library.get("sin"), (1, 0, i, j))
    model.prune_input(active_inputs=[2])
    assert set(model.layers[0].functions) == {(0, 0), (0, 1)}
    assert model.layers[0].affine[:, 0, 2].tolist() == [2, 2]


def test_a_fit_that_fails_leaves_the_names_of_the_data():
    data = hello_data()
    model = kanwidget.KAN([2, 2, 1])
    model.input_names = ["p", "q"]
    model.fit(data, steps=1)
    assert model.input_names == ["x_1", "x_2"]
