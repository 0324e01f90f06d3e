import dataclasses

import pytest

from kanwidget.session.history import History, LossCurve


def grown(*labels):
    history = History([], {"alive": 3})
    for label in labels:
        history.commit(label, label, {}, [], {})
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
    history.commit("c", "c", {}, [], {})
    assert [node.label for node in history.path()] == ["start", "a", "c"]
    assert [node.label for node in history.nodes] == ["start", "a", "b", "c"]
    assert [node.parent for node in history.nodes] == [None, 0, 1, 1]
    history.undo()
    assert history.redo_label == "c"
    history.undo()
    assert history.redo().label == "a"
    assert history.redo().label == "c"


def test_nodes_keep_what_led_to_them():
    history = grown()
    curve = LossCurve((2.0, 1.0), (2.5, 1.5))
    node = history.commit(
        "train 2 steps", "train", {"steps": 2}, [{"coef": 1}], {"alive": 2}, curve
    )
    assert (node.id, node.parent, node.command, node.arguments) == (1, 0, "train", {"steps": 2})
    assert node.state == [{"coef": 1}]
    assert node.curve == curve
    assert node.made > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.train = ()
