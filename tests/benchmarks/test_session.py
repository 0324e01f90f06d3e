"""What a person waits for in a session: actions, frames while it trains, and stop."""

import threading
import time

import pytest

from kanwidget.session import Session, commands
from tests.benchmarks import contestants
from tests.benchmarks.measure import interleave

WIDTH = [2, 5, 1]
SECONDS = 3


def test_commands_of_a_session(table, hello_data):
    """From a command to the view that shows what it did, the formula with it."""
    session = Session(contestants.ours(WIDTH), hello_data())
    session.train(steps=20, lamb=0.01, lamb_entropy=10.0)
    works = {
        "remove": lambda: (session.remove_edge(0, 0, 0), session.undo()),
        "fix": lambda: (session.fix_symbolic(0, 0, 0, "sin"), session.undo()),
        "suggest": lambda: session.suggest(0, 0, 0),
    }
    times = interleave(works, seconds=4, clock=time.perf_counter)
    session.close()
    for name in works:
        table.times(f"session {name}", times, ours=name)


@pytest.mark.parametrize("beside", ["idle", "busy"])
def test_frames_and_stop(table, hello_data, beside):
    session = Session(contestants.ours(WIDTH), hello_data())
    frames, ended = [], threading.Event()

    def seen(view):
        if view.status == "training":
            frames.append(view.version)
        else:
            ended.set()

    session.subscribe(seen)
    training = session.submit(commands.Train(100_000, "LBFGS", None, 0.001, 2.0, True))
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        if beside == "idle":
            time.sleep(0.1)
    shown, began = len(frames), time.perf_counter()
    ended.clear()
    session.stop()
    ended.wait()
    stopped = time.perf_counter() - began
    training.result()
    session.close()
    table.fill(f"frames {beside}", shown / SECONDS)
    table.fill(f"stop {beside}", stopped)
