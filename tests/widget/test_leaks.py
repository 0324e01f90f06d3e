"""A hundred displays and closings leave threads, comms, widgets and memory where they were."""

import gc
import tracemalloc
import weakref

import pytest
from ipywidgets.widgets import widget as ipywidgets_widget

import kanwidget
from kanwidget.widget import KANWidget
from tests.widget.kernels import Kernel
from tests.widget.widgets import DATA, look, say

MB = 2**20

COUNTS = """
import psutil, tracemalloc
from comm import get_comm_manager

def counts():
    for _ in range(3):
        gc.collect()
    session = kanwidget.Session.of(model)
    return {
        "threads": threading.active_count(),
        "comms": len(get_comm_manager().comms),
        "subscribers": len(session._publisher._subscribers),
        "listeners": len(model.listeners),
        "widgets": sum(isinstance(each, KANWidget) for each in gc.get_objects()),
        "sessions": sum(isinstance(each, kanwidget.Session) for each in gc.get_objects()),
        "traced": tracemalloc.get_traced_memory()[0] / 2**20,
        "resident": psutil.Process().memory_info().rss / 2**20,
    }
"""


@pytest.fixture
def kernel(tmp_path):
    made = Kernel(tmp_path)
    yield made
    made.close()


def assert_where_they_were(before, after):
    for name in ("threads", "comms", "subscribers", "listeners", "widgets", "sessions"):
        assert after[name] <= before[name], (name, before, after)
    for name in ("traced", "resident"):
        assert abs(after[name] - before[name]) < 5, (name, before, after)


def test_a_hundred_displays_and_closings_leave_everything_where_it_was(kernel):
    kernel.run(COUNTS + "model = kanwidget.KAN([2, 5, 1])\ntracemalloc.start()")
    cell = """
    for _ in range({times}):
        kw = KANWidget(model, DATA)
        display(kw)
        kw._receive(kw, {{"view": "a", "looks": True}}, [])
        kw.session.say("info", "hello")
        kw.close()
    """
    kernel.run(cell.format(times=20))
    before = kernel.value("counts()")
    kernel.run(cell.format(times=100))
    after = kernel.value("counts()")
    print(before, after)
    assert before["widgets"] <= 1
    assert_where_they_were(before, after)


def test_a_cell_that_is_run_again_and_again_piles_up_no_widgets(kernel):
    """As in a page: the old output is cleared, its view goes, the cell makes a widget, a view comes."""
    kernel.run(COUNTS + "model = kanwidget.KAN([2, 5, 1])\ntracemalloc.start()")

    def run_again(times):
        for _ in range(times):
            kernel.run("for kw in [_]:\n  if isinstance(kw, KANWidget):\n"
                       "    kw._receive(kw, {'view': 'a', 'gone': True}, [])\ndel kw")  # fmt: skip
            kernel.run("KANWidget(model, DATA)")
            kernel.run("_._receive(_, {'view': 'a', 'looks': True}, [])")

    run_again(6)
    before = kernel.value("counts()")
    run_again(12)
    after = kernel.value("counts()")
    print(before, after)
    assert before["widgets"] <= 4
    assert_where_they_were(before, after)


def registered(kw):
    return ipywidgets_widget._instances.get(kw.comm.comm_id) is kw


def test_a_widget_that_a_person_refers_to_is_let_go_but_lives_and_is_held_when_shown_again():
    kept, model = KANWidget(kanwidget.KAN([2, 1]), DATA), None
    model = kept.model
    look(kept)
    say(kept, gone=True)
    assert registered(kept)
    other = KANWidget(model, DATA)
    assert not registered(kept)
    kept.session.remove_edge(0, 0, 0)
    assert kept.summary == other.summary
    assert kept.comm is not None
    say(kept, "another view", looks=True)
    assert registered(kept)
    for each in (kept, other):
        each.close()


def test_a_widget_that_nobody_refers_to_lives_as_long_as_a_page_shows_it():
    model = kanwidget.KAN([2, 1])
    shown, gone, unseen = (weakref.ref(KANWidget(model, DATA)) for _ in range(3))
    for each in (shown, gone):
        look(each(), draws=False)
    say(gone(), gone=True)
    last = KANWidget(model, DATA)
    gc.collect()
    assert gone() is None
    assert shown() is not None
    assert unseen() is not None
    last.session.remove_edge(0, 0, 0)
    assert shown().summary == last.summary
    for each in (shown(), unseen(), last):
        each.close()


def test_a_training_is_drawn_without_memory_that_grows():
    kw = KANWidget(kanwidget.KAN([2, 5, 1]), DATA)
    look(kw)
    sizes = []
    for _ in range(4):
        kw.session.train(steps=60, optimizer="Adam")
        kw.session.undo()
        gc.collect()
        if not tracemalloc.is_tracing():
            tracemalloc.start()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    kw.close()
    assert sizes[-1] - sizes[1] < 5 * MB
