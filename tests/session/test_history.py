"""The tree of states: where undo, redo and jumps lead, what people write on it, and what it keeps."""

import dataclasses

import pytest

import kanwidget
from kanwidget.session.calls import Call
from kanwidget.session.history import Action, History, LossCurve, pareto


def model():
    return kanwidget.KAN([2, 3, 1], seed=1)


def grown(*labels, **options):
    """A history with a node a label, each with another edge removed."""
    made = model()
    history = History(made.snapshot(), {"alive": 3}, **options)
    for n, label in enumerate(labels):
        made.remove_edge(0, n % 2, n % 3)
        history.commit(Action(label, label), made.snapshot(), {})
    return history


def test_a_new_history_is_at_its_start():
    history = grown()
    assert history.current.label == "start"
    assert history.current.metrics == {"alive": 3}
    assert (history.undo_label, history.redo_label) == (None, None)
    for step in (history.undo, history.redo):
        with pytest.raises(ValueError, match=f"there is nothing to {step.__name__}"):
            step()
    assert history.current.id == 0


def test_undo_walks_up_and_redo_down_again():
    history = grown("a", "b")
    assert history.undo_label == "b"
    assert history.undo().label == "a"
    assert (history.undo_label, history.redo_label) == ("a", "b")
    assert history.undo().label == "start"
    assert (history.undo_label, history.redo_label) == (None, "a")
    assert history.redo().label == "a"
    assert history.redo().label == "b"
    with pytest.raises(ValueError, match="nothing to redo"):
        history.redo()


def test_a_new_action_after_undo_makes_a_branch_and_keeps_the_old_one():
    history = grown("a", "b")
    history.undo()
    history.commit(Action("c", "c"), model().snapshot(), {})
    assert [node.label for node in history.path()] == ["start", "a", "c"]
    assert [node.label for node in history.nodes] == ["start", "a", "b", "c"]
    assert [node.parent for node in history.nodes] == [None, 0, 1, 1]
    history.undo()
    assert history.redo_label == "c"
    history.undo()
    assert history.redo().label == "a"
    assert history.redo().label == "c"


def test_a_jump_goes_anywhere_and_redo_follows_it():
    history = grown("a", "b")
    history.undo()
    history.commit(Action("c", "c"), model().snapshot(), {})
    assert history.jump(2).label == "b"
    assert history.undo().label == "a"
    assert history.redo().label == "b"
    assert history.jump(0).label == "start"
    for wrong in (4, -1, True, "1", None, 1.0):
        with pytest.raises(KeyError, match="there is no step"):
            history.jump(wrong)
    assert history.current.id == 0


def test_nodes_keep_what_led_to_them():
    history = grown()
    curve = LossCurve((2.0, 1.0), (2.5, 1.5))
    action = Action("train 2 steps", "train", (Call("fit", {"steps": 2}),))
    node = history.commit(action, model().snapshot(), {"alive": 2}, curve, seconds=0.5)
    assert (node.id, node.parent, node.action) == (1, 0, action)
    assert node.curve == curve
    assert node.made > 0
    assert node.seconds == 0.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.train = ()


def test_names_notes_and_pins():
    history = grown("a")
    history.rename(1, "three edges")
    history.annotate(1, "the one for the talk")
    history.pin(1)
    node = history.current
    assert (node.label, node.note, node.pinned) == ("three edges", "the one for the talk", True)
    assert history.undo_label == "three edges"
    history.rename(1, "")
    assert node.label == "a"
    for call, sentence in (
        (lambda: history.rename(1, 3), "name is 3; a text of at most 200"),
        (lambda: history.rename(1, "x" * 201), "a text of at most 200"),
        (lambda: history.annotate(1, None), "note is None"),
        (lambda: history.pin(1, "yes"), "pinned is 'yes'; True or False"),
        (lambda: history.pin(7), "there is no step 7"),
    ):
        with pytest.raises((KeyError, TypeError, ValueError), match=sentence):
            call()


# ---------------------------------------------------------------------- memory


def test_states_share_what_they_have_in_common():
    history = grown("a", "b", "c", "d")
    one = grown().memory.bytes
    assert one < history.memory.bytes < 2 * one


def test_memory_is_capped_and_what_is_pinned_or_named_stays():
    made = model()
    history = History(made.snapshot(), {}, limit=4 * grown().memory.bytes)
    for n in range(20):
        made.fit(DATA, steps=1)
        history.commit(Action(f"step {n}", "fit"), made.snapshot(), {})
        if n == 3:
            history.pin(history.current.id)
        if n == 5:
            history.rename(history.current.id, "half")
    assert history.memory.bytes <= history.limit
    kept = [node.id for node in history.nodes if node.state is not None]
    assert {0, 4, 6, 20} <= set(kept)
    assert history.gone == 21 - len(kept) > 10
    with pytest.raises(ValueError, match=r"the state of step 9 .* was let go"):
        history.jump(9)
    assert history.current.id == 20
    while history.current.id:
        history.undo()
        assert history.current.id in kept
    assert history.redo().id == kept[1]


def test_the_front_has_no_state_that_another_beats():
    history = grown("a", "b", "c", "d")
    for node, (complexity, loss) in zip(
        history.nodes, [(9, 1.0), (5, 0.5), (5, 0.4), (3, 0.6), (7, None)], strict=True
    ):
        node.metrics = {"complexity": complexity, "val_loss": loss}
    assert [node.id for node in pareto(history.nodes)] == [3, 2]


DATA = kanwidget.create_dataset(lambda x: x[:, [0]] * x[:, [1]], train_num=40, test_num=20)
